//! Facts about a file in words.

use super::Fact;
use crate::checks::Facts;
use crate::finding::{capitalised, counted};
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
    let Some(version) = model.saved_by.keras_version.as_deref() else {
        return (model.layout == Layout::Keras3Weights).then(|| "Keras 3".to_string());
    };
    match (model.saver_evidence(), model.saved_by.backend.as_deref()) {
        // TensorFlow's releases say more than the number that its Keras gives itself.
        (Some(releases), _) if releases.starts_with("tf") => {
            Some(format!("{releases} (keras_version {version})"))
        }
        (None, _) if version.ends_with("-tf") => Some(format!("tf.keras {version}")),
        (_, Some(backend)) => Some(format!("Keras {version} on {}", backend_name(backend))),
        (_, None) => Some(format!("Keras {version}")),
    }
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
            let bytes = counted(facts.length - extent.end, "byte", "bytes");
            let value = format!("{bytes} behind the end of the HDF5 part");
            out.push(Fact { label: "Trailing bytes", value });
        }
    }
    if let Some(container) = facts.container {
        out.push(Fact { label: "Objects", value: objects(&container.inventory) });
    }
    if let Some(Ok(model)) = facts.model {
        let yes_no = |there: bool, yes: &str, no: &str| if there { yes.to_string() } else { no.to_string() };
        if model.layout != Layout::NotKeras {
            let weighted = crate::zoo::stored::layers::count(model);
            let numbers = counted(model.weights.parameters(), "number", "numbers");
            let value = format!("{numbers} in {}", counted(weighted as u64, "layer", "layers"));
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
    let counts = [
        (inventory.groups, "group", "groups"),
        (inventory.datasets.len(), "dataset", "datasets"),
        (inventory.links.len(), "link that is a path", "links that are paths"),
        (inventory.cycles.len(), "group in itself", "groups in themselves"),
        (inventory.damage.len(), "damaged structure", "damaged structures"),
    ];
    // Of what a sound file must have none is a fact, too.
    let said = counts.iter().enumerate().filter(|(at, (count, ..))| *at < 2 || *count > 0);
    let words: Vec<String> = said.map(|(_, (count, one, many))| counted(*count as u64, one, many)).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, with_facts};

    /// What TensorFlow's packages call themselves is tested beside `Saver::releases`.
    #[test]
    fn a_saver_is_one_line_that_contradicts_nothing() {
        for (version, backend, expected) in [
            ("2.2.4-tf", "tensorflow", "tf.keras of TensorFlow 1.15 to 2.1 (keras_version 2.2.4-tf)"),
            ("2.3.0-tf", "tensorflow", "tf.keras of TensorFlow 2.2 (keras_version 2.3.0-tf)"),
            ("2.15.0", "tensorflow", "tf.keras of TensorFlow 2.15 (keras_version 2.15.0)"),
            ("2.1.0-tf", "tensorflow", "tf.keras 2.1.0-tf"),
            ("2.2.4", "theano", "Keras 2.2.4 on Theano"),
            ("3.15.1", "jax", "Keras 3.15.1 on JAX"),
            ("latest", "tensorflow", "Keras latest on TensorFlow"),
        ] {
            let attributes = vec![("keras_version", version), ("backend", backend)];
            let file = File { attributes, ..File::small() }.argument(0, "ragged", false.into());
            with_facts(&file.bytes(), |facts| {
                assert_eq!(saved_by(facts.model.unwrap().as_ref().unwrap()).as_deref(), Some(expected));
                assert!(super::facts(facts).iter().all(|fact| fact.label != "Release"));
            });
        }
    }

    #[test]
    fn one_of_a_kind_is_not_many() {
        let bytes = File::small().bytes();
        let longer = [bytes.as_slice(), b"x"].concat();
        let fact = |bytes: &[u8], label: &str| {
            let facts = with_facts(bytes, super::facts);
            facts.into_iter().find(|fact| fact.label == label).unwrap().value
        };
        assert_eq!(fact(&longer, "Trailing bytes"), "1 byte behind the end of the HDF5 part");
        let mut file = hdf5_pure::FileBuilder::new();
        file.create_dataset("x").with_f32_data(&[1.0]).with_shape(&[1]);
        assert_eq!(fact(&file.finish().unwrap(), "Objects"), "1 group, 1 dataset");
    }

    #[test]
    fn a_sentence_begins_large_and_ends() {
        assert_eq!(sentence("layer a: it can't be run"), "Layer a: it can't be run.");
        assert_eq!(sentence("Keras' own."), "Keras' own.");
        assert_eq!(sentence("keras.applications does"), "keras.applications does.");
    }
}
