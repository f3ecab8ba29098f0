//! `F004`: the end of the file is missing.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::Kind;

/// Bytes of the smallest superblock with a root group behind it.
const SMALLEST_HDF5: u64 = 96;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F004",
    name: "truncated",
    severity: Severity::Error,
    meaning: "The file must be longer, as it says itself or as its missing end shows: a download or a \
        copy broke off. Every library refuses it.",
    fix: "Download or copy the file again and compare the length. What is missing can't be \
        restored.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.kind.as_ref().is_ok_and(Kind::is_cut_archive) {
        let message = "The zip archive has no directory at its end: what comes last was not downloaded or copied.";
        return vec![Finding::new(&RULE, Place::Byte(facts.length), message)];
    }
    let is_hdf5 = matches!(facts.kind, Ok(Kind::Hdf5 { .. }));
    if is_hdf5 && facts.length < SMALLEST_HDF5 {
        let message = format!("The file ends after {} bytes, within the first structure of HDF5.", facts.length);
        return vec![Finding::new(&RULE, Place::Byte(facts.length), message)];
    }
    let Some(extent) = facts.extent.filter(|_| facts.is_truncated()) else { return Vec::new() };
    let missing = extent.end - facts.length;
    let percent = 100.0 * missing as f64 / extent.end as f64;
    let message = format!(
        "The file must be {} bytes long and is {}: {missing} bytes ({percent:.1} %) are missing at the end.",
        extent.end, facts.length
    );
    let mut finding = Finding::new(&RULE, Place::Byte(facts.length), message);
    finding.loader_message = Some(format!(
        "OSError: Unable to open file (truncated file: eof = {}, sblock->base_addr = {}, stored_eof = {})",
        facts.length.saturating_sub(extent.base),
        extent.base,
        extent.end
    ));
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::testing::zip;
    use crate::checks::testing::{File, check, findings, silent_when_sound, with_facts};

    #[test]
    fn what_is_missing_is_counted_in_libhdf5s_words() {
        let bytes = File::small().bytes();
        let (whole, rest) = (bytes.len(), bytes.len() - 64);
        let found = findings(&RULE, &bytes[..rest]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, Place::Byte(rest as u64));
        let expected = format!("The file must be {whole} bytes long and is {rest}: 64 bytes");
        assert!(found[0].message.starts_with(&expected), "{}", found[0].message);
        let words = format!(
            "OSError: Unable to open file (truncated file: eof = {rest}, sblock->base_addr = 0, stored_eof = {whole})"
        );
        assert_eq!(found[0].loader_message.as_deref(), Some(words.as_str()));
    }

    #[test]
    fn an_archive_without_its_end_is_truncated() {
        let whole = zip(&[("config.json", b"{}", false), ("model.weights.h5", b"", false)]);
        let expected = "byte 60: The zip archive has no directory at its end: what comes last was not downloaded or copied.";
        check(&RULE, &whole[..60], &[expected]);
        check(&RULE, &whole, &[]);
    }

    #[test]
    fn a_file_within_its_first_structure_is_truncated() {
        let bytes = &File::small().bytes()[..20];
        let expected = "byte 20: The file ends after 20 bytes, within the first structure of HDF5.";
        check(&RULE, bytes, &[expected]);
    }

    #[test]
    fn a_base_address_behind_the_end_is_no_panic() {
        let mut facts_end = crate::hdf5::Extent { version: 2, base: 5000, end: 9000 };
        with_facts(&File::small().bytes(), |facts| {
            facts_end.version = 3;
            let changed = Facts { length: 4000, extent: Some(facts_end), ..*facts };
            let words = super::check(&changed).pop().unwrap().loader_message.unwrap();
            assert!(words.contains("eof = 0,"), "{words}");
        });
    }

    #[test]
    fn a_whole_file_and_one_with_bytes_behind_it_are_not() {
        silent_when_sound(&RULE);
        let mut bytes = File::small().bytes();
        bytes.extend([0; 100]);
        check(&RULE, &bytes, &[]);
    }
}
