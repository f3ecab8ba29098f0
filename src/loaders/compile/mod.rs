//! `training_config`: what compiling a loaded model raises.
//!
//! Every family goes its own way: Keras 1 and 2 and TensorFlow up to 2.1 build losses and metrics while they compile ([`graph`]);
//! TensorFlow from 2.2 on only makes the objects ([`nested`]) and swallows what goes wrong later; Keras 3 does that, too, with a
//! deserialiser of its own ([`keras3`]). Which names there are and which arguments they take is data: [`super::facts`].

mod construct;
mod graph;
mod keras3;
mod legacy;
mod nested;
mod optimizer;
mod registered;
mod schedule;
mod shown;
mod state;
mod text;

use serde_json::Value;

use super::facts::Facts;
use super::{Attempt, Evidence, Loader, Runtime, Stop};

/// Compiles the model as `training_config` says, where there is one.
pub fn compile(evidence: &Evidence<'_>, runtime: &'static Runtime) -> Attempt<()> {
    let Some(text) = text::text(evidence, runtime)? else { return Ok(()) };
    let config = text::parse(&text, runtime)?;
    let outputs = evidence.model_config.and_then(outputs);
    Compiling::new(runtime, outputs)?.compile(&config)?;
    state::load(evidence, runtime)
}

/// What compiling depends on, beside `training_config`.
struct Compiling {
    runtime: &'static Runtime,
    facts: &'static Facts,
    /// Names of the model's outputs; None where the config doesn't tell.
    outputs: Option<Vec<String>>,
}

impl Compiling {
    fn new(runtime: &'static Runtime, outputs: Option<Vec<String>>) -> Attempt<Compiling> {
        let facts = Facts::of(runtime.facts);
        let facts = facts.ok_or_else(|| Stop::unknown("nobody has asked this runtime what it compiles"))?;
        Ok(Compiling { runtime, facts, outputs })
    }

    /// Everything up to the optimizer's state.
    fn compile(&self, config: &Value) -> Attempt<()> {
        match self.runtime.loader {
            Loader::Keras1 | Loader::Keras2 => graph::compile(self, config),
            Loader::TfKeras if self.runtime.version < [2, 2, 0] => graph::compile(self, config),
            Loader::TfKeras => nested::compile(self, config),
            Loader::Keras3 => keras3::compile(self, config),
        }
    }

    fn outputs(&self) -> Attempt<&[String]> {
        self.outputs
            .as_deref()
            .ok_or_else(|| Stop::unknown("the names of the model's outputs are not in its config"))
    }
}

/// Names of a model's outputs as Keras has them: those of its output layers, or of the last layer of a Sequential.
fn outputs(model_config: &Value) -> Option<Vec<String>> {
    let config = model_config.get("config")?;
    let Some(nodes) = config.get("output_layers") else {
        let layers = config.get("layers").unwrap_or(config).as_array()?;
        return Some(vec![layers.last()?.get("config")?.get("name")?.as_str()?.to_string()]);
    };
    let nodes = nodes.as_array()?;
    // Keras 3 writes a single node without a list around it.
    let one = nodes.first().filter(|first| first.is_string()).and_then(Value::as_str);
    if let Some(name) = one {
        return Some(vec![name.to_string()]);
    }
    nodes.iter().map(|node| Some(node.as_array()?.first()?.as_str()?.to_string())).collect()
}

#[cfg(test)]
mod tests;
