//! `A016`: an activation function that Keras does not have.

use super::Facts;
use crate::graph::Leaf;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::names::ACTIVATIONS;
use crate::limits;
use crate::ops::{Op, OpError};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A016",
    name: "unknown-activation",
    severity: Severity::Error,
    meaning: "A layer uses an activation function that is not part of Keras. Its code is not in the file, and `load_model` \
        fails unless it is given the function.",
    fix: "Pass the Python function in `custom_objects`, from the code that made the model.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let leaves = facts.structure.map(|structure| structure.graph.leaves.as_slice()).unwrap_or_default();
    let mut names: Vec<(&str, &str, usize)> = Vec::new();
    for leaf in leaves {
        let Some(name) = leaf.op.as_ref().err().and_then(|error| name(error).or_else(|| unread(leaf, error))) else {
            continue;
        };
        match names.iter().position(|(known, ..)| *known == name) {
            Some(at) => names[at].2 += 1,
            None if names.len() < limits::MAX_FINDINGS_PER_RULE => names.push((name, &leaf.path, 1)),
            None => {}
        }
    }
    names.into_iter().map(|(name, path, layers)| finding(name, path, layers)).collect()
}

/// The activation that an operator could not be made of, if no Keras has it.
pub(super) fn name(error: &OpError) -> Option<&str> {
    match error {
        // Keras takes a layer class for an activation, too.
        OpError::UnknownActivation(name) => Some(name.as_str()).filter(|n| !ACTIVATIONS.contains(n) && !Op::is_class(n)),
        OpError::UnknownClass(_) | OpError::Unsupported(_) | OpError::Config(_) => None,
    }
}

/// The activation of a layer of Keras' that is not run here, if no Keras has it.
fn unread<'l>(leaf: &'l Leaf<'_>, error: &OpError) -> Option<&'l str> {
    match error {
        OpError::Unsupported(_) => {
            let named = ["activation", "recurrent_activation"].iter().filter_map(|key| leaf.layer.config.text(key));
            named.into_iter().find(|name| !ACTIVATIONS.contains(name) && !Op::is_class(name))
        }
        OpError::UnknownActivation(_) | OpError::UnknownClass(_) | OpError::Config(_) => None,
    }
}

fn finding(name: &str, path: &str, layers: usize) -> Finding {
    let which = match layers - 1 {
        0 => format!("Layer {path} has"),
        more => format!("Layer {path} and {more} more have"),
    };
    let message = format!("{which} the activation {name}, which is not part of Keras.");
    let fix = format!(
        "Load it with `load_model(path, custom_objects={{\"{name}\": {name}}})`, with the Python function from the code that \
         made the model."
    );
    Finding::new(&RULE, Place::Layer(path.to_string()), message).with_fix(fix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn an_activation_of_ones_own_is_named() {
        let file = File::small().argument(1, "activation", json!("swishy"));
        check(&RULE, &file.bytes(), &["hidden: Layer hidden has the activation swishy, which is not part of Keras."]);
    }

    #[test]
    fn layers_that_are_not_run_have_activations_too() {
        let file = File::small().class(1, "LSTM").argument(1, "recurrent_activation", json!("swishy"));
        check(&RULE, &file.bytes(), &["hidden: Layer hidden has the activation swishy, which is not part of Keras."]);
        let file = File::small().class(1, "LSTM").argument(1, "activation", json!("tanh"));
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn one_activation_of_several_layers_is_one_finding() {
        let file = File::small().argument(1, "activation", json!("swishy")).argument(2, "activation", json!("swishy"));
        let expected = "hidden: Layer hidden and 1 more have the activation swishy, which is not part of Keras.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn activations_of_every_keras_are_known_whether_or_not_they_run_here() {
        silent_when_sound(&RULE);
        for name in ["sparsemax", "hard_shrink", "LeakyReLU", "linear"] {
            check(&RULE, &File::small().argument(1, "activation", json!(name)).bytes(), &[]);
        }
    }
}
