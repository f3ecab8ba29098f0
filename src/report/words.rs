//! Facts about a file in words.

use super::Fact;
use crate::checks::Facts;
use crate::finding::capitalised;
use crate::hdf5::Inventory;
use crate::keras::training::Training;
use crate::keras::{Layout, ModelFile};
use crate::sniff::Kind;

/// Words that were written for the middle of a line, as a sentence of their own. A name at its start (one with a dot,
/// a slash or an underscore) keeps its first letter.
pub fn sentence(words: &str) -> String {
    let is_name = words.split(' ').next().is_some_and(|word| word.contains(['.', '/', '_']));
    let begun = if is_name { words.to_string() } else { capitalised(words) };
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    begun + end
}

/// What the file is, in a few words.
pub(super) fn kind(facts: &Facts<'_>) -> String {
    let layout = facts.model.and_then(|model| model.as_ref().ok()).map(|model| model.layout);
    match (facts.kind, layout) {
        (Err(_), _) => "unreadable",
        (Ok(Kind::Empty), _) => "empty",
        (Ok(Kind::KerasZip(_)), _) => "Keras archive (.keras)",
        (Ok(Kind::Other(_)), Some(_)) => "HDF5 in a zip archive",
        (Ok(Kind::Other(_)), None) => "not HDF5",
        (Ok(Kind::Hdf5 { .. }), Some(Layout::WholeModel)) => "Keras model (HDF5)",
        (Ok(Kind::Hdf5 { .. }), Some(Layout::WeightsOnly)) => "Keras weights (HDF5)",
        (Ok(Kind::Hdf5 { .. }), Some(Layout::Keras3Weights)) => "Keras 3 weights (HDF5)",
        (Ok(Kind::Hdf5 { .. }), Some(Layout::NotKeras | Layout::KerasArchive) | None) => "HDF5",
    }
    .to_string()
}

/// Who saved the file, as far as it says.
pub(super) fn saved_by(model: &ModelFile) -> Option<String> {
    let version = model.saved_by.keras_version.as_deref();
    let backend = model.saved_by.backend.as_deref();
    let who = match (version, model.layout) {
        (Some(version), _) if version.ends_with("-tf") => {
            format!("tf.keras {version} (TensorFlow 1.13 to 2.2)")
        }
        (Some(version), _) => format!("Keras {version}"),
        (None, Layout::Keras3Weights) => "Keras 3".to_string(),
        (None, _) => return None,
    };
    Some(match backend {
        Some(backend) if !who.starts_with("tf.keras") => format!("{who} on {}", backend_name(backend)),
        _ => who,
    })
}

/// How a backend of Keras writes its own name.
fn backend_name(word: &str) -> &str {
    match word {
        "tensorflow" => "TensorFlow",
        "theano" => "Theano",
        "cntk" => "CNTK",
        "jax" => "JAX",
        "torch" => "PyTorch",
        "numpy" => "NumPy",
        "openvino" => "OpenVINO",
        other => other,
    }
}

/// More about the file, for showing.
pub(super) fn facts(facts: &Facts<'_>) -> Vec<Fact> {
    let mut out = Vec::new();
    if let Some(extent) = facts.extent {
        let block = if extent.base > 0 { user_block(facts, extent.base) } else { String::new() };
        out.push(Fact { label: "HDF5", value: format!("superblock version {}{block}", extent.version) });
        if extent.end < facts.length {
            let value = format!("{} bytes behind the end of the HDF5 part", facts.length - extent.end);
            out.push(Fact { label: "Trailing bytes", value });
        }
    }
    if let Some(container) = facts.container {
        out.push(Fact { label: "Objects", value: objects(&container.inventory) });
    }
    if let Some(Ok(model)) = facts.model {
        let yes_no = |there: bool, yes: &str, no: &str| if there { yes.to_string() } else { no.to_string() };
        // Of the other lines the version is all there is to say.
        if let Some(releases) = model.saver_evidence().filter(|releases| releases.starts_with("tf")) {
            out.push(Fact { label: "Release", value: releases });
        }
        if model.layout != Layout::NotKeras {
            let weighted = crate::zoo::stored::layers::count(model);
            let value = format!("{} numbers in {weighted} layers", model.weights.parameters());
            out.push(Fact { label: "Weights", value });
        }
        if let Some(date) = &model.saved_by.date {
            out.push(Fact { label: "Saved", value: date.replace('@', " ") });
        }
        if matches!(model.layout, Layout::WholeModel | Layout::KerasArchive) {
            out.push(Fact {
                label: "Compiled",
                value: yes_no(model.training != Training::Absent, "yes", "no training_config"),
            });
            out.push(Fact {
                label: "Optimizer",
                value: yes_no(model.optimizer, "its state is stored", "no state"),
            });
        }
    }
    out
}

/// What stands before the HDF5 part: its length, and its first letters where it is text.
fn user_block(facts: &Facts<'_>, length: u64) -> String {
    let start = facts.container.and_then(|container| container.user_block.as_deref()).unwrap_or_default();
    let text: String = start
        .iter()
        .map_while(|byte| (byte.is_ascii_graphic() || *byte == b' ').then_some(*byte as char))
        .collect();
    let begins = if text.trim().is_empty() {
        String::new()
    } else {
        format!(" that begins with “{}”", text.trim())
    };
    format!(", behind a user block of {length} bytes{begins}")
}

fn objects(inventory: &Inventory) -> String {
    let mut value = format!("{} groups, {} datasets", inventory.groups, inventory.datasets.len());
    let counts = [
        (inventory.links.len(), "links that are paths"),
        (inventory.cycles.len(), "groups in themselves"),
        (inventory.damage.len(), "damaged structures"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        value.push_str(&format!(", {count} {what}"));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_begins_large_and_ends() {
        assert_eq!(sentence("layer a: it can't be run"), "Layer a: it can't be run.");
        assert_eq!(sentence("Keras' own."), "Keras' own.");
        assert_eq!(sentence("keras.applications does"), "keras.applications does.");
    }
}
