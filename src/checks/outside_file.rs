//! `A020`: a path of another file.

use super::Facts;
use super::custom_object::place;
use crate::finding::{Finding, Rule, Severity};
use crate::keras::references::{Reference, What};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A020",
    name: "outside-file",
    severity: Severity::Warning,
    meaning: "A layer reads another file when the model is loaded. Without that file at that path the model does not load, and \
        with another one it computes something else.",
    fix: "Keep that file with the model. If it comes from others, look at it before you load the model: a SavedModel can do \
        anything TensorFlow can.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    model.texts.survey.references.iter().filter_map(finding).collect()
}

fn finding(reference: &Reference) -> Option<Finding> {
    match &reference.what {
        What::Outside { class, path } => {
            Some(Finding::new(&RULE, place(reference), format!("The {class} layer reads the file {path}.")))
        }
        What::Code(_) | What::NamedFunction(_) | What::Package { .. } | What::Dangerous { .. } | What::Pickle(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn a_path_is_told() {
        let file = File::small().class(1, "TFSMLayer").argument(1, "filepath", json!("/models/other"));
        check(&RULE, &file.bytes(), &["hidden: The TFSMLayer layer reads the file /models/other."]);
    }

    #[test]
    fn words_in_the_file_itself_are_not_outside() {
        silent_when_sound(&RULE);
        let file = File::small().class(1, "StringLookup").argument(1, "vocabulary", json!(["a", "b"]));
        check(&RULE, &file.bytes(), &[]);
    }
}
