//! Where bytes come from: a length, and reads at an offset.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits;

/// Random access to the bytes of a file that need not be in memory.
pub trait ByteSource: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// When the range is not inside the file, or the reading itself fails.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError>;
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The range is not inside the file.
    #[error("bytes {offset} to {} are beyond the end of the file at {len}", offset.saturating_add(*wanted))]
    Beyond {
        /// First byte wanted.
        offset: u64,
        /// Bytes wanted.
        wanted: u64,
        /// Length of the file.
        len: u64,
    },
    /// The system refused.
    #[error("the file could not be read: {0}")]
    System(String),
}

/// Checks that `wanted` bytes from `offset` on lie inside `len`.
///
/// # Errors
/// [`ReadError::Beyond`] when they don't.
pub fn check_range(offset: u64, wanted: usize, len: u64) -> Result<(), ReadError> {
    let wanted = wanted as u64;
    match offset.checked_add(wanted) {
        Some(end) if end <= len => Ok(()),
        _ => Err(ReadError::Beyond { offset, wanted, len }),
    }
}

/// Bytes that replace those at an offset of a file; behind its end, they make it longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Offset in the file.
    pub offset: u64,
    /// What stands there instead.
    pub bytes: Vec<u8>,
}

/// A run of bytes of a file that is put together from those of another.
#[derive(Clone)]
pub enum Part {
    /// Bytes that the other file does not have so.
    New(Vec<u8>),
    /// Bytes of the other file.
    Kept {
        /// Offset in it.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Bytes that are made when they are asked for, and not kept: those of a tensor.
    Made {
        /// How many.
        length: u64,
        /// Makes them.
        make: Arc<dyn Make>,
    },
}

/// What makes a run of bytes.
pub trait Make: Send + Sync {
    /// The bytes.
    ///
    /// # Errors
    /// When what they are made of can't be read.
    fn make(&self) -> Result<Vec<u8>, ReadError>;
}

impl Part {
    /// Its bytes.
    pub fn length(&self) -> u64 {
        match self {
            Part::New(bytes) => bytes.len() as u64,
            Part::Kept { length, .. } | Part::Made { length, .. } => *length,
        }
    }
}

/// A file put together from new bytes and those of another file.
pub struct Joined {
    inner: Arc<dyn ByteSource>,
    /// Where each part begins, and the part.
    parts: Vec<(u64, Part)>,
    length: u64,
    /// The part that was made last, because a file is copied in blocks.
    made: Mutex<Option<(u64, Arc<[u8]>)>>,
}

impl Joined {
    /// Parts one behind the other.
    pub fn new(inner: Arc<dyn ByteSource>, parts: Vec<Part>) -> Joined {
        let mut length = 0u64;
        let mut placed = Vec::with_capacity(parts.len());
        for part in parts.into_iter().filter(|part| part.length() > 0) {
            let start = length;
            length = length.saturating_add(part.length());
            placed.push((start, part));
        }
        Joined { inner, parts: placed, length, made: Mutex::default() }
    }

    /// The file with these edits, none of which may overlap another. Between its end and an edit behind it are zeros.
    pub fn patched(inner: Arc<dyn ByteSource>, mut edits: Vec<Edit>) -> Joined {
        edits.sort_by_key(|edit| edit.offset);
        let (length, mut parts, mut at) = (inner.len(), Vec::new(), 0);
        for edit in edits {
            let kept = edit.offset.min(length).saturating_sub(at);
            parts.push(Part::Kept { offset: at, length: kept });
            parts.push(Part::New(vec![0; edit.offset.saturating_sub(at.saturating_add(kept)) as usize]));
            at = edit.offset.saturating_add(edit.bytes.len() as u64);
            parts.push(Part::New(edit.bytes));
        }
        parts.push(Part::Kept { offset: at, length: length.saturating_sub(at) });
        Joined::new(inner, parts)
    }

    /// What it is put together from, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().map(|(_, part)| part)
    }

    /// Bytes of a part from a place in it on.
    fn read_part(&self, start: u64, part: &Part, from: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        match part {
            Part::New(bytes) => copy(bytes, from, buffer),
            Part::Kept { offset, .. } => self.inner.read_at(offset.saturating_add(from), buffer),
            Part::Made { make, .. } => copy(&self.made(start, &**make)?, from, buffer),
        }
    }

    fn made(&self, start: u64, make: &dyn Make) -> Result<Arc<[u8]>, ReadError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bytes)) = &*made
            && *at == start
        {
            return Ok(bytes.clone());
        }
        *made = None;
        let bytes: Arc<[u8]> = make.make()?.into();
        *made = Some((start, bytes.clone()));
        Ok(bytes)
    }
}

fn copy(bytes: &[u8], from: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
    check_range(from, buffer.len(), bytes.len() as u64)?;
    buffer.copy_from_slice(&bytes[from as usize..from as usize + buffer.len()]);
    Ok(())
}

impl ByteSource for Joined {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.length)?;
        let mut index = self.parts.partition_point(|(start, part)| start + part.length() <= offset);
        let mut done = 0;
        while done < buffer.len() {
            let (start, part) = &self.parts[index];
            let from = offset + done as u64 - start;
            let count = (part.length() - from).min((buffer.len() - done) as u64) as usize;
            self.read_part(*start, part, from, &mut buffer[done..done + count])?;
            (done, index) = (done + count, index + 1);
        }
        Ok(())
    }
}

/// Bytes in memory.
#[derive(Clone, Debug)]
pub struct MemorySource(pub Vec<u8>);

impl ByteSource for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.len())?;
        let start = usize::try_from(offset).map_err(|e| ReadError::System(e.to_string()))?;
        buffer.copy_from_slice(&self.0[start..start + buffer.len()]);
        Ok(())
    }
}

/// Keeps the pages that were read last, because HDF5 metadata is thousands of tiny reads.
/// Reads of a page or more go past it.
pub struct PageCache<S> {
    inner: S,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    clock: u64,
    kept: HashMap<u64, (u64, Arc<[u8]>)>,
}

impl<S: ByteSource> PageCache<S> {
    /// A cache of [`limits::PAGES`] pages in front of `inner`.
    pub fn new(inner: S) -> Self {
        PageCache { inner, pages: Mutex::default() }
    }

    fn page(&self, number: u64) -> Result<Arc<[u8]>, ReadError> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.clock += 1;
        let now = pages.clock;
        if let Some((used, bytes)) = pages.kept.get_mut(&number) {
            *used = now;
            return Ok(bytes.clone());
        }
        let bytes = self.read_page(number)?;
        pages.make_room();
        pages.kept.insert(number, (now, bytes.clone()));
        Ok(bytes)
    }

    fn read_page(&self, number: u64) -> Result<Arc<[u8]>, ReadError> {
        let start = number * limits::PAGE_BYTES as u64;
        let length = (self.inner.len() - start).min(limits::PAGE_BYTES as u64) as usize;
        let mut bytes = vec![0; length];
        self.inner.read_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

impl Pages {
    fn make_room(&mut self) {
        if self.kept.len() < limits::PAGES {
            return;
        }
        if let Some(oldest) = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(number, _)| *number) {
            self.kept.remove(&oldest);
        }
    }
}

impl<S: ByteSource> ByteSource for PageCache<S> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.len())?;
        if buffer.len() >= limits::PAGE_BYTES {
            return self.inner.read_at(offset, buffer);
        }
        let size = limits::PAGE_BYTES as u64;
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let page = self.page(at / size)?;
            let start = (at % size) as usize;
            let count = (page.len() - start).min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&page[start..start + count]);
            done += count;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counting(MemorySource, AtomicUsize);

    impl ByteSource for Counting {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read_at(offset, buffer)
        }
    }

    fn numbered(length: usize) -> MemorySource {
        MemorySource((0..length).map(|i| (i % 251) as u8).collect())
    }

    #[test]
    fn reads_across_pages_give_the_bytes_of_the_file() {
        let length = 3 * limits::PAGE_BYTES + 17;
        let plain = numbered(length);
        let cached = PageCache::new(numbered(length));
        for (offset, count) in
            [(0, 5), (limits::PAGE_BYTES - 2, 4), (length - 3, 3), (10, 2 * limits::PAGE_BYTES)]
        {
            let (mut expected, mut found) = (vec![0; count], vec![0; count]);
            plain.read_at(offset as u64, &mut expected).unwrap();
            cached.read_at(offset as u64, &mut found).unwrap();
            assert_eq!(expected, found, "{count} bytes at {offset}");
        }
    }

    #[test]
    fn small_reads_of_one_page_reach_the_file_once() {
        let cached = PageCache::new(Counting(numbered(1000), AtomicUsize::new(0)));
        for offset in 0..900 {
            cached.read_at(offset, &mut [0; 8]).unwrap();
        }
        assert_eq!(cached.inner.1.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn more_pages_than_fit_are_dropped_oldest_first() {
        let cached = PageCache::new(numbered((limits::PAGES + 5) * limits::PAGE_BYTES));
        for page in 0..limits::PAGES + 5 {
            cached.read_at((page * limits::PAGE_BYTES) as u64, &mut [0; 1]).unwrap();
        }
        assert_eq!(cached.pages.lock().unwrap().kept.len(), limits::PAGES);
        assert!(!cached.pages.lock().unwrap().kept.contains_key(&0));
    }

    #[test]
    fn a_range_that_overflows_is_an_error() {
        let source = numbered(10);
        assert!(matches!(source.read_at(u64::MAX, &mut [0; 2]), Err(ReadError::Beyond { .. })));
        assert!(matches!(PageCache::new(source).read_at(9, &mut [0; 2]), Err(ReadError::Beyond { .. })));
    }

    #[test]
    fn edits_are_read_in_place_of_what_was_there() {
        let edit = |offset, bytes: &[u8]| Edit { offset, bytes: bytes.into() };
        let inner = Arc::new(MemorySource(b"0123456789".to_vec()));
        let patched = Joined::patched(inner, vec![edit(11, b"end"), edit(2, b"ab"), edit(4, b"c")]);
        assert_eq!(patched.len(), 14);
        let whole = b"01abc56789\0end";
        for start in 0..whole.len() {
            for end in start..=whole.len() {
                let mut bytes = vec![9; end - start];
                patched.read_at(start as u64, &mut bytes).unwrap();
                assert_eq!(bytes, whole[start..end]);
            }
        }
        assert!(patched.read_at(10, &mut [0; 5]).is_err());
    }

    struct Letters;

    impl Make for Letters {
        fn make(&self) -> Result<Vec<u8>, ReadError> {
            Ok(b"xyz".to_vec())
        }
    }

    #[test]
    fn parts_are_read_one_behind_the_other() {
        let parts = vec![
            Part::New(b"ab".to_vec()),
            Part::Made { length: 3, make: Arc::new(Letters) },
            Part::Kept { offset: 4, length: 2 },
        ];
        let joined = Joined::new(Arc::new(MemorySource(b"0123456789".to_vec())), parts);
        let whole = b"abxyz45";
        for start in 0..whole.len() {
            let mut bytes = vec![9; whole.len() - start];
            joined.read_at(start as u64, &mut bytes).unwrap();
            assert_eq!(bytes, whole[start..]);
        }
    }
}
