//! From the attribute `model_config` to its text, as each loader takes it out of the file and decodes it.

use super::h5py::{H5, Item, Text, Value};
use super::{Attempt, Evidence, Loader, Runtime, Stop};

const NAME: &str = "model_config";

/// The text of `model_config`.
///
/// # Errors
/// What the runtime says where there is none, or it can't be decoded.
pub(super) fn of_config(evidence: &Evidence<'_>, runtime: &Runtime, h5: &H5<'_>) -> Attempt<String> {
    if is_dict(runtime) {
        return of_dict(runtime, h5);
    }
    match h5.get_attribute("", NAME)? {
        None => Err(Stop::raised("ValueError", no_model(evidence, runtime))),
        Some(Value::Text(text)) => decoded(runtime, text),
        Some(Value::Texts(_)) => Err(not_text(runtime, "numpy.ndarray")),
        Some(Value::Other(_)) => Err(not_text(runtime, h5.class("", NAME)?)),
    }
}

/// Keras 2.2.3 to 2.3 read through a `H5Dict`, which looks for attributes, members and split lists.
fn is_dict(runtime: &Runtime) -> bool {
    runtime.loader == Loader::Keras2 && runtime.version >= [2, 2, 3]
}

/// Whether the loader calls `decode` on whatever it got. TensorFlow 2.5 asks first, as does everything after it.
fn decodes_all(runtime: &Runtime) -> bool {
    match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => true,
        Loader::TfKeras => runtime.version < [2, 5, 0],
        Loader::Keras3 => false,
    }
}

fn no_model(evidence: &Evidence<'_>, runtime: &Runtime) -> String {
    let path = evidence.name;
    match runtime.loader {
        Loader::TfKeras if runtime.version >= [2, 8, 0] => {
            let file = "<tensorflow.python.platform.gfile.GFile object at 0x...>";
            format!("No model config found in the file at {file}.")
        }
        Loader::TfKeras if runtime.version >= [2, 7, 0] => {
            format!("No model config found in the file at {path}.")
        }
        Loader::Keras3 => format!("No model config found in the file at {path}."),
        Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => "No model found in config file.".into(),
    }
}

/// `H5Dict.__getitem__`: attributes first, then members, then lists that were split.
fn of_dict(runtime: &Runtime, h5: &H5<'_>) -> Attempt<String> {
    if h5.has_attribute("", NAME)? {
        return match h5.attribute("", NAME)? {
            Value::Text(text) => decoded(runtime, text),
            // Arrays of bytes become lists, others stay arrays.
            Value::Texts(texts) if texts.iter().all(|text| matches!(text, Text::Bytes(_))) => {
                Err(not_text(runtime, array_or_list(h5)?))
            }
            Value::Texts(_) => Err(not_text(runtime, "numpy.ndarray")),
            Value::Other(_) => Err(not_text(runtime, h5.class("", NAME)?)),
        };
    }
    if h5.contains("", NAME)? {
        return Err(not_text(
            runtime,
            match h5.item("", NAME)? {
                Item::Dataset => "numpy.ndarray",
                // `H5Dict` passes what it does not know on to the group that it wraps.
                Item::Group => "Group",
            },
        ));
    }
    if h5.has_attribute("", "model_config0")? {
        return Err(split(runtime, h5)?);
    }
    Err(Stop::raised("ValueError", read_only(runtime)))
}

/// Keras 2.2.3 to 2.3: what `H5Dict` says of anything that is not there.
pub(super) fn read_only(runtime: &Runtime) -> String {
    let word = if runtime.version >= [2, 2, 5] { "read-only" } else { "read only" };
    format!("Cannot create group in {word} mode.")
}

/// `type(value)` of an array of byte strings: of fixed length it becomes a list, of variable length it is one of objects.
fn array_or_list(h5: &H5<'_>) -> Attempt<&'static str> {
    Ok(if h5.is_variable("", NAME)? { "numpy.ndarray" } else { "list" })
}

/// A text that was split as if it were a list: its parts become one list, whose elements are decoded one by one.
fn split(runtime: &Runtime, h5: &H5<'_>) -> Attempt<Stop> {
    Ok(match h5.attribute("", "model_config0")? {
        Value::Texts(texts) if texts.iter().any(|text| matches!(text, Text::Str(_))) => {
            not_text(runtime, "str")
        }
        Value::Texts(_) => not_text(runtime, "list"),
        // The elements of bytes are numbers, those of a text are texts.
        Value::Text(Text::Bytes(_)) => not_text(runtime, "int"),
        Value::Text(Text::Str(_)) => not_text(runtime, "str"),
        Value::Other(_) => Stop::unknown("model_config0 is no text"),
    })
}

/// What is said of a value that is no text, by the full name of its class.
fn not_text(runtime: &Runtime, class: &str) -> Stop {
    // NumPy's own classes are shown with their module where an attribute is missing.
    let short = class.rsplit('.').next().unwrap_or(class);
    let shown = if class.starts_with("numpy.") { class } else { short };
    if decodes_all(runtime) {
        return Stop::raised("AttributeError", format!("'{shown}' object has no attribute 'decode'"));
    }
    Stop::raised("TypeError", format!("the JSON object must be str, bytes or bytearray, not {short}"))
}

/// `value.decode("utf-8")`, or the text itself where the loader asks first.
fn decoded(runtime: &Runtime, text: Text) -> Attempt<String> {
    match text {
        Text::Bytes(bytes) => utf8(runtime, bytes),
        Text::Str(text) if !decodes_all(runtime) => Ok(text),
        Text::Str(text) if runtime.python < [3, 0, 0] => encoded_as_ascii(text),
        Text::Str(_) => Err(not_text(runtime, "str")),
    }
}

/// In Python 2 a text has `decode`, which encodes it as ASCII first.
fn encoded_as_ascii(text: String) -> Attempt<String> {
    let Some(first) = text.chars().position(|letter| !letter.is_ascii()) else { return Ok(text) };
    let others: Vec<char> = text.chars().skip(first).take_while(|letter| !letter.is_ascii()).collect();
    let place = match others.as_slice() {
        [letter] => format!("character u'{}' in position {first}", escaped(*letter)),
        _ => format!("characters in position {first}-{}", first + others.len() - 1),
    };
    let message = format!("'ascii' codec can't encode {place}: ordinal not in range(128)");
    Err(Stop::raised("UnicodeEncodeError", message))
}

fn escaped(letter: char) -> String {
    match letter as u32 {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// `bytes.decode("utf-8")`
pub(super) fn utf8(runtime: &Runtime, bytes: Vec<u8>) -> Attempt<String> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let (fault, bytes) = (error.utf8_error(), error.as_bytes());
    let is_python2 = runtime.python < [3, 0, 0];
    let start = fault.valid_up_to();
    let rest = &bytes[start..];
    // Python 2 lets surrogates pass.
    if is_python2 && bytes.windows(2).any(|pair| pair[0] == 0xed && pair[1] >= 0xa0) {
        return Err(Stop::unknown("a text has surrogates encoded as UTF-8"));
    }
    let length = fault.error_len().unwrap_or(rest.len());
    let first = rest.first().copied().unwrap_or_default();
    let reason = match fault.error_len() {
        None => "unexpected end of data",
        Some(_) if (0xc2..=0xf4).contains(&first) => "invalid continuation byte",
        Some(_) => "invalid start byte",
    };
    let place = match length {
        1 => format!("byte 0x{first:02x} in position {start}"),
        _ => format!("bytes in position {start}-{}", start + length - 1),
    };
    let codec = if is_python2 { "utf8" } else { "utf-8" };
    Err(Stop::raised("UnicodeDecodeError", format!("'{codec}' codec can't decode {place}: {reason}")))
}
