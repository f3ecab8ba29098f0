//! `W001`: weights that are not numbers.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W001",
    name: "nan",
    severity: Severity::Error,
    meaning: "Weights are NaN (not a number): training diverged. The model loads everywhere and \
        predicts NaN.",
    fix: "Go back to a checkpoint from before the divergence; lower the learning rate or clip \
        the gradients.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .measured()
        .filter(|(_, stats)| stats.nans > 0)
        .map(|(name, stats)| {
            let are = if stats.nans == 1 { "is" } else { "are" };
            let message = format!("{name}: {} of {} numbers {are} NaN.", stats.nans, stats.count);
            Finding::new(&RULE, Place::Weight(name), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    #[test]
    fn nans_are_counted_per_weight() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[0] = f32::NAN;
        file.layers[2].weights[1].numbers.fill(f32::NAN);
        let expected =
            ["hidden/kernel: hidden/kernel: 1 of 12 numbers is NaN.", "out/bias: out/bias: 2 of 2 numbers are NaN."];
        check(&RULE, &file.bytes(), &expected);
    }

    #[test]
    fn numbers_and_infinities_are_not_nan() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[0] = f32::INFINITY;
        check(&RULE, &file.bytes(), &[]);
    }
}
