//! `W004`: a layer whose kernel is zero.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W004",
    name: "zero-layer",
    severity: Severity::Error,
    meaning: "The kernel of a layer is all zero, so nothing of what flows into it comes out.",
    fix: "Restore the layer from another checkpoint. A deliberate pruning of a whole layer looks \
        the same.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let zero = |stats: &crate::tensor::Stats| stats.count > 0 && stats.zeros == stats.count;
    let kernels: Vec<_> = facts.measured().filter(|(name, _)| is_kernel(name)).collect();
    // A file of nothing but zeros is one finding of its own.
    if kernels.iter().all(|(_, stats)| zero(stats)) {
        return Vec::new();
    }
    kernels
        .into_iter()
        .filter(|(_, stats)| zero(stats))
        .map(|(name, stats)| {
            let message = format!("{name}: all {} numbers are zero.", stats.count);
            Finding::new(&RULE, Place::Weight(name), message)
        })
        .collect()
}

/// Whether a weight is a kernel, by the names of all eras (`kernel`, `depthwise_kernel`, Keras 1's `…_W`).
pub(super) fn is_kernel(name: &str) -> bool {
    name.ends_with("kernel") || name.ends_with("_W")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    #[test]
    fn a_kernel_of_zeros_is_named_and_a_bias_is_not() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers.fill(0.0);
        file.layers[2].weights[1].numbers.fill(0.0);
        check(&RULE, &file.bytes(), &["hidden/kernel: hidden/kernel: all 12 numbers are zero."]);
    }

    #[test]
    fn one_number_that_is_not_zero_is_enough() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[1..].fill(0.0);
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn a_file_of_zeros_is_the_other_rules_matter() {
        let mut file = File::small();
        file.layers[1..].iter_mut().for_each(|stored| stored.weights[0].numbers.fill(0.0));
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn kernels_of_every_era_are_kernels() {
        for name in ["conv/kernel", "conv/depthwise_kernel", "convolution2d_1/convolution2d_1_W"] {
            assert!(is_kernel(name), "{name}");
        }
        assert!(!is_kernel("bn/gamma"));
    }
}
