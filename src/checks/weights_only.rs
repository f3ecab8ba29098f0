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
                "{}, {} numbers, and no architecture.",
                crate::zoo::stored::words(model),
                weights.parameters()
            );
            vec![Finding::new(&RULE, Place::File, message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn weights_at_the_root_are_counted() {
        let file = File { config: None, group: Some(""), ..File::small() };
        check(&RULE, &file.bytes(), &["file: 2 layers with weights, 23 numbers, and no architecture."]);
    }

    #[test]
    fn a_whole_model_is_more_than_weights() {
        silent_when_sound(&RULE);
    }
}
