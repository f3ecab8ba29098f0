//! `F003`: a `.keras` archive under the name of an `.h5`.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::Kind;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F003",
    name: "keras-zip",
    severity: Severity::Error,
    meaning: "The file is a model in Keras' newer `.keras` format, a zip archive. Loaders that go by \
        the name `.h5` look for HDF5 and fail.",
    fix: "Rename the file so that it ends in `.keras`, and load it with the Keras that saved it \
        (2.12 or newer).",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.kind {
        Ok(Kind::KerasZip) => {
            let message = "The file is a zip archive with config.json and model.weights.h5: Keras' `.keras` format.";
            vec![Finding::new(&RULE, Place::File, message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    /// A zip archive of empty files: their local headers left out, only the directory and its end record.
    fn zip(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        let start = bytes.len() as u32;
        for name in names {
            bytes.extend(b"PK\x01\x02");
            bytes.extend([0; 24]);
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend([0; 16]);
            bytes.extend(name.as_bytes());
        }
        let size = bytes.len() as u32 - start;
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 8]);
        bytes.extend(size.to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    #[test]
    fn an_archive_of_config_and_weights_is_a_keras_archive() {
        let archive = zip(&["metadata.json", "config.json", "model.weights.h5"]);
        let expected = "file: The file is a zip archive with config.json and model.weights.h5: Keras' `.keras` format.";
        check(&RULE, &archive, &[expected]);
    }

    #[test]
    fn other_archives_are_not() {
        check(&RULE, &zip(&["model.h5"]), &[]);
        silent_when_sound(&RULE);
    }
}
