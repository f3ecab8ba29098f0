//! `A013`: a loss that Keras does not have.

use super::{Facts, custom};
use crate::finding::{Finding, Rule, Severity};
use crate::keras::names;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A013",
    name: "unknown-loss",
    severity: Severity::Warning,
    meaning: "The model was compiled with a loss that is not part of Keras. Its code is not in the file, so `load_model` fails \
        unless it is given the code or told not to compile. Predictions don't need it.",
    fix: "Load it with `load_model(path, compile=False)`, or pass the function in `custom_objects`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    custom::findings(facts, &RULE, "loss", |config| &config.losses, names::is_loss)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, compiled, findings, silent_when_sound};

    #[test]
    fn a_loss_of_ones_own_is_named() {
        let bytes = compiled(r#"{"loss": {"a": "focal_loss", "b": "mse"}, "metrics": ["top2"]}"#);
        let expected = "/@training_config: The model was compiled with the loss focal_loss, which is not part of Keras.";
        check(&RULE, &bytes, &[expected]);
        let found = findings(&RULE, &bytes).remove(0);
        assert!(found.fix.contains("custom_objects={\"focal_loss\": focal_loss}"), "{}", found.fix);
        // What TensorFlow 2.15.1 says of such a file.
        assert!(found.loader_message.unwrap().starts_with("ValueError: Unknown loss function: 'focal_loss'. Please"));
    }

    #[test]
    fn losses_of_every_keras_are_known() {
        silent_when_sound(&RULE);
        for loss in ["\"mse\"", "\"cosine_proximity\"", "null", "[\"mae\", {\"class_name\": \"Huber\", \"config\": {}}]"] {
            check(&RULE, &compiled(&format!("{{\"loss\": {loss}}}")), &[]);
        }
    }
}
