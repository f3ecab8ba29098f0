//! `F015`: a dataset that declares far more than it stores.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::Stored;
use std::collections::HashSet;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F015",
    name: "shape-bomb",
    severity: Severity::Error,
    meaning: "A dataset declares more than 4 GiB and more than 1000 times the bytes it stores. Reading it takes all that memory; Keras 3.15 refuses it as a bomb, and it is not read here.",
    fix: "Do not load the file with an older Keras. Ask who made it.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(container) = facts.container_of_model() else { return Vec::new() };
    let tensors = facts.weights().map(|table| table.tensors.as_slice()).unwrap_or_default();
    // What no layer lists is never read.
    let listed: HashSet<&str> = tensors.iter().map(|tensor| tensor.dataset.path.trim_matches('/')).collect();
    let bombs = container.inventory.datasets.iter().filter(|stored| stored.is_bomb());
    bombs.filter(|stored| listed.contains(stored.path.trim_matches('/'))).map(finding).collect()
}

fn finding(stored: &Stored) -> Finding {
    let allocated = stored.allocated.unwrap_or(0);
    let message = match stored.declared {
        Some(declared) => format!("It declares {declared} bytes and stores {allocated}."),
        None => "It declares more bytes than 64 bits can count.".to_string(),
    };
    let mut finding = Finding::new(&RULE, Place::Object(stored.path.clone()), message);
    finding.loader_message = stored.declared.map(|declared| {
        // Keras 3.15.1, saving_lib.py.
        let name = stored.path.rsplit('/').next().unwrap_or_default();
        format!(
            "ValueError: Not allowed: H5 dataset '{name}' declares {} but only {} are stored on disk; refusing to load \
             a potential decompression/shape bomb.",
            memory(declared),
            memory(allocated)
        )
    });
    finding
}

/// A number of bytes as Keras writes it.
fn memory(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KB", "MB", "GB", "TB", "PB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{findings, silent_when_sound};

    #[test]
    fn a_declared_shape_without_numbers_is_a_bomb() {
        let found = findings(&RULE, include_bytes!("../../tests/fixtures/verdicts/shape_bomb.hdf5"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].message, "It declares 4398046511104 bytes and stores 39.");
        // What Keras 3.15.1 says of this file.
        let expected = "ValueError: Not allowed: H5 dataset 'kernel:0' declares 4.00 TB but only 39.00 B are stored on \
            disk; refusing to load a potential decompression/shape bomb.";
        assert_eq!(found[0].loader_message.as_deref(), Some(expected));
    }

    #[test]
    fn what_is_stored_as_declared_is_none() {
        silent_when_sound(&RULE);
        assert_eq!(memory(1536), "1.50 KB");
    }
}
