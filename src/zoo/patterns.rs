//! Small shapes in a graph that tell one architecture from another, whatever its layers are called.

use std::collections::HashSet;

use crate::graph::{Graph, NodeId};
use crate::ops::Op;
use crate::ops::conv2d::Conv2D;
use crate::ops::pooling::Pooled;

/// Layers behind a call that are looked at where two branches are compared; a block has about 20.
const MAX_BRANCH: usize = 64;
/// Inputs of a merge that are looked at for a skip connection, which has two, and those of a U-Net++ have six.
const MAX_INPUTS: usize = 8;

/// The inputs of every live Concatenate.
pub fn concats<'g>(graph: &'g Graph<'_>) -> impl Iterator<Item = &'g [NodeId]> {
    let live = graph.live().filter(|id| matches!(graph.op(*id), Some(Op::Concatenate(_))));
    live.map(|id| graph.node(id).inputs.as_slice())
}

/// The only input of a call.
pub fn first_input(graph: &Graph<'_>, id: NodeId) -> Option<NodeId> {
    match graph.node(id).inputs.as_slice() {
        &[input] => Some(input),
        _ => None,
    }
}

/// A call and those behind it, as long as each has one input.
pub fn chain_back<'g>(graph: &'g Graph<'_>, id: NodeId) -> impl Iterator<Item = NodeId> + use<'g> {
    std::iter::successors(Some(id), move |at| first_input(graph, *at)).take(MAX_BRANCH)
}

/// Whether `value` lies on the single chain of calls that leads to `from`.
pub fn comes_from(graph: &Graph<'_>, from: NodeId, value: NodeId) -> bool {
    chain_back(graph, from).skip(1).take(16).any(|id| id == value)
}

/// The convolution that a value comes out of, with nothing but a normalisation, an activation or a reshape behind it.
pub fn conv_back<'g>(graph: &'g Graph<'_>, id: NodeId) -> Option<(NodeId, &'g Conv2D)> {
    chain_back(graph, id).take(4).find_map(|id| match graph.op(id) {
        Some(Op::Conv2D(conv)) => Some((id, conv)),
        _ => None,
    })
}

/// Whether a call makes an image larger.
pub fn is_upsampling(graph: &Graph<'_>, id: NodeId) -> bool {
    let class = graph.leaf(id).layer.class.as_str();
    matches!(graph.op(id), Some(Op::UpSampling2D(_))) || ["Conv2DTranspose", "UpsampleLike"].contains(&class)
}

/// Merges of a result that was made larger with one from in front of that, as in a U-Net.
pub fn skip_joins(graph: &Graph<'_>) -> usize {
    graph.live().filter(|id| graph.node(*id).inputs.len() > 1 && is_skip_join(graph, *id)).count()
}

fn is_skip_join(graph: &Graph<'_>, merge: NodeId) -> bool {
    let chains: Vec<Vec<NodeId>> =
        graph.node(merge).inputs.iter().take(MAX_INPUTS).map(|id| chain_back(graph, *id).collect()).collect();
    chains.iter().enumerate().any(|(at, chain)| {
        let Some(up) = chain.iter().position(|id| is_upsampling(graph, *id)) else { return false };
        // A branch that meets the other one behind the upsampling is a residual block of a decoder.
        let enlarged: HashSet<&NodeId> = chain[..=up].iter().collect();
        chains.iter().enumerate().any(|(other, branch)| {
            other != at && !branch.iter().any(|id| enlarged.contains(id) || is_upsampling(graph, *id))
        })
    })
}

/// Concatenations of a 1×1 and a 3×3 convolution that both take what one 1×1 convolution gives: SqueezeNet's fire
/// modules (arXiv 1602.07360).
pub fn fires(graph: &Graph<'_>) -> usize {
    concats(graph).filter(|inputs| is_fire(graph, inputs)).count()
}

fn is_fire(graph: &Graph<'_>, inputs: &[NodeId]) -> bool {
    let &[left, right] = inputs else { return false };
    let (Some((left, a)), Some((right, b))) = (conv_back(graph, left), conv_back(graph, right)) else {
        return false;
    };
    let parent = first_input(graph, left).filter(|parent| first_input(graph, right) == Some(*parent));
    let squeezed = parent.and_then(|parent| conv_back(graph, parent));
    let mut kernels = [a.window.size, b.window.size];
    kernels.sort_unstable();
    kernels == [[1, 1], [3, 3]] && squeezed.is_some_and(|(_, conv)| conv.window.size == [1, 1])
}

/// Filters of the 1×1 convolutions that the outputs come out of, where every output does and all have as many.
pub fn equal_heads(graph: &Graph<'_>) -> Option<usize> {
    let head = |id: &NodeId| match conv_back(graph, *id)? {
        (_, conv) if conv.window.size == [1, 1] => Some(conv.filters),
        _ => None,
    };
    let filters = graph.outputs.iter().map(head).collect::<Option<Vec<usize>>>()?;
    let first = *filters.first()?;
    filters.iter().all(|filters| *filters == first).then_some(first)
}

/// Additions of a max pooling and a convolution of 1×1 with a stride: Xception's blocks (arXiv 1610.02357).
pub fn pooled_past_a_projection(graph: &Graph<'_>) -> usize {
    let pools = |id: NodeId| matches!(graph.op(id), Some(Op::Pooling2D(op)) if op.pooled == Pooled::Max);
    let projects = |id: NodeId| {
        conv_back(graph, id).is_some_and(|(_, c)| c.window.size == [1, 1] && c.window.strides != [1, 1])
    };
    let is_block = |id: &NodeId| match graph.node(*id).inputs.as_slice() {
        &[left, right] => (pools(left) && projects(right)) || (pools(right) && projects(left)),
        _ => false,
    };
    graph.live().filter(is_block).count()
}
