//! `A002`: the architecture makes no sense.

use super::Facts;
use crate::finding::{capitalised, Finding, Place, Rule, Severity};
use crate::keras::Architecture;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A002",
    name: "bad-config",
    severity: Severity::Error,
    meaning: "The attribute model_config is there, but is not the description of a model. \
        `load_model` fails while reading it.",
    fix: "Save the model again. If the weights are whole, build the architecture in code and \
        call `load_weights` on this file.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model().map(|model| &model.architecture) {
        Some(Architecture::Broken(reason)) if !facts.is_truncated() => {
            vec![Finding::new(&RULE, Place::Object("/@model_config".into()), format!("{}.", capitalised(reason)))]
        }
        _ => Vec::new(),
    }
}
