//! `W002`: infinite weights.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W002",
    name: "inf",
    severity: Severity::Error,
    meaning: "Weights are infinite: training diverged, or a conversion to float16 overflowed. The \
        model loads everywhere and predicts NaN or the same class always.",
    fix: "Go back to a checkpoint from before, or convert from the float32 original again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .measured()
        .filter(|(_, stats)| stats.infinities > 0)
        .map(|(name, stats)| {
            let are = if stats.infinities == 1 { "is" } else { "are" };
            let message = format!("{name}: {} of {} numbers {are} infinite.", stats.infinities, stats.count);
            Finding::new(&RULE, Place::Weight(name), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    #[test]
    fn infinities_are_counted_per_weight() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[2] = f32::INFINITY;
        file.layers[1].weights[0].numbers[5] = f32::NEG_INFINITY;
        file.layers[2].weights[1].numbers[0] = f32::NAN;
        check(&RULE, &file.bytes(), &["hidden/kernel: hidden/kernel: 2 of 12 numbers are infinite."]);
    }

    #[test]
    fn large_numbers_are_finite() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[2] = f32::MAX;
        check(&RULE, &file.bytes(), &[]);
    }
}
