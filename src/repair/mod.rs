//! A copy of the file that a runtime loads: what has to change in it, why, and what can't be changed.
//!
//! Repairs are decided on values ([`config`]: the value of `model_config` as the target reads it) and written as a few runs of
//! bytes ([`crate::hdf5::Patch`]), so that everything else in the file stays as it is, to the last bit. What the target's
//! classes take is data ([`crate::loaders::facts`]); an argument is dropped only where its value is what the target does
//! anyway, and where that is not so, there is no repair.

mod arguments;
mod config;
mod layers;
mod nodes;
mod objects;
mod snippet;
mod strings;
mod target;
mod words;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::hdf5::{self, Patch};
use crate::loaders::{self, Evidence, Outcome, Runtime};
use crate::source::Edit;

pub use snippet::snippet;

use target::Target;

/// One change of a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Where: the path of a layer (`resnet50/conv1_conv`), an attribute (`@training_config`), or nothing for the whole model.
    pub place: String,
    /// What of it: the argument or key.
    pub what: String,
    /// Its value before, as JSON; nothing where it was not there.
    pub before: Option<String>,
    /// Its value afterwards, as JSON; nothing where it is dropped.
    pub after: Option<String>,
    /// Why.
    pub why: String,
}

/// Why there is no repair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", if place.is_empty() { String::new() } else { format!("{place}: ") })]
pub struct Refusal {
    /// Where, as in [`Change::place`].
    pub place: String,
    /// Why, in words that tell what to do instead.
    pub reason: String,
}

impl Refusal {
    /// A refusal at a place.
    pub fn new(place: impl Into<String>, reason: impl Into<String>) -> Refusal {
        Refusal { place: place.into(), reason: reason.into() }
    }
}

/// How a file becomes one that the target loads.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The target.
    pub runtime: &'static Runtime,
    /// What changes; empty where the target loads the file as it is.
    pub changes: Vec<Change>,
    /// The value of `model_config` as the target reads it.
    pub config: Value,
    /// The bytes that make it so, in the order of the file; the last may make it longer.
    pub edits: Vec<Edit>,
}

/// Finds out how to change a file so that a runtime loads it and computes the same.
///
/// # Errors
/// Why that can't be done.
pub fn repair(evidence: &Evidence<'_>, runtime: &'static Runtime) -> Result<Repair, Refusal> {
    let target = Target::of(runtime)?;
    let file = whole_file(evidence)?;
    let text = config_text(evidence)?;
    let config = evidence.model_config.ok_or_else(|| Refusal::new("@model_config", NO_JSON))?;
    sound(evidence)?;
    // What loads as it is stays as it is.
    if loaders::loads_in(evidence, runtime)[0].outcome == Outcome::Loads {
        return Ok(Repair { runtime, changes: Vec::new(), config: config.clone(), edits: Vec::new() });
    }
    readable(&target, evidence, file)?;
    let (config, mut changes) = config::translate(&target, config)?;
    let mut patch = Patch::new(file);
    let unwritable = |error: hdf5::Error| Refusal::new("@model_config", error.to_string());
    if !changes.is_empty() {
        let root = file.group("").map_err(unwritable)?;
        if says_more_than_json(text) {
            return Err(Refusal::new(
                "@model_config",
                "It has NaN, Infinity or half characters, which JSON lacks.",
            ));
        }
        patch.set_text(&root, "model_config", &written(&config)).map_err(unwritable)?;
    }
    changes.extend(strings::mark(&target, file, &mut patch)?);
    changes.extend(strings::drop_training(&target, evidence, file, &mut patch)?);
    let edits = patch.finish().map_err(unwritable)?;
    Ok(Repair { runtime, changes, config, edits })
}

const NO_JSON: &str =
    "it is no JSON, so what the model is can't be told. Build the model in Python and load its weights.";

/// The file, where it is HDF5.
fn whole_file<'a>(evidence: &Evidence<'a>) -> Result<&'a hdf5::File, Refusal> {
    match evidence.file {
        Some(Ok(file)) => Ok(file),
        Some(Err(error)) => Err(Refusal::new("", format!("The file can't be opened: {error}."))),
        None => {
            Err(Refusal::new("", "This is no HDF5 file, so there is nothing in it that could be changed."))
        }
    }
}

fn config_text<'a>(evidence: &Evidence<'a>) -> Result<&'a str, Refusal> {
    let model = match evidence.model {
        Some(Ok(model)) => model,
        Some(Err(error)) => return Err(Refusal::new("", format!("The file can't be read: {error}."))),
        None => return Err(Refusal::new("", "There is no model in the file.")),
    };
    model.texts.model_config.as_deref().ok_or_else(|| {
        let what = "There is no model_config in the file: it holds weights alone.";
        Refusal::new("", format!("{what} Build the model in Python and use load_weights."))
    })
}

/// A file whose architecture and weights don't belong together loads nowhere, whatever its config says.
fn sound(evidence: &Evidence<'_>) -> Result<(), Refusal> {
    if let Some(Ok(model)) = evidence.model
        && !model.weights.problems.is_empty()
    {
        let what = "Weights are missing or damaged, as the findings say, and can't be made up.";
        return Err(Refusal::new("", what));
    }
    let mismatch = evidence.structure.and_then(|structure| structure.binding.mismatches.first());
    match mismatch {
        Some(mismatch) => {
            Err(Refusal::new("", format!("Architecture and weights do not fit together: {mismatch}.")))
        }
        None => Ok(()),
    }
}

/// What keeps the target from reading the weights as they are stored, which no other config changes.
fn readable(target: &Target, evidence: &Evidence<'_>, file: &hdf5::File) -> Result<(), Refusal> {
    let end = file.extent().end;
    if end > evidence.length {
        let what = format!("The file should have {end} bytes and has {}", evidence.length);
        return Err(Refusal::new("", format!("{what}: get it again.")));
    }
    if let Some(link) = file.inventory().links.first().filter(|_| target.refuses_links()) {
        let what = format!("{} refuses files with links", target.name());
        return Err(Refusal::new(
            link.path.clone(),
            format!("{what}. Save the model again with a Keras that follows them."),
        ));
    }
    let is_theanos = matches!(evidence.model, Some(Ok(model)) if model.is_theanos());
    if is_theanos && !target.is_two() {
        let what = "Theano turns the kernels of convolutions by 180 degrees, which is not undone here";
        return Err(Refusal::new("", format!("{what}. Load the file in Keras 2 and save it again.")));
    }
    Ok(())
}

/// The text of a config, without spaces and in ASCII, as Keras writes it.
fn written(config: &Value) -> String {
    let mut text = String::new();
    for letter in config.to_string().chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            text.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// What Python reads in a text and JSON can't say would be lost in a copy.
fn says_more_than_json(text: &str) -> bool {
    ["NaN", "Infinity", "\\ud8", "\\ud9", "\\uda", "\\udb", "\\uD8", "\\uD9", "\\uDA", "\\uDB"]
        .iter()
        .any(|word| text.contains(word))
}
