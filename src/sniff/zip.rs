//! Names of the entries of a zip archive, from its central directory.

use crate::source::{ByteSource, ReadError};

/// The end record lies in the last 64 KiB and 22 bytes.
const TAIL_BYTES: u64 = 65_557;
/// Entries whose names are looked at.
const MAX_ENTRIES: usize = 200;
/// Bytes of the central directory that are read.
const MAX_DIRECTORY_BYTES: u64 = 256 * 1024;

/// Names of the first entries; none when there is no readable directory.
pub(super) fn names(source: &dyn ByteSource) -> Result<Vec<String>, ReadError> {
    let length = source.len();
    let start = length.saturating_sub(TAIL_BYTES);
    let mut tail = vec![0; (length - start) as usize];
    source.read_at(start, &mut tail)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Ok(Vec::new());
    };
    let (Some(size), Some(offset)) = (number(&tail, end + 12, 4), number(&tail, end + 16, 4)) else {
        return Ok(Vec::new());
    };
    let size = size.min(MAX_DIRECTORY_BYTES);
    if offset.saturating_add(size) > length {
        return Ok(Vec::new());
    }
    let mut directory = vec![0; size as usize];
    source.read_at(offset, &mut directory)?;
    Ok(entries(&directory))
}

fn entries(directory: &[u8]) -> Vec<String> {
    let (mut names, mut at) = (Vec::new(), 0);
    while names.len() < MAX_ENTRIES && directory.get(at..at + 4) == Some(b"PK\x01\x02") {
        let lengths = [28, 30, 32].map(|field| number(directory, at + field, 2).unwrap_or(0) as usize);
        let Some(name) = directory.get(at + 46..at + 46 + lengths[0]) else { break };
        names.push(String::from_utf8_lossy(name).into_owned());
        at += 46 + lengths.iter().sum::<usize>();
    }
    names
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at + width)?;
    Some(field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
