//! A trunk beside a reference: every difference, each with its layer.

use super::expected::{At, Expected, Want, expansion};
use super::families::{Blueprint, most_common, nearest_depth};
use super::skeleton::{Block, BlockKind, Skeleton};
use super::steps::{Conv, Pad, Step, What, convs};
use crate::graph::NodeId;
use crate::ops::pooling::Pooled;

/// One thing that is not as in the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The layer.
    pub node: NodeId,
    /// Where that is, in words.
    pub within: String,
    /// What about it.
    pub attribute: &'static str,
    /// What the reference has.
    pub expected: String,
    /// What the network has.
    pub found: String,
}

/// A trunk beside one reference.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The reference.
    pub blueprint: &'static Blueprint,
    /// Width of each stage: the filters most of its convolutions agree on.
    pub widths: Vec<usize>,
    /// Blocks of each stage.
    pub blocks: Vec<usize>,
    /// Every difference, in the order of the data.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Compares, where the reference has blocks of this kind.
    pub fn new(skeleton: &Skeleton, kind: BlockKind, blueprint: &'static Blueprint) -> Option<Comparison> {
        if !blueprint.kinds.contains(&kind) {
            return None;
        }
        let blocks = skeleton.stages();
        let widths = widths(skeleton, kind, blueprint, &blocks);
        let stem_filters = convs(&skeleton.stem).next().map_or(0, |(_, conv)| conv.filters);
        let expected = Expected { kind, blueprint, widths: &widths, blocks: &blocks, stem_filters };
        let context = Context { skeleton, expected, epsilon: epsilon(skeleton, blueprint) };
        let mut differences = context.differences();
        differences.sort_by_key(|difference| difference.node);
        Some(Comparison { blueprint, widths, blocks, differences })
    }

    /// How far apart they are: kinds of differences first, then their number.
    pub fn distance(&self) -> (usize, usize) {
        let mut kinds: Vec<_> =
            self.differences.iter().map(|d| (d.attribute, &d.expected, &d.found)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let stages = self.blocks.len().abs_diff(self.blueprint.widths.len());
        (kinds.len() + self.blueprint.vagueness + 10 * stages, self.differences.len())
    }
}

/// The epsilon to expect everywhere: the reference's, or what most normalisations of the network have.
fn epsilon(skeleton: &Skeleton, blueprint: &Blueprint) -> f64 {
    let found = skeleton.steps().filter_map(|step| match step.what {
        What::Norm { epsilon } => Some(epsilon),
        _ => None,
    });
    blueprint.epsilon.or_else(|| most_common(found)).unwrap_or_default()
}

fn widths(skeleton: &Skeleton, kind: BlockKind, blueprint: &Blueprint, stages: &[usize]) -> Vec<usize> {
    let mut blocks = skeleton.blocks.iter();
    let mut channels = convs(&skeleton.stem).next_back().map(|(_, conv)| conv.filters);
    let mut widths: Vec<usize> = Vec::with_capacity(stages.len());
    for (stage, count) in stages.iter().enumerate() {
        let factor = expansion(kind, blueprint, stage);
        let mut votes = Vec::new();
        for block in blocks.by_ref().take(*count) {
            votes.extend(width_votes(block, kind, factor));
            // An identity says that the width is that of what comes in.
            votes.extend(channels.take().filter(|_| stage == 0 && !block.is_projected()).map(|c| c / factor));
        }
        widths.push(most_common(votes.into_iter()).unwrap_or(0));
    }
    // The reference's own widths hold where the first stage has them.
    if widths.first() == blueprint.widths.first() {
        widths.iter_mut().zip(blueprint.widths).for_each(|(width, usual)| *width = *usual);
    }
    widths
}

/// The width every convolution of a block speaks for.
fn width_votes(block: &Block, kind: BlockKind, factor: usize) -> Vec<usize> {
    let last = kind.kernels().len() - 1;
    let main = convs(&block.path)
        .enumerate()
        .map(|(at, (_, conv))| if at == last { conv.filters / factor } else { conv.filters });
    let shortcut =
        convs(block.shortcut.as_deref().unwrap_or_default()).map(|(_, conv)| conv.filters / factor);
    main.chain(shortcut).collect()
}

struct Context<'c> {
    skeleton: &'c Skeleton,
    expected: Expected<'c>,
    epsilon: f64,
}

impl Context<'_> {
    fn differences(&self) -> Vec<Difference> {
        let mut out = Vec::new();
        let places = self
            .expected
            .blocks
            .iter()
            .enumerate()
            .flat_map(|(stage, of)| (0..*of).map(move |block| At { stage, block, of: *of }));
        let nothing = Vec::new();
        let mut before = &self.skeleton.stem;
        let mut wanted = self.expected.stem();
        for (at, block) in places.zip(&self.skeleton.blocks) {
            let within =
                format!("stage {}, block {}", stage_name(self.expected.blocks.len(), at.stage), at.block + 1);
            wanted.extend(self.expected.path(at));
            let names = [
                if before.is_empty() { within.clone() } else { "the stem".into() },
                format!("{within}, main branch"),
            ];
            let all: Vec<&Step> = before.iter().chain(&block.path).collect();
            let labelled = Labelled { steps: &all, first: before.len(), names: &names, end: block.join };
            self.sequence(&wanted, &labelled, &mut out);
            self.shortcut(at, block, &within, &mut out);
            (before, wanted) = (&nothing, Vec::new());
        }
        self.tail(&mut out);
        self.block_counts(&mut out);
        out
    }

    fn shortcut(&self, at: At, block: &Block, within: &str, out: &mut Vec<Difference>) {
        let within = format!("{within}, shortcut");
        let Some(steps) = &block.shortcut else {
            let (expected, found) = ("an Add with the shortcut".into(), "no Add".into());
            out.push(Difference {
                node: block.join,
                within,
                attribute: "residual connection",
                expected,
                found,
            });
            return;
        };
        let names = [within.clone(), within.clone()];
        let all: Vec<&Step> = steps.iter().collect();
        let labelled = Labelled { steps: &all, first: 0, names: &names, end: block.join };
        self.sequence(&self.expected.shortcut(at), &labelled, out);
        if self.expected.is_v2() && self.expected.is_projected(at) && block.is_projected() {
            self.check_split(at, block, within, out);
        }
    }

    /// In v2 the projection is taken in front of the block's first normalisation, or behind its activation.
    fn check_split(&self, at: At, block: &Block, within: String, out: &mut Vec<Difference>) {
        let bare = at.stage == 0 && at.block == 0;
        let activated =
            bare || block.path[..block.split].iter().any(|step| matches!(step.what, What::Activation(_)));
        if bare || activated == self.expected.blueprint.projection.activated {
            return;
        }
        let word = |activated| {
            if activated { "behind the first activation" } else { "in front of the first normalisation" }
        };
        let node = block.shortcut.as_deref().and_then(|s| s.first()).map_or(block.join, |step| step.node);
        let (expected, found) =
            (word(self.expected.blueprint.projection.activated).into(), word(activated).into());
        out.push(Difference { node, within, attribute: "start of the shortcut", expected, found });
    }

    /// What follows the last Add, up to the classifier.
    fn tail(&self, out: &mut Vec<Difference>) {
        let wants = self.expected.tail();
        let is_head = |step: &Step| {
            matches!(step.what, What::Pool { .. } | What::GlobalPool(_) | What::Reshape | What::Dense(_))
        };
        let steps: Vec<&Step> = self.skeleton.tail.iter().take_while(|step| !is_head(step)).collect();
        let Some(end) = self.skeleton.blocks.last().map(|block| block.join) else { return };
        let names = ["behind the last block".to_string(), "behind the last block".to_string()];
        // A model cut off at its last Add has no tail to compare.
        if !self.skeleton.tail.is_empty() {
            self.sequence(&wants, &Labelled { steps: &steps, first: 0, names: &names, end }, out);
        }
    }

    fn block_counts(&self, out: &mut Vec<Difference>) {
        let (_, usual) = nearest_depth(self.expected.kind, self.expected.blocks);
        let mut first = 0;
        for (stage, &count) in self.expected.blocks.iter().enumerate() {
            let expected = usual.get(stage).copied().unwrap_or(0);
            if count != expected {
                let node = self.skeleton.blocks[first + count.min(expected.max(1)) - 1].join;
                let within = format!("stage {}", stage_name(self.expected.blocks.len(), stage));
                let (expected, found) = (expected.to_string(), count.to_string());
                out.push(Difference { node, within, attribute: "number of blocks", expected, found });
                return;
            }
            first += count;
        }
    }

    /// Walks both sequences side by side; a layer too many or too few does not upset what follows.
    fn sequence(&self, wants: &[Want], have: &Labelled<'_>, out: &mut Vec<Difference>) {
        let (mut want, mut at) = (0, 0);
        while let Some(step) = have.steps.get(at) {
            let next = wants.get(want);
            let fits = |wanted: Option<&Want>, step: Option<&&Step>| {
                wanted.zip(step).is_some_and(|(w, s)| w.is_like(&s.what))
            };
            if fits(next, Some(step)) {
                self.step(&wants[want], step, &have.name(at), out);
                (want, at) = (want + 1, at + 1);
            } else if matches!(step.what, What::Opaque | What::Prepare) {
                at += 1;
            } else if next.is_some()
                && (fits(wants.get(want + 1), Some(step)) && !fits(next, have.steps.get(at + 1)))
            {
                out.push(have.missing(at, &wants[want]));
                want += 1;
            } else {
                let expected = next.map_or("nothing more", Want::word).to_string();
                let found = step.what.word().to_string();
                out.push(Difference {
                    node: step.node,
                    within: have.name(at),
                    attribute: "layer",
                    expected,
                    found,
                });
                at += 1;
                want += usize::from(next.is_some() && !fits(next, have.steps.get(at)));
            }
        }
        out.extend(wants[want.min(wants.len())..].iter().map(|w| have.missing(at, w)));
    }

    fn step(&self, want: &Want, step: &Step, within: &str, out: &mut Vec<Difference>) {
        let mut differ = |attribute: &'static str, expected: String, found: String| {
            if expected != found {
                out.push(Difference { node: step.node, within: within.into(), attribute, expected, found });
            }
        };
        match (want, &step.what) {
            (Want::Conv { kernel, filters, stride, padding, bias }, What::Conv(conv)) => {
                differ("kernel size", square([*kernel; 2]), square(conv.kernel));
                differ("filters", filters.to_string(), conv.filters.to_string());
                differ("strides", square([*stride; 2]), square(conv.strides));
                differ("dilation", square([1; 2]), square(conv.dilation));
                differ("groups", "1".into(), conv.groups.to_string());
                if let Some(padding) = padding.filter(|padding| tells(*padding, conv, *kernel, *stride)) {
                    differ("padding", padding.to_string(), conv.padding.to_string());
                }
                if let Some(bias) = bias {
                    differ("bias", yes(*bias), yes(conv.bias));
                }
            }
            (Want::Norm, What::Norm { epsilon }) => differ("epsilon", number(self.epsilon), number(*epsilon)),
            (Want::Relu, what @ What::Activation(function)) if !what.is_relu() => {
                differ("activation", "relu".into(), function.to_string());
            }
            (
                Want::Pool { size, stride, padding },
                What::Pool { pooled, size: found, strides, padding: pad },
            ) => {
                let word = |pooled: Pooled| if pooled == Pooled::Max { "maximum" } else { "average" };
                differ("pooling", word(Pooled::Max).into(), word(*pooled).into());
                differ("pool size", square([*size; 2]), square(*found));
                differ("strides", square([*stride; 2]), square(*strides));
                if let Some(padding) = padding {
                    differ("padding", padding.to_string(), pad.to_string());
                }
            }
            _ => {}
        }
    }
}

/// Steps with the words for where they are: `names[0]` for the first ones, `names[1]` from `first` on.
struct Labelled<'c> {
    steps: &'c [&'c Step],
    first: usize,
    names: &'c [String; 2],
    end: NodeId,
}

impl Labelled<'_> {
    fn name(&self, at: usize) -> String {
        self.names[usize::from(at >= self.first)].clone()
    }

    /// A layer that should stand at `at`, named by the one that stands there.
    fn missing(&self, at: usize, want: &Want) -> Difference {
        let node = self.steps.get(at).map_or(self.end, |step| step.node);
        let found = self.steps.get(at).map_or("nothing", |step| step.what.word()).to_string();
        Difference { node, within: self.name(at), attribute: "layer", expected: want.word().into(), found }
    }
}

/// With another kernel or stride the padding must differ too; then only explicit beside implicit padding is news.
fn tells(padding: Pad, conv: &Conv, kernel: usize, stride: usize) -> bool {
    let explicit = |pad: Pad| matches!(pad, Pad::Edges(_));
    let same_size = conv.kernel == [kernel; 2] && conv.strides == [stride; 2];
    same_size || (stride > 1 && kernel > 1 && explicit(padding) != explicit(conv.padding))
}

fn square([rows, columns]: [usize; 2]) -> String {
    format!("{rows}×{columns}")
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_string()
}

/// A short decimal: Keras writes 1.001e-5 as 1.001e-05, Rust as 0.00001001.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:e}") } else { value.to_string() }
}

/// What a stage is called: `conv2` to `conv5` as in the paper and Keras, or its number where there are not four.
pub fn stage_name(stages: usize, stage: usize) -> String {
    if stages == 4 { format!("conv{}", stage + 2) } else { (stage + 1).to_string() }
}
