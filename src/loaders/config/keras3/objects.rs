//! Initializers, regularizers, constraints, activations and precision policies among the arguments of layers.

use serde_json::{Map, Value, json};

use super::Keras;
use super::make;
use super::modules::{explained, shown_class};
use super::py;
use crate::loaders::facts::{Class, Kind, Named};
use crate::loaders::{Attempt, Stop, python};

/// Element types that Keras knows.
const DTYPES: [&str; 17] = [
    "bfloat16",
    "bool",
    "complex128",
    "complex64",
    "float16",
    "float32",
    "float64",
    "float8_e4m3fn",
    "float8_e5m2",
    "int16",
    "int32",
    "int64",
    "int8",
    "string",
    "uint16",
    "uint32",
    "uint64",
];

impl Keras<'_> {
    /// `initializers.get(identifier)` and its like: whether there is such an object, and what making it raises.
    pub fn object(&mut self, kind: Kind, identifier: &Value) -> Attempt<()> {
        match identifier {
            Value::Null => Ok(()),
            Value::String(name) => self.named_object(kind, name),
            Value::Object(config) => self.configured_object(kind, config),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(not_interpreted(kind, identifier)),
        }
    }

    fn named_object(&mut self, kind: Kind, name: &str) -> Attempt<()> {
        match self.facts.find(kind, name) {
            Some(Named::Function(_)) => Ok(()),
            Some(Named::Class(class)) => self.make_object(kind, class, &Value::Object(Map::new())),
            // A dictionary is made of an initializer's name first, and that comes back as the name.
            Some(Named::Other) | None => Err(not_interpreted(kind, &Value::from(name))),
        }
    }

    fn configured_object(&mut self, kind: Kind, config: &Map<String, Value>) -> Attempt<()> {
        let whole = Value::Object(config.clone());
        if kind == Kind::Activations && self.since([3, 10, 0]) {
            return self.activation_object(config);
        }
        let Some(name) = config.get("class_name") else {
            let message = format!("Unknown `config` as a `dict`, config={}", python::repr(&whole));
            return Err(Stop::raised("ValueError", message));
        };
        let name = python::str(name);
        if name == "function" {
            return self.function_object(kind, config);
        }
        if config.get("module").is_some_and(Value::is_null) {
            return Err(Stop::raised("TypeError", unregistered(&name)));
        }
        match self.facts.find(kind, &name) {
            Some(Named::Class(class)) => {
                self.make_object(kind, class, config.get("config").unwrap_or(&Value::Null))
            }
            Some(Named::Function(_)) => Ok(()),
            Some(Named::Other) | None => Err(not_interpreted(kind, &whole)),
        }
    }

    /// `{"class_name": "function", …}`
    fn function_object(&mut self, kind: Kind, config: &Map<String, Value>) -> Attempt<()> {
        let module = config.get("module").ok_or_else(|| py::key_error("module"))?;
        let key = if module.as_str() == Some("builtins") { "config" } else { "registered_name" };
        let name = config.get(key).ok_or_else(|| py::key_error(key))?;
        match name.as_str().and_then(|name| self.facts.find(kind, name)) {
            Some(Named::Class(_) | Named::Function(_)) => Ok(()),
            Some(Named::Other) | None => Err(not_interpreted(kind, &Value::Object(config.clone()))),
        }
    }

    /// An activation with a config, which later versions deserialise like a layer.
    fn activation_object(&mut self, config: &Map<String, Value>) -> Attempt<()> {
        let whole = Value::Object(config.clone());
        let (Some(name), Some(inner)) = (config.get("class_name"), config.get("config")) else {
            return Err(not_interpreted(Kind::Activations, &whole));
        };
        if name.as_str() != Some("function") {
            let mut whole = whole;
            let layer = self.deserialize_module(&mut whole)?;
            return if self.layers[layer].class.is_some() {
                Ok(())
            } else {
                Err(not_interpreted(Kind::Activations, &whole))
            };
        }
        match inner.as_str().and_then(|name| self.facts.find(Kind::Activations, name)) {
            Some(Named::Class(_) | Named::Function(_)) => Ok(()),
            Some(Named::Other) | None => Err(self.function_not_found(inner, &whole)),
        }
    }

    fn function_not_found(&self, name: &Value, config: &Value) -> Stop {
        let advice = if self.since([3, 12, 0]) {
            "Make sure custom classes and functions are decorated with \
             `@keras.saving.register_keras_serializable()`. If they are already decorated, make sure they are all imported so \
             that the decorator is run before trying to load them."
        } else {
            "Make sure custom classes are decorated with `@keras.saving.register_keras_serializable()`."
        };
        let (name, config) = (python::str(name), python::repr(config));
        Stop::raised(
            "TypeError",
            format!("Could not locate function '{name}'. {advice} Full object config: {config}"),
        )
    }

    /// Makes an object of a class that was found under a name.
    fn make_object(&self, kind: Kind, class: &'static Class, inner: &Value) -> Attempt<()> {
        let empty = Map::new();
        let given = match inner {
            Value::Null => &empty,
            Value::Object(given) => given,
            other => return Err(no_config(kind, class, other)),
        };
        let unknown: Map<String, Value> = given
            .iter()
            .filter(|(name, _)| class.takes(name) == Some(false))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let made = make::refuse(class, &unknown).and_then(|()| make::refuse_missing(class, given));
        made.map_err(|stop| explained(stop, &shown_class(class), &public(kind, class, inner)))
    }

    /// `dtype_policies.get(identifier)`: the types that a layer computes in and has its weights in.
    pub fn policy(&mut self, identifier: &Value) -> Attempt<(String, String)> {
        let name = match identifier {
            Value::Null => "float32".to_string(),
            Value::String(name) => name.clone(),
            Value::Object(_) if self.since([3, 4, 0]) => self.policy_of_config(identifier)?,
            Value::Object(_) if self.since([3, 3, 0]) && !is_dtype_policy(identifier) => {
                // The name of the class comes back, on which the first call stumbles.
                return Err(Stop::unknown(
                    "what Keras 3.3 makes of another kind of policy isn't followed here",
                ));
            }
            Value::Object(_) => self.policy_of_module(identifier)?,
            other => {
                let message = format!(
                    "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. Received: dtype={}",
                    python::str(other)
                );
                return Err(Stop::raised("ValueError", message));
            }
        };
        policy_of_name(&name, if self.since([3, 1, 0]) { "float dtype" } else { "dtype" })
    }

    /// The name of a policy that is given by its config.
    pub fn policy_of_config(&self, config: &Value) -> Attempt<String> {
        let Some(class) = config.get("class_name") else {
            let message = format!("Unknown `config` as a `dict`, config={}", python::repr(config));
            return Err(Stop::raised("ValueError", message));
        };
        let class = python::str(class);
        if config.get("module").is_some_and(Value::is_null) {
            return Err(Stop::raised("TypeError", unregistered(&class)));
        }
        match class.as_str() {
            "DTypePolicy" | "FloatDTypePolicy" => Ok(named_policy(config)),
            "DTypePolicyMap" | "QuantizedDTypePolicy" | "QuantizedFloat8DTypePolicy" => {
                Err(Stop::unknown("quantized layers aren't followed here"))
            }
            // The name of the class itself comes back, and no policy.
            _ => Err(Stop::raised("AttributeError", "'str' object has no attribute 'quantization_mode'")),
        }
    }

    /// The same before 3.4, which goes by the module.
    fn policy_of_module(&self, config: &Value) -> Attempt<String> {
        let module = config.get("module").and_then(Value::as_str).unwrap_or("");
        let class = python::str(config.get("class_name").unwrap_or(&Value::Null));
        match (module, class.as_str()) {
            ("keras", "DTypePolicy" | "FloatDTypePolicy") => Ok(named_policy(config)),
            ("keras.mixed_precision", "DTypePolicy" | "Policy") => Ok(named_policy(config)),
            ("", _) => Err(self.function_not_found(&Value::from(class), config).of_class()),
            _ => Err(Stop::unknown(format!("what becomes of the policy {module}.{class} isn't known"))),
        }
    }

    /// `backend.standardize_dtype`
    pub fn standard_dtype(&self, dtype: &Value) -> Attempt<String> {
        match dtype {
            Value::Null => Ok("float32".to_string()),
            Value::String(name) if is_dtype(name) => Ok(name.clone()),
            other => Err(Stop::raised("ValueError", format!("Invalid dtype: {}", python::str(other)))),
        }
    }
}

impl Stop {
    /// The same said of a class.
    fn of_class(self) -> Stop {
        match self {
            Stop::Raised(raised) => {
                Stop::raised(&raised.exception, raised.message.replacen("locate function", "locate class", 1))
            }
            unknown => unknown,
        }
    }
}

/// Whether a policy's config is of Keras 3's own classes: `DTypePolicy`, `FloatDTypePolicy`.
fn is_dtype_policy(config: &Value) -> bool {
    config.get("class_name").and_then(Value::as_str).is_some_and(|class| class.ends_with("DTypePolicy"))
}

fn named_policy(config: &Value) -> String {
    let name = config.get("config").and_then(|inner| inner.get("name"));
    name.map_or_else(|| "float32".to_string(), python::str)
}

fn is_dtype(name: &str) -> bool {
    DTYPES.contains(&name) || name == "uint8"
}

fn policy_of_name(name: &str, kind: &str) -> Attempt<(String, String)> {
    match name {
        "mixed_float16" => Ok(("float16".to_string(), "float32".to_string())),
        "mixed_bfloat16" => Ok(("bfloat16".to_string(), "float32".to_string())),
        name if is_dtype(name) => Ok((name.to_string(), name.to_string())),
        name if name.starts_with("int8_from") || name.starts_with("float8_from") => {
            Err(Stop::unknown("quantized layers aren't followed here"))
        }
        name => {
            let message = format!(
                "Cannot convert '{name}' to a mixed precision DTypePolicy. Valid policies include 'mixed_float16', \
                 'mixed_bfloat16', and the name of any {kind} such as 'float32'."
            );
            Err(Stop::raised("ValueError", message))
        }
    }
}

/// The word of a kind in messages.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Initializers => "initializer",
        Kind::Regularizers => "regularizer",
        Kind::Constraints => "constraint",
        Kind::Activations => "activation function",
        Kind::Layers | Kind::ModuleLayers => "layer",
        Kind::Optimizers | Kind::LegacyOptimizers => "optimizer",
        Kind::Losses => "loss",
        Kind::Metrics => "metric",
    }
}

fn not_interpreted(kind: Kind, identifier: &Value) -> Stop {
    let message = format!("Could not interpret {} identifier: {}", word(kind), python::str(identifier));
    Stop::raised("ValueError", message)
}

fn unregistered(class: &str) -> String {
    format!(
        "Cannot deserialize object of type `{class}`. If `{class}` is a custom class, please register it using the \
         `@keras.saving.register_keras_serializable()` decorator."
    )
}

/// The config that Keras makes of a class it has found by name, with the class's public name.
fn public(kind: Kind, class: &Class, inner: &Value) -> Value {
    let (module, name) = public_name(kind, &class.name);
    json!({"module": module, "class_name": name, "config": inner, "registered_name": null})
}

fn public_name(kind: Kind, class: &str) -> (&'static str, String) {
    match (kind, class) {
        (_, "Initializer" | "Regularizer") => ("keras", class.to_string()),
        (Kind::Initializers, _) => ("keras.initializers", class.to_string()),
        (Kind::Regularizers, _) => ("keras.regularizers", class.to_string()),
        (Kind::Constraints, _) => ("keras.constraints", class.to_string()),
        (_, _) => ("keras", class.to_string()),
    }
}

fn no_config(kind: Kind, class: &Class, inner: &Value) -> Stop {
    let message = format!(
        "Expected 'config' to be a dict for {},\ninstead got {}\nFull config: {}",
        class.name,
        py::shown_type(inner),
        python::repr(&public(kind, class, inner))
    );
    Stop::raised("TypeError", message)
}
