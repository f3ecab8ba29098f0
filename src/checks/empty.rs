//! `F001`: there is nothing in the file.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::Kind;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F001",
    name: "empty",
    severity: Severity::Error,
    meaning: "The file has no bytes. A download or a save was stopped before it began.",
    fix: "Download or save the file again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.kind {
        Ok(Kind::Empty) => vec![Finding::new(&RULE, Place::File, "The file has 0 bytes.")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    #[test]
    fn only_no_bytes_at_all_are_empty() {
        check(&RULE, b"", &["file: The file has 0 bytes."]);
        check(&RULE, b"\0", &[]);
        silent_when_sound(&RULE);
    }
}
