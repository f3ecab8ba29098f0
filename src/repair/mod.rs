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
mod ones;
mod rewrite;
mod shelf;
mod snippet;
mod strings;
mod target;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use crate::hdf5::{self, NewGroup, Patch};
use crate::keras::{Layout, ModelFile};
use crate::loaders::{self, Evidence, Outcome, Runtime};
use crate::source::{ByteSource, Edit, Joined};

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
#[derive(Clone)]
pub struct Repair {
    /// The target.
    pub runtime: &'static Runtime,
    /// What changes; empty where the target loads the file as it is.
    pub changes: Vec<Change>,
    /// The value of `model_config` as the target reads it.
    pub config: Value,
    /// What makes it so.
    pub way: Way,
}

/// How the copy is made.
#[derive(Clone)]
pub enum Way {
    /// Runs of bytes of the original are replaced, in the order of the file; the last may make it longer.
    Patch(Vec<Edit>),
    /// A new file with the numbers of the original.
    Rewrite {
        /// Its root.
        root: NewGroup,
        /// How many kernels are turned.
        turned: usize,
        /// Whether the numbers lie in the original itself, and not in a member of an archive.
        in_place: bool,
    },
}

impl Way {
    /// The copy, made of the original.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn copy(&self, source: Arc<dyn ByteSource>) -> Result<Joined, Refusal> {
        match self {
            Way::Patch(edits) => Ok(Joined::patched(source, edits.clone())),
            Way::Rewrite { root, in_place, .. } => {
                root.write(source, *in_place).map_err(|error| unwritable(&error))
            }
        }
    }

    /// How many kernels are turned; all other weights are those of the original, bit for bit.
    pub fn turned(&self) -> usize {
        match self {
            Way::Patch(_) => 0,
            Way::Rewrite { turned, .. } => *turned,
        }
    }
}

fn unwritable(error: &hdf5::Error) -> Refusal {
    Refusal::new("@model_config", error.to_string())
}

/// Finds out which bytes of a file to change so that a runtime loads it and computes the same.
///
/// # Errors
/// Why that can't be done.
pub fn patch(evidence: &Evidence<'_>, runtime: &'static Runtime) -> Result<Repair, Refusal> {
    let target = Target::of(runtime)?;
    whole_model(evidence)?;
    // What loads as it is stays as it is.
    if let Some(config) = evidence.model_config
        && sound(evidence).is_ok()
        && loaders::loads_in(evidence, runtime)[0].outcome == Outcome::Loads
    {
        return Ok(Repair {
            runtime,
            changes: Vec::new(),
            config: config.clone(),
            way: Way::Patch(Vec::new()),
        });
    }
    let file = whole_file(evidence)?;
    let text = config_text(evidence)?;
    let config = evidence.model_config.ok_or_else(|| Refusal::new("@model_config", NO_JSON))?;
    sound(evidence)?;
    readable(&target, evidence, file)?;
    let (config, mut changes) = config::translate(&target, config, false)?;
    let mut patch = Patch::new(file);
    if !changes.is_empty() {
        let root = file.group("").map_err(|error| unwritable(&error))?;
        only_json(text)?;
        patch.set_text(&root, "model_config", &written(&config)).map_err(|error| unwritable(&error))?;
    }
    changes.extend(strings::mark(&target, file, &mut patch)?);
    changes.extend(strings::drop_training(&target, evidence, file, &mut patch)?);
    let edits = patch.finish().map_err(|error| unwritable(&error))?;
    Ok(Repair { runtime, changes, config, way: Way::Patch(edits) })
}

/// Finds out what a new file must hold so that a runtime loads it and computes the same as what is in this one, which can't be
/// patched for that `reason`.
///
/// # Errors
/// Why that can't be done.
pub fn rewrite(
    evidence: &Evidence<'_>,
    runtime: &'static Runtime,
    reason: &Refusal,
) -> Result<Repair, Refusal> {
    let target = Target::of(runtime)?;
    let model = whole_model(evidence)?;
    // The architecture of an archive was read as plain JSON.
    if model.layout != Layout::KerasArchive {
        only_json(config_text(evidence)?)?;
    }
    let config = evidence.model_config.ok_or_else(|| Refusal::new("@model_config", NO_JSON))?;
    let network = model.network().ok_or_else(|| reason.clone())?;
    complete(evidence)?;
    let (config, translated) = config::translate(&target, config, model.is_theanos())?;
    let (shelves, shelved) = shelf::shelves(evidence, model, network)?;
    let (root, written) = rewrite::root(&target, model, &shelves, &config)?;
    let why = reason.to_string();
    let anew = Change {
        place: String::new(),
        what: "the file is written anew".into(),
        before: None,
        after: None,
        why,
    };
    let changes = [vec![anew], translated, shelved, written].concat();
    let turned = root.walk("").iter().filter(|(_, dataset)| !dataset.turn.is_none()).count();
    Ok(Repair {
        runtime,
        changes,
        config,
        way: Way::Rewrite { root, turned, in_place: evidence.file.is_some() },
    })
}

const DAMAGED: &str = "Weights are missing or damaged, as the findings say, and can't be made up.";
const NO_JSON: &str =
    "it is no JSON, so what the model is can't be told. Build the model in Python and load its weights.";

/// The file, where it is HDF5.
fn whole_file<'a>(evidence: &Evidence<'a>) -> Result<&'a hdf5::File, Refusal> {
    match evidence.file {
        Some(Ok(file)) => Ok(file),
        Some(Err(error)) => Err(Refusal::new("", format!("The file can't be opened: {error}."))),
        None => Err(Refusal::new("", "This is no HDF5 file, so nothing in it can be replaced.")),
    }
}

fn whole_model<'a>(evidence: &Evidence<'a>) -> Result<&'a ModelFile, Refusal> {
    match evidence.model {
        Some(Ok(model)) => Ok(model),
        Some(Err(error)) => Err(Refusal::new("", format!("The file can't be read: {error}."))),
        None => whole_file(evidence).and_then(|_| Err(Refusal::new("", "There is no model in the file."))),
    }
}

fn config_text<'a>(evidence: &Evidence<'a>) -> Result<&'a str, Refusal> {
    whole_model(evidence)?.texts.model_config.as_deref().ok_or_else(|| {
        let what = "There is no model_config in the file: it holds weights alone.";
        Refusal::new("", format!("{what} Build the model in Python and use load_weights."))
    })
}

/// A file whose architecture and weights don't belong together loads nowhere, whatever its config says.
pub(crate) fn sound(evidence: &Evidence<'_>) -> Result<(), Refusal> {
    if let Some(Ok(model)) = evidence.model
        && !model.weights.problems.is_empty()
    {
        return Err(Refusal::new("", DAMAGED));
    }
    let mismatch = evidence.structure.and_then(|structure| structure.binding.mismatches.first());
    match mismatch {
        Some(mismatch) => {
            Err(Refusal::new("", format!("Architecture and weights do not fit together: {mismatch}.")))
        }
        None => Ok(()),
    }
}

/// What is cut off is not there for any copy.
fn complete(evidence: &Evidence<'_>) -> Result<(), Refusal> {
    let Some(Ok(file)) = evidence.file else { return Ok(()) };
    let end = file.extent().end;
    if end > evidence.length {
        let what = format!("The file should have {end} bytes and has {}", evidence.length);
        return Err(Refusal::new("", format!("{what}: get it again.")));
    }
    Ok(())
}

/// What keeps the target from reading the weights as they are stored, which no other config changes.
fn readable(target: &Target, evidence: &Evidence<'_>, file: &hdf5::File) -> Result<(), Refusal> {
    complete(evidence)?;
    if let Some(link) = file.inventory().links.first().filter(|_| target.refuses_links()) {
        let what = format!("{} refuses files with links", target.name());
        return Err(Refusal::new(link.path.clone(), what));
    }
    let is_theanos = matches!(evidence.model, Some(Ok(model)) if model.is_theanos());
    if is_theanos {
        let what = "Theano turns the kernels of convolutions by 180 degrees, TensorFlow does not";
        return Err(Refusal::new("", what));
    }
    Ok(())
}

fn only_json(text: &str) -> Result<(), Refusal> {
    if says_more_than_json(text) {
        let what = "It has NaN, Infinity or half characters, which JSON lacks.";
        return Err(Refusal::new("@model_config", what));
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
