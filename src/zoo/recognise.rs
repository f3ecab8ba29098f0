//! Which ResNet a network is, or what else.

use super::census::Census;
use super::compare::{Comparison, stage_name};
use super::details::Details;
use super::families::{
    BLUEPRINTS, Blueprint, Variant, Version, WIDE_SHORTCUTS, depth, nearest_depth, widening,
};
use super::naming::Naming;
use super::other::{self, Evidence, Other};
use super::skeleton::{BlockKind, Skeleton};
use super::steps::{Step, What, convs};
use super::words::many;
use crate::finding::Place;
use crate::graph::Graph;
use crate::keras::network::Network;
use crate::ops::Op;
use crate::ops::pooling::Pooled;

/// What a network was recognised as.
#[derive(Clone, Debug, PartialEq)]
pub enum Recognition {
    /// A ResNet, exact or with departures.
    ResNet(Box<ResNet>),
    /// Something else that has a name.
    Other(Other),
    /// Nothing that is known here.
    Unknown(Unknown),
}

/// A ResNet, beside the reference that is nearest to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResNet {
    /// `ResNet50`, `ResNet152V2`; `ResNet-26` where no ResNet has these numbers of blocks.
    pub family: String,
    /// Convolutions on the main branch and one Dense, as in the paper.
    pub depth: usize,
    /// v1 or v2.
    pub version: Version,
    /// Whose.
    pub variant: Variant,
    /// What its blocks are.
    pub block: BlockKind,
    /// The named ResNet with the nearest numbers of blocks; the family itself where they are the usual ones.
    pub nearest: String,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// Width of the first stage.
    pub base_width: usize,
    /// The reference's width of the first stage.
    pub usual_width: usize,
    /// Whether it ends in a Dense classifier.
    pub top: bool,
    /// Units of the last Dense.
    pub classes: Option<usize>,
    /// What stands behind the last block, in words: `global average pooling`, `Dense 10`.
    pub head: Vec<String>,
    /// Scheme of the layer names.
    pub naming: Naming,
    /// Shape of the input as the file has it, without the batch; open axes are `None`.
    pub input_shape: Option<Vec<Option<usize>>>,
    /// Path of the inner model that holds the blocks.
    pub nested_at: Option<String>,
    /// Layers with weights, those of nested models and heads counted.
    pub weighted_layers: usize,
    /// The first place where it departs from the reference.
    pub departure: Option<Departure>,
    /// How many differences there are in all.
    pub departures: usize,
    /// Layers that were passed over because they are not understood: path and class; at most 20.
    pub opaque: Vec<(String, String)>,
    /// What it was recognised from.
    pub basis: Basis,
    /// Small facts that tell implementations apart.
    pub details: Details,
    /// What led there, in sentences; what stays open stands last.
    pub evidence: Vec<String>,
}

/// What a network was recognised from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Its graph of layers.
    Architecture,
    /// The shapes and the order of stored weights.
    Weights,
}

impl Basis {
    /// A stable word for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Architecture => "architecture",
            Basis::Weights => "weights",
        }
    }
}

/// Blocks of equal width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `conv2` to `conv5`, or its number where there are not four.
    pub name: String,
    /// Number of blocks.
    pub blocks: usize,
    /// Filters inside its blocks; a bottleneck ends in a multiple of it.
    pub width: usize,
}

/// One place where a network is not as the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The layer.
    pub place: Place,
    /// Where that is: `stage conv3, block 1, main branch`.
    pub within: String,
    /// What about it: `strides`.
    pub attribute: &'static str,
    /// What the reference has.
    pub expected: String,
    /// What the network has.
    pub found: String,
    /// How many other layers differ in the same way.
    pub alike: usize,
}

impl std::fmt::Display for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Departure { place, within, attribute, expected, found, alike } = self;
        write!(f, "{place} ({within}): {attribute}: expected {expected}, found {found}")?;
        match alike {
            0 => Ok(()),
            1 => f.write_str("; one more layer differs in the same way"),
            more => write!(f, "; {more} more layers differ in the same way"),
        }
    }
}

/// A network without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What can be said of it.
    pub facts: Vec<String>,
    /// What that was seen from.
    pub basis: Basis,
}

/// Recognises a network by its structure.
pub fn recognise(network: &Network) -> Recognition {
    let graph = Graph::flatten(network);
    if graph.cut {
        let fact = format!("it has more than {} calls of layers", crate::limits::MAX_CALLS);
        return Recognition::Unknown(Unknown { facts: vec![fact], basis: Basis::Architecture });
    }
    let census = Census::take(network, &graph);
    let skeleton = Skeleton::trace(&graph);
    let resnet = skeleton.as_ref().and_then(|skeleton| resnet(&graph, &census, skeleton));
    match (resnet, &skeleton) {
        (Some(resnet), Some(skeleton)) if skeleton.ends => Recognition::ResNet(Box::new(resnet)),
        (resnet, skeleton) => {
            let resnet = resnet.map(|resnet| resnet.family);
            let evidence = Evidence {
                graph: &graph,
                census: &census,
                skeleton: skeleton.as_ref(),
                resnet: resnet.as_deref(),
            };
            other::name(&evidence).map_or_else(|| unknown(&graph, &census), Recognition::Other)
        }
    }
}

fn unknown(graph: &Graph<'_>, census: &Census) -> Recognition {
    let Census { layers, convs, dense, norms, adds, concats, opaque_count, outputs, .. } = census;
    let mut facts = vec![
        format!(
            "{}, of which {convs} Conv2D, {norms} BatchNormalization and {dense} Dense",
            many(*layers, "layer")
        ),
        format!(
            "{}, {} and {}",
            many(*adds, "addition"),
            many(*concats, "concatenation"),
            many(*outputs, "output")
        ),
    ];
    if *opaque_count > 0 {
        let are = if *opaque_count == 1 { "is" } else { "are" };
        facts.push(format!("{} that {are} not understood", many(*opaque_count, "layer")));
    }
    if let Some(first) = graph.circular.first() {
        facts.push(format!("layer {first} depends on its own result"));
    }
    Recognition::Unknown(Unknown { facts, basis: Basis::Architecture })
}

/// The ResNet that the trunk is, whatever follows it.
fn resnet(graph: &Graph<'_>, census: &Census, skeleton: &Skeleton) -> Option<ResNet> {
    let kind = skeleton.kind().filter(|_| is_plain(skeleton))?;
    let compare = |blueprint| Comparison::new(skeleton, kind, blueprint);
    let version = skeleton.version_without_norms();
    let possible = BLUEPRINTS.iter().filter(|blueprint| version.is_none_or(|it| blueprint.version == it));
    let nearest = possible.filter_map(compare).min_by_key(Comparison::distance)?;
    let suffix = if nearest.blueprint.variant == Variant::Modern && nearest.blueprint.version == Version::V2 {
        "V2"
    } else {
        ""
    };
    let filters = convs(&skeleton.stem).next().map_or(0, |(_, conv)| conv.filters);
    let (blueprint, blocks) = (nearest.blueprint, nearest.blocks.as_slice());
    let (family, named) = family(kind, blueprint, blocks, &nearest.widths, filters, suffix);
    let factor = widening(kind, blueprint.version, &nearest.widths, filters);
    let names = skeleton.convs().map(|(step, _)| graph.leaf(step.node).layer.name.as_str());
    let joins = skeleton.blocks.first().map(|block| graph.node(block.join).model)?;
    let nested_at = graph.models[joins].strip_suffix('/').map(str::to_string);
    Some(ResNet {
        family,
        depth: depth(kind, blocks) + factor.map_or(0, |_| WIDE_SHORTCUTS),
        version: nearest.blueprint.version,
        variant: nearest.blueprint.variant,
        block: kind,
        nearest: named,
        stages: stages(&nearest.blocks, &nearest.widths),
        base_width: nearest.widths.first().copied()?,
        usual_width: nearest.blueprint.widths.first()? * factor.unwrap_or(1),
        top: classes(skeleton).is_some(),
        classes: classes(skeleton),
        head: head(skeleton),
        naming: Naming::of_most(names),
        input_shape: input_shape(graph, skeleton),
        nested_at,
        weighted_layers: census.weighted_layers,
        departure: departure(graph, &nearest),
        departures: nearest.differences.len(),
        opaque: census.opaque.clone(),
        basis: Basis::Architecture,
        evidence: super::words::evidence(skeleton, census, &nearest, kind),
        details: Details::of_graph(graph, skeleton, kind),
    })
}

/// Whether the trunk has none of what makes a residual network something else than a ResNet.
fn is_plain(skeleton: &Skeleton) -> bool {
    const LEAST_BLOCKS: usize = 3;
    const STAGES: std::ops::RangeInclusive<usize> = 2..=6;
    let most = |count: usize| count * 2 > skeleton.blocks.len();
    let gated = skeleton.blocks.iter().filter(|block| block.gated).count();
    let grouped =
        skeleton.blocks.iter().filter(|b| b.path.iter().any(|s| s.what.conv().is_some_and(|c| c.groups > 1)));
    let depthwise = skeleton.steps().any(|step| matches!(step.what, What::Depthwise(_)));
    let rectified = |step: &&Step| matches!(step.what, What::Activation(_)) && !step.what.is_relu();
    let others = skeleton.steps().filter(rectified).count();
    let enough = skeleton.blocks.len() >= LEAST_BLOCKS && STAGES.contains(&skeleton.stages().len());
    enough
        && skeleton.input.is_some()
        && !most(gated)
        && !most(grouped.count())
        && !depthwise
        && !most(others)
}

/// Stages with their names.
pub(super) fn stages(blocks: &[usize], widths: &[usize]) -> Vec<Stage> {
    let name = |stage| stage_name(blocks.len(), stage);
    let counts = blocks.iter().zip(widths).enumerate();
    counts.map(|(stage, (&blocks, &width))| Stage { name: name(stage), blocks, width }).collect()
}

/// What a ResNet is called, and the named one with the nearest numbers of blocks. A Wide ResNet (arXiv 1605.07146) is
/// named by its own rule: 6n+4 layers, and how many times wider than its first convolution it is.
pub(super) fn family(
    kind: BlockKind,
    blueprint: &Blueprint,
    blocks: &[usize],
    widths: &[usize],
    stem_filters: usize,
    suffix: &str,
) -> (String, String) {
    let (usual, usual_blocks) = nearest_depth(kind, blocks);
    if let Some(factor) = widening(kind, blueprint.version, widths, stem_filters)
        && usual_blocks == blocks
    {
        let name = format!("WideResNet-{}-{factor}", usual + WIDE_SHORTCUTS);
        return (name.clone(), name);
    }
    let nearest = format!("ResNet{usual}{suffix}");
    let is_usual = usual_blocks == blocks;
    let family = if is_usual { nearest.clone() } else { format!("ResNet-{}{suffix}", depth(kind, blocks)) };
    (family, nearest)
}

fn classes(skeleton: &Skeleton) -> Option<usize> {
    skeleton.tail.iter().rev().find_map(|step| match step.what {
        What::Dense(units) => Some(units),
        _ => None,
    })
}

fn head(skeleton: &Skeleton) -> Vec<String> {
    let words = |step: &Step| match &step.what {
        What::GlobalPool(Pooled::Average) => Some("global average pooling".to_string()),
        What::GlobalPool(Pooled::Max) => Some("global maximum pooling".to_string()),
        What::Pool { pooled: Pooled::Average, size, .. } => {
            Some(format!("average pooling {}×{}", size[0], size[1]))
        }
        What::Pool { pooled: Pooled::Max, size, .. } => {
            Some(format!("maximum pooling {}×{}", size[0], size[1]))
        }
        What::Dense(units) => Some(format!("Dense {units}")),
        What::Conv(conv) => Some(format!("Conv2D {}", conv.filters)),
        _ => None,
    };
    skeleton.tail.iter().filter_map(words).collect()
}

fn input_shape(graph: &Graph<'_>, skeleton: &Skeleton) -> Option<Vec<Option<usize>>> {
    match graph.op(skeleton.input?) {
        Some(Op::Input(input)) => input.shape.clone(),
        _ => None,
    }
}

fn departure(graph: &Graph<'_>, comparison: &Comparison) -> Option<Departure> {
    let first = comparison.differences.first()?;
    let same = |d: &&super::compare::Difference| {
        (d.attribute, &d.expected, &d.found) == (first.attribute, &first.expected, &first.found)
    };
    Some(Departure {
        place: Place::Layer(graph.leaf(first.node).path.clone()),
        within: first.within.clone(),
        attribute: first.attribute,
        expected: first.expected.clone(),
        found: first.found.clone(),
        alike: comparison.differences.iter().filter(same).count() - 1,
    })
}
