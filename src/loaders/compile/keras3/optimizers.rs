//! The constructors of Keras 3's optimizers, and the schedules and optimizers in their configurations.

use serde_json::{Map, Value};

use super::super::super::facts::{Class, Kind};
use super::super::super::{Attempt, Stop, python};
use super::super::{Compiling, construct, optimizer, schedule, shown};
use super::{not_located, object};

/// `Optimizer.from_config(config)`
///
/// # Errors
/// In the order of the constructor: names of arguments, then values.
pub fn construct_optimizer(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let rate = config.get("learning_rate");
    if let Some(written) = rate.and_then(Value::as_object) {
        written_rate(compiling, written)?;
    }
    construct::arguments(class, config)?;
    let is_too_few =
        |steps: &&Value| shown::is_true(steps) && steps.as_f64().is_some_and(|steps| steps < 2.0);
    if let Some(steps) = config.get("gradient_accumulation_steps").filter(is_too_few) {
        return Err(shown::value_error(format!(
            "`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps={}",
            python::str(steps)
        )));
    }
    optimizer::ema(config, "`ema_overwrite_frequency` must be an integer >= 1 or None. Received: ")?;
    clips(compiling, config)?;
    name(config)?;
    a_rate(rate)?;
    own_values(class, config)
}

fn written_rate(compiling: &Compiling, written: &Map<String, Value>) -> Attempt<()> {
    let whole = Value::Object(written.clone());
    let text = |key: &str| written.get(key).and_then(Value::as_str);
    let (Some(name), true) = (text("class_name"), written.contains_key("config")) else { return Ok(()) };
    match text("module") {
        None => Err(not_located(compiling, "class", name, &whole)),
        Some("keras.optimizers.schedules") => {
            let made = schedule::deserialize(compiling, written);
            made.map_err(|_| Stop::unknown(format!("whether {name} takes these arguments is not known")))
        }
        Some(module) if !module.starts_with("keras") && compiling.runtime.version >= [3, 11, 0] => {
            Err(not_located(compiling, "class", name, &whole))
        }
        Some(module) => Err(parentless(compiling, name, module, &whole)),
    }
}

/// Until 3.10 any module that a file names was imported.
fn parentless(compiling: &Compiling, name: &str, module: &str, whole: &Value) -> Stop {
    if module.starts_with("keras") || compiling.runtime.version >= [3, 11, 0] {
        return Stop::unknown(format!("whether {module} has a {name} is not known"));
    }
    shown::type_error(format!(
        "Could not deserialize class '{name}' because its parent module {module} cannot be imported. Full object \
         config: {}",
        python::repr(whole)
    ))
}

fn clips(compiling: &Compiling, config: &Map<String, Value>) -> Attempt<()> {
    let shown = |name: &str| config.get(name).map_or("None".to_string(), python::str);
    let given = |name: &&&str| config.get(**name).is_some_and(|value| !value.is_null());
    let is_first = compiling.runtime.version < [3, 3, 0];
    let names: &[&str] = if is_first {
        &["clipnorm", "global_clipnorm"]
    } else {
        &["clipnorm", "clipvalue", "global_clipnorm"]
    };
    if names.iter().filter(given).count() < 2 {
        return Ok(());
    }
    let words = if is_first {
        "`clipnorm` and `global_clipnorm`"
    } else {
        "`clipnorm`, `clipvalue` and `global_clipnorm`"
    };
    let values: Vec<String> = names.iter().map(|name| format!("{name}={}", shown(name))).collect();
    Err(shown::value_error(format!("Only one of {words} can be set. Received: {}", values.join(", "))))
}

fn name(config: &Map<String, Value>) -> Attempt<()> {
    match config.get("name").and_then(Value::as_str).filter(|name| name.contains('/')) {
        None => Ok(()),
        Some(name) => Err(shown::value_error(format!(
            "Argument `name` must be a string and cannot contain character `/`. Received: name={name}"
        ))),
    }
}

/// A learning rate is a float; what a schedule became is no number either, and fine.
fn a_rate(rate: Option<&Value>) -> Attempt<()> {
    let is_fine = rate.is_none_or(|rate| match rate {
        Value::Number(number) => number.is_f64(),
        Value::Object(written) => written.contains_key("class_name") && written.contains_key("config"),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => false,
    });
    match rate.filter(|_| !is_fine) {
        None => Ok(()),
        Some(rate) => Err(shown::value_error(format!(
            "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable (that \
             takes in the current iteration value and returns the corresponding learning rate value). Received \
             instead: learning_rate={}",
            python::str(rate)
        ))),
    }
}

fn own_values(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let within = |value: &Value| value.as_f64().is_none_or(|value| (0.0..=1.0).contains(&value));
    match class.name.as_str() {
        "SGD" if !config.get("momentum").is_none_or(within) => {
            Err(shown::value_error("`momentum` must be a float between [0, 1]."))
        }
        "AdamW" if config.get("weight_decay").is_some_and(Value::is_null) => {
            Err(shown::value_error("Argument `weight_decay` must be a float. Received: weight_decay=None"))
        }
        _ => Ok(()),
    }
}

/// `LossScaleOptimizer.from_config`: the optimizer in it is looked up by its module.
pub fn scaled(compiling: &Compiling, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let Some(inner) = config.get("inner_optimizer") else {
        return Err(Stop::raised("KeyError", "'inner_optimizer'"));
    };
    let written = inner.as_object().ok_or_else(|| Stop::unknown("the inner optimizer is no object"))?;
    let text = |key: &str| written.get(key).and_then(Value::as_str);
    let Some(name) = text("class_name") else {
        return Err(Stop::unknown("the inner optimizer has no class"));
    };
    match (text("module"), compiling.facts.class(Kind::Optimizers, name)) {
        (None, _) => return Err(not_located(compiling, "class", name, inner)),
        (Some("keras.optimizers"), Some(inside)) => {
            object(
                compiling,
                Kind::Optimizers,
                inside,
                written.get("config").unwrap_or(&Value::Null),
                inner,
            )?;
        }
        (Some(module), _) => {
            return Err(Stop::unknown(format!("whether {module} has a {name} is not known")));
        }
    }
    let mut rest = config.clone();
    rest.shift_remove("inner_optimizer");
    let mut outer = class.clone();
    outer.required.retain(|name| name != "inner_optimizer");
    construct::arguments(&outer, &rest)
}
