//! The door to the HDF5 crate: the only place that names it. Every read is bounded by [`crate::limits`].

mod attribute;
mod build;
mod dataset;
mod filters;
mod inventory;
pub mod library;
mod links;
mod lzf;
mod patch;
mod raw;
mod salvage;
mod stored;
mod survey;

use std::sync::{Arc, Mutex, OnceLock};

use hdf5_reader::error::Error as Reader;
use hdf5_reader::messages::attribute::AttributeMessage;
use hdf5_reader::{Hdf5File, OpenOptions, Storage, StorageBuffer};

use crate::limits;
use crate::source::ByteSource;

pub use build::{NewAttribute, NewDataset, NewGroup};
pub use dataset::Dataset;
pub use inventory::{Inventory, LinkKind, PathLink};
pub use patch::Patch;
pub use raw::Damage;
pub use stored::{ExternalRun, Stored, StoredAs};
pub use survey::{Container, Setback, Trailing};

use survey::Survey;

/// Why something of an HDF5 file could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such object or attribute.
    #[error("there is no {0}")]
    Missing(String),
    /// What is there is damaged.
    #[error("{0}")]
    Damaged(String),
    /// Valid HDF5 that the reader does not support.
    #[error("{0}")]
    Unsupported(String),
    /// Reading it would take more memory than [`crate::limits`] allows.
    #[error("{0}")]
    TooLarge(String),
}

/// An open HDF5 file.
pub struct File {
    inner: Hdf5File,
    source: Arc<dyn ByteSource>,
    raw: raw::Raw,
    /// The object header that was asked for last, because attributes are asked for one after the other.
    header: Mutex<Option<(u64, Arc<raw::Header>)>>,
    survey: OnceLock<Survey>,
    setbacks: Mutex<Vec<Setback>>,
}

/// What the superblock says of the file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Version of the superblock.
    pub version: u8,
    /// Byte at which the HDF5 part starts; not 0 behind a user block.
    pub base: u64,
    /// Length in bytes the whole file must have, user block included.
    pub end: u64,
}

impl File {
    /// Opens the superblock and the root group.
    ///
    /// # Errors
    /// [`Error::Damaged`] when there is no superblock or it can't be read.
    pub fn open(source: Arc<dyn ByteSource>) -> Result<File, Error> {
        let options = OpenOptions::default()
            .with_chunk_cache_bytes(limits::CHUNK_CACHE_BYTES)
            .with_max_chunk_bytes(limits::MAX_CHUNK_BYTES)
            .with_max_read_bytes(limits::MAX_TENSOR_BYTES as usize)
            .with_max_object_header_bytes(limits::MAX_OBJECT_HEADER_BYTES);
        let options = options.with_filter_registry(filters::registry());
        let inner = Hdf5File::from_storage_with_options(Arc::new(Adapter(source.clone())), options)
            .map_err(translate)?;
        let raw = raw::Raw::new(&inner, source.clone());
        let (header, survey, setbacks) = (Mutex::default(), OnceLock::new(), Mutex::default());
        Ok(File { inner, source, raw, header, survey, setbacks })
    }

    /// Where the file starts and must end.
    pub fn extent(&self) -> Extent {
        let block = self.inner.superblock();
        // The stored end counts from the start of the file, user block included.
        Extent { version: block.version, base: block.base_address, end: block.eof_address }
    }

    /// The first bytes of the file, which belong to the user block where there is one; at most `count`.
    pub fn start(&self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.source.len().min(count as u64) as usize];
        let read = self.source.read_at(0, &mut bytes);
        read.map(|()| bytes).unwrap_or_default()
    }

    /// The group at `path`; `""` is the root. Where a damaged listing hides it, it is looked for in the whole file.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, another when it can't be read.
    pub fn group(&self, path: &str) -> Result<Group<'_>, Error> {
        let path = path.trim_matches('/').to_string();
        let address = match self.inner.group(&path).map_err(translate) {
            Ok(group) => group.address(),
            Err(Error::Missing(what)) => return Err(Error::Missing(what)),
            Err(error) => self.recover(&path, &error, |survey| survey.address(&path))?,
        };
        Ok(Group { address, file: self, path })
    }

    fn header(&self, address: u64) -> Result<Arc<raw::Header>, Error> {
        let mut last = self.header.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*last {
            Some((at, header)) if *at == address => Ok(header.clone()),
            _ => {
                let header = Arc::new(self.raw.header(address)?);
                *last = Some((address, header.clone()));
                Ok(header)
            }
        }
    }
}

/// A group of an HDF5 file.
pub struct Group<'f> {
    address: u64,
    file: &'f File,
    path: String,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// One string.
    Text(String),
    /// A list of strings.
    Texts(Vec<String>),
    /// Anything else, with its number of elements. Keras writes an empty list of names as 0 float64 numbers.
    Other(u64),
}

impl<'f> Group<'f> {
    /// Path from the root, without a slash at either end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where its header is in the file: the same for the same group, whatever the path to it.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Names of its groups and of its datasets, without what can't be read.
    ///
    /// # Errors
    /// When there is nothing at all.
    pub fn names(&self) -> Result<(Vec<String>, Vec<String>), Error> {
        let listed =
            self.file.inner.group(&self.path).and_then(|group| group.member_names()).map_err(translate);
        listed.or_else(|error| self.file.recover(&self.path, &error, |survey| survey.names(&self.path)))
    }

    /// Groups in it that can still be reached, by name, where the file is damaged; else none.
    pub fn surviving_groups(&self) -> Vec<String> {
        if self.file.is_damaged() { self.file.surviving_groups(&self.path) } else { Vec::new() }
    }

    /// Paths of the datasets below it that can still be reached, where the file is damaged; else none.
    pub fn surviving_datasets(&self) -> Vec<String> {
        if self.file.is_damaged() { self.file.datasets_below(&self.path) } else { Vec::new() }
    }

    /// Names of its attributes.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn attribute_names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        self.file.raw.find_attribute::<()>(&*self.file.header(self.address)?, None, |found| {
            names.push(found.name.clone());
            None
        })?;
        Ok(names)
    }

    /// The attribute of that name.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, [`Error::Damaged`] when its value can't be decoded.
    pub fn attribute(&self, name: &str) -> Result<Attribute, Error> {
        let header = self.file.header(self.address)?;
        let found = self.file.raw.attribute(&header, name)?.map(Ok);
        // Only the reader finds attributes that share one copy with those of other objects.
        let found =
            found.or_else(|| attribute::has_shared_attributes(&header).then(|| self.shared_attribute(name)));
        match found {
            Some(message) => self.file.raw.value(&message?),
            None => Err(Error::Missing(format!("attribute {name}"))),
        }
    }

    fn shared_attribute(&self, name: &str) -> Result<AttributeMessage, Error> {
        let group = self.file.inner.group(&self.path).map_err(translate)?;
        let all = group.raw_attributes().map_err(translate)?;
        let found = all.into_iter().find(|attribute| attribute.name() == name);
        found.map(|attribute| attribute.into_parts().0).ok_or(Error::Missing(format!("attribute {name}")))
    }

    /// Whether the attribute of that name is text marked as UTF-8; HDF5's other mark is ASCII.
    pub fn is_utf8(&self, name: &str) -> bool {
        let header = self.file.header(self.address).ok();
        let found = header.and_then(|header| self.file.raw.attribute(&header, name).ok()?);
        found.is_some_and(|message| attribute::is_utf8(&message))
    }

    /// Whether the attribute of that name is text of variable length.
    pub fn is_variable(&self, name: &str) -> bool {
        let header = self.file.header(self.address).ok();
        let found = header.and_then(|header| self.file.raw.attribute(&header, name).ok()?);
        found.is_some_and(|message| attribute::is_variable(&message))
    }

    /// The group below it.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, another when it can't be read.
    pub fn group(&self, path: &str) -> Result<Group<'f>, Error> {
        self.file.group(&format!("{}/{path}", self.path))
    }

    /// The dataset below it.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, another when its description can't be read.
    pub fn dataset(&self, path: &str) -> Result<Dataset, Error> {
        let (file, full) = (self.file, format!("{}/{path}", self.path));
        let inner = file.inner.dataset(&full).map_err(translate);
        match inner.and_then(|inner| Dataset::describe(&file.inner, file.source.clone(), inner, full.clone()))
        {
            Ok(dataset) => Ok(dataset),
            Err(Error::Missing(what)) => Err(Error::Missing(what)),
            Err(error) => file.recover_dataset(&full, &error),
        }
    }
}

/// Lets the HDF5 crate read from a [`ByteSource`].
struct Adapter(Arc<dyn ByteSource>);

impl Storage for Adapter {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_range(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<StorageBuffer> {
        let available = self.0.len().saturating_sub(offset);
        if len as u64 > available {
            return Err(Reader::UnexpectedEof { offset, needed: len as u64, available });
        }
        let mut bytes = vec![0; len];
        self.0.read_at(offset, &mut bytes).map_err(|e| Reader::Io(std::io::Error::other(e.to_string())))?;
        Ok(StorageBuffer::from_vec(bytes))
    }
}

fn translate(error: Reader) -> Error {
    let text = error.to_string();
    match error {
        Reader::Context { source, .. } => match translate(*source) {
            Error::Missing(_) => Error::Missing(text),
            Error::Damaged(_) => Error::Damaged(text),
            Error::Unsupported(_) => Error::Unsupported(text),
            Error::TooLarge(_) => Error::TooLarge(text),
        },
        Reader::GroupNotFound(name) => Error::Missing(format!("group {name}")),
        Reader::DatasetNotFound(name) => Error::Missing(format!("dataset {name}")),
        Reader::AttributeNotFound(name) => Error::Missing(format!("attribute {name}")),
        Reader::ResourceLimit(_) => Error::TooLarge(text),
        Reader::UnsupportedFilter(_)
        | Reader::UnsupportedEncoding(_)
        | Reader::UnsupportedDatatypeClass(_)
        | Reader::UnsupportedLinkType(_) => Error::Unsupported(text),
        _ => Error::Damaged(text),
    }
}
