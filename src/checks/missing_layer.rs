//! `S004`: a layer is listed and not there.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S004",
    name: "missing-layer",
    severity: Severity::Error,
    meaning: "The list of layers names one whose group is not in the file.",
    fix: "Save the model again, or restore the group from another copy.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    problems.iter().filter(|_| !facts.is_truncated()).filter_map(finding).collect()
}

fn finding(problem: &Problem) -> Option<Finding> {
    let Problem::NoGroup { layer } = problem else { return None };
    let message = format!("layer_names lists {layer}, but there is no group of that name.");
    Some(Finding::new(&RULE, Place::Layer(layer.clone()), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    #[test]
    fn a_listed_layer_without_group_is_named() {
        let mut file = File::small();
        file.layers.pop();
        check(&RULE, &file.bytes(), &["out: layer_names lists out, but there is no group of that name."]);
    }

    #[test]
    fn a_group_that_is_not_listed_is_no_finding() {
        let mut file = File::small();
        file.layer_names.as_mut().unwrap().pop();
        check(&RULE, &file.bytes(), &[]);
    }
}
