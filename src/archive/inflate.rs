//! The door to the inflater.

use std::io::{self, Read};

use flate2::Crc;
use flate2::read::{DeflateDecoder, GzDecoder};

use crate::limits;
use crate::source::{ByteSource, ReadError};

/// Bytes that are read from the archive at a time.
const PIECE: usize = 64 * 1024;

/// A stretch of a source, read from its start to its end.
struct Stretch<'s> {
    source: &'s dyn ByteSource,
    at: u64,
    end: u64,
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (self.end - self.at).min(buffer.len().min(PIECE) as u64) as usize;
        self.source.read_at(self.at, &mut buffer[..count]).map_err(|e| io::Error::other(e.to_string()))?;
        self.at += count as u64;
        Ok(count)
    }
}

/// At most `limit` bytes of what the deflated data from `start` to `end` holds.
///
/// # Errors
/// When it is no deflated data.
pub(super) fn deflated(source: &dyn ByteSource, start: u64, end: u64, limit: u64) -> io::Result<Vec<u8>> {
    let packed = end.saturating_sub(start);
    // Room for all at once, or the vector would double until it has twice what is needed.
    let mut bytes = Vec::with_capacity(limit.min(packed.saturating_mul(limits::MAX_INFLATE_RATIO)) as usize);
    let stretch = Stretch { source, at: start.min(end), end };
    DeflateDecoder::new(stretch).take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes inside a gzip file, at most `limit`; nothing where it is damaged from the beginning.
pub fn gzip_start(source: &dyn ByteSource, limit: usize) -> Vec<u8> {
    let mut bytes = vec![0; limit];
    let mut decoder = GzDecoder::new(Stretch { source, at: 0, end: source.len() });
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match decoder.read(rest) {
            Ok(count) if count > 0 => filled += count,
            Ok(_) | Err(_) => break,
        }
    }
    bytes.truncate(filled);
    bytes
}

/// CRC-32 of all bytes.
pub(super) fn crc(source: &dyn ByteSource) -> Result<u32, ReadError> {
    let (mut crc, mut piece, mut at) = (Crc::new(), vec![0; PIECE], 0);
    while at < source.len() {
        let count = (source.len() - at).min(PIECE as u64) as usize;
        source.read_at(at, &mut piece[..count])?;
        crc.update(&piece[..count]);
        at += count as u64;
    }
    Ok(crc.sum())
}
