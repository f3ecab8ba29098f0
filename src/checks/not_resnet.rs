//! `A007`: a sound model that is no ResNet.

use super::Facts;
use crate::finding::{capitalised, Finding, Place, Rule, Severity};
use crate::zoo::Recognition;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A007",
    name: "not-resnet",
    severity: Severity::Warning,
    meaning: "The file holds a model, but not a ResNet. Code that expects a ResNet will not be able \
        to use it.",
    fix: "Check that this is the file you meant. It is verified all the same.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.recognition {
        Some(Recognition::Other(other)) => {
            let message = format!("{}, not a ResNet: {}.", capitalised(&other.name), other.why);
            vec![Finding::new(&RULE, Place::File, message)]
        }
        Some(Recognition::Unknown(unknown)) => {
            let message = format!("The network is none that is known here: {}.", unknown.facts.join("; "));
            vec![Finding::new(&RULE, Place::File, message)]
        }
        Some(Recognition::ResNet(_)) | None => Vec::new(),
    }
}
