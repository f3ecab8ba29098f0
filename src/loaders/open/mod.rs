//! From a path to the value of `model_config`: what the runtime, its h5py and its HDF5 library say of the file itself.

pub mod h5py;

use serde_json::Value;

use super::{Attempt, Evidence, Runtime, Stop};

/// Opens the file.
pub fn open(evidence: &Evidence<'_>, _: &Runtime) -> Attempt<()> {
    match evidence.file {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) | None => Err(Stop::unknown("not modelled")),
    }
}

/// The value of `model_config`.
pub fn model_config<'e>(evidence: &Evidence<'e>, _: &Runtime) -> Attempt<&'e Value> {
    evidence.model_config.ok_or_else(|| Stop::unknown("not modelled"))
}
