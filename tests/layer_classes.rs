//! Every layer class that Keras ever shipped is known: `unknown-layer` is said of custom classes alone.
//!
//! `tests/fixtures/layer_classes.json` names the versions; `tools/list_layer_classes.py` made it from their packages.

#![allow(clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use std::sync::Arc;

use hdf5_pure::{AttrValue, FileBuilder};
use resnet_verifier::session;
use resnet_verifier::source::MemorySource;
use serde_json::{Value, json};

/// Names of the findings on a model of one layer of that class.
fn findings(class: &str) -> Vec<&'static str> {
    let config = json!({"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [null, 8, 8, 3]}},
        {"class_name": class, "config": {"name": "x"}},
    ]}});
    let mut file = FileBuilder::new();
    file.set_attr("model_config", AttrValue::VarLenAsciiString(config.to_string()));
    let source = Arc::new(MemorySource(file.finish().unwrap()));
    session::check("model.h5", source, &mut |_| {}).findings.iter().map(|finding| finding.name).collect()
}

#[test]
fn every_class_of_keras_is_known() {
    let text = include_str!("fixtures/layer_classes.json");
    let listed: Value = serde_json::from_str(text).unwrap();
    let classes = listed["classes"].as_object().unwrap();
    assert!(classes.len() > 200, "only {} classes", classes.len());
    let unknown: Vec<&String> =
        classes.keys().filter(|class| findings(class).contains(&"unknown-layer")).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn classes_of_others_are_unknown() {
    for class in ["ScaleShift", "GroupNorm", "LayerScale", "conv2d", ""] {
        assert!(findings(class).contains(&"unknown-layer"), "{class}");
    }
}
