//! `F013`: a dataset whose numbers are elsewhere.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::{ExternalRun, Stored, StoredAs};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F013",
    name: "external-data",
    severity: Severity::Error,
    meaning: "The numbers of a dataset are not stored with it but in other files, or it is a view of other datasets. Without those the numbers are missing. Keras 3.12.1 or later refuses it.",
    fix: "Open the file where the other files are and save the model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let datasets = facts.container_of_model().map(|container| container.inventory.datasets.as_slice());
    datasets.unwrap_or_default().iter().filter_map(finding).collect()
}

fn finding(stored: &Stored) -> Option<Finding> {
    let (message, refusal) = match &stored.how {
        StoredAs::External(runs) => {
            let names: Vec<&str> = runs.iter().map(|run| run.file.as_str()).collect();
            let message = format!("Its numbers are in other files: {}.", names.join(", "));
            (message, format!("external Dataset: {}", python(runs)))
        }
        StoredAs::Virtual => {
            ("It is a view of other datasets (a virtual dataset).".into(), "virtual Dataset".to_string())
        }
        StoredAs::Compact | StoredAs::Run(..) | StoredAs::Chunks | StoredAs::Nowhere | StoredAs::Unknown => return None,
    };
    let mut finding = Finding::new(&RULE, Place::Object(stored.path.clone()), message);
    // Keras 3.15.1, saving_lib.py.
    finding.loader_message = Some(format!("ValueError: Not allowed: H5 file with {refusal}"));
    Some(finding)
}

/// The list as Python writes it.
fn python(runs: &[ExternalRun]) -> String {
    let tuples: Vec<String> = runs.iter().map(|run| format!("('{}', {}, {})", run.file, run.offset, run.size)).collect();
    format!("[{}]", tuples.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{findings, silent_when_sound};

    #[test]
    fn numbers_in_other_files_and_views_are_named() {
        let found = findings(&RULE, include_bytes!("../../tests/fixtures/verdicts/data_elsewhere.hdf5"));
        let words: Vec<_> = found.iter().map(|f| (f.place.to_string(), f.loader_message.as_deref().unwrap())).collect();
        // What Keras 3.15.1 says of this file, dataset by dataset.
        let expected = [
            (
                "/model_weights/dense/dense/bias:0".to_string(),
                "ValueError: Not allowed: H5 file with external Dataset: [('numbers.bin', 4, 12)]",
            ),
            ("/model_weights/dense/dense/kernel:0".to_string(), "ValueError: Not allowed: H5 file with virtual Dataset"),
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn numbers_in_the_file_are_silent() {
        silent_when_sound(&RULE);
    }
}
