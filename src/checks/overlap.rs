//! `F018`: two datasets in the same bytes.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F018",
    name: "overlap",
    severity: Severity::Warning,
    meaning: "The numbers of two datasets lie in the same bytes of the file, so at least one of them has the numbers of the other. HDF5 never stores them so.",
    fix: "Get the file again from where it was made, or save the model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(container) = facts.container_of_model() else { return Vec::new() };
    let overlaps = container.inventory.overlaps();
    overlaps
        .into_iter()
        .map(|(one, other, bytes)| {
            let message = format!("{bytes} bytes of its numbers are also those of {}.", one.path);
            Finding::new(&RULE, Place::Object(other.path.clone()), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};
    use crate::hdf5;
    use crate::source::MemorySource;

    #[test]
    fn two_datasets_in_one_place_are_found() {
        let mut bytes = File::small().bytes();
        let file = hdf5::File::open(std::sync::Arc::new(MemorySource(bytes.clone()))).unwrap();
        let runs: Vec<(u64, u64)> =
            file.inventory().datasets.iter().filter_map(|stored| stored.run()).map(|(a, b, _)| (a, b)).collect();
        // The second weight, hidden/bias, moves into the first, hidden/kernel; its header has no checksum that matters here.
        let address = runs[1].0.to_le_bytes();
        let at = bytes.windows(8).position(|window| window == address).unwrap();
        bytes[at..at + 8].copy_from_slice(&(runs[0].0 + 8).to_le_bytes());
        let expected = "/model_weights/hidden/bias:0: 12 bytes of its numbers are also those of /model_weights/hidden/kernel:0.";
        check(&RULE, &bytes, &[expected]);
    }

    #[test]
    fn datasets_side_by_side_are_silent() {
        silent_when_sound(&RULE);
    }
}
