//! `A006`: layers that don't fit together.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A006",
    name: "impossible-layer",
    severity: Severity::Error,
    meaning: "A layer can't be called on what the layers before it give. Building the model fails.",
    fix: "Compare the architecture with the code that made it; someone edited model_config.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(structure) = facts.structure else { return Vec::new() };
    let errors = structure.shapes.errors.iter();
    errors
        .map(|(leaf, error)| {
            let path = &structure.graph.leaves[*leaf].path;
            Finding::new(&RULE, Place::Layer(path.clone()), format!("Layer {path}: {error}."))
        })
        .collect()
}
