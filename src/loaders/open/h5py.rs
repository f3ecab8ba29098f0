//! A file as h5py of a runtime shows it: its objects and attributes, or the exception with h5py's and HDF5's own words.
//!
//! h5py puts together what the outermost function of HDF5 says and, in parentheses, what the innermost says: see [`super::words`] and
//! [`library`].

use super::words::{Call, missing, missing_attribute};
use super::{Attempt, Evidence, Runtime, Stop};
use crate::hdf5::library::{self, Class, Failure, Library, Link};
use crate::hdf5::{self, Attribute, Error};

/// A file as h5py of a runtime shows it.
pub struct H5<'e> {
    library: Library<'e>,
    /// The same file, for what [`Library`] leaves to the reader.
    pub(super) reader: Option<&'e hdf5::File>,
    pub(super) runtime: &'e Runtime,
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
    /// Anything else: numbers, or nothing. The number of its elements. Keras writes an empty list of names as no numbers.
    Other(u64),
}

/// A string as Python gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// `bytes`, `numpy.bytes_`; Python 2's `str`. It has `decode`.
    Bytes(Vec<u8>),
    /// `str`, which in Python 3 has no `decode`; Python 2's `unicode`. A byte that is no UTF-8 is U+FFFD here and a lone surrogate
    /// in Python.
    Str(String),
}

impl<'e> H5<'e> {
    /// The open file of the evidence.
    ///
    /// # Errors
    /// As [`H5::open`].
    pub fn of(evidence: &Evidence<'e>, runtime: &'e Runtime) -> Attempt<H5<'e>> {
        H5::open(evidence, runtime)
    }

    /// `h5py.File(path, "r")`
    ///
    /// # Errors
    /// The `OSError` for a file that can't be opened; Python 2 calls it `IOError`.
    pub fn open(evidence: &Evidence<'e>, runtime: &'e Runtime) -> Attempt<H5<'e>> {
        let library = Library::open(evidence.source, runtime.hdf5);
        let library = library.map_err(|failure| Call::OpenFile.stop(runtime, failure))?;
        let reader = evidence.file.and_then(|file| file.as_ref().ok());
        Ok(H5 { library, reader, runtime })
    }

    /// `file[group][name]`; `name` may be a path of its own.
    ///
    /// # Errors
    /// The `KeyError` for what is not there or damaged.
    pub fn item(&self, group: &str, name: &str) -> Attempt<Item> {
        let found = self.library.root().and_then(|_| self.address(group, name));
        match found.and_then(|address| self.library.header(address)) {
            Ok(header) if header.is_dataset() => self.check_dataset(group, name).map(|()| Item::Dataset),
            Ok(header) if header.is_group() => Ok(Item::Group),
            Ok(_) => {
                Err(self.stop(Call::OpenObject, Failure::Says("unable to determine object type".into())))
            }
            Err(Failure::Left(why)) => self.item_of_reader(group, name, why),
            Err(failure) => Err(self.stop(Call::OpenObject, failure)),
        }
    }

    fn address(&self, group: &str, name: &str) -> library::Outcome<u64> {
        if name.is_empty() {
            return Err(Failure::Unclear("a member without a name".into()));
        }
        let from = self.address_of(group)?;
        self.library.find(from, name)
    }

    /// Where the header of an object is. What this module's library leaves to the reader the reader must find undamaged.
    fn address_of(&self, path: &str) -> library::Outcome<u64> {
        match self.library.find(self.library.root_address(), path) {
            Err(Failure::Left(why)) => {
                let file = self.sound_reader(why).map_err(|_| Failure::Unclear(why.into()))?;
                file.group(path).map(|group| group.address()).map_err(|_| Failure::Unclear(why.into()))
            }
            found => found,
        }
    }

    /// What the reader finds, where nothing in the file is damaged.
    fn item_of_reader(&self, group: &str, name: &str, why: &str) -> Attempt<Item> {
        let file = self.sound_reader(why)?;
        if name.is_empty() {
            return Err(Stop::unknown(why));
        }
        let root = file.group(group).map_err(|_| Stop::unknown(why))?;
        if root.group(name).is_ok() {
            return Ok(Item::Group);
        }
        match root.dataset(name) {
            Ok(_) => Ok(Item::Dataset),
            Err(Error::Missing(_)) => Err(self.missing_of_reader(&root, name, why)),
            Err(_) => Err(Stop::unknown(why)),
        }
    }

    /// The exception for a path that the reader does not find: which part of it is missing makes the words.
    fn missing_of_reader(&self, root: &hdf5::Group<'_>, name: &str, why: &str) -> Stop {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let Some((last, above)) = parts.split_last() else { return Stop::unknown(why) };
        let folder = above.join("/");
        let is_there = folder.is_empty() || root.group(&folder).is_ok();
        if is_there {
            return Stop::Raised(missing(self.runtime, last));
        }
        self.stop(Call::OpenObject, Failure::Says("component not found".into()))
    }

    /// The reader, where it found no damage at all: only then its word is the library's.
    fn sound_reader(&self, why: &str) -> Attempt<&'e hdf5::File> {
        let sound = |file: &&hdf5::File| file.setbacks().is_empty() && file.inventory().damage.is_empty();
        self.reader.filter(sound).ok_or_else(|| Stop::unknown(why))
    }

    /// Whether a dataset can be opened: the reader must understand its description.
    fn check_dataset(&self, group: &str, name: &str) -> Attempt<()> {
        let why = || Stop::unknown(format!("the description of {name} is damaged or unusual"));
        let file = self.reader.ok_or_else(why)?;
        let found = file.group(group).and_then(|group| group.dataset(name));
        found.map(|_| ()).map_err(|_| why())
    }

    /// `name in file[group]`
    ///
    /// # Errors
    /// The `RuntimeError` where the listing of the group is damaged, a `KeyError` before HDF5 1.10.
    pub fn contains(&self, group: &str, name: &str) -> Attempt<bool> {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let mut path = group.to_string();
        for (index, part) in parts.iter().enumerate() {
            if !self.has_link(&path, part)? {
                return Ok(false);
            }
            if index + 1 < parts.len() && self.item(&path, part)? != Item::Group {
                return Ok(false);
            }
            path = format!("{path}/{part}");
        }
        Ok(true)
    }

    fn has_link(&self, group: &str, name: &str) -> Attempt<bool> {
        match self.link(group, name) {
            Ok(link) => Ok(link.is_some()),
            Err(Failure::Left(why)) => {
                let file = self.sound_reader(why)?;
                let (groups, datasets) =
                    file.group(group).and_then(|group| group.names()).map_err(|_| Stop::unknown(why))?;
                Ok(groups.iter().chain(&datasets).any(|member| member == name))
            }
            Err(failure) => Err(self.stop(Call::HasLink, failure)),
        }
    }

    /// The link of that name in a group.
    pub(super) fn link(&self, group: &str, name: &str) -> library::Outcome<Option<Link>> {
        let address = self.address_of(group)?;
        Ok(self.library.lookup(&self.library.header(address)?, name)?.0)
    }

    /// `file[path].attrs[name]`
    ///
    /// # Errors
    /// The `KeyError` for one that is not there or can't be opened, the `OSError` for one that can't be read.
    pub fn attribute(&self, path: &str, name: &str) -> Attempt<Value> {
        let header = self.header(path)?;
        match self.library.attribute(&header, name) {
            Ok(Some(stored)) => self.value(&stored),
            Ok(None) => Err(Stop::Raised(missing_attribute(self.runtime, name))),
            Err(Failure::Left(why)) => self.attribute_of_reader(path, name, why),
            Err(failure) => Err(self.stop(Call::OpenAttribute, failure)),
        }
    }

    /// `file[path].attrs.get(name)`, for which an attribute that can't be opened is one that is not there.
    ///
    /// # Errors
    /// The `OSError` for one that can't be read.
    pub fn get_attribute(&self, path: &str, name: &str) -> Attempt<Option<Value>> {
        let header = self.header(path)?;
        match self.library.attribute(&header, name) {
            Ok(None) | Err(Failure::Says(_)) => Ok(None),
            Ok(Some(_)) | Err(Failure::Left(_) | Failure::Unclear(_)) => match self.attribute(path, name) {
                Err(Stop::Raised(raised)) if raised.exception == "KeyError" => Ok(None),
                found => found.map(Some),
            },
        }
    }

    /// `name in file[path].attrs`
    ///
    /// # Errors
    /// The `RuntimeError` where the attributes are damaged.
    pub fn has_attribute(&self, path: &str, name: &str) -> Attempt<bool> {
        let header = self.header(path)?;
        match self.library.attribute(&header, name) {
            Ok(found) => Ok(found.is_some()),
            Err(Failure::Left(why)) => match self.attribute_of_reader(path, name, why) {
                Ok(_) => Ok(true),
                Err(Stop::Raised(_)) => Ok(false),
                Err(stop) => Err(stop),
            },
            Err(failure) => Err(self.stop(Call::HasAttribute, failure)),
        }
    }

    /// The header of an object, as it is opened to get at its attributes.
    fn header(&self, path: &str) -> Attempt<library::Header> {
        let header = self.address_of(path).and_then(|address| self.library.header(address));
        let header = header.map_err(|failure| self.stop(Call::OpenObject, failure))?;
        if header.is_dataset() || header.is_group() {
            return Ok(header);
        }
        Err(self.stop(Call::OpenObject, Failure::Says("unable to determine object type".into())))
    }

    fn attribute_of_reader(&self, path: &str, name: &str, why: &str) -> Attempt<Value> {
        let file = self.sound_reader(why)?;
        let group = file.group(path).map_err(|_| Stop::unknown(why))?;
        let is_utf8 = group.is_utf8(name);
        let text = |text: String| self.text(text.into_bytes(), group.is_variable(name), is_utf8);
        match group.attribute(name) {
            Ok(Attribute::Text(one)) => text(one).map(Value::Text),
            Ok(Attribute::Texts(texts)) => {
                texts.into_iter().map(text).collect::<Attempt<_>>().map(Value::Texts)
            }
            Ok(Attribute::Other(count)) => Ok(Value::Other(count)),
            Err(Error::Missing(_)) => Err(Stop::Raised(missing_attribute(self.runtime, name))),
            Err(_) => Err(Stop::unknown(why)),
        }
    }

    fn value(&self, stored: &library::Stored) -> Attempt<Value> {
        let Some(shape) = &stored.shape else { return Ok(Value::Other(0)) };
        let (variable, utf8) = match stored.class {
            Class::Fixed { utf8, .. } => (false, utf8),
            Class::Variable { utf8 } => (true, utf8),
            Class::Whole(..) | Class::Fraction(_) | Class::Other => {
                return Ok(Value::Other(
                    shape.iter().fold(1, |product: u64, axis| product.saturating_mul(*axis)),
                ));
            }
        };
        // HDF5 converts no UTF-8 to ASCII, which h5py asked for before it knew marks on strings of fixed length.
        if utf8 && !variable && self.runtime.h5py < [2, 10, 0] {
            let inner = "no appropriate function for conversion path";
            return Err(self.stop(Call::ReadAttribute, Failure::Says(inner.into())));
        }
        let texts = self.library.texts(stored).map_err(|failure| self.stop(Call::ReadAttribute, failure))?;
        let texts: Attempt<Vec<Text>> =
            texts.into_iter().map(|bytes| self.text(bytes, variable, utf8)).collect();
        let mut texts = texts?;
        match shape.is_empty() {
            true => texts.pop().map(Value::Text).ok_or_else(|| Stop::unknown("an attribute of no elements")),
            false => Ok(Value::Texts(texts)),
        }
    }

    /// h5py 3 decodes strings of variable length, h5py 2 only those marked as UTF-8, and those strictly; fixed ones stay bytes.
    fn text(&self, bytes: Vec<u8>, variable: bool, utf8: bool) -> Attempt<Text> {
        Ok(match variable {
            true if self.runtime.h5py >= [3, 0, 0] => Text::Str(with_surrogates(&bytes)),
            true if utf8 => Text::Str(super::text::utf8(self.runtime, bytes)?),
            true | false => Text::Bytes(bytes),
        })
    }

    /// Whether an attribute is text of variable length.
    ///
    /// # Errors
    /// Where that is not known here.
    pub fn is_variable(&self, path: &str, name: &str) -> Attempt<bool> {
        let found = self.library.attribute(&self.header(path)?, name);
        match found {
            Ok(Some(stored)) => Ok(matches!(stored.class, Class::Variable { .. })),
            Ok(None) | Err(_) => Err(Stop::unknown(format!("how {name} is stored is not known here"))),
        }
    }

    /// `type(file[path].attrs[name])` of a value that is no text: its full name.
    ///
    /// # Errors
    /// Where that is not known here.
    pub fn class(&self, path: &str, name: &str) -> Attempt<&'static str> {
        let why = || Stop::unknown(format!("the type of {name} is not known here"));
        let found = self.library.attribute(&self.header(path)?, name);
        let stored = found.map_err(|_| why())?.ok_or_else(why)?;
        match stored.shape {
            None => Ok("h5py._hl.base.Empty"),
            Some(shape) if !shape.is_empty() => Ok("numpy.ndarray"),
            Some(_) => number(stored.class).ok_or_else(why),
        }
    }

    fn stop(&self, call: Call, failure: Failure) -> Stop {
        call.stop(self.runtime, failure)
    }
}

/// NumPy's class of a number.
fn number(class: Class) -> Option<&'static str> {
    Some(match class {
        Class::Whole(1, true) => "numpy.int8",
        Class::Whole(2, true) => "numpy.int16",
        Class::Whole(4, true) => "numpy.int32",
        Class::Whole(8, true) => "numpy.int64",
        Class::Whole(1, false) => "numpy.uint8",
        Class::Whole(2, false) => "numpy.uint16",
        Class::Whole(4, false) => "numpy.uint32",
        Class::Whole(8, false) => "numpy.uint64",
        Class::Fraction(2) => "numpy.float16",
        Class::Fraction(4) => "numpy.float32",
        Class::Fraction(8) => "numpy.float64",
        Class::Whole(..)
        | Class::Fraction(_)
        | Class::Fixed { .. }
        | Class::Variable { .. }
        | Class::Other => {
            return None;
        }
    })
}

/// A text with U+FFFD for every byte that is no UTF-8, where Python's `surrogateescape` has one lone surrogate each.
fn with_surrogates(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}
