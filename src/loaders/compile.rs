//! `training_config`: what compiling a loaded model raises.

use super::{Attempt, Evidence, Runtime, Stop};

/// Compiles the model as `training_config` says, where there is one.
pub fn compile(evidence: &Evidence<'_>, _: &Runtime) -> Attempt<()> {
    match evidence.training_config {
        None => Ok(()),
        Some(_) => Err(Stop::unknown("not modelled")),
    }
}
