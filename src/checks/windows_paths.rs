//! `F020`: names with backslashes, which only Windows takes for folders.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::Layout;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F020",
    name: "windows-paths",
    severity: Severity::Warning,
    meaning: "The model was saved under Windows by Keras 2.12 to 2.15, which put backslashes into the names of its groups \
        (`layers\\dense`). Keras under Linux and macOS looks for `layers/dense` and finds no weights. Here they are read.",
    fix: "Load it under Windows, or rename the groups in a copy. For a `.keras`, unpack model.weights.h5 first and put it back \
        after: `with h5py.File(\"model.weights.h5\", \"a\") as f: [f.move(k, k.replace(\"\\\\\", \"/\")) for k in list(f) if \
        \"\\\\\" in k]`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let is_keras3 = |layout| matches!(layout, Layout::KerasArchive | Layout::Keras3Weights);
    let Some(model) = facts.model().filter(|model| is_keras3(model.layout)) else { return Vec::new() };
    let tensors = &model.weights.tensors;
    let Some(first) = tensors.iter().find(|tensor| tensor.dataset.path.contains('\\')) else { return Vec::new() };
    let path = &first.dataset.path;
    let name = path.rsplit_once("/vars/").map_or(path.as_str(), |(group, _)| group);
    let message = format!("Groups of weights have backslashes in their names: {name}. Only Windows finds the weights by them.");
    let count = tensors.iter().filter(|tensor| tensor.layer == first.layer).count();
    let layer = first.layer.rsplit('/').next().unwrap_or_default();
    let mut finding = Finding::new(&RULE, Place::Object(name.to_string()), message);
    finding.loader_message = Some(format!(
        "ValueError: Layer '{layer}' expected {count} variables, but received 0 variables during loading."
    ));
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::testing::zip;
    use crate::checks::testing::{File, check, findings, keras3_weights, silent_when_sound, with_facts};

    #[test]
    fn groups_named_under_windows_are_told() {
        let mut file = hdf5_pure::FileBuilder::new();
        let mut group = file.create_group("layers\\dense");
        let mut vars = group.create_group("vars");
        for (index, shape) in [&[2u64, 3][..], &[3]].iter().enumerate() {
            let numbers = vec![0.5; shape.iter().product::<u64>() as usize];
            vars.create_dataset(&index.to_string()).with_f32_data(&numbers).with_shape(shape);
        }
        group.add_group(vars.finish());
        file.add_group(group.finish());
        let found = findings(&RULE, &file.finish().unwrap());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, Place::Object("layers\\dense".into()));
        // TensorFlow 2.15 under Linux says this of such a file.
        let expected = "ValueError: Layer 'dense' expected 2 variables, but received 0 variables during loading.";
        assert_eq!(found[0].loader_message.as_deref(), Some(expected));
    }

    #[test]
    fn weights_of_an_archive_of_windows_find_their_layers() {
        let mut file = hdf5_pure::FileBuilder::new();
        for (name, shapes) in [("dense", [&[4u64, 3][..], &[3]]), ("dense_1", [&[3, 2], &[2]])] {
            let mut group = file.create_group(&format!("_layer_checkpoint_dependencies\\{name}"));
            let mut vars = group.create_group("vars");
            for (index, shape) in shapes.iter().enumerate() {
                let numbers = vec![0.5; shape.iter().product::<u64>() as usize];
                vars.create_dataset(&index.to_string()).with_f32_data(&numbers).with_shape(shape);
            }
            group.add_group(vars.finish());
            file.add_group(group.finish());
        }
        let config = File::small().config.unwrap().to_string();
        let members = [("config.json", config.as_bytes(), false), ("model.weights.h5", &file.finish().unwrap(), false)];
        with_facts(&zip(&members), |facts| {
            let model = facts.model().unwrap();
            assert_eq!(model.weights.parameters(), 23);
            assert_eq!(facts.structure.unwrap().binding.mismatches, []);
            let found = super::check(facts);
            assert!(found[0].loader_message.as_deref().unwrap().contains("Layer 'hidden' expected 2 variables"));
        });
    }

    #[test]
    fn groups_with_slashes_are_no_finding() {
        check(&RULE, &keras3_weights(&[("dense", &[(&[2, 3], 0.5)])]), &[]);
        silent_when_sound(&RULE);
    }
}
