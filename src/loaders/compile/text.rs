//! From the attribute to the value of `training_config`.

use serde_json::Value;

use super::super::open::h5py::{self, H5};
use super::super::{Attempt, Evidence, Loader, Runtime, Stop};
use crate::keras::json;

/// The text of `training_config`; None where there is none, so that the model isn't compiled.
pub fn text(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<Option<String>> {
    let file = H5::of(evidence, runtime)?;
    if !file.has_attribute("", "training_config")? {
        return Ok(None);
    }
    match file.attribute("", "training_config")? {
        h5py::Value::Text(h5py::Text::Bytes(bytes)) => {
            let text = String::from_utf8(bytes);
            text.map(Some).map_err(|_| Stop::unknown("training_config is not UTF-8"))
        }
        h5py::Value::Text(h5py::Text::Str(_)) if decodes_always(runtime) => {
            Err(Stop::raised("AttributeError", "'str' object has no attribute 'decode'"))
        }
        h5py::Value::Text(h5py::Text::Str(text)) => Ok(Some(text)),
        h5py::Value::Texts(_) | h5py::Value::Other(_) => {
            Err(Stop::unknown("training_config is not one string"))
        }
    }
}

/// Before TensorFlow 2.5 the value was taken for bytes, whatever h5py gave.
fn decodes_always(runtime: &Runtime) -> bool {
    match runtime.loader {
        // Python 2's `unicode` has `decode`.
        Loader::Keras1 | Loader::Keras2 => runtime.python >= [3, 0, 0],
        Loader::TfKeras => runtime.version < [2, 5, 0],
        Loader::Keras3 => false,
    }
}

/// `json.loads` of the text.
pub fn parse(text: &str, runtime: &Runtime) -> Attempt<Value> {
    match json::parse(text) {
        Ok(parsed) => Ok(parsed.value),
        Err(message) if runtime.python >= [3, 5, 0] && runtime.python < [3, 13, 0] => {
            Err(Stop::raised("JSONDecodeError", message))
        }
        Err(message) if runtime.python < [3, 0, 0] => in_python2(text, &message),
        Err(_) => {
            Err(Stop::unknown("training_config is no JSON, and this Python says so in words of its own"))
        }
    }
}

/// Python 2.7 has other words, and no position where no value begins.
fn in_python2(text: &str, message: &str) -> Attempt<Value> {
    if message.starts_with("Expecting value") {
        return Err(Stop::raised("ValueError", "No JSON object could be decoded"));
    }
    let count = text.chars().count();
    let is_flat = !text.contains('\n');
    if let Some(at) = message.strip_prefix("Extra data: line 1 column ").filter(|_| is_flat) {
        let at: usize = at.split(' ').next().and_then(|at| at.parse().ok()).unwrap_or(1);
        return Err(Stop::raised(
            "ValueError",
            format!(
                "Extra data: line 1 column {at} - line 1 column {} (char {} - {count})",
                count + 1,
                at.saturating_sub(1)
            ),
        ));
    }
    match message.starts_with("Expecting property name") {
        true => Err(Stop::raised("ValueError", message)),
        false => Err(Stop::unknown("training_config is no JSON, and Python 2.7 says so in words of its own")),
    }
}
