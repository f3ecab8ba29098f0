//! Names for networks that are not ResNets, by what they are made of.

use super::census::{Census, has_class};
use super::families::depth;
use super::recognise::Basis;
use super::skeleton::Skeleton;
use super::steps::convs;
use super::words::many;
use crate::graph::{Graph, NodeId};
use crate::ops::Op;

/// What a network is, if not a ResNet, and what that was seen from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// What people call it.
    pub name: String,
    /// What in the graph says so.
    pub why: String,
    /// What that was seen from.
    pub basis: Basis,
}

/// All that the rules look at.
pub struct Evidence<'e> {
    /// The graph.
    pub graph: &'e Graph<'e>,
    /// Its numbers.
    pub census: &'e Census,
    /// Its residual trunk, if it has one.
    pub skeleton: Option<&'e Skeleton>,
    /// The ResNet that its trunk alone would be.
    pub resnet: Option<&'e str>,
}

type Rule = fn(&Evidence<'_>) -> Option<Other>;

/// The first that applies decides, so the special ones stand first.
const RULES: &[Rule] = &[
    recurrent,
    transformer,
    yolo,
    darknet,
    resnet_inside,
    efficient,
    separable,
    grouped_or_gated,
    u_net,
    ssd,
    densenet,
    squeezenet,
    inception,
    residual,
    vgg,
    plain_cnn,
    mlp,
];

/// The name that the graph tells, if it tells any.
pub fn name(evidence: &Evidence<'_>) -> Option<Other> {
    RULES.iter().find_map(|rule| rule(evidence))
}

fn other(name: impl Into<String>, why: impl Into<String>) -> Option<Other> {
    Some(Other { name: name.into(), why: why.into(), basis: Basis::Architecture })
}

fn recurrent(e: &Evidence<'_>) -> Option<Other> {
    const CLASSES: &[&str] = &[
        "LSTM",
        "LSTMV1",
        "CuDNNLSTM",
        "ConvLSTM2D",
        "GRU",
        "GRUV1",
        "CuDNNGRU",
        "SimpleRNN",
        "RNN",
        "Bidirectional",
    ];
    let class = CLASSES.iter().find(|class| has_class(e.graph, &[class]))?;
    let name = if class.contains("LSTM") { "LSTM network" } else { "recurrent network" };
    other(name, format!("it has {class} layers"))
}

fn transformer(e: &Evidence<'_>) -> Option<Other> {
    has_class(e.graph, &["MultiHeadAttention", "Attention"]).then_some(())?;
    other("transformer", "it has attention layers")
}

fn yolo(e: &Evidence<'_>) -> Option<Other> {
    let Census { leaky, upsamplings, outputs, adds, .. } = *e.census;
    if leaky == 0 || upsamplings == 0 || outputs < 2 {
        return None;
    }
    let name = if adds > 0 { "YOLOv3 detector (Darknet)" } else { "tiny YOLOv3 detector" };
    let leaky = many(leaky, "LeakyReLU activation");
    let upsamplings = many(upsamplings, "upsampling layer");
    other(name, format!("{leaky}, {upsamplings} and {}", many(outputs, "output")))
}

fn darknet(e: &Evidence<'_>) -> Option<Other> {
    let blocks = &e.skeleton?.blocks;
    let alike = blocks.iter().filter(|b| convs(&b.path).map(|(_, c)| c.kernel).eq([[1, 1], [3, 3]])).count();
    (e.census.leaky > 0 && alike * 2 > blocks.len()).then_some(())?;
    let alike = many(alike, "residual block");
    other("Darknet", format!("{alike} of a 1×1 and a 3×3 convolution with LeakyReLU"))
}

fn resnet_inside(e: &Evidence<'_>) -> Option<Other> {
    let (resnet, skeleton) = (e.resnet?, e.skeleton?);
    let Census { upsamplings, outputs, concats, .. } = *e.census;
    let (blocks, wide) =
        (many(skeleton.blocks.len(), "residual block"), many(upsamplings, "upsampling layer"));
    let ends = many(outputs, "output");
    let (name, why) = if has_class(e.graph, &["ProposalLayer", "PyramidROIAlign"]) {
        ("Mask R-CNN", "it proposes regions".to_string())
    } else if upsamplings > 0 && (outputs > 1 || has_class(e.graph, &["UpsampleLike"])) {
        let why = format!("{blocks}, then {wide} into a feature pyramid and {ends}");
        ("RetinaNet or another detector", why)
    } else if upsamplings > 0 {
        ("U-Net or another segmentation network", format!("{blocks}, then {wide}"))
    } else if skeleton.ends {
        return None;
    } else {
        ("network", format!("{blocks}, whose results go to {ends} and {}", many(concats, "concatenation")))
    };
    other(format!("{name} on a {resnet} backbone"), why)
}

fn efficient(e: &Evidence<'_>) -> Option<Other> {
    let Census { depthwise, multiplies, swish, adds, .. } = *e.census;
    if depthwise == 0 {
        return None;
    }
    let (name, and) = match (multiplies, adds) {
        _ if has_class(e.graph, &["LayerNormalization"]) => ("ConvNeXt", "LayerNormalization"),
        (1.., _) if swish > 0 => ("EfficientNet", "gates and swish"),
        (1.., _) => ("MobileNetV3", "gates"),
        (0, 1..) => ("MobileNetV2", "inverted residuals"),
        (0, 0) => ("MobileNet", "no residual additions"),
    };
    other(name, format!("{} with {and}", many(depthwise, "depthwise convolution")))
}

fn separable(e: &Evidence<'_>) -> Option<Other> {
    has_class(e.graph, &["SeparableConv2D"]).then_some(())?;
    match (e.census.concats, e.census.adds) {
        (1.., 1..) => other("NASNet", "separable convolutions in cells that add and concatenate"),
        (0, 1..) => other("Xception", "separable convolutions with residual additions"),
        _ => other("CNN of separable convolutions", "separable convolutions without residual additions"),
    }
}

fn grouped_or_gated(e: &Evidence<'_>) -> Option<Other> {
    let skeleton = e.skeleton?;
    let size = depth(skeleton.kind()?, &skeleton.stages());
    let blocks = skeleton.blocks.len();
    let gated = skeleton.blocks.iter().filter(|b| b.gated).count();
    let groups = skeleton.convs().map(|(_, conv)| conv.groups).max().filter(|groups| *groups > 1);
    match (gated * 2 > blocks, groups) {
        (true, Some(groups)) => other(
            format!("SE-ResNeXt{size}"),
            format!("{}, {groups} groups", many(gated, "gated residual block")),
        ),
        (true, None) => other(
            format!("SE-ResNet{size}"),
            format!("{gated} of {blocks} residual blocks are gated by a Multiply"),
        ),
        (false, Some(groups)) => {
            other(format!("ResNeXt{size}"), format!("residual blocks with convolutions of {groups} groups"))
        }
        (false, None) => None,
    }
}

fn u_net(e: &Evidence<'_>) -> Option<Other> {
    let Census { upsamplings, concats, adds, outputs, .. } = *e.census;
    if upsamplings == 0 || concats + adds == 0 || outputs != 1 {
        return None;
    }
    other("U-Net", format!("{} joined with earlier results", many(upsamplings, "upsampling layer")))
}

/// Several feature maps, each reshaped to rows of boxes, concatenated.
fn ssd(e: &Evidence<'_>) -> Option<Other> {
    let is_rows = |id: &NodeId| {
        let chain = std::iter::successors(Some(*id), |at| first_input(e.graph, *at)).take(4);
        chain.into_iter().any(|id| matches!(e.graph.op(id), Some(Op::Reshape(_))))
    };
    let heads = concats(e.graph).filter(|inputs| inputs.len() > 1 && inputs.iter().all(is_rows)).count();
    (heads >= 1 && e.census.convs > 0).then_some(())?;
    other("SSD-like detector", "predictions of several feature maps, reshaped and concatenated")
}

fn densenet(e: &Evidence<'_>) -> Option<Other> {
    let grows = |inputs: &[NodeId]| match inputs {
        [left, right] => comes_from(e.graph, *right, *left) || comes_from(e.graph, *left, *right),
        _ => false,
    };
    let growing = concats(e.graph).filter(|inputs| grows(inputs)).count();
    (growing >= 3 && growing * 2 > e.census.concats).then_some(())?;
    let size = e.census.convs + 1;
    let known = [121, 169, 201, 264].contains(&size);
    let name = if known { format!("DenseNet{size}") } else { "DenseNet".to_string() };
    other(name, format!("{} of a block's input with its output", many(growing, "concatenation")))
}

fn squeezenet(e: &Evidence<'_>) -> Option<Other> {
    let parent = |id: &NodeId| first_conv_back(e.graph, *id).and_then(|conv| first_input(e.graph, conv));
    let is_fire = |inputs: &&[NodeId]| {
        inputs.len() == 2 && parent(&inputs[0]).is_some() && parent(&inputs[0]) == parent(&inputs[1])
    };
    let fires = concats(e.graph).filter(is_fire).count();
    (fires >= 4 && e.census.norms == 0).then_some(())?;
    other("SqueezeNet", format!("{} of convolutions concatenated, no normalisation", many(fires, "pair")))
}

fn inception(e: &Evidence<'_>) -> Option<Other> {
    let wide = concats(e.graph).filter(|inputs| inputs.len() >= 3).count();
    if wide < 3 {
        return None;
    }
    // Inception-ResNet scales its residuals in Lambda or custom layers, some of which add as well.
    let scaled = e.graph.live().filter(|id| e.graph.op(*id).is_none()).count();
    let residual = e.census.adds >= 3 || scaled >= 10;
    let name = if residual { "Inception-ResNet" } else { "Inception" };
    other(name, format!("{} of three or more branches", many(wide, "concatenation")))
}

fn residual(e: &Evidence<'_>) -> Option<Other> {
    let blocks = &e.skeleton?.blocks;
    let kernels =
        |steps| convs(steps).map(|(_, c)| format!("{}×{}", c.kernel[0], c.kernel[1])).collect::<Vec<_>>();
    let first = blocks.first().map(|block| kernels(&block.path)).unwrap_or_default();
    let made = if first.is_empty() { "no plain convolution".to_string() } else { first.join(", ") };
    other(
        "residual network of another kind",
        format!("{}, the first of {made}", many(blocks.len(), "residual block")),
    )
}

fn vgg(e: &Evidence<'_>) -> Option<Other> {
    let Census { convs, convs_3x3, pools, norms, adds, concats, .. } = *e.census;
    let name = match convs {
        13 => "VGG16",
        16 => "VGG19",
        _ => return None,
    };
    let same = convs == convs_3x3 && pools == 5 && norms + adds + concats == 0;
    same.then_some(())?;
    other(name, format!("{convs} convolutions of 3×3 in a row, 5 poolings, no normalisation"))
}

fn plain_cnn(e: &Evidence<'_>) -> Option<Other> {
    let Census { convs, adds, concats, dense, .. } = *e.census;
    if convs == 0 || adds + concats > 0 {
        return None;
    }
    other(
        "plain CNN",
        format!("{} and {} without shortcuts", many(convs, "convolution"), many(dense, "Dense layer")),
    )
}

fn mlp(e: &Evidence<'_>) -> Option<Other> {
    let Census { dense, convs, opaque_count, .. } = *e.census;
    (dense > 0 && convs == 0 && opaque_count == 0).then_some(())?;
    other("multilayer perceptron", format!("{} and no convolution", many(dense, "Dense layer")))
}

/// The inputs of every live Concatenate.
fn concats<'g>(graph: &'g Graph<'_>) -> impl Iterator<Item = &'g [NodeId]> {
    let live = graph.live().filter(|id| matches!(graph.op(*id), Some(Op::Concatenate(_))));
    live.map(|id| graph.node(id).inputs.as_slice())
}

fn first_input(graph: &Graph<'_>, id: NodeId) -> Option<NodeId> {
    match graph.node(id).inputs.as_slice() {
        &[input] => Some(input),
        _ => None,
    }
}

/// Whether `value` lies on the single chain of calls that leads to `from`.
fn comes_from(graph: &Graph<'_>, from: NodeId, value: NodeId) -> bool {
    std::iter::successors(first_input(graph, from), |at| first_input(graph, *at))
        .take(16)
        .any(|id| id == value)
}

fn first_conv_back(graph: &Graph<'_>, id: NodeId) -> Option<NodeId> {
    let mut chain = std::iter::successors(Some(id), |at| first_input(graph, *at)).take(4);
    chain.find(|id| matches!(graph.op(*id), Some(Op::Conv2D(_))))
}
