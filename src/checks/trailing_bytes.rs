//! `F019`: bytes behind the end of the HDF5 part.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F019",
    name: "trailing-bytes",
    severity: Severity::Note,
    meaning: "The file goes on behind the end that HDF5 knows of. Nothing reads those bytes, and the model loads.",
    fix: "Nothing needs to be done. If you compare checksums, compare with a copy of the same length.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let (Some(trailing), Some(extent)) = (facts.container_of_model().and_then(|c| c.trailing), facts.extent) else {
        return Vec::new();
    };
    let what = if trailing.zero { "bytes, all zero," } else { "bytes" };
    let message = format!("{} {what} stand behind the end of the HDF5 part.", trailing.bytes);
    vec![Finding::new(&RULE, Place::Byte(extent.end), message)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, findings, silent_when_sound};

    #[test]
    fn what_stands_behind_the_end_is_counted() {
        let mut bytes = File::small().bytes();
        bytes.extend([0; 100]);
        assert_eq!(findings(&RULE, &bytes)[0].message, "100 bytes, all zero, stand behind the end of the HDF5 part.");
        bytes.push(1);
        assert_eq!(findings(&RULE, &bytes)[0].message, "101 bytes stand behind the end of the HDF5 part.");
    }

    #[test]
    fn a_file_that_ends_where_it_says_is_silent() {
        silent_when_sound(&RULE);
    }
}
