//! Attributes, as the library opens and reads them.

use super::header::{Header, Message};
use super::{Failure, Library, Outcome, number};
use crate::limits;

/// An attribute that the library has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What its elements are.
    pub class: Class,
    /// Its shape; none of an empty one, which has no elements and no shape.
    pub shape: Option<Vec<u64>>,
    /// Its bytes.
    data: Vec<u8>,
}

/// What the elements of an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Strings of fixed length.
    Fixed {
        /// Bytes of each.
        size: usize,
        /// Marked as UTF-8; else as ASCII.
        utf8: bool,
    },
    /// Strings in the heap, marked as UTF-8 or not.
    Variable {
        /// Marked as UTF-8; else as ASCII.
        utf8: bool,
    },
    /// Whole numbers of so many bytes, with a sign or not.
    Whole(usize, bool),
    /// Fractions of so many bytes.
    Fraction(usize),
    /// Anything else.
    Other,
}

/// A string of an attribute.
type Cell = Vec<u8>;

const ATTRIBUTE: u16 = 0x0c;
const ATTRIBUTE_INFO: u16 = 0x15;
/// Bytes of a heap that are read before its length is known.
const FIRST_READ: usize = 4096;
/// Since this version the library checks lengths while it decodes attributes and heaps.
const CHECKED: [u16; 3] = [1, 14, 0];
const RAN_OFF: &str = "ran off end of input buffer while decoding";

impl Library<'_> {
    /// The attribute of that name of the object with this header.
    ///
    /// # Errors
    /// What the library says of the first damaged one that it meets on its way through all of them.
    pub fn attribute(&self, header: &Header, name: &str) -> Outcome<Option<Stored>> {
        if let Some(info) = header.first(ATTRIBUTE_INFO) {
            let tracked = info.bytes.get(1).is_some_and(|flags| flags & 1 != 0);
            if self.offset(&info.bytes, if tracked { 4 } else { 2 }) != Some(u64::MAX) {
                return Err(Failure::Left("the attributes of an object are in a heap"));
            }
        }
        for message in header.of(ATTRIBUTE) {
            if let Some(stored) = self.decode(message, name)? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// Decodes an attribute message: its version, three lengths, then name, type, shape and data.
    fn decode(&self, message: &Message, wanted: &str) -> Outcome<Option<Stored>> {
        if message.shared {
            return Err(Failure::Left("an attribute is shared by several objects"));
        }
        let bytes = &message.bytes;
        let version = bytes.first().copied().unwrap_or_default();
        if !(1..=3).contains(&version) {
            return Err(Failure::says("bad version number for attribute message"));
        }
        let flags = if version > 1 { bytes.get(1).copied().unwrap_or_default() } else { 0 };
        let start = if version == 3 { 9 } else { 8 };
        let lengths = [2, 4, 6].map(|at| number(bytes, at, 2).unwrap_or_default() as usize);
        let padded = |length: usize| if version == 1 { length.next_multiple_of(8) } else { length };
        let places =
            [0, 1, 2, 3].map(|index| start + lengths[..index].iter().copied().map(padded).sum::<usize>());
        let piece = |index: usize| bytes.get(places[index]..places[index] + lengths[index]);
        let (Some(name), Some(datatype), Some(space)) = (piece(0), piece(1), piece(2)) else {
            return Err(self.beyond());
        };
        let ends = name.iter().position(|byte| *byte == 0);
        if ends.map(|end| end + 1) != Some(name.len()) {
            return Err(self.odd_name());
        }
        if flags & 3 != 0 {
            return if &name[..name.len() - 1] == wanted.as_bytes() {
                Err(Failure::Left("the type of an attribute is shared"))
            } else {
                Ok(None)
            };
        }
        let is_it = &name[..name.len() - 1] == wanted.as_bytes();
        let class = match self.class(datatype) {
            // Only HDF5 1.14 looks closely at types that nobody asked for.
            Err(Failure::Unclear(_)) if !is_it && self.version < CHECKED => return Ok(None),
            class => class?,
        };
        let (shape, elements) = self.shape(space)?;
        let size = elements.saturating_mul(number(datatype, 4, 4).unwrap_or_default());
        let data = bytes.get(places[3]..).unwrap_or_default();
        if size > data.len() as u64 {
            return Err(self.beyond());
        }
        Ok(is_it.then(|| Stored { class, shape, data: data[..size as usize].to_vec() }))
    }

    /// What is said of a length that leads out of a message. Before HDF5 1.14 other bytes are read instead.
    fn beyond(&self) -> Failure {
        if self.version >= CHECKED {
            Failure::says(RAN_OFF)
        } else {
            Failure::unclear("an attribute is longer than the message it stands in")
        }
    }

    fn odd_name(&self) -> Failure {
        if self.version >= [1, 12, 0] {
            Failure::says("attribute name has different length than stored length")
        } else {
            Failure::unclear("the name of an attribute has not the length it should have")
        }
    }

    /// The class of a type: its lowest half byte; the version in the upper half, three bytes of details, the size.
    fn class(&self, bytes: &[u8]) -> Outcome<Class> {
        let (Some(first), Some(size)) = (bytes.first(), number(bytes, 4, 4)) else {
            return Err(self.beyond());
        };
        let details = number(bytes, 1, 3).unwrap_or_default();
        if !(1..=5).contains(&(first >> 4)) {
            return Err(Failure::says("bad version number for datatype message"));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size == 0 {
            return Err(Failure::unclear("a type of no bytes"));
        }
        match first & 0x0f {
            0 if number(bytes, 8, 4) == Some((8 * size as u64) << 16) => {
                Ok(Class::Whole(size, details & 8 != 0))
            }
            1 if matches!((size, number(bytes, 10, 2)), (2, Some(16)) | (4, Some(32)) | (8, Some(64))) => {
                Ok(Class::Fraction(size))
            }
            3 if details & 0x0f <= 2 && details >> 4 & 0x0f <= 1 => {
                Ok(Class::Fixed { size, utf8: details >> 4 & 0x0f == 1 })
            }
            9 if details & 0x0f == 1
                && size == 8 + usize::from(self.offset_size)
                && is_letter(bytes.get(8..).unwrap_or_default()) =>
            {
                Ok(Class::Variable { utf8: details >> 8 & 0x0f == 1 })
            }
            2 | 4..=8 | 10.. => Ok(Class::Other),
            _ => Err(Failure::unclear("the type of an attribute is unusual")),
        }
    }

    /// A shape and the number of elements: version, rank, flags, in version 2 the type, then the axes.
    fn shape(&self, bytes: &[u8]) -> Outcome<(Option<Vec<u64>>, u64)> {
        let field = |at: usize| bytes.get(at).copied();
        let (Some(version), Some(rank), Some(flags)) = (field(0), field(1), field(2)) else {
            return Err(self.beyond());
        };
        if !(1..=2).contains(&version) {
            return Err(Failure::says("wrong version number in dataspace message"));
        }
        if rank > 32 {
            return Err(Failure::says("simple dataspace dimensionality is too large"));
        }
        let is_null = version == 2 && field(3) == Some(2);
        if flags > 1 || is_null && rank > 0 {
            return Err(Failure::unclear("the shape of an attribute is unusual"));
        }
        let (start, width) = (if version == 1 { 8 } else { 4 }, usize::from(self.length_size));
        let axes: Option<Vec<u64>> =
            (0..usize::from(rank)).map(|axis| number(bytes, start + axis * width, width)).collect();
        let Some(axes) = axes else { return Err(self.beyond()) };
        let elements = axes.iter().try_fold(1u64, |product, axis| product.checked_mul(*axis));
        let elements =
            elements.ok_or_else(|| Failure::unclear("an attribute of more elements than there can be"))?;
        Ok(if is_null { (None, 0) } else { (Some(axes), elements) })
    }

    /// The strings of an attribute, each up to the zero that ends it.
    ///
    /// # Errors
    /// What the library says of the heap that they stand in.
    pub fn texts(&self, stored: &Stored) -> Outcome<Vec<Cell>> {
        match stored.class {
            Class::Fixed { size, .. } => Ok(stored.data.chunks_exact(size).map(trimmed).collect()),
            Class::Variable { .. } => self.heap_texts(&stored.data),
            Class::Whole(..) | Class::Fraction(_) | Class::Other => Ok(Vec::new()),
        }
    }

    /// An element is a length of 4 bytes, the address of a heap, and the number of an object in it.
    fn heap_texts(&self, data: &[u8]) -> Outcome<Vec<Cell>> {
        let width = usize::from(self.offset_size);
        let (mut heap, mut texts, mut total): (Option<(u64, Heap)>, _, _) = (None, Vec::new(), 0usize);
        for element in data.chunks_exact(8 + width) {
            let length = number(element, 0, 4).unwrap_or_default();
            let (address, index) = (
                number(element, 4, width).unwrap_or_default(),
                number(element, 4 + width, 4).unwrap_or_default(),
            );
            if length == 0 || address == 0 {
                texts.push(Vec::new());
                continue;
            }
            if heap.as_ref().is_none_or(|(at, _)| *at != address) {
                heap = Some((address, self.heap(address)?));
            }
            let object = heap.as_ref().and_then(|(_, heap)| heap.get(index));
            let text = self.text(object, length)?;
            total = total.saturating_add(text.len() + size_of::<Cell>());
            if total > limits::MAX_LIST_BYTES {
                return Err(Failure::unclear("an attribute lists more text than a model has"));
            }
            texts.push(text);
        }
        Ok(texts)
    }

    /// The text in an object of a heap. Since HDF5 1.12 its length must be that of the element.
    fn text(&self, object: Option<&[u8]>, length: u64) -> Outcome<Cell> {
        if object.is_none() && self.version >= CHECKED {
            return Err(Failure::unclear("a heap has no text of the number that an attribute names"));
        }
        let there = object.unwrap_or_default();
        if self.version >= [1, 12, 0] && there.len() as u64 != length {
            return Err(Failure::says("Expected global heap object size does not match"));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(there.len());
        Ok(before_zero(&there[..length]).to_vec())
    }

    /// A heap of strings: `GCOL`, version, three bytes, its length, then objects.
    fn heap(&self, address: u64) -> Outcome<Heap> {
        let first = self.speculative(address, FIRST_READ)?;
        if !first.starts_with(b"GCOL") {
            return Err(Failure::says("bad global heap collection signature"));
        }
        if first[4] != 1 {
            return Err(Failure::says("wrong version number in global heap"));
        }
        let width = usize::from(self.length_size);
        let size = number(&first, 8, width).unwrap_or_default();
        if size < FIRST_READ as u64 {
            return Err(Failure::unclear("a heap is smaller than the smallest"));
        }
        self.check_whole(address, size, FIRST_READ as u64)?;
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        if length > limits::MAX_LIST_BYTES {
            return Err(Failure::unclear(format!("a heap of {size} bytes")));
        }
        let bytes = self.read(address, length)?;
        let objects = objects(&bytes, 8 + width, width, self.version >= CHECKED)?;
        Ok(Heap { bytes, objects })
    }
}

/// Whether that is the type of the letters of a string: a whole number or a string of one byte.
fn is_letter(bytes: &[u8]) -> bool {
    let field = |at: usize, width| number(bytes, at, width).unwrap_or_default();
    let whole = field(0, 4) == 0x10 && field(8, 4) == 8 << 16;
    let text = field(0, 1) == 0x13;
    field(4, 4) == 1 && (whole || text)
}

/// A heap of strings.
struct Heap {
    bytes: Vec<u8>,
    /// Number, start and length of its objects, sorted by their numbers.
    objects: Vec<(u64, usize, usize)>,
}

impl Heap {
    fn get(&self, index: u64) -> Option<&[u8]> {
        let at = self.objects.binary_search_by_key(&index, |(number, _, _)| *number).ok()?;
        let (_, start, length) = self.objects[at];
        let rest = self.bytes.get(start..)?;
        rest.get(..length.min(rest.len()))
    }
}

/// The objects of a heap: number, uses, four bytes, length; those with the number 0 are free space, which counts its own header.
fn objects(bytes: &[u8], start: usize, width: usize, checked: bool) -> Outcome<Vec<(u64, usize, usize)>> {
    let (mut at, mut found, mut has_free) = (start, Vec::new(), false);
    let head = 8 + width;
    while at.saturating_add(head) <= bytes.len() {
        let (index, length) = (number(bytes, at, 2).unwrap_or_default(), number(bytes, at + 8, width));
        let length = usize::try_from(length.unwrap_or_default()).unwrap_or(usize::MAX);
        if checked && index == 0 && has_free {
            return Err(Failure::says("object 0 should not be set"));
        }
        has_free |= index == 0;
        let whole = if index == 0 { length } else { head.saturating_add(length.saturating_add(7) & !7) };
        if whole == 0 {
            return Err(Failure::unclear("free space of no bytes in a heap"));
        }
        if index > 0 {
            found.push((index, at + head, length));
        }
        at = at.saturating_add(whole);
        if checked && at > bytes.len() {
            return Err(Failure::says(RAN_OFF));
        }
    }
    // Of two objects with one number the later one stays.
    found.reverse();
    found.sort_by_key(|(index, _, _)| *index);
    found.dedup_by_key(|(index, _, _)| *index);
    Ok(found)
}

/// What stands before the zeros at the end, as NumPy shows a string of fixed length.
fn trimmed(bytes: &[u8]) -> Cell {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes[..end].to_vec()
}

fn before_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, its uses, and a length of nearly 2^64 bytes, which runs off the heap.
    #[test]
    fn an_object_of_nearly_two_to_the_64_bytes_ends_the_heap() {
        for length in [u64::MAX, u64::MAX - 7, u64::MAX - 24] {
            let mut heap = vec![0; 16];
            heap.extend([1, 0, 1, 0, 0, 0, 0, 0]);
            heap.extend(length.to_le_bytes());
            heap.extend([b'x'; 8]);
            assert_eq!(objects(&heap, 16, 8, false).ok().map(|found| found.len()), Some(1), "{length}");
            assert!(objects(&heap, 16, 8, true).is_err(), "{length}");
        }
    }
}
