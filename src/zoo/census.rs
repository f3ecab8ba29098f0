//! What a network is made of, in numbers.

use super::steps::{Step, What, is_add, steps};
use crate::graph::{Graph, NodeId};
use crate::keras::network::Network;
use crate::ops::Op;
use crate::ops::activation::{Activation, Function};

/// Classes that have weights and can't be run here.
const OTHER_WEIGHTED: &[&str] = &[
    "Bidirectional",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "CuDNNGRU",
    "CuDNNLSTM",
    "DepthwiseConv1D",
    "EinsumDense",
    "Embedding",
    "GRU",
    "GRUV1",
    "GroupNormalization",
    "GroupQueryAttention",
    "Highway",
    "LSTM",
    "LSTMV1",
    "LayerNormalization",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "MaxoutDense",
    "MultiHeadAttention",
    "RMSNormalization",
    "RNN",
    "SReLU",
    "SeparableConv1D",
    "SeparableConv2D",
    "SimpleRNN",
    "SpectralNormalization",
    "TimeDistributed",
];

/// Numbers of calls that reach an output, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Layers, nested ones counted and models not.
    pub layers: usize,
    /// Layers that have weights, as far as their class is known.
    pub weighted_layers: usize,
    /// Conv2D.
    pub convs: usize,
    /// Conv2D of 3×3.
    pub convs_3x3: usize,
    /// DepthwiseConv2D.
    pub depthwise: usize,
    /// Dense.
    pub dense: usize,
    /// BatchNormalization.
    pub norms: usize,
    /// Windowed poolings.
    pub pools: usize,
    /// Add.
    pub adds: usize,
    /// Concatenate.
    pub concats: usize,
    /// Multiply.
    pub multiplies: usize,
    /// Activations that let part of the negative side through.
    pub leaky: usize,
    /// Swish activations.
    pub swish: usize,
    /// UpSampling2D, Conv2DTranspose, and keras-retinanet's `UpsampleLike`.
    pub upsamplings: usize,
    /// Poolings and convolutions with a stride.
    pub downs: usize,
    /// Outputs of the network.
    pub outputs: usize,
    /// Calls whose layers are not understood, by path and class, the first ones.
    pub opaque: Vec<(String, String)>,
    /// How many of those there are.
    pub opaque_count: usize,
}

/// Layers that are not understood, of which the names are kept.
const MAX_NAMED: usize = 20;

impl Census {
    /// Counts.
    pub fn take(network: &Network, graph: &Graph<'_>) -> Census {
        let mut census = Census { outputs: graph.outputs.len(), ..Census::default() };
        for (_, layer) in network.walk() {
            census.layers += usize::from(layer.inner.is_none());
            census.weighted_layers += usize::from(is_weighted(layer));
        }
        let live: Vec<NodeId> = (0..graph.nodes.len()).filter(|id| graph.node(*id).live).collect();
        steps(graph, &live).iter().for_each(|step| census.count(graph, step));
        for &id in &live {
            census.adds += usize::from(is_add(graph, id));
            census.concats += usize::from(matches!(graph.op(id), Some(Op::Concatenate(_))));
            census.note_opaque(graph, id);
        }
        census
    }

    fn count(&mut self, graph: &Graph<'_>, step: &Step) {
        match &step.what {
            What::Conv(conv) => {
                self.convs += 1;
                self.convs_3x3 += usize::from(conv.kernel == [3, 3]);
                self.downs += usize::from(conv.strides != [1, 1]);
            }
            What::Depthwise(conv) => {
                self.depthwise += 1;
                self.downs += usize::from(conv.strides != [1, 1]);
            }
            What::Dense(_) => self.dense += 1,
            What::Norm { .. } => self.norms += 1,
            What::Pool { strides, .. } => {
                self.pools += 1;
                self.downs += usize::from(*strides != [1, 1]);
            }
            What::Gate => self.multiplies += 1,
            What::Upsample => self.upsamplings += 1,
            What::Activation(Function::Elementwise(Activation::Relu { slope, .. })) => {
                self.leaky += usize::from(*slope > 0.0);
            }
            What::Activation(Function::Elementwise(Activation::Swish)) => self.swish += 1,
            What::Opaque => {
                let class = graph.leaf(step.node).layer.class.as_str();
                self.upsamplings += usize::from(["Conv2DTranspose", "UpsampleLike"].contains(&class));
            }
            What::Activation(_) | What::GlobalPool(_) | What::Reshape | What::Prepare | What::Merge => {}
        }
    }

    fn note_opaque(&mut self, graph: &Graph<'_>, id: NodeId) {
        let leaf = graph.leaf(id);
        if leaf.op.is_err() {
            self.opaque_count += 1;
            if self.opaque.len() < MAX_NAMED {
                self.opaque.push((leaf.path.clone(), leaf.layer.written_class.clone()));
            }
        }
    }
}

/// Whether Keras gives a layer of this class weights.
fn is_weighted(layer: &crate::keras::network::Layer) -> bool {
    match Op::parse(layer) {
        Ok(Op::Normalization(op)) => op.given.is_none(),
        Ok(Op::Conv2D(_) | Op::DepthwiseConv2D(_) | Op::Dense(_) | Op::Prelu(_)) => true,
        Ok(Op::BatchNormalization(_)) => true,
        Ok(_) => false,
        Err(_) => {
            let class = layer.class.as_str();
            let broken =
                ["Conv2D", "DepthwiseConv2D", "Dense", "BatchNormalization", "PReLU", "Normalization"];
            broken.contains(&class) || OTHER_WEIGHTED.contains(&class)
        }
    }
}

/// Whether a live call is of one of these classes.
pub fn has_class(graph: &Graph<'_>, classes: &[&str]) -> bool {
    graph.live().any(|id| classes.contains(&graph.leaf(id).layer.class.as_str()))
}
