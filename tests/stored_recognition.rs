//! Recognition by weights alone: of every file of the corpus, and of networks of full size, as if they had no
//! architecture. The corpus lies beside the checkout; where it does not, these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that meets what it does not expect must stop.

mod corpus;

use std::path::Path;

use corpus::{corpus, model};
use resnet_verifier::finding::Place;
use resnet_verifier::zoo::recognise::ResNet;
use resnet_verifier::zoo::stored::layers::{Listed, listed};
use resnet_verifier::zoo::stored::recognise_listed;
use resnet_verifier::zoo::{Recognition, recognise};
use serde_json::Value;

/// What weights must tell as the architecture does.
fn told(it: &ResNet) -> (String, usize, &'static str, Option<usize>, usize, Vec<usize>) {
    let blocks = it.stages.iter().map(|stage| stage.blocks).collect();
    (it.family.clone(), it.depth, it.version.word(), it.classes, it.base_width, blocks)
}

/// Files whose weights are not those of their architecture.
const AT_ODDS: &[&str] = &["_config_s.h5", "wrong_filters", "layer_group_missing", "kernel_transposed"];

#[test]
fn weights_tell_what_the_architecture_tells() {
    let Some(corpus) = corpus() else { return };
    let index: Value = serde_json::from_slice(&std::fs::read(corpus.join("index.json")).unwrap()).unwrap();
    let (mut alike, mut apart) = (0, Vec::new());
    for record in index.as_array().unwrap() {
        let name = record["file"].as_str().unwrap();
        let Some(model) = model(&corpus.join(name)) else { continue };
        let Some(network) = model.network() else { continue };
        let complete = model.weights.problems.is_empty() && !AT_ODDS.iter().any(|word| name.contains(word));
        let Some(stored) = recognise_listed(&listed(&model)).filter(|_| complete) else { continue };
        match (recognise(network), stored) {
            (Recognition::ResNet(a), Recognition::ResNet(b)) if told(&a) == told(&b) => alike += 1,
            (Recognition::Other(_), Recognition::Other(_) | Recognition::Unknown(_)) => alike += 1,
            (a, b) => apart.push(format!("{name}\n    {}\n    {}", a.summary(), b.summary())),
        }
    }
    println!("{alike} files recognised alike");
    assert!(apart.is_empty(), "{}", apart.join("\n"));
    assert!(alike > 100, "{alike}");
}

/// The weights of a network of full size, from the list that `make_fullsize.py` makes files of.
fn specification(path: &Path) -> Vec<Listed> {
    let spec: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let layers = spec["layers"].as_array().unwrap().iter();
    layers.map(listed_layer).filter(|layer| !layer.weights.is_empty()).collect()
}

fn listed_layer(layer: &Value) -> Listed {
    let weight = |weight: &Value| {
        let shape = weight[1].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
        (weight[0].as_str().unwrap().to_string(), shape)
    };
    Listed {
        layer: layer[0].as_str().unwrap().to_string(),
        weights: layer[1].as_array().unwrap().iter().map(weight).collect(),
    }
}

fn resnet(layers: &[Listed]) -> Result<ResNet, String> {
    match recognise_listed(layers) {
        Some(Recognition::ResNet(it)) => Ok(*it),
        other => Err(other.map_or("nothing".into(), |other| other.summary())),
    }
}

const FULL: &[(&str, &str, &str, Option<usize>, usize)] = &[
    ("imageai216_custom10__tf24", "ResNet50", "modern", Some(10), 107),
    ("imageai50_10__tf115", "ResNet50", "open", Some(10), 107),
    ("resnet152__tf215", "ResNet152", "modern", Some(1000), 311),
    ("resnet50_10__tf215", "ResNet50", "modern", Some(10), 107),
    ("resnet50__k122_tf", "ResNet50", "classic", Some(1000), 107),
    ("resnet50__k224", "ResNet50", "classic", Some(1000), 107),
    ("resnet50__k315", "ResNet50", "modern", Some(1000), 107),
    ("resnet50__tf115", "ResNet50", "modern", Some(1000), 107),
    ("resnet50__tf215", "ResNet50", "modern", Some(1000), 107),
    ("resnet50_notop__tf215", "ResNet50", "modern", None, 106),
    ("resnet50v2__tf215", "ResNet50V2", "modern", Some(1000), 103),
];

#[test]
fn networks_of_full_size_are_told_by_their_weights() {
    let Some(corpus) = corpus() else { return };
    for (file, family, variant, classes, weighted) in FULL {
        let layers = specification(&corpus.join(format!("fullsize/specs/{file}.json")));
        let it = resnet(&layers).unwrap_or_else(|other| panic!("{file}: {other}"));
        assert_eq!((it.family.as_str(), it.variant.word()), (*family, *variant), "{file}");
        assert_eq!((it.classes, it.weighted_layers, it.base_width), (*classes, *weighted, 64), "{file}");
        assert_eq!(it.departure, None, "{file}");
    }
}

#[test]
fn names_do_not_matter() {
    let Some(corpus) = corpus() else { return };
    for (file, family, ..) in FULL {
        let mut layers = specification(&corpus.join(format!("fullsize/specs/{file}.json")));
        for (number, layer) in layers.iter_mut().enumerate() {
            layer.layer = format!("x{number}");
            layer.weights.iter_mut().enumerate().for_each(|(at, (name, _))| *name = format!("param_{at}"));
        }
        let it = resnet(&layers).unwrap_or_else(|other| panic!("{file}: {other}"));
        assert_eq!((it.family.as_str(), it.departure), (*family, None), "{file}");
    }
}

#[test]
fn one_wrong_shape_is_named_with_its_layer() {
    let Some(corpus) = corpus() else { return };
    let mut changes = 0;
    for (file, family, ..) in FULL {
        let layers = specification(&corpus.join(format!("fullsize/specs/{file}.json")));
        let kernels = (0..layers.len()).filter(|at| layers[*at].weights[0].1.len() == 4);
        // One axis of every kernel, by turns.
        for (at, axis) in kernels.map(|at| (at, at / 2 % 4)) {
            // The number of input channels is the model's own.
            if at == 0 && axis == 2 {
                continue;
            }
            let mut changed = layers.clone();
            changed[at].weights[0].1[axis] += 2;
            let it = resnet(&changed).unwrap_or_else(|other| panic!("{file}, {}: {other}", layers[at].layer));
            let departure =
                it.departure.unwrap_or_else(|| panic!("{file}: {}, axis {axis}", layers[at].layer));
            assert_eq!(departure.place, Place::Layer(layers[at].layer.clone()), "{file}: {departure}");
            assert_eq!(it.family, *family, "{file}: {departure}");
            changes += 1;
        }
    }
    println!("{changes} changes, each found");
}
