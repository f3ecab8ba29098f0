//! `A008`: a ResNet that differs from its family.

use super::Facts;
use crate::finding::{Finding, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A008",
    name: "departs",
    severity: Severity::Note,
    meaning: "The network is a ResNet, but somewhere it differs from the published one. That may be \
        intended; weights of the published one will not fit.",
    fix: "Compare the named layer with the code that made the model.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let resnet = facts.recognition.and_then(|recognition| recognition.resnet());
    let Some(departure) = resnet.and_then(|resnet| resnet.departure.as_ref()) else { return Vec::new() };
    vec![Finding::new(&RULE, departure.place.clone(), format!("{departure}."))]
}
