//! `S002`: an architecture without weights.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S002",
    name: "no-weights",
    severity: Severity::Error,
    meaning: "The architecture is there, but the group model_weights is gone: the model would start \
        untrained, and `load_model` fails.",
    fix: "Save the model again with `model.save(...)`, or load the weights from another file.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    if facts.is_truncated() || !problems.contains(&Problem::NoWeights) {
        return Vec::new();
    }
    vec![Finding::new(&RULE, Place::Object("/model_weights".into()), "There is no group model_weights.")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn an_architecture_alone_is_named() {
        let file = File { group: None, ..File::small() };
        check(&RULE, &file.bytes(), &["/model_weights: There is no group model_weights."]);
    }

    #[test]
    fn a_model_with_weights_has_them() {
        silent_when_sound(&RULE);
    }
}
