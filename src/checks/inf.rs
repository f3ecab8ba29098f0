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
            let message = format!("{name}: {} of {} numbers are infinite.", stats.infinities, stats.count);
            Finding::new(&RULE, Place::Weight(name), message)
        })
        .collect()
}
