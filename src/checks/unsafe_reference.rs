//! `A018`: a function that does something outside of the model.

use super::Facts;
use super::custom_object::place;
use crate::finding::{Finding, Rule, Severity};
use crate::keras::references::{Reference, What};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A018",
    name: "unsafe-reference",
    severity: Severity::Error,
    meaning: "A config names a function of Python, Keras or TensorFlow that runs commands, reads, writes or downloads files, \
        switches protections off, or unpickles objects. No model needs that; loading one calls it in versions of Keras that \
        don't refuse. The known cases were found in `.keras` files: CVE-2025-1550 (Keras 3.0 to 3.8), CVE-2025-8747 (3.0 to \
        3.10), CVE-2025-9906 (before 3.11.0).",
    fix: "Don't load the file. Ask whoever made it, and take the weights alone if you need them: build the architecture in code \
        and call `load_weights`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    model.texts.survey.references.iter().filter_map(finding).collect()
}

fn finding(reference: &Reference) -> Option<Finding> {
    let message = match &reference.what {
        What::Dangerous { module, name } => {
            format!("It names {module}.{name}, which acts outside of the model.")
        }
        What::Pickle(class) => {
            format!("The class {class} keeps pickled Python objects in the file; loading them can run any code.")
        }
        What::Code(_) | What::NamedFunction(_) | What::Package { .. } | What::Outside { .. } => return None,
    };
    Some(Finding::new(&RULE, place(reference), message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, compiled, silent_when_sound};

    #[test]
    fn functions_that_leave_the_model_are_named() {
        let system = json!({"module": "os", "class_name": "system", "config": {}});
        let file = File::small().argument(1, "kernel_initializer", system);
        check(&RULE, &file.bytes(), &["hidden: It names os.system, which acts outside of the model."]);
        let eval = r#"{"loss": {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "eval"}}"#;
        check(&RULE, &compiled(eval), &["/@training_config: It names builtins.eval, which acts outside of the model."]);
    }

    #[test]
    fn functions_of_keras_and_of_ones_own_are_not() {
        silent_when_sound(&RULE);
        for module in ["keras.initializers", "my_package.initializers", "tensorflow.python.keras"] {
            let object = json!({"module": module, "class_name": "Zeros", "config": {}});
            check(&RULE, &File::small().argument(1, "kernel_initializer", object).bytes(), &[]);
        }
    }
}
