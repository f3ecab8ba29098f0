//! Names for networks that are not ResNets, by what they are made of.

use super::census::{Census, has_class};
use super::families::depth;
use super::patterns::{
    comes_from, concats, equal_heads, fires, first_input, pooled_past_a_projection, skip_joins,
};
use super::recognise::Basis;
use super::skeleton::Skeleton;
use super::steps::{Step, What, convs};
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
    /// Whether it is made of residual blocks, so that "not a ResNet" would be too much said.
    pub residual: bool,
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
    decoder,
    ssd,
    densenet,
    squeezenet,
    inception,
    residual,
    vgg,
    plain_cnn,
    mlp,
    convolutional,
];

/// The name that the graph tells, if it tells any.
pub fn name(evidence: &Evidence<'_>) -> Option<Other> {
    RULES.iter().find_map(|rule| rule(evidence))
}

fn other(name: impl Into<String>, why: impl Into<String>) -> Option<Other> {
    Some(Other { name: name.into(), why: why.into(), basis: Basis::Architecture, residual: false })
}

/// `1 addition`, `2 additions`.
fn few(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
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
    let heads = has_class(e.graph, &["MultiHeadAttention"]);
    if heads && has_class(e.graph, &["LayerNormalization"]) {
        return other(
            "transformer",
            "it has layers of attention with several heads and layer normalizations",
        );
    }
    (heads || has_class(e.graph, &["Attention"])).then_some(())?;
    other("network with attention", "it has attention layers")
}

/// Each output is a 1×1 convolution with the numbers of three boxes, and one comes from a result made larger.
fn yolo(e: &Evidence<'_>) -> Option<Other> {
    const BOXES: usize = 3;
    // Centre, size, whether there is anything, and one class at the least.
    const LEAST_NUMBERS: usize = 6;
    let Census { leaky, upsamplings, outputs, adds, concats, .. } = *e.census;
    if leaky == 0 || upsamplings == 0 || outputs < 2 || concats == 0 {
        return None;
    }
    let filters = equal_heads(e.graph).filter(|f| f % BOXES == 0 && f / BOXES >= LEAST_NUMBERS)?;
    let (name, usual) = if adds > 0 { ("YOLOv3 detector (Darknet)", 3) } else { ("tiny YOLOv3 detector", 2) };
    (adds > 0 || outputs == usual).then_some(())?;
    other(
        name,
        format!(
            "{leaky} LeakyReLU activations, {upsamplings} upsamplings and {outputs} outputs of {filters} channels"
        ),
    )
}

fn darknet(e: &Evidence<'_>) -> Option<Other> {
    let blocks = &e.skeleton?.blocks;
    let alike = blocks.iter().filter(|b| convs(&b.path).map(|(_, c)| c.kernel).eq([[1, 1], [3, 3]])).count();
    (e.census.leaky > 0 && alike * 2 > blocks.len()).then_some(())?;
    other("Darknet", format!("{alike} residual blocks of a 1×1 and a 3×3 convolution with LeakyReLU"))
}

fn resnet_inside(e: &Evidence<'_>) -> Option<Other> {
    let (resnet, skeleton) = (e.resnet?, e.skeleton?);
    let Census { upsamplings, outputs, concats, .. } = *e.census;
    let blocks = skeleton.blocks.len();
    let (name, why) = if has_class(e.graph, &["ProposalLayer", "PyramidROIAlign"]) {
        ("Mask R-CNN", "it proposes regions".to_string())
    } else if upsamplings > 0 && (outputs > 1 || has_class(e.graph, &["UpsampleLike"])) {
        let why = format!(
            "{blocks} residual blocks, then {upsamplings} upsamplings into a feature pyramid and {outputs} outputs"
        );
        ("RetinaNet or another detector", why)
    } else if upsamplings > 0 {
        (
            "U-Net or another segmentation network",
            format!("{blocks} residual blocks, then {upsamplings} upsamplings"),
        )
    } else if skeleton.ends {
        return None;
    } else {
        let why = format!(
            "{blocks} residual blocks, whose results go {outputs} outputs and {concats} concatenations"
        );
        ("network", why.replace("go", "go to"))
    };
    other(format!("{name} on a {resnet} backbone"), why)
}

/// Names go with the published numbers of depthwise convolutions, as [`super::stored`] counts them, too.
fn efficient(e: &Evidence<'_>) -> Option<Other> {
    let Census { depthwise, multiplies, swish, adds, upsamplings, .. } = *e.census;
    if depthwise == 0 || upsamplings > 0 {
        return None;
    }
    const EFFICIENT: &[usize] = &[16, 19, 20, 23, 24, 26, 30, 32, 39, 44, 45, 55, 61];
    let (name, published, and): (_, &[usize], _) = match (multiplies, adds) {
        _ if has_class(e.graph, &["LayerNormalization"]) => ("ConvNeXt", &[18, 36], "LayerNormalization"),
        (1.., _) if swish > 0 => ("EfficientNet", EFFICIENT, "gates and swish"),
        (1.., _) => ("MobileNetV3", &[11, 15], "gates"),
        (0, 1..) => ("MobileNetV2", &[17], "inverted residuals"),
        (0, 0) => ("MobileNet", &[13], "no residual additions"),
    };
    let name = if published.contains(&depthwise) { name } else { "network of depthwise convolutions" };
    other(name, format!("{} with {and}", few(depthwise, "depthwise convolution")))
}

fn separable(e: &Evidence<'_>) -> Option<Other> {
    let separable = e.graph.live().filter(|id| e.graph.leaf(*id).layer.class == "SeparableConv2D").count();
    if separable == 0 {
        return None;
    }
    let Census { adds, concats, .. } = *e.census;
    let pooled = pooled_past_a_projection(e.graph);
    let name = match (separable, concats, adds) {
        (160.., 1.., 1..) => "NASNet",
        (34, 0, 12) if pooled >= 3 => "Xception",
        (_, 0, 1..) if pooled >= 2 && pooled * 2 > adds => "network of Xception's blocks",
        _ => "network of separable convolutions",
    };
    let counts = [(separable, "separable convolution"), (adds, "addition"), (concats, "concatenation")];
    let made: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, thing)| few(*n, thing)).collect();
    other(name, made.join(", "))
}

fn grouped_or_gated(e: &Evidence<'_>) -> Option<Other> {
    let skeleton = e.skeleton?;
    let size = depth(skeleton.kind()?, &skeleton.stages());
    let blocks = skeleton.blocks.len();
    let gated = skeleton.blocks.iter().filter(|b| b.gated).count();
    let groups = skeleton.convs().map(|(_, conv)| conv.groups).max().filter(|groups| *groups > 1);
    match (gated * 2 > blocks, groups) {
        (true, Some(groups)) => {
            other(format!("SE-ResNeXt{size}"), format!("{gated} gated residual blocks, {groups} groups"))
        }
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
    let Census { upsamplings, outputs, .. } = *e.census;
    let joins = skip_joins(e.graph);
    if joins == 0 || outputs != 1 {
        return None;
    }
    let ups = few(upsamplings, "upsampling");
    other("U-Net", format!("{ups}, {} of a result made larger with an earlier one", few(joins, "join")))
}

/// What makes images larger without a look at earlier ones.
fn decoder(e: &Evidence<'_>) -> Option<Other> {
    let Census { upsamplings, downs, outputs, .. } = *e.census;
    if upsamplings == 0 || outputs != 1 {
        return None;
    }
    let name = if upsamplings > downs { "decoder or generator" } else { "encoder and decoder" };
    let steps = format!("{} and {}", few(upsamplings, "upsampling"), few(downs, "downsampling"));
    other(name, format!("{steps}, and no upsampling is joined with an earlier result"))
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
    other(name, format!("{growing} concatenations of a block's input with its output"))
}

fn squeezenet(e: &Evidence<'_>) -> Option<Other> {
    let fires = fires(e.graph);
    if fires < 3 || fires * 2 <= e.census.concats {
        return None;
    }
    let own = fires == 8 && e.census.norms == 0;
    let name = if own { "SqueezeNet" } else { "network of SqueezeNet's fire modules" };
    other(name, format!("{fires} pairs of a 1×1 and a 3×3 convolution behind one of 1×1, concatenated"))
}

fn inception(e: &Evidence<'_>) -> Option<Other> {
    // GoogLeNet, the smallest, has nine modules.
    const LEAST_MODULES: usize = 9;
    let wide = concats(e.graph).filter(|inputs| inputs.len() >= 3).count();
    if wide < 3 {
        return None;
    }
    // Inception-ResNet scales its residuals in Lambda or custom layers, some of which add as well.
    let scaled = e.graph.live().filter(|id| e.graph.op(*id).is_none()).count();
    let residual = e.census.adds >= 3 || scaled >= 10;
    let name = match (residual, wide) {
        (true, _) => "Inception-ResNet",
        (false, LEAST_MODULES..) => "Inception",
        (false, _) => "network of parallel branches, as Inception",
    };
    other(name, format!("{wide} concatenations of three or more branches"))
}

fn residual(e: &Evidence<'_>) -> Option<Other> {
    let blocks = &e.skeleton?.blocks;
    let made: Vec<String> = blocks.first()?.path.iter().filter_map(|step| window(e.graph, step)).collect();
    let made = if made.is_empty() { "no convolution".to_string() } else { made.join(", ") };
    let why = format!("{}, the first of {made}", few(blocks.len(), "residual block"));
    other("residual network of its own", why).map(|other| Other { residual: true, ..other })
}

/// A convolution by its window, and a layer that is not understood by its class.
fn window(graph: &Graph<'_>, step: &Step) -> Option<String> {
    match &step.what {
        What::Conv(conv) => Some(format!("{}×{}", conv.kernel[0], conv.kernel[1])),
        What::Depthwise(conv) => Some(format!("depthwise {}×{}", conv.kernel[0], conv.kernel[1])),
        What::Opaque => Some(graph.leaf(step.node).layer.class.clone()),
        What::Norm { .. } | What::Activation(_) | What::Pool { .. } | What::GlobalPool(_) => None,
        What::Dense(_) | What::Reshape | What::Prepare | What::Upsample | What::Gate | What::Merge => None,
    }
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
    let Census { convs, adds, concats, dense, outputs, .. } = *e.census;
    if convs == 0 || adds + concats > 0 || outputs != 1 {
        return None;
    }
    let made = [few(convs, "convolution"), few(dense, "Dense layer")];
    other("plain CNN", format!("{} without shortcuts", made.join(" and ")))
}

fn mlp(e: &Evidence<'_>) -> Option<Other> {
    let Census { dense, convs, opaque_count, adds, .. } = *e.census;
    (dense > 0 && convs == 0 && opaque_count == 0).then_some(())?;
    let dense = few(dense, "Dense layer");
    if adds > 0 {
        return other(
            "residual multilayer perceptron",
            format!("{dense}, {} and no convolution", few(adds, "addition")),
        );
    }
    other("multilayer perceptron", format!("{dense} and no convolution"))
}

/// Nothing but what it is made of, where all of that is understood.
fn convolutional(e: &Evidence<'_>) -> Option<Other> {
    let Census { convs, dense, adds, concats, outputs, opaque_count, .. } = *e.census;
    if convs == 0 || opaque_count > 0 || !e.graph.circular.is_empty() {
        return None;
    }
    let counts =
        [(convs, "convolution"), (dense, "Dense layer"), (adds, "addition"), (concats, "concatenation")];
    let made: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, thing)| few(*n, thing)).collect();
    other("convolutional network", format!("{} and {}", made.join(", "), few(outputs, "output")))
}
