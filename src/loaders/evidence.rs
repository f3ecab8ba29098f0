//! What is known of the file whose loading is predicted.

use serde_json::Value;

use crate::hdf5;
use crate::keras::ModelFile;
use crate::plan::Structure;
use crate::sniff::Kind;
use crate::source::{ByteSource, ReadError};

/// What is known of a file, as far as loading it goes.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// Its name, without folders.
    pub name: &'a str,
    /// Length in bytes.
    pub length: u64,
    /// Its bytes.
    pub source: &'a dyn ByteSource,
    /// What it is.
    pub kind: &'a Result<Kind, ReadError>,
    /// The file as HDF5, or why it can't be opened; absent where it is none.
    pub file: Option<&'a Result<hdf5::File, hdf5::Error>>,
    /// The Keras file in it, or why there is none.
    pub model: Option<&'a Result<ModelFile, hdf5::Error>>,
    /// The architecture, opened, with the weights it must have.
    pub structure: Option<&'a Structure<'a>>,
    /// The value of `model_config`, where it is JSON.
    pub model_config: Option<&'a Value>,
    /// The value of `training_config`, where it is JSON.
    pub training_config: Option<&'a Value>,
}
