//! The superblock, as the library reads it.

use hdf5_reader::checksum::jenkins_lookup3;

use super::header::wrong_sum;
use super::{Failure, Library, Outcome, Ranks, Version, all_ones, number, read_at};
use crate::source::ByteSource;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Signatures are looked for at 0, 512, 1024, … up to here.
const LAST_USER_BLOCK: u64 = 1 << 30;
/// Bytes that are enough for every superblock with numbers of at most 8 bytes.
const LONGEST: usize = 8 + 16 + 4 + 4 * 8 + 2 * 8 + 24;
/// The newest superblock since HDF5 1.10, and in 1.8.
const NEWEST: [u8; 2] = [3, 2];
/// What HDF5 1.14 says of an old superblock that has an extension.
const NO_EXTENSION: &str = "invalid superblock - extension message should not be defined for version < 2";
/// Marks of a file that is open for writing: plainly, and for one writer beside readers.
const OPEN_FOR_WRITING: [u8; 2] = [1, 4];

/// What a superblock says.
struct Block {
    version: u8,
    flags: u8,
    offset_size: u8,
    length_size: u8,
    /// Where the superblock thinks that it is.
    base: u64,
    /// Of version 0 and 1 something else than the extension.
    extension: u64,
    end: u64,
    driver: u64,
    root: u64,
    /// Whether it keeps where the root group's symbol table is.
    keeps_root: bool,
    ranks: Ranks,
}

/// Where the signature is.
pub(super) fn signature(source: &dyn ByteSource) -> Option<u64> {
    let places = std::iter::successors(Some(0u64), |at| Some(if *at == 0 { 512 } else { at * 2 }));
    places
        .take_while(|at| at + 8 <= source.len() && *at <= LAST_USER_BLOCK)
        .find(|at| read_at(source, *at, 8).is_ok_and(|bytes| bytes == SIGNATURE))
}

/// Opens a file for reading.
pub(super) fn open(source: &dyn ByteSource, library: Version) -> Outcome<Library<'_>> {
    let base = signature(source).ok_or_else(|| Failure::says("file signature not found"))?;
    let bytes = read_at(source, base, LONGEST)?;
    let is_1_8 = library < [1, 10, 0];
    let block = if is_1_8 { decode_1_8(&bytes)? } else { decode(&bytes, library)? };
    // A superblock that was moved is right about the length behind it.
    let end = block.end.wrapping_sub(block.base).wrapping_add(base);
    if is_1_8 {
        block.check_driver(source, base, is_1_8)?;
    }
    block.check_length(source.len() - base, base, end, is_1_8)?;
    if !is_1_8 {
        block.check_driver(source, base, is_1_8)?;
    }
    block.check_extension(end, library)?;
    block.check_flags()?;
    let Block { offset_size, length_size, root, ranks, .. } = block;
    let end = end.saturating_sub(base);
    let file = Library { source, version: library, base, end, offset_size, length_size, root, ranks };
    if let Some(extension) = block.extension_of_new() {
        file.header(extension).map_err(|_| Failure::unclear("the extension of the superblock is damaged"))?;
    }
    // Only where the superblock keeps something of the root group is its header looked at.
    if block.keeps_root {
        file.root()?;
    }
    Ok(file)
}

impl Block {
    /// Whether the file is as long as it says. HDF5 1.8 counts the bytes of the superblock that it has read for there.
    fn check_length(&self, there: u64, base: u64, end: u64, is_1_8: bool) -> Outcome<()> {
        let eof = if is_1_8 { there.max(self.length()) } else { there };
        let word = if is_1_8 { "stored_eoa" } else { "stored_eof" };
        if eof.wrapping_add(base) >= end {
            return Ok(());
        }
        Err(Failure::says(format!("truncated file: eof = {eof}, sblock->base_addr = {base}, {word} = {end}")))
    }

    /// Length of the superblock in bytes.
    fn length(&self) -> u64 {
        let (offset, length) = (u64::from(self.offset_size), u64::from(self.length_size));
        match self.version {
            0 => 24 + 5 * offset + length + 24,
            1 => 28 + 5 * offset + length + 24,
            _ => 12 + 4 * offset + 4,
        }
    }

    /// Drivers that spread a file over several have a block of their own, of which this module knows only that it is none.
    fn check_driver(&self, source: &dyn ByteSource, base: u64, is_1_8: bool) -> Outcome<()> {
        if self.driver == all_ones(self.offset_size) {
            return Ok(());
        }
        if self.driver == 0 && is_1_8 && read_at(source, base, 1)? != [0] {
            return Err(Failure::says("bad driver information block version number"));
        }
        if self.driver == 0 && !is_1_8 {
            return Err(Failure::says("ring type mismatch occurred for cache entry"));
        }
        Err(Failure::unclear("the superblock names a driver"))
    }

    /// In a superblock of version 0 or 1 something else stands where later ones have their extension, and is taken for one.
    fn check_extension(&self, end: u64, library: Version) -> Outcome<()> {
        let (none, is_1_8) = (all_ones(self.offset_size), library < [1, 10, 0]);
        if self.version >= 2 || self.extension == none {
            return Ok(());
        }
        if library >= [1, 14, 0] {
            return Err(Failure::says(NO_EXTENSION));
        }
        if self.extension == 0 && !is_1_8 {
            return Err(Failure::says("ring type mismatch occurred for cache entry"));
        }
        if self.extension <= end {
            return Err(Failure::unclear("the superblock has an extension that it can't have"));
        }
        match self.extension.checked_add(1024) {
            None if is_1_8 => Err(Failure::says(format!("addr overflow, addr = {}", self.extension))),
            None => Err(Failure::says("address of object past end of allocation")),
            Some(place) if place > i64::MAX as u64 => {
                Err(Failure::says("attempting I/O in temporary file space"))
            }
            Some(_) => Err(Failure::unclear("the superblock has an extension that it can't have")),
        }
    }

    /// The extension of a superblock that may have one.
    fn extension_of_new(&self) -> Option<u64> {
        Some(self.extension).filter(|extension| self.version >= 2 && *extension != all_ones(self.offset_size))
    }

    /// A writer that never closed the file leaves its mark.
    fn check_flags(&self) -> Outcome<()> {
        if self.version >= 3 && OPEN_FOR_WRITING.iter().any(|flag| self.flags & flag != 0) {
            let hint = "(may use <h5clear file> to clear file consistency flags)";
            return Err(Failure::says(format!("file is already open for write {hint}")));
        }
        Ok(())
    }
}

/// As since HDF5 1.10: version, widths, then the rest.
fn decode(bytes: &[u8], library: Version) -> Outcome<Block> {
    let version = version(bytes, NEWEST[0])?;
    let (offset_size, length_size) = widths(bytes, version)?;
    if version < 2 {
        check_versions(bytes)?;
        // Four bytes have room for the flags, which take one.
        if library >= [1, 14, 0] && bytes[21..24] != [0; 3] {
            return Err(Failure::says("bad superblock status flags"));
        }
        return old(bytes, version, offset_size, length_size);
    }
    new(bytes, version, offset_size, length_size, wrong_sum(library))
}

/// As in HDF5 1.8: the versions of the parts come before the widths.
fn decode_1_8(bytes: &[u8]) -> Outcome<Block> {
    let version = version(bytes, NEWEST[1])?;
    if version < 2 {
        check_versions(bytes)?;
    }
    let (offset_size, length_size) = widths(bytes, version)?;
    if version < 2 {
        return old(bytes, version, offset_size, length_size);
    }
    new(bytes, version, offset_size, length_size, "bad checksum on driver information block")
}

fn version(bytes: &[u8], newest: u8) -> Outcome<u8> {
    let version = bytes[8];
    if version > newest { Err(Failure::says("bad superblock version number")) } else { Ok(version) }
}

fn widths(bytes: &[u8], version: u8) -> Outcome<(u8, u8)> {
    let at = if version < 2 { 13 } else { 9 };
    let (offset_size, length_size) = (bytes[at], bytes[at + 1]);
    let known = |width: u8| matches!(width, 2 | 4 | 8 | 16 | 32);
    if !known(offset_size) {
        return Err(Failure::says("bad byte number in an address"));
    }
    if !known(length_size) {
        return Err(Failure::says("bad byte number for object size"));
    }
    if offset_size > 8 || length_size > 8 {
        return Err(Failure::unclear("addresses of more than 8 bytes"));
    }
    Ok((offset_size, length_size))
}

/// The versions of what hangs on a superblock of version 0 or 1.
fn check_versions(bytes: &[u8]) -> Outcome<()> {
    let parts = [(9, "free space"), (10, "object directory"), (12, "shared-header format")];
    match parts.into_iter().find(|(at, _)| bytes[*at] != 0) {
        Some((_, part)) => Err(Failure::says(format!("bad {part} version number"))),
        None => Ok(()),
    }
}

/// Version 0 and 1: ranks, flags, four addresses, and the entry of the root group.
fn old(bytes: &[u8], version: u8, offset_size: u8, length_size: u8) -> Outcome<Block> {
    let two = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let ranks = Ranks { leaf: two(16), tree: two(18) };
    if ranks.leaf == 0 {
        return Err(Failure::says("bad symbol table leaf node 1/2 rank"));
    }
    if ranks.tree == 0 {
        return Err(Failure::says("bad 1/2 rank for btree internal nodes"));
    }
    let flags = bytes[20];
    if flags & !3 != 0 {
        return Err(Failure::says("bad flag value for superblock"));
    }
    let width = usize::from(offset_size);
    let start = if version == 1 { 28 } else { 24 };
    let address = |index: usize| number(bytes, start + index * width, width).unwrap_or_default();
    // Of the root's entry the place of its name comes first, then its header and what is kept of it.
    let entry = start + 4 * width + usize::from(length_size);
    let root = number(bytes, entry, width).unwrap_or_default();
    let kept = number(bytes, entry + width, 4);
    if kept.is_none_or(|kept| kept > 2) {
        return Err(Failure::says("unknown symbol table entry cache type"));
    }
    let keeps_root = kept == Some(1);
    let [base, extension, end, driver] = [0, 1, 2, 3].map(address);
    Ok(Block {
        version,
        flags,
        offset_size,
        length_size,
        base,
        extension,
        end,
        driver,
        root,
        keeps_root,
        ranks,
    })
}

/// Version 2 and 3: flags, four addresses and a checksum.
fn new(bytes: &[u8], version: u8, offset_size: u8, length_size: u8, said: &str) -> Outcome<Block> {
    let flags = bytes[11];
    let width = usize::from(offset_size);
    let address = |index: usize| number(bytes, 12 + index * width, width).unwrap_or_default();
    let end_of_block = 12 + 4 * width;
    let sum = u64::from(jenkins_lookup3(&bytes[..end_of_block]));
    let is_right = number(bytes, end_of_block, 4) == Some(sum);
    if !is_right {
        return Err(Failure::says(said));
    }
    let [base, extension, end, root] = [0, 1, 2, 3].map(address);
    let (driver, ranks) = (all_ones(offset_size), Ranks { leaf: 4, tree: 16 });
    Ok(Block {
        version,
        flags,
        offset_size,
        length_size,
        base,
        extension,
        end,
        driver,
        root,
        keeps_root: false,
        ranks,
    })
}
