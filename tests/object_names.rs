//! Names and arguments of every Keras are known: losses, metrics and the like, and which version came with what.
//!
//! `tests/fixtures/object_names.json` names the versions; `tools/list_object_names.py` made it from their packages.

#![allow(clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use resnet_verifier::keras::names;
use resnet_verifier::keras::traits::{ARGUMENTS, Saver};
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/object_names.json")).unwrap()
}

/// Names that modules define and that are no objects of the kind: helpers, base classes, schedules.
const OTHERS: &[&str] = &[
    "AUCCurve",
    "AUCSummationMethod",
    "CallableList",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "FakeOptimizerForRestoration",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "LegacyOptimizerWarning",
    "LinearCosineDecay",
    "LossScaleOptimizerMetaclass",
    "NoisyLinearCosineDecay",
    "NullContextmanager",
    "OptimizerMap",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "Reduce",
    "Reduction",
    "RestoredOptimizer",
    "compute_fans",
    "convert_binary_labels_to_hinge",
    "get_fans",
    "validate_float_arg",
];

/// Whether a name is known.
type IsKnown = fn(&str) -> bool;

#[test]
fn every_name_is_known() {
    let known: [(&str, IsKnown); 7] = [
        ("losses", names::is_loss),
        ("metrics", names::is_metric),
        ("optimizers", names::is_optimizer),
        ("activations", |name| names::ACTIVATIONS.contains(&name)),
        ("initializers", |name| names::INITIALIZERS.contains(&name)),
        ("regularizers", |name| names::REGULARIZERS.contains(&name)),
        ("constraints", |name| names::CONSTRAINTS.contains(&name)),
    ];
    let fixture = fixture();
    for (kind, is_known) in known {
        let listed = fixture["names"][kind].as_object().unwrap();
        assert!(listed.len() > 10, "{kind}: {}", listed.len());
        let unknown: Vec<&String> =
            listed.keys().filter(|name| !OTHERS.contains(&name.as_str()) && !is_known(name)).collect();
        assert!(unknown.is_empty(), "{kind}: {unknown:?}");
    }
}

/// Packages, oldest first, with the `keras_version` they write.
fn savers(fixture: &Value) -> Vec<(String, Saver)> {
    let packages = fixture["certificate"]["packages"].as_array().unwrap();
    let saver = |package: &Value| {
        let saver = Saver::of(package["keras_version"].as_str().unwrap()).unwrap();
        (package["package"].as_str().unwrap().to_string(), saver)
    };
    packages.iter().map(saver).collect()
}

#[test]
fn no_version_is_said_to_lack_what_it_writes() {
    let fixture = fixture();
    for (package, saver) in savers(&fixture) {
        for argument in ARGUMENTS.iter().filter(|argument| saver.lacks(argument)) {
            for class in argument.classes {
                let without = &fixture["arguments"][*class][argument.name];
                let is_listed =
                    without.as_array().is_some_and(|list| list.iter().any(|p| *p == package.as_str()));
                // A package without the class is listed nowhere, and can't write the argument either.
                let has_class = fixture["classes"][&package].as_array().unwrap().iter().any(|c| c == class);
                assert!(is_listed || !has_class, "{package} writes {} of {class}", argument.name);
            }
        }
    }
}

#[test]
fn every_claim_is_about_a_version_that_was_looked_at() {
    let savers = savers(&fixture());
    for argument in ARGUMENTS {
        assert!(savers.iter().any(|(_, saver)| saver.lacks(argument)), "{argument:?}");
        assert!(savers.iter().any(|(_, saver)| !saver.lacks(argument)), "{argument:?}");
    }
}
