//! A reference as the `model_config` of a network, layer by layer: what code builds before weights are loaded into it.
//!
//! Layers with weights have their names, shapes and order. Of the others, only what those depend on is as in the original.
//! Sources: Keras 2.2.4 `keras_applications/resnet50.py`; keras-applications 1.0.8 `resnet_common.py`, which TensorFlow 2.15 and
//! Keras 3.15 `applications/resnet.py` carry on; ImageAI 2.0.3 `Prediction/ResNet/resnet50.py`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::expected::{At, Expected, Want};
use super::families::{Blueprint, CLASSIC, DEPTHS, IMAGEAI, MODERN, MODERN_V2, Version};
use super::skeleton::BlockKind;
use super::steps::Pad;

/// Whose ResNet is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Design {
    /// `keras.applications.resnet50` of Keras 1.1 to 2.3.
    Classic,
    /// `keras.applications.resnet`.
    Modern,
    /// `keras.applications.resnet_v2`.
    ModernV2,
    /// ImageAI's own, up to 2.1.5.
    ImageAi,
}

/// A ResNet to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Building {
    /// Whose.
    pub design: Design,
    /// 50, 101 or 152.
    pub depth: usize,
    /// Classes, where it has a classifier.
    pub classes: Option<usize>,
    /// What its classifier is called.
    pub classifier: &'static str,
}

/// Where a layer stands.
#[derive(Clone, Copy)]
enum Part {
    Stem,
    /// The part of a block with that number: 0 is the shortcut.
    Block(At, usize),
    /// Normalization in front of a block.
    Before(At),
    /// Behind the last block.
    Post,
}

impl Design {
    fn blueprint(self) -> &'static Blueprint {
        match self {
            Design::Classic => &CLASSIC,
            Design::Modern => &MODERN,
            Design::ModernV2 => &MODERN_V2,
            Design::ImageAi => &IMAGEAI,
        }
    }

    /// Which of the two comes first in an addition decides the order of the layers of both branches.
    fn adds_the_shortcut_first(self) -> bool {
        match self {
            Design::Modern | Design::ModernV2 => true,
            Design::Classic | Design::ImageAi => false,
        }
    }

    /// The name of a layer with weights; nothing where Keras numbers them itself.
    fn name(self, part: Part, is_norm: bool) -> Option<String> {
        match self {
            Design::Modern | Design::ModernV2 => {
                let kind = if is_norm { "bn" } else { "conv" };
                let block = |at: At| format!("conv{}_block{}", at.stage + 2, at.block + 1);
                Some(match part {
                    Part::Stem => format!("conv1_{kind}"),
                    Part::Block(at, number) => format!("{}_{number}_{kind}", block(at)),
                    Part::Before(at) => format!("{}_preact_{kind}", block(at)),
                    Part::Post => format!("post_{kind}"),
                })
            }
            Design::Classic => {
                let kind = if is_norm { "bn" } else { "res" };
                match part {
                    Part::Stem => Some(if is_norm { "bn_conv1" } else { "conv1" }.to_string()),
                    Part::Block(at, number) => {
                        let branch = *["1", "2a", "2b", "2c"].get(number)?;
                        let letter = char::from(b'a' + u8::try_from(at.block).ok()?);
                        Some(format!("{kind}{}{letter}_branch{branch}", at.stage + 2))
                    }
                    Part::Before(_) | Part::Post => None,
                }
            }
            Design::ImageAi => None,
        }
    }
}

impl Building {
    /// The `model_config`, for pictures of 224×224; nothing where there is no such depth.
    pub fn config(&self) -> Option<Value> {
        let is_it = |depth: &&super::families::Depth| {
            depth.depth == self.depth && depth.kind == BlockKind::Bottleneck
        };
        let blocks = DEPTHS.iter().find(is_it)?.blocks;
        let blueprint = self.design.blueprint();
        let stem_filters = *blueprint.widths.first()?;
        let expected = Expected {
            kind: BlockKind::Bottleneck,
            blueprint,
            widths: blueprint.widths,
            blocks: &blocks,
            stem_filters,
        };
        let mut build = Build { design: self.design, layers: Vec::new(), counts: HashMap::new() };
        Some(build.network(self, &expected))
    }
}

struct Build {
    design: Design,
    layers: Vec<Value>,
    counts: HashMap<&'static str, usize>,
}

impl Build {
    fn network(&mut self, building: &Building, expected: &Expected<'_>) -> Value {
        let input = json!({"batch_input_shape": [null, 224, 224, 3]});
        let input = self.layer("InputLayer", Some("input_1".into()), input, &[]);
        let mut x = self.chain(&expected.stem(), input.clone(), |_| Part::Stem);
        for (stage, of) in expected.blocks.iter().copied().enumerate() {
            for block in 0..of {
                x = self.block(expected, At { stage, block, of }, x);
            }
        }
        x = self.chain(&expected.tail(), x, |_| Part::Post);
        if let Some(classes) = building.classes {
            x = self.layer("GlobalAveragePooling2D", None, json!({}), &[&x]);
            let dense = json!({"units": classes, "activation": "softmax"});
            x = self.layer("Dense", Some(building.classifier.into()), dense, &[&x]);
        }
        json!({"class_name": "Model", "config": {
            "name": "model", "layers": self.layers, "input_layers": [[input, 0, 0]], "output_layers": [[x, 0, 0]],
        }})
    }

    fn block(&mut self, expected: &Expected<'_>, at: At, input: String) -> String {
        let path = expected.path(at);
        let first = path.iter().position(|want| matches!(want, Want::Conv { .. })).unwrap_or(path.len());
        let (before, body) = path.split_at(first);
        let led = self.chain(before, input.clone(), |_| Part::Before(at));
        let takes_led = match expected.blueprint.version {
            Version::V1 => true,
            Version::V2 => expected.is_projected(at) && expected.blueprint.projection.activated,
        };
        let source = if takes_led { led.clone() } else { input };
        let shortcut = self.chain(&expected.shortcut(at), source, |_| Part::Block(at, 0));
        let branch = self.chain(body, led, |number| Part::Block(at, number));
        let mut parts = [&branch, &shortcut];
        if self.design.adds_the_shortcut_first() {
            parts.reverse();
        }
        self.layer("Add", None, json!({}), &parts.map(String::as_str))
    }

    /// Layers one behind the other; `part` is asked for the number of the convolution that each belongs to, from 1.
    fn chain(&mut self, wants: &[Want], input: String, part: impl Fn(usize) -> Part) -> String {
        let mut number = 0;
        wants.iter().fold(input, |x, want| {
            number += usize::from(matches!(want, Want::Conv { .. }));
            self.want(want, part(number), &x)
        })
    }

    fn want(&mut self, want: &Want, part: Part, input: &str) -> String {
        match want {
            Want::Conv { kernel, filters, stride, padding, bias } => {
                let (input, padding) = self.padded(*padding, input);
                let config = json!({
                    "filters": filters, "kernel_size": [kernel, kernel], "strides": [stride, stride], "padding": padding,
                    "use_bias": bias.unwrap_or(true),
                });
                self.layer("Conv2D", self.design.name(part, false), config, &[&input])
            }
            Want::Norm => {
                let epsilon = self.design.blueprint().epsilon;
                let config = json!({"axis": [3], "epsilon": epsilon});
                self.layer("BatchNormalization", self.design.name(part, true), config, &[input])
            }
            Want::Relu => self.layer("Activation", None, json!({"activation": "relu"}), &[input]),
            Want::Pool { size, stride, padding } => {
                let (input, padding) = self.padded(*padding, input);
                let config =
                    json!({"pool_size": [size, size], "strides": [stride, stride], "padding": padding});
                self.layer("MaxPooling2D", None, config, &[&input])
            }
        }
    }

    /// Zeros of a layer of their own, and the word for the rest.
    fn padded(&mut self, padding: Option<Pad>, input: &str) -> (String, &'static str) {
        match padding {
            Some(Pad::Edges([top, bottom, left, right])) => {
                let config = json!({"padding": [[top, bottom], [left, right]]});
                (self.layer("ZeroPadding2D", None, config, &[input]), "valid")
            }
            Some(Pad::None) => (input.to_string(), "valid"),
            Some(Pad::Same) | None => (input.to_string(), "same"),
        }
    }

    /// Adds a layer; gives its name.
    fn layer(&mut self, class: &'static str, name: Option<String>, config: Value, inputs: &[&str]) -> String {
        let name = name.unwrap_or_else(|| self.numbered(class));
        let mut config: Map<String, Value> = config.as_object().cloned().unwrap_or_default();
        config.insert("name".into(), name.as_str().into());
        let calls: Vec<Value> = inputs.iter().map(|input| json!([input, 0, 0, {}])).collect();
        let nodes = if calls.is_empty() { json!([]) } else { json!([calls]) };
        let layer = json!({"class_name": class, "name": name, "config": config, "inbound_nodes": nodes});
        self.layers.push(layer);
        name
    }

    /// The name that tf.keras gives by itself: `conv2d`, `conv2d_1`.
    fn numbered(&mut self, class: &'static str) -> String {
        let count = self.counts.entry(class).or_insert(0);
        *count += 1;
        let name = crate::keras::snake_case(class);
        if *count == 1 { name } else { format!("{name}_{}", *count - 1) }
    }
}
