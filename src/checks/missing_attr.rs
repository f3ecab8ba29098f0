//! `S003`: lists of names are missing.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S003",
    name: "missing-attr",
    severity: Severity::Error,
    meaning: "Keras finds the weights through the attributes layer_names and weight_names. Without \
        them it loads nothing, or fails.",
    fix: "Save the model again. Scripts that copy HDF5 files must copy the attributes, too.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    problems.iter().filter(|_| !facts.is_truncated()).filter_map(finding).collect()
}

fn finding(problem: &Problem) -> Option<Finding> {
    let (place, message) = match problem {
        Problem::NoLayerNames => ("@layer_names".to_string(), "The attribute layer_names is missing.".to_string()),
        Problem::NoWeightNames { layer } => (
            format!("{layer}@weight_names"),
            format!("The group of layer {layer} has no attribute weight_names, so its weights are not loaded."),
        ),
        Problem::Nothing
        | Problem::Repeated { .. }
        | Problem::TooMany { .. }
        | Problem::NoWeights
        | Problem::NoGroup { .. }
        | Problem::NoDataset { .. }
        | Problem::Npz { .. }
        | Problem::Damaged { .. } => return None,
    };
    Some(Finding::new(&RULE, Place::Object(place), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn missing_lists_are_named() {
        let file = File { layer_names: None, ..File::small() };
        check(&RULE, &file.bytes(), &["@layer_names: The attribute layer_names is missing."]);

        let mut file = File::small();
        file.layers[1].names = None;
        let expected = "hidden@weight_names: The group of layer hidden has no attribute weight_names, \
            so its weights are not loaded.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn an_empty_list_is_there() {
        silent_when_sound(&RULE);
    }
}
