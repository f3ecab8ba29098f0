//! `F012`: a link that is a path.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::LinkKind;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F012",
    name: "soft-link",
    severity: Severity::Warning,
    meaning: "Objects of the file are reached through links that are paths. HDF5 and most versions of Keras follow them; Keras 3.12.1 to 3.12.4 and 3.13.2 or later refuse them, and one that leads nowhere is the same as a missing object.",
    fix: "Load the model with a Keras that follows such links and save it again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let links = facts.container_of_model().map(|container| container.inventory.links.as_slice()).unwrap_or_default();
    links
        .iter()
        .filter_map(|link| {
            let (message, refused) = match link.kind {
                LinkKind::Soft { dangling: false } => (format!("It is a link to {}.", link.target), true),
                LinkKind::Soft { dangling: true } => (format!("It is a link to {}, which is not there.", link.target), true),
                LinkKind::UserDefined => {
                    (format!("It is a link ({}) that only the program understands that wrote it.", link.target), false)
                }
                LinkKind::External => return None,
            };
            let mut finding = Finding::new(&RULE, Place::Object(link.path.clone()), message);
            // Keras 3.15.1, saving_lib.py.
            finding.loader_message = refused.then(|| "ValueError: Not allowed: H5 file with SoftLink".into());
            Some(finding)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    #[test]
    fn links_that_are_paths_are_named_and_followed() {
        let bytes = include_bytes!("../../tests/fixtures/verdicts/links.hdf5");
        let expected = [
            "/model_weights/again: It is a link to dense.",
            "/model_weights/nowhere: It is a link to /lost, which is not there.",
        ];
        check(&RULE, bytes, &expected);
    }

    #[test]
    fn a_file_without_links_is_silent() {
        silent_when_sound(&RULE);
    }
}
