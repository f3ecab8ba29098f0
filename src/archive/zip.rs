//! The directory of a zip archive, as PKWARE's APPNOTE 6.3.10 describes it, with zip64.

use std::collections::HashSet;

use super::read;
use crate::limits;
use crate::source::{ByteSource, ReadError};

/// The end record lies in the last 64 KiB and 22 bytes.
const TAIL_BYTES: u64 = 65_557;
/// Bytes of the end record without its comment.
const END_BYTES: usize = 22;
/// Bytes of a local header without name and extra field.
const LOCAL_BYTES: u64 = 30;
/// In place of a number that stands in the zip64 fields.
const IN_ZIP64: u64 = 0xffff_ffff;
/// Bit 0 of the flags: the member is encrypted.
const ENCRYPTED: u64 = 1;
/// Bit 3 of the flags: the lengths stand behind the data.
const LENGTHS_FOLLOW: u64 = 1 << 3;

/// How a member is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As it is.
    Stored,
    /// By deflate.
    Deflated,
    /// By the method of this number.
    Other(u16),
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive.
    pub name: String,
    /// How it is packed.
    pub method: Method,
    /// Whether it has a password.
    pub encrypted: bool,
    /// Its length in the archive, in bytes.
    pub packed: u64,
    /// Its length unpacked, in bytes.
    pub size: u64,
    /// CRC-32 of its bytes, where the directory says it.
    pub(super) crc: Option<u32>,
    /// Where its local header is.
    header: u64,
}

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zip {
    /// Its members, at most [`limits::MAX_MEMBERS`].
    pub entries: Vec<Entry>,
    /// Whether the directory at its end is there. Without it only the local headers show what was in it.
    pub complete: bool,
}

impl Zip {
    /// Reads the directory; where there is none, the local headers from the start on.
    ///
    /// # Errors
    /// When the bytes can't be read.
    pub fn read(source: &dyn ByteSource) -> Result<Zip, ReadError> {
        match directory(source)? {
            Some((bytes, shift)) => Ok(Zip { entries: entries(&bytes, shift), complete: true }),
            None => Ok(Zip { entries: local_entries(source)?, complete: false }),
        }
    }

    /// The member of that name; the last where there are several, as in Python.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.name == name)
    }

    /// The first names that several members have.
    pub fn repeated(&self) -> Vec<String> {
        let (mut seen, mut again) = (HashSet::new(), HashSet::new());
        let names = self.entries.iter().map(|entry| entry.name.as_str());
        let repeated = names.filter(|name| !seen.insert(*name) && again.insert(*name));
        repeated.take(limits::MAX_LISTED).map(str::to_string).collect()
    }
}

impl Entry {
    /// Where its bytes begin: behind its local header, whose extra field may differ from the directory's.
    pub(super) fn data_start(&self, source: &dyn ByteSource) -> Result<u64, ReadError> {
        let header = read(source, self.header, LOCAL_BYTES)?;
        let lengths = [26, 28].map(|field| number(&header, field, 2).unwrap_or(0));
        Ok(self.header.saturating_add(LOCAL_BYTES + lengths[0] + lengths[1]))
    }
}

/// The bytes of the central directory, and how far the archive lies behind where its offsets say.
fn directory(source: &dyn ByteSource) -> Result<Option<(Vec<u8>, u64)>, ReadError> {
    let length = source.len();
    let start = length.saturating_sub(TAIL_BYTES);
    let tail = read(source, start, length - start)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else { return Ok(None) };
    if tail.len() < end + END_BYTES {
        return Ok(None);
    }
    let field = |at: usize| number(&tail, end + at, 4).unwrap_or(0);
    let (mut size, mut offset, mut behind) = (field(12), field(16), start + end as u64);
    // PyTorch writes the zip64 records always, and they stand between the directory and the end record.
    match zip64(source, behind)? {
        Some(found) => (size, offset, behind) = found,
        None if size == IN_ZIP64 || offset == IN_ZIP64 => return Ok(None),
        None => {}
    }
    // Something in front of the archive shifts it all, and unpackers put up with that.
    let begin = behind.checked_sub(size).filter(|begin| *begin >= offset);
    let Some(begin) = begin else { return Ok(None) };
    Ok(Some((read(source, begin, size.min(limits::MAX_DIRECTORY_BYTES))?, begin - offset)))
}

/// Length, offset and end of the directory by the zip64 end record, whose locator stands before the end record.
fn zip64(source: &dyn ByteSource, end: u64) -> Result<Option<(u64, u64, u64)>, ReadError> {
    let Some(at) = end.checked_sub(20) else { return Ok(None) };
    let locator = read(source, at, 20)?;
    let record = number(&locator, 8, 8).filter(|_| locator.starts_with(b"PK\x06\x07"));
    let Some(record) = record.filter(|record| record.saturating_add(56) <= source.len()) else {
        return Ok(None);
    };
    let bytes = read(source, record, 56)?;
    let fields = number(&bytes, 40, 8).zip(number(&bytes, 48, 8));
    Ok(fields.filter(|_| bytes.starts_with(b"PK\x06\x06")).map(|(size, offset)| (size, offset, record)))
}

fn entries(directory: &[u8], shift: u64) -> Vec<Entry> {
    let (mut entries, mut rest) = (Vec::new(), directory);
    while entries.len() < limits::MAX_MEMBERS && rest.starts_with(b"PK\x01\x02") {
        let Some((entry, length)) = entry(rest, shift) else { break };
        entries.push(entry);
        rest = &rest[length..];
    }
    entries
}

/// The first member of what is left of the directory, and the bytes it takes there.
fn entry(bytes: &[u8], shift: u64) -> Option<(Entry, usize)> {
    let field = |at: usize, width: usize| number(bytes, at, width);
    let [name, extra, comment] = [field(28, 2)?, field(30, 2)?, field(32, 2)?].map(|n| n as usize);
    let end = 46 + name + extra + comment;
    let more = bytes.get(46 + name..46 + name + extra)?;
    let mut numbers = [field(24, 4)?, field(20, 4)?, field(42, 4)?];
    fill_from_zip64(more, &mut numbers);
    let [size, packed, header] = numbers;
    let entry = Entry {
        name: member_name(bytes.get(46..46 + name)?),
        method: method(field(10, 2)?),
        encrypted: field(8, 2)? & ENCRYPTED != 0,
        packed,
        size,
        crc: Some(field(16, 4)? as u32),
        header: header.saturating_add(shift),
    };
    (end <= bytes.len()).then_some((entry, end))
}

/// Puts the 64-bit numbers of the extra field 1 in place of those that do not fit 32 bits, in the order of the format.
fn fill_from_zip64(mut extra: &[u8], numbers: &mut [u64; 3]) {
    while let (Some(id), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let Some(mut body) = extra.get(4..4 + length as usize) else { return };
        extra = &extra[4 + body.len()..];
        for place in numbers.iter_mut().filter(|place| id == 1 && **place == IN_ZIP64) {
            let Some(value) = number(body, 0, 8) else { return };
            (*place, body) = (value, &body[8..]);
        }
    }
}

/// What the local headers list, one behind the other, as far as their lengths are known.
fn local_entries(source: &dyn ByteSource) -> Result<Vec<Entry>, ReadError> {
    let (mut entries, mut at) = (Vec::new(), 0u64);
    while entries.len() < limits::MAX_MEMBERS && at.saturating_add(LOCAL_BYTES) <= source.len() {
        let header = read(source, at, LOCAL_BYTES)?;
        let field = |place: usize, width: usize| number(&header, place, width).unwrap_or(0);
        if !header.starts_with(b"PK\x03\x04") {
            break;
        }
        let name_at = at + LOCAL_BYTES;
        let name = read(source, name_at, field(26, 2).min(source.len() - name_at))?;
        let (flags, packed) = (field(6, 2), field(18, 4));
        entries.push(Entry {
            name: member_name(&name),
            method: method(field(8, 2)),
            encrypted: flags & ENCRYPTED != 0,
            packed,
            size: field(22, 4),
            crc: None,
            header: at,
        });
        if flags & LENGTHS_FOLLOW != 0 || packed == IN_ZIP64 {
            break;
        }
        at = name_at + field(26, 2) + field(28, 2) + packed;
    }
    Ok(entries)
}

/// A name ends at its first zero, as in Python.
fn member_name(bytes: &[u8]) -> String {
    let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

fn method(number: u64) -> Method {
    match number {
        0 => Method::Stored,
        8 => Method::Deflated,
        other => Method::Other(other as u16),
    }
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
