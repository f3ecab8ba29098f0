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

/// What must be stored at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Where that is, in words.
    pub within: String,
    /// What it is; a bias that the reference leaves open counts as there.
    pub kind: Kind,
    /// Whether the reference leaves the bias open.
    pub any_bias: bool,
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

/// The convolutions and normalisations of a file, each with its index among the layers.
pub struct Found<'l> {
    convs: Vec<(usize, &'l Conv)>,
    norms: Vec<(usize, u64)>,
}

impl<'l> Found<'l> {
    /// Sorts out.
    pub fn new(layers: &'l [Layer]) -> Found<'l> {
        let conv = |(at, layer): (usize, &'l Layer)| match &layer.kind {
            Kind::Conv(conv) => Some((at, conv)),
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
        if convs.len() > self.convs.len() || norms.len() > self.norms.len() {
            return None;
        }
        let mut differences = Vec::new();
        for (slot, (layer, conv)) in convs.iter().zip(&self.convs) {
            differences.extend(conv_difference(slot, *layer, conv));
        }
        for (slot, (layer, channels)) in norms.iter().zip(&self.norms) {
            differences.extend(norm_difference(slot, *layer, *channels));
        }
        differences.sort_by_key(|difference| difference.layer);
        let (blocks, convs, norms) = (blocks.to_vec(), convs.len(), norms.len());
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
            widths.push(most_common(votes)?);
        }
        Some(widths)
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
}

impl Slots {
    fn new(expected: &Expected<'_>, inputs: u64, order: Order) -> Slots {
        let mut slots = Slots { convs: Vec::new(), norms: Vec::new(), channels: inputs };
        slots.run("the stem", &expected.stem());
        for (stage, &of) in expected.blocks.iter().enumerate() {
            for block in 0..of {
                slots.block(expected, At { stage, block, of }, order);
            }
        }
        slots.run("behind the last block", &expected.tail());
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
        let within = format!("stage {}, block {}", stage_name(expected.blocks.len(), at.stage), at.block + 1);
        let (entry, starts) = (self.channels, (self.convs.len(), self.norms.len()));
        self.run(&format!("{within}, main branch"), &expected.path(at));
        let (end, ends) = (self.channels, (self.convs.len(), self.norms.len()));
        self.channels = entry;
        self.run(&format!("{within}, shortcut"), &expected.shortcut(at));
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

    fn run(&mut self, within: &str, wants: &[Want]) {
        for want in wants {
            let within = within.to_string();
            match want {
                Want::Conv { kernel, filters, bias, .. } => {
                    let (kernel, filters) = ([*kernel as u64; 2], *filters as u64);
                    let conv = Conv { kernel, inputs: self.channels, filters, bias: bias.unwrap_or(true) };
                    self.channels = filters;
                    self.convs.push(Slot { within, kind: Kind::Conv(conv), any_bias: bias.is_none() });
                }
                Want::Norm => {
                    let kind = Kind::Norm { channels: self.channels, vectors: 4 };
                    self.norms.push(Slot { within, kind, any_bias: true });
                }
                Want::Relu | Want::Pool { .. } => {}
            }
        }
    }
}

fn conv_difference(slot: &Slot, layer: usize, found: &Conv) -> Option<Difference> {
    let Kind::Conv(expected) = &slot.kind else { return None };
    let shape = |conv: &Conv| {
        let [rows, columns] = conv.kernel;
        format!("({rows}, {columns}, {}, {})", conv.inputs, conv.filters)
    };
    let bias = |conv: &Conv| if conv.bias { "yes" } else { "no" }.to_string();
    let (attribute, expected, found) = if shape(expected) != shape(found) {
        ("shape of the kernel", shape(expected), shape(found))
    } else if expected.bias != found.bias && !slot.any_bias {
        ("bias", bias(expected), bias(found))
    } else {
        return None;
    };
    Some(Difference { layer, within: slot.within.clone(), attribute, expected, found })
}

fn norm_difference(slot: &Slot, layer: usize, found: u64) -> Option<Difference> {
    match slot.kind {
        Kind::Norm { channels, .. } if channels != found => Some(Difference {
            layer,
            within: slot.within.clone(),
            attribute: "channels",
            expected: channels.to_string(),
            found: found.to_string(),
        }),
        _ => None,
    }
}
