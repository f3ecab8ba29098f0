//! Archives: what a zip lists, its members as byte sources, and how a compressed stream begins.

mod inflate;
mod zip;

use std::ops::Deref;
use std::sync::Arc;

pub use inflate::gzip_start;
pub use zip::{Entry, Method, Zip};

use crate::limits;
use crate::source::{ByteSource, MemorySource, ReadError, check_range};

/// Why a member of an archive can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Only its password opens it.
    #[error("{0} is encrypted")]
    Encrypted(String),
    /// Neither stored nor deflated.
    #[error("{name} is compressed by method {method}, which is not supported")]
    Unsupported {
        /// The member.
        name: String,
        /// The method's number in the zip format.
        method: u16,
    },
    /// It would take more memory than [`limits`] allows, or than its compressed bytes can become.
    #[error("{name} declares {size} bytes, more than are unpacked")]
    TooLarge {
        /// The member.
        name: String,
        /// Its declared length in bytes.
        size: u64,
    },
    /// What is there is no compressed data, or ends too early.
    #[error("{name} can't be unpacked: {reason}")]
    Damaged {
        /// The member.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The archive could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A part of another source, which it shares or borrows.
struct Window<S> {
    outer: S,
    start: u64,
    len: u64,
}

impl<'s, S: Deref<Target = dyn ByteSource + 's> + Send + Sync> ByteSource for Window<S> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.len)?;
        self.outer.read_at(self.start + offset, buffer)
    }
}

/// A member as a source of its own: a window onto the archive where it is stored, its bytes in memory where it is deflated.
///
/// # Errors
/// See [`Error`].
pub fn open(archive: &Arc<dyn ByteSource>, entry: &Entry) -> Result<Arc<dyn ByteSource>, Error> {
    let start = entry.data_start(&**archive)?;
    let end = start.checked_add(entry.packed).filter(|end| *end <= archive.len());
    let Some(end) = end else {
        return Err(damaged(entry, "the archive ends before it does"));
    };
    if let Some(error) = refusal(entry) {
        return Err(error);
    }
    match entry.method {
        Method::Stored => Ok(Arc::new(Window { outer: archive.clone(), start, len: entry.packed })),
        Method::Deflated => {
            let bytes = inflate::deflated(&**archive, start, end, entry.size);
            let bytes = bytes.map_err(|error| damaged(entry, &error.to_string()))?;
            if bytes.len() as u64 != entry.size {
                return Err(damaged(entry, &format!("it has {} bytes, not {}", bytes.len(), entry.size)));
            }
            Ok(Arc::new(MemorySource(bytes)))
        }
        Method::Other(method) => Err(Error::Unsupported { name: entry.name.clone(), method }),
    }
}

/// Why a member is not opened here although nothing may be wrong with it.
pub fn refusal(entry: &Entry) -> Option<Error> {
    let name = || entry.name.clone();
    match entry.method {
        _ if entry.encrypted => Some(Error::Encrypted(name())),
        Method::Stored => None,
        Method::Deflated => is_too_large(entry).then(|| Error::TooLarge { name: name(), size: entry.size }),
        Method::Other(method) => Some(Error::Unsupported { name: name(), method }),
    }
}

/// Compares an opened member with the checksum in the directory.
///
/// # Errors
/// [`Error::Damaged`] when they differ; loaders in Python refuse such a member.
pub fn verify(entry: &Entry, member: &dyn ByteSource) -> Result<(), Error> {
    let Some(expected) = entry.crc else { return Ok(()) };
    let found = inflate::crc(member)?;
    if found == expected {
        return Ok(());
    }
    Err(damaged(entry, &format!("its CRC-32 is {found:08x}, where the archive says {expected:08x}")))
}

/// The first bytes of a member, at most `count`; fewer where it is shorter or can't be unpacked further.
///
/// # Errors
/// When the archive can't be read.
pub fn start(archive: &dyn ByteSource, entry: &Entry, count: u64) -> Result<Vec<u8>, ReadError> {
    let start = entry.data_start(archive)?;
    let end = start.saturating_add(entry.packed).min(archive.len());
    match entry.method {
        _ if entry.encrypted => Ok(Vec::new()),
        Method::Stored => read(archive, start, end.saturating_sub(start).min(count)),
        Method::Deflated => Ok(inflate::deflated(archive, start, end, count).unwrap_or_default()),
        Method::Other(_) => Ok(Vec::new()),
    }
}

/// Looks at a member: where it is stored, at all of it; where it is deflated, at its first `limit` bytes, which are unpacked
/// for it.
///
/// # Errors
/// See [`Error`].
pub fn look_into<R>(
    archive: &dyn ByteSource,
    entry: &Entry,
    limit: u64,
    look: impl FnOnce(&dyn ByteSource) -> R,
) -> Result<R, Error> {
    let start = entry.data_start(archive)?;
    let end = start.saturating_add(entry.packed).min(archive.len());
    match refusal(entry) {
        Some(Error::TooLarge { .. }) | None => {}
        Some(error) => return Err(error),
    }
    if entry.method == Method::Stored {
        return Ok(look(&Window { outer: archive, start, len: end.saturating_sub(start) }));
    }
    let bytes = inflate::deflated(archive, start, end, limit);
    Ok(look(&MemorySource(bytes.map_err(|error| damaged(entry, &error.to_string()))?)))
}

/// `count` bytes from `offset` on; the caller has bounded `count`.
fn read(source: &dyn ByteSource, offset: u64, count: u64) -> Result<Vec<u8>, ReadError> {
    let count = usize::try_from(count).map_err(|error| ReadError::System(error.to_string()))?;
    check_range(offset, count, source.len())?;
    let mut bytes = vec![0; count];
    source.read_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// Whether it would take too much memory, or declares more than its bytes can become.
fn is_too_large(entry: &Entry) -> bool {
    let possible = entry.packed.saturating_mul(limits::MAX_INFLATE_RATIO).saturating_add(64);
    entry.size > limits::MAX_INFLATED_BYTES.min(possible)
}

fn damaged(entry: &Entry, reason: &str) -> Error {
    Error::Damaged { name: entry.name.clone(), reason: reason.to_string() }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
