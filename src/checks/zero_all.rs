//! `W003`: every weight is zero.

use super::Facts;
use super::zero_layer::{is_zero, kernels};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W003",
    name: "zero-all",
    severity: Severity::Error,
    meaning: "All kernels are zero: the file was made without trained weights. The model loads \
        everywhere and always predicts the same.",
    fix: "Save the trained model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let kernels = kernels(facts);
    if kernels.is_empty() || !kernels.iter().all(is_zero) {
        return Vec::new();
    }
    vec![Finding::new(&RULE, Place::File, "Every kernel in the file is zero.")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    fn with_zero_kernels(layers: &[usize]) -> Vec<u8> {
        let mut file = File::small();
        layers.iter().for_each(|layer| file.layers[*layer].weights[0].numbers.fill(0.0));
        file.bytes()
    }

    #[test]
    fn all_kernels_at_zero_are_one_finding() {
        check(&RULE, &with_zero_kernels(&[1, 2]), &["file: Every kernel in the file is zero."]);
    }

    #[test]
    fn one_kernel_that_is_not_zero_is_enough() {
        check(&RULE, &with_zero_kernels(&[1]), &[]);
        silent_when_sound(&RULE);
    }

    #[test]
    fn a_file_without_kernels_is_no_finding() {
        let mut file = File { config: None, group: Some(""), ..File::small() };
        file.layers = vec![Stored::new("bn", &[("gamma:0", &[2])])];
        file.layer_names = Some(vec!["bn".into()]);
        file.layers[0].weights[0].numbers.fill(0.0);
        check(&RULE, &file.bytes(), &[]);
    }
}
