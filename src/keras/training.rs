//! `training_config`: what a model was compiled with, the same for every era.

use serde_json::{Map, Value};

use crate::limits;

/// What the file says of how the model was compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Training {
    /// Nothing: it was not, or the file has weights alone.
    Absent,
    /// Something that can't be understood; the reason.
    Broken(String),
    /// With these.
    Config(TrainingConfig),
}

/// Names of what a model was compiled with. A package comes first, as in `Addons>AdamW`, unless it is Keras itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainingConfig {
    /// Optimizers: one, and the one inside it where it scales the loss of another.
    pub optimizers: Vec<String>,
    /// Losses of all outputs, each once.
    pub losses: Vec<String>,
    /// Metrics of all outputs, weighted or not, each once.
    pub metrics: Vec<String>,
}

impl TrainingConfig {
    /// Reads the value of `training_config`.
    ///
    /// # Errors
    /// When it is no object.
    pub fn read(value: &Value) -> Result<TrainingConfig, String> {
        let root = value.as_object().ok_or("training_config is not an object")?;
        // Keras 3 keeps the arguments of `compile` as they are in an object of their own, where it keeps them at all.
        let root = root.get("compile_config").and_then(Value::as_object).unwrap_or(root);
        let gather = |keys: &[&str]| {
            let mut names = Vec::new();
            keys.iter().filter_map(|key| root.get(*key)).for_each(|value| gather(value, 0, &mut names));
            names
        };
        Ok(TrainingConfig {
            optimizers: gather(&["optimizer_config", "optimizer"]),
            losses: gather(&["loss"]),
            metrics: gather(&["metrics", "weighted_metrics"]),
        })
    }
}

/// Objects that only wrap a function or another object, and where that is.
const WRAPPERS: &[(&str, &str)] = &[
    ("LossFunctionWrapper", "fn"),
    ("MeanMetricWrapper", "fn"),
    ("SumOverBatchSizeMetricWrapper", "fn"),
    ("LossScaleOptimizer", "inner_optimizer"),
    ("LossScaleOptimizerV3", "inner_optimizer"),
    ("LossScaleOptimizerV1", "optimizer"),
    ("LossScaleOptimizer", "optimizer"),
];

/// Gathers the names in a value: one, a list, one per output, or serialised objects.
fn gather(value: &Value, depth: usize, names: &mut Vec<String>) {
    if depth > limits::MAX_NESTING || names.len() >= limits::MAX_FINDINGS_PER_RULE {
        return;
    }
    match value {
        Value::String(name) => add(name, names),
        Value::Array(items) => items.iter().for_each(|item| gather(item, depth + 1, names)),
        Value::Object(map) => match map.get("class_name").and_then(Value::as_str) {
            Some(class) => object(class, map, depth, names),
            None => map.values().for_each(|item| gather(item, depth + 1, names)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn object(class: &str, map: &Map<String, Value>, depth: usize, names: &mut Vec<String>) {
    let config = map.get("config");
    match class {
        "function" => config.into_iter().for_each(|name| gather(name, depth + 1, names)),
        // Its code is in the file; another rule tells of that.
        "__lambda__" => {}
        _ => {
            let inside = |(_, key): &(&str, &str)| config?.get(key);
            let wrapped = WRAPPERS.iter().filter(|(wrapper, _)| *wrapper == plain(class)).find_map(inside);
            match (wrapped, map.get("registered_name").and_then(Value::as_str)) {
                (Some(inner), _) => gather(inner, depth + 1, names),
                (None, Some(registered)) if registered.contains('>') => add(registered, names),
                (None, _) => add(class, names),
            }
        }
    }
}

fn add(name: &str, names: &mut Vec<String>) {
    let name = plain(name).to_string();
    if !names.contains(&name) {
        names.push(name);
    }
}

/// A name without the packages that Keras gives to its own: TensorFlow 2.11 to 2.15 write `Custom>Adam` for their Adam.
fn plain(name: &str) -> &str {
    match name.split_once('>') {
        Some(("Custom", inner)) => inner,
        Some((package, inner)) if package.starts_with("keras") => inner,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: Value, optimizers: &[&str], losses: &[&str], metrics: &[&str]) {
        let found = TrainingConfig::read(&value).unwrap();
        assert_eq!(found.optimizers, optimizers);
        assert_eq!(found.losses, losses);
        assert_eq!(found.metrics, metrics);
    }

    #[test]
    fn every_era_gives_names() {
        let adam = json!({"class_name": "Adam", "config": {"lr": 0.001}});
        let keras1 = json!({"metrics": ["accuracy"], "loss": "mse", "optimizer_config": adam, "loss_weights": null,
            "sample_weight_mode": null});
        check(keras1, &["Adam"], &["mse"], &["accuracy"]);
        let per_output = json!({"optimizer_config": adam, "loss": {"a": "mse", "b": ["mae"]},
            "metrics": {"a": ["acc", "top2"]}, "weighted_metrics": ["acc"]});
        check(per_output, &["Adam"], &["mse", "mae"], &["acc", "top2"]);
        let wrapped = |fn_name: Value| json!({"class_name": "MeanMetricWrapper", "config": {"name": "x", "fn": fn_name}});
        let loss = json!({"class_name": "CategoricalCrossentropy", "config": {"from_logits": true}});
        let keras2 = json!({"optimizer_config": {"class_name": "Custom>SGD", "config": {}}, "loss": loss,
            "metrics": [[wrapped(json!("categorical_accuracy")), {"class_name": "AUC", "config": {}}]]});
        check(keras2, &["SGD"], &["CategoricalCrossentropy"], &["categorical_accuracy", "AUC"]);
        let function = json!({"module": "builtins", "class_name": "function", "config": "focal", "registered_name": "function"});
        let scaled = json!({"class_name": "LossScaleOptimizerV3", "config": {"inner_optimizer":
            {"module": "keras.optimizers", "class_name": "Adam", "config": {}, "registered_name": null}}});
        let keras3 = json!({"optimizer_config": scaled, "loss": function, "metrics": [wrapped(function.clone()),
            {"class_name": "F", "config": {}, "registered_name": "mine>F"}]});
        check(keras3, &["Adam"], &["focal"], &["focal", "mine>F"]);
    }

    #[test]
    fn a_package_of_others_stays_in_the_name() {
        let addons =
            json!({"optimizer_config": {"class_name": "Addons>AdamW", "config": {}}, "loss": "Custom>mine"});
        check(addons, &["Addons>AdamW"], &["mine"], &[]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(TrainingConfig::read(&json!([])).is_err());
        check(json!({}), &[], &[], &[]);
    }
}
