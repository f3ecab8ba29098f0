//! What a file is, from its first and last bytes and a few probes between, before anything is parsed.

mod contents;
mod format;
mod json;
mod markup;
mod name;
mod pickle;
mod pickles;
mod protobuf;
mod signature;
#[cfg(test)]
mod tests;
mod text;

use crate::archive::{Zip, gzip_start};
use crate::source::{ByteSource, ReadError};

pub use contents::{KerasArchive, ZipContents};
pub use format::Format;
pub use markup::Page;
pub use name::Partial;
pub use pickle::Pickle;
pub use signature::Mangling;

/// Bytes at the start that are looked at for a signature.
const HEAD_BYTES: u64 = 4096;
/// Bytes of one probe.
const PROBE_BYTES: u64 = 512;
/// Probes along a file of zeros.
const PROBES: u64 = 64;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HDF5; its signature is at this byte.
    Hdf5 {
        /// Length of the user block in front.
        offset: u64,
        /// What its name says of its being whole.
        partial: Option<Partial>,
    },
    /// No bytes at all.
    Empty,
    /// Keras' newer format, a zip of `config.json` and `model.weights.h5`.
    KerasZip(Box<KerasArchive>),
    /// Anything else.
    Other(Impostor),
}

impl Kind {
    /// The pickles in it that do more than to hold arrays.
    pub fn pickles(&self) -> &[Pickle] {
        match self {
            Kind::KerasZip(archive) => &archive.pickles,
            Kind::Other(Impostor::Arrays { pickles, .. }) => pickles,
            Kind::Hdf5 { .. } | Kind::Empty | Kind::Other(_) => &[],
        }
    }

    /// Whether it is a zip archive whose end is missing.
    pub fn is_cut_archive(&self) -> bool {
        match self {
            Kind::KerasZip(archive) => !archive.complete,
            Kind::Other(Impostor::Zip(contents)) => !contents.complete,
            Kind::Hdf5 { .. } | Kind::Empty | Kind::Other(_) => false,
        }
    }
}

/// What carries the name of an HDF5 file without being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impostor {
    /// A pointer that Git LFS left in place of the file.
    GitLfsPointer {
        /// SHA-256 of the real file.
        oid: String,
        /// Bytes of the real file.
        size: Option<u64>,
    },
    /// A web page.
    Html(Page),
    /// A storage server's error message in XML.
    XmlError {
        /// Its code, such as `AccessDenied`.
        code: String,
        /// Its message; may be empty.
        message: String,
    },
    /// An error message in JSON.
    JsonError(String),
    /// A server's answer with its headers in front.
    Http {
        /// Its first line.
        status: String,
        /// Where the HDF5 file in it begins.
        hdf5: Option<u64>,
    },
    /// An architecture without weights: `model.to_json()` or `to_yaml()`.
    Architecture {
        /// Class of the model.
        class: String,
        /// Its layers.
        layers: usize,
        /// YAML, not JSON.
        yaml: bool,
    },
    /// HDF5 whose bytes were rewritten as if it were text.
    Mangled(Mangling),
    /// HDF5 whose first bytes are damaged.
    DamagedSignature,
    /// HDF5 behind so many bytes that do not belong to it.
    Shifted(u64),
    /// Base64 text of this.
    Base64(String),
    /// One NumPy array, or an archive of such: name, shape and type of each.
    Arrays {
        /// Whether it is a `.npz`.
        archive: bool,
        /// In words, `kernel (3, 3, 64, 64) <f4`.
        arrays: Vec<String>,
        /// Those in which objects are pickled that are no arrays.
        pickles: Vec<Pickle>,
    },
    /// A zip with something else in it.
    Zip(ZipContents),
    /// gzip, and what it holds where that can be told.
    Gzip(Option<String>),
    /// tar, the names of its first files, and how many there are.
    Tar {
        /// Their names.
        names: Vec<String>,
        /// How many were counted.
        count: usize,
    },
    /// A Python pickle, and the packages whose objects it holds.
    Pickle(Vec<&'static str>),
    /// A format that is known by name.
    Known(Format),
    /// No byte that was looked at is other than zero.
    Zeros,
    /// Part of a larger file, as its name says.
    Part(Partial),
    /// A short text that reads like an error message.
    ErrorText(String),
    /// Plain text; how it begins.
    Text(String),
    /// Nothing known.
    Unknown,
}

/// Looks at a file.
///
/// # Errors
/// When its bytes can't be read.
pub fn sniff(source: &dyn ByteSource) -> Result<Kind, ReadError> {
    sniff_named("", source)
}

/// Looks at a file. Its name counts only where its bytes leave open what it is.
///
/// # Errors
/// When its bytes can't be read.
pub fn sniff_named(name: &str, source: &dyn ByteSource) -> Result<Kind, ReadError> {
    if source.is_empty() {
        return Ok(Kind::Empty);
    }
    if let Some(offset) = signature::find(source)? {
        return Ok(Kind::Hdf5 { offset, partial: name::partial(name) });
    }
    let head = start(source, HEAD_BYTES)?;
    if head.starts_with(b"PK\x03\x04") {
        return contents::of_zip(source, Zip::read(source)?);
    }
    Ok(Kind::Other(impostor(name, source, &head)?))
}

fn impostor(name: &str, source: &dyn ByteSource, head: &[u8]) -> Result<Impostor, ReadError> {
    if let Some(found) = of_signature(source, head) {
        return Ok(found);
    }
    if let Some(found) = text::of_text(source)? {
        return Ok(found);
    }
    if head.iter().all(|byte| *byte == 0) && is_zero(source)? {
        return Ok(Impostor::Zeros);
    }
    let last = end(source, PROBE_BYTES)?;
    if let Some(found) = of_pickle(head, &last).or_else(|| format::at_end(&last).map(Impostor::Known)) {
        return Ok(found);
    }
    if let Some(found) = protobuf::of_protobuf(source, head)? {
        return Ok(Impostor::Known(found));
    }
    if let Some(offset) = signature::displaced(source)? {
        return Ok(Impostor::Shifted(offset));
    }
    if signature::is_without_beginning(source)? {
        return Ok(name::of_name(name).unwrap_or(Impostor::Known(Format::Hdf5Part)));
    }
    Ok(name::of_name(name)
        .or_else(|| format::by_shape(head).map(Impostor::Known))
        .unwrap_or(Impostor::Unknown))
}

/// What its first bytes alone show.
fn of_signature(source: &dyn ByteSource, head: &[u8]) -> Option<Impostor> {
    if let Some(damage) = signature::damaged(head) {
        return Some(damage);
    }
    match format::of_magic(head)? {
        Format::GzipFile => Some(Impostor::Gzip(inside(&gzip_start(source, HEAD_BYTES as usize)))),
        Format::NpyFile => Some(Impostor::Arrays {
            archive: false,
            arrays: contents::array(head).into_iter().collect(),
            pickles: pickles::of_npy(source),
        }),
        Format::TarFile => Some(contents::of_tar(source)),
        format => Some(Impostor::Known(format)),
    }
}

/// What begins with these bytes, in a few words, where it can be told.
fn inside(head: &[u8]) -> Option<String> {
    if head.starts_with(signature::SIGNATURE) {
        return Some("an HDF5 file".into());
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some("a zip archive".into());
    }
    format::of_magic(head).map(|format| format.what().to_string())
}

/// A pickle of protocol 2 to 5 begins with its number and ends with a dot.
fn of_pickle(head: &[u8], last: &[u8]) -> Option<Impostor> {
    let [0x80, 2..=5, ..] = head else { return None };
    // Of an unfinished one the end is missing; the name of a module is evidence enough.
    let packages = ["torch", "sklearn", "keras", "tensorflow", "numpy", "joblib", "pandas"];
    let is_in = |word: &&str| head.windows(word.len()).any(|window| window == word.as_bytes());
    let found: Vec<&'static str> = packages.into_iter().filter(is_in).collect();
    let is_pickle = last.last() == Some(&b'.') || !found.is_empty();
    is_pickle.then(|| {
        if found.contains(&"torch") { Impostor::Known(Format::PyTorchOld) } else { Impostor::Pickle(found) }
    })
}

/// Whether the probes along the file, its end among them, hold nothing but zeros.
fn is_zero(source: &dyn ByteSource) -> Result<bool, ReadError> {
    let step = (source.len() / PROBES).max(PROBE_BYTES);
    let mut at = 0;
    while at < source.len() {
        let probe = bytes(source, at, PROBE_BYTES)?;
        if probe.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += step;
    }
    Ok(end(source, PROBE_BYTES)?.iter().all(|byte| *byte == 0))
}

fn start(source: &dyn ByteSource, count: u64) -> Result<Vec<u8>, ReadError> {
    bytes(source, 0, count)
}

fn end(source: &dyn ByteSource, count: u64) -> Result<Vec<u8>, ReadError> {
    bytes(source, source.len().saturating_sub(count), count)
}

/// At most `count` bytes from `offset` on; `count` is one of our own numbers.
fn bytes(source: &dyn ByteSource, offset: u64, count: u64) -> Result<Vec<u8>, ReadError> {
    let offset = offset.min(source.len());
    let mut bytes = vec![0; (source.len() - offset).min(count) as usize];
    source.read_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// Words of a file, brought to one line of at most `letters`, without control characters.
pub(crate) fn quoted(words: &str, letters: usize) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    match line.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
