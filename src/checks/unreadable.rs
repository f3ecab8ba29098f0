//! `F000`: the bytes of the file can't be read.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F000",
    name: "unreadable",
    severity: Severity::Error,
    meaning: "The system refused to hand over bytes of the file.",
    fix: "Copy the file to another disk and try again; check its permissions.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.kind {
        Err(error) => vec![Finding::new(&RULE, Place::File, error.to_string())],
        Ok(_) => Vec::new(),
    }
}
