//! `S005`: a weight is listed and not there.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S005",
    name: "missing-dataset",
    severity: Severity::Error,
    meaning: "The list of weights of a layer names one whose numbers are not in the file.",
    fix: "Save the model again, or restore the dataset from another copy.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    problems.iter().filter(|_| !facts.is_truncated()).filter_map(finding).collect()
}

fn finding(problem: &Problem) -> Option<Finding> {
    let Problem::NoDataset { layer, weight } = problem else { return None };
    let message = format!("weight_names of {layer} lists {weight}, but there is no such dataset.");
    Some(Finding::new(&RULE, Place::Weight(format!("{layer}/{weight}")), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    #[test]
    fn a_listed_weight_without_dataset_is_named() {
        let mut file = File::small();
        file.layers[2].weights.pop();
        let expected = "out/bias:0: weight_names of out lists bias:0, but there is no such dataset.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn a_dataset_that_is_not_listed_is_no_finding() {
        let mut file = File::small();
        file.layers[2].names.as_mut().unwrap().pop();
        check(&RULE, &file.bytes(), &[]);
    }
}
