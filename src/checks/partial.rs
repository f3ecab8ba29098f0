//! `F009`: a file whose name says that it is not whole, and whose length agrees.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::{Kind, Partial};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F009",
    name: "part-of-a-file",
    severity: Severity::Warning,
    meaning: "The file is shorter than it must be, and its name says why: it is the first piece of a file that \
        was split, or a download that has not ended.",
    fix: "Put the pieces together, or let the download end.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Kind::Hdf5 { partial: Some(partial), .. }) = facts.kind else { return Vec::new() };
    if !facts.is_truncated() {
        return Vec::new();
    }
    let (message, fix) = match partial {
        Partial::Split => (
            "By its name this is the first piece of a file that was split.",
            "Put all pieces together in order (`cat model.h5.part* > model.h5`, in Windows `copy /b A+B model.h5`).",
        ),
        Partial::Unfinished => (
            "By its name this is a download that has not ended.",
            "Let the download end, or start it again.",
        ),
    };
    vec![Finding::new(&RULE, Place::File, message).with_fix(fix)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, silent_when_sound, with_facts};

    fn messages(partial: Option<Partial>, missing: u64) -> Vec<String> {
        with_facts(&File::small().bytes(), |facts| {
            let kind = Ok(Kind::Hdf5 { offset: 0, partial });
            let changed = Facts { kind: &kind, length: facts.length - missing, ..*facts };
            check(&changed).into_iter().map(|finding| finding.message).collect()
        })
    }

    #[test]
    fn name_and_length_together_tell_a_part() {
        let split = "By its name this is the first piece of a file that was split.";
        assert_eq!(messages(Some(Partial::Split), 100), [split]);
        let unfinished = "By its name this is a download that has not ended.";
        assert_eq!(messages(Some(Partial::Unfinished), 100), [unfinished]);
    }

    #[test]
    fn a_name_alone_is_no_finding_and_neither_is_a_length() {
        assert!(messages(Some(Partial::Split), 0).is_empty());
        assert!(messages(None, 100).is_empty());
        silent_when_sound(&RULE);
    }
}
