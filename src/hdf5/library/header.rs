//! Object headers, as the library reads them: a prefix, then messages, in the first part and in continuations.

use std::collections::HashSet;

use hdf5_reader::checksum::jenkins_lookup3;

use super::{Failure, Library, Outcome, Version, number};
use crate::limits;

/// An object header without a fault that the library minds.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its messages in the order of the file.
    pub(super) messages: Vec<Message>,
}

/// A message of an object header.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: u16,
    /// Whether it only says where its content is.
    pub(super) shared: bool,
    pub(super) bytes: Vec<u8>,
}

/// What the prefix of a header says.
struct Prefix {
    new: bool,
    /// Bytes of the messages of the first part.
    size: u64,
    /// Bytes before them.
    length: usize,
    /// Bytes before each message.
    message: usize,
}

/// Bytes of a header that are read before its length is known.
const FIRST_READ: usize = 512;
/// Bits of a message's flags that HDF5 1.8 knows; since 1.10 all mean something.
const FLAGS_1_8: u8 = 0x7f;
const SHARED: u8 = 0x02;
const NOT_SHAREABLE: u8 = 0x04;
const FAIL_IF_UNKNOWN_FOR_WRITE: u8 = 0x08;
const MARK_IF_UNKNOWN: u8 = 0x10;
const WAS_UNKNOWN: u8 = 0x20;
const SHAREABLE: u8 = 0x40;
const FAIL_IF_UNKNOWN: u8 = 0x80;

const DATASPACE: u16 = 1;
const LINK_INFO: u16 = 2;
const DATATYPE: u16 = 3;
const CONTINUATION: u16 = 0x10;
const SYMBOL_TABLE: u16 = 0x11;
const REFERENCE_COUNT: u16 = 0x16;
/// Types of messages above this are not known to the library.
const LAST_KNOWN: u16 = 0x17;
/// Types whose content may be shared by objects: dataspace, datatype, both fill values, filters, attribute.
const SHAREABLE_TYPES: [u16; 6] = [1, 3, 4, 5, 0x0b, 0x0c];

impl Header {
    /// The messages of a type.
    pub(super) fn of(&self, kind: u16) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.kind == kind)
    }

    /// The first message of a type.
    pub(super) fn first(&self, kind: u16) -> Option<&Message> {
        self.of(kind).next()
    }

    /// Whether it is that of a dataset: it has a type and a shape.
    pub fn is_dataset(&self) -> bool {
        self.first(DATATYPE).is_some() && self.first(DATASPACE).is_some()
    }

    /// Whether it is that of a group: it has a symbol table or says how it keeps its links.
    pub fn is_group(&self) -> bool {
        self.first(SYMBOL_TABLE).is_some() || self.first(LINK_INFO).is_some()
    }
}

impl Library<'_> {
    /// The object header at an address.
    ///
    /// # Errors
    /// What the library says of the first fault that it meets.
    pub fn header(&self, address: u64) -> Outcome<Header> {
        let prefix = self.prefix(address)?;
        let sum = if prefix.new { 4 } else { 0 };
        let whole = prefix.size.saturating_add(prefix.length as u64 + sum);
        self.check_whole(address, whole, FIRST_READ as u64)?;
        let bytes = self.part(address, whole, prefix.new)?;
        let mut header = Header { messages: Vec::new() };
        let mut open = self.read_part(&mut header, &prefix, &bytes[prefix.length..])?;
        let (mut seen, mut total) = (HashSet::new(), bytes.len());
        while !open.is_empty() {
            let (at, length) = open.remove(0);
            if !seen.insert(at) || total > limits::MAX_OBJECT_HEADER_BYTES {
                return Err(Failure::unclear("the continuations of a header lead round in circles"));
            }
            let bytes = self.part(at, length, prefix.new)?;
            total = total.saturating_add(bytes.len());
            let start = if prefix.new { 4 } else { 0 };
            if prefix.new && !bytes.starts_with(b"OCHK") {
                return Err(Failure::says("wrong object header chunk signature"));
            }
            open.extend(self.read_part(&mut header, &prefix, bytes.get(start..).unwrap_or_default())?);
        }
        Ok(header)
    }

    fn prefix(&self, address: u64) -> Outcome<Prefix> {
        let bytes = self.speculative(address, FIRST_READ)?;
        if bytes.starts_with(b"OHDR") { new_prefix(&bytes) } else { old_prefix(&bytes) }
    }

    /// The bytes of a part; since version 2 without the checksum at its end.
    fn part(&self, address: u64, length: u64, new: bool) -> Outcome<Vec<u8>> {
        let mut bytes = self.read_sized(address, length)?;
        if new {
            let end = bytes.len().saturating_sub(4);
            let wrong = number(&bytes, end, 4) != Some(u64::from(jenkins_lookup3(&bytes[..end])));
            if wrong && self.version < [1, 10, 0] {
                return Err(Failure::says("incorrect metadata checksum for object header chunk"));
            }
            if wrong {
                return Err(Failure::says(wrong_sum(self.version)));
            }
            bytes.truncate(end);
        }
        Ok(bytes)
    }

    /// Takes in the messages of a part; gives the continuations, as address and length.
    fn read_part(&self, header: &mut Header, prefix: &Prefix, bytes: &[u8]) -> Outcome<Vec<(u64, u64)>> {
        let (mut at, mut open) = (0, Vec::new());
        while at + prefix.message <= bytes.len() {
            let head = &bytes[at..at + prefix.message];
            let (kind, length, flags) = if prefix.new {
                (u16::from(head[0]), u16::from_le_bytes([head[1], head[2]]), head[3])
            } else {
                (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]), head[4])
            };
            let length = usize::from(length);
            check_message(self.version, kind, length, flags, prefix.new)?;
            at += prefix.message;
            let Some(content) = bytes.get(at..at + length) else {
                let words = if self.version >= [2, 0, 0] {
                    "message size exceeds buffer end"
                } else {
                    "corrupt object header"
                };
                return Err(Failure::says(words));
            };
            at += length;
            if kind == CONTINUATION {
                open.extend(self.continuation(content)?);
            }
            header.messages.push(Message { kind, shared: flags & SHARED != 0, bytes: content.to_vec() });
        }
        // Only headers of version 2 may have a gap at the end.
        if at < bytes.len() && !prefix.new {
            return Err(Failure::unclear("the messages of a header do not fill it"));
        }
        Ok(open)
    }

    fn continuation(&self, content: &[u8]) -> Outcome<Option<(u64, u64)>> {
        let place = self.offset(content, 0);
        let length = number(content, usize::from(self.offset_size), usize::from(self.length_size));
        match place.zip(length) {
            Some((_, 0)) => Err(Failure::unclear("an empty continuation of a header")),
            found => Ok(found),
        }
    }
}

/// What is said of a wrong checksum; the word was misspelt until HDF5 1.14.
pub(super) fn wrong_sum(library: Version) -> &'static str {
    match library >= [1, 14, 0] {
        true => "incorrect metadata checksum after all read attempts",
        false => "incorrect metadatda checksum after all read attempts",
    }
}

/// Version 1: version, a byte, two of the number of messages, four of links, four of the size, four of padding.
fn old_prefix(bytes: &[u8]) -> Outcome<Prefix> {
    if bytes[0] != 1 {
        return Err(Failure::says("bad object header version number"));
    }
    let (count, size) = (number(bytes, 2, 2).unwrap_or_default(), number(bytes, 8, 4).unwrap_or_default());
    if (count > 0 && size < 8) || (count == 0 && size > 0) {
        return Err(Failure::says("bad object header chunk size"));
    }
    Ok(Prefix { new: false, size, length: 16, message: 8 })
}

/// Version 2: `OHDR`, version, flags, what they announce, and the size.
fn new_prefix(bytes: &[u8]) -> Outcome<Prefix> {
    if bytes[4] != 2 {
        return Err(Failure::says("bad object header version number"));
    }
    let flags = bytes[5];
    if flags & !0x3f != 0 {
        return Err(Failure::says("unknown object header status flag(s)"));
    }
    let times = if flags & 0x20 != 0 { 16 } else { 0 };
    let phases = if flags & 0x10 != 0 { 4 } else { 0 };
    let (at, width) = (6 + times + phases, 1usize << (flags & 3));
    if phases > 0 && number(bytes, at - 4, 2) < number(bytes, at - 2, 2) {
        return Err(Failure::says("bad object header attribute phase change values"));
    }
    let message = if flags & 4 != 0 { 6 } else { 4 };
    let size = number(bytes, at, width).unwrap_or_default();
    if size > 0 && size < message as u64 {
        return Err(Failure::says("bad object header chunk size"));
    }
    Ok(Prefix { new: true, size, length: at + width, message })
}

fn check_message(library: Version, kind: u16, length: usize, flags: u8, new: bool) -> Outcome<()> {
    let has = |flag: u8| flags & flag != 0;
    if !new && !length.is_multiple_of(8) && library >= [1, 12, 0] {
        return Err(Failure::says("message not aligned"));
    }
    if flags & !FLAGS_1_8 != 0 && library < [1, 10, 0] {
        return Err(Failure::says("unknown flag for message"));
    }
    let contradicts = has(SHARED) && has(NOT_SHAREABLE)
        || has(WAS_UNKNOWN) && has(FAIL_IF_UNKNOWN_FOR_WRITE)
        || has(WAS_UNKNOWN) && !has(MARK_IF_UNKNOWN);
    if contradicts {
        return Err(Failure::says("bad flag combination for message"));
    }
    if kind > LAST_KNOWN && has(FAIL_IF_UNKNOWN) {
        return Err(Failure::says("unknown message with 'fail if unknown' flag found"));
    }
    if kind <= LAST_KNOWN && has(SHAREABLE) && !SHAREABLE_TYPES.contains(&kind) {
        return Err(Failure::says("message of unshareable class flagged as shareable"));
    }
    if kind == REFERENCE_COUNT && !new {
        return Err(Failure::says("object header version does not support reference count message"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Ranks;
    use super::*;
    use crate::source::MemorySource;

    /// Version 2, no flags but that the size has 8 bytes.
    #[test]
    fn a_header_of_nearly_two_to_the_64_bytes_is_refused() {
        for size in [u64::MAX, u64::MAX - 3, u64::MAX - 20] {
            let mut bytes = [b"OHDR\x02\x03".as_slice(), &size.to_le_bytes()].concat();
            bytes.resize(FIRST_READ * 2, 0);
            let source = MemorySource(bytes);
            let end = source.0.len() as u64;
            let library = Library {
                source: &source,
                version: [1, 10, 4],
                base: 0,
                end,
                offset_size: 8,
                length_size: 8,
                root: 0,
                ranks: Ranks { leaf: 4, tree: 16 },
            };
            assert!(library.header(0).is_err(), "{size}");
        }
    }
}
