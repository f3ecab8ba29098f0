//! TensorFlow from 2.2 on, and `tf_keras`: objects are made of all parts, and what they can't do shows when the model is trained.

use serde_json::Value;

use super::super::facts::Kind;
use super::super::{Attempt, Loader};
use super::{Compiling, legacy, optimizer, shown};
use crate::limits;

/// `model.compile(**compile_args_from_training_config(training_config))`
///
/// # Errors
/// What deserialising raises: the optimizer, then losses, metrics, weighted metrics, and keys that are missing.
pub fn compile(compiling: &Compiling, config: &Value) -> Attempt<()> {
    optimizer::deserialize(compiling, config)?;
    let make = |kind: Kind, value: &Value| part(compiling, kind, value);
    each(compiling, config.get("loss"), Kind::Losses, &make)?;
    each(compiling, config.get("metrics"), Kind::Metrics, &make)?;
    each(compiling, config.get("weighted_metrics"), Kind::Metrics, &make)?;
    if compiling.runtime.version < [2, 3, 0] {
        shown::item(compiling.runtime, config, "sample_weight_mode")?;
    }
    shown::item(compiling.runtime, config, "loss_weights").map(|_| ())
}

fn part(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<()> {
    if kind == Kind::Metrics && is_special(value) {
        return Ok(());
    }
    legacy::deserialize(compiling, kind, value).map(|_| ())
}

/// Words that stand for the metric that suits the loss.
pub fn is_special(value: &Value) -> bool {
    value.as_str().is_some_and(|name| matches!(name, "accuracy" | "acc" | "crossentropy" | "ce"))
}

/// `_deserialize_nested_config`: makes every object within lists and dictionaries.
///
/// # Errors
/// What `make` does, and the `ValueError` for what is none of these.
pub fn each(
    compiling: &Compiling,
    value: Option<&Value>,
    kind: Kind,
    make: &dyn Fn(Kind, &Value) -> Attempt<()>,
) -> Attempt<()> {
    value.map_or(Ok(()), |value| walk(compiling, value, kind, make, 0))
}

fn walk(
    compiling: &Compiling,
    value: &Value,
    kind: Kind,
    make: &dyn Fn(Kind, &Value) -> Attempt<()>,
    depth: usize,
) -> Attempt<()> {
    let mut inner = |value: &Value| walk(compiling, value, kind, make, depth + 1);
    match value {
        Value::Null => Ok(()),
        _ if depth > limits::MAX_JSON_DEPTH => Ok(()),
        Value::String(_) => make(kind, value),
        Value::Object(map) if map.contains_key("class_name") => make(kind, value),
        Value::Object(map) => map.values().try_for_each(&mut inner),
        Value::Array(items) => items.iter().try_for_each(&mut inner),
        Value::Bool(_) | Value::Number(_) => Err(not_understood(compiling, value)),
    }
}

fn not_understood(compiling: &Compiling, value: &Value) -> super::super::Stop {
    let runtime = compiling.runtime;
    let said = "Saved configuration not understood.";
    if runtime.loader == Loader::TfKeras && runtime.version < [2, 7, 0] {
        return shown::value_error(said);
    }
    let shown = super::super::python::repr(value);
    shown::value_error(format!(
        "{said} Configuration should be a dictionary, string, tuple or list. Received: config={shown}."
    ))
}
