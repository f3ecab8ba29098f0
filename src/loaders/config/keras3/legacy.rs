//! `model_from_config` and what it leads to: objects whose config has no `module`.

use serde_json::{Map, Value, json};

use super::Keras;
use super::graph::LayerId;
use super::py;
use crate::loaders::facts::{Class, Kind, Named};
use crate::loaders::{Attempt, Stop, python};

/// Arguments of Keras 2's Lambda that Keras 3 drops.
const LAMBDA_DROPPED: [&str; 4] = ["module", "function_type", "output_shape_type", "output_shape_module"];

impl Keras<'_> {
    /// `saving_utils.model_from_config`. The config is changed as Keras changes it, which messages show.
    pub fn model_from_config(&mut self, config: &mut Value) -> Attempt<LayerId> {
        if config.is_array() {
            return Err(Stop::raised("TypeError", a_list(config)));
        }
        if self.since([3, 15, 0]) && config.get("config").is_none() {
            return Err(Stop::raised("ValueError", no_config(config)));
        }
        self.convert(config)?;
        self.deserialize_legacy(config, "layer")
    }

    /// Turns arguments of Keras 2 into those of Keras 3.
    fn convert(&self, config: &mut Value) -> Attempt<()> {
        let inner = py::popping(py::item_mut(config, "config")?)?;
        let shape = inner.shift_remove("batch_input_shape").filter(|shape| !shape.is_null());
        if let Some(shape) = shape {
            let is_input = py::item(config, "class_name")?.as_str() == Some("InputLayer");
            let name = if is_input { "batch_shape" } else { "input_shape" };
            py::popping(py::item_mut(config, "config")?)?.insert(name.to_string(), shape);
        }
        let inner = py::popping(py::item_mut(config, "config")?)?;
        if let Some(axis) = inner.shift_remove("axis") {
            self.convert_axis(inner, &axis)?;
        }
        if py::item(config, "class_name")?.as_str() == Some("Lambda") {
            convert_lambda(py::popping(py::item_mut(config, "config")?)?)?;
        }
        Ok(())
    }

    /// An axis stays if it is a list of one; since 3.9 also if it is a number.
    fn convert_axis(&self, config: &mut Map<String, Value>, axis: &Value) -> Attempt<()> {
        let kept = match axis {
            Value::Array(axes) if axes.len() == 1 => axes.first(),
            Value::Number(_) | Value::Bool(_) if self.since([3, 9, 0]) => Some(axis),
            _ => None,
        };
        if let Some(axis) = kept {
            config.insert("axis".to_string(), Value::from(py::int(axis)?));
        }
        Ok(())
    }

    /// `legacy.saving.serialization.deserialize_keras_object` of a dictionary.
    fn deserialize_legacy(&mut self, config: &mut Value, what: &str) -> Attempt<LayerId> {
        let class = self.legacy_class(config, what)?;
        self.passive_objects(config)?;
        let inner = py::popping(py::item_mut(config, "config")?)?;
        self.make(class, inner)
    }

    fn legacy_class(&self, config: &Value, what: &str) -> Attempt<&'static Class> {
        let name = py::item(config, "class_name")?;
        if name.is_array() || name.is_object() {
            return Err(Stop::raised("TypeError", format!("unhashable type: '{}'", py::type_name(name))));
        }
        let name = python::str(name);
        match self.facts.find(Kind::Layers, &name) {
            Some(Named::Class(class)) => Ok(class),
            Some(Named::Function(_)) => Err(Stop::unknown(format!(
                "`{name}` is a function, and what it makes of a config isn't known"
            ))),
            Some(Named::Other) => Err(Stop::raised("TypeError", "'module' object is not callable")),
            None => Err(unknown_object(what, &name)),
        }
    }

    /// Objects among the arguments that were written without their module are looked up among the layers.
    fn passive_objects(&mut self, config: &mut Value) -> Attempt<()> {
        let inner = py::popping(py::item_mut(config, "config")?)?;
        for (key, item) in inner.iter_mut() {
            let is_passive = item.get("__passive_serialization__").is_some();
            if key == "name" || !is_passive {
                continue;
            }
            if item.get("class_name").is_none() || item.get("config").is_none() {
                let shown = python::repr(item);
                return Err(Stop::raised("ValueError", improper(&shown)));
            }
            self.legacy_class(item, "config_item")?;
            return Err(Stop::unknown(format!("`{key}` holds a layer, which isn't followed here")));
        }
        Ok(())
    }
}

fn convert_lambda(config: &mut Map<String, Value>) -> Attempt<()> {
    for name in LAMBDA_DROPPED {
        config.shift_remove(name);
    }
    let function = config.get_mut("function").ok_or_else(|| py::key_error("function"))?;
    if let Value::Array(parts) = function {
        let part = |index| parts.get(index).cloned().ok_or_else(py::index_error);
        let code = json!({"code": part(0)?, "defaults": part(1)?, "closure": part(2)?});
        *function = json!({"class_name": "__lambda__", "config": code});
    }
    Ok(())
}

fn a_list(config: &Value) -> String {
    format!(
        "`model_from_config` expects a dictionary, not a list. Received: config={}. Did you meant to use \
         `Sequential.from_config(config)`?",
        python::repr(config)
    )
}

fn no_config(config: &Value) -> String {
    format!(
        "The provided configuration is not a valid Keras configuration. Expected a dictionary containing a 'config' key. \
         Received: config={}",
        python::str(config)
    )
}

fn improper(shown: &str) -> String {
    format!(
        "Improper config format for {shown}. Expecting python dict contains `class_name` and `config` as keys"
    )
}

fn unknown_object(what: &str, name: &str) -> Stop {
    let message = format!(
        "Unknown {what}: '{name}'. Please ensure you are using a `keras.utils.custom_object_scope` and that this object is \
         included in the scope. See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object \
         for details."
    );
    Stop::raised("ValueError", message)
}
