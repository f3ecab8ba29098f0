//! Optimizers: from `optimizer_config` to an object.

use serde_json::{Map, Value};

use super::super::facts::{Class, Identifier, Kind, Named};
use super::super::{Attempt, Loader, Stop, python};
use super::{Compiling, construct, keras3, legacy, schedule, shown};

/// `optimizers.deserialize(training_config["optimizer_config"])`
///
/// # Errors
/// What the runtime raises.
pub fn deserialize(compiling: &Compiling, training_config: &Value) -> Attempt<()> {
    let runtime = compiling.runtime;
    let config = shown::item(runtime, training_config, "optimizer_config")?;
    match runtime.loader {
        Loader::Keras1 => in_keras1(compiling, config),
        Loader::Keras2 | Loader::TfKeras => {
            let kind = kind(compiling, config)?;
            let lowered = lowered(compiling, kind, config)?;
            legacy::deserialize(compiling, kind, &lowered).map(|_| ())
        }
        Loader::Keras3 => keras3::optimizer(compiling, config),
    }
}

/// Keras 1 has a function of its own for optimizers.
fn in_keras1(compiling: &Compiling, config: &Value) -> Attempt<()> {
    let runtime = compiling.runtime;
    let name = shown::item(runtime, config, "class_name")?;
    let Some(name) = name.as_str() else {
        let found = shown::type_name(runtime, name);
        return match name {
            Value::Array(_) | Value::Object(_) => {
                Err(shown::type_error(format!("unhashable type: '{found}'")))
            }
            _ => Err(Stop::raised("AttributeError", format!("'{found}' object has no attribute 'lower'"))),
        };
    };
    let class = compiling.facts.class(Kind::Optimizers, &name.to_lowercase());
    let class = class.or_else(|| compiling.facts.class(Kind::Optimizers, name));
    let Some(class) = class else {
        let unknown = legacy::answer(compiling, Kind::Optimizers, Identifier::Class, config, name);
        return unknown.map(|_| ());
    };
    construct::construct(compiling, Kind::Optimizers, class, shown::item(runtime, config, "config")?)
        .map(|_| ())
}

/// From TensorFlow 2.10 on there are two sets of optimizers, and the configuration chooses.
fn kind(compiling: &Compiling, written: &Value) -> Attempt<Kind> {
    let runtime = compiling.runtime;
    if runtime.loader != Loader::TfKeras || runtime.version < [2, 10, 0] {
        return Ok(Kind::Optimizers);
    }
    let is_legacy = match shown::item(runtime, written, "config")? {
        Value::Object(config) if !config.is_empty() => {
            config.get("is_legacy_optimizer").is_none_or(shown::is_true)
        }
        Value::String(text) if !text.is_empty() => {
            return Err(Stop::raised("AttributeError", "'str' object has no attribute 'get'"));
        }
        Value::Array(items) if !items.is_empty() => {
            return Err(Stop::raised("AttributeError", "'list' object has no attribute 'get'"));
        }
        Value::Object(_) | Value::String(_) | Value::Array(_) => runtime.version < [2, 11, 0],
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => {
            let found = shown::type_name(runtime, other);
            return Err(shown::type_error(format!("object of type '{found}' has no len()")));
        }
    };
    Ok(if is_legacy { Kind::LegacyOptimizers } else { Kind::Optimizers })
}

/// `config["class_name"]` in lower case where that is the name of one of Keras' own.
pub fn lowered(compiling: &Compiling, kind: Kind, written: &Value) -> Attempt<Value> {
    let runtime = compiling.runtime;
    let name = shown::item(runtime, written, "class_name")?;
    let Some(name) = name.as_str() else {
        let found = shown::type_name(runtime, name);
        return Err(Stop::raised("AttributeError", format!("'{found}' object has no attribute 'lower'")));
    };
    let mut written = written.clone();
    let is_own = |name: &str| matches!(compiling.facts.find(kind, name), Some(Named::Class(_)));
    if let Some(own) =
        written.get_mut("class_name").filter(|_| !name.contains('>') && is_own(&name.to_lowercase()))
    {
        *own = Value::from(name.to_lowercase());
    }
    Ok(written)
}

/// Which of the base classes an optimizer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// Keras 1 and 2.
    Plain,
    /// `OptimizerV2` of TensorFlow, called legacy since 2.11.
    V2,
    /// The one that TensorFlow 2.9 to 2.15 has beside it.
    New,
    /// Keras 3.
    Keras3,
}

fn base(compiling: &Compiling, class: &Class) -> Base {
    match compiling.runtime.loader {
        Loader::Keras1 | Loader::Keras2 => Base::Plain,
        Loader::Keras3 => Base::Keras3,
        // The older one never had a moving average of the weights.
        Loader::TfKeras if class.takes("use_ema") == Some(true) => Base::New,
        Loader::TfKeras => Base::V2,
    }
}

/// Makes an optimizer of a class.
///
/// # Errors
/// What its constructor raises.
pub fn construct(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    if class.name.to_lowercase().starts_with("lossscaleoptimizer") {
        return scaled(compiling, class, config);
    }
    match base(compiling, class) {
        // Its `from_config` is a method of an object that nobody has made.
        Base::Plain
            if class.name.eq_ignore_ascii_case("tfoptimizer")
                && compiling.runtime.loader == Loader::Keras2 =>
        {
            Err(match compiling.runtime.version < [2, 3, 0] {
                true => shown::type_error("from_config() missing 1 required positional argument: 'config'"),
                false => Stop::raised("NotImplementedError", ""),
            })
        }
        Base::Plain if class.name.eq_ignore_ascii_case("tfoptimizer") => Err(shown::type_error(
            "unbound method from_config() must be called with TFOptimizer instance as first argument (got dict \
             instance instead)",
        )),
        Base::Plain => plain(compiling, class, config),
        Base::V2 => v2(compiling, class, config),
        Base::New => new(compiling, class, config),
        Base::Keras3 => keras3::construct_optimizer(compiling, class, config),
    }
}

/// Keras 1 and 2, which make variables of numbers at once.
fn plain(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let refused = config.keys().filter(|name| class.takes(name) == Some(false)).count();
    if compiling.runtime.python < [3, 0, 0] && refused > 1 {
        let why = "Python 2.7 looks at the arguments that an optimizer doesn't take in an order of its own";
        return Err(Stop::unknown(why));
    }
    construct::arguments(class, config)?;
    let rate = config.get("lr").or(config.get("learning_rate"));
    let Some(rate) = rate.filter(|rate| !rate.is_number()) else { return Ok(()) };
    match (rate, compiling.runtime.version >= [2, 3, 0]) {
        (Value::Null, true) => Err(shown::value_error("initial_value must be specified.")),
        (Value::String(text), true) => Err(no_float(text)),
        // Of a dictionary TensorFlow looks at the values, sorted by their keys.
        (Value::Object(map), true) if map.contains_key("class_name") => {
            Err(no_float(map.get("class_name").and_then(Value::as_str).unwrap_or_default()))
        }
        _ => Err(Stop::unknown("the learning rate is no number")),
    }
}

fn no_float(text: &str) -> Stop {
    shown::type_error(format!("Expected float32, got '{text}' of type 'str' instead."))
}

/// Arguments of `OptimizerV2` that must not be negative.
const NOT_NEGATIVE: &[&str] = &["clipnorm", "clipvalue", "lr", "decay", "global_clipnorm"];

/// `OptimizerV2`: looks at its own arguments in the order of the configuration.
fn v2(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let config = renamed_rate(config);
    rate(compiling, &config)?;
    for (name, value) in &config {
        match class.takes(name) {
            Some(false) => return Err(construct::refusal(class, &config, &[name])),
            Some(true) if NOT_NEGATIVE.contains(&name.as_str()) => not_negative(compiling, name, value)?,
            Some(true) => {}
            None => {
                return Err(Stop::unknown(format!("nobody has tried which arguments {} takes", class.name)));
            }
        }
    }
    construct::arguments(class, &config)?;
    if let Some((norm, global)) = both(&config, "clipnorm", "global_clipnorm") {
        return Err(shown::value_error(match compiling.runtime.version >= [2, 7, 0] {
            true => format!(
                "Cannot accept both `clipnorm` and `global_clipnorm`. Received: `clipnorm`={norm}, \
                 `global_clipnorm`={global}."
            ),
            false => format!(
                "Cannot accept both `clipnorm` and `global_clipnorm`, passed `clipnorm` {norm}, `global_clipnorm` {global}"
            ),
        }));
    }
    momentum(compiling, Base::V2, class, &config)
}

/// `lr` becomes `learning_rate`, behind the others.
fn renamed_rate(config: &Map<String, Value>) -> Map<String, Value> {
    let mut renamed: Map<String, Value> = config
        .iter()
        .filter(|(key, _)| *key != "lr")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(rate) = config.get("lr") {
        renamed.insert("learning_rate".into(), rate.clone());
    }
    renamed
}

fn rate(compiling: &Compiling, config: &Map<String, Value>) -> Attempt<()> {
    match config.get("learning_rate") {
        Some(Value::Object(written)) => schedule::deserialize(compiling, written),
        _ => Ok(()),
    }
}

fn not_negative(compiling: &Compiling, name: &str, value: &Value) -> Attempt<()> {
    match value {
        Value::Null if compiling.runtime.version < [2, 2, 0] => {
            Err(shown::type_error("'<' not supported between instances of 'NoneType' and 'int'"))
        }
        Value::Number(number) if number.as_f64().is_some_and(|number| number < 0.0) => {
            Err(shown::value_error(format!("Expected {name} >= 0, received: {}", python::number(number))))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(_) | Value::Array(_) | Value::Object(_) => {
            let found = shown::type_name(compiling.runtime, value);
            Err(shown::type_error(format!("'<' not supported between instances of '{found}' and 'int'")))
        }
    }
}

/// The optimizers of TensorFlow 2.9 and later: the base class first, its unknown arguments last.
pub fn new(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    rate(compiling, config)?;
    ema(config, "`ema_overwrite_frequency` must be an integer > 1 or None. Received: ")?;
    if let Some((norm, global)) = both(config, "clipnorm", "global_clipnorm") {
        return Err(shown::value_error(format!(
            "At most one of `clipnorm` and `global_clipnorm` can be set. Received: clipnorm={norm}, \
             global_clipnorm={global}."
        )));
    }
    let version = compiling.runtime.version;
    if version < [2, 11, 0] {
        construct::arguments(class, config)?;
    } else {
        new_arguments(class, config)?;
    }
    let rate = config.get("learning_rate");
    if !rate.is_none_or(|rate| rate.is_number() || rate.is_object()) {
        return Err(Stop::unknown("the learning rate is no number"));
    }
    if class.name == "AdamW" && config.get("weight_decay").is_some_and(Value::is_null) {
        return Err(no_decay());
    }
    momentum(compiling, Base::New, class, config)
}

/// What AdamW says without a weight decay.
pub fn no_decay() -> Stop {
    shown::value_error("Missing value of `weight_decay` which is required and must be a float value.")
}

/// What is left of the arguments is looked at in its order: `decay` has words of its own.
fn new_arguments(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    for name in config.keys().filter(|name| !matches!(name.as_str(), "lr" | "is_legacy_optimizer")) {
        if matches!(name.as_str(), "decay" | "gradient_aggregator" | "gradient_transformers") {
            return Err(shown::value_error(format!(
                "{name} is deprecated in the new Keras optimizer, please check the docstring for valid arguments, or \
                 use the legacy optimizer, e.g., tf.keras.optimizers.legacy.{}.",
                class.name
            )));
        }
        if class.takes(name) == Some(false) {
            return Err(construct::refusal(class, config, &[name]));
        }
    }
    construct::arguments(class, config)
}

/// What an exponential moving average needs, where it is used.
pub fn ema(config: &Map<String, Value>, said: &str) -> Attempt<()> {
    if !config.get("use_ema").is_some_and(shown::is_true) {
        return Ok(());
    }
    if let Some(momentum) = config.get("ema_momentum").filter(|value| !within(value, 0.0, 1.0)) {
        let momentum = python::str(momentum);
        let message =
            format!("`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={momentum}");
        return Err(shown::value_error(message));
    }
    let every = config.get("ema_overwrite_frequency").filter(|value| shown::is_true(value));
    match every.filter(|every| every.as_i64().is_none_or(|every| every < 1)) {
        None => Ok(()),
        Some(every) => {
            Err(shown::value_error(format!("{said}ema_overwrite_frequency={}", python::str(every))))
        }
    }
}

/// Whether a number lies in a range; anything else does.
fn within(value: &Value, from: f64, to: f64) -> bool {
    value.as_f64().is_none_or(|value| (from..=to).contains(&value))
}

/// Two arguments that exclude each other, as Python shows them, where both are given.
fn both(config: &Map<String, Value>, one: &str, other: &str) -> Option<(String, String)> {
    let given = |name: &str| config.get(name).filter(|value| !value.is_null()).map(python::str);
    Some((given(one)?, given(other)?))
}

/// SGD's momentum lies between 0 and 1.
fn momentum(compiling: &Compiling, base: Base, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let is_looked_at = class.name == "SGD" || (base == Base::V2 && class.name == "RMSprop");
    let found = config.get("momentum").filter(|value| is_looked_at && !within(value, 0.0, 1.0));
    let Some(found) = found else { return Ok(()) };
    let version = compiling.runtime.version;
    Err(shown::value_error(match base {
        Base::V2 if version >= [2, 7, 0] => {
            let found_type = shown::type_name(compiling.runtime, found);
            format!(
                "`momentum` must be between [0, 1]. Received: momentum={} (of type <class '{found_type}'>).",
                python::str(found)
            )
        }
        Base::V2 | Base::New => "`momentum` must be between [0, 1].".to_string(),
        Base::Plain | Base::Keras3 => "`momentum` must be a float between [0, 1].".to_string(),
    }))
}

/// An optimizer that scales the loss of another.
fn scaled(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    if compiling.runtime.loader == Loader::Keras3 {
        return keras3::scaled(compiling, class, config);
    }
    let is_third = class.name.to_lowercase().ends_with("v3");
    let has_scale = config.contains_key("loss_scale") || compiling.runtime.version < [2, 4, 0];
    let key = if has_scale && !is_third { "optimizer" } else { "inner_optimizer" };
    let inner = config.get(key).ok_or_else(|| Stop::raised("KeyError", python::text(key)))?;
    let inner_kind = self::kind(compiling, inner)?;
    let lowered = lowered(compiling, inner_kind, inner)?;
    let name = lowered.get("class_name").and_then(Value::as_str).unwrap_or_default();
    if inner
        .get("class_name")
        .and_then(Value::as_str)
        .is_some_and(|name| name.to_lowercase().starts_with("lossscale"))
    {
        return Err(Stop::unknown("a loss scale is within another"));
    }
    legacy::deserialize(compiling, inner_kind, &lowered)?;
    let inside = compiling.facts.class(inner_kind, name);
    match (is_third, inside.map(|inside| (base(compiling, inside), inside))) {
        (true, Some((Base::V2, inside))) => Err(too_old(compiling, inside)),
        (false, Some((Base::New, _))) => {
            Err(Stop::unknown("what a loss scale says to a newer optimizer names an object"))
        }
        _ => Ok(()),
    }
}

/// The newer loss scale takes no older optimizer.
fn too_old(compiling: &Compiling, inside: &Class) -> Stop {
    let runtime = compiling.runtime;
    let word = if runtime.version < [2, 11, 0] { "optimizer" } else { "optimizers" };
    let package = match () {
        () if runtime.is_tf_keras_package() => "tf_keras.src.optimizers.legacy",
        () if runtime.version >= [2, 13, 0] => "keras.src.optimizers.legacy",
        () if runtime.version >= [2, 11, 0] => "keras.optimizers.legacy",
        () => "keras.optimizers.optimizer_v2",
    };
    let top = if runtime.is_tf_keras_package() { "tf_keras" } else { "keras" };
    let module =
        if inside.name == "SGD" { "gradient_descent".to_string() } else { inside.name.to_lowercase() };
    shown::type_error(format!(
        "You passed a `tf.keras.{word}.Optimizer` instance to LossScaleOptimizerV3, but only the new experimental \
         optimizer defined in {top}/optimizer_expeirmental/optimizer.py can be passed. Please use \
         `tf.keras.mixed_precision.LossScaleOptimizer` instead of LossScaleOptimizerV3, as the former supports \
         `tf.keras.{word}.Optimizer`s. Got optimizer: <{package}.{module}.{} object at 0x...>",
        inside.name
    ))
}
