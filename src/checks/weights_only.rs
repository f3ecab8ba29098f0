//! `S001`: weights without an architecture.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Layout;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S001",
    name: "weights-only",
    severity: Severity::Warning,
    meaning: "The file was written by `model.save_weights(...)`: it holds weights and no \
        architecture, so `load_model` can't load it.",
    fix: "Build the architecture in code and call `model.load_weights(...)`, or save the whole \
        model with `model.save(...)`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model() {
        Some(model) if matches!(model.layout, Layout::WeightsOnly | Layout::Keras3Weights) => {
            let weights = &model.weights;
            let message = format!(
                "{} layers with weights, {} numbers, and no architecture.",
                weights.weighted().count(),
                weights.parameters()
            );
            vec![Finding::new(&RULE, Place::File, message)]
        }
        _ => Vec::new(),
    }
}
