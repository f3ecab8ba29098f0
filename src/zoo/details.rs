//! What distinguishes one ResNet from another of the same depth, as far as it can be seen.

use super::families::most_common;
use super::skeleton::{BlockKind, Skeleton};
use super::steps::{Conv, Pad, Step, What, convs};
use crate::graph::Graph;
use crate::ops::DataFormat;
use crate::ops::Op;

/// Small facts about a ResNet; `None` where the file does not tell.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Details {
    /// Epsilon of most normalizations.
    pub bn_epsilon: Option<f64>,
    /// Momentum of most normalizations.
    pub bn_momentum: Option<f64>,
    /// Zeros around the input of the first convolution, in words.
    pub first_padding: Option<String>,
    /// Which convolution of a bottleneck has the stride: `1x1` or `3x3`.
    pub stride_in: Option<&'static str>,
    /// Whether most convolutions have a bias.
    pub use_bias: Option<bool>,
    /// The last activation.
    pub final_activation: Option<String>,
    /// What becomes of the last feature map: `average` or `maximum` where it is pooled.
    pub pooling: Option<&'static str>,
    /// `channels_last` or `channels_first`.
    pub data_format: Option<&'static str>,
}

impl Details {
    /// Of an architecture.
    pub(super) fn of_graph(graph: &Graph<'_>, skeleton: &Skeleton, kind: BlockKind) -> Details {
        let epsilons = skeleton.steps().filter_map(|step| match step.what {
            What::Norm { epsilon } => Some(epsilon),
            _ => None,
        });
        let momenta = skeleton.steps().filter_map(|step| momentum(graph, step));
        let biases = skeleton.convs().map(|(_, conv)| conv.bias);
        let first = convs(&skeleton.stem).next().map(|(_, conv)| conv);
        Details {
            bn_epsilon: most_common(epsilons),
            bn_momentum: most_common(momenta),
            first_padding: first.map(|conv| padding(conv.padding)),
            stride_in: stride_in(skeleton, kind),
            use_bias: most_common(biases),
            final_activation: skeleton.tail.iter().rev().find_map(activation),
            pooling: skeleton.tail.iter().find_map(pooling),
            data_format: skeleton.convs().find_map(|(step, _)| data_format(graph, step)),
        }
    }

    /// Of weights alone, which show nothing of all that but the biases.
    pub(super) fn of_weights(convs: &[super::stored::layers::Conv]) -> Details {
        Details { use_bias: most_common(convs.iter().map(|conv| conv.bias)), ..Details::default() }
    }
}

fn momentum(graph: &Graph<'_>, step: &Step) -> Option<f64> {
    matches!(step.what, What::Norm { .. }).then_some(())?;
    graph.leaf(step.node).layer.config.number("momentum", 0.99).ok()
}

fn padding(pad: Pad) -> String {
    match pad {
        Pad::None => "valid".to_string(),
        Pad::Same => "same".to_string(),
        explicit @ Pad::Edges(_) => format!("explicit, {explicit}"),
    }
}

/// The first strided convolution on a block's main branch.
fn stride_in(skeleton: &Skeleton, kind: BlockKind) -> Option<&'static str> {
    let is_strided = |conv: &&Conv| conv.strides != [1, 1];
    let mut strided = skeleton
        .blocks
        .iter()
        .filter(|block| block.kind() == Some(kind))
        .filter_map(|block| convs(&block.path).map(|(_, conv)| conv).find(is_strided));
    match kind {
        BlockKind::Basic => None,
        BlockKind::Bottleneck => strided.next().map(|conv| if conv.kernel == [1, 1] { "1x1" } else { "3x3" }),
    }
}

fn activation(step: &Step) -> Option<String> {
    match step.what {
        What::Activation(function) => Some(function.to_string()),
        _ => None,
    }
}

fn pooling(step: &Step) -> Option<&'static str> {
    use crate::ops::pooling::Pooled;
    match step.what {
        What::GlobalPool(Pooled::Average) | What::Pool { pooled: Pooled::Average, .. } => Some("average"),
        What::GlobalPool(Pooled::Max) | What::Pool { pooled: Pooled::Max, .. } => Some("maximum"),
        _ => None,
    }
}

fn data_format(graph: &Graph<'_>, step: &Step) -> Option<&'static str> {
    match graph.op(step.node) {
        Some(Op::Conv2D(conv)) => Some(match conv.window.format {
            DataFormat::ChannelsLast => "channels_last",
            DataFormat::ChannelsFirst => "channels_first",
        }),
        _ => None,
    }
}
