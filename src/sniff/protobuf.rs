//! Formats made of protobuf messages, which have no signature: told by which fields stand at their top.

use super::{Format, bytes};
use crate::source::{ByteSource, ReadError};

/// Fields at the top that are looked at.
const MAX_FIELDS: usize = 64;
/// Bytes of the longest tag and number.
const FIELD_BYTES: u64 = 20;

/// A field at the top of a message.
struct Field {
    number: u64,
    /// The value of a number.
    value: Option<u64>,
    /// Where the bytes of a string or message begin.
    start: u64,
}

/// What a message is.
pub(super) fn of_protobuf(source: &dyn ByteSource, head: &[u8]) -> Result<Option<Format>, ReadError> {
    let fields = fields(source)?;
    let Some(first) = fields.first() else { return Ok(of_words(head)) };
    let has = |number: u64| fields.iter().any(|field| field.number == number && field.value.is_none());
    Ok(match (first.number, first.value) {
        (1, Some(1..=20)) if fields.iter().any(|field| field.number >= 200) => Some(Format::CoreMl),
        // ir_version, then graph (7) or opset_import (8).
        (1, Some(1..=20)) if has(7) || has(8) => Some(Format::Onnx),
        (1, Some(1)) if has(2) => Some(Format::SavedModel),
        (1, None) if has(100) => Some(Format::Caffe),
        (1, None) if is_node(source, first)? => Some(Format::FrozenGraph),
        (1, None) if is_operation(source, first)? => Some(Format::OperationList),
        _ => of_words(head),
    })
}

/// Strings that only these formats hold near their beginning.
fn of_words(head: &[u8]) -> Option<Format> {
    let has = |word: &str| head.windows(word.len()).any(|window| window == word.as_bytes());
    if ["_CHECKPOINTABLE_OBJECT_GRAPH", "VARIABLE_VALUE", ".ATTRIBUTES/"].into_iter().any(has) {
        return Some(Format::TensorFlowCheckpoint);
    }
    if has("_tf_keras_") {
        return Some(Format::SavedModelPart);
    }
    if head.len() > 24 && head[..64.min(head.len())].windows(12).any(|window| window == b"brain.Event:") {
        return Some(Format::TensorBoard);
    }
    None
}

/// A node of a graph has a name (1) and an operation (2), both short texts.
fn is_node(source: &dyn ByteSource, field: &Field) -> Result<bool, ReadError> {
    let node = bytes(source, field.start, 256)?;
    Ok(text(&node, 0x0a).and_then(|end| text(&node[end..], 0x12)).is_some())
}

/// An operation has a name (1), and inputs (2), outputs (3) or attributes (4), messages that begin with a name each.
fn is_operation(source: &dyn ByteSource, field: &Field) -> Result<bool, ReadError> {
    let operation = bytes(source, field.start, 256)?;
    let is_named = text(&operation, 0x0a).and_then(|end| {
        let (tag, width) = varint(&operation[end..])?;
        let (_, more) = varint(operation.get(end + width..)?)?;
        let part = operation.get(end + width + more..)?;
        ([0x12, 0x1a, 0x22].contains(&tag) && text(part, 0x0a).is_some()).then_some(())
    });
    Ok(is_named.is_some())
}

/// Where a short field of this tag ends that is a word.
fn text(rest: &[u8], tag: u8) -> Option<usize> {
    let length = usize::from(*rest.get(1).filter(|length| **length < 128 && rest[0] == tag)?);
    let text = rest.get(2..2 + length)?;
    (length > 0 && text.iter().all(u8::is_ascii_graphic)).then_some(2 + length)
}

/// The fields at the top, up to the first that makes no sense; none where that is not at the end of the file.
fn fields(source: &dyn ByteSource) -> Result<Vec<Field>, ReadError> {
    let (mut fields, mut at) = (Vec::new(), 0u64);
    while at < source.len() && fields.len() < MAX_FIELDS {
        let head = bytes(source, at, FIELD_BYTES)?;
        let Some((field, end)) = field(&head, at) else { return Ok(Vec::new()) };
        fields.push(field);
        // Of an unfinished download the last field reaches beyond the end.
        at = end;
    }
    Ok(fields)
}

/// The field that begins at `at`, and where it ends.
fn field(head: &[u8], at: u64) -> Option<(Field, u64)> {
    let (tag, width) = varint(head)?;
    let (value, more) = match tag & 7 {
        0 | 2 => varint(&head[width..])?,
        1 => (0, 8),
        5 => (0, 4),
        _ => return None,
    };
    let start = at + (width + more) as u64;
    let is_number = tag & 7 == 0;
    let field = Field { number: tag >> 3, value: is_number.then_some(value), start };
    let end = if tag & 7 == 2 { start.checked_add(value)? } else { start };
    (field.number > 0).then_some((field, end))
}

/// A number of seven bits a byte, and the bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}
