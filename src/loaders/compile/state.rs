//! The optimizer's state. What doesn't fit is a warning in most runtimes; what can't be read raises.

use super::super::open::h5py::{self, H5, Item};
use super::super::{Attempt, Evidence, Loader, Runtime, Stop};
use super::shown;

/// Loads the optimizer's state, as far as that raises.
///
/// # Errors
/// What reading `optimizer_weights` raises.
pub fn load(evidence: &Evidence<'_>, runtime: &Runtime) -> Attempt<()> {
    let file = H5::of(evidence, runtime)?;
    if !file.contains("", "optimizer_weights")? {
        return Ok(());
    }
    let is_group = file.item("", "optimizer_weights")? == Item::Group;
    match runtime.loader {
        Loader::Keras3 if runtime.version >= [3, 12, 0] => file.keras3_group("", "optimizer_weights")?,
        Loader::Keras1 | Loader::Keras2 | Loader::TfKeras | Loader::Keras3 => {}
    }
    if !is_group {
        return Err(Stop::unknown("optimizer_weights is no group"));
    }
    names(&file, runtime)?.iter().try_for_each(|name| value(&file, runtime, name))
}

/// `weight_names`, whole or split. Newer runtimes take a missing list for an empty one.
fn names(file: &H5<'_>, runtime: &Runtime) -> Attempt<Vec<String>> {
    let group = "optimizer_weights";
    if file.has_attribute(group, "weight_names")? {
        return texts(file.attribute(group, "weight_names")?, runtime);
    }
    match runtime.loader {
        Loader::Keras2 if runtime.version >= [2, 2, 3] => {
            Err(shown::value_error("Unable to create group (no write intent on file)"))
        }
        Loader::Keras1 | Loader::Keras2 => file.attribute(group, "weight_names").map(|_| Vec::new()),
        Loader::TfKeras | Loader::Keras3 => parts(file, runtime),
    }
}

fn parts(file: &H5<'_>, runtime: &Runtime) -> Attempt<Vec<String>> {
    let mut names = Vec::new();
    for part in 0..crate::limits::MAX_ATTRIBUTE_PARTS {
        let name = format!("weight_names{part}");
        if !file.has_attribute("optimizer_weights", &name)? {
            break;
        }
        names.extend(texts(file.attribute("optimizer_weights", &name)?, runtime)?);
    }
    Ok(names)
}

/// `n.decode('utf8') for n in names`
fn texts(value: h5py::Value, runtime: &Runtime) -> Attempt<Vec<String>> {
    let texts = match value {
        h5py::Value::Texts(texts) => texts,
        h5py::Value::Other(0) => Vec::new(),
        h5py::Value::Text(_) | h5py::Value::Other(_) => {
            return Err(Stop::unknown("the names of the optimizer's weights are no list of strings"));
        }
    };
    texts.into_iter().map(|text| name(text, runtime)).collect()
}

fn name(text: h5py::Text, runtime: &Runtime) -> Attempt<String> {
    let decodes_always = match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => runtime.python >= [3, 0, 0],
        Loader::TfKeras => runtime.version < [2, 5, 0],
        Loader::Keras3 => false,
    };
    match text {
        h5py::Text::Bytes(bytes) => String::from_utf8(bytes)
            .map_err(|_| Stop::unknown("a name of the optimizer's weights is not UTF-8")),
        h5py::Text::Str(_) if decodes_always => {
            Err(Stop::raised("AttributeError", "'str' object has no attribute 'decode'"))
        }
        h5py::Text::Str(text) => Ok(text),
    }
}

/// `group[name]`
fn value(file: &H5<'_>, runtime: &Runtime, name: &str) -> Attempt<()> {
    match file.item("optimizer_weights", name) {
        // Keras 2.2.3 and later would make a group of that name.
        Err(Stop::Raised(_)) if runtime.loader == Loader::Keras2 && runtime.version >= [2, 2, 3] => {
            Err(shown::value_error("Unable to create group (no write intent on file)"))
        }
        found => found.map(|_| ()),
    }
}
