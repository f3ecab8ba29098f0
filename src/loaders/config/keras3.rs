//! How Keras 3 makes a model of a legacy config.

use serde_json::Value;

use super::Template;
use crate::loaders::{Attempt, Evidence, Runtime, Stop};

/// The model that a config becomes.
pub fn deserialize(_: &Evidence<'_>, _: &Runtime, _: &Value) -> Attempt<Template> {
    Err(Stop::unknown("not modelled"))
}
