//! `W004`: a layer whose kernel is zero.

use super::Facts;
use super::roles::{Role, Slot, slots};
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
    let kernels = kernels(facts);
    // A file of nothing but zeros is one finding of its own.
    if kernels.iter().all(is_zero) {
        return Vec::new();
    }
    kernels
        .into_iter()
        .filter(is_zero)
        .map(|kernel| {
            let message = format!("All {} numbers are zero.", kernel.stats.count);
            Finding::new(&RULE, Place::Weight(kernel.place), message)
        })
        .collect()
}

/// The kernels that have been read.
pub(super) fn kernels<'a>(facts: &Facts<'a>) -> Vec<Slot<'a>> {
    slots(facts).into_iter().filter(|slot| slot.role == Role::Kernel && slot.stats.count > 0).collect()
}

/// Whether nothing but zeros is stored.
pub(super) fn is_zero(slot: &Slot<'_>) -> bool {
    slot.stats.zeros == slot.stats.count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, keras3_weights};

    #[test]
    fn a_kernel_of_zeros_is_named_and_a_bias_is_not() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers.fill(0.0);
        file.layers[2].weights[1].numbers.fill(0.0);
        check(&RULE, &file.bytes(), &["hidden/kernel: All 12 numbers are zero."]);
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
    fn kernels_that_have_only_numbers_are_kernels() {
        let bytes = keras3_weights(&[("conv2d", &[(&[3, 3, 1, 2], 0.0), (&[2], 0.0)]), ("dense", &[(&[2, 5], 0.5), (&[5], 0.0)])]);
        check(&RULE, &bytes, &["conv2d/0: All 18 numbers are zero."]);
    }
}
