//! `A003`: Python code in the file.

use super::Facts;
use super::custom_object::place;
use crate::finding::{Finding, Rule, Severity, capitalised};
use crate::keras::python::Function;
use crate::keras::references::{Reference, What};
use crate::keras::traits::{Line, Saver};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A003",
    name: "lambda",
    severity: Severity::Error,
    meaning: "A Lambda layer stores compiled Python code in the file, and loading the model runs it (CVE-2024-3660; in `.h5` files \
        Keras 3 before 3.11.3 runs it even with `safe_mode=True`, CVE-2025-9905). It also loads only in the Python version that \
        saved it.",
    fix: "Load the file only if you trust whoever made it. Better: replace the Lambda by a \
        built-in layer (Rescaling, for example), and save again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    let saver = model.saved_by.saver();
    let codes = model.texts.survey.references.iter().filter_map(|reference| match &reference.what {
        What::Code(code) => Some((reference, code)),
        What::NamedFunction(_) | What::Package { .. } | What::Dangerous { .. } | What::Pickle(_) | What::Outside { .. } => None,
    });
    codes.map(|(reference, code)| finding(reference, code, saver)).collect()
}

fn finding(reference: &Reference, code: &Result<Function, String>, saver: Option<Saver>) -> Finding {
    let what = match (reference.training, reference.place.as_str()) {
        (true, _) => "training_config holds a Python function".to_string(),
        (false, "") => "model_config holds a Python function".to_string(),
        (false, path) => format!("Layer {path} is a Lambda"),
    };
    let about = match code {
        Ok(function) => about(function),
        Err(reason) => format!("The code can't be read here: {reason}."),
    };
    let message = format!("{what}: its code is executed when the model is loaded. {about}");
    let finding = Finding::new(&RULE, place(reference), message);
    Finding { loader_message: saver.and_then(loader_message), ..finding }
}

/// Names or constants that are listed.
const LISTED: usize = 12;

/// What the code says of itself.
fn about(function: &Function) -> String {
    let Function { python, name, filename, line, names, constants } = function;
    let mut about = format!("{name} ({filename}, line {line}) was compiled by Python {python}; other versions refuse it or run it wrongly.");
    for (word, items) in [("names", names), ("constants", constants)] {
        if !items.is_empty() {
            about += &format!(" {} it uses: {}.", capitalised(word), listed(items));
        }
    }
    let suspicious = function.suspicious();
    if !suspicious.is_empty() {
        about += &format!(" With {} it can act outside of the model.", listed(&suspicious));
    }
    about
}

fn listed<T: AsRef<str>>(items: &[T]) -> String {
    let shown: Vec<&str> = items.iter().take(LISTED).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(LISTED);
    let end = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &end
}

/// What Keras 3.11.3 and later say, which refuse such a file unless told otherwise; the text is that of 3.15.1.
fn loader_message(saver: Saver) -> Option<String> {
    let refuses = saver.line == Line::Three && saver.version >= [3, 11, 3];
    refuses.then(|| {
        "ValueError: Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda. This carries a \
         potential risk of arbitrary code execution and thus it is disallowed by default. If you trust the source of the \
         artifact, you can override this error by passing `safe_mode=False` to the loading function, or calling \
         `keras.config.enable_unsafe_deserialization()."
            .to_string()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::checks::testing::{File, check, compiled, silent_when_sound};

    /// The code of a function that Python 3.11 compiled.
    fn code(what: &str) -> Value {
        let fixture: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/python/lambdas.json")).unwrap();
        let is_it = |case: &&Value| case["python"] == "3.11" && case["what"] == what;
        fixture["cases"].as_array().unwrap().iter().find(is_it).unwrap()["code"].clone()
    }

    const RUNS: &str = "its code is executed when the model is loaded.";

    #[test]
    fn a_lambda_is_quoted() {
        let file = File::small().class(1, "Lambda").argument(1, "function", json!([code("system"), null, null]));
        let expected = format!(
            "hidden: Layer hidden is a Lambda: {RUNS} <lambda> (model.py, line 2) was compiled by Python 3.11; other versions \
             refuse it or run it wrongly. Names it uses: os, system. Constants it uses: 'id'. With os, system it can act outside of the model."
        );
        check(&RULE, &file.bytes(), &[&expected]);
    }

    #[test]
    fn every_lambda_is_named_wherever_it_is_nested() {
        let unread = "The code can't be read here: it is not there.";
        let file = File::small().class(1, "Lambda");
        check(&RULE, &file.bytes(), &[&format!("hidden: Layer hidden is a Lambda: {RUNS} {unread}")]);

        let inner = File::small().class(1, "Lambda").config.unwrap();
        let mut config = File::small().config.unwrap();
        config["config"]["layers"][1] = inner;
        config["config"]["layers"][1]["name"] = "inner".into();
        config["config"]["layers"][1]["inbound_nodes"] = json!([[["in", 0, 0, {}]]]);
        config["config"]["layers"][2]["inbound_nodes"] = json!([[["inner", 0, 0, {}]]]);
        let nested = File { config: Some(config), ..File::small() };
        check(&RULE, &nested.bytes(), &[&format!("inner/hidden: Layer inner/hidden is a Lambda: {RUNS} {unread}")]);

        let lambda = json!({"class_name": "Lambda", "config": {"name": "scale"}});
        let wrapped = File::small().class(1, "TimeDistributed").argument(1, "layer", lambda);
        check(&RULE, &wrapped.bytes(), &[&format!("hidden/scale: Layer hidden/scale is a Lambda: {RUNS} {unread}")]);
    }

    #[test]
    fn a_lambda_among_losses_and_metrics_is_code_too() {
        let lambda = json!({"class_name": "__lambda__", "config": {"code": code("scale")}});
        let found = crate::checks::testing::findings(&RULE, &compiled(&json!({"loss": lambda}).to_string()));
        assert!(found[0].message.starts_with("training_config holds a Python function: its code"), "{}", found[0].message);
    }

    #[test]
    fn other_layers_and_functions_by_name_run_no_code() {
        silent_when_sound(&RULE);
        let file = File::small().class(1, "Lambda").argument(1, "function", json!("scale"));
        check(&RULE, &file.bytes(), &[]);
    }
}
