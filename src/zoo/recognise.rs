//! Which ResNet a network is, or what else.

use super::census::Census;
use super::compare::{Comparison, stage_name};
use super::families::{BLUEPRINTS, Variant, Version, depth, nearest_depth};
use super::naming::Naming;
use super::other::{self, Evidence, Other};
use super::skeleton::{BlockKind, Skeleton};
use super::steps::{Step, What};
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
}

/// Recognises a network by its structure.
pub fn recognise(network: &Network) -> Recognition {
    let graph = Graph::flatten(network);
    if graph.cut {
        let fact = format!("it has more than {} calls of layers", crate::limits::MAX_CALLS);
        return Recognition::Unknown(Unknown { facts: vec![fact] });
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
        format!("{layers} layers, of which {convs} Conv2D, {norms} BatchNormalization and {dense} Dense"),
        format!("{adds} additions, {concats} concatenations and {outputs} outputs"),
    ];
    if *opaque_count > 0 {
        facts.push(format!("{opaque_count} layers that are not understood"));
    }
    if let Some(first) = graph.circular.first() {
        facts.push(format!("layer {first} depends on its own result"));
    }
    Recognition::Unknown(Unknown { facts })
}

/// The ResNet that the trunk is, whatever follows it.
fn resnet(graph: &Graph<'_>, census: &Census, skeleton: &Skeleton) -> Option<ResNet> {
    let kind = skeleton.kind().filter(|_| is_plain(skeleton))?;
    let compare = |blueprint| Comparison::new(skeleton, kind, blueprint);
    let nearest = BLUEPRINTS.iter().filter_map(compare).min_by_key(Comparison::distance)?;
    let usual = nearest_depth(kind, &nearest.blocks);
    let depth = depth(kind, &nearest.blocks);
    let suffix = if nearest.blueprint.variant == Variant::Modern && nearest.blueprint.version == Version::V2 {
        "V2"
    } else {
        ""
    };
    let named = format!("ResNet{}{suffix}", usual.0);
    let is_usual = usual.1 == nearest.blocks;
    let names = skeleton.convs().map(|(step, _)| graph.leaf(step.node).layer.name.as_str());
    let joins = skeleton.blocks.first().map(|block| graph.node(block.join).model)?;
    let nested_at = graph.models[joins].strip_suffix('/').map(str::to_string);
    Some(ResNet {
        family: if is_usual { named.clone() } else { format!("ResNet-{depth}{suffix}") },
        depth,
        version: nearest.blueprint.version,
        variant: nearest.blueprint.variant,
        block: kind,
        nearest: named,
        stages: stages(&nearest),
        base_width: nearest.widths.first().copied()?,
        usual_width: nearest.blueprint.widths.first().copied()?,
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

fn stages(comparison: &Comparison) -> Vec<Stage> {
    let counts = comparison.blocks.iter().zip(&comparison.widths).enumerate();
    let name = |stage| stage_name(comparison.blocks.len(), stage);
    counts.map(|(stage, (&blocks, &width))| Stage { name: name(stage), blocks, width }).collect()
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

impl Recognition {
    /// One sentence a person can repeat.
    pub fn summary(&self) -> String {
        match self {
            Recognition::ResNet(resnet) => resnet.summary(),
            Recognition::Other(other) => format!("Not a ResNet: {}; {}.", other.name, other.why),
            Recognition::Unknown(unknown) => format!("Unknown architecture: {}.", unknown.facts.join("; ")),
        }
    }

    /// The ResNet, if it is one.
    pub fn resnet(&self) -> Option<&ResNet> {
        match self {
            Recognition::ResNet(resnet) => Some(resnet),
            Recognition::Other(_) | Recognition::Unknown(_) => None,
        }
    }
}

impl ResNet {
    /// Whether no ResNet with a name has these numbers of blocks.
    pub fn is_unusual(&self) -> bool {
        self.family != self.nearest
    }

    /// Whether it is narrower or wider than the reference.
    pub fn is_rescaled(&self) -> bool {
        self.base_width != self.usual_width
    }

    /// One sentence: family, version, variant, classes, input, top, and what is not usual.
    pub fn summary(&self) -> String {
        let version = if self.family.ends_with("V2") { "" } else { self.version.word() };
        let name = [self.family.as_str(), version].join(" ");
        let mut parts = vec![format!("{} ({})", name.trim_end(), self.variant.words())];
        parts.extend(
            self.classes
                .map(|classes| format!("{classes} {}", if classes == 1 { "class" } else { "classes" })),
        );
        parts.extend(self.input_shape.as_deref().map(shape_words));
        parts.extend(self.nested_at.as_deref().map(|path| format!("inside the model {path}")));
        parts.push(if self.top { "with top" } else { "without top" }.into());
        format!("{}{}.", parts.join(", "), self.oddities())
    }

    /// What distinguishes it from the named ResNet besides departures, each behind a semicolon.
    fn oddities(&self) -> String {
        let mut out = String::new();
        if self.is_unusual() {
            let blocks: Vec<String> = self.stages.iter().map(|s| s.blocks.to_string()).collect();
            out += &format!("; unusual block counts {}, nearest {}", blocks.join("-"), self.nearest);
        }
        if self.is_rescaled() {
            let word = if self.base_width < self.usual_width { "narrow" } else { "wide" };
            out += &format!("; {word}: base width {} instead of {}", self.base_width, self.usual_width);
        }
        if let Some((path, class)) = self.opaque.first() {
            let more = self.opaque.len() - 1;
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            out += &format!("; passed over without understanding it: {path} ({class}){others}");
        }
        out
    }
}

/// `224×224×3`, with `?` for an open axis.
fn shape_words(shape: &[Option<usize>]) -> String {
    let axes: Vec<String> = shape.iter().map(|axis| axis.map_or("?".into(), |n| n.to_string())).collect();
    axes.join("×")
}
