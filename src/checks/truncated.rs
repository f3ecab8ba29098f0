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
    meaning: "The file says how long it must be and is shorter: a download or a copy broke off. \
        Every HDF5 library refuses it.",
    fix: "Download or copy the file again and compare the length. What is missing can't be \
        restored.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
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
        facts.length - extent.base,
        extent.base,
        extent.end
    ));
    vec![finding]
}
