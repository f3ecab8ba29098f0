//! `F014`: a group that contains itself.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F014",
    name: "link-cycle",
    severity: Severity::Warning,
    meaning: "A group is a member of itself, at whatever depth. No Keras writes that, and a program that visits everything below it never ends.",
    fix: "Load the model and save it again; do not trust the file if you do not know who made it.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let cycles = facts.container_of_model().map(|container| container.inventory.cycles.as_slice()).unwrap_or_default();
    let finding = |(path, into): &(String, String)| {
        let into = if into.is_empty() { "/" } else { into };
        let message = format!("It is the group {into}, which contains it.");
        Finding::new(&RULE, Place::Object(path.clone()), message)
    };
    cycles.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{findings, silent_when_sound};

    #[test]
    fn groups_in_circles_are_found() {
        let found = findings(&RULE, include_bytes!("../../tests/fixtures/verdicts/groups_in_circles.h5"));
        // Eight of them lead from the group to itself, one from below it.
        assert_eq!(found.len(), 9, "{found:?}");
        assert!(found.iter().all(|finding| finding.message == "It is the group /layers, which contains it."));
    }

    #[test]
    fn a_file_without_them_is_silent() {
        silent_when_sound(&RULE);
    }
}
