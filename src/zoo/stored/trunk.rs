//! A ResNet's weighted layers in the order of a file, and how a file's own differ from them.

use super::layers::{Conv, Kind, Layer};
use crate::limits;
use crate::zoo::compare::stage_name;
use crate::zoo::expected::{At, Expected, Want, expansion};
use crate::zoo::families::{BLUEPRINTS, Blueprint, DEPTHS, most_common};
use crate::zoo::skeleton::BlockKind;

/// Where a file has the convolution of a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In front of the last convolution of the main branch: the modern `keras.applications`.
    BeforeLast,
    /// Behind the main branch: the classic `keras.applications`, ImageAI, the CIFAR example.
    Behind,
    /// In front of the block.
    InFront,
}

const ORDERS: [Order; 3] = [Order::BeforeLast, Order::Behind, Order::InFront];

/// Where in a network a slot is.
#[derive(Clone, Copy)]
enum Part {
    Stem,
    Main(At),
    Shortcut(At),
    Tail,
}

impl Part {
    fn words(self, stages: usize) -> String {
        let block = |at: At| format!("stage {}, block {}", stage_name(stages, at.stage), at.block + 1);
        match self {
            Part::Stem => "the stem".to_string(),
            Part::Main(at) => format!("{}, main branch", block(at)),
            Part::Shortcut(at) => format!("{}, shortcut", block(at)),
            Part::Tail => "behind the last block".to_string(),
        }
    }
}

/// What must be stored at one place.
#[derive(Clone)]
struct Slot {
    /// Where that is.
    part: Part,
    /// Stages of the network.
    stages: usize,
    /// What it is; a bias that the reference leaves open counts as there.
    kind: Kind,
    /// Whether the reference leaves the bias open.
    any_bias: bool,
}

impl Slot {
    fn within(&self) -> String {
        self.part.words(self.stages)
    }
}

/// One layer that is not as in the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Index among the layers.
    pub layer: usize,
    /// Where that is, in words.
    pub within: String,
    /// What about it.
    pub attribute: &'static str,
    /// What the reference has.
    pub expected: String,
    /// What the file has.
    pub found: String,
}

/// Stored layers beside one reference.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// The reference.
    pub blueprint: &'static Blueprint,
    /// What its blocks are.
    pub kind: BlockKind,
    /// Where the shortcuts stand.
    pub order: Order,
    /// Width of each stage.
    pub widths: Vec<usize>,
    /// Blocks of each stage.
    pub blocks: Vec<usize>,
    /// Convolutions that belong to it; the file may have more behind them.
    pub convs: usize,
    /// Normalisations that belong to it.
    pub norms: usize,
    /// Every difference, in the order of the file.
    pub differences: Vec<Difference>,
}

/// Layers of one kind that may be absent.
const MOST_MISSING: usize = 1;

/// The convolutions and normalisations of a file, each with its index among the layers.
pub struct Found<'l> {
    convs: Vec<(usize, &'l Conv)>,
    norms: Vec<(usize, u64)>,
}

impl<'l> Found<'l> {
    /// Sorts out.
    pub fn new(layers: &'l [Layer]) -> Found<'l> {
        let conv = |(at, layer): (usize, &'l Layer)| match &layer.kind {
            Kind::Conv(conv) | Kind::Transposed(conv) => Some((at, conv)),
            _ => None,
        };
        let norm = |(at, layer): (usize, &Layer)| match layer.kind {
            Kind::Norm { channels, .. } => Some((at, channels)),
            _ => None,
        };
        Found {
            convs: layers.iter().enumerate().filter_map(conv).collect(),
            norms: layers.iter().enumerate().filter_map(norm).collect(),
        }
    }

    /// The nearest ResNet, where one is near: at most one layer in eight may differ.
    pub fn nearest(&self) -> Option<Trunk> {
        if self.convs.len() > limits::MAX_TRUNK_CONVS {
            return None;
        }
        let plans = self.plans();
        let trunks = plans.iter().flat_map(|(kind, blocks)| {
            let usable = BLUEPRINTS.iter().filter(|blueprint| fits(blueprint, *kind, blocks));
            usable.flat_map(move |blueprint| ORDERS.map(|order| (*kind, blocks, blueprint, order)))
        });
        let nearest = trunks
            .filter_map(|(kind, blocks, blueprint, order)| self.beside(kind, blocks, blueprint, order))
            .min_by_key(|trunk| {
                (trunk.differences.len() + 2 * trunk.blueprint.vagueness, std::cmp::Reverse(trunk.convs))
            })?;
        (nearest.differences.len() * 8 <= nearest.convs + nearest.norms).then_some(nearest)
    }

    /// Numbers of blocks to try: the published ones with as many convolutions or fewer, and what the kernels tell.
    fn plans(&self) -> Vec<(BlockKind, Vec<usize>)> {
        let mut plans: Vec<_> = [BlockKind::Bottleneck, BlockKind::Basic]
            .into_iter()
            .flat_map(|kind| [false, true].map(|in_front| (kind, in_front)))
            .filter_map(|(kind, in_front)| Some((kind, self.told_blocks(kind, in_front)?)))
            .collect();
        // The networks for 32×32 pictures: 6n+3 or 9n+4 convolutions, whatever is wrong with one of them.
        for (kind, per_n) in [(BlockKind::Basic, 6), (BlockKind::Bottleneck, 9)] {
            let n = self.convs.len() / per_n;
            plans.extend([n, n + 1].into_iter().filter(|n| *n > 0).map(|n| (kind, vec![n; 3])));
        }
        plans.extend(DEPTHS.iter().map(|depth| (depth.kind, depth.blocks.to_vec())));
        plans
    }

    /// Blocks of each stage, by where the 1×1 convolutions of the shortcuts stand among the larger kernels: in front of
    /// the first block of a stage, or in it or behind it.
    fn told_blocks(&self, kind: BlockKind, in_front: bool) -> Option<Vec<usize>> {
        // How many 1×1 convolutions stand in front of each larger one, and behind the last.
        let mut gaps = vec![0usize];
        for (_, conv) in self.convs.iter().skip(1) {
            match gaps.last_mut() {
                Some(gap) if conv.kernel == [1, 1] => *gap += 1,
                _ => gaps.push(0),
            }
        }
        let large = gaps.len() - 1;
        let (per_block, usual) = match kind {
            BlockKind::Basic => (2, 0),
            BlockKind::Bottleneck => (1, 2),
        };
        let extra = |at: usize| gaps[at] > if at == 0 || at == large { usual / 2 } else { usual };
        let block = |at: usize| if in_front { at / per_block } else { at.saturating_sub(1) / per_block };
        let starts = (0..gaps.len()).filter(|at| extra(*at)).map(block);
        stages(starts.filter(|start| *start > 0).collect(), large / per_block)
    }

    fn beside(
        &self,
        kind: BlockKind,
        blocks: &[usize],
        blueprint: &'static Blueprint,
        order: Order,
    ) -> Option<Trunk> {
        let (_, stem) = self.convs.first()?;
        let widths = self.widths(kind, blocks, blueprint, order)?;
        let stem_filters = usize::try_from(stem.filters).ok()?;
        let expected = Expected { kind, blueprint, widths: &widths, blocks, stem_filters };
        let (convs, norms) = Slots::new(&expected, stem.inputs, order).done();
        if convs.len() > self.convs.len() + MOST_MISSING || norms.len() > self.norms.len() + MOST_MISSING {
            return None;
        }
        let mut differences = align(&convs, &self.convs, conv_difference);
        differences.extend(align(&norms, &self.norms, norm_difference));
        differences.sort_by_key(|difference| difference.layer);
        let (convs, norms) = (convs.len().min(self.convs.len()), norms.len().min(self.norms.len()));
        let blocks = blocks.to_vec();
        Some(Trunk { blueprint, kind, order, widths, blocks, convs, norms, differences })
    }

    /// Width of each stage: what most of its convolutions agree on.
    fn widths(
        &self,
        kind: BlockKind,
        blocks: &[usize],
        blueprint: &'static Blueprint,
        order: Order,
    ) -> Option<Vec<usize>> {
        // A network of width 1 tells which convolution is where.
        let ones = vec![1; blocks.len()];
        let expected = Expected { kind, blueprint, widths: &ones, blocks, stem_filters: 1 };
        let (slots, _) = Slots::new(&expected, 1, order).done();
        let stem = slots.len() - Slots::blocks_of(&expected);
        let mut convs = self.convs.iter().skip(stem);
        let mut widths = Vec::with_capacity(blocks.len());
        for (stage, count) in blocks.iter().enumerate() {
            let factor = expansion(kind, blueprint, stage);
            let projected = usize::from(expected.is_projected(At { stage, block: 0, of: *count }));
            let of_stage = convs.by_ref().take(count * kind.kernels().len() + projected);
            let votes = of_stage.filter_map(|(_, conv)| {
                let filters = usize::try_from(conv.filters).ok()?;
                Some(if conv.kernel == [1, 1] && conv.filters >= conv.inputs && factor > 1 {
                    filters / factor
                } else {
                    filters
                })
            });
            // An identity says that the width is that of what comes in.
            let entering = self.convs.first().filter(|_| stage == 0 && projected == 0);
            let entering = entering.and_then(|(_, conv)| usize::try_from(conv.filters).ok());
            widths.push(most_common(votes.chain(entering.map(|filters| filters / factor)))?);
        }
        // Where every stage is as wide as the first there are no stages.
        let widens = widths.iter().max() > widths.first();
        widens.then_some(widths)
    }
}

fn fits(blueprint: &Blueprint, kind: BlockKind, blocks: &[usize]) -> bool {
    blueprint.kinds.contains(&kind) && blueprint.widths.len() == blocks.len()
}

/// Numbers of blocks between the blocks at which stages start.
fn stages(mut starts: Vec<usize>, count: usize) -> Option<Vec<usize>> {
    starts.insert(0, 0);
    starts.dedup();
    starts.push(count);
    let blocks: Option<Vec<usize>> =
        starts.windows(2).map(|pair| pair[1].checked_sub(pair[0]).filter(|n| *n > 0)).collect();
    blocks.filter(|blocks| (2..=6).contains(&blocks.len()))
}

/// The layers of a reference, in the order of a file.
struct Slots {
    convs: Vec<Slot>,
    norms: Vec<Slot>,
    channels: u64,
    stages: usize,
}

impl Slots {
    fn new(expected: &Expected<'_>, inputs: u64, order: Order) -> Slots {
        let stages = expected.blocks.len();
        let mut slots = Slots { convs: Vec::new(), norms: Vec::new(), channels: inputs, stages };
        slots.run(Part::Stem, &expected.stem());
        for (stage, &of) in expected.blocks.iter().enumerate() {
            for block in 0..of {
                slots.block(expected, At { stage, block, of }, order);
            }
        }
        slots.run(Part::Tail, &expected.tail());
        slots
    }

    fn blocks_of(expected: &Expected<'_>) -> usize {
        let all: usize = expected.blocks.iter().sum();
        let stages = expected.blocks.iter().enumerate();
        let projected =
            stages.filter(|(stage, of)| expected.is_projected(At { stage: *stage, block: 0, of: **of }));
        all * expected.kind.kernels().len() + projected.count()
    }

    fn done(self) -> (Vec<Slot>, Vec<Slot>) {
        (self.convs, self.norms)
    }

    fn block(&mut self, expected: &Expected<'_>, at: At, order: Order) {
        let (entry, starts) = (self.channels, (self.convs.len(), self.norms.len()));
        self.run(Part::Main(at), &expected.path(at));
        let (end, ends) = (self.channels, (self.convs.len(), self.norms.len()));
        self.channels = entry;
        self.run(Part::Shortcut(at), &expected.shortcut(at));
        self.channels = end;
        let place = |start: usize, end: usize| match order {
            Order::BeforeLast => end.saturating_sub(1).max(start),
            Order::Behind => end,
            Order::InFront => start,
        };
        let (convs, norms) = (self.convs.len() - ends.0, self.norms.len() - ends.1);
        self.convs[place(starts.0, ends.0)..].rotate_right(convs);
        self.norms[place(starts.1, ends.1)..].rotate_right(norms);
    }

    fn run(&mut self, part: Part, wants: &[Want]) {
        let stages = self.stages;
        for want in wants {
            match want {
                Want::Conv { kernel, filters, bias, .. } => {
                    let (kernel, filters) = ([*kernel as u64; 2], *filters as u64);
                    let conv = Conv { kernel, inputs: self.channels, filters, bias: bias.unwrap_or(true) };
                    self.channels = filters;
                    self.convs.push(Slot { part, stages, kind: Kind::Conv(conv), any_bias: bias.is_none() });
                }
                Want::Norm => {
                    let kind = Kind::Norm { channels: self.channels, vectors: 4 };
                    self.norms.push(Slot { part, stages, kind, any_bias: true });
                }
                Want::Relu | Want::Pool { .. } => {}
            }
        }
    }
}

/// Walks slots and stored layers side by side. Where fewer layers are stored than there are slots, one that is absent
/// does not upset what follows.
fn align<T: Copy>(
    slots: &[Slot],
    found: &[(usize, T)],
    differ: impl Fn(&Slot, usize, T) -> Option<Difference>,
) -> Vec<Difference> {
    let mut absent = slots.len().saturating_sub(found.len());
    let (mut out, mut at) = (Vec::new(), 0);
    for (position, slot) in slots.iter().enumerate() {
        let difference = match found.get(at) {
            Some(&(layer, it)) => differ(slot, layer, it),
            None => Some(missing(slot, found.last().map_or(0, |(layer, _)| *layer))),
        };
        let Some(difference) = difference else {
            at += 1;
            continue;
        };
        let fits_later = |ahead: usize| match (slots.get(position + 1 + ahead), found.get(at + ahead)) {
            (Some(next), Some(&(layer, it))) => differ(next, layer, it).is_none(),
            _ => true,
        };
        if absent > 0 && fits_later(0) && fits_later(1) {
            absent -= 1;
            out.push(missing(slot, difference.layer));
        } else {
            out.push(difference);
            at += 1;
        }
    }
    out
}

fn missing(slot: &Slot, layer: usize) -> Difference {
    let expected = match &slot.kind {
        Kind::Conv(conv) => format!("Conv2D with a kernel {}", shape(conv)),
        _ => "BatchNormalization".to_string(),
    };
    let found = "another in its place".to_string();
    Difference { layer, within: slot.within(), attribute: "layer", expected, found }
}

fn shape(conv: &Conv) -> String {
    let [rows, columns] = conv.kernel;
    format!("({rows}, {columns}, {}, {})", conv.inputs, conv.filters)
}

fn conv_difference(slot: &Slot, layer: usize, found: &Conv) -> Option<Difference> {
    let Kind::Conv(expected) = &slot.kind else { return None };
    let bias = |conv: &Conv| if conv.bias { "yes" } else { "no" }.to_string();
    let same = |conv: &Conv| (conv.kernel, conv.inputs, conv.filters);
    let (attribute, expected, found) = if same(expected) != same(found) {
        ("shape of the kernel", shape(expected), shape(found))
    } else if expected.bias != found.bias && !slot.any_bias {
        ("bias", bias(expected), bias(found))
    } else {
        return None;
    };
    Some(Difference { layer, within: slot.within(), attribute, expected, found })
}

fn norm_difference(slot: &Slot, layer: usize, found: u64) -> Option<Difference> {
    match slot.kind {
        Kind::Norm { channels, .. } if channels != found => Some(Difference {
            layer,
            within: slot.within(),
            attribute: "channels",
            expected: channels.to_string(),
            found: found.to_string(),
        }),
        _ => None,
    }
}
