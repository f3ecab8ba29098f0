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
