//! `A011`: `model_config` as UTF-8 text, where the Keras of the file expects bytes.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A011",
    name: "str-decode",
    severity: Severity::Warning,
    meaning: "The attribute model_config is marked as UTF-8 text, as when a script rewrote it from a Python 3 `str`. Keras up to 2.3.1 and \
        TensorFlow up to 2.4, such as the version that saved this file, want bytes there and fail.",
    fix: "Load it with TensorFlow 2.6 or later, or write the attribute again as bytes: \
        `file.attrs[\"model_config\"] = text.encode()`, with h5py.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model().filter(|model| model.texts.utf8) else { return Vec::new() };
    let version = model.saved_by.saver().filter(|saver| saver.needs_bytes());
    let finding = version.and(model.saved_by.keras_version.as_deref()).map(|version| {
        let message = format!("model_config is UTF-8 text, and Keras {version}, which saved the file, reads only bytes there.");
        let finding = Finding::new(&RULE, Place::Object("/@model_config".into()), message);
        // Measured with Keras 2.2.4, TensorFlow 1.15.5 and 2.2.3.
        Finding { loader_message: Some("AttributeError: 'str' object has no attribute 'decode'".into()), ..finding }
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use hdf5_pure::{AttrValue, FileBuilder};

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn file(version: &str, config: fn(String) -> AttrValue) -> Vec<u8> {
        let mut file = FileBuilder::new();
        file.set_attr("keras_version", AttrValue::String(version.into()));
        file.set_attr("model_config", config(File::small().config.unwrap().to_string()));
        file.finish().unwrap()
    }

    #[test]
    fn text_where_the_savers_keras_wants_bytes_is_named() {
        for version in ["2.2.4", "2.2.4-tf", "2.4.0"] {
            let expected = format!(
                "/@model_config: model_config is UTF-8 text, and Keras {version}, which saved the file, reads only bytes there."
            );
            check(&RULE, &file(version, AttrValue::String), &[&expected]);
        }
    }

    #[test]
    fn bytes_are_what_keras_writes_and_newer_ones_read_both() {
        silent_when_sound(&RULE);
        check(&RULE, &file("2.2.4", AttrValue::VarLenAsciiString), &[]);
        check(&RULE, &file("2.15.0", AttrValue::String), &[]);
    }
}
