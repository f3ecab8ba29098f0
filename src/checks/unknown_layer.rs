//! `A004`: a layer class that Keras does not have.

use std::collections::HashMap;

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::network::MODEL_CLASSES;
use crate::keras::{Layout, ModelFile};
use crate::ops::OpError;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A004",
    name: "unknown-layer",
    severity: Severity::Error,
    meaning: "The architecture uses a layer class that is not part of Keras. `load_model` fails \
        unless it is given the class.",
    fix: "Pass the Python class: `load_model(path, custom_objects={\"ClassName\": ClassName})`, \
        from the code that made the model.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let leaves = facts.structure.map(|structure| structure.graph.leaves.as_slice()).unwrap_or_default();
    let is_archive = facts.model().is_some_and(|model| model.layout == Layout::KerasArchive);
    let mut classes: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places = HashMap::new();
    for leaf in leaves {
        // A `.keras` says of Keras' operations where they are; an `.h5` does not, and does not load.
        if is_archive && leaf.layer.is_operation {
            continue;
        }
        if let Err(OpError::UnknownClass(class)) = &leaf.op {
            let place = *places.entry(class).or_insert(classes.len());
            match classes.get_mut(place) {
                Some((_, layers)) => layers.push(&leaf.path),
                None => classes.push((class, vec![&leaf.path])),
            }
        }
    }
    classes.into_iter().map(|(class, layers)| finding(class, &layers)).chain(models(facts)).collect()
}

/// The classes of the model itself and of models in it, where they are one's own.
fn models(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(network) = facts.model().and_then(ModelFile::network) else { return Vec::new() };
    let is_own = |class: &str| !MODEL_CLASSES.contains(&class);
    let whole = Some(network.class.as_str()).filter(|class| is_own(class)).map(|class| {
        let message = format!("The model itself has the class {class}, which is not part of Keras.");
        Finding::new(&RULE, Place::File, message).with_fix(fix(class))
    });
    let inner = network.walk().into_iter().filter(|(_, layer)| layer.inner.is_some() && is_own(&layer.written_class));
    let inner = inner.map(|(path, layer)| finding(&layer.written_class, &[&path]));
    whole.into_iter().chain(inner).collect()
}

fn fix(class: &str) -> String {
    format!(
        "Load it with `load_model(path, custom_objects={{\"{class}\": {class}}})`, with the Python class from the code \
         that made the model."
    )
}

fn finding(class: &str, layers: &[&str]) -> Finding {
    let which = match layers.len() - 1 {
        0 => format!("Layer {} has", layers[0]),
        more => format!("Layer {} and {more} more have", layers[0]),
    };
    let message = format!("{which} the class {class}, which is not part of Keras.");
    Finding::new(&RULE, Place::Layer(layers[0].to_string()), message).with_fix(fix(class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, findings, silent_when_sound};

    #[test]
    fn every_unknown_class_is_one_finding() {
        let file = File::small().class(1, "Mystery").class(2, "Mystery");
        let found = findings(&RULE, &file.bytes());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "Layer hidden and 1 more have the class Mystery, which is not part of Keras.");
        assert!(found[0].fix.contains("custom_objects={\"Mystery\": Mystery}"), "{}", found[0].fix);
    }

    #[test]
    fn a_class_of_ones_own_around_all_layers_is_named() {
        let mut file = File::small();
        file.config.as_mut().unwrap()["class_name"] = "MyModel".into();
        check(&RULE, &file.bytes(), &["file: The model itself has the class MyModel, which is not part of Keras."]);
    }

    #[test]
    fn classes_of_keras_are_known_whether_or_not_they_run_here() {
        silent_when_sound(&RULE);
        check(&RULE, &File::small().class(1, "LSTM").bytes(), &[]);
    }
}
