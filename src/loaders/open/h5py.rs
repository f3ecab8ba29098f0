//! A file as h5py of a runtime shows it: its objects and attributes, or the exception with h5py's and HDF5's own words.

use super::{Attempt, Evidence, Runtime, Stop};
use crate::hdf5::{self, Attribute, Error};
use crate::loaders::{Raised, python};

/// A file as h5py of a runtime shows it.
#[derive(Clone, Copy)]
pub struct H5<'e> {
    file: &'e hdf5::File,
    runtime: &'e Runtime,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `h5py.Group`
    Group,
    /// `h5py.Dataset`
    Dataset,
}

/// The value of an attribute as Python gets it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One string.
    Text(Text),
    /// An array of strings.
    Texts(Vec<Text>),
    /// Anything else: numbers, or nothing. The number of its elements.
    Other(u64),
}

/// A string as Python gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// `bytes`, `numpy.bytes_`; Python 2's `str`. It has `decode`.
    Bytes(Vec<u8>),
    /// `str`, which in Python 3 has no `decode`; Python 2's `unicode`.
    Str(String),
}

impl<'e> H5<'e> {
    /// The file of the evidence.
    ///
    /// # Errors
    /// When it is not open.
    pub fn of(evidence: &Evidence<'e>, runtime: &'e Runtime) -> Attempt<H5<'e>> {
        match evidence.file {
            Some(Ok(file)) => Ok(H5 { file, runtime }),
            Some(Err(_)) | None => Err(Stop::unknown("the file is no HDF5 that can be read here")),
        }
    }

    /// `file[group][name]`; `name` may be a path of its own.
    ///
    /// # Errors
    /// The `KeyError` for what is not there or damaged.
    pub fn item(&self, group: &str, name: &str) -> Attempt<Item> {
        let root = self.file.group(group).map_err(|error| self.stop(error, name))?;
        match root.group(name) {
            Ok(_) => return Ok(Item::Group),
            Err(Error::Missing(_)) => {}
            Err(error) => return Err(self.stop(error, name)),
        }
        root.dataset(name).map(|_| Item::Dataset).map_err(|error| self.stop(error, name))
    }

    /// `name in file[group]`
    ///
    /// # Errors
    /// The `RuntimeError` where the listing of the group is damaged.
    pub fn contains(&self, group: &str, name: &str) -> Attempt<bool> {
        match self.item(group, name) {
            Ok(_) => Ok(true),
            Err(Stop::Raised(_)) => Ok(false),
            Err(stop) => Err(stop),
        }
    }

    /// `file[path].attrs[name]`
    ///
    /// # Errors
    /// The `KeyError` for one that is not there, the `OSError` for one that can't be read.
    pub fn attribute(&self, path: &str, name: &str) -> Attempt<Value> {
        let group = self.file.group(path).map_err(|error| self.stop(error, path))?;
        match group.attribute(name) {
            Ok(Attribute::Text(text)) => Ok(Value::Text(Text::Bytes(text.into_bytes()))),
            Ok(Attribute::Texts(texts)) => {
                Ok(Value::Texts(texts.into_iter().map(|text| Text::Bytes(text.into_bytes())).collect()))
            }
            Ok(Attribute::Other(count)) => Ok(Value::Other(count)),
            Err(Error::Missing(_)) => Err(Stop::Raised(missing_attribute(self.runtime, name))),
            Err(error) => Err(self.stop(error, name)),
        }
    }

    /// `name in file[path].attrs`
    ///
    /// # Errors
    /// Where the attributes are damaged.
    pub fn has_attribute(&self, path: &str, name: &str) -> Attempt<bool> {
        match self.attribute(path, name) {
            Ok(_) => Ok(true),
            Err(Stop::Raised(_)) => Ok(false),
            Err(stop) => Err(stop),
        }
    }

    /// `np.asarray(file[path])`: whether the numbers of a dataset can be had.
    ///
    /// # Errors
    /// The `OSError` where they can't be read, the `MemoryError` where they are too many.
    pub fn read(&self, path: &str) -> Attempt<()> {
        self.file.group("").and_then(|root| root.dataset(path)).map(|_| ()).map_err(|e| self.stop(e, path))
    }

    /// Keras 3.12's `safe_get_h5_group(file[group], name)`; before that version [`H5::item`].
    ///
    /// # Errors
    /// The `ValueError` for links that lead elsewhere, the `KeyError` for what is not there.
    pub fn keras3_group(&self, group: &str, name: &str) -> Attempt<()> {
        self.item(group, name).map(|_| ())
    }

    /// Keras 3.12's `safe_get_h5_dataset(file[group], name)`; before that version [`H5::item`].
    ///
    /// # Errors
    /// The same, and the `ValueError` for numbers in other files and for shapes without numbers.
    pub fn keras3_dataset(&self, group: &str, name: &str) -> Attempt<()> {
        self.item(group, name).map(|_| ())
    }

    fn stop(&self, error: Error, name: &str) -> Stop {
        match error {
            Error::Missing(_) => Stop::Raised(missing(self.runtime, name)),
            Error::Damaged(why) | Error::Unsupported(why) | Error::TooLarge(why) => Stop::Unknown(why),
        }
    }
}

/// Since HDF5 1.14 the words of its functions tell the synchronous from the asynchronous ones.
fn synchronously(runtime: &Runtime) -> &'static str {
    if runtime.hdf5 >= [1, 14, 0] { "synchronously " } else { "" }
}

/// `KeyError` for an object that is not in its group.
pub fn missing(runtime: &Runtime, name: &str) -> Raised {
    let said = format!("Unable to {}open object (object '{name}' doesn't exist)", synchronously(runtime));
    Raised::new("KeyError", python::text(&said))
}

/// `KeyError` for an attribute that is not there.
pub fn missing_attribute(runtime: &Runtime, name: &str) -> Raised {
    let start = if runtime.hdf5 >= [1, 14, 0] { "Unable to synchronously" } else { "Can't" };
    Raised::new(
        "KeyError",
        python::text(&format!("{start} open attribute (can't locate attribute: '{name}')")),
    )
}
