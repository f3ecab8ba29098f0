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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound, with_facts};
    use crate::source::ReadError;

    #[test]
    fn the_systems_reason_is_told() {
        let refused = Err(ReadError::System("permission denied".into()));
        with_facts(b"", |facts| {
            let found = super::check(&Facts { kind: &refused, ..*facts });
            assert_eq!(found[0].message, "the file could not be read: permission denied");
        });
    }

    #[test]
    fn bytes_that_can_be_read_are_no_finding() {
        check(&RULE, b"", &[]);
        silent_when_sound(&RULE);
    }
}
