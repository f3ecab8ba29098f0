//! Changing attributes of a file without writing it anew: which bytes would have to be others.
//!
//! Nothing is written here. A patch is a list of [`Edit`]s; whoever holds the file applies them to a copy. What stands in the
//! file keeps its place: a shorter text is filled up with spaces, a longer one goes into a heap of its own behind the end.

use std::collections::BTreeSet;

use hdf5_reader::checksum::jenkins_lookup3;
use hdf5_reader::messages::HdfMessage;

use super::raw::little_endian;
use super::{Error, File, Group};
use crate::limits;
use crate::source::Edit;

/// Changes to one file.
pub struct Patch<'f> {
    file: &'f File,
    edits: Vec<Edit>,
    /// Header parts whose checksum has to be made anew: address and length.
    sealed: BTreeSet<(u64, usize)>,
    /// Where the file ends with what was added.
    end: u64,
}

/// Where the parts of an attribute are, as addresses of the HDF5 part.
struct Place {
    name: Run,
    /// The byte of its type that holds the character set, and by how many bits it is shifted there.
    charset: Option<(u64, u8)>,
    data: Run,
    /// Whether the data refer to a heap.
    in_heap: bool,
    sealed: Option<(u64, usize)>,
}

#[derive(Clone, Copy)]
struct Run {
    address: u64,
    length: usize,
}

/// Bytes of the smallest heap that HDF5 reads (`H5HG_MINSIZE`).
const SMALLEST_HEAP: usize = 4096;
/// Bytes in front of the objects of a heap, and in front of each object, where lengths have 8 bytes.
const HEAP_PREFIX: usize = 16;
/// Class numbers of data types: text of a fixed length, and of any length.
const FIXED_TEXT: u8 = 3;
const ANY_LENGTH: u8 = 9;

impl<'f> Patch<'f> {
    /// No changes yet.
    pub fn new(file: &'f File) -> Patch<'f> {
        let end = file.source.len().max(file.extent().end);
        Patch { file, edits: Vec::new(), sealed: BTreeSet::new(), end }
    }

    /// Gives an attribute that is one text another text.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such attribute, [`Error::Unsupported`] when it is kept where it can't be changed.
    pub fn set_text(&mut self, group: &Group<'_>, name: &str, text: &str) -> Result<(), Error> {
        let place = self.place(group, name)?;
        if place.in_heap {
            self.set_heap_text(&place, name, text)
        } else {
            self.set_fixed(&place, name, text)
        }
    }

    /// Marks an attribute's texts as ASCII, which is how Keras writes them, or as UTF-8. Whether anything changed.
    ///
    /// # Errors
    /// As [`Patch::set_text`].
    pub fn mark_ascii(&mut self, group: &Group<'_>, name: &str) -> Result<bool, Error> {
        let place = self.place(group, name)?;
        let Some((address, shift)) = place.charset else {
            return Err(Error::Unsupported(format!("the type of attribute {name} is shared or no text")));
        };
        let byte = self.file.raw.bytes(address, 1)?[0];
        let ascii = byte & !(0x0f << shift);
        if byte != ascii {
            self.write(address, vec![ascii], place.sealed);
        }
        Ok(byte != ascii)
    }

    /// Gives an attribute another name of the same length, under which nobody looks for it.
    ///
    /// # Errors
    /// As [`Patch::set_text`]; also when the names differ in length.
    pub fn rename(&mut self, group: &Group<'_>, name: &str, other: &str) -> Result<(), Error> {
        let place = self.place(group, name)?;
        if place.name.length != other.len() {
            return Err(Error::Unsupported(format!("{other} is not as long as {name}")));
        }
        self.write(place.name.address, other.as_bytes().to_vec(), place.sealed);
        Ok(())
    }

    /// Gives a run of the file other bytes of the same number; the address counts from the start of the HDF5 part.
    pub fn overwrite(&mut self, address: u64, bytes: Vec<u8>) {
        self.write(address, bytes, None);
    }

    /// Lets the file end at another byte.
    ///
    /// # Errors
    /// When the superblock can't be changed.
    pub(super) fn end_at(&mut self, end: u64) -> Result<(), Error> {
        self.end = end;
        self.set_end()
    }

    /// The edits, in the order of the file, with the checksums that they make necessary.
    ///
    /// # Errors
    /// When a header that has to get another checksum can't be read again.
    pub fn finish(mut self) -> Result<Vec<Edit>, Error> {
        self.edits.sort_by_key(|edit| edit.offset);
        let before_checksums = self.edits.len();
        for (address, length) in std::mem::take(&mut self.sealed) {
            let mut bytes = self.file.raw.bytes(address, length)?.to_vec();
            let start = self.offset(address);
            let edits = &self.edits[..before_checksums];
            let first = edits.partition_point(|edit| edit.offset < start);
            let end = start.saturating_add(length as u64);
            for edit in edits[first..].iter().take_while(|edit| edit.offset < end) {
                apply(edit, start, &mut bytes);
            }
            let sum = jenkins_lookup3(&bytes);
            self.write(address.saturating_add(length as u64), sum.to_le_bytes().to_vec(), None);
        }
        self.edits.sort_by_key(|edit| edit.offset);
        Ok(self.edits)
    }

    /// The offset in the file of an address.
    fn offset(&self, address: u64) -> u64 {
        address.saturating_add(self.file.extent().base)
    }

    pub(super) fn write(&mut self, address: u64, bytes: Vec<u8>, sealed: Option<(u64, usize)>) {
        let offset = self.offset(address);
        self.edits.push(Edit { offset, bytes });
        self.sealed.extend(sealed);
    }

    fn set_fixed(&mut self, place: &Place, name: &str, text: &str) -> Result<(), Error> {
        if text.len() > place.data.length {
            let what = format!("attribute {name} has room for {} bytes", place.data.length);
            return Err(Error::Unsupported(format!("{what}, and the new text has {}", text.len())));
        }
        self.write(place.data.address, filled(text, place.data.length), place.sealed);
        Ok(())
    }

    /// An element in a heap is a length of 4 bytes, the heap's address and the number of the object there, 4 bytes.
    fn set_heap_text(&mut self, place: &Place, name: &str, text: &str) -> Result<(), Error> {
        let width = usize::from(self.file.raw.offset_size);
        let element = self.file.raw.bytes(place.data.address, 4 + width + 4)?;
        let length = little_endian(&element[..4]) as usize;
        let (heap, number) = (little_endian(&element[4..4 + width]), little_endian(&element[4 + width..]));
        if text.len() > length {
            return self.add_heap_text(place, name, text);
        }
        let object = self.heap_object(heap, number)?;
        if object.length < length {
            return Err(Error::Damaged(format!("the text of attribute {name} is cut short")));
        }
        self.write(object.address, filled(text, length), None);
        Ok(())
    }

    /// Where an object of a heap is: behind a prefix come the objects, each a number, 6 bytes, its length and its bytes.
    fn heap_object(&self, heap: u64, number: u64) -> Result<Run, Error> {
        let (raw, width) = (&self.file.raw, usize::from(self.file.raw.length_size));
        let damaged = || Error::Damaged(format!("the heap at {heap} has no text {number}"));
        let prefix = 8 + width;
        let size = little_endian(&raw.bytes(heap, prefix)?[8..]);
        if size > limits::MAX_OBJECT_HEADER_BYTES as u64 {
            return Err(Error::TooLarge(format!("the heap at {heap} declares {size} bytes")));
        }
        let all = raw.bytes(heap, size as usize)?;
        let mut at = prefix;
        while let Some(head) = all.get(at..at.saturating_add(prefix)) {
            let (found, length) = (little_endian(&head[..2]), little_endian(&head[8..]));
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let start = at + prefix;
            if found == number && all.len().saturating_sub(start) >= length {
                return Ok(Run { address: heap + start as u64, length });
            }
            let next = length.checked_next_multiple_of(8).and_then(|length| start.checked_add(length));
            at = next.filter(|_| found != 0).ok_or_else(damaged)?;
        }
        Err(damaged())
    }

    /// Puts a text that has become longer into a heap of its own behind the end of the file.
    fn add_heap_text(&mut self, place: &Place, name: &str, text: &str) -> Result<(), Error> {
        let extent = self.file.extent();
        if (self.file.raw.offset_size, self.file.raw.length_size) != (8, 8) {
            return Err(Error::Unsupported(format!("there is no room for a longer attribute {name}")));
        }
        let heap = heap_of(text);
        let (before, start) = (self.end, self.end.next_multiple_of(8));
        self.end = start + heap.len() as u64;
        let mut element = (text.len() as u32).to_le_bytes().to_vec();
        element.extend((start - extent.base).to_le_bytes());
        element.extend(1u32.to_le_bytes());
        self.write(place.data.address, element, place.sealed);
        let mut bytes = vec![0; (start - before) as usize];
        bytes.extend(heap);
        self.edits.push(Edit { offset: before, bytes });
        self.set_end()
    }

    /// Lets the superblock know of the new end. It counts from the start of the file.
    fn set_end(&mut self) -> Result<(), Error> {
        let at = match self.file.extent().version {
            0 => 40,
            1 => 44,
            _ => 28,
        };
        let offset = self.offset(at);
        self.edits.retain(|edit| edit.offset != offset);
        let sealed = (self.file.extent().version > 1).then_some((0, 44));
        self.write(at, self.end.to_le_bytes().to_vec(), sealed);
        Ok(())
    }

    /// Finds an attribute among the messages of its object's header.
    fn place(&self, group: &Group<'_>, name: &str) -> Result<Place, Error> {
        let header = self.file.header(group.address)?;
        let found = header.messages.iter().find(
            |message| matches!(&message.body, Ok(HdfMessage::Attribute(attribute)) if attribute.name == name),
        );
        let Some(message) = found else {
            group.attribute(name)?;
            return Err(Error::Unsupported(format!("attribute {name} is kept in a heap of attributes")));
        };
        let (address, length) = message.place;
        let bytes = self.file.raw.bytes(address, length)?;
        let mut place = place_in(&bytes, address).ok_or_else(|| {
            Error::Unsupported(format!("the message that holds attribute {name} has no known form"))
        })?;
        place.sealed = message.sealed;
        Ok(place)
    }
}

/// The places in a message of that address. It begins with its version, flags and the lengths of name, type and space; the
/// three follow, in version 1 each filled up to a multiple of 8 bytes, and then the data.
fn place_in(bytes: &[u8], address: u64) -> Option<Place> {
    let version = *bytes.first()?;
    let size = |at: usize| bytes.get(at..at + 2).map(|two| little_endian(two) as usize);
    let padded = |length: usize| if version == 1 { length.next_multiple_of(8) } else { length };
    let start = if version == 3 { 9 } else { 8 };
    let (name, kind, space) = (size(2)?, size(4)?, size(6)?);
    let kind_at = start + padded(name);
    let data = kind_at + padded(kind) + padded(space);
    let is_shared = version > 1 && bytes.get(1)? & 1 != 0;
    let class = if is_shared { 0 } else { bytes.get(kind_at)? & 0x0f };
    let charset = match class {
        FIXED_TEXT => Some((kind_at + 1, 4)),
        ANY_LENGTH => Some((kind_at + 2, 0)),
        _ => None,
    };
    let run = |at: usize, length: usize| Run { address: address + at as u64, length };
    Some(Place {
        // The stored length of the name counts the zero behind it.
        name: run(start, name.checked_sub(1)?),
        charset: charset.map(|(at, shift)| (address + at as u64, shift)),
        data: run(data, bytes.len().checked_sub(data)?),
        in_heap: class == ANY_LENGTH,
        sealed: None,
    })
}

/// The part of an edit that falls into `bytes`, which begin at `start`.
fn apply(edit: &Edit, start: u64, bytes: &mut [u8]) {
    let Some(at) = edit.offset.checked_sub(start).and_then(|at| usize::try_from(at).ok()) else { return };
    if let Some(there) = bytes.get_mut(at..at.saturating_add(edit.bytes.len())) {
        there.copy_from_slice(&edit.bytes);
    }
}

fn filled(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, b' ');
    bytes
}

/// A heap that holds one text as its object 1; what is left over is its object 0.
fn heap_of(text: &str) -> Vec<u8> {
    let used = 2 * HEAP_PREFIX + text.len().next_multiple_of(8);
    let size = (used + HEAP_PREFIX).max(SMALLEST_HEAP);
    let mut bytes = b"GCOL\x01\0\0\0".to_vec();
    bytes.extend((size as u64).to_le_bytes());
    bytes.extend([1, 0, 1, 0, 0, 0, 0, 0]);
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.resize(used, 0);
    bytes.extend([0; 8]);
    bytes.extend(((size - used) as u64).to_le_bytes());
    bytes.resize(size, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hdf5_pure::{AttrValue, FileBuilder};

    use super::*;
    use crate::hdf5::Attribute;
    use crate::source::{ByteSource, Joined, MemorySource};

    /// What TensorFlow 2.15 saved: version 1 headers without checksums, texts in heaps.
    const SAVED: &[u8] = include_bytes!("../../tests/fixtures/models/cifar8v1_full__tf215.h5");

    /// The file after what `change` does to it.
    fn patched(bytes: &[u8], change: impl FnOnce(&mut Patch<'_>, &Group<'_>)) -> (Arc<Joined>, File) {
        let source: Arc<dyn ByteSource> = Arc::new(MemorySource(bytes.into()));
        let file = File::open(source.clone()).unwrap();
        let mut patch = Patch::new(&file);
        change(&mut patch, &file.group("").unwrap());
        let copy = Arc::new(Joined::patched(source, patch.finish().unwrap()));
        (copy.clone(), File::open(copy).unwrap())
    }

    fn text(file: &File, name: &str) -> String {
        match file.group("").unwrap().attribute(name) {
            Ok(Attribute::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_shorter_text_is_filled_up_where_it_was() {
        let (copy, file) = patched(SAVED, |patch, root| patch.set_text(root, "model_config", "{}").unwrap());
        let config = text(&file, "model_config");
        assert_eq!((config.trim_end(), config.len() > 2), ("{}", true));
        assert_eq!(copy.len(), SAVED.len() as u64);
        let mut bytes = vec![0; SAVED.len()];
        copy.read_at(0, &mut bytes).unwrap();
        let different = bytes.iter().zip(SAVED).filter(|(one, other)| one != other).count();
        assert!(different <= config.len(), "{different}");
    }

    #[test]
    fn a_longer_text_goes_behind_the_end() {
        let long = "x".repeat(100_000);
        let (copy, file) = patched(SAVED, |patch, root| {
            patch.set_text(root, "model_config", &long).unwrap();
            patch.set_text(root, "training_config", &long).unwrap();
        });
        assert_eq!((text(&file, "model_config"), text(&file, "training_config")), (long.clone(), long));
        assert_eq!(file.extent().end, copy.len());
    }

    #[test]
    fn marks_and_names_change_alone() {
        let (_, file) = patched(SAVED, |patch, root| {
            assert!(patch.mark_ascii(root, "keras_version").unwrap());
            assert!(!patch.mark_ascii(root, "model_config").unwrap());
            patch.rename(root, "training_config", "training_c0nf1g").unwrap();
            assert!(patch.rename(root, "backend", "end").is_err());
        });
        let root = file.group("").unwrap();
        assert!(!root.is_utf8("keras_version") && root.is_utf8("backend"));
        assert!(matches!(root.attribute("training_config"), Err(Error::Missing(_))));
        assert!(text(&file, "training_c0nf1g").contains("loss"));
    }

    /// Headers of version 2 end with a checksum, which has to fit afterwards.
    #[test]
    fn headers_with_checksums_get_new_ones() {
        let mut built = FileBuilder::new();
        built.set_attr("keras_version", AttrValue::String("2.15.0".into()));
        let bytes = built.finish().unwrap();
        let (_, file) = patched(&bytes, |patch, root| {
            patch.set_text(root, "keras_version", "3.0").unwrap();
            patch.rename(root, "keras_version", "Keras_version").unwrap();
            assert!(patch.set_text(root, "keras_version", "a longer text").is_err());
            assert!(patch.set_text(root, "backend", "theano").is_err());
        });
        let root = file.group("").unwrap();
        assert_eq!(root.attribute_names(), Ok(vec!["Keras_version".to_string()]));
        assert_eq!(text(&file, "Keras_version").trim_end(), "3.0");
    }
    /// The length of the first object of the heap that holds the text, nearly 2^64.
    #[test]
    fn a_heap_that_declares_nearly_two_to_the_64_bytes_is_damaged() {
        let at = SAVED.windows(4).position(|bytes| bytes == b"GCOL").unwrap();
        let mut bytes = SAVED.to_vec();
        bytes[at + 24..at + 32].copy_from_slice(&(u64::MAX - 9).to_le_bytes());
        let source: Arc<dyn ByteSource> = Arc::new(MemorySource(bytes));
        let file = File::open(source).unwrap();
        let patch = Patch::new(&file);
        assert!(patch.heap_object(at as u64, 9999).is_err());
    }
}
