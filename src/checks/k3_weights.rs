//! `F007`: weights in Keras 3's own layout.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Layout;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F007",
    name: "k3-weights",
    severity: Severity::Warning,
    meaning: "The file holds weights in the layout of Keras 3's \
        `model.save_weights(\"x.weights.h5\")`. Older loaders find no layers in it, and the \
        architecture is not in it.",
    fix: "Rename it so that it ends in `.weights.h5`, build the model in Keras 3 (or TensorFlow \
        2.13 to 2.15) and call `model.load_weights(...)`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model() {
        Some(model) if model.layout == Layout::Keras3Weights && !facts.name.ends_with(".weights.h5") => {
            let layers = crate::zoo::stored::words(model);
            let message = format!("{layers} are stored as layers/<name>/vars, without an architecture.");
            vec![Finding::new(&RULE, Place::Object("/layers".into()), message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, keras3_weights, silent_when_sound, with_facts};

    #[test]
    fn layers_with_vars_are_keras_3_weights() {
        let bytes = keras3_weights(&[("dense", &[(&[2], 1.0)])]);
        let expected =
            "/layers: 1 layers with weights are stored as layers/<name>/vars, without an architecture.";
        check(&RULE, &bytes, &[expected]);
    }

    #[test]
    fn weights_under_their_own_name_are_no_finding() {
        with_facts(&keras3_weights(&[("dense", &[(&[2], 1.0)])]), |facts| {
            assert_eq!(super::check(&Facts { name: "x.weights.h5", ..*facts }), []);
        });
    }

    #[test]
    fn other_layouts_are_not_keras_3_weights() {
        silent_when_sound(&RULE);
    }
}
