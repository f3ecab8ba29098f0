//! `A003`: Python code in the file.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A003",
    name: "lambda",
    severity: Severity::Error,
    meaning: "A Lambda layer stores compiled Python code in the file, and loading the model runs it. \
        It also loads only in the Python version that saved it.",
    fix: "Load the file only if you trust whoever made it. Better: replace the Lambda by a \
        built-in layer (Rescaling, for example), and save again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(network) = facts.model().and_then(|model| model.network()) else { return Vec::new() };
    let lambdas = network.walk().into_iter().filter(|(_, layer)| layer.class == "Lambda");
    lambdas
        .map(|(path, _)| {
            let message = format!("Layer {path} is a Lambda: its code is executed when the model is loaded.");
            Finding::new(&RULE, Place::Layer(path), message)
        })
        .collect()
}
