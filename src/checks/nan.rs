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
            let message = format!("{name}: {} of {} numbers are NaN.", stats.nans, stats.count);
            Finding::new(&RULE, Place::Weight(name), message)
        })
        .collect()
}
