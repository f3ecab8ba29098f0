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
