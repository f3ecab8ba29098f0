//! The calls of a model's layers, which follow once all layers are made.

use std::collections::HashSet;

use serde_json::Value;

use super::{Builder, key};
use crate::limits;
use crate::loaders::{Attempt, Loader, Stop, python};

impl Builder<'_> {
    /// Calls the layers of a model.
    pub(super) fn calls(&self, config: &Value, layers: &[Value]) -> Attempt<()> {
        let names: HashSet<&str> =
            layers.iter().filter_map(|layer| layer.get("name").and_then(Value::as_str)).collect();
        for layer in layers {
            let mut found = Vec::new();
            references(key(layer, "inbound_nodes")?, 0, &mut found);
            if let Some(missing) = found.iter().find(|name| !names.contains(*name)) {
                return Err(self.missing(missing));
            }
        }
        layers.iter().try_for_each(|layer| self.call(layer))?;
        for ends in ["input_layers", "output_layers"] {
            let mut found = Vec::new();
            references(key(config, ends)?, 0, &mut found);
            if found.iter().any(|name| !names.contains(name)) {
                return Err(Stop::raised("AssertionError", ""));
            }
        }
        Ok(())
    }

    /// What is said to a call on a layer that there is not.
    fn missing(&self, name: &str) -> Stop {
        match self.runtime.loader {
            Loader::Keras1 => Stop::raised("AssertionError", format!("Missing layer: {name}")),
            Loader::TfKeras => Stop::raised("KeyError", python::text(name)),
            // Keras 2 waits for it for ever.
            Loader::Keras2 | Loader::Keras3 => {
                Stop::unknown(format!("loading never ends: {name} is missing"))
            }
        }
    }

    /// Calls a layer.
    pub(super) fn call(&self, layer: &Value) -> Attempt<()> {
        if self.runtime.loader == Loader::Keras2 && has_axis_list(layer) {
            return Err(Stop::raised("TypeError", "tuple indices must be integers or slices, not list"));
        }
        Ok(())
    }
}

/// Whether a layer is a BatchNormalization over `[3]`, as the Keras inside TensorFlow writes it; Keras 2 indexes with that.
fn has_axis_list(layer: &Value) -> bool {
    let axis = layer.get("config").and_then(|config| config.get("axis"));
    layer.get("class_name").and_then(Value::as_str) == Some("BatchNormalization")
        && axis.is_some_and(Value::is_array)
}

/// Gathers the layers of references like `["conv1", 0, 0, {}]`.
fn references<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v str>) {
    let Value::Array(items) = value else { return };
    match items.as_slice() {
        [Value::String(name), Value::Number(_), ..] => found.push(name),
        _ if depth > limits::MAX_NESTING => {}
        _ => items.iter().for_each(|item| references(item, depth + 1, found)),
    }
}
