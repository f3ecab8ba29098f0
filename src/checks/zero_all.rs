//! `W003`: every weight is zero.

use super::zero_layer::is_kernel;
use super::Facts;
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
    let mut kernels = facts.measured().filter(|(name, _)| is_kernel(name)).peekable();
    if kernels.peek().is_none() || !kernels.all(|(_, stats)| stats.zeros == stats.count) {
        return Vec::new();
    }
    vec![Finding::new(&RULE, Place::File, "Every kernel in the file is zero.")]
}
