//! `A019`: something that the file only names and whoever loads it must supply.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::references::{Reference, What};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A019",
    name: "custom-object",
    severity: Severity::Warning,
    meaning: "A config names a function or class of another package than Keras. Its code is not in the file, and `load_model` \
        fails where that package is not, or is another.",
    fix: "Install the package, or pass the function or class in `custom_objects`. Code of others runs with your permissions: \
        know where it comes from.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    model.texts.survey.references.iter().filter_map(finding).collect()
}

/// Where a reference is.
pub(super) fn place(reference: &Reference) -> Place {
    match (reference.training, reference.place.is_empty()) {
        (true, _) => Place::Object("/@training_config".into()),
        (false, true) => Place::Object("/@model_config".into()),
        (false, false) => Place::Layer(reference.place.clone()),
    }
}

fn finding(reference: &Reference) -> Option<Finding> {
    let message = match &reference.what {
        What::NamedFunction(name) => {
            format!("The Lambda layer {} calls the function {name}, whose code is not in the file.", reference.place)
        }
        What::Package { module, name } => format!("It names {name} of the package {module}, which is not Keras."),
        What::Code(_) | What::Dangerous { .. } | What::Pickle(_) | What::Outside { .. } => return None,
    };
    Some(Finding::new(&RULE, place(reference), message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn what_the_file_only_names_is_told() {
        let mine = json!({"module": "mine.init", "class_name": "Zeros", "config": {}});
        let file = File::small().argument(1, "kernel_initializer", mine);
        check(&RULE, &file.bytes(), &["hidden: It names Zeros of the package mine.init, which is not Keras."]);
        let file = File::small().class(1, "Lambda").argument(1, "function", json!("scale"));
        let file = file.argument(1, "function_type", json!("function"));
        let expected = "hidden: The Lambda layer hidden calls the function scale, whose code is not in the file.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn objects_of_keras_are_no_custom_ones() {
        silent_when_sound(&RULE);
        let zeros = json!({"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null});
        check(&RULE, &File::small().argument(1, "kernel_initializer", zeros).bytes(), &[]);
    }
}
