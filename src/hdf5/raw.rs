//! Structures as they lie in the file, read one by one, so that a damaged one costs only itself.
//!
//! The reader's own functions give up on the first damaged message of a header or entry of a group. These go on.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hdf5_reader::checksum::jenkins_lookup3;
use hdf5_reader::error::Error as Reader;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::{self, HdfMessage, continuation, shared};
use hdf5_reader::{Hdf5File, Storage, StorageBuffer};

use super::{Error, translate};
use crate::limits;
use crate::source::ByteSource;

/// The file behind its user block, with the widths of its numbers and a limit on what may be read.
#[derive(Clone)]
pub(super) struct Raw {
    /// Reads at addresses of the file.
    pub(super) storage: Arc<Metered>,
    /// Bytes of an address.
    pub(super) offset_size: u8,
    /// Bytes of a length.
    pub(super) length_size: u8,
}

/// A storage that stops when more has been read than the structures of any sound file take.
pub(super) struct Metered {
    source: Arc<dyn ByteSource>,
    base: u64,
    left: AtomicU64,
}

impl Metered {
    /// The same storage with nothing read of it.
    pub(super) fn again(&self) -> Arc<Metered> {
        let left = AtomicU64::new(limits::MAX_WALKED_BYTES);
        Arc::new(Metered { source: self.source.clone(), base: self.base, left })
    }
}

impl Storage for Metered {
    fn len(&self) -> u64 {
        self.source.len().saturating_sub(self.base)
    }

    fn read_range(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<StorageBuffer> {
        let available = self.len().saturating_sub(offset);
        if len as u64 > available || offset > self.len() {
            return Err(Reader::UnexpectedEof { offset, needed: len as u64, available });
        }
        let left = self.left.load(Ordering::Relaxed);
        let Some(rest) = left.checked_sub(len as u64) else {
            return Err(Reader::ResourceLimit(
                "the structures of the file are larger than any model's".into(),
            ));
        };
        self.left.store(rest, Ordering::Relaxed);
        let mut bytes = vec![0; len];
        let position = offset.checked_add(self.base).ok_or(Reader::OffsetOutOfBounds(offset))?;
        self.source
            .read_at(position, &mut bytes)
            .map_err(|e| Reader::Io(std::io::Error::other(e.to_string())))?;
        Ok(StorageBuffer::from_vec(bytes))
    }
}

/// A structure that is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Path of the object it belongs to.
    pub path: String,
    /// Where the structure is, counted from the start of the HDF5 part.
    pub address: u64,
    /// What about it.
    pub what: String,
}

/// An object header, whatever of it can be read.
#[derive(Default)]
pub(super) struct Header {
    /// Its messages in the order of the file, with the error of those that can't be decoded.
    pub(super) messages: Vec<Message>,
    /// What is damaged: the address and what about it.
    pub(super) damage: Vec<(u64, String)>,
}

/// A message of an object header.
pub(super) struct Message {
    /// Its type in the file.
    pub(super) kind: u16,
    /// Its bytes, where they can't be decoded.
    pub(super) bytes: Vec<u8>,
    /// Where its body begins and how many bytes it has.
    pub(super) place: (u64, usize),
    /// The bytes that a checksum behind them covers, where there is one: address and length.
    pub(super) sealed: Option<(u64, usize)>,
    /// What it says.
    pub(super) body: Result<HdfMessage, Error>,
}

/// A part of an object header: the first, or a continuation.
struct Part {
    address: u64,
    bytes: StorageBuffer,
    /// Bytes of the prefix of each message.
    prefix: usize,
    /// Where messages begin.
    start: usize,
}

const SHARED: u8 = 2;
const CONTINUATION: u16 = 0x10;
const NIL: u16 = 0;

impl Raw {
    /// The structures of an open file.
    pub(super) fn new(file: &Hdf5File, source: Arc<dyn ByteSource>) -> Raw {
        let block = file.superblock();
        let storage =
            Metered { source, base: block.base_address, left: AtomicU64::new(limits::MAX_WALKED_BYTES) };
        Raw { storage: Arc::new(storage), offset_size: block.offset_size, length_size: block.length_size }
    }

    /// Where the HDF5 part ends, or the file before that.
    pub(super) fn end(&self) -> u64 {
        self.storage.len()
    }

    /// The file itself, and where the HDF5 part begins in it.
    pub(super) fn source(&self) -> (&dyn ByteSource, u64) {
        (&*self.storage.source, self.storage.base)
    }

    /// Bytes from `address` on; as many as there are before the end of the file.
    pub(super) fn up_to(&self, address: u64, length: u64) -> Result<StorageBuffer, Error> {
        let there = length.min(self.end().saturating_sub(address));
        if there < length.min(1) {
            return Err(Error::Damaged(format!("byte {address} is behind the end at {}", self.end())));
        }
        self.bytes(address, usize::try_from(there).unwrap_or(usize::MAX))
    }

    /// Exactly `length` bytes from `address` on.
    pub(super) fn bytes(&self, address: u64, length: usize) -> Result<StorageBuffer, Error> {
        self.storage.read_range(address, length).map_err(translate)
    }

    /// Whether it is the address that stands for none.
    pub(super) fn is_none(&self, address: u64) -> bool {
        Cursor::is_undefined_offset(address, self.offset_size) || address == u64::MAX
    }

    /// The object header at an address.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn header(&self, address: u64) -> Result<Header, Error> {
        let start = self.up_to(address, 4)?;
        let (new, first) = match start.as_ref() {
            b"OHDR" => (true, self.first_part_v2(address)?),
            _ => (false, self.first_part_v1(address)?),
        };
        let mut header = Header::default();
        let prefix = first.0.prefix;
        header.damage.extend(first.1);
        let mut open = header.read_part(self, &first.0);
        let (mut seen, mut total) = (HashSet::new(), first.0.bytes.len());
        while let Some((at, length)) = open.pop() {
            total = total.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
            if !seen.insert(at) || total > limits::MAX_OBJECT_HEADER_BYTES {
                header.damage.push((at, "its continuations lead round in circles or are too long".into()));
                break;
            }
            match self.continuation(at, length, new, prefix) {
                Ok((part, damage)) => {
                    header.damage.extend(damage);
                    open.extend(header.read_part(self, &part));
                }
                Err(error) => header.damage.push((at, format!("a continuation of its header: {error}"))),
            }
        }
        Ok(header)
    }

    /// Version 1: 16 bytes, the length of the messages at byte 8; the prefix of a message has 8 bytes.
    fn first_part_v1(&self, address: u64) -> Result<(Part, Option<(u64, String)>), Error> {
        let head = self.bytes(address, 16)?;
        let (version, length) = (head[0], u32_at(&head, 8));
        if version != 1 {
            return Err(Error::Damaged(format!("there is no object header at {address}")));
        }
        if length as usize > limits::MAX_OBJECT_HEADER_BYTES {
            return Err(Error::TooLarge(format!("the object header at {address} declares {length} bytes")));
        }
        let wanted = 16 + u64::from(length);
        let bytes = self.up_to(address, wanted)?;
        let cut = cut_short(&bytes, wanted).map(|what| (address, what));
        Ok((Part { address, bytes, prefix: 8, start: 16 }, cut))
    }

    /// Version 2: `OHDR`, version, flags, then what the flags announce, the length, messages and a checksum.
    fn first_part_v2(&self, address: u64) -> Result<(Part, Option<(u64, String)>), Error> {
        let head = self.up_to(address, 34)?;
        let flags = head.get(5).copied().unwrap_or_default();
        let times = if flags & 0x20 != 0 { 16 } else { 0 };
        let phases = if flags & 0x10 != 0 { 4 } else { 0 };
        let (at, width) = (6 + times + phases, 1usize << (flags & 3));
        let length = head.get(at..at + width).map(little_endian);
        let Some(length) = length.filter(|length| *length <= limits::MAX_OBJECT_HEADER_BYTES as u64) else {
            return Err(Error::Damaged(format!("the object header at {address} has no sensible length")));
        };
        let start = at + width;
        let wanted = start as u64 + length + 4;
        let prefix = if flags & 4 != 0 { 6 } else { 4 };
        self.checked_part(address, wanted, prefix, start)
    }

    fn continuation(
        &self,
        address: u64,
        length: u64,
        new: bool,
        prefix: usize,
    ) -> Result<(Part, Option<(u64, String)>), Error> {
        if new {
            return self.checked_part(address, length, prefix, 4);
        }
        let bytes = self.up_to(address, length)?;
        let cut = cut_short(&bytes, length).map(|what| (address, what));
        Ok((Part { address, bytes, prefix, start: 0 }, cut))
    }

    /// A part that ends with the checksum of everything before it.
    fn checked_part(
        &self,
        address: u64,
        wanted: u64,
        prefix: usize,
        start: usize,
    ) -> Result<(Part, Option<(u64, String)>), Error> {
        let all = self.up_to(address, wanted)?;
        let end = all.len().saturating_sub(4).max(start.min(all.len()));
        let damage = cut_short(&all, wanted).or_else(|| {
            let wrong =
                all.len() >= 4 && u64::from(jenkins_lookup3(&all[..end])) != little_endian(&all[end..]);
            wrong.then(|| "the checksum of its header is wrong".to_string())
        });
        let bytes = StorageBuffer::from_vec(all[..end].to_vec());
        Ok((Part { address, bytes, prefix, start }, damage.map(|what| (address, what))))
    }

    fn decode(&self, kind: u16, flags: u8, bytes: &[u8]) -> Result<HdfMessage, Error> {
        let mut cursor = Cursor::new(bytes);
        let (offset, length) = (self.offset_size, self.length_size);
        let body = if flags & SHARED != 0 {
            shared::parse(&mut cursor, kind, offset, length, bytes.len()).map(HdfMessage::Shared)
        } else {
            messages::parse_message(kind, bytes.len(), &mut cursor, offset, length)
        };
        body.map_err(translate)
    }
}

impl Header {
    /// Takes in the messages of a part; gives the continuations, as address and length.
    fn read_part(&mut self, raw: &Raw, part: &Part) -> Vec<(u64, u64)> {
        let (mut at, mut open) = (part.start, Vec::new());
        while let Some(head) = part.bytes.get(at..at + part.prefix) {
            let (kind, length, flags) = if part.prefix == 8 {
                (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]), head[4])
            } else {
                (u16::from(head[0]), u16::from_le_bytes([head[1], head[2]]), head[3])
            };
            let start = at + part.prefix;
            let Some(bytes) = part.bytes.get(start..start + usize::from(length)) else {
                let what = format!("a message of its header (type {kind}) does not fit into it");
                self.damage.push((part.address.saturating_add(at as u64), what));
                break;
            };
            at = start + usize::from(length);
            if kind == CONTINUATION && flags & SHARED == 0 {
                let mut cursor = Cursor::new(bytes);
                let parsed = continuation::parse(&mut cursor, raw.offset_size, raw.length_size, bytes.len());
                open.extend(parsed.ok().map(|next| (next.offset, next.length)));
            } else if kind != NIL {
                let body = raw.decode(kind, flags, bytes);
                let bytes = if body.is_err() { bytes.to_vec() } else { Vec::new() };
                let place = (part.address.saturating_add(start as u64), usize::from(length));
                // Only version 1, whose messages have a prefix of 8 bytes, has no checksum.
                let sealed = (part.prefix != 8).then_some((part.address, part.bytes.len()));
                self.messages.push(Message { kind, bytes, place, sealed, body });
            }
        }
        open
    }

    /// The messages that could be decoded.
    pub(super) fn sound(&self) -> impl Iterator<Item = &HdfMessage> {
        self.messages.iter().filter_map(|message| message.body.as_ref().ok())
    }
}

fn cut_short(bytes: &[u8], wanted: u64) -> Option<String> {
    let there = bytes.len() as u64;
    (there < wanted).then(|| format!("its header has {wanted} bytes and the file ends after {there} of them"))
}

/// A number of 1 to 8 bytes.
pub(super) fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    little_endian(&bytes[at..at + 4]) as u32
}
