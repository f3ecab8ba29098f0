//! Recognition of every file of the corpus that has an architecture, of networks of full size, and of files of the corpus
//! with one thing changed. The corpus lies beside the checkout; where it does not, these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that meets what it does not expect must stop.

mod corpus;

use std::path::Path;

use corpus::{corpus, model};
use resnet_verifier::finding::Place;
use resnet_verifier::keras::network::{Network, TensorRef};
use resnet_verifier::zoo::families::{Variant, Version};
use resnet_verifier::zoo::recognise::ResNet;
use resnet_verifier::zoo::{Recognition, recognise};
use serde_json::{Value, json};

fn network(path: &Path) -> Option<Network> {
    model(path)?.network().cloned()
}

/// What a file must be recognised as.
#[derive(Debug, PartialEq)]
enum Expected {
    ResNet {
        family: String,
        depth: usize,
        version: Version,
        variant: Variant,
        classes: Option<usize>,
        width: usize,
    },
    Other(&'static str),
}

fn resnet(
    family: &str,
    depth: usize,
    version: Version,
    variant: Variant,
    classes: usize,
    width: usize,
) -> Expected {
    Expected::ResNet { family: family.into(), depth, version, variant, classes: Some(classes), width }
}

/// By the arguments the network was built with, or else by what the index says in words.
fn expected(record: &Value) -> Expected {
    let spec = &record["spec"];
    let number = |key: &str, default: usize| spec[key].as_u64().map_or(default, |n| n as usize);
    let (classes, width) = (number("classes", 1000), number("width", 4));
    let cifar8 = |classes| resnet("ResNet8", 8, Version::V1, Variant::Cifar, classes, 4);
    let transfer = |classes| resnet("ResNet-14", 14, Version::V1, Variant::Modern, classes, 4);
    match spec["fn"].as_str() {
        Some("cifar_v1") => {
            let depth = 6 * number("n", 0) + 2;
            resnet(&format!("ResNet{depth}"), depth, Version::V1, Variant::Cifar, classes, width)
        }
        Some("cifar_v2") => {
            let depth = 9 * number("n", 0) + 2;
            resnet(&format!("ResNet{depth}"), depth, Version::V2, Variant::Cifar, classes, width)
        }
        Some("ka") => applications(spec, classes),
        Some("ka_old") => resnet("ResNet50", 50, Version::V1, Variant::Classic, classes, 2),
        Some("imageai") => resnet("ResNet50", 50, Version::V1, Variant::ImageAi, classes, 2),
        Some("transfer") => transfer(classes),
        Some("mobilenet") => Expected::Other("MobileNet"),
        Some("densenet_small") => Expected::Other("DenseNet"),
        Some("yolo_small") => Expected::Other("YOLOv3 detector (Darknet)"),
        _ => match (record["arch"].as_str().unwrap_or(""), record["file"].as_str().unwrap_or("")) {
            (_, "files/notop_weights_top_config_s.h5" | "files/v2_weights_v1_config_s.h5") => {
                resnet("ResNet50", 50, Version::V1, Variant::Modern, 10, 2)
            }
            (_, "files/r50_weights_r101_config_s.h5") => {
                resnet("ResNet101", 101, Version::V1, Variant::Modern, 10, 2)
            }
            ("augmentation + nested ResNet", _) => transfer(4),
            ("nested Functional ResNet", _) => transfer(3),
            ("nested Sequential ResNet", _) => transfer(5),
            (arch, _) if arch.starts_with("CIFAR ResNet") => cifar8(10),
            ("shared layers" | "ResNet (narrow), long names", _) => {
                Expected::Other("residual network of its own")
            }
            (arch, file) => panic!("{file}: {arch:?} is not expected"),
        },
    }
}

fn applications(spec: &Value, classes: usize) -> Expected {
    let v2 = spec["variant"] == json!("v2");
    let blocks: usize =
        spec["blocks"].as_array().unwrap().iter().filter_map(Value::as_u64).sum::<u64>() as usize;
    let depth = 3 * blocks + 2;
    let family = match (depth, v2) {
        (26, _) => "ResNet-26".to_string(),
        (_, true) => format!("ResNet{depth}V2"),
        (_, false) => format!("ResNet{depth}"),
    };
    let classes = (spec["include_top"] != json!(false)).then_some(classes);
    let version = if v2 { Version::V2 } else { Version::V1 };
    Expected::ResNet { family, depth, version, variant: Variant::Modern, classes, width: 2 }
}

fn found(recognition: Recognition) -> Result<ResNet, String> {
    match recognition {
        Recognition::ResNet(resnet) => Ok(*resnet),
        Recognition::Other(other) => Err(other.name),
        Recognition::Unknown(unknown) => Err(unknown.facts.join("; ")),
    }
}

#[test]
fn every_file_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let index: Value = serde_json::from_slice(&std::fs::read(corpus.join("index.json")).unwrap()).unwrap();
    let mut recognised = 0;
    for record in index.as_array().unwrap() {
        let name = record["file"].as_str().unwrap();
        let Some(network) = network(&corpus.join(name)) else { continue };
        recognised += 1;
        match (found(recognise(&network)), expected(record)) {
            (Ok(it), expected) => {
                let (classes, width) = (it.classes, it.base_width);
                let (family, depth, version, variant) = (it.family.clone(), it.depth, it.version, it.variant);
                assert_eq!(
                    Expected::ResNet { family, depth, version, variant, classes, width },
                    expected,
                    "{name}"
                );
                assert_eq!(it.top, it.classes.is_some(), "{name}");
                check_departure(name, &it);
            }
            (Err(other), expected) => {
                assert_eq!(Expected::Other(&other.clone().leak()[..]), expected, "{name}")
            }
        }
    }
    println!("{recognised} files with an architecture");
    assert!(recognised >= 120, "{recognised}");
}

/// The good files are exact, but for networks with fewer blocks than any that has a name.
fn check_departure(name: &str, it: &ResNet) {
    let departure = it.departure.as_ref();
    if name.contains("wrong_filters") {
        assert_eq!(departure.map(|d| (d.attribute, d.found.as_str())), Some(("filters", "9")), "{name}");
    } else if it.is_unusual() {
        assert_eq!(departure.map(|d| (d.attribute, it.departures)), Some(("number of blocks", 1)), "{name}");
    } else {
        assert_eq!(departure, None, "{name}");
    }
}

#[test]
fn networks_of_full_size() {
    let Some(folder) = std::env::var_os("RESNET_VERIFIER_FULLSIZE") else {
        println!(
            "skipped: RESNET_VERIFIER_FULLSIZE does not name a folder of files made by make_fullsize.py"
        );
        return;
    };
    use Variant::{Classic, ImageAi, Modern};
    use Version::{V1, V2};
    for (file, family, version, variant, classes, weighted) in [
        ("imageai216_custom10__tf24", "ResNet50", V1, Modern, Some(10), 107),
        ("imageai50_10__tf115", "ResNet50", V1, ImageAi, Some(10), 107),
        ("resnet152__tf215", "ResNet152", V1, Modern, Some(1000), 311),
        ("resnet50_10__tf215", "ResNet50", V1, Modern, Some(10), 107),
        ("resnet50__k122_tf", "ResNet50", V1, Classic, Some(1000), 107),
        ("resnet50__k224", "ResNet50", V1, Classic, Some(1000), 107),
        ("resnet50__k315", "ResNet50", V1, Modern, Some(1000), 107),
        ("resnet50__tf115", "ResNet50", V1, Modern, Some(1000), 107),
        ("resnet50__tf215", "ResNet50", V1, Modern, Some(1000), 107),
        ("resnet50_notop__tf215", "ResNet50", V1, Modern, None, 106),
        ("resnet50v2__tf215", "ResNet50V2", V2, Modern, Some(1000), 103),
    ] {
        let network = network(&Path::new(&folder).join(format!("{file}.h5"))).unwrap();
        let recognition = recognise(&network);
        println!("{file}: {}", recognition.summary());
        let it = found(recognition).unwrap();
        assert_eq!((it.family.as_str(), it.version, it.variant), (family, version, variant), "{file}");
        assert_eq!((it.classes, it.weighted_layers, it.base_width), (classes, weighted, 64), "{file}");
        assert_eq!(it.departure, None, "{file}");
    }
}

/// One good file of every reference.
const ORIGINALS: &[&str] = &[
    "ka50n_full__tf215",
    "ka50n_full__k315",
    "kaold50n_full__k122_tf",
    "kaold50n_full__k224",
    "imageai50n_full__tf115",
    "ka50v2n_full__tf215",
    "cifar8v1_full__tf215",
    "cifar11v2_full__tf215",
];

fn originals() -> Vec<(&'static str, Network)> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let read = |name: &&'static str| (*name, network(&corpus.join(format!("files/{name}.h5"))).unwrap());
    ORIGINALS.iter().map(read).collect()
}

/// Recognises `changed` and asserts that its departure is at `layer`.
fn assert_departs_at(name: &str, original: &ResNet, changed: &Network, layer: &str, attribute: &str) {
    let recognition = recognise(changed);
    let Ok(it) = found(recognition.clone()) else {
        panic!("{name}, {attribute} of {layer}: {}", recognition.summary())
    };
    let departure = it.departure.unwrap_or_else(|| panic!("{name}, {attribute} of {layer}: no departure"));
    assert_eq!(departure.place, Place::Layer(layer.into()), "{name}, {attribute}: {departure}");
    assert_eq!(departure.attribute, attribute, "{name}: {departure}");
    assert_eq!(
        (&it.family, it.variant),
        (&original.family, original.variant),
        "{name}, {attribute} of {layer}: {departure}"
    );
}

#[test]
fn one_changed_argument_is_named_with_its_layer() {
    let mut changes = 0;
    for (name, mut network) in originals() {
        let original = found(recognise(&network)).unwrap();
        for at in 0..network.layers.len() {
            let class = network.layers[at].class.clone();
            let edits: &[(&str, Value, &str)] = &match class.as_str() {
                "Conv2D" => vec![
                    (
                        "filters",
                        json!(network.layers[at].config.arguments["filters"].as_u64().unwrap() + 1),
                        "filters",
                    ),
                    ("kernel_size", json!([5, 5]), "kernel size"),
                    ("strides", json!([3, 3]), "strides"),
                    ("dilation_rate", json!([2, 2]), "dilation"),
                    ("use_bias", json!(!network.layers[at].config.flag("use_bias", true)), "bias"),
                ],
                "BatchNormalization" => vec![("epsilon", json!(0.25), "epsilon")],
                "MaxPooling2D" => {
                    vec![("pool_size", json!([4, 4]), "pool size"), ("strides", json!([3, 3]), "strides")]
                }
                "Activation" if network.layers[at].config.text("activation") == Some("relu") => {
                    vec![("activation", json!("tanh"), "activation")]
                }
                _ => continue,
            };
            for (argument, value, attribute) in edits {
                let kept = network.layers[at].config.arguments.insert((*argument).into(), value.clone());
                let layer = network.layers[at].name.clone();
                assert_departs_at(name, &original, &network, &layer, attribute);
                changes += 1;
                match kept {
                    Some(kept) => network.layers[at].config.arguments.insert((*argument).into(), kept),
                    None => network.layers[at].config.arguments.remove(*argument),
                };
            }
        }
    }
    println!("{changes} changes, each found");
}

/// Lets everything that uses `layer` use `instead`.
fn bypass(network: &Network, layer: usize, instead: TensorRef) -> Network {
    let mut changed = network.clone();
    let inputs = changed.layers.iter_mut().flat_map(|l| &mut l.calls).flat_map(|c| &mut c.inputs);
    for used in inputs.chain(&mut changed.outputs).filter(|used| used.layer == layer) {
        *used = instead;
    }
    changed
}

#[test]
fn a_removed_add_is_named() {
    let mut removed = 0;
    for (name, network) in originals() {
        let original = found(recognise(&network)).unwrap();
        for at in (0..network.layers.len()).filter(|at| network.layers[*at].class == "Add") {
            let inputs = network.layers[at].calls[0].inputs.clone();
            // The main branch is the input that needs more convolutions; removing the Add keeps one or the other.
            let main = *inputs.iter().max_by_key(|input| convs_before(&network, **input)).unwrap();
            let changed = bypass(&network, at, main);
            assert_departs_at(
                name,
                &original,
                &changed,
                &network.layers[main.layer].name,
                "residual connection",
            );
            for input in inputs.iter().filter(|input| **input != main) {
                let it = found(recognise(&bypass(&network, at, *input)));
                assert!(it.is_err() || it.is_ok_and(|it| it.departure.is_some()), "{name}");
            }
            removed += 1;
        }
    }
    println!("{removed} Adds removed, each found");
}

/// Convolutions on the single chain that leads to `at`.
fn convs_before(network: &Network, at: TensorRef) -> usize {
    let next = |at: &TensorRef| match network.layers[at.layer].calls[0].inputs.as_slice() {
        &[input] => Some(input),
        _ => None,
    };
    std::iter::successors(Some(at), next)
        .take(12)
        .filter(|at| network.layers[at.layer].class == "Conv2D")
        .count()
}
