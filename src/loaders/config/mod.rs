//! `model_config` → the model that a runtime makes of it, or what it raises on the way.

mod classic;
mod keras3;
mod order;
mod template;

pub use order::template as ordered;
pub use template::{Slot, Template};

use serde_json::Value;

use super::{Attempt, Evidence, Loader, Runtime};

/// The model that `config`, the value of `model_config`, becomes in a runtime.
pub fn deserialize(evidence: &Evidence<'_>, runtime: &Runtime, config: &Value) -> Attempt<Template> {
    match runtime.loader {
        Loader::Keras3 => keras3::deserialize(evidence, runtime, config),
        Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => classic::deserialize(evidence, runtime, config),
    }
}
