//! `A021`: `model_config` with bytes that are no UTF-8.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A021",
    name: "not-utf8",
    severity: Severity::Warning,
    meaning: "The attribute model_config holds bytes that are no UTF-8, such as letters in Latin-1: something other than Keras wrote \
        them. Versions that decode the bytes themselves, up to TensorFlow 2.4, fail; newer ones load it with other letters.",
    fix: "Write the attribute again with plain names for the layers, or save the model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let place = facts.model().and_then(|model| model.texts.undecodable);
    let finding = place.map(|place| {
        let message = format!("Character {place} of model_config (from 0) is no UTF-8.");
        Finding::new(&RULE, Place::Object("/@model_config".into()), message)
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound, with_facts};

    /// Keras 3.15.1 with h5py 3 loads a file with a layer of such a name.
    #[test]
    fn latin_1_is_told_and_read() {
        let mut bytes = File { config: Some(File::small().config.unwrap()), ..File::small() }.bytes();
        let at = bytes.windows(8).position(|window| window == b"\"hidden\"").unwrap();
        bytes[at + 2] = 0xef;
        let file = with_facts(&bytes, |facts| facts.model().unwrap().texts.undecodable);
        let expected = format!("/@model_config: Character {} of model_config (from 0) is no UTF-8.", file.unwrap());
        check(&RULE, &bytes, &[&expected]);
        assert!(with_facts(&bytes, |facts| facts.model().unwrap().texts.json_error.is_none()));
    }

    #[test]
    fn what_keras_writes_is_utf_8() {
        silent_when_sound(&RULE);
        check(&RULE, &File::small().argument(1, "note", "é ﬁ 字".into()).bytes(), &[]);
    }
}
