//! What the tests of the rules share: small files made in memory, and what a rule says of them.

use std::sync::Arc;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use serde_json::{Value, json};

use super::{CHECKS, Facts, Structure};
use crate::finding::{Finding, Rule};
use crate::graph::Graph;
use crate::hdf5;
use crate::keras::{self, ModelFile, WeightTable};
use crate::plan::bind::bind;
use crate::plan::shapes::infer;
use crate::sniff::{Kind, sniff};
use crate::source::{ByteSource, MemorySource};
use crate::tensor::{Accumulator, Stats};
use crate::zoo;

/// A Keras file to be: every part can be taken out or falsified before [`File::bytes`] writes it.
pub(crate) struct File {
    /// `model_config`, as JSON or as the text that stands in its place.
    pub(crate) config: Option<Value>,
    /// `training_config`.
    pub(crate) training: Option<String>,
    /// `keras_version` and other texts at the root.
    pub(crate) attributes: Vec<(&'static str, &'static str)>,
    /// The group of the weights: `model_weights`, the root itself (`""`), or none.
    pub(crate) group: Option<&'static str>,
    /// `layer_names`; by default the names of `layers`.
    pub(crate) layer_names: Option<Vec<String>>,
    /// The groups of the layers.
    pub(crate) layers: Vec<Stored>,
}

/// The group of a layer.
pub(crate) struct Stored {
    pub(crate) layer: String,
    /// `weight_names`; `None` leaves the attribute out.
    pub(crate) names: Option<Vec<String>>,
    pub(crate) weights: Vec<Weight>,
}

/// A dataset.
pub(crate) struct Weight {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) numbers: Vec<f32>,
}

impl File {
    /// A sound model of two Dense layers, 4 → 3 → 2.
    pub(crate) fn small() -> File {
        let dense = |name: &str, units: u64, input: &str| {
            json!({"class_name": "Dense", "name": name, "inbound_nodes": [[[input, 0, 0, {}]]],
                "config": {"name": name, "units": units, "activation": "relu"}})
        };
        let input = json!({"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
            "config": {"name": "in", "batch_input_shape": [null, 4]}});
        let config = functional(json!([input, dense("hidden", 3, "in"), dense("out", 2, "hidden")]), "out");
        let layers = vec![
            Stored::new("in", &[]),
            Stored::new("hidden", &[("kernel:0", &[4, 3]), ("bias:0", &[3])]),
            Stored::new("out", &[("kernel:0", &[3, 2]), ("bias:0", &[2])]),
        ];
        File {
            config: Some(config),
            training: None,
            attributes: vec![("keras_version", "2.15.0"), ("backend", "tensorflow")],
            group: Some("model_weights"),
            layer_names: Some(layers.iter().map(|stored| stored.layer.clone()).collect()),
            layers,
        }
    }

    /// The same with wider layers, 32 → 64 → 16, which are large enough for their numbers to be judged.
    pub(crate) fn wide() -> File {
        let mut file = File::small()
            .argument(1, "units", json!(64))
            .argument(2, "units", json!(16))
            .argument(0, "batch_input_shape", json!([null, 32]));
        file.layers[1] = Stored::new("hidden", &[("kernel:0", &[32, 64]), ("bias:0", &[64])]);
        file.layers[2] = Stored::new("out", &[("kernel:0", &[64, 16]), ("bias:0", &[16])]);
        file
    }

    /// [`File::wide`] as Keras builds it: kernels as `glorot_uniform` draws them, biases of zero.
    pub(crate) fn new_model() -> File {
        let glorot = || json!("glorot_uniform");
        let mut file = File::wide().argument(1, "kernel_initializer", glorot()).argument(
            2,
            "kernel_initializer",
            glorot(),
        );
        let mut state: u64 = 1;
        let mut unit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        for stored in &mut file.layers[1..] {
            let limit = (6.0 / stored.weights[0].shape.iter().sum::<u64>() as f64).sqrt();
            let kernel = &mut stored.weights[0].numbers;
            kernel.iter_mut().for_each(|x| *x = ((2.0 * unit() - 1.0) * limit) as f32);
            stored.weights[1].numbers.fill(0.0);
        }
        file
    }

    /// Weights alone of a BatchNormalization `bn` with so many channels and a convolution `conv`.
    pub(crate) fn normalized(channels: u64) -> File {
        let names = ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"];
        let shape = [channels];
        let weights: Vec<(&str, &[u64])> = names.iter().map(|name| (*name, &shape[..])).collect();
        let layers =
            vec![Stored::new("bn", &weights), Stored::new("conv", &[("kernel:0", &[3, 3, 4, channels])])];
        let layer_names = Some(vec!["bn".into(), "conv".into()]);
        File { config: None, group: Some(""), layers, layer_names, ..File::small() }
    }

    /// Replaces the arguments of a layer.
    pub(crate) fn argument(mut self, layer: usize, name: &str, value: Value) -> File {
        self.config.as_mut().expect("a config")["config"]["layers"][layer]["config"][name] = value;
        self
    }

    /// Replaces the class of a layer.
    pub(crate) fn class(mut self, layer: usize, class: &str) -> File {
        self.config.as_mut().expect("a config")["config"]["layers"][layer]["class_name"] = class.into();
        self
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = FileBuilder::new();
        for (name, value) in &self.attributes {
            file.set_attr(name, AttrValue::String((*value).into()));
        }
        if let Some(config) = &self.config {
            let text = config.as_str().map_or_else(|| config.to_string(), str::to_string);
            file.set_attr("model_config", AttrValue::VarLenAsciiString(text));
        }
        if let Some(text) = &self.training {
            file.set_attr("training_config", AttrValue::VarLenAsciiString(text.clone()));
        }
        let names = self.layer_names.as_ref().map(|names| list(names));
        match self.group {
            Some("") => {
                names.into_iter().for_each(|names| file.set_attr("layer_names", names));
                for stored in &self.layers {
                    let group = stored.write(file.create_group(&stored.layer));
                    file.add_group(group.finish());
                }
            }
            Some(name) => {
                let mut group = file.create_group(name);
                names.into_iter().for_each(|names| group.set_attr("layer_names", names));
                for stored in &self.layers {
                    let inner = stored.write(group.create_group(&stored.layer));
                    group.add_group(inner.finish());
                }
                file.add_group(group.finish());
            }
            None => {}
        }
        file.finish().expect("a file that can be written")
    }
}

impl Stored {
    /// A layer with these weights, of numbers that are all different and none of them zero.
    pub(crate) fn new(layer: &str, weights: &[(&str, &[u64])]) -> Stored {
        let numbers = |shape: &[u64]| (1..=shape.iter().product()).map(|n: u64| n as f32 / 8.0).collect();
        Stored {
            layer: layer.to_string(),
            names: Some(weights.iter().map(|(name, _)| (*name).to_string()).collect()),
            weights: weights
                .iter()
                .map(|(name, shape)| Weight {
                    name: (*name).into(),
                    shape: shape.to_vec(),
                    numbers: numbers(shape),
                })
                .collect(),
        }
    }

    fn write(&self, mut group: GroupBuilder) -> GroupBuilder {
        if let Some(names) = &self.names {
            group.set_attr("weight_names", list(names));
        }
        for weight in &self.weights {
            group.create_dataset(&weight.name).with_f32_data(&weight.numbers).with_shape(&weight.shape);
        }
        group
    }
}

/// A sound model with that `training_config`.
pub(crate) fn compiled(config: &str) -> Vec<u8> {
    File { training: Some(config.to_string()), ..File::small() }.bytes()
}

/// A list of names as Keras writes it: fixed-length strings, or no float64 numbers where it is empty.
fn list(names: &[String]) -> AttrValue {
    if names.is_empty() {
        AttrValue::F64Array(Vec::new())
    } else {
        AttrValue::AsciiStringArray(names.to_vec())
    }
}

/// `model_config` of a functional model with the input `in`.
pub(crate) fn functional(layers: Value, output: &str) -> Value {
    json!({"class_name": "Functional", "config": {"name": "small", "layers": layers,
        "input_layers": [["in", 0, 0]], "output_layers": [[output, 0, 0]]}})
}

/// `model_config` of CIFAR ResNet8 v1: `b0`, `b1` and `b2` are its blocks.
pub(crate) fn resnet() -> Value {
    let mut layers = Layers(vec![json!({"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
        "config": {"name": "in", "batch_input_shape": [null, 32, 32, 3]}})]);
    let mut x = layers.activated("stem", 1, "in", 16, 1);
    for stage in 0..3 {
        let (name, filters, stride) = (format!("b{stage}"), 16 << stage, if stage > 0 { 2 } else { 1 });
        let main = layers.activated(&name, 1, &x, filters, stride);
        let main = layers.normalized(&name, 2, &main, filters, 1);
        if stage > 0 {
            x = layers.conv(&format!("{name}_conv0"), &x, filters, 1, stride);
        }
        let sum = layers.add("Add", &format!("{name}_add"), json!({}), &[&x, &main]);
        x = layers.add("Activation", &format!("{name}_out"), json!({"activation": "relu"}), &[&sum]);
    }
    let pooled = layers.add("AveragePooling2D", "pool", json!({"pool_size": 8}), &[&x]);
    let flat = layers.add("Flatten", "flat", json!({}), &[&pooled]);
    layers.add("Dense", "top", json!({"units": 10, "activation": "softmax"}), &[&flat]);
    functional(layers.0.into(), "top")
}

/// Layers under construction; every method gives the name of the one it adds last.
struct Layers(Vec<Value>);

impl Layers {
    fn add(&mut self, class: &str, name: &str, config: Value, inputs: &[&str]) -> String {
        let inbound: Vec<Value> = inputs.iter().map(|input| json!([input, 0, 0, {}])).collect();
        self.0.push(json!({"class_name": class, "name": name, "config": config, "inbound_nodes": [inbound]}));
        name.to_string()
    }

    fn conv(&mut self, name: &str, input: &str, filters: usize, kernel: usize, stride: usize) -> String {
        let config = json!({"filters": filters, "kernel_size": [kernel, kernel], "strides": [stride, stride], "padding": "same"});
        self.add("Conv2D", name, config, &[input])
    }

    fn normalized(
        &mut self,
        block: &str,
        number: usize,
        input: &str,
        filters: usize,
        stride: usize,
    ) -> String {
        let conv = self.conv(&format!("{block}_conv{number}"), input, filters, 3, stride);
        self.add("BatchNormalization", &format!("{block}_bn{number}"), json!({"epsilon": 1e-3}), &[&conv])
    }

    fn activated(
        &mut self,
        block: &str,
        number: usize,
        input: &str,
        filters: usize,
        stride: usize,
    ) -> String {
        let normalized = self.normalized(block, number, input, filters, stride);
        self.add(
            "Activation",
            &format!("{block}_relu{number}"),
            json!({"activation": "relu"}),
            &[&normalized],
        )
    }
}

/// A shape, and the number that fills it.
type Filled<'a> = (&'a [u64], f32);

/// A `.weights.h5` of Keras 3: the variables of each layer.
pub(crate) fn keras3_weights(layers: &[(&str, &[Filled<'_>])]) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let mut all = file.create_group("layers");
    for (name, variables) in layers {
        let mut layer = all.create_group(name);
        let mut vars = layer.create_group("vars");
        for (index, (shape, number)) in variables.iter().enumerate() {
            let numbers = vec![*number; shape.iter().product::<u64>() as usize];
            vars.create_dataset(&index.to_string()).with_f32_data(&numbers).with_shape(shape);
        }
        layer.add_group(vars.finish());
        all.add_group(layer.finish());
    }
    file.add_group(all.finish());
    file.finish().unwrap()
}

/// The facts of a file after every stage, as the session gathers them.
pub(crate) fn with_facts<R>(bytes: &[u8], look: impl FnOnce(&Facts<'_>) -> R) -> R {
    let source: Arc<dyn ByteSource> = Arc::new(MemorySource(bytes.into()));
    let kind = sniff(&*source);
    let file = matches!(kind, Ok(Kind::Hdf5 { .. })).then(|| hdf5::File::open(source.clone()));
    let extent = file.as_ref().and_then(|file| file.as_ref().ok()).map(hdf5::File::extent);
    let model = match &file {
        Some(file) => Some(file.as_ref().map_err(Clone::clone).and_then(ModelFile::read)),
        None => kind.as_ref().ok().and_then(|kind| keras::in_archive(&source, kind)),
    };
    let container = file.and_then(Result::ok).map(hdf5::File::into_container);
    let read = model.as_ref().and_then(|model| model.as_ref().ok());
    let network = read.and_then(ModelFile::network);
    let recognition = network.map(zoo::recognise).or_else(|| read.and_then(zoo::recognise_weights));
    let structure = read.zip(network).map(|(model, network)| {
        let graph = Graph::flatten(network);
        let shapes = infer(&graph, [224; 2]);
        let binding = bind(network, &graph, &shapes, &model.weights);
        Structure { graph, shapes, binding }
    });
    let stats = read.map(|model| statistics(&model.weights));
    look(&Facts {
        extent,
        container: container.as_ref(),
        model: model.as_ref(),
        structure: structure.as_ref(),
        recognition: recognition.as_ref(),
        stats: stats.as_deref(),
        ..Facts::new("model.h5", source.len(), &kind)
    })
}

fn statistics(table: &WeightTable) -> Vec<Result<Stats, hdf5::Error>> {
    let measure = |tensor: &crate::keras::StoredTensor| {
        let mut accumulator = Accumulator::new(tensor.channels());
        tensor.dataset.for_each_block(|block| accumulator.add(block)).map(|()| accumulator.finish())
    };
    table.tensors.iter().map(measure).collect()
}

/// What one rule finds in a file.
pub(crate) fn findings(rule: &'static Rule, bytes: &[u8]) -> Vec<Finding> {
    let check = CHECKS.iter().find(|check| std::ptr::eq(check.rule, rule)).expect("a rule that is checked");
    with_facts(bytes, |facts| (check.run)(facts))
}

/// Asserts what one rule finds in a file, as `place: message`.
#[track_caller]
pub(crate) fn check(rule: &'static Rule, bytes: &[u8], expected: &[&str]) {
    let found = findings(rule, bytes);
    let found: Vec<String> = found.iter().map(|f| format!("{}: {}", f.place, f.message)).collect();
    assert_eq!(found, expected);
}

/// Asserts that the rule is silent on a sound model.
#[track_caller]
pub(crate) fn silent_when_sound(rule: &'static Rule) {
    check(rule, &File::small().bytes(), &[]);
}
