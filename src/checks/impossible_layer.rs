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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn a_layer_that_can_not_be_called_on_its_input_is_named() {
        let file = File::small().class(1, "MaxPooling2D");
        let expected = "hidden: Layer hidden: an image of three axes is expected, found [4].";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn a_result_too_large_for_any_memory_is_impossible() {
        let file = File::small().argument(0, "batch_input_shape", json!([null, 4096, 4096, 4096]));
        let expected = "in: Layer in: its result would have the shape [4096, 4096, 4096], which can't be held.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn layers_that_fit_are_possible() {
        silent_when_sound(&RULE);
    }
}
