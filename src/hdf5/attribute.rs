//! Attributes, each read for itself: a damaged one costs only itself, and only the one that is asked for takes memory.

use std::collections::HashMap;

use hdf5_reader::attribute_api::Attribute as Decoded;
use hdf5_reader::btree_v2::BTreeV2Record;
use hdf5_reader::fractal_heap::FractalHeapDirectBlockCache;
use hdf5_reader::global_heap::GlobalHeapCollection;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::attribute::{self, AttributeMessage};
use hdf5_reader::messages::attribute_info::AttributeInfoMessage;
use hdf5_reader::messages::datatype::{StringSize, VarLenKind};
use hdf5_reader::messages::shared::SharedMessage;
use hdf5_reader::{Datatype, StringEncoding};

use super::raw::{Header, Raw, little_endian};
use super::{Attribute, Error, translate};
use crate::limits;

/// Type of the message that holds one attribute.
const ATTRIBUTE: u16 = 0x0c;

impl Raw {
    /// The attribute of an object with that name.
    ///
    /// # Errors
    /// When it is damaged, or may be among what is.
    pub(super) fn attribute(&self, header: &Header, name: &str) -> Result<Option<AttributeMessage>, Error> {
        self.find_attribute(header, Some(name), |found| (found.name == name).then(|| found.clone()))
    }

    /// Hands over the attributes of an object, in no particular order, until `each` has what it wants.
    ///
    /// # Errors
    /// The first damage that was met and may concern `name`, when `each` never had what it wants.
    pub(super) fn find_attribute<T>(
        &self,
        header: &Header,
        name: Option<&str>,
        mut each: impl FnMut(&AttributeMessage) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let mut trouble = None;
        for message in &header.messages {
            let found = match &message.body {
                Ok(HdfMessage::Attribute(attribute)) => each(attribute),
                Ok(HdfMessage::AttributeInfo(info)) if !self.is_none(info.fractal_heap_address) => {
                    self.find_dense(info, &mut each).unwrap_or_else(|error| {
                        trouble.get_or_insert(error);
                        None
                    })
                }
                Err(error) if message.kind == ATTRIBUTE && may_be_called(&message.bytes, name) => {
                    trouble.get_or_insert(error.clone());
                    None
                }
                _ => None,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        let cut = header.damage.first().map(|(_, what)| Error::Damaged(what.clone()));
        trouble.or(cut).map_or(Ok(None), Err)
    }

    fn find_dense<T>(
        &self,
        info: &AttributeInfoMessage,
        each: &mut impl FnMut(&AttributeMessage) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let (heap, records) = self.dense(info.fractal_heap_address, info.btree_name_index_address)?;
        let (mut cache, mut trouble) = (FractalHeapDirectBlockCache::default(), None);
        for record in &records {
            let (BTreeV2Record::AttributeNameHash { heap_id, .. }
            | BTreeV2Record::AttributeCreationOrder { heap_id, .. }) = record
            else {
                continue;
            };
            let decoded = self.dense_object(&heap, heap_id, &mut cache).and_then(|bytes| {
                let cursor = &mut Cursor::new(&bytes);
                attribute::parse(cursor, self.offset_size, self.length_size, bytes.len()).map_err(translate)
            });
            match decoded {
                Ok(attribute) => {
                    if let Some(found) = each(&attribute) {
                        return Ok(Some(found));
                    }
                }
                Err(error) => trouble = Some(error),
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    /// The value of an attribute.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it can't be decoded, [`Error::TooLarge`] when it would take too much memory.
    pub(super) fn value(&self, message: &AttributeMessage) -> Result<Attribute, Error> {
        let attribute = Decoded::from_message(message.clone());
        let count = attribute.num_elements().map_err(translate)?;
        let in_heap = match &attribute.datatype {
            Datatype::VarLen { base, kind: VarLenKind::String, .. } => base.is_vlen_string_base(),
            Datatype::String { size: StringSize::Variable, .. } => true,
            _ => false,
        };
        let scalar = attribute.shape.is_empty();
        let mut texts = match &attribute.datatype {
            Datatype::String { .. } | Datatype::VarLen { .. } if count == 0 => {
                return Ok(Attribute::Other(0));
            }
            _ if in_heap => self.heap_texts(message, count)?,
            Datatype::String { .. } if scalar => {
                vec![attribute.read_string().unwrap_or_else(|_| lossy(&message.raw_data))]
            }
            Datatype::String { .. } => attribute.read_strings().map_err(translate)?,
            _ => return Ok(Attribute::Other(count)),
        };
        match (scalar, texts.len()) {
            (true, 1) => Ok(Attribute::Text(texts.swap_remove(0))),
            (_, 0) => Err(Error::Damaged(format!(
                "attribute {} lists {count} strings and stores none",
                message.name
            ))),
            _ => Ok(Attribute::Texts(texts)),
        }
    }

    /// Strings in the file's heap. An element is a length of 4 bytes, the address of a heap, and the string's number in
    /// it, 4 bytes; a list may name one long string thousands of times.
    fn heap_texts(&self, message: &AttributeMessage, count: u64) -> Result<Vec<String>, Error> {
        let width = usize::from(self.offset_size);
        let elements = message.raw_data.chunks_exact(4 + width + 4);
        if (elements.len() as u64) < count {
            return Err(Error::Damaged(format!("attribute {} is cut short", message.name)));
        }
        let (mut heaps, mut texts, mut total) = (HashMap::new(), Vec::new(), 0usize);
        for element in elements.take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let (address, number) =
                (little_endian(&element[4..4 + width]), little_endian(&element[4 + width..]));
            let bytes = if number == 0 || self.is_none(address) {
                &[][..]
            } else {
                let heap = heaps.entry(address).or_insert_with(|| self.heap(address));
                let heap = heap.as_ref().map_err(|error| {
                    Error::Damaged(format!("the text of attribute {} can't be read: {error}", message.name))
                })?;
                let object = heap.get(&number).ok_or_else(|| {
                    Error::Damaged(format!(
                        "the heap at {address} has no text for attribute {}",
                        message.name
                    ))
                })?;
                &object[..object.len().min(little_endian(&element[..4]) as usize)]
            };
            total = total.saturating_add(bytes.len() + size_of::<String>());
            if total > limits::MAX_LIST_BYTES {
                let what = format!("attribute {} would take more than {total} bytes of memory", message.name);
                return Err(Error::TooLarge(what));
            }
            // A list of names must be exact; a single text that is no UTF-8 is read as h5py reads it.
            let is_list = !message.dataspace.dims.is_empty();
            texts.push(if is_list { text(bytes, &message.name)? } else { lossy(bytes) });
        }
        Ok(texts)
    }

    /// The objects of a heap of strings by their numbers.
    fn heap(&self, address: u64) -> Result<HashMap<u64, Vec<u8>>, Error> {
        let storage = self.storage.as_ref();
        let heap =
            GlobalHeapCollection::parse_at_storage(storage, address, self.offset_size, self.length_size)
                .map_err(translate)?;
        Ok(heap.objects.into_iter().map(|object| (u64::from(object.index), object.data)).collect())
    }
}

/// Whether an attribute that can't be decoded may have that name: it stands at byte 8, or 9 since version 3, with a zero
/// behind it.
fn may_be_called(bytes: &[u8], name: Option<&str>) -> bool {
    let start = if bytes.first() == Some(&3) { 9 } else { 8 };
    let stored = bytes.get(start..).and_then(|rest| Some(&rest[..rest.iter().position(|byte| *byte == 0)?]));
    match (stored, name) {
        (Some(stored), Some(name)) => stored == name.as_bytes(),
        _ => true,
    }
}

/// Whether attributes of the object are kept where only the reader finds them: in a table shared by all objects.
pub(super) fn has_shared_attributes(header: &Header) -> bool {
    header.sound().any(|message| {
        matches!(
            message,
            HdfMessage::Shared(
                SharedMessage::SharedInSohm { message_type: ATTRIBUTE, .. }
                    | SharedMessage::SharedInOhdr { message_type: ATTRIBUTE, .. }
            )
        )
    })
}

/// Whether a text is marked as UTF-8.
pub(super) fn is_utf8(message: &AttributeMessage) -> bool {
    match message.datatype {
        Datatype::String { encoding, .. } | Datatype::VarLen { encoding, .. } => {
            encoding == StringEncoding::Utf8
        }
        _ => false,
    }
}

/// Whether a text has variable length.
pub(super) fn is_variable(message: &AttributeMessage) -> bool {
    matches!(message.datatype, Datatype::String { size: StringSize::Variable, .. } | Datatype::VarLen { .. })
}

/// What stands before the zero that ends a text.
fn before_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())]
}

/// A text with U+FFFD where its bytes are no UTF-8.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(before_zero(bytes)).into_owned()
}

fn text(bytes: &[u8], name: &str) -> Result<String, Error> {
    let text = std::str::from_utf8(before_zero(bytes));
    text.map(str::to_string).map_err(|e| Error::Damaged(format!("attribute {name} is no UTF-8 text: {e}")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hdf5_pure::{AttrValue, FileBuilder};

    use crate::hdf5::{Attribute, Error, File};
    use crate::source::MemorySource;

    fn names(bytes: &[u8], group: &str) -> Result<Attribute, Error> {
        File::open(Arc::new(MemorySource(bytes.into())))?.group(group)?.attribute("layer_names")
    }

    #[test]
    fn a_list_of_strings_is_read() {
        let texts: Vec<String> = (0..200).map(|at| format!("layer{at}")).collect();
        let mut file = FileBuilder::new();
        file.set_attr("layer_names", AttrValue::VarLenAsciiStringArray(texts.clone()));
        assert_eq!(names(&file.finish().unwrap(), ""), Ok(Attribute::Texts(texts)));
    }

    #[test]
    fn a_list_of_the_same_long_string_is_refused() {
        let bomb = include_bytes!("../../tests/fixtures/verdicts/heap_bomb.hdf5");
        let error = names(bomb, "model_weights").unwrap_err();
        assert!(matches!(error, Error::TooLarge(_)), "{error:?}");
    }
}
