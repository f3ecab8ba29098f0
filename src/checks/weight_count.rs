//! `S008`: a layer with more or fewer weights than it needs.

use super::{Facts, mismatches};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::plan::bind::Mismatch;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S008",
    name: "weight-count",
    severity: Severity::Error,
    meaning: "A layer needs certain weights (a convolution a kernel and a bias, say), and the file \
        stores another number of them.",
    fix: "Check use_bias of convolutions and scale and center of BatchNormalization: the weights \
        come from a model where they differ.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    mismatches(facts).filter_map(finding).collect()
}

fn finding(mismatch: &Mismatch) -> Option<Finding> {
    let Mismatch::WeightCount { layer, expected, found } = mismatch else { return None };
    let message = match expected.len() {
        0..=8 => format!("Layer {layer}: expected {} ({}), found {found}.", expected.len(), expected.join(", ")),
        count => format!("Layer {layer}: expected {count} weights, found {found}."),
    };
    Some(Finding::new(&RULE, Place::Layer(layer.clone()), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    #[test]
    fn the_weights_a_layer_needs_are_listed() {
        let mut file = File::small();
        file.layers[1] = Stored::new("hidden", &[("kernel:0", &[4, 3])]);
        check(&RULE, &file.bytes(), &["hidden: Layer hidden: expected 2 (kernel, bias), found 1."]);
    }

    #[test]
    fn many_weights_are_only_counted() {
        let mismatch = Mismatch::WeightCount { layer: "inner".into(), expected: vec!["kernel"; 9], found: 3 };
        assert_eq!(finding(&mismatch).unwrap().message, "Layer inner: expected 9 weights, found 3.");
    }

    #[test]
    fn a_layer_with_all_its_weights_is_no_finding() {
        silent_when_sound(&RULE);
    }
}
