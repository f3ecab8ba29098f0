//! `A012`: a `training_config` that makes no sense.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity, capitalised};
use crate::keras::ModelFile;
use crate::keras::training::Training;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A012",
    name: "bad-training-config",
    severity: Severity::Warning,
    meaning: "The attribute training_config is there, but can't be understood. `load_model` fails unless it is told not to \
        compile; the model itself is not affected.",
    fix: "Load it with `load_model(path, compile=False)`, compile it in code, and save it again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    // What damage does to the text is the damage's matter.
    let is_whole = |model: &&ModelFile| !facts.is_truncated() && model.weights.problems.is_empty();
    let Some(model) = facts.model().filter(is_whole) else { return Vec::new() };
    match &model.training {
        Training::Broken(reason) => {
            let finding =
                Finding::new(&RULE, Place::Object("/@training_config".into()), format!("{}.", capitalised(reason)));
            let loader_message = model.texts.training_error.as_ref().map(|error| format!("JSONDecodeError: {error}"));
            vec![Finding { loader_message, ..finding }]
        }
        Training::Absent | Training::Config(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, compiled, silent_when_sound};

    #[test]
    fn nonsense_in_training_config_is_named() {
        let place = "/@training_config: Training_config is not";
        check(&RULE, &compiled("[]"), &[&format!("{place} an object.")]);
        let python = "Expecting value: line 1 column 10 (char 9)";
        check(&RULE, &compiled("{\"loss\": "), &[&format!("{place} valid JSON: {python}.")]);
    }

    #[test]
    fn a_model_may_be_compiled_or_not() {
        silent_when_sound(&RULE);
        check(&RULE, &compiled("{\"loss\": \"mse\", \"metrics\": NaN}"), &[]);
    }
}
