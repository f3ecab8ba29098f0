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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn every_lambda_is_named_wherever_it_is_nested() {
        let file = File::small().class(1, "Lambda");
        let code = "its code is executed when the model is loaded.";
        check(&RULE, &file.bytes(), &[&format!("hidden: Layer hidden is a Lambda: {code}")]);

        let inner = File::small().class(1, "Lambda").config.unwrap();
        let file = File::small().argument(1, "layers", json!([]));
        let mut config = file.config.unwrap();
        config["config"]["layers"][1] = inner;
        config["config"]["layers"][1]["name"] = "inner".into();
        config["config"]["layers"][1]["inbound_nodes"] = json!([[["in", 0, 0, {}]]]);
        config["config"]["layers"][2]["inbound_nodes"] = json!([[["inner", 0, 0, {}]]]);
        let nested = File { config: Some(config), ..File::small() };
        check(&RULE, &nested.bytes(), &[&format!("inner/hidden: Layer inner/hidden is a Lambda: {code}")]);
    }

    #[test]
    fn other_layers_run_no_code() {
        silent_when_sound(&RULE);
    }
}
