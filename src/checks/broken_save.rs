//! `F008`: a save that failed.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F008",
    name: "broken-save",
    severity: Severity::Error,
    meaning: "Keras began to save and stopped with an error: what it had written until then is the file. \
        The rest was never there.",
    fix: "Save again where the model still is, and read the error it raises. Keras 3.0.5, for one, can't \
        write a model within a model to `.h5`; `model.save(\"name.keras\")` can.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    problems.iter().filter(|_| !facts.is_truncated()).filter_map(finding).collect()
}

fn finding(problem: &Problem) -> Option<Finding> {
    let (place, message) = match problem {
        Problem::Nothing => (
            Place::Object("/".into()),
            "There is nothing in the file, which is what a save leaves that fails at its start.".to_string(),
        ),
        Problem::Repeated { layer, weight, listed, different } => (
            Place::Layer(layer.clone()),
            format!(
                "weight_names of {layer} lists {listed} weights under {different} names ({weight} more than once); \
                 a file holds one weight of each name, so the save stopped there."
            ),
        ),
        Problem::TooMany { .. }
        | Problem::NoWeights
        | Problem::NoLayerNames
        | Problem::NoGroup { .. }
        | Problem::NoWeightNames { .. }
        | Problem::NoDataset { .. }
        | Problem::Npz { .. }
        | Problem::Damaged { .. } => return None,
    };
    Some(Finding::new(&RULE, place, message))
}

#[cfg(test)]
mod tests {
    use hdf5_pure::{AttrValue, FileBuilder};

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    const NOTHING: &str = "/: There is nothing in the file, which is what a save leaves that fails at its start.";

    #[test]
    fn nothing_but_who_began_to_write_is_a_save_that_failed() {
        check(&RULE, &FileBuilder::new().finish().unwrap(), &[NOTHING]);
        let mut file = FileBuilder::new();
        file.set_attr("keras_version", AttrValue::String("2.15.0".into()));
        check(&RULE, &file.finish().unwrap(), &[NOTHING]);
    }

    #[test]
    fn two_weights_of_one_name_can_not_have_been_saved() {
        let mut file = File::small();
        file.layers[1].names = Some(vec!["kernel:0".into(), "bias:0".into(), "kernel:0".into()]);
        let expected = "hidden: weight_names of hidden lists 3 weights under 2 names (kernel:0 more than once); \
            a file holds one weight of each name, so the save stopped there.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn a_file_of_another_program_and_a_sound_one_are_no_failed_saves() {
        let mut file = FileBuilder::new();
        file.set_attr("title", AttrValue::String("pictures".into()));
        check(&RULE, &file.finish().unwrap(), &[]);
        silent_when_sound(&RULE);
    }
}
