//! `A009`: the class `Functional` in a file of a Keras that calls it `Model`.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A009",
    name: "functional",
    severity: Severity::Warning,
    meaning: "The model has the class Functional, which came with TensorFlow 2.3, but the Keras named in the file is older: the \
        file was converted or edited. TensorFlow 2.3 and later load it; the version it names does not.",
    fix: "Load it with TensorFlow 2.3 or later, or rename the class Functional to Model in model_config.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model().filter(|model| model.texts.survey.functional) else { return Vec::new() };
    let older = model.saved_by.saver().filter(|saver| saver.lacks_functional());
    let version = older.and(model.saved_by.keras_version.as_deref());
    let finding = version.map(|version| {
        let message = format!(
            "The model has the class Functional, but the file says that Keras {version} saved it, which writes Model."
        );
        let finding = Finding::new(&RULE, Place::Object("/@model_config".into()), message);
        // Measured with Keras 2.2.4, TensorFlow 1.15.5 and 2.0.4.
        Finding { loader_message: Some("ValueError: Unknown layer: Functional".into()), ..finding }
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn saved_by(version: &'static str) -> Vec<u8> {
        File { attributes: vec![("keras_version", version)], ..File::small() }.bytes()
    }

    #[test]
    fn a_functional_model_of_an_older_keras_was_edited() {
        for version in ["2.2.4", "2.2.4-tf", "2.3.0-tf", "1.2.2"] {
            let expected = format!(
                "/@model_config: The model has the class Functional, but the file says that Keras {version} saved it, which \
                 writes Model."
            );
            check(&RULE, &saved_by(version), &[&expected]);
        }
    }

    #[test]
    fn newer_kerases_write_functional() {
        silent_when_sound(&RULE);
        for version in ["2.4.0", "2.15.0", "3.0.5", "?"] {
            check(&RULE, &saved_by(version), &[]);
        }
        let mut old = File { attributes: vec![("keras_version", "2.2.4")], ..File::small() };
        old.config.as_mut().unwrap()["class_name"] = "Model".into();
        check(&RULE, &old.bytes(), &[]);
    }
}
