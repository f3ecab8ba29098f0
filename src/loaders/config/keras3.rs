//! How Keras 3 makes a model of a legacy config: it makes every layer, then calls the layers on each other as the config says,
//! which builds them. This does the same with shapes only, in the same order, up to what raises.
//!
//! Read in the sources of Keras 3.0.5 to 3.15.1: `legacy/saving/saving_utils.py`, `legacy/saving/serialization.py`,
//! `saving/serialization_lib.py`, `models/functional.py`, `models/sequential.py`, `ops/operation.py`, `ops/function.py`,
//! `layers/layer.py` and the layers. A version in a comparison is the first that has the change.

mod build;
mod call;
mod convolution;
mod functional;
mod graph;
mod legacy;
mod make;
mod marshal;
mod merge;
mod modules;
mod objects;
mod order;
mod parts;
mod pooling;
mod py;
mod replay;
mod sequential;
mod shape;
mod spec;
mod values;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use super::Template;
use super::template::Slot;
use crate::loaders::facts::Facts;
use crate::loaders::runtime::Version;
use crate::loaders::{Attempt, Evidence, Runtime, Stop};
use graph::{Functional, Layer, LayerId, Model, Node, Tensor};

/// The model that a config becomes.
pub fn deserialize(_: &Evidence<'_>, runtime: &Runtime, config: &Value) -> Attempt<Template> {
    let Some(facts) = Facts::of(runtime.facts) else {
        return Err(Stop::unknown(format!("the classes of {} are not recorded", runtime.name)));
    };
    let mut keras = Keras::new(runtime, facts);
    let model = keras.model_from_config(&mut config.clone())?;
    keras.template_of(model)
}

/// A running Keras: all layers, calls and tensors that it has made so far.
struct Keras<'r> {
    runtime: &'r Runtime,
    facts: &'static Facts,
    layers: Vec<Layer>,
    nodes: Vec<Node>,
    tensors: Vec<Tensor>,
    /// How often each automatic name was given.
    names: HashMap<String, usize>,
    /// Whether `names` is what the runtime would have: not once something happened that isn't followed here.
    sure_of_names: bool,
}

impl<'r> Keras<'r> {
    fn new(runtime: &'r Runtime, facts: &'static Facts) -> Keras<'r> {
        Keras {
            runtime,
            facts,
            layers: Vec::new(),
            nodes: Vec::new(),
            tensors: Vec::new(),
            names: HashMap::new(),
            sure_of_names: true,
        }
    }

    /// Whether this version is at least that.
    fn since(&self, version: Version) -> bool {
        self.runtime.version >= version
    }

    /// `auto_name(prefix)`: the first is called by the prefix itself.
    fn auto_name(&mut self, prefix: &str) -> String {
        let given = self.names.entry(prefix.to_string()).or_insert(0);
        *given += 1;
        match *given {
            1 => prefix.to_string(),
            more => format!("{prefix}_{}", more - 1),
        }
    }

    /// The model as the weights are assigned to it.
    fn template_of(&self, model: LayerId) -> Attempt<Template> {
        let layer = &self.layers[model];
        if layer.model.is_none() {
            let message = format!("'{}' object has no attribute 'layers'", layer.class_name());
            return Err(Stop::raised("AttributeError", message));
        }
        Ok(self.template(model, ""))
    }

    fn template(&self, model: LayerId, prefix: &str) -> Template {
        let layer = &self.layers[model];
        Template {
            name: layer.name.clone(),
            sequential: matches!(layer.model, Some(Model::Sequential(_))),
            layers: self.model_layers(model).into_iter().map(|inner| self.slot(inner, prefix)).collect(),
        }
    }

    fn slot(&self, id: LayerId, prefix: &str) -> Slot {
        let layer = &self.layers[id];
        let path = format!("{prefix}{}", layer.name);
        Slot {
            name: layer.name.clone(),
            class: layer.class_name().to_string(),
            inner: layer.model.is_some().then(|| self.template(id, &format!("{path}/"))),
            trainable: layer.argument("trainable") != &Value::Bool(false),
            weights: if layer.built { layer.weights.clone() } else { Some(Vec::new()) },
            path,
        }
    }

    /// `model.layers`
    fn model_layers(&self, model: LayerId) -> Vec<LayerId> {
        match &self.layers[model].model {
            Some(Model::Functional(Functional { operations, .. })) => {
                operations.iter().copied().filter(|id| self.layers[*id].class.is_some()).collect()
            }
            Some(Model::Sequential(stack)) => {
                stack.layers.iter().copied().filter(|id| !self.layers[*id].is_input()).collect()
            }
            None => Vec::new(),
        }
    }
}
