//! From the text of `model_config` to its value: what `json.loads` says in each Python, and what each loader says of a value that is
//! no dictionary.

use serde_json::Value;

use super::h5py::H5;
use super::{Attempt, Evidence, Loader, Runtime, Stop};
use crate::keras::json;
use crate::loaders::python;
use crate::loaders::runtime::Version;

/// From this depth on every Python stops; how far below that depends on the functions that are running.
const TOO_DEEP: usize = 1000;
/// Since this version Keras 3 looks whether there is a `config` in a config.
const CHECKS_FOR_CONFIG: Version = [3, 15, 0];
/// Since this version Keras puts unknown names into quotation marks.
const QUOTES_NAMES: Version = [2, 11, 0];

/// The value of `model_config`, which must be a dictionary.
///
/// # Errors
/// What the runtime says of any other text.
pub(super) fn parse<'e>(
    evidence: &Evidence<'e>,
    runtime: &Runtime,
    h5: &H5<'_>,
    text: &str,
) -> Attempt<&'e Value> {
    if let Some(value) = read(evidence, text) {
        return replaced(runtime, value).map_or(Ok(value), Err);
    }
    let value = match json::parse(text) {
        Ok(parsed) => parsed.value,
        Err(said) => return Err(error(runtime, text, &said)),
    };
    // The reader of this crate has no infinite numbers.
    let constant = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| text.trim() == *name);
    let digits = text.trim().trim_start_matches('-');
    if value.is_f64() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Stop::unknown("model_config is a number beyond 64 bits"));
    }
    if !value.is_object() || constant.is_some() {
        return Err(other_value(runtime, h5, &Other::of(runtime, &value, constant)));
    }
    if let Some(stop) = replaced(runtime, &value) {
        return Err(stop);
    }
    let read = evidence.model_config.filter(|value| value.is_object());
    read.ok_or_else(|| Stop::unknown("model_config is not read here as the runtime reads it"))
}

/// The dictionary that the text has been read as already: most runtimes get to see the very same text.
fn read<'e>(evidence: &Evidence<'e>, text: &str) -> Option<&'e Value> {
    let own = evidence.model?.as_ref().ok()?.texts.model_config.as_deref()?;
    evidence.model_config.filter(|value| value.is_object() && own == text)
}

/// What `json.loads` raises.
fn error(runtime: &Runtime, text: &str, said: &str) -> Stop {
    if said.starts_with("maximum recursion depth") {
        return too_deep(runtime, text);
    }
    if runtime.python < [3, 0, 0] {
        return Stop::raised("ValueError", python2(text, said));
    }
    let place = said.split(':').next().unwrap_or_default();
    // Python 3.13 words what follows a comma anew.
    if runtime.python >= [3, 13, 0] && matches!(place, "Expecting value" | EXPECTING_NAME) {
        return Stop::unknown("the words of Python 3.13 for this error are not known here");
    }
    Stop::raised("JSONDecodeError", said)
}

const EXPECTING_NAME: &str = "Expecting property name enclosed in double quotes";

/// Nesting that no Python follows; what is nested deepest gives the words.
fn too_deep(runtime: &Runtime, text: &str) -> Stop {
    let depth = |bracket: u8| text.bytes().filter(|byte| *byte == bracket).take(TOO_DEEP + 1).count();
    let (arrays, objects) = (depth(b'['), depth(b'{'));
    let exception = if runtime.python < [3, 0, 0] { "RuntimeError" } else { "RecursionError" };
    let said = |what: &str| {
        let message = format!("maximum recursion depth exceeded while {what}");
        Stop::raised(exception, message)
    };
    match (arrays > TOO_DEEP, objects > TOO_DEEP) {
        (true, false) if objects < TOO_DEEP / 10 => said("decoding a JSON array from a unicode string"),
        (false, true) if runtime.python < [3, 0, 0] => said("calling a Python object"),
        (false, true) if arrays < TOO_DEEP / 10 => said("decoding a JSON object from a unicode string"),
        _ => Stop::unknown(
            "model_config is nested so deeply that it depends on the machine whether it is read",
        ),
    }
}

/// What Python 2.7 says in place of a message of Python 3.
fn python2(text: &str, said: &str) -> String {
    let at =
        said.rsplit_once("(char ").and_then(|(_, rest)| rest.trim_end_matches(')').parse::<usize>().ok());
    let length = text.chars().count();
    let is_end = at == Some(length);
    let place = said.split(':').next().unwrap_or_default();
    let before = text.trim_end_matches([' ', '\t', '\r', '\n']).chars().next_back();
    match place {
        "Unexpected UTF-8 BOM (decode using utf-8-sig)" => NOTHING.into(),
        "Expecting value" if is_end && matches!(before, Some('[' | ',')) => cut_short(text),
        "Expecting value" => NOTHING.into(),
        "Expecting ',' delimiter" | EXPECTING_NAME if is_end => cut_short(text),
        "Extra data" => extra_data(text, at.unwrap_or(length), length),
        _ => said.to_string(),
    }
}

const NOTHING: &str = "No JSON object could be decoded";

/// A text that ends within an array or object: Python 2 points at its last letter.
fn cut_short(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let (line, column) = position(text, last);
    format!("Expecting object: line {line} column {column} (char {last})")
}

fn extra_data(text: &str, start: usize, end: usize) -> String {
    let ((line, column), (last_line, last_column)) = (position(text, start), position(text, end));
    format!(
        "Extra data: line {line} column {column} - line {last_line} column {last_column} (char {start} - {end})"
    )
}

/// Line and column of a letter, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    text.chars().take(at).fold(
        (1, 1),
        |(line, column), letter| {
            if letter == '\n' { (line + 1, 1) } else { (line, column + 1) }
        },
    )
}

/// A value that is no dictionary.
enum Other {
    /// A list; its `repr()`.
    List(String),
    Text(String),
    /// A number or a truth value: its class and its `str()`.
    Scalar(&'static str, String),
    Nothing,
}

impl Other {
    fn of(runtime: &Runtime, value: &Value, constant: Option<&str>) -> Other {
        match (constant, value) {
            (Some("NaN"), _) => Other::Scalar("float", "nan".into()),
            (Some("Infinity"), _) => Other::Scalar("float", "inf".into()),
            (Some(_), _) => Other::Scalar("float", "-inf".into()),
            (None, Value::Null) => Other::Nothing,
            (None, Value::Bool(_)) => Other::Scalar("bool", python::str(value)),
            (None, Value::Number(number)) => {
                let is_long = runtime.python < [3, 0, 0] && number.as_i64().is_none();
                let class = if number.is_f64() {
                    "float"
                } else if is_long {
                    "long"
                } else {
                    "int"
                };
                Other::Scalar(class, python::str(value))
            }
            (None, Value::String(text)) => Other::Text(text.clone()),
            (None, Value::Array(_) | Value::Object(_)) => Other::List(python::repr(value)),
        }
    }
}

/// What a loader says of such a value.
fn other_value(runtime: &Runtime, h5: &H5<'_>, value: &Other) -> Stop {
    if let Other::List(shown) = value {
        return Stop::raised("TypeError", list(runtime, shown));
    }
    match runtime.loader {
        Loader::Keras1 => Stop::raised(
            "TypeError",
            match value {
                Other::Text(_) => "string indices must be integers".into(),
                _ => format!("'{}' object has no attribute '__getitem__'", class(value)),
            },
        ),
        Loader::Keras2 => keras2(runtime, h5, value),
        Loader::TfKeras if runtime.version < [2, 3, 0] => not_subscriptable(runtime, value),
        Loader::TfKeras => tf_keras(runtime, h5, value),
        Loader::Keras3 if runtime.version >= CHECKS_FOR_CONFIG => {
            let start = "The provided configuration is not a valid Keras configuration. Expected a dictionary containing a";
            Stop::raised("ValueError", format!("{start} 'config' key. Received: config={}", shown(value)))
        }
        Loader::Keras3 => not_subscriptable(runtime, value),
    }
}

fn list(runtime: &Runtime, shown: &str) -> String {
    let is_old = match runtime.loader {
        Loader::Keras1 => return list_is_old("model_fom_config"),
        Loader::Keras2 => true,
        Loader::TfKeras => runtime.version < [2, 7, 0],
        Loader::Keras3 => false,
    };
    if is_old {
        return list_is_old("model_from_config");
    }
    format!(
        "`model_from_config` expects a dictionary, not a list. Received: config={shown}. Did you meant to use \
         `Sequential.from_config(config)`?"
    )
}

fn list_is_old(function: &str) -> String {
    format!(
        "`{function}` expects a dictionary, not a list. Maybe you meant to use `Sequential.from_config(config)`?"
    )
}

fn class(value: &Other) -> &'static str {
    match value {
        Other::List(_) => "list",
        Other::Text(_) => "str",
        Other::Scalar(class, _) => class,
        Other::Nothing => "NoneType",
    }
}

fn shown(value: &Other) -> &str {
    match value {
        Other::List(shown) | Other::Text(shown) | Other::Scalar(_, shown) => shown,
        Other::Nothing => "None",
    }
}

/// `config["class_name"]`
fn not_subscriptable(runtime: &Runtime, value: &Other) -> Stop {
    Stop::raised(
        "TypeError",
        match value {
            Other::Text(_) if runtime.python >= [3, 11, 0] => {
                "string indices must be integers, not 'str'".into()
            }
            Other::Text(_) => "string indices must be integers".into(),
            _ => format!("'{}' object is not subscriptable", class(value)),
        },
    )
}

/// Keras 2 takes a text for the name of a layer, and builds its message by adding to a text.
fn keras2(runtime: &Runtime, h5: &H5<'_>, value: &Other) -> Stop {
    match value {
        Other::Text(name) => unknown_layer(name, format!("Unknown layer:{name}")),
        Other::Nothing if runtime.version >= [2, 2, 5] => match h5.contains("", "model_weights") {
            Ok(false) => Stop::raised("ValueError", super::text::read_only(runtime)),
            Ok(true) => Stop::unknown("model_config is null"),
            Err(stop) => stop,
        },
        _ if runtime.python < [3, 7, 0] => {
            Stop::raised("TypeError", format!("must be str, not {}", class(value)))
        }
        _ => Stop::raised("TypeError", format!("can only concatenate str (not \"{}\") to str", class(value))),
    }
}

/// TensorFlow 2.3 and later: a name, nothing, or no config.
fn tf_keras(runtime: &Runtime, h5: &H5<'_>, value: &Other) -> Stop {
    const GUIDE: &str = "See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";
    match value {
        Other::Text(name) if runtime.version < [2, 5, 0] => {
            unknown_layer(name, format!("Unknown layer: {name}"))
        }
        Other::Text(_) if runtime.version < [2, 6, 0] => {
            Stop::unknown("TensorFlow 2.5's words are not known here")
        }
        Other::Text(name) if runtime.version < QUOTES_NAMES => {
            let hint = "Please ensure this object is passed to the `custom_objects` argument.";
            unknown_layer(name, format!("Unknown layer: {name}. {hint} {GUIDE}"))
        }
        Other::Text(name) => {
            let hint = "Please ensure you are using a `keras.utils.custom_object_scope` and that this object is included in the scope.";
            unknown_layer(name, format!("Unknown layer: '{name}'. {hint} {GUIDE}"))
        }
        Other::Nothing => match h5.item("", "model_weights") {
            Ok(_) => Stop::raised("AttributeError", "'NoneType' object has no attribute 'layers'"),
            Err(stop) => stop,
        },
        Other::List(shown) | Other::Scalar(_, shown) => {
            Stop::raised("ValueError", format!("Could not interpret serialized layer: {shown}"))
        }
    }
}

/// A text that is the name of a layer makes one; those begin with a capital.
fn unknown_layer(name: &str, message: String) -> Stop {
    match name.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        true => Stop::unknown("model_config is a text that may be the name of a layer"),
        false => Stop::raised("ValueError", message),
    }
}

/// Since TensorFlow 2.4 dictionaries with some class names become something else while they are read.
fn replaced(runtime: &Runtime, value: &Value) -> Option<Stop> {
    let replaces = match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => false,
        Loader::TfKeras => runtime.version >= [2, 4, 0],
        Loader::Keras3 => true,
    };
    const NAMES: [&str; 6] =
        ["TensorShape", "TypeSpec", "CompositeTensor", "__tuple__", "__ellipsis__", "__bytes__"];
    let class = value.get("class_name").and_then(Value::as_str).filter(|_| replaces)?;
    NAMES.contains(&class).then(|| Stop::unknown(format!("model_config is a serialised {class}")))
}
