//! `S009`: a weight of the wrong shape.

use super::{Facts, mismatches};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::ops::tuple;
use crate::plan::bind::Mismatch;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S009",
    name: "shape-mismatch",
    severity: Severity::Error,
    meaning: "A stored weight has not the shape that the architecture asks for. Most runtimes refuse \
        it; tf.keras of TensorFlow 1.15 loads it silently and computes nonsense.",
    fix: "Use the architecture the weights were trained with: compare filters, kernel sizes, the \
        number of classes, and the order of the axes.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    mismatches(facts).filter_map(finding).collect()
}

fn finding(mismatch: &Mismatch) -> Option<Finding> {
    let Mismatch::Shape { layer, weight, expected, found } = mismatch else { return None };
    let message = format!("{layer}/{weight}: expected {}, found {}.", tuple(expected), tuple(found));
    Some(Finding::new(&RULE, Place::Weight(format!("{layer}/{weight}")), message))
}
