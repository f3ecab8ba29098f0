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
            let whose = model.origin.map(|origin| format!("The file is {}. ", origin.what())).unwrap_or_default();
            let message = format!("{whose}There is no model_config, no model_weights and no layer_names in the file.");
            vec![Finding::new(&RULE, Place::Object("/".into()), message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use hdf5_pure::{AttrValue, FileBuilder};

    use super::*;
    use crate::checks::testing::{File, check, findings, silent_when_sound};

    #[test]
    fn hdf5_of_another_program_is_named() {
        let mut file = FileBuilder::new();
        file.create_dataset("images").with_f32_data(&[1.0]).with_shape(&[1]);
        let expected = "/: There is no model_config, no model_weights and no layer_names in the file.";
        check(&RULE, &file.finish().unwrap(), &[expected]);
    }

    #[test]
    fn programs_are_told_by_the_marks_they_leave() {
        let with = |attributes: &[&str], groups: &[&str], datasets: &[&str]| {
            let mut file = FileBuilder::new();
            for name in attributes {
                file.set_attr(name, AttrValue::String("x".into()));
            }
            for name in groups {
                let group = file.create_group(name);
                file.add_group(group.finish());
            }
            for name in datasets {
                file.create_dataset(name).with_f32_data(&[1.0]).with_shape(&[1]);
            }
            file.finish().unwrap()
        };
        let cases = [
            (with(&["_NCProperties"], &[], &["time"]), "a netCDF-4 file"),
            (with(&["TITLE", "CLASS", "VERSION", "PYTABLES_FORMAT_VERSION"], &["a"], &[]), "a file of PyTables"),
            (with(&[], &["obs", "var", "layers"], &["X"]), "an AnnData file"),
            (with(&[], &["layers", "row_attrs", "col_attrs"], &["matrix"]), "a Loom file"),
            (with(&[], &[], &["layer1.0.conv1.weight"]), "a PyTorch model"),
            (with(&[], &[], &["images", "labels"]), "a data set for training"),
        ];
        for (bytes, expected) in cases {
            let found = findings(&RULE, &bytes);
            assert!(found[0].message.contains(expected), "{found:?}");
        }
    }

    /// As h5py 3.14 shows them in files of Keras 3: `vars` at the root, and a subclassed model's layers beside it.
    #[test]
    fn weights_of_a_subclassed_model_are_keras() {
        let mut file = FileBuilder::new();
        for name in ["vars", "head"] {
            let group = file.create_group(name);
            file.add_group(group.finish());
        }
        check(&RULE, &file.finish().unwrap(), &[]);
    }

    /// The layout of `Model.save_weights` in Keras 0.3.3.
    #[test]
    fn numbered_layers_are_keras_before_it_had_names() {
        let mut file = FileBuilder::new();
        file.set_attr("nb_layers", AttrValue::I64(2));
        for layer in ["layer_0", "layer_1"] {
            let mut group = file.create_group(layer);
            group.create_dataset("param_0").with_f32_data(&[1.0, 2.0]).with_shape(&[2]);
            file.add_group(group.finish());
        }
        let bytes = file.finish().unwrap();
        check(&RULE, &bytes, &[]);
        let weights = findings(&super::super::weights_only::RULE, &bytes);
        assert_eq!(weights[0].message, "2 layers with weights, 4 numbers, and no architecture.");
    }

    #[test]
    fn what_keras_wrote_is_keras() {
        silent_when_sound(&RULE);
        check(&RULE, &File { group: Some(""), config: None, ..File::small() }.bytes(), &[]);
    }
}
