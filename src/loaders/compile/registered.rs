//! Optimizers that TensorFlow 2.10 and later find by their registered names alone.

use serde_json::{Map, Value};

use super::super::facts::Kind;
use super::super::{Attempt, Stop};
use super::{Compiling, optimizer};

/// Optimizers that TensorFlow has registered without having them in its table, and their own arguments.
const REGISTERED: &[(&str, &[&str])] = &[
    ("AdamW", &["beta_1", "beta_2", "epsilon", "amsgrad"]),
    ("Lion", &["beta_1", "beta_2"]),
    ("Adafactor", &["beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"]),
];

/// `Custom>AdamW` and its like: as Adam, but for their own arguments.
///
/// # Errors
/// What the constructor raises; unknown for others.
pub fn construct(compiling: &Compiling, name: &str, config: &Value) -> Attempt<()> {
    let unknown = || Stop::unknown(format!("nobody has tried which arguments {name} takes"));
    let plain = name.strip_prefix("Custom>").ok_or_else(unknown)?;
    let (own, arguments) = REGISTERED.iter().find(|(own, _)| *own == plain).ok_or_else(unknown)?;
    let adam = compiling.facts.class(Kind::Optimizers, "Custom>Adam").ok_or_else(unknown)?;
    let config = config.as_object().ok_or_else(unknown)?;
    let is_own = |key: &str| arguments.contains(&key);
    let is_adams = |key: &str| matches!(key, "beta_1" | "beta_2" | "epsilon" | "amsgrad");
    let rest = config.iter().filter(|(key, _)| !is_own(key)).map(|(key, value)| (key.clone(), value.clone()));
    let rest: Map<String, Value> = rest.collect();
    if rest.keys().any(|key| is_adams(key)) {
        return Err(unknown());
    }
    optimizer::new(compiling, adam, &rest)?;
    match *own == "AdamW" && config.get("weight_decay").is_some_and(Value::is_null) {
        true => Err(optimizer::no_decay()),
        false => Ok(()),
    }
}
