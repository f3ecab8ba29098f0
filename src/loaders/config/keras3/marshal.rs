//! Lambda layers: refused since 3.11.3; before, their code is unmarshalled by the Python that runs Keras.

use serde_json::{Map, Value};

use super::Keras;
use super::graph::LayerId;
use super::py;
use crate::loaders::facts::Class;
use crate::loaders::marshal::unmarshal;
use crate::loaders::{Attempt, Stop};

/// What Keras says to a Lambda that is a Python lambda.
const REFUSED: &str = "Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda. This carries a \
                       potential risk of arbitrary code execution and thus it is disallowed by default. If you trust the \
                       source of the artifact, you can override this error by passing `safe_mode=False` to the loading \
                       function, or calling `keras.config.enable_unsafe_deserialization().";

impl Keras<'_> {
    /// `Lambda.from_config`
    pub fn lambda(&mut self, class: &'static Class, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        let function = config.get("function").ok_or_else(|| py::key_error("function"))?.clone();
        self.function(&function)?;
        if let Some(shape) = config.get("output_shape").filter(|shape| is_lambda(shape)).cloned() {
            self.function(&shape)?;
        }
        let layer = self.construct(class, config.clone())?;
        self.layers[layer].weights = Some(Vec::new());
        // Calling it runs its code, which may make tensors of its own.
        self.sure_of_names = false;
        Ok(layer)
    }

    fn function(&self, function: &Value) -> Attempt<()> {
        if !is_lambda(function) {
            return self.plain_function(function);
        }
        if self.since([3, 11, 3]) {
            return Err(Stop::raised("ValueError", REFUSED));
        }
        let config = py::item(function, "config")?;
        let code = py::item(config, "code")?;
        let Some(code) = code.as_str() else {
            return Err(Stop::unknown("a Lambda's code is no text"));
        };
        unmarshal(code, self.runtime)
    }

    fn plain_function(&self, function: &Value) -> Attempt<()> {
        match function {
            // A name stays a name, which `inspect.getfullargspec` refuses.
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
                Err(Stop::raised("TypeError", "unsupported callable"))
            }
            Value::Array(_) | Value::Object(_) => Err(Stop::unknown("the function of a Lambda isn't known")),
        }
    }
}

fn is_lambda(function: &Value) -> bool {
    function.get("class_name").and_then(Value::as_str) == Some("__lambda__")
}
