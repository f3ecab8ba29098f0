//! `F017`: a weight to which nothing was ever written.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use std::collections::HashSet;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F017",
    name: "never-written",
    severity: Severity::Warning,
    meaning: "A dataset was created and no number stored in it. HDF5 gives its fill value instead, which is nearly always zero.",
    fix: "Save the model again: the program that wrote the file stopped, or forgot this weight.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(container) = facts.container_of_model() else { return Vec::new() };
    let tensors = facts.weights().map(|table| table.tensors.as_slice()).unwrap_or_default();
    let listed: HashSet<&str> = tensors.iter().map(|tensor| tensor.dataset.path.trim_matches('/')).collect();
    let empty = container.inventory.datasets.iter().filter(|stored| stored.is_never_written());
    empty
        .filter(|stored| listed.contains(stored.path.trim_matches('/')))
        .map(|stored| {
            let bytes = stored.declared.unwrap_or(0);
            let message = format!("It declares {bytes} bytes and none were ever written: it reads as the fill value.");
            Finding::new(&RULE, Place::Object(stored.path.clone()), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    #[test]
    fn a_weight_without_numbers_is_named() {
        let expected = "/model_weights/dense/dense/bias:0: It declares 12 bytes and none were ever written: it reads as \
            the fill value.";
        check(&RULE, include_bytes!("../../tests/fixtures/verdicts/never_written.hdf5"), &[expected]);
    }

    #[test]
    fn weights_with_numbers_are_silent() {
        silent_when_sound(&RULE);
    }
}
