//! `F003`: a `.keras` archive under the name of an `.h5`.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Architecture;
use crate::sniff::{Kind, quoted};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F003",
    name: "keras-zip",
    severity: Severity::Error,
    meaning: "The file is a model in Keras' newer `.keras` format, a zip archive. Loaders that go by \
        the name `.h5` look for HDF5 and fail.",
    fix: "Rename the file so that it ends in `.keras`, and load it with the Keras that saved it \
        (2.12 or newer).",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Kind::KerasZip(archive)) = facts.kind else { return Vec::new() };
    let is_code = facts.model().is_some_and(|model| matches!(model.architecture, Architecture::Absent));
    let is_sound = archive.complete && archive.refusal().is_none() && archive.folder.is_empty() && !is_code && archive.repeated.is_empty();
    if is_sound && facts.name.ends_with(".keras") {
        return Vec::new();
    }
    let weights = match (&archive.weights, &archive.npz) {
        (Some(_), _) => "and model.weights.h5",
        (None, Some(_)) => "and model.weights.npz",
        (None, None) => "without model.weights.h5",
    };
    let mut message = format!("The file is a zip archive with config.json {weights}: Keras' `.keras` format.");
    if !archive.complete {
        message += " Its end is missing, and with it the list of what is in it.";
    }
    if let Some(reason) = archive.refusal() {
        message += &format!(" It is not looked into: {reason}.");
    }
    if !archive.repeated.is_empty() {
        let names: Vec<String> = archive.repeated.iter().map(|name| quoted(name, 100)).collect();
        message += &format!(
            " It has several members of one name ({}), which hides all but one: Python takes the last.",
            names.join(", ")
        );
    }
    if is_code {
        message += " Its architecture is Python code, which is not in the file.";
    }
    if !archive.repeated.is_empty() {
        let fix = "Don't use it: Keras never writes such an archive. Get the model again from whoever made it.";
        return vec![Finding::new(&RULE, Place::File, message).with_fix(fix)];
    }
    if archive.folder.is_empty() {
        return vec![Finding::new(&RULE, Place::File, message)];
    }
    let message = format!("{message} They lie in the folder {}, and Keras looks for them at the top.", archive.folder);
    let fix = "Unpack it, zip the files without the folder, and let the name end in `.keras`.";
    vec![Finding::new(&RULE, Place::File, message).with_fix(fix)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::testing::zip;
    use crate::checks::testing::{check, silent_when_sound, with_facts};

    /// A zip archive of empty files.
    fn empty(names: &[&str]) -> Vec<u8> {
        zip(&names.iter().map(|name| (*name, b"".as_slice(), false)).collect::<Vec<_>>())
    }

    #[test]
    fn an_archive_of_config_and_weights_is_a_keras_archive() {
        let archive = empty(&["metadata.json", "config.json", "model.weights.h5"]);
        let expected = "file: The file is a zip archive with config.json and model.weights.h5: Keras' `.keras` format.";
        check(&RULE, &archive, &[expected]);
    }

    #[test]
    fn an_archive_of_a_folder_is_told() {
        let metadata = b"{\"keras_version\": \"3.0.0\"}";
        let archive = zip(&[("net/metadata.json", metadata, false), ("net/config.json", b"", false)]);
        let expected = "file: The file is a zip archive with config.json without model.weights.h5: Keras' `.keras` format. \
            They lie in the folder net/, and Keras looks for them at the top.";
        check(&RULE, &archive, &[expected]);
    }

    #[test]
    fn an_archive_under_its_own_name_is_no_finding() {
        let archive = include_bytes!("../../tests/fixtures/archives/nested__k315.keras");
        with_facts(archive, |facts| {
            assert_eq!(super::check(&Facts { name: "nested.h5", ..*facts }).len(), 1);
            assert_eq!(super::check(&Facts { name: "nested.keras", ..*facts }), []);
        });
    }

    #[test]
    fn members_of_one_name_are_told_under_any_name() {
        let weights = ("model.weights.h5", b"".as_slice(), false);
        let archive = zip(&[("config.json", b"{}", false), weights, weights]);
        with_facts(&archive, |facts| {
            let found = super::check(&Facts { name: "model.keras", ..*facts });
            assert!(found[0].message.contains("of one name (model.weights.h5)"), "{}", found[0].message);
        });
    }

    #[test]
    fn other_archives_are_not() {
        check(&RULE, &empty(&["model.h5"]), &[]);
        silent_when_sound(&RULE);
    }
}
