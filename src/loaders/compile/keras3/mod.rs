//! Keras 3: the optimizer, losses and metrics of a legacy file, through a deserialiser that leaves unknown names as they are.

mod optimizers;

pub use optimizers::{construct_optimizer, scaled};

use serde_json::{Map, Value, json};

use super::super::facts::{Class, Kind, Named};
use super::super::{Attempt, Stop, python};
use super::{Compiling, construct, nested, optimizer, shown};

/// What an identifier became.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Made {
    /// An object or a function; objects with the module and name of their class.
    Object(String),
    /// A name that the table doesn't have, left as it is.
    Text(String),
    /// None, or something that is no object.
    Nothing,
}

/// `model.compile(**compile_args_from_training_config(training_config))`
///
/// # Errors
/// What deserialising raises, and `compile` for arguments of the wrong type.
pub fn compile(compiling: &Compiling, config: &Value) -> Attempt<()> {
    optimizer::deserialize(compiling, config)?;
    let loss = argument(compiling, config.get("loss"), Kind::Losses)?;
    let metrics = argument(compiling, config.get("metrics"), Kind::Metrics)?;
    let make = |kind: Kind, value: &Value| part(compiling, kind, value).map(|_| ());
    nested::each(compiling, config.get("weighted_metrics"), Kind::Metrics, &make)?;
    let weights = shown::item(compiling.runtime, config, "loss_weights")?;
    if loss.is_some() {
        loss_weights(compiling, weights)?;
    }
    one_metric(config.get("metrics"), metrics.as_ref())
}

/// A loss or metrics; None where there are none. A single name that isn't known is looked for once more.
fn argument(compiling: &Compiling, value: Option<&Value>, kind: Kind) -> Attempt<Option<Made>> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let is_single = value.is_string() || value.get("class_name").is_some();
    if !is_single {
        let make = |kind: Kind, value: &Value| part(compiling, kind, value).map(|_| ());
        nested::each(compiling, Some(value), kind, &make)?;
        return Ok(Some(Made::Nothing));
    }
    let made = part(compiling, kind, value)?;
    match &made {
        // `ALL_OBJECTS_DICT` lacks the special words, too, but these are asked for where they stand.
        Made::Text(name) if compiling.facts.find(kind, name).is_none() && !is_kept(kind, value) => {
            once_more(compiling, kind, value).map(Some)
        }
        _ => Ok(Some(made)),
    }
}

/// Metrics that `compile` chooses by the shape stay words. As the only argument they are looked for like others.
fn is_kept(kind: Kind, value: &Value) -> bool {
    kind == Kind::Metrics && matches!(value.as_str(), Some("accuracy"))
}

fn part(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<Made> {
    match value.as_str().filter(|_| kind == Kind::Metrics && nested::is_special(value)) {
        Some(word) => Ok(Made::Text(word.to_string())),
        None => deserialize(compiling, kind, value),
    }
}

/// `module.get(obj_config["config"]["name"])`
fn once_more(compiling: &Compiling, kind: Kind, written: &Value) -> Attempt<Made> {
    let runtime = compiling.runtime;
    let name = shown::item(runtime, shown::item(runtime, written, "config")?, "name")?;
    let word = match kind {
        Kind::Losses => "loss",
        Kind::Metrics => "metric",
        _ => "optimizer",
    };
    let found = name.as_str().and_then(|name| compiling.facts.find(kind, name));
    match (name, found) {
        (Value::String(_), Some(_)) | (Value::Null, _) => Ok(Made::Object(String::new())),
        (Value::String(name), None) => {
            Err(shown::value_error(format!("Could not interpret {word} identifier: {name}")))
        }
        _ => Err(Stop::unknown("a name is not a string")),
    }
}

/// `optimizers.deserialize(config)`, with the second look that files of Keras 2 get.
pub fn optimizer(compiling: &Compiling, written: &Value) -> Attempt<()> {
    let lowered = optimizer::lowered(compiling, Kind::Optimizers, written)?;
    match deserialize(compiling, Kind::Optimizers, &lowered)? {
        Made::Text(_) => once_more(compiling, Kind::Optimizers, written).map(|_| ()),
        Made::Object(_) | Made::Nothing => Ok(()),
    }
}

/// `deserialize_keras_object(value, module_objects=ALL_OBJECTS_DICT)`
fn deserialize(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<Made> {
    let runtime = compiling.runtime;
    let Value::Object(map) = value else {
        return value.as_str().map_or(Ok(Made::Nothing), |name| by_name(compiling, kind, name, None, None));
    };
    let class = shown::item(runtime, value, "class_name")?;
    if class == "function" {
        let module = shown::item(runtime, value, "module")?;
        let key = if module == "builtins" { "config" } else { "registered_name" };
        return by_value(
            compiling,
            kind,
            shown::item(runtime, value, key)?,
            map.get("config"),
            module.as_str(),
        );
    }
    if map.get("module").is_some_and(Value::is_null) {
        let name = python::str(class);
        return Err(shown::type_error(format!(
            "Cannot deserialize object of type `{name}`. If `{name}` is a custom class, please register it using the \
             `@keras.saving.register_keras_serializable()` decorator."
        )));
    }
    by_value(compiling, kind, class, map.get("config"), None)
}

fn by_value(
    compiling: &Compiling,
    kind: Kind,
    name: &Value,
    config: Option<&Value>,
    module: Option<&str>,
) -> Attempt<Made> {
    match name {
        Value::String(name) => by_name(compiling, kind, name, config, module),
        Value::Array(_) | Value::Object(_) => {
            let found = shown::type_name(compiling.runtime, name);
            let key = if compiling.runtime.python >= [3, 14, 0] { "cannot use" } else { "unhashable type" };
            Err(shown::type_error(format!("{key}: '{found}'")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(Made::Nothing),
    }
}

fn by_name(
    compiling: &Compiling,
    kind: Kind,
    name: &str,
    config: Option<&Value>,
    module: Option<&str>,
) -> Attempt<Made> {
    match compiling.facts.find(kind, name) {
        None | Some(Named::Other) => Ok(Made::Text(name.to_string())),
        Some(Named::Function(own)) => {
            let module = module.unwrap_or_else(|| home(compiling, own)).to_string();
            function(compiling, &module, name).map(|()| Made::Object(name.to_string()))
        }
        Some(Named::Class(class)) => {
            let nothing = Value::Null;
            let full = full(compiling, kind, class, config.unwrap_or(&nothing));
            object(compiling, kind, class, config.unwrap_or(&nothing), &full)?;
            Ok(Made::Object(path(kind, class)))
        }
    }
}

/// Where a class is, as Python shows it. Its facts tell only where the dumped messages do.
pub fn path(kind: Kind, class: &Class) -> String {
    let name = class.name.as_str();
    class.path.clone().unwrap_or_else(|| match (kind, name) {
        (Kind::Losses, _) => format!("keras.src.losses.losses.{name}"),
        (Kind::Metrics, _) => format!("keras.src.metrics.reduction_metrics.{name}"),
        (_, "LossScaleOptimizer") => format!("keras.src.optimizers.loss_scale_optimizer.{name}"),
        _ => format!("keras.src.optimizers.{}.{name}", name.to_lowercase()),
    })
}

/// The public module of a function.
fn home(compiling: &Compiling, own: &str) -> &'static str {
    if compiling.facts.exports("keras.metrics", own) { "keras.metrics" } else { "keras.losses" }
}

/// The function of a public module. Names like `mse` are in the table, but in no module.
fn function(compiling: &Compiling, module: &str, name: &str) -> Attempt<()> {
    let (facts, version) = (compiling.facts, compiling.runtime.version);
    let homes = ["keras.losses", "keras.metrics", "keras.activations"];
    let found = match module {
        "builtins" => homes.iter().any(|home| facts.exports(home, name)),
        module => facts.exports(module, name),
    };
    if found {
        return Ok(());
    }
    let full = json!({"module": module, "class_name": "function", "config": name, "registered_name": name});
    let is_keras = module == "keras" || module.starts_with("keras.");
    match (is_keras, version >= [3, 11, 0]) {
        (true, true) => Err(shown::value_error(format!(
            "Could not deserialize '{module}.{name}' because it is not a KerasSaveable subclass"
        ))),
        // The modules have more names than those under which their functions are registered.
        (true, false) if homes.iter().any(|home| facts.exports(home, name)) => Ok(()),
        _ if module == "builtins" || is_keras || version >= [3, 11, 0] => {
            Err(not_located(compiling, "function", name, &full))
        }
        _ => Err(Stop::unknown(format!("whether there is a module {module} can't be told"))),
    }
}

fn not_located(compiling: &Compiling, what: &str, name: &str, full: &Value) -> Stop {
    let advice = match compiling.runtime.version >= [3, 12, 0] {
        true => {
            "Make sure custom classes and functions are decorated with \
             `@keras.saving.register_keras_serializable()`. If they are already decorated, make sure they are all \
             imported so that the decorator is run before trying to load them."
        }
        false => "Make sure custom classes are decorated with `@keras.saving.register_keras_serializable()`.",
    };
    let full = python::repr(full);
    shown::type_error(format!("Could not locate {what} '{name}'. {advice} Full object config: {full}"))
}

/// What Keras makes of a class' configuration before it deserialises it.
fn full(compiling: &Compiling, kind: Kind, class: &Class, config: &Value) -> Value {
    let home = public(kind);
    if compiling.facts.exports(home, &class.name) {
        return json!({"module": home, "class_name": class.name, "config": config, "registered_name": null});
    }
    let module =
        class.path.as_deref().and_then(|path| path.rsplit_once('.')).map_or(home, |(module, _)| module);
    json!({"module": module, "class_name": class.name, "config": config, "registered_name": class.name})
}

fn public(kind: Kind) -> &'static str {
    match kind {
        Kind::Losses => "keras.losses",
        Kind::Metrics => "keras.metrics",
        _ => "keras.optimizers",
    }
}

/// `cls.from_config(config)`, with the words around a `TypeError`.
fn object(compiling: &Compiling, kind: Kind, class: &Class, config: &Value, full: &Value) -> Attempt<()> {
    let config = match config {
        Value::Null => &Value::Object(Map::new()),
        config => config,
    };
    if !config.is_object() {
        return not_a_dict(compiling, kind, class, config, full);
    }
    let made = construct::construct(compiling, kind, class, config);
    made.map(|_| ()).map_err(|stop| around(kind, class, full, stop))
}

fn not_a_dict(compiling: &Compiling, kind: Kind, class: &Class, config: &Value, full: &Value) -> Attempt<()> {
    if compiling.runtime.version < [3, 11, 0] {
        return match shown::is_true(config) {
            // `config["config"] or {}`
            false => Ok(()),
            true => construct::construct(compiling, kind, class, config)
                .map(|_| ())
                .map_err(|stop| around(kind, class, full, stop)),
        };
    }
    let (found, full) = (shown::type_name(compiling.runtime, config), python::repr(full));
    Err(shown::type_error(format!(
        "Expected 'config' to be a dict for {},\ninstead got <class '{found}'>\nFull config: {full}",
        class.name
    )))
}

fn around(kind: Kind, class: &Class, full: &Value, stop: Stop) -> Stop {
    let Stop::Raised(raised) = stop else { return stop };
    if raised.exception != "TypeError" {
        return Stop::Raised(raised);
    }
    let path = path(kind, class);
    let mut shown = full.clone();
    // An optimizer that scales losses takes the other one out of the dictionary that is shown.
    if kind == Kind::Optimizers && class.name == "LossScaleOptimizer" {
        shown
            .get_mut("config")
            .and_then(Value::as_object_mut)
            .map(|config| config.shift_remove("inner_optimizer"));
    }
    shown::type_error(format!(
        "<class '{path}'> could not be deserialized properly. Please ensure that components that are Python object \
         instances (layers, models, etc.) returned by `get_config()` are explicitly deserialized in the model's \
         `from_config()` method.\n\nconfig={}.\n\nException encountered: {}",
        python::repr(&shown),
        raised.message
    ))
}

/// Ways of joining the losses of a batch that every Keras 3 knows. `mean` came with 3.6.
pub const REDUCTIONS: &[&str] = &["sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight"];

/// A reduction that Keras 3 doesn't know.
pub fn reduction(compiling: &Compiling, found: &Value) -> Attempt<()> {
    if found.is_null() {
        return Ok(());
    }
    let newer =
        if compiling.runtime.version >= [3, 6, 0] { ", 'mean', 'mean_with_sample_weight'" } else { "" };
    // Python shows this set in another order in every process.
    Err(shown::value_error(format!(
        "Invalid value for argument `reduction`. Expected one of {{'sum_over_batch_size', 'sum', None, 'none'{newer}}}. \
         Received: reduction={}",
        python::str(found)
    )))
}

/// `MeanMetricWrapper` and its like: a name of a function stays a name, a dictionary is looked up.
pub fn wrapper(compiling: &Compiling, kind: Kind, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let Some(called) = config.get("fn") else {
        let message = format!("{}.__init__() missing 1 required positional argument: 'fn'", class.name);
        return Err(shown::type_error(message));
    };
    if let Some(written) = called.as_object() {
        written_function(compiling, written)?;
    }
    match kind {
        Kind::Losses => config.get("reduction").map_or(Ok(()), |found| match found.as_str() {
            Some(found) if REDUCTIONS.contains(&found) => Ok(()),
            _ => reduction(compiling, found),
        }),
        _ => Ok(()),
    }
}

fn written_function(compiling: &Compiling, written: &Map<String, Value>) -> Attempt<()> {
    let whole = Value::Object(written.clone());
    let text = |key: &str| written.get(key).and_then(Value::as_str);
    let (Some("function"), Some(name)) = (text("class_name"), text("config")) else {
        return Err(Stop::unknown("what a metric calls is no function"));
    };
    let module = text("module").unwrap_or_default();
    let homes = ["keras.losses", "keras.metrics", "keras.activations"];
    let is_exported = match module {
        "builtins" => homes.iter().any(|home| compiling.facts.exports(home, name)),
        module => compiling.facts.exports(module, name),
    };
    match (is_exported, module) {
        (true, _) => Ok(()),
        (false, "builtins" | "") => Err(not_located(compiling, "function", name, &whole)),
        (false, module) if module.starts_with("keras.") => function(compiling, module, name),
        (false, _) if compiling.runtime.version >= [3, 11, 0] => {
            Err(not_located(compiling, "function", name, &whole))
        }
        (false, module) => Err(Stop::unknown(format!("whether there is a module {module} can't be told"))),
    }
}

fn loss_weights(compiling: &Compiling, weights: &Value) -> Attempt<()> {
    let is_old = compiling.runtime.version < [3, 3, 0];
    let is_fine = match weights {
        Value::Null | Value::Array(_) | Value::Object(_) => true,
        Value::Number(number) => (number.is_f64() && !is_old) || !shown::is_true(weights),
        Value::Bool(_) | Value::String(_) => !shown::is_true(weights),
    };
    if is_fine {
        return Ok(());
    }
    let kinds = match is_old {
        true => "a list, tuple, or dict",
        false => "a float (single output case) or a list, tuple, or dict (multiple output case)",
    };
    let (shown, found) = (python::str(weights), shown::type_name(compiling.runtime, weights));
    Err(shown::value_error(format!(
        "Expected `loss_weights` argument to be {kinds}. Received instead: loss_weights={shown} of type <class '{found}'>"
    )))
}

/// `compile` wants lists of metrics or dictionaries of them.
fn one_metric(written: Option<&Value>, made: Option<&Made>) -> Attempt<()> {
    let said = |shown: &str, class: &str| {
        let said = "Expected `metrics` argument to be a list, tuple, or dict. Received instead:";
        Err(shown::value_error(format!("{said} metrics={shown} of type <class '{class}'>")))
    };
    match (made, written) {
        (Some(Made::Text(name)), _) if !name.is_empty() => said(name, "str"),
        (Some(Made::Object(path)), Some(written)) => {
            let class = path.rsplit('.').next().unwrap_or_default();
            match written.pointer("/config/name").and_then(Value::as_str) {
                Some(name) if !path.is_empty() => said(&format!("<{class} name={name}>"), path),
                _ => Err(Stop::unknown("a single metric stands where a list should")),
            }
        }
        _ => Ok(()),
    }
}
