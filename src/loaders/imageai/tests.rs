//! Against what real ImageAI did.

use std::path::Path;

use serde_json::Value;

use super::network::{Design, Prepared, with_network};
use super::*;
use crate::loaders::tests::with_evidence;

fn spec(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/fullsize/specs").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// The layers with weights of a built network: name, and the shapes of its weights.
fn layers(Prepared { template, structure }: &Prepared<'_>) -> Vec<(String, Vec<Vec<u64>>)> {
    let leaf = |path: &str| structure.graph.leaves.iter().position(|leaf| leaf.path == path).unwrap();
    let weights = |path: &str| -> Vec<Vec<u64>> {
        let specs = structure.shapes.weights[leaf(path)].iter().flatten();
        specs.map(|spec| spec.shape.iter().map(|n| *n as u64).collect()).collect()
    };
    let all = template.layers.iter().map(|slot| (slot.name.clone(), weights(&slot.path)));
    all.filter(|(_, weights)| !weights.is_empty()).collect()
}

/// The networks that ImageAI 2.0.3 built on TensorFlow 1.15.5 and `keras.applications` on TensorFlow 2.15.1: the same layers, of the
/// same names and shapes, in the same order.
#[test]
fn the_networks_are_those_of_the_real_ones() {
    for (file, design) in
        [("imageai50_10__tf115.json", Design::Own), ("resnet50_10__tf215.json", Design::Applications)]
    {
        let Some(spec) = spec(file) else { continue };
        let real: Vec<(String, Vec<Vec<u64>>)> =
            serde_json::from_value::<Vec<(String, Vec<(String, Vec<u64>)>)>>(spec["layers"].clone())
                .unwrap()
                .into_iter()
                .filter(|(_, weights)| !weights.is_empty())
                .map(|(name, weights)| (name, weights.into_iter().map(|(_, shape)| shape).collect()))
                .collect();
        assert_eq!(real.len(), 107);
        assert_eq!(with_network(design, 10, layers).unwrap(), real, "{file}");
    }
}

fn answers_for_nothing(name: &str) -> Vec<Answer> {
    with_evidence(name, Vec::new(), |evidence| answers(evidence, &[]))
}

/// ImageAI 2.0.3 and 2.1.6 with `text_not_a_model.h5`; ImageAI 3.0.3 by its source.
#[test]
fn what_is_no_hdf5_is_told_as_a_wrong_path() {
    let answers = answers_for_nothing("text_not_a_model.h5");
    let told = |id: &str, method: &str| {
        let answer = answers.iter().find(|a| a.edition.id == id && a.call.ends_with(method)).unwrap();
        let Outcome::Fails(raised) = &answer.outcome else { panic!("{answer:?}") };
        (raised.message.clone(), answer.hidden.as_ref().map(|hidden| hidden.message.clone()))
    };
    let hidden = Some("Unable to open file (file signature not found)".to_string());
    assert_eq!(
        told("imageai203", "loadModel"),
        ("You have specified an incorrect path to the ResNet model file.".into(), hidden.clone())
    );
    let shown = "An error occured. Ensure your model file is a ResNet50 Model and is located in the path text_not_a_model.h5";
    assert_eq!(told("imageai216", "loadModel"), (shown.into(), hidden));
    assert!(
        told("imageai303", "setModelPath")
            .0
            .starts_with("You are trying to use a Tensorflow model with ImageAI.")
    );
}

#[test]
fn imageai_3_goes_by_the_name() {
    let outcome = |name: &str| answers_for_nothing(name).pop().unwrap().outcome;
    let invalid = Raised::new(
        "ValueError",
        "Invalid model file a.hdf5. Please parse in a '.pt' and '.pth' model file.",
    );
    assert_eq!(outcome("a.hdf5"), Outcome::Fails(invalid));
    assert!(matches!(outcome("a.pt"), Outcome::Unknown(_)));
}
