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
            Err(error @ (OpError::Unsupported(_) | OpError::UnknownActivation(_) | OpError::Config(_))) => {
                let message = format!("Layer {}: {error}.", leaf.path);
                Some(Finding::new(&RULE, Place::Layer(leaf.path.clone()), message))
            }
            _ => None,
        })
        .collect()
}
