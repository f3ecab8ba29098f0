//! The door to the HDF5 crate: the only place that names it. Every read is bounded by [`crate::limits`].

mod dataset;
mod lzf;
mod strings;

use std::sync::Arc;

use hdf5_reader::error::Error as Reader;
use hdf5_reader::{Datatype, FilterRegistry, Hdf5File, OpenOptions, Storage, StorageBuffer};

use crate::limits;
use crate::source::ByteSource;

pub use dataset::Dataset;

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
        let options = options.with_filter_registry(filters());
        let inner = Hdf5File::from_storage_with_options(Arc::new(Adapter(source.clone())), options)
            .map_err(translate)?;
        Ok(File { inner, source })
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

    /// The group at `path`; `""` is the root.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, another when it can't be read.
    pub fn group(&self, path: &str) -> Result<Group<'_>, Error> {
        let inner = self.inner.group(path).map_err(translate)?;
        Ok(Group { inner, file: self, path: path.trim_matches('/').to_string() })
    }
}

/// A group of an HDF5 file.
pub struct Group<'f> {
    inner: hdf5_reader::group::Group,
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
        self.inner.address()
    }

    /// Names of its groups and of its datasets.
    ///
    /// # Errors
    /// When the listing or any object in it is damaged.
    pub fn names(&self) -> Result<(Vec<String>, Vec<String>), Error> {
        self.inner.member_names().map_err(translate)
    }

    /// Names of its attributes.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn attribute_names(&self) -> Result<Vec<String>, Error> {
        strings::refuse_bombs(&self.file.inner, self.inner.address())?;
        Ok(self.inner.attributes().map_err(translate)?.into_iter().map(|a| a.name).collect())
    }

    /// The attribute of that name.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, [`Error::Damaged`] when its value can't be decoded.
    pub fn attribute(&self, name: &str) -> Result<Attribute, Error> {
        strings::refuse_bombs(&self.file.inner, self.inner.address())?;
        let attribute = self.inner.attribute(name).map_err(translate)?;
        let count = attribute.num_elements().map_err(translate)?;
        let is_text = matches!(attribute.datatype, Datatype::String { .. } | Datatype::VarLen { .. });
        if !is_text || count == 0 {
            return Ok(Attribute::Other(count));
        }
        let scalar = attribute.shape.is_empty();
        let mut texts = match (&attribute.decoded_strings, scalar) {
            (None, true) => vec![attribute.read_string().map_err(translate)?],
            _ => attribute.read_strings().map_err(translate)?,
        };
        match (scalar, texts.len()) {
            (true, 1) => Ok(Attribute::Text(texts.swap_remove(0))),
            (_, 0) => Err(Error::Damaged(format!("attribute {name} lists {count} strings and stores none"))),
            _ => Ok(Attribute::Texts(texts)),
        }
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
        let full = format!("{}/{path}", self.path);
        let inner = self.file.inner.dataset(&full).map_err(translate)?;
        Dataset::describe(&self.file.inner, self.file.source.clone(), inner, full)
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

/// The reader's own filters, and LZF.
fn filters() -> FilterRegistry {
    let mut registry = FilterRegistry::new();
    registry.register(
        lzf::ID,
        Box::new(|filter, data, _| {
            // The third number is the length of the chunk before compression.
            let expected =
                filter.client_data.get(2).map_or(limits::MAX_CHUNK_BYTES, |length| *length as usize);
            lzf::decompress(data, expected)
                .ok_or_else(|| Reader::DecompressionError("LZF data is damaged".into()))
        }),
    );
    registry
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
        Reader::UnsupportedFilter(_) | Reader::UnsupportedEncoding(_) => Error::Unsupported(text),
        _ => Error::Damaged(text),
    }
}
