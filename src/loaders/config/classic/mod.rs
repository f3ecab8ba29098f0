//! How Keras 1, Keras 2 and the Keras inside TensorFlow make a model of a config: from the outside in, every layer of a model
//! before the first of them is called.

mod calls;
mod lambda;
mod layer;
mod objects;
mod values;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{Template, order};
use crate::keras::ModelFile;
use crate::limits;
use crate::loaders::facts::{Answer, Facts, Identifier, Kind, Refusal};
use crate::loaders::{Attempt, Evidence, Loader, Runtime, Stop, python};

/// The model that a config becomes.
pub fn deserialize(evidence: &Evidence<'_>, runtime: &Runtime, config: &Value) -> Attempt<Template> {
    let facts = Facts::of(runtime.facts).ok_or_else(|| Stop::unknown("nothing is known of this runtime"))?;
    let network = evidence.model.and_then(|model| model.as_ref().ok()).and_then(ModelFile::network);
    Builder { runtime, facts }.layer(config, 0)?;
    callable(evidence)?;
    let network = network.ok_or_else(|| Stop::unknown("the architecture can't be followed"))?;
    Ok(order::template(network, ""))
}

/// Whether every layer can be called on what flows into it; what a runtime says where one can't is not known.
fn callable(evidence: &Evidence<'_>) -> Attempt<()> {
    let Some(structure) = evidence.structure else { return Ok(()) };
    match structure.shapes.errors.first() {
        None => Ok(()),
        Some((leaf, error)) => {
            let path = structure.graph.leaves.get(*leaf).map_or("a layer", |leaf| leaf.path.as_str());
            Err(Stop::unknown(format!("it raises when {path} is called: {error}")))
        }
    }
}

/// Makes layers and models of their configs.
struct Builder<'a> {
    runtime: &'a Runtime,
    facts: &'static Facts,
}

/// What a value of a config is for: `{"class_name": "Conv2D", "config": {…}}`.
struct Serialized<'v> {
    class: &'v str,
    config: &'v Value,
}

impl Builder<'_> {
    /// Makes a layer or model, with so many models around it.
    fn layer(&self, value: &Value, depth: usize) -> Attempt<()> {
        if depth > limits::MAX_NESTING {
            return Err(Stop::unknown("models are nested too deeply to be followed"));
        }
        let Serialized { class, config } = self.serialized(value, Kind::Layers)?;
        let is_model = match self.runtime.loader {
            Loader::Keras1 => ["Model", "Container"].contains(&class),
            Loader::Keras2 | Loader::TfKeras | Loader::Keras3 => ["Model", "Functional"].contains(&class),
        };
        if class != "Sequential" && !(is_model && self.runtime.loader == Loader::Keras1) {
            self.known(class, Kind::Layers, value)?;
        }
        match class {
            "Sequential" => self.sequential(config, depth),
            _ if is_model => self.functional(config, depth),
            _ => self.leaf(class, config),
        }
    }

    /// The class and arguments of a serialised object.
    fn serialized<'v>(&self, value: &'v Value, kind: Kind) -> Attempt<Serialized<'v>> {
        let map = value.as_object();
        let (class, config) =
            (map.and_then(|map| map.get("class_name")), map.and_then(|map| map.get("config")));
        match (class, config) {
            (Some(Value::String(class)), Some(config)) => Ok(Serialized { class, config }),
            (Some(_), Some(_)) => Err(Stop::unknown("a class_name is not text")),
            (None, _) | (_, None) => Err(self.improper(value, kind)),
        }
    }

    /// What is said to an object without `class_name` or `config`.
    fn improper(&self, value: &Value, kind: Kind) -> Stop {
        let shown = python::repr(value);
        let missing = if value.get("class_name").is_none() { "class_name" } else { "config" };
        match self.runtime.loader {
            Loader::Keras1 if kind == Kind::Layers => Stop::raised("KeyError", python::text(missing)),
            // TensorFlow 1.15 to 2.2 look the class up under its old names first.
            Loader::TfKeras
                if kind == Kind::Layers && self.runtime.version < [2, 3, 0] && missing == "class_name" =>
            {
                Stop::raised("KeyError", python::text(missing))
            }
            Loader::TfKeras if self.runtime.version >= [2, 7, 0] => Stop::raised(
                "ValueError",
                format!(
                    "Improper config format for {shown}. Expecting python dict contains `class_name` and `config` as keys"
                ),
            ),
            Loader::Keras2 | Loader::TfKeras => {
                Stop::raised("ValueError", format!("Improper config format: {shown}"))
            }
            Loader::Keras1 | Loader::Keras3 => Stop::unknown("an object has no class_name"),
        }
    }

    /// Refuses a class that the runtime's table of that kind has not; `whole` is what it stands in.
    fn known(&self, class: &str, kind: Kind, whole: &Value) -> Attempt<()> {
        let identifier = if class.contains('>') { Identifier::Registered } else { Identifier::Class };
        match self.facts.find(kind, class) {
            Some(_) => Ok(()),
            None => Err(self.unknown(class, kind, identifier, whole)),
        }
    }

    /// What is said to a name that is not in the table of its kind.
    fn unknown(&self, name: &str, kind: Kind, identifier: Identifier, whole: &Value) -> Stop {
        /// The name that was tried, with a package in front.
        const TRIED: &str = "Custom>{name}";
        let shown = python::repr(whole);
        match self.facts.unknown(kind, identifier) {
            Some(Answer::Raises(refusal)) if refusal.message.contains(TRIED) => {
                let message = refusal.message.replace(TRIED, "{name}");
                Stop::Raised(
                    Refusal { message, ..refusal.clone() }.filled(&[("name", name), ("config", &shown)]),
                )
            }
            Some(Answer::Raises(refusal)) => {
                let plain = name.strip_prefix("Custom>").unwrap_or(name);
                Stop::Raised(refusal.filled(&[("name", plain), ("config", &shown)]))
            }
            Some(Answer::Returns(_)) | None => Stop::unknown(format!("{name} is not known there")),
        }
    }

    /// A model with `layers`, `input_layers` and `output_layers`.
    fn functional(&self, config: &Value, depth: usize) -> Attempt<()> {
        let layers = array(config, "layers")?;
        for entry in layers {
            key(entry, "name")?;
            self.layer(entry, depth + 1)?;
            key(entry, "inbound_nodes")?;
        }
        self.calls(config, layers)
    }

    /// A list of layers: up to Keras 2.2.2 the config itself, since then its `layers`.
    fn sequential(&self, config: &Value, depth: usize) -> Attempt<()> {
        let has_list = self.runtime.loader == Loader::Keras1
            || self.runtime.loader == Loader::Keras2 && self.runtime.version < [2, 2, 3];
        let layers = match config {
            Value::Array(layers) => layers,
            Value::Object(_) if has_list => return Err(Stop::raised("KeyError", "0")),
            Value::Object(map) if map.contains_key("name") => array(config, "layers")?,
            _ => return Err(Stop::unknown("a Sequential's config has no list of layers")),
        };
        for entry in layers {
            self.layer(entry, depth + 1)?;
            self.call(entry)?;
        }
        Ok(())
    }
}

/// A key that must be there.
fn key<'v>(value: &'v Value, name: &str) -> Attempt<&'v Value> {
    match value {
        Value::Object(map) => map.get(name).ok_or_else(|| Stop::raised("KeyError", python::text(name))),
        _ => Err(Stop::unknown(format!("what should have {name} is no object"))),
    }
}

fn array<'v>(value: &'v Value, name: &str) -> Attempt<&'v Vec<Value>> {
    key(value, name)?.as_array().ok_or_else(|| Stop::unknown(format!("{name} is no list")))
}

/// The arguments of a layer.
fn arguments(config: &Value) -> Attempt<&Map<String, Value>> {
    config.as_object().ok_or_else(|| Stop::unknown("the arguments of a layer are no object"))
}
