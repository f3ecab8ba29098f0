//! What the HDF5 library makes of a file: its own way through the structures, step by step, to the message at the bottom of its
//! error stack.
//!
//! The reader beside it finds whatever can still be had. This one stops where the library stops, because programs show its words.
//! Texts and their order are those of HDF5 1.8.18, 1.10.4, 1.12.0, 1.14.6 and 2.0.0, measured with damaged files.

mod attribute;
mod group;
mod header;
mod superblock;

pub use attribute::{Class, Stored};
pub use group::Link;
pub use header::Header;

use crate::limits;
use crate::source::ByteSource;

/// Version of the library: major, minor, release.
pub type Version = [u16; 3];

/// Why the library goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It says this: the description of the innermost error.
    Says(String),
    /// This module leaves it to the reader; what it is. What the reader finds is what the library finds where nothing is damaged.
    Left(&'static str),
    /// What it does is not known here; why.
    Unclear(String),
}

impl Failure {
    fn says(words: impl Into<String>) -> Failure {
        Failure::Says(words.into())
    }

    fn unclear(why: impl Into<String>) -> Failure {
        Failure::Unclear(why.into())
    }
}

/// What a step of the library gives.
pub type Outcome<T> = Result<T, Failure>;

/// A file that the library has open.
pub struct Library<'s> {
    source: &'s dyn ByteSource,
    version: Version,
    /// Where the HDF5 part begins.
    base: u64,
    /// End of the addresses that may be read, counted from there.
    end: u64,
    /// Bytes of an address.
    offset_size: u8,
    /// Bytes of a length.
    length_size: u8,
    /// Address of the root group's header.
    root: u64,
    ranks: Ranks,
}

/// Half of what fits into a node of a symbol table, and into one of its B-tree.
#[derive(Clone, Copy, Debug)]
struct Ranks {
    leaf: u16,
    tree: u16,
}

/// Whether the library takes a file for HDF5: it only looks for the signature.
pub fn is_hdf5(source: &dyn ByteSource) -> bool {
    superblock::signature(source).is_some()
}

impl<'s> Library<'s> {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// What the library says of its superblock.
    pub fn open(source: &'s dyn ByteSource, version: Version) -> Outcome<Library<'s>> {
        superblock::open(source, version)
    }

    /// Where the header of the root group is.
    pub fn root_address(&self) -> u64 {
        self.root
    }

    /// The header of the root group.
    ///
    /// # Errors
    /// What the library says of it.
    pub fn root(&self) -> Outcome<Header> {
        self.header(self.root)
    }

    /// Bytes at an address. Behind the end of the file there are zeros, as the library's drivers give them.
    fn read(&self, address: u64, length: usize) -> Outcome<Vec<u8>> {
        let end = address.checked_add(length as u64).filter(|end| *end <= self.end);
        if end.is_none() {
            return Err(self.overflow(address, length as u64));
        }
        if length > limits::MAX_OBJECT_HEADER_BYTES {
            return Err(Failure::unclear(format!("a structure at {address} declares {length} bytes")));
        }
        read_at(self.source, self.base.saturating_add(address), length)
    }

    /// As many bytes as there are before the end, then zeros: the library reads some structures before it knows how long they are.
    fn speculative(&self, address: u64, length: usize) -> Outcome<Vec<u8>> {
        if address >= self.end && self.version >= [1, 10, 0] {
            return Err(Failure::says("address of object past end of allocation"));
        }
        if address >= self.end {
            return Err(self.overflow(address, length as u64));
        }
        let there = (self.end - address).min(length as u64) as usize;
        let mut bytes = self.read(address, there)?;
        bytes.resize(length, 0);
        Ok(bytes)
    }

    /// What the library says of a read behind the end.
    fn overflow(&self, address: u64, size: u64) -> Failure {
        // They count from the start of the file.
        let (eoa, place) = (self.end.saturating_add(self.base), address.saturating_add(self.base));
        if address == u64::MAX {
            return Failure::unclear("an address that is not set");
        }
        if address.checked_add(size).is_none_or(|end| end > LARGEST_ADDRESS) {
            return Failure::says("attempting I/O in temporary file space");
        }
        Failure::says(match self.version >= [1, 10, 0] {
            true => format!("addr overflow, addr = {place}, size = {size}, eoa = {eoa}"),
            false => format!("addr overflow, addr = {place}, size={size}, eoa={eoa}"),
        })
    }

    fn offset(&self, bytes: &[u8], at: usize) -> Option<u64> {
        let value = number(bytes, at, usize::from(self.offset_size))?;
        Some(if value == all_ones(self.offset_size) { u64::MAX } else { value })
    }
}

/// The largest address of a file; the library keeps those above for itself.
const LARGEST_ADDRESS: u64 = i64::MAX as u64;

/// The largest number of so many bytes.
fn all_ones(width: u8) -> u64 {
    u64::MAX >> (64 - 8 * u32::from(width.clamp(1, 8)))
}

/// A number of 1 to 8 bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// Bytes of the file, zeros behind its end.
fn read_at(source: &dyn ByteSource, position: u64, length: usize) -> Outcome<Vec<u8>> {
    let there = source.len().saturating_sub(position).min(length as u64) as usize;
    let mut bytes = vec![0; length];
    let read = if there > 0 { source.read_at(position, &mut bytes[..there]) } else { Ok(()) };
    read.map(|()| bytes).map_err(|error| Failure::unclear(error.to_string()))
}
