//! The trunk of a residual network: stem, residual blocks, tail, read off the graph alone.
//!
//! A residual block is a diamond: two chains of layers from one tensor to one Add. The trunk is the longest row of
//! diamonds, each starting where the one before ended.

use std::collections::BTreeMap;

pub use super::block::BlockKind;
use super::block::Version;
use super::steps::{Conv, Step, What, convs, is_add, steps};
use crate::graph::{Graph, NodeId};
use crate::ops::Op;
use crate::ops::merge::Merge;

/// Layers on one branch of a block that are looked at. The longest real ones, with their gates, have about 20.
const MAX_BRANCH: usize = 64;
/// Layers between two blocks, or in front of the first, that are looked at.
const MAX_LEAD: usize = 512;

/// A residual block.
#[derive(Clone, Debug)]
pub struct Block {
    /// From the Add before it to its own Add, along the main branch.
    pub path: Vec<Step>,
    /// How many steps of `path` come before the shortcut leaves it.
    pub split: usize,
    /// The steps of the shortcut, none for an identity; `None` where the Add is missing.
    pub shortcut: Option<Vec<Step>>,
    /// The Add, or the last layer where it is missing.
    pub join: NodeId,
    /// Whether the main branch is multiplied by something computed from it.
    pub gated: bool,
}

/// A network as a row of residual blocks.
#[derive(Clone, Debug)]
pub struct Skeleton {
    /// The input the trunk starts at, where it starts at one.
    pub input: Option<NodeId>,
    /// From the input to where the first block splits.
    pub stem: Vec<Step>,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// From the last Add on, as long as nothing branches off.
    pub tail: Vec<Step>,
    /// Whether the tail ends at the network's only output.
    pub ends: bool,
}

impl Skeleton {
    /// The trunk of the graph, if it has any residual block.
    pub fn trace(graph: &Graph<'_>) -> Option<Skeleton> {
        let diamonds = diamonds(graph);
        let (row, input) = longest_row(graph, &diamonds)?;
        let (tail, ends) = chain_to_output(graph, row.last()?.add);
        let mut blocks: Vec<Block> =
            row.iter().map(|link| block(graph, &diamonds[&link.add], link)).collect();
        let first = blocks.first_mut()?;
        let stem = first.path.drain(..std::mem::take(&mut first.split)).collect();
        let skeleton = Skeleton { input, stem, blocks, tail: steps(graph, &tail), ends };
        Some(skeleton.with_missing_adds())
    }

    /// How more than half of the blocks are made.
    pub fn kind(&self) -> Option<BlockKind> {
        [BlockKind::Basic, BlockKind::Bottleneck].into_iter().find(|kind| {
            let alike = self.blocks.iter().filter(|block| block.kind() == Some(*kind)).count();
            alike * 2 > self.blocks.len()
        })
    }

    /// Every convolution of the trunk, shortcuts included.
    pub fn convs(&self) -> impl Iterator<Item = (&Step, &Conv)> {
        let blocks = self.blocks.iter().flat_map(|b| b.path.iter().chain(b.shortcut.iter().flatten()));
        self.stem.iter().chain(blocks).filter_map(|step| Some((step, step.what.conv()?)))
    }

    /// Every step of the trunk before the tail, shortcuts included.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.stem
            .iter()
            .chain(self.blocks.iter().flat_map(|b| b.path.iter().chain(b.shortcut.iter().flatten())))
    }

    /// Runs of blocks of equal width, as numbers of blocks: a run starts with a projection.
    pub fn stages(&self) -> Vec<usize> {
        let mut stages: Vec<usize> = Vec::new();
        let stride_at_end = self.blocks.iter().any(Block::is_pooled_past);
        let (mut channels, mut strided) = (0, false);
        for block in &self.blocks {
            let starts = match block.shortcut.as_deref() {
                // A block whose Add is missing starts a stage where its neighbours in other stages do.
                None if stride_at_end => strided,
                None => block.is_strided() || block.widens(channels),
                Some([]) => false,
                Some(_) => block.is_projected() || block.widens(channels),
            };
            match stages.last_mut() {
                Some(count) if !starts => *count += 1,
                _ => stages.push(1),
            }
            channels = block.filters().unwrap_or(channels);
            strided = block.is_strided();
        }
        stages
    }

    /// The version of a trunk without normalisations: an activation between most Adds and the split behind them is v1's.
    pub fn version_without_norms(&self) -> Option<Version> {
        if self.steps().any(|step| matches!(step.what, What::Norm { .. })) {
            return None;
        }
        let activated = |steps: &[Step]| steps.iter().any(|step| matches!(step.what, What::Activation(_)));
        let behind = self.blocks.iter().skip(1);
        let v1 = behind.filter(|block| activated(&block.path[..block.split])).count();
        Some(if v1 * 2 > self.blocks.len().saturating_sub(1) { Version::V1 } else { Version::V2 })
    }

    /// Chains of convolutions made like a block, but without an Add, become blocks without a shortcut.
    fn with_missing_adds(mut self) -> Skeleton {
        let Some(form) = self.form() else { return self };
        let mut blocks = Vec::with_capacity(self.blocks.len());
        let stem_end = stem_end(&self.stem);
        let after_stem = self.stem.split_off(stem_end);
        let (found, rest) = form.carve(after_stem);
        if found.is_empty() {
            self.stem.extend(rest);
        } else if let Some(first) = self.blocks.first_mut() {
            first.split = rest.len();
            first.path.splice(0..0, rest);
        }
        blocks.extend(found);
        for mut block in self.blocks {
            let main = block.path.split_off(block.split);
            let (found, rest) = form.carve(block.path);
            blocks.extend(found);
            block.split = rest.len();
            block.path = rest;
            block.path.extend(main);
            blocks.push(block);
        }
        let head = self.tail.split_off(head_start(&self.tail));
        let (found, rest) = form.carve(self.tail);
        blocks.extend(found);
        Skeleton { tail: rest.into_iter().chain(head).collect(), blocks, ..self }
    }

    fn form(&self) -> Option<Form> {
        let kind = self.kind()?;
        let ending =
            self.blocks.iter().filter(|b| matches!(b.path.last().map(|s| &s.what), Some(What::Norm { .. })));
        Some(Form { kind, ends_in_norm: ending.count() * 2 > self.blocks.len() })
    }
}

impl Block {
    /// Its kind, if it is one of the two of ResNets.
    pub fn kind(&self) -> Option<BlockKind> {
        // In front of the split there is a convolution only where the Add of another block is missing.
        let kernels: Vec<[usize; 2]> = convs(&self.path[self.split..]).map(|(_, conv)| conv.kernel).collect();
        [BlockKind::Basic, BlockKind::Bottleneck]
            .into_iter()
            .find(|kind| kind.kernels().iter().map(|k| [*k, *k]).eq(kernels.iter().copied()))
    }

    /// Whether the shortcut has a convolution.
    pub fn is_projected(&self) -> bool {
        self.shortcut.as_deref().is_some_and(|steps| convs(steps).next().is_some())
    }

    /// Output channels: those of the projection, or of the last convolution.
    fn filters(&self) -> Option<usize> {
        let shortcut = self.shortcut.as_deref().unwrap_or_default();
        convs(shortcut).next_back().or_else(|| convs(&self.path).next_back()).map(|(_, conv)| conv.filters)
    }

    fn is_strided(&self) -> bool {
        convs(&self.path).any(|(_, conv)| conv.strides != [1, 1])
    }

    /// Whether it has at least twice as many channels as came in; fewer more are an accident, not a new stage.
    fn widens(&self, channels: usize) -> bool {
        self.filters().is_some_and(|filters| filters >= channels.saturating_mul(2))
    }

    /// Whether its shortcut drops pixels by pooling, as at the end of a stage of `resnet_v2`.
    fn is_pooled_past(&self) -> bool {
        let shortcut = self.shortcut.as_deref().unwrap_or_default();
        !self.is_projected()
            && shortcut.iter().any(|step| matches!(step.what, What::Pool { .. }))
            && self.is_strided()
    }
}

/// What a chain without its Add is recognised by.
struct Form {
    kind: BlockKind,
    ends_in_norm: bool,
}

impl Form {
    /// Blocks without an Add at the start of `steps`, and the rest.
    fn carve(&self, mut steps: Vec<Step>) -> (Vec<Block>, Vec<Step>) {
        let mut blocks = Vec::new();
        while let Some(end) = self.end_of_block(&steps) {
            let rest = steps.split_off(end);
            let mut path = std::mem::replace(&mut steps, rest);
            let Some(join) = path.last().map(|step| step.node) else { break };
            path.retain(|step| step.what != What::Merge);
            blocks.push(Block { path, split: 0, shortcut: None, join, gated: false });
        }
        (blocks, steps)
    }

    /// Where the first block ends, if its convolutions are all there.
    fn end_of_block(&self, steps: &[Step]) -> Option<usize> {
        let is_conv = |step: &Step| step.what.conv().is_some();
        let last = self.kind.kernels().len() - 1;
        let (mut end, _) = steps.iter().enumerate().filter(|(_, step)| is_conv(step)).nth(last)?;
        end += 1;
        let follows =
            |end: usize, wanted: fn(&What) -> bool| steps.get(end).is_some_and(|step| wanted(&step.what));
        end += usize::from(self.ends_in_norm && follows(end, |what| matches!(what, What::Norm { .. })));
        // An Add that was left with one input still says where the block ends.
        Some(end + usize::from(follows(end, |what| *what == What::Merge)))
    }
}

/// Where the stem ends: behind its pooling, or where a second convolution starts.
fn stem_end(stem: &[Step]) -> usize {
    let pool = stem.iter().position(|step| matches!(step.what, What::Pool { .. }));
    let second = || stem.iter().enumerate().filter(|(_, step)| step.what.conv().is_some()).nth(1);
    pool.map(|at| at + 1).or_else(|| second().map(|(at, _)| at)).unwrap_or(stem.len())
}

/// Where the classifier starts: at the first pooling, reshaping or Dense.
fn head_start(tail: &[Step]) -> usize {
    let is_head = |what: &What| {
        matches!(what, What::Pool { .. } | What::GlobalPool(_) | What::Reshape | What::Dense(_))
    };
    tail.iter().position(|step| is_head(&step.what)).unwrap_or(tail.len())
}

/// Two chains of calls from one tensor to one Add, in the order of the data.
struct Diamond {
    main: Vec<NodeId>,
    shortcut: Vec<NodeId>,
    split: NodeId,
    gated: bool,
}

fn diamonds(graph: &Graph<'_>) -> BTreeMap<NodeId, Diamond> {
    let adds = (0..graph.nodes.len()).filter(|id| graph.node(*id).live && is_add(graph, *id));
    adds.filter_map(|add| Some((add, diamond(graph, add)?))).collect()
}

fn diamond(graph: &Graph<'_>, add: NodeId) -> Option<Diamond> {
    let &[left, right] = graph.node(add).inputs.as_slice() else { return None };
    let (left, left_gated) = chain_back(graph, left);
    let (right, right_gated) = chain_back(graph, right);
    let (from_left, from_right) = meeting(&left, &right)?;
    let split = left[from_left];
    let weight = |chain: &[NodeId]| (chain.iter().filter(|id| is_weighty(graph, **id)).count(), chain.len());
    let (left, right) = (forward(&left[..from_left]), forward(&right[..from_right]));
    let (main, shortcut, gated) =
        if weight(&left) >= weight(&right) { (left, right, left_gated) } else { (right, left, right_gated) };
    main.iter().any(|id| is_weighty(graph, *id)).then_some(Diamond { main, shortcut, split, gated })
}

fn forward(chain: &[NodeId]) -> Vec<NodeId> {
    chain.iter().rev().copied().collect()
}

/// Where two backward chains first have the same call, as positions in both.
fn meeting(left: &[NodeId], right: &[NodeId]) -> Option<(usize, usize)> {
    left.iter().enumerate().find_map(|(at, id)| Some((at, right.iter().position(|other| other == id)?)))
}

fn is_weighty(graph: &Graph<'_>, id: NodeId) -> bool {
    matches!(graph.op(id), Some(Op::Conv2D(_) | Op::DepthwiseConv2D(_)) | None)
}

/// The calls behind `start`, itself first, up to one that has several inputs or none, and whether a gate is among them.
fn chain_back(graph: &Graph<'_>, start: NodeId) -> (Vec<NodeId>, bool) {
    let (mut chain, mut gated) = (vec![start], false);
    let mut at = start;
    while chain.len() < MAX_BRANCH {
        match (graph.node(at).inputs.as_slice(), gated_value(graph, at)) {
            (&[input], _) => at = input,
            (_, Some(value)) => (at, gated) = (value, true),
            _ => break,
        }
        chain.push(at);
    }
    (chain, gated)
}

/// For a Multiply of a tensor with something computed from it alone, that tensor.
fn gated_value(graph: &Graph<'_>, id: NodeId) -> Option<NodeId> {
    if graph.op(id) != Some(&Op::Merge(Merge::Multiply)) {
        return None;
    }
    let &[left, right] = graph.node(id).inputs.as_slice() else { return None };
    let comes_from = |from: NodeId, value: NodeId| plain_chain_back(graph, from).contains(&value);
    if comes_from(right, left) { Some(left) } else { comes_from(left, right).then_some(right) }
}

fn plain_chain_back(graph: &Graph<'_>, start: NodeId) -> Vec<NodeId> {
    let next = |id: &NodeId| match graph.node(*id).inputs.as_slice() {
        &[input] => Some(input),
        _ => None,
    };
    std::iter::successors(Some(start), next).take(MAX_BRANCH).collect()
}

/// A diamond of a row, and the calls from the one before it to its split, in the order of the data.
struct Link {
    add: NodeId,
    lead: Vec<NodeId>,
}

/// The longest row of diamonds and the input it starts at.
fn longest_row(
    graph: &Graph<'_>,
    diamonds: &BTreeMap<NodeId, Diamond>,
) -> Option<(Vec<Link>, Option<NodeId>)> {
    let mut rows: BTreeMap<NodeId, (usize, Lead)> = BTreeMap::new();
    for (&add, diamond) in diamonds {
        let lead = lead(graph, diamonds, diamond.split);
        let before = lead.from.and_then(|from| rows.get(&from)).map_or(0, |(length, _)| *length);
        rows.insert(add, (before + 1, lead));
    }
    let (&last, _) = rows.iter().max_by_key(|(_, (length, _))| *length)?;
    let (mut row, mut next, mut input) = (Vec::new(), Some(last), None);
    while let Some((add, (_, lead))) = next.and_then(|add| rows.remove_entry(&add)) {
        input = lead.from.filter(|from| matches!(graph.op(*from), Some(Op::Input(_))));
        next = lead.from;
        row.push(Link { add, lead: lead.chain });
    }
    row.reverse();
    Some((row, input))
}

/// The calls in front of a split, and the diamond or input they start from.
struct Lead {
    chain: Vec<NodeId>,
    from: Option<NodeId>,
}

fn lead(graph: &Graph<'_>, diamonds: &BTreeMap<NodeId, Diamond>, split: NodeId) -> Lead {
    let (mut chain, mut at) = (Vec::new(), split);
    let from = loop {
        if diamonds.contains_key(&at) || matches!(graph.op(at), Some(Op::Input(_))) {
            break Some(at);
        }
        chain.push(at);
        at = match (graph.node(at).inputs.as_slice(), gated_value(graph, at)) {
            (&[input], _) if chain.len() < MAX_LEAD => input,
            (_, Some(value)) if chain.len() < MAX_LEAD => value,
            _ => break None,
        };
    };
    chain.reverse();
    Lead { chain, from }
}

fn block(graph: &Graph<'_>, diamond: &Diamond, link: &Link) -> Block {
    let mut path = steps(graph, &link.lead);
    let split = path.len();
    path.extend(steps(graph, &diamond.main));
    Block {
        path,
        split,
        shortcut: Some(steps(graph, &diamond.shortcut)),
        join: link.add,
        gated: diamond.gated,
    }
}

/// The calls behind `from` as long as each has one user and one input, and whether they end at the only output.
fn chain_to_output(graph: &Graph<'_>, from: NodeId) -> (Vec<NodeId>, bool) {
    let next = |id: &NodeId| match graph.node(*id).consumers.as_slice() {
        &[user] if graph.node(user).inputs.len() == 1 => Some(user),
        _ => None,
    };
    let chain: Vec<NodeId> = std::iter::successors(next(&from), next).take(MAX_LEAD).collect();
    let last = chain.last().copied().unwrap_or(from);
    (chain, graph.outputs == [last] && graph.node(last).consumers.is_empty())
}
