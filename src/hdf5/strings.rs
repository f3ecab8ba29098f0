//! A guard in front of lists of strings in the file's heap.

use std::collections::HashMap;

use hdf5_reader::global_heap::GlobalHeapCollection;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::attribute::AttributeMessage;
use hdf5_reader::messages::datatype::StringSize;
use hdf5_reader::{Datatype, Hdf5File};

use super::{Error, translate};
use crate::limits;

/// Refuses lists of strings that would take far more memory than they take of the file: the reader decodes all attributes
/// of a group at once, and a list may name one long string of the heap thousands of times.
pub(super) fn refuse_bombs(file: &Hdf5File, group: u64) -> Result<(), Error> {
    let header = file.get_or_parse_header(group).map_err(translate)?;
    for message in &header.messages {
        if let HdfMessage::Attribute(attribute) = message
            && let Some(bytes) = decoded_bytes(file, attribute)
            && bytes > limits::MAX_LIST_BYTES
        {
            let name = &attribute.name;
            return Err(Error::TooLarge(format!(
                "attribute {name} would take more than {bytes} bytes of memory"
            )));
        }
    }
    Ok(())
}

/// The one string of an attribute whose bytes are no UTF-8, with U+FFFD where they are not; `None` where it is something else.
pub(super) fn lossy(file: &Hdf5File, group: u64, name: &str) -> Option<String> {
    let header = file.get_or_parse_header(group).ok()?;
    let attribute = header.messages.iter().find_map(|message| match message {
        HdfMessage::Attribute(attribute) if attribute.name == name => Some(attribute),
        _ => None,
    })?;
    let raw = attribute.raw_data.as_slice();
    let bytes = match attribute.datatype {
        Datatype::String { size: StringSize::Fixed(length), .. } if raw.len() == length as usize => {
            raw.to_vec()
        }
        Datatype::String { size: StringSize::Variable, .. } | Datatype::VarLen { .. } => {
            heap_bytes(file, raw)?
        }
        _ => return None,
    };
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// What one element, a length of 4 bytes, the address of a heap and a number in it, 4 bytes, stands for.
fn heap_bytes(file: &Hdf5File, element: &[u8]) -> Option<Vec<u8>> {
    let block = file.superblock();
    let width = usize::from(block.offset_size);
    if width > 8 || element.len() != 4 + width + 4 {
        return None;
    }
    let (address, index) = (number(&element[4..4 + width]), number(&element[4 + width..]) as u16);
    let heap =
        GlobalHeapCollection::parse_at_storage(file.storage(), address, block.offset_size, block.length_size);
    let mut bytes = heap.ok()?.objects.into_iter().find(|object| object.index == index)?.data.to_vec();
    bytes.truncate(number(&element[..4]) as usize);
    Some(bytes)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte))
}

/// Bytes of all strings of a list, counted until they are too many; `None` where it is no list of strings in the heap.
fn decoded_bytes(file: &Hdf5File, attribute: &AttributeMessage) -> Option<usize> {
    let is_text = matches!(
        attribute.datatype,
        Datatype::String { size: StringSize::Variable, .. } | Datatype::VarLen { .. }
    );
    let block = file.superblock();
    let width = usize::from(block.offset_size);
    // An element is a length of 4 bytes, the address of a heap, and the string's number in it, 4 bytes.
    let elements = attribute.raw_data.chunks_exact(4 + width + 4);
    if !is_text || width > 8 || elements.len() < 2 {
        return None;
    }
    let (mut heaps, mut total) = (HashMap::new(), 0usize);
    for element in elements {
        let (address, index) = (number(&element[4..4 + width]), number(&element[4 + width..]) as u16);
        let parse = || {
            GlobalHeapCollection::parse_at_storage(
                file.storage(),
                address,
                block.offset_size,
                block.length_size,
            )
        };
        // What can't be parsed is not decoded either.
        let heap: &HashMap<u16, usize> = heaps.entry(address).or_insert_with(|| sizes(parse().ok()));
        total = total.saturating_add(heap.get(&index).copied().unwrap_or(0));
        if total > limits::MAX_LIST_BYTES {
            break;
        }
    }
    Some(total)
}

/// Bytes of every string of a heap.
fn sizes(heap: Option<GlobalHeapCollection>) -> HashMap<u16, usize> {
    heap.map(|heap| heap.objects.iter().map(|object| (object.index, object.data.len())).collect())
        .unwrap_or_default()
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
