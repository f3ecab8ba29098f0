//! `A002`: the architecture makes no sense.

use super::Facts;
use crate::finding::{capitalised, Finding, Place, Rule, Severity};
use crate::keras::Architecture;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A002",
    name: "bad-config",
    severity: Severity::Error,
    meaning: "The attribute model_config is there, but is not the description of a model. \
        `load_model` fails while reading it.",
    fix: "Save the model again. If the weights are whole, build the architecture in code and \
        call `load_weights` on this file.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model().map(|model| &model.architecture) {
        Some(Architecture::Broken(reason)) if !facts.is_truncated() => {
            let place = Place::Object("/@model_config".into());
            let finding = Finding::new(&RULE, place, format!("{}.", capitalised(reason)));
            let python = facts.model().and_then(|model| model.texts.json_error.as_ref());
            vec![Finding { loader_message: python.map(|error| format!("JSONDecodeError: {error}")), ..finding }]
        }
        Some(Architecture::Network(_)) if facts.model().is_some_and(|model| model.texts.twice) => {
            let message = "Model_config is JSON inside JSON: a text that describes the model, where the description itself \
                belongs. Everything else is checked as if it were there.";
            let fix = "Decode it once more: `file.attrs[\"model_config\"] = json.loads(file.attrs[\"model_config\"]).encode()`, \
                with h5py.";
            vec![Finding::new(&RULE, Place::Object("/@model_config".into()), message).with_fix(fix)]
        }
        Some(Architecture::Broken(_) | Architecture::Network(_) | Architecture::Absent) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, findings, silent_when_sound};

    #[test]
    fn nonsense_in_model_config_is_named() {
        let found = |text: &str| {
            let file = File { config: Some(text.into()), ..File::small() };
            findings(&RULE, &file.bytes()).pop().unwrap().message
        };
        assert_eq!(found("[]"), "Model_config is a list, where an object with class_name and config belongs.");
        assert_eq!(
            found("{\"class_name\": "),
            "Model_config is not valid JSON: Expecting value: line 1 column 16 (char 15)."
        );
        assert_eq!(found(" "), "Model_config is empty.");
        assert!(found("{\"class_name\": \"Model\", \"config\": {}}").contains("no list of layers"));
    }

    /// Keras 3.15.1 refuses such a file: "Expected a dictionary containing a 'config' key".
    #[test]
    fn json_inside_json_is_named() {
        let inner = File::small().config.unwrap().to_string();
        let file = File { config: Some(serde_json::Value::from(inner).to_string().into()), ..File::small() };
        assert!(findings(&RULE, &file.bytes())[0].message.starts_with("Model_config is JSON inside JSON"));
    }

    #[test]
    fn a_sound_or_absent_config_is_not_broken() {
        silent_when_sound(&RULE);
        check(&RULE, &File { config: None, ..File::small() }.bytes(), &[]);
    }
}
