//! `F011`: a link into another file.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::LinkKind;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F011",
    name: "external-link",
    severity: Severity::Error,
    meaning: "A part of the model is not in this file: a link names another one. Where that is absent the part is missing, and where it is not, a foreign file is read. Keras 3.12.1 to 3.12.4 and 3.13.2 or later refuse it.",
    fix: "Put everything into one file: open it where both files are and save the model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let links = facts.container_of_model().map(|container| container.inventory.links.as_slice()).unwrap_or_default();
    let elsewhere = links.iter().filter(|link| link.kind == LinkKind::External);
    elsewhere
        .map(|link| {
            let message = format!("It is a link to another file: {}.", link.target);
            let mut finding = Finding::new(&RULE, Place::Object(link.path.clone()), message);
            // Keras 3.15.1, saving_lib.py.
            finding.loader_message = Some("ValueError: Not allowed: H5 file with ExternalLink".into());
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    #[test]
    fn a_link_to_another_file_is_named() {
        let bytes = include_bytes!("../../tests/fixtures/verdicts/links.hdf5");
        check(&RULE, bytes, &["/model_weights/outside: It is a link to another file: other.h5:/dense."]);
    }

    #[test]
    fn a_file_without_links_is_silent() {
        silent_when_sound(&RULE);
    }
}
