//! Networks made up layer by layer, and what they are recognised as.

use serde_json::{Value, json};

use super::families::{Variant, Version};
use super::recognise::{Recognition, ResNet, recognise};
use super::skeleton::BlockKind;
use crate::finding::Place;
use crate::keras::network::{Call, Layer, Network, TensorRef};
use crate::limits;

/// A network under construction; every method adds a layer and returns its number.
#[derive(Default)]
struct Net {
    layers: Vec<Layer>,
}

type T = usize;

impl Net {
    fn layer(&mut self, class: &str, config: Value, inputs: &[T]) -> T {
        let name = format!("{}_{}", class.to_lowercase(), self.layers.len());
        let Value::Object(config) = config else { panic!("a config is an object") };
        let inputs = inputs.iter().map(|&layer| tensor(layer)).collect();
        let calls = vec![Call { inputs }];
        let (class, written_class) = (class.to_string(), class.to_string());
        self.layers.push(Layer {
            name,
            class,
            written_class,
            is_operation: false,
            config: config.into(),
            inner: None,
            calls,
        });
        self.layers.len() - 1
    }

    fn input(&mut self) -> T {
        self.layer("InputLayer", json!({"batch_input_shape": [null, 224, 224, 3]}), &[])
    }

    fn conv(&mut self, x: T, filters: usize, kernel: usize, strides: usize) -> T {
        let config = json!({"filters": filters, "kernel_size": [kernel, kernel], "strides": [strides, strides],
            "padding": "same", "use_bias": false});
        self.layer("Conv2D", config, &[x])
    }

    fn bn(&mut self, x: T) -> T {
        self.layer("BatchNormalization", json!({"epsilon": 1e-5}), &[x])
    }

    fn act(&mut self, x: T, function: &str) -> T {
        self.layer("Activation", json!({"activation": function}), &[x])
    }

    /// Convolution and normalisation.
    fn cb(&mut self, x: T, filters: usize, kernel: usize, strides: usize) -> T {
        let x = self.conv(x, filters, kernel, strides);
        self.bn(x)
    }

    /// Convolution, normalisation, rectifier.
    fn cbr(&mut self, x: T, filters: usize, kernel: usize, strides: usize) -> T {
        let x = self.cb(x, filters, kernel, strides);
        self.act(x, "relu")
    }

    fn max_pool(&mut self, x: T, size: usize) -> T {
        self.layer(
            "MaxPooling2D",
            json!({"pool_size": [size, size], "strides": [2, 2], "padding": "same"}),
            &[x],
        )
    }

    fn join(&mut self, class: &str, inputs: &[T]) -> T {
        self.layer(class, json!({}), inputs)
    }

    fn gap(&mut self, x: T) -> T {
        self.layer("GlobalAveragePooling2D", json!({}), &[x])
    }

    fn dense(&mut self, x: T, units: usize) -> T {
        self.layer("Dense", json!({"units": units, "activation": "softmax"}), &[x])
    }

    fn top(&mut self, x: T) -> T {
        let x = self.gap(x);
        self.dense(x, 1000)
    }

    fn end(self, outputs: &[T]) -> Network {
        let inputs = vec![tensor(0)];
        let outputs = outputs.iter().map(|&layer| tensor(layer)).collect();
        Network { name: "net".into(), class: "Functional".into(), layers: self.layers, inputs, outputs }
    }

    /// The stem of the paper: 7×7 with stride 2 and a pooling.
    fn stem(&mut self) -> T {
        let x = self.input();
        let x = self.cbr(x, 64, 7, 2);
        self.max_pool(x, 3)
    }

    /// The four stages of the paper; `gate` and `groups` make other networks of it.
    fn body(&mut self, mut x: T, form: &Form) -> Vec<T> {
        let mut ends = Vec::new();
        for (stage, &count) in form.blocks.iter().enumerate() {
            for block in 0..count {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                x = self.block(x, 64 << stage, stride, block == 0, stage, form);
            }
            ends.push(x);
        }
        ends
    }

    fn block(&mut self, x: T, width: usize, stride: usize, first: bool, stage: usize, form: &Form) -> T {
        let basic = form.kind == BlockKind::Basic;
        let end = if basic { width } else { 4 * width };
        let mut y = x;
        if !basic {
            y = self.cbr(y, width, 1, stride);
        }
        y = self.cbr(y, width, 3, if basic { stride } else { 1 });
        if form.groups > 1 {
            let conv = self.layers.len() - 3;
            self.layers[conv].config.arguments.insert("groups".into(), json!(form.groups));
        }
        y = self.cb(y, end, if basic { 3 } else { 1 }, 1);
        if form.gate {
            let g = self.gap(y);
            let g = self.layer("Dense", json!({"units": end, "activation": "sigmoid"}), &[g]);
            y = self.join("Multiply", &[y, g]);
        }
        let shortcut = if first && (stage > 0 || !basic) { self.cb(x, end, 1, stride) } else { x };
        let sum = self.join("Add", &[y, shortcut]);
        self.act(sum, "relu")
    }
}

struct Form {
    kind: BlockKind,
    blocks: Vec<usize>,
    gate: bool,
    groups: usize,
}

fn form(kind: BlockKind, blocks: &[usize]) -> Form {
    Form { kind, blocks: blocks.to_vec(), gate: false, groups: 1 }
}

fn tensor(layer: usize) -> TensorRef {
    TensorRef { layer, call: 0, tensor: 0 }
}

fn paper_resnet(form: &Form) -> Network {
    let mut net = Net::default();
    let x = net.stem();
    let ends = net.body(x, form);
    let x = net.top(ends[ends.len() - 1]);
    net.end(&[x])
}

fn resnet(network: &Network) -> ResNet {
    match recognise(network) {
        Recognition::ResNet(resnet) => *resnet,
        other => panic!("{}", other.summary()),
    }
}

fn other_name(network: &Network) -> String {
    match recognise(network) {
        Recognition::Other(other) => other.name,
        other => panic!("{}", other.summary()),
    }
}

#[test]
fn the_resnets_of_the_paper() {
    for (kind, blocks, family, weighted) in [
        (BlockKind::Basic, [2, 2, 2, 2], "ResNet18", 41),
        (BlockKind::Basic, [3, 4, 6, 3], "ResNet34", 73),
        (BlockKind::Bottleneck, [3, 4, 6, 3], "ResNet50", 107),
        (BlockKind::Bottleneck, [3, 4, 23, 3], "ResNet101", 209),
        (BlockKind::Bottleneck, [3, 8, 36, 3], "ResNet152", 311),
    ] {
        let found = resnet(&paper_resnet(&form(kind, &blocks)));
        assert_eq!(found.family, family);
        assert_eq!(found.weighted_layers, weighted);
        assert_eq!((found.version, found.variant, found.block), (Version::V1, Variant::Paper, kind));
        assert_eq!((found.top, found.classes, found.departure), (true, Some(1000), None));
    }
}

#[test]
fn the_summary_is_one_sentence() {
    let network = paper_resnet(&form(BlockKind::Basic, &[2, 2, 2, 2]));
    assert_eq!(
        recognise(&network).summary(),
        "ResNet18 v1 (as in the paper), 1000 classes, 224×224×3, with top."
    );
    let network = paper_resnet(&form(BlockKind::Basic, &[2, 2, 4, 4]));
    let summary = recognise(&network).summary();
    assert_eq!(
        summary,
        "ResNet-26 v1 (as in the paper), 1000 classes, 224×224×3, with top; unusual block counts 2-2-4-4, nearest ResNet18."
    );
}

#[test]
fn another_number_of_blocks_is_named_where_it_departs() {
    let found = resnet(&paper_resnet(&form(BlockKind::Bottleneck, &[3, 4, 5, 3])));
    assert_eq!((found.family.as_str(), found.nearest.as_str(), found.depth), ("ResNet-47", "ResNet50", 47));
    let departure = found.departure.unwrap();
    assert_eq!(
        (
            departure.within.as_str(),
            departure.attribute,
            departure.expected.as_str(),
            departure.found.as_str()
        ),
        ("stage conv4", "number of blocks", "6", "5")
    );
}

/// As `classification_models` builds it: normalised input, normalisation first, explicit padding, epsilon 2e-5, no bias.
fn classification_models_resnet(blocks: &[usize]) -> Network {
    let mut net = Net::default();
    let bn = |net: &mut Net, x| net.layer("BatchNormalization", json!({"epsilon": 2e-5}), &[x]);
    let pad = |net: &mut Net, x, n: usize| net.layer("ZeroPadding2D", json!({"padding": [n, n]}), &[x]);
    let conv = |net: &mut Net, x, filters: usize, kernel: usize, strides: usize| {
        let config = json!({"filters": filters, "kernel_size": [kernel, kernel], "strides": [strides, strides], "use_bias": false});
        net.layer("Conv2D", config, &[x])
    };
    let x = net.input();
    let x = bn(&mut net, x);
    let x = pad(&mut net, x, 3);
    let x = conv(&mut net, x, 64, 7, 2);
    let x = bn(&mut net, x);
    let x = net.act(x, "relu");
    let x = pad(&mut net, x, 1);
    let mut x = net.layer("MaxPooling2D", json!({"pool_size": [3, 3], "strides": [2, 2]}), &[x]);
    for (stage, &count) in blocks.iter().enumerate() {
        for block in 0..count {
            let (width, stride) = (64 << stage, if stage > 0 && block == 0 { 2 } else { 1 });
            let y = bn(&mut net, x);
            let y = net.act(y, "relu");
            let shortcut = if block == 0 { conv(&mut net, y, width, 1, stride) } else { x };
            let y = pad(&mut net, y, 1);
            let y = conv(&mut net, y, width, 3, stride);
            let y = bn(&mut net, y);
            let y = net.act(y, "relu");
            let y = pad(&mut net, y, 1);
            let y = conv(&mut net, y, width, 3, 1);
            x = net.join("Add", &[y, shortcut]);
        }
    }
    let x = bn(&mut net, x);
    let x = net.act(x, "relu");
    let x = net.top(x);
    net.end(&[x])
}

#[test]
fn the_resnets_of_classification_models() {
    for (blocks, family) in [([2, 2, 2, 2], "ResNet18"), ([3, 4, 6, 3], "ResNet34")] {
        let found = resnet(&classification_models_resnet(&blocks));
        assert_eq!(found.family, family);
        assert_eq!((found.version, found.variant), (Version::V2, Variant::ClassificationModels));
        assert_eq!(found.departure, None);
    }
}

#[test]
fn a_small_stem_and_the_stride_in_the_middle() {
    let mut net = Net::default();
    let x = net.input();
    let x = net.cbr(x, 64, 3, 1);
    let ends = net.body(x, &form(BlockKind::Basic, &[2, 2, 2, 2]));
    let top = net.top(ends[3]);
    let found = resnet(&net.end(&[top]));
    assert_eq!((found.family.as_str(), found.variant, found.departure), ("ResNet18", Variant::Paper, None));

    let mut network = paper_resnet(&form(BlockKind::Bottleneck, &[3, 4, 6, 3]));
    // The strided 1×1 convolutions of the main branch come before the 3×3 ones, the shortcuts' behind them.
    let convs: Vec<usize> =
        (0..network.layers.len()).filter(|at| network.layers[*at].class == "Conv2D").collect();
    for pair in convs.windows(2) {
        let is_middle = network.layers[pair[1]].config.arguments["kernel_size"] == json!([3, 3]);
        if is_middle {
            let stride =
                network.layers[pair[0]].config.arguments.insert("strides".into(), json!([1, 1])).unwrap();
            network.layers[pair[1]].config.arguments.insert("strides".into(), stride);
        }
    }
    let found = resnet(&network);
    assert_eq!(
        (found.family.as_str(), found.variant, found.departure),
        ("ResNet50", Variant::StrideInMiddle, None)
    );
}

#[test]
fn a_nested_trunk_is_found_with_its_path_and_unknown_layers_are_passed_over() {
    let mut base = Net::default();
    let x = base.stem();
    let ends = base.body(x, &form(BlockKind::Basic, &[2, 2, 2, 2]));
    let base = base.end(&[ends[3]]);
    let mut net = Net::default();
    let x = net.input();
    let x = net.join("MyScale", &[x]);
    let x = net.join("Functional", &[x]);
    net.layers[x].name = "base".into();
    net.layers[x].inner = Some(Box::new(base));
    let x = net.gap(x);
    let x = net.dense(x, 16);
    let x = net.join("Dropout", &[x]);
    let x = net.dense(x, 3);
    let network = net.end(&[x]);
    let found = resnet(&network);
    assert_eq!((found.family.as_str(), found.nested_at.as_deref()), ("ResNet18", Some("base")));
    assert_eq!(found.head, ["global average pooling", "Dense 16", "Dense 3"]);
    assert_eq!((found.classes, found.departure), (Some(3), None));
    assert_eq!(found.opaque, [("myscale_1".to_string(), "MyScale".to_string())]);
    assert_eq!(
        recognise(&network).summary(),
        "ResNet18 v1 (as in the paper), 3 classes, 224×224×3, inside the model base, with top; \
         passed over without understanding it: myscale_1 (MyScale)."
    );
}

#[test]
fn gates_and_groups_make_other_networks() {
    let base = form(BlockKind::Bottleneck, &[3, 4, 6, 3]);
    assert_eq!(
        other_name(&paper_resnet(&Form { gate: true, ..form(base.kind, &base.blocks) })),
        "SE-ResNet50"
    );
    assert_eq!(other_name(&paper_resnet(&Form { groups: 32, ..form(base.kind, &base.blocks) })), "ResNeXt50");
    assert_eq!(other_name(&paper_resnet(&Form { gate: true, groups: 32, ..base })), "SE-ResNeXt50");
}

#[test]
fn a_resnet_with_a_feature_pyramid_is_a_detector() {
    let mut net = Net::default();
    let x = net.stem();
    let ends = net.body(x, &form(BlockKind::Bottleneck, &[3, 4, 6, 3]));
    let top = net.conv(ends[3], 256, 1, 1);
    let up = net.join("UpSampling2D", &[top]);
    let lateral = net.conv(ends[2], 256, 1, 1);
    let merged = net.join("Add", &[up, lateral]);
    let heads = [net.conv(top, 36, 3, 1), net.conv(merged, 36, 3, 1)];
    assert_eq!(other_name(&net.end(&heads)), "RetinaNet or another detector on a ResNet50 backbone");
}

#[test]
fn several_outputs_are_not_a_classifier() {
    let mut net = Net::default();
    let x = net.stem();
    let ends = net.body(x, &form(BlockKind::Basic, &[2, 2, 2, 2]));
    let top = net.top(ends[3]);
    assert_eq!(other_name(&net.end(&[ends[1], top])), "network on a ResNet18 backbone");
}

fn mobilenet(residual: bool, blocks: usize) -> Network {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.cbr(x, 16, 3, 2);
    for _ in 0..blocks {
        let y = net.cbr(x, 96, 1, 1);
        let y = net.layer("DepthwiseConv2D", json!({"kernel_size": [3, 3], "padding": "same"}), &[y]);
        let y = net.bn(y);
        let y = net.cb(y, 16, 1, 1);
        x = if residual { net.join("Add", &[x, y]) } else { y };
    }
    let x = net.top(x);
    net.end(&[x])
}

#[test]
fn inverted_residuals_are_no_resnet() {
    assert_eq!(other_name(&mobilenet(true, 17)), "MobileNetV2");
    assert_eq!(other_name(&mobilenet(false, 13)), "MobileNet");
    assert_eq!(other_name(&mobilenet(true, 6)), "network of depthwise convolutions");
    assert_eq!(other_name(&mobilenet(false, 4)), "network of depthwise convolutions");
}

fn darknet(net: &mut Net) -> Vec<T> {
    let x = net.input();
    let mut x = net.cb(x, 16, 3, 1);
    let mut ends = Vec::new();
    for filters in [32, 64, 128] {
        x = net.cb(x, filters, 3, 2);
        x = net.layer("LeakyReLU", json!({"alpha": 0.1}), &[x]);
        for _ in 0..2 {
            let y = net.cb(x, filters / 2, 1, 1);
            let y = net.layer("LeakyReLU", json!({"alpha": 0.1}), &[y]);
            let y = net.cb(y, filters, 3, 1);
            let y = net.layer("LeakyReLU", json!({"alpha": 0.1}), &[y]);
            x = net.join("Add", &[x, y]);
        }
        ends.push(x);
    }
    ends
}

#[test]
fn darknet_and_yolo() {
    let mut net = Net::default();
    let ends = darknet(&mut net);
    let top = net.top(ends[2]);
    assert_eq!(other_name(&net.end(&[top])), "Darknet");

    let mut net = Net::default();
    let ends = darknet(&mut net);
    let up = net.join("UpSampling2D", &[ends[2]]);
    let joined = net.join("Concatenate", &[up, ends[1]]);
    let heads = [net.conv(ends[2], 255, 1, 1), net.conv(joined, 255, 1, 1)];
    assert_eq!(other_name(&net.end(&heads)), "YOLOv3 detector (Darknet)");
}

#[test]
fn networks_that_concatenate() {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.cbr(x, 64, 7, 2);
    for _ in 0..6 {
        let y = net.cbr(x, 128, 1, 1);
        let y = net.conv(y, 32, 3, 1);
        x = net.join("Concatenate", &[x, y]);
    }
    let top = net.top(x);
    assert_eq!(other_name(&net.end(&[top])), "DenseNet");

    let mut net = Net::default();
    let mut x = net.input();
    for _ in 0..9 {
        let branches = [net.cbr(x, 16, 1, 1), net.cbr(x, 16, 3, 1), net.cbr(x, 16, 5, 1), net.max_pool(x, 3)];
        x = net.join("Concatenate", &branches);
    }
    let top = net.top(x);
    assert_eq!(other_name(&net.end(&[top])), "Inception");

    let mut net = Net::default();
    let x = net.input();
    let mut x = net.conv(x, 64, 3, 2);
    for _ in 0..8 {
        let squeezed = net.conv(x, 16, 1, 1);
        let squeezed = net.act(squeezed, "relu");
        let pair = [net.conv(squeezed, 64, 1, 1), net.conv(squeezed, 64, 3, 1)];
        x = net.join("Concatenate", &pair);
    }
    let top = net.top(x);
    assert_eq!(other_name(&net.end(&[top])), "SqueezeNet");
}

#[test]
fn segmentation_and_detection_without_residuals() {
    let mut net = Net::default();
    let x = net.input();
    let down = net.cbr(x, 16, 3, 1);
    let x = net.max_pool(down, 2);
    let x = net.cbr(x, 32, 3, 1);
    let x = net.layer("Conv2DTranspose", json!({}), &[x]);
    let x = net.join("Concatenate", &[x, down]);
    let x = net.conv(x, 2, 1, 1);
    assert_eq!(other_name(&net.end(&[x])), "U-Net");

    let mut net = Net::default();
    let x = net.input();
    let a = net.cbr(x, 16, 3, 1);
    let b = net.cbr(a, 16, 3, 2);
    let rows = [a, b].map(|x| {
        let x = net.conv(x, 24, 3, 1);
        net.layer("Reshape", json!({"target_shape": [-1, 4]}), &[x])
    });
    let x = net.layer("Concatenate", json!({"axis": 1}), &rows);
    assert_eq!(other_name(&net.end(&[x])), "SSD-like detector");
}

#[test]
fn plain_networks() {
    let mut net = Net::default();
    let mut x = net.input();
    for (count, filters) in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)] {
        for _ in 0..count {
            x = net.conv(x, filters, 3, 1);
            x = net.act(x, "relu");
        }
        x = net.max_pool(x, 2);
    }
    let x = net.join("Flatten", &[x]);
    let x = net.dense(x, 10);
    assert_eq!(other_name(&net.end(&[x])), "VGG16");

    let mut net = Net::default();
    let x = net.input();
    let x = net.conv(x, 8, 3, 1);
    let x = net.top(x);
    assert_eq!(other_name(&net.end(&[x])), "plain CNN");

    let mut net = Net::default();
    let x = net.input();
    let x = net.dense(x, 8);
    let x = net.dense(x, 2);
    assert_eq!(other_name(&net.end(&[x])), "multilayer perceptron");

    let mut net = Net::default();
    let x = net.input();
    let x = net.layer("LSTM", json!({"units": 3}), &[x]);
    let x = net.dense(x, 2);
    assert_eq!(other_name(&net.end(&[x])), "LSTM network");
}

#[test]
fn only_layers_that_are_not_understood_stay_unknown() {
    let mut net = Net::default();
    let x = net.input();
    let x = net.join("MyLayer", &[x]);
    let network = net.end(&[x]);
    let Recognition::Unknown(unknown) = recognise(&network) else {
        panic!("{}", recognise(&network).summary())
    };
    assert!(unknown.facts.contains(&"1 layer that is not understood".to_string()), "{unknown:?}");
}

#[test]
fn an_add_left_with_one_input_is_named() {
    let mut network = paper_resnet(&form(BlockKind::Bottleneck, &[3, 4, 6, 3]));
    let add =
        network.layers.iter().enumerate().filter(|(_, l)| l.class == "Add").map(|(at, _)| at).nth(4).unwrap();
    network.layers[add].calls[0].inputs.pop();
    let found = resnet(&network);
    let departure = found.departure.unwrap();
    assert_eq!(found.family, "ResNet50");
    assert_eq!(departure.place, Place::Layer(network.layers[add].name.clone()));
    assert_eq!(
        (departure.attribute, departure.within.as_str()),
        ("residual connection", "stage conv3, block 2, shortcut")
    );
}

#[test]
fn wrong_graphs_are_survived() {
    // A layer called on itself, two on each other, references to nothing, and an Add of a tensor to itself.
    let mut net = Net::default();
    let x = net.input();
    let own = net.layers.len();
    net.join("Add", &[own, x]);
    let (left, right) = (own + 1, own + 2);
    net.join("Add", &[right, x]);
    net.conv(left, 4, 3, 1);
    net.join("Add", &[9999, x]);
    let twice = net.conv(x, 4, 3, 1);
    let twice = net.join("Add", &[twice, twice]);
    let mut network = net.end(&[own, right, twice, 12345]);
    network.inputs.push(TensorRef { layer: 77, call: 3, tensor: 9 });
    network.layers[twice].calls.push(Call { inputs: vec![TensorRef { layer: twice, call: 8, tensor: 5 }] });
    assert!(recognise(&network).resnet().is_none());
    let nothing = Network {
        name: String::new(),
        class: String::new(),
        layers: vec![],
        inputs: vec![],
        outputs: vec![],
    };
    assert!(matches!(recognise(&nothing), Recognition::Unknown(_)));
}

#[test]
fn a_very_long_network_takes_no_stack() {
    let mut net = Net::default();
    let mut x = net.input();
    for _ in 0..limits::MAX_LAYERS / 4 {
        let y = net.cb(x, 4, 3, 1);
        x = net.join("Add", &[x, y]);
    }
    assert_eq!(other_name(&net.end(&[x])), "residual network of its own");
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

#[test]
fn any_rewiring_gets_an_answer() {
    let original = paper_resnet(&form(BlockKind::Bottleneck, &[1, 2, 2, 1]));
    let mut random = Random(7);
    for _ in 0..3000 {
        let mut network = original.clone();
        for _ in 0..=random.below(6) {
            let (layer, other) = (random.below(network.layers.len()), random.below(network.layers.len() + 2));
            match random.below(5) {
                0 => network.layers[layer].calls[0].inputs.push(tensor(other)),
                1 => network.layers[layer].calls[0].inputs.clear(),
                2 => {
                    network.layers[layer].class =
                        ["Add", "Conv2D", "Multiply", "Concatenate", "Odd"][random.below(5)].into()
                }
                3 => network.outputs = vec![tensor(other), tensor(layer)],
                _ => network.layers[layer].calls[0].inputs = vec![tensor(other)],
            }
        }
        assert!(!recognise(&network).summary().is_empty());
    }
}

#[test]
fn models_that_multiply_by_nesting_are_cut() {
    let mut net = Net::default();
    let x = net.input();
    let mut network = net.end(&[x]);
    for _ in 0..limits::MAX_NESTING + 4 {
        let mut outer = Net::default();
        let mut x = outer.input();
        for _ in 0..8 {
            x = outer.join("Functional", &[x]);
            outer.layers[x].inner = Some(Box::new(network.clone()));
        }
        network = outer.end(&[x]);
        if network.walk().len() > 100_000 {
            break;
        }
    }
    let Recognition::Unknown(unknown) = recognise(&network) else { panic!("it should be too large") };
    assert!(unknown.facts[0].contains("calls of layers"), "{unknown:?}");
}

#[test]
fn additions_written_as_operators_and_activations_of_another_package_do_not_hide_a_resnet() {
    let mut network = paper_resnet(&form(BlockKind::Bottleneck, &[3, 4, 6, 3]));
    for layer in network.layers.iter_mut().filter(|layer| layer.class == "Add") {
        (layer.class, layer.written_class) = ("TFOpLambda".into(), "TFOpLambda".into());
        layer.config.arguments.insert("function".into(), json!("__operators__.add"));
    }
    let found = resnet(&network);
    assert_eq!((found.family.as_str(), found.departure), ("ResNet50", None));

    let mut network = paper_resnet(&form(BlockKind::Bottleneck, &[3, 4, 6, 3]));
    for layer in network.layers.iter_mut().filter(|layer| layer.class == "Conv2D") {
        layer.config.arguments.insert("activation".into(), json!("their_own"));
    }
    assert_eq!(resnet(&network).family, "ResNet50");
}

/// conv-conv-Add blocks with a projection each and no normalization; the rectifier stands behind the Add or in front of
/// the convolutions.
fn without_norms(v1: bool) -> Network {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.conv(x, 16, 3, 1);
    for (filters, stride) in [(16, 1), (16, 1), (32, 2), (64, 2)] {
        let y = if v1 { x } else { net.act(x, "relu") };
        let y = net.conv(y, filters, 3, stride);
        let y = net.act(y, "relu");
        let y = net.conv(y, filters, 3, 1);
        let shortcut = net.conv(x, filters, 1, stride);
        x = net.join("Add", &[y, shortcut]);
        x = if v1 { net.act(x, "relu") } else { x };
    }
    let x = net.top(x);
    net.end(&[x])
}

#[test]
fn without_normalizations_the_activation_tells_the_version() {
    for (v1, version, says) in [
        (true, Version::V1, "There are no normalizations; an activation stands behind the addition: v1."),
        (
            false,
            Version::V2,
            "There are no normalizations; the shortcut leaves in front of the activations: v2.",
        ),
    ] {
        let found = resnet(&without_norms(v1));
        assert_eq!(found.version, version);
        assert!(found.evidence.contains(&says.to_string()), "{:?}", found.evidence);
        assert!(
            !found.evidence.iter().any(|fact| fact.contains("stand in front of their")),
            "{:?}",
            found.evidence
        );
    }
}

#[test]
fn a_critic_of_several_outputs_is_no_detector() {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.conv(x, 16, 3, 1);
    for _ in 0..3 {
        x = net.join("UpSampling2D", &[x]);
        x = net.conv(x, 16, 3, 1);
        x = net.layer("LeakyReLU", json!({"alpha": 0.2}), &[x]);
    }
    // Heads as a tiny YOLOv3 has them, but nothing is joined with the enlarged result.
    let boxes = [net.conv(x, 255, 1, 1), net.conv(x, 255, 1, 1)];
    let heads = [net.dense(x, 1), net.dense(x, 1), net.dense(x, 1)];
    let mut network = net.end(&heads);
    assert_eq!(other_name(&network), "convolutional network");
    network.outputs = boxes.map(tensor).to_vec();
    assert_eq!(other_name(&network), "convolutional network");
}

#[test]
fn what_only_grows_is_a_decoder() {
    let mut net = Net::default();
    let mut x = net.input();
    for filters in [64, 32, 16] {
        let y = net.cbr(x, 96, 1, 1);
        let y = net.layer("DepthwiseConv2D", json!({"kernel_size": [3, 3], "padding": "same"}), &[y]);
        let y = net.join("UpSampling2D", &[y]);
        let up = net.cb(y, filters, 1, 1);
        let y = net.cbr(up, 96, 1, 1);
        let y = net.layer("DepthwiseConv2D", json!({"kernel_size": [3, 3], "padding": "same"}), &[y]);
        let y = net.cb(y, filters, 1, 1);
        x = net.join("Add", &[up, y]);
    }
    let x = net.conv(x, 3, 3, 1);
    assert_eq!(other_name(&net.end(&[x])), "decoder or generator");

    let mut net = Net::default();
    let x = net.input();
    let x = net.conv(x, 16, 3, 2);
    let x = net.layer("Conv2DTranspose", json!({}), &[x]);
    let x = net.conv(x, 3, 3, 1);
    assert_eq!(other_name(&net.end(&[x])), "encoder and decoder");
}

/// Blocks of two separable convolutions and a max pooling past a strided 1×1 convolution, as Xception's, or a rectifier
/// behind the Add and nothing strided.
fn separable(blocks: usize, strided: bool) -> Network {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.cbr(x, 8, 3, 1);
    for _ in 0..blocks {
        let config = json!({"filters": 8, "kernel_size": [3, 3], "padding": "same"});
        let y = net.layer("SeparableConv2D", config.clone(), &[x]);
        let y = net.bn(y);
        let y = net.act(y, "relu");
        let y = net.layer("SeparableConv2D", config, &[y]);
        let y = net.bn(y);
        let (y, shortcut) =
            if strided { (net.max_pool(y, 3), net.cb(x, 8, 1, 2)) } else { (y, net.cb(x, 8, 1, 1)) };
        x = net.join("Add", &[y, shortcut]);
    }
    let x = net.top(x);
    net.end(&[x])
}

#[test]
fn separable_convolutions_alone_are_no_xception() {
    assert_eq!(other_name(&separable(3, false)), "network of separable convolutions");
    assert_eq!(other_name(&separable(4, true)), "network of Xception's blocks");
}

#[test]
fn fire_modules_with_normalizations_and_a_few_of_them() {
    for norms in [false, true] {
        let mut net = Net::default();
        let x = net.input();
        let mut x = net.conv(x, 32, 3, 2);
        for _ in 0..3 {
            let cut = if norms { net.cb(x, 16, 1, 1) } else { net.conv(x, 16, 1, 1) };
            let pair = [net.conv(cut, 32, 1, 1), net.conv(cut, 32, 3, 1)];
            x = net.join("Concatenate", &pair);
        }
        let top = net.top(x);
        assert_eq!(other_name(&net.end(&[top])), "network of SqueezeNet's fire modules");
    }
}

#[test]
fn a_residual_network_of_its_own_is_not_said_to_be_none() {
    let mut net = Net::default();
    let x = net.input();
    let x = net.conv(x, 8, 3, 1);
    let y = net.conv(x, 8, 3, 1);
    let y = net.conv(y, 8, 3, 1);
    let x = net.join("Add", &[x, y]);
    let x = net.top(x);
    let own = recognise(&net.end(&[x]));
    assert_eq!(own.summary(), "Residual network of its own: 1 residual block, the first of 3×3, 3×3.");

    let mut net = Net::default();
    let x = net.input();
    let x = net.dense(x, 8);
    let y = net.dense(x, 8);
    let x = net.join("Add", &[x, y]);
    let x = net.dense(x, 2);
    assert_eq!(other_name(&net.end(&[x])), "residual multilayer perceptron");
}

#[test]
fn attention_without_layer_normalization_is_no_transformer() {
    let mut net = Net::default();
    let x = net.input();
    let x = net.join("Attention", &[x]);
    let x = net.dense(x, 2);
    assert_eq!(other_name(&net.end(&[x])), "network with attention");
}

/// As Zagoruyko and Komodakis built it: three stages of basic blocks, normalisation first, `factor` times wider.
fn wide_resnet(n: usize, factor: usize) -> Network {
    let mut net = Net::default();
    let x = net.input();
    let mut x = net.conv(x, 16, 3, 1);
    for stage in 0..3 {
        for block in 0..n {
            let (width, stride) = ((16 * factor) << stage, if stage > 0 && block == 0 { 2 } else { 1 });
            let y = net.bn(x);
            let y = net.act(y, "relu");
            let shortcut = if block == 0 { net.conv(y, width, 1, stride) } else { x };
            let y = net.cbr(y, width, 3, stride);
            let y = net.conv(y, width, 3, 1);
            x = net.join("Add", &[y, shortcut]);
        }
    }
    let x = net.bn(x);
    let x = net.act(x, "relu");
    let x = net.top(x);
    net.end(&[x])
}

#[test]
fn wide_resnets_have_names_of_their_own() {
    for (n, factor, name) in [(2, 8, "WideResNet-16-8"), (4, 10, "WideResNet-28-10")] {
        let found = resnet(&wide_resnet(n, factor));
        assert_eq!((found.family.as_str(), found.depth, found.departures), (name, 6 * n + 4, 0));
        assert_eq!(found.base_width, found.usual_width);
    }
}
