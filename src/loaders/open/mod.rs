//! From a path to the value of `model_config`: what the runtime, its h5py and its HDF5 library say of the file itself.

mod arrays;
pub mod h5py;
mod json;
#[cfg(test)]
mod tests;
mod text;
mod words;

use serde_json::Value;

use super::runtime::Version;
use super::{Attempt, Evidence, Loader, Runtime, Stop};
use crate::archive::Zip;
use crate::hdf5::library;
use h5py::H5;

/// Opens the file.
///
/// # Errors
/// What a runtime says that takes it for something else, or can't open it.
pub fn open(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<()> {
    evidence.kind.as_ref().map_err(|error| Stop::unknown(error.to_string()))?;
    match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => {}
        Loader::TfKeras if runtime.version < [1, 14, 0] => {}
        Loader::TfKeras if runtime.version < THROUGH_PYTHON => ask_whether_hdf5(evidence)?,
        Loader::TfKeras => refuse_archive(evidence, runtime)?,
        Loader::Keras3 => go_by_name(evidence, runtime)?,
    }
    refuse_short_superblock(evidence, runtime)?;
    H5::open(evidence, runtime).map(drop)
}

/// TensorFlow 1.14 to 2.7 take for a SavedModel whatever is not HDF5.
fn ask_whether_hdf5(evidence: &Evidence<'_>) -> Attempt<()> {
    if library::is_hdf5(evidence.source) {
        return Ok(());
    }
    let name = evidence.name;
    Err(Stop::raised(
        "OSError",
        format!("SavedModel file does not exist at: {name}/{{saved_model.pbtxt|saved_model.pb}}"),
    ))
}

/// A `.keras` that is a zip archive is read as one since Keras 2.12; how it goes on is not modelled.
fn refuse_archive(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<()> {
    let reads_archives = runtime.version >= [2, 12, 0];
    match reads_archives && evidence.name.ends_with(".keras") && is_zip(evidence)? {
        true => Err(archive(evidence)),
        false => Ok(()),
    }
}

/// Keras 3 decides by the name alone what a file is.
fn go_by_name(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<()> {
    let name = evidence.name;
    if name.ends_with(".h5") || name.ends_with(".hdf5") {
        return Ok(());
    }
    if !name.ends_with(".keras") {
        return Err(Stop::raised("ValueError", unsupported(name, runtime)));
    }
    if is_zip(evidence)? {
        return Err(archive(evidence));
    }
    let hint = "Please ensure the file is an accessible `.keras` zip file.";
    Err(Stop::raised("ValueError", format!("File not found: filepath={name}. {hint}")))
}

/// What comes of an archive: without an architecture, what Python's `zipfile` says.
fn archive(evidence: &Evidence<'_>) -> Stop {
    let has_config = Zip::read(evidence.source).is_ok_and(|zip| zip.entry("config.json").is_some());
    match has_config {
        true => Stop::unknown("loading .keras archives is not modelled"),
        false => Stop::raised("KeyError", "\"There is no item named 'config.json' in the archive\""),
    }
}

/// Whether Python's `zipfile.is_zipfile` says so: there is a directory at the end.
fn is_zip(evidence: &Evidence<'_>) -> Attempt<bool> {
    Zip::read(evidence.source).map(|zip| zip.complete).map_err(|error| Stop::unknown(error.to_string()))
}

/// TensorFlow's Keras reads every file through TensorFlow's own file system, as a Python file.
const THROUGH_PYTHON: Version = [2, 8, 0];
/// Keras 3.14 lists the formats with a comma.
const LIST_OF_FORMATS: Version = [3, 14, 0];
/// Bytes up to which a superblock gives the same words whatever lies behind the end, and those of the longest.
const SUPERBLOCK: std::ops::Range<u64> = 15..104;

/// What Keras 3 says of other names.
fn unsupported(name: &str, runtime: &Runtime) -> String {
    let joint = if runtime.version >= LIST_OF_FORMATS { "," } else { " and" };
    format!(
        "File format not supported: filepath={name}. Keras 3 only supports V3 `.keras` files{joint} legacy H5 format \
         files (`.h5` extension). Note that the legacy SavedModel format is not supported by `load_model()` in Keras 3. \
         In order to reload a TensorFlow SavedModel as an inference-only layer in Keras 3, use \
         `keras.layers.TFSMLayer({name}, call_endpoint='serving_default')` (note that your `call_endpoint` might have a \
         different name)."
    )
}

/// TensorFlow's Keras since 2.8 reads through a Python file, behind whose end there are no zeros but whatever was in memory.
fn refuse_short_superblock(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<()> {
    let by_python = runtime.loader == Loader::TfKeras && runtime.version >= THROUGH_PYTHON;
    let is_short = SUPERBLOCK.contains(&evidence.length);
    match by_python && is_short && library::is_hdf5(evidence.source) {
        true => Err(Stop::unknown("the file ends within its superblock")),
        false => Ok(()),
    }
}

/// The value of `model_config`.
///
/// # Errors
/// What a runtime says where it is missing, can't be read, or is no dictionary in JSON.
pub fn model_config<'e>(evidence: &Evidence<'e>, runtime: &Runtime) -> Attempt<&'e Value> {
    let h5 = H5::open(evidence, runtime)?;
    let text = text::of_config(evidence, runtime, &h5)?;
    json::parse(evidence, runtime, &h5, &text)
}
