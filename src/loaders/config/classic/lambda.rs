//! Lambda layers, whose functions are unmarshalled before anything else happens to them.

use serde_json::{Map, Value};

use super::{Builder, key};
use crate::loaders::facts::{Answer, Identifier, Kind, Named};
use crate::loaders::marshal::unmarshal;
use crate::loaders::{Attempt, Stop};

impl Builder<'_> {
    /// Makes the functions of a Lambda.
    pub(super) fn lambda(&self, config: &Value) -> Attempt<()> {
        let Value::Object(arguments) = config else { return Ok(()) };
        let kind = key(config, "function_type")?.as_str();
        self.function(key(config, "function")?, kind)?;
        self.further(arguments, "output_shape")?;
        self.further(arguments, "mask")
    }

    fn further(&self, arguments: &Map<String, Value>, name: &str) -> Attempt<()> {
        let kind = arguments.get(&format!("{name}_type")).and_then(Value::as_str);
        match (arguments.get(name), kind) {
            (Some(value), Some("lambda" | "function")) => self.function(value, kind),
            _ => Ok(()),
        }
    }

    fn function(&self, value: &Value, kind: Option<&str>) -> Attempt<()> {
        let code = value.as_array().and_then(|parts| parts.first()).unwrap_or(value).as_str();
        match (kind, code) {
            (Some("lambda"), Some(code)) => unmarshal(code, self.runtime),
            (Some("function"), Some(name)) => self.named_function(name),
            _ => Err(Stop::unknown("the function of a Lambda isn't known")),
        }
    }

    /// A function that is saved by its name can only be one that the person hands over, or one of Keras' own.
    fn named_function(&self, name: &str) -> Attempt<()> {
        if let Some(Named::Function(_)) = self.facts.find(Kind::Activations, name) {
            return Err(Stop::unknown(format!("whether the runtime has the function {name} isn't known")));
        }
        match self.facts.unknown(Kind::Activations, Identifier::Text) {
            Some(Answer::Raises(refusal)) => {
                let mut raised = refusal.filled(&[("name", name)]);
                raised.message = raised.message.replace("activation function", "function in Lambda layer");
                Err(Stop::Raised(raised))
            }
            Some(Answer::Returns(_)) | None => Err(Stop::unknown("the function of a Lambda isn't known")),
        }
    }
}
