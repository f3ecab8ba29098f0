//! `F004`: the end of the file is missing.

use super::{Facts, Structure};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::StoredTensor;
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
        "The file must be {} bytes long and is {}: {missing} bytes ({percent:.1} %) are missing at the end.{}",
        extent.end,
        facts.length,
        survivors(facts)
    );
    let mut finding = Finding::new(&RULE, Place::Byte(facts.length), message);
    finding.loader_message = Some(format!(
        "OSError: Unable to {} file (truncated file: eof = {}, sblock->base_addr = {}, stored_eof = {})",
        if is_of_old_h5py(facts) { "open" } else { "synchronously open" },
        facts.length.saturating_sub(extent.base),
        extent.base,
        extent.end
    ));
    vec![finding]
}

/// Whether the file is of a time when h5py did not say "synchronously", which it does with HDF5 1.14: Keras before 2.12.
fn is_of_old_h5py(facts: &Facts<'_>) -> bool {
    let saver = facts.model().and_then(|model| model.saved_by.saver());
    saver.is_some_and(|saver| saver.version < [2, 12, 0])
}

/// A sentence on how many weights are left whole, where weights are known.
fn survivors(facts: &Facts<'_>) -> String {
    let Some(table) = facts.weights() else { return String::new() };
    let bytes = |tensor: &StoredTensor| {
        tensor.dataset.elements().unwrap_or(0).saturating_mul(tensor.dataset.dtype.size() as u64)
    };
    let whole = table.tensors.iter().filter(|tensor| tensor.dataset.cut().is_none());
    let (count, kept) = whole.fold((0, 0u64), |(n, sum), tensor| (n + 1, sum.saturating_add(bytes(tensor))));
    let found: u64 = table.tensors.iter().map(bytes).fold(0, u64::saturating_add);
    let Some(structure) = facts.structure else {
        let verb = if count == 1 { "weight is" } else { "weights are" };
        return if count > 0 { format!(" {count} {verb} still whole.") } else { String::new() };
    };
    // The architecture tells how many there should be.
    let (expected, wanted) = expected(structure);
    let (expected, wanted) = (expected.max(table.tensors.len()), wanted.max(found));
    if expected == 0 || wanted == 0 {
        return String::new();
    }
    let percent = 100.0 * kept as f64 / wanted as f64;
    format!(" {count} of {expected} weights are still whole ({percent:.0} % of their bytes).")
}

/// Number of weights an architecture asks for, and their bytes as numbers of 32 bits.
fn expected(structure: &Structure<'_>) -> (usize, u64) {
    let specs = structure.shapes.weights.iter().flatten().flatten();
    specs.fold((0, 0), |(count, bytes), spec| {
        let elements = spec.shape.iter().fold(4u64, |product, axis| product.saturating_mul(*axis as u64));
        (count + 1, bytes.saturating_add(elements))
    })
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
            "OSError: Unable to synchronously open file (truncated file: eof = {rest}, sblock->base_addr = 0, stored_eof = {whole})"
        );
        assert_eq!(found[0].loader_message.as_deref(), Some(words.as_str()));
    }

    #[test]
    fn what_is_left_is_counted() {
        // h5py 3.16 finds 44 of the 48 datasets of the whole file before its middle; one has lost its description.
        let found = findings(&RULE, include_bytes!("../../tests/fixtures/models/truncated_s2.h5"));
        let expected = "missing at the end. 43 of 48 weights are still whole (94 % of their bytes).";
        assert!(found[0].message.ends_with(expected), "{}", found[0].message);
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
