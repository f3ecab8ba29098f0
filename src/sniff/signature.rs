//! HDF5's signature: where it is, and what it tells when it is damaged.
//!
//! Its bytes are chosen to show what a transfer did: `\x89` has the eighth bit, `\r\n` and `\n` are line ends of two systems,
//! and `\x1a` ended text files under DOS.

use super::{Impostor, bytes, start};
use crate::limits;
use crate::source::{ByteSource, ReadError};

/// The signature of HDF5.
pub(super) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Signatures are looked for at 0, 512, 1024, 2048, … up to here, as libhdf5 does.
const LAST_USER_BLOCK: u64 = 1 << 30;

/// What was done to the bytes of an HDF5 file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mangling {
    /// Every line feed became carriage return and line feed, those behind a carriage return too.
    LineFeedsToPairs,
    /// Line feeds became pairs, but not those that were pairs.
    LoneLineFeedsToPairs,
    /// Every pair became one line feed.
    PairsToLineFeeds,
    /// Line feeds became carriage returns, or the other way round.
    OtherLineEnds,
    /// The eighth bit of every byte was cut off.
    SevenBits,
    /// The bytes were taken for letters of a code page and written as UTF-8.
    CodePageAsUtf8,
    /// Bytes that are no UTF-8 became question marks or U+FFFD.
    Replaced,
    /// Written as UTF-16, as `>` does in PowerShell.
    Utf16,
    /// The first byte is missing.
    FirstByteLost,
    /// It ends where DOS sees the end of a text.
    EndsAtControlZ,
}

/// What a file begins with after each kind of mangling; the longer ones first.
const MANGLED: &[(&[u8], Mangling)] = &[
    (b"\x89HDF\r\r\n\x1a", Mangling::LineFeedsToPairs),
    (b"\x89HDF\r\n\x1a\r\n", Mangling::LoneLineFeedsToPairs),
    (b"\x89HDF\n\x1a\n", Mangling::PairsToLineFeeds),
    (b"\x89HDF\r\r\x1a\r", Mangling::OtherLineEnds),
    (b"\x89HDF\n\n\x1a\n", Mangling::OtherLineEnds),
    (b"\x89HDF\r\x1a\r", Mangling::OtherLineEnds),
    (b"\tHDF\r\n", Mangling::SevenBits),
    (b"\tHDF\n\x1a", Mangling::SevenBits),
    (b"\xef\xbf\xbdHDF", Mangling::Replaced),
    (b"?HDF\r\n", Mangling::Replaced),
    (b"?HDF\n\x1a", Mangling::Replaced),
    (b"HDF\r\n\x1a\n", Mangling::FirstByteLost),
];

/// Where the signature is: at 0, or behind a user block of 512 · 2ⁿ bytes.
pub(super) fn find(source: &dyn ByteSource) -> Result<Option<u64>, ReadError> {
    let mut offset = 0;
    while offset + 8 <= source.len() && offset <= LAST_USER_BLOCK {
        let mut found = [0; 8];
        source.read_at(offset, &mut found)?;
        if &found == SIGNATURE {
            return Ok(Some(offset));
        }
        offset = if offset == 0 { 512 } else { offset * 2 };
    }
    Ok(None)
}

/// Where the signature is although it must not be there, near the start of the file.
pub(super) fn displaced(source: &dyn ByteSource) -> Result<Option<u64>, ReadError> {
    let begin = start(source, limits::SIGNATURE_SEARCH_BYTES)?;
    // The superblock's version behind it has been 0 to 3 so far.
    let is_there = |window: &[u8]| window.starts_with(SIGNATURE) && window[8] <= 3;
    Ok(begin.windows(9).position(is_there).map(|offset| offset as u64))
}

/// Whether HDF5 begins at `offset`.
pub(super) fn is_at(source: &dyn ByteSource, offset: u64) -> Result<bool, ReadError> {
    Ok(bytes(source, offset, 8)? == SIGNATURE)
}

/// What was done to an HDF5 file that begins like this.
pub(super) fn damaged(head: &[u8]) -> Option<Impostor> {
    if let Some((_, mangling)) = MANGLED.iter().find(|(begin, _)| head.starts_with(begin)) {
        return Some(Impostor::Mangled(*mangling));
    }
    if let Some(mangling) = reencoded(head) {
        return Some(Impostor::Mangled(mangling));
    }
    // DOS takes \x1a for the end of a text, and leaves it out or in.
    if head.len() < SIGNATURE.len() && head.starts_with(b"\x89HDF") {
        return Some(Impostor::Mangled(Mangling::EndsAtControlZ));
    }
    let same = head.iter().zip(SIGNATURE).filter(|(found, wanted)| found == wanted).count();
    (same >= 6 || is_superblock(head)).then_some(Impostor::DamagedSignature)
}

/// Whether the first byte became another letter, and all were written in another encoding.
fn reencoded(head: &[u8]) -> Option<Mangling> {
    let utf16 = [(b"\xff\xfe", b"H\0D\0F\0"), (b"\xfe\xff", b"\0H\0D\0F")];
    if utf16.iter().any(|(mark, word)| head.starts_with(*mark) && head.get(4..10) == Some(*word)) {
        return Some(Mangling::Utf16);
    }
    let first = head.utf8_chunks().next()?.valid().chars().next()?;
    (!first.is_ascii() && head.get(first.len_utf8()..)?.starts_with(b"HDF"))
        .then_some(Mangling::CodePageAsUtf8)
}

/// What the structures of HDF5 begin with: their signature and their version.
const STRUCTURES: [&[u8]; 7] =
    [b"TREE\0", b"TREE\x01", b"HEAP\0", b"SNOD\x01", b"GCOL\x01", b"OHDR\x02", b"FRHP\0"];

/// Whether structures of HDF5 are near the start of a file that has no signature.
pub(super) fn is_without_beginning(source: &dyn ByteSource) -> Result<bool, ReadError> {
    let begin = start(source, limits::SIGNATURE_SEARCH_BYTES)?;
    let is_there = |window: &[u8]| STRUCTURES.contains(&window);
    Ok(begin.windows(5).any(is_there))
}

/// Whether a superblock stands behind a signature, whatever has become of that: its version, offsets and lengths of eight
/// bytes, and an address that is not set.
fn is_superblock(head: &[u8]) -> bool {
    let unset = |at: usize| head.get(at..at + 8) == Some(&[0xff; 8]);
    match head.get(8..16) {
        Some([0, 0, 0, 0, 0, 8, 8, 0]) => unset(32),
        Some([2 | 3, 8, 8, ..]) => unset(20),
        _ => false,
    }
}
