//! `F006`: HDF5 that Keras did not write.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Layout;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F006",
    name: "not-keras",
    severity: Severity::Error,
    meaning: "The file is sound HDF5, but has none of the groups and attributes that Keras writes: \
        it is a data set, a file of another program, or empty.",
    fix: "Ask for the file that `model.save(...)` or `model.save_weights(...)` wrote.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model() {
        Some(model) if model.layout == Layout::NotKeras && !facts.is_truncated() => {
            let message = "There is no model_config, no model_weights and no layer_names in the file.";
            vec![Finding::new(&RULE, Place::Object("/".into()), message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use hdf5_pure::FileBuilder;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn hdf5_of_another_program_is_named() {
        let mut file = FileBuilder::new();
        file.create_dataset("images").with_f32_data(&[1.0]).with_shape(&[1]);
        let expected = "/: There is no model_config, no model_weights and no layer_names in the file.";
        check(&RULE, &file.finish().unwrap(), &[expected]);
    }

    #[test]
    fn what_keras_wrote_is_keras() {
        silent_when_sound(&RULE);
        check(&RULE, &File { group: Some(""), config: None, ..File::small() }.bytes(), &[]);
    }
}
