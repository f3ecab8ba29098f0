//! `A005`: a layer that loads in Keras but can't be run here.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::ops::OpError;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A005",
    name: "unsupported-layer",
    severity: Severity::Note,
    meaning: "The file may be perfectly good, but the page can't run the model, because it has no \
        kernel for this layer.",
    fix: "Nothing to do for the file. Everything but the prediction is still verified.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let leaves = facts.structure.map(|structure| structure.graph.leaves.as_slice()).unwrap_or_default();
    leaves
        .iter()
        .filter_map(|leaf| match &leaf.op {
            Err(error) if super::unknown_activation::name(error).is_some() => None,
            Err(error @ (OpError::Unsupported(_) | OpError::UnknownActivation(_) | OpError::Config(_))) => {
                let message = format!("Layer {}: {error}.", leaf.path);
                Some(Finding::new(&RULE, Place::Layer(leaf.path.clone()), message))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn a_layer_of_keras_that_does_not_run_here_is_named() {
        let file = File::small().class(1, "LSTM");
        check(&RULE, &file.bytes(), &["hidden: Layer hidden: LSTM can't be run here."]);
    }

    #[test]
    fn an_activation_or_argument_that_is_not_understood_is_named() {
        let file = File::small().argument(1, "activation", json!("sparsemax"));
        check(&RULE, &file.bytes(), &["hidden: Layer hidden: the activation sparsemax can't be run here."]);
        let file = File::small().argument(1, "units", json!(-3));
        check(&RULE, &file.bytes(), &["hidden: Layer hidden: argument units: expected a whole number, found -3."]);
    }

    #[test]
    fn an_unknown_class_is_another_rules_matter() {
        check(&RULE, &File::small().class(1, "Mystery").bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
