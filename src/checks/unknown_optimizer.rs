//! `A015`: an optimizer that Keras does not have.

use super::{Facts, custom};
use crate::finding::{Finding, Rule, Severity};
use crate::keras::names;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A015",
    name: "unknown-optimizer",
    severity: Severity::Warning,
    meaning: "The model was compiled with an optimizer that is not part of Keras. Its code is not in the file, so `load_model` \
        fails unless it is given the code or told not to compile. Predictions don't need it.",
    fix: "Load it with `load_model(path, compile=False)`, or pass the class in `custom_objects`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    custom::findings(facts, &RULE, "optimizer", |config| &config.optimizers, names::is_optimizer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, compiled, silent_when_sound};

    #[test]
    fn an_optimizer_of_others_is_named() {
        let expected = |name: &str| {
            format!("/@training_config: The model was compiled with the optimizer {name}, which is not part of Keras.")
        };
        for name in ["Ranger", "Addons>AdamW"] {
            let config = format!(r#"{{"optimizer_config": {{"class_name": "{name}", "config": {{}}}}}}"#);
            check(&RULE, &compiled(&config), &[&expected(name)]);
        }
    }

    #[test]
    fn optimizers_of_every_keras_are_known() {
        silent_when_sound(&RULE);
        for name in ["Adam", "Custom>Adam", "adam", "RMSprop", "TFOptimizer", "Lion", "Muon", "keras.optimizers>SGD"] {
            let config = format!(r#"{{"optimizer_config": {{"class_name": "{name}", "config": {{"lr": 0.1}}}}}}"#);
            check(&RULE, &compiled(&config), &[]);
        }
    }
}
