//! `A014`: a metric that Keras does not have.

use super::{Facts, custom};
use crate::finding::{Finding, Rule, Severity};
use crate::keras::names;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A014",
    name: "unknown-metric",
    severity: Severity::Warning,
    meaning: "The model was compiled with a metric that is not part of Keras. Its code is not in the file, so `load_model` of \
        Keras 1 and 2 fails unless it is given the code or told not to compile. Predictions don't need it.",
    fix: "Load it with `load_model(path, compile=False)`, or pass the function in `custom_objects`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    custom::findings(facts, &RULE, "metric", |config| &config.metrics, names::is_metric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, compiled, silent_when_sound};

    #[test]
    fn a_metric_of_ones_own_is_named() {
        let wrapped = r#"{"metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "fn": "top2"}}]]}"#;
        let expected = "/@training_config: The model was compiled with the metric top2, which is not part of Keras.";
        check(&RULE, &compiled(wrapped), &[expected]);
        check(&RULE, &compiled(r#"{"loss": "mse", "weighted_metrics": {"out": ["acc", "top2"]}}"#), &[expected]);
        let lambda = "/@training_config: The model was compiled with the metric <lambda>, which is not part of Keras.";
        check(&RULE, &compiled(r#"{"metrics": ["<lambda>"]}"#), &[lambda]);
    }

    #[test]
    fn metrics_of_every_keras_are_known() {
        silent_when_sound(&RULE);
        let known = r#"{"metrics": ["accuracy", "acc", "ce", "mae", "fmeasure", "AUC", {"class_name": "F1Score", "config": {}}]}"#;
        check(&RULE, &compiled(known), &[]);
    }
}
