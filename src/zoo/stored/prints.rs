//! Networks that are not ResNets, known by how many layers of each kind they store.

use std::collections::HashSet;

use super::layers::{Conv, Kind, Layer};
use super::trunk::Trunk;
use crate::zoo::other::Other;
use crate::zoo::recognise::Basis;
use crate::zoo::words::many;

/// How many layers of each kind a network without its classifier stores.
struct Print {
    name: &'static str,
    /// Conv2D, DepthwiseConv2D, SeparableConv2D, normalisations.
    counts: [usize; 4],
    /// Conv2D that a classifier adds.
    top: usize,
}

const fn print(name: &'static str, counts: [usize; 4], top: usize) -> Print {
    Print { name, counts, top }
}

/// Counted in `keras.applications` of Keras 3.15.1 by `tools/count_weighted_layers.py`; ImageAI's SqueezeNet, YOLOv3 and
/// TinyYOLOv3 store 26, 147 and 24 layers.
const PRINTS: &[Print] = &[
    print("MobileNet", [14, 13, 0, 27], 1),
    print("MobileNetV2", [35, 17, 0, 52], 0),
    print("MobileNetV3Small", [41, 11, 0, 34], 2),
    print("MobileNetV3Large", [47, 15, 0, 46], 2),
    print("DenseNet121", [120, 0, 0, 121], 0),
    print("DenseNet169", [168, 0, 0, 169], 0),
    print("DenseNet201", [200, 0, 0, 201], 0),
    print("InceptionV3", [94, 0, 0, 94], 0),
    print("InceptionResNetV2", [244, 0, 0, 204], 0),
    print("Xception", [6, 0, 34, 40], 0),
    print("NASNetMobile", [36, 0, 160, 192], 0),
    print("NASNetLarge", [48, 0, 220, 264], 0),
    print("EfficientNetB0", [65, 16, 0, 49], 0),
    print("EfficientNetB1 or EfficientNetB2", [92, 23, 0, 69], 0),
    print("EfficientNetB3", [104, 26, 0, 78], 0),
    print("EfficientNetB4", [128, 32, 0, 96], 0),
    print("EfficientNetB5", [155, 39, 0, 116], 0),
    print("EfficientNetB6", [179, 45, 0, 134], 0),
    print("EfficientNetB7", [218, 55, 0, 163], 0),
    print("EfficientNetV2B0", [75, 16, 0, 59], 0),
    print("EfficientNetV2B1", [92, 19, 0, 73], 0),
    print("EfficientNetV2B2", [96, 20, 0, 76], 0),
    print("EfficientNetV2B3", [112, 24, 0, 88], 0),
    print("EfficientNetV2S", [140, 30, 0, 110], 0),
    print("EfficientNetV2M", [201, 44, 0, 157], 0),
    print("EfficientNetV2L", [278, 61, 0, 217], 0),
    print("SqueezeNet", [25, 0, 0, 0], 1),
    print("YOLOv3 detector (Darknet)", [75, 0, 0, 72], 0),
    print("tiny YOLOv3 detector", [13, 0, 0, 11], 0),
];

fn counts(layers: &[Layer]) -> [usize; 4] {
    let mut counts = [0; 4];
    for layer in layers {
        match layer.kind {
            Kind::Conv(_) => counts[0] += 1,
            Kind::Depthwise => counts[1] += 1,
            Kind::Separable => counts[2] += 1,
            Kind::Norm { .. } => counts[3] += 1,
            Kind::Transposed(_) | Kind::Dense { .. } | Kind::Recurrent { .. } => {}
            Kind::Embedding | Kind::Unknown => {}
        }
    }
    counts
}

/// Whether there are layers no ResNet has.
pub(super) fn is_made_of_other(layers: &[Layer]) -> bool {
    layers.iter().any(|layer| match layer.kind {
        Kind::Depthwise | Kind::Separable | Kind::Recurrent { .. } | Kind::Embedding => true,
        Kind::Conv(_) | Kind::Transposed(_) | Kind::Norm { .. } | Kind::Dense { .. } | Kind::Unknown => false,
    })
}

/// What a network is that has a ResNet in it and more.
pub(super) fn around_resnet(layers: &[Layer], trunk: &Trunk, convs: usize) -> Option<Other> {
    let size = crate::zoo::families::depth(trunk.kind, &trunk.blocks);
    let more = convs.saturating_sub(trunk.convs);
    let dense = layers.iter().filter(|layer| matches!(layer.kind, Kind::Dense { .. })).count();
    let blocks: usize = trunk.blocks.iter().sum();
    if dense >= 2 * blocks {
        return other(
            format!("SE-ResNet{size}"),
            format!("a ResNet's convolutions and {dense} Dense layers, two to a block"),
        );
    }
    if more == 0 {
        return None;
    }
    let up = layers.iter().any(|layer| matches!(layer.kind, Kind::Transposed(_)));
    let what = match (up, more) {
        (true, _) => "U-Net or another segmentation network",
        (false, 8..) => "RetinaNet or another detector",
        (false, _) => "network",
    };
    other(
        format!("{what} on a ResNet{size} backbone"),
        format!("its first {} convolutions are those of a ResNet{size}, and {more} more follow", trunk.convs),
    )
}

type Rule = fn(&[Layer], &[Conv]) -> Option<Other>;

/// The first that applies decides, so the special ones stand first.
const RULES: &[Rule] = &[recurrent, convnext, published, vgg, pruned, ssd, up, embedding, head, mlp, plain];

/// The name that the weights tell, if they tell any.
pub(super) fn name(layers: &[Layer]) -> Option<Other> {
    let convs: Vec<Conv> =
        layers.iter().filter_map(|l| if let Kind::Conv(conv) = l.kind { Some(conv) } else { None }).collect();
    RULES.iter().find_map(|rule| rule(layers, &convs))
}

fn other(name: impl Into<String>, why: impl Into<String>) -> Option<Other> {
    Some(Other { name: name.into(), why: why.into(), basis: Basis::Weights, residual: false })
}

fn recurrent(layers: &[Layer], _: &[Conv]) -> Option<Other> {
    let gates = layers.iter().find_map(|l| match l.kind {
        Kind::Recurrent { gates } => Some(gates),
        _ => None,
    })?;
    let name = if gates == 4 { "LSTM network" } else { "recurrent network" };
    other(name, format!("it stores a recurrent layer of {gates} gates"))
}

/// Depthwise windows of 7×7, which it builds as convolutions of as many groups as channels.
fn convnext(layers: &[Layer], convs: &[Conv]) -> Option<Other> {
    let windows =
        convs.iter().filter(|conv| conv.kernel == [7, 7] && conv.inputs == 1 && conv.filters > 1).count();
    let dense = layers.iter().filter(|l| matches!(l.kind, Kind::Dense { .. })).count();
    (windows >= 6 && dense >= 2 * windows).then_some(())?;
    other(
        "ConvNeXt",
        format!("{windows} convolutions of 7×7 for each channel alone, with two Dense layers to each"),
    )
}

fn published(layers: &[Layer], all: &[Conv]) -> Option<Other> {
    let [convs, rest @ ..] = counts(layers);
    let print = PRINTS.iter().find(|print| {
        let [base, own @ ..] = print.counts;
        own == rest && (convs == base || convs == base + print.top) && is_borne_out(print.name, all)
    })?;
    let why = format!(
        "{convs} convolutions, {} depthwise, {} separable and {} normalizations, as many as it has",
        rest[0], rest[1], rest[2]
    );
    other(print.name, why)
}

/// A few dozen convolutions may be as many by chance, so the smaller networks need more than their number.
fn is_borne_out(name: &str, convs: &[Conv]) -> bool {
    match name {
        "SqueezeNet" => fires(convs) >= 8,
        "tiny YOLOv3 detector" => has_heads(convs, 2),
        "YOLOv3 detector (Darknet)" => has_heads(convs, 3),
        _ => true,
    }
}

/// A 1×1 convolution whose result a 1×1 and a 3×3 convolution take.
fn fires(convs: &[Conv]) -> usize {
    let is_fire = |three: &&[Conv]| {
        let kernels = [three[0].kernel[0], three[1].kernel[0], three[2].kernel[0]];
        (kernels == [1, 1, 3] || kernels == [1, 3, 1])
            && three[1].inputs == three[0].filters
            && three[2].inputs == three[0].filters
    };
    convs.windows(3).filter(is_fire).count()
}

/// As many 1×1 convolutions with a bias and the numbers of three boxes, all of them with as many filters.
fn has_heads(convs: &[Conv], count: usize) -> bool {
    let is_head = |conv: &&Conv| conv.kernel == [1, 1] && conv.bias && conv.filters.is_multiple_of(3);
    let heads: Vec<u64> = convs.iter().filter(is_head).map(|conv| conv.filters).collect();
    heads.iter().any(|filters| heads.iter().filter(|other| *other == filters).count() == count)
}

fn vgg(layers: &[Layer], convs: &[Conv]) -> Option<Other> {
    let name = match (convs.len(), counts(layers)[3]) {
        (13, 0) => "VGG16",
        (16, 0) => "VGG19",
        _ => return None,
    };
    let same = convs.iter().all(|conv| conv.kernel == [3, 3]) && is_chain(convs);
    same.then_some(())?;
    other(name, format!("{} convolutions of 3×3 in a row and no normalization", convs.len()))
}

/// Pairs of 3×3 convolutions that start and end at their stage's width, whatever lies between, and projections of 1×1
/// from the width before: a ResNet of basic blocks of which filters were cut away.
fn pruned(_: &[Layer], convs: &[Conv]) -> Option<Other> {
    const LEAST_BLOCKS: usize = 6;
    let (stem, mut rest) = convs.split_first()?;
    let mut widths = vec![stem.filters];
    let mut inner: Vec<u64> = Vec::new();
    while let [first, second, tail @ ..] = rest {
        let width = *widths.last()?;
        let is_pair = [first.kernel, second.kernel] == [[3, 3]; 2]
            && (first.inputs, first.filters) == (width, second.inputs);
        is_pair.then_some(())?;
        inner.push(first.filters);
        rest = tail;
        if second.filters != width {
            let (projection, tail) = tail.split_first()?;
            let fits = projection.kernel == [1, 1]
                && (projection.inputs, projection.filters) == (width, second.filters);
            fits.then_some(())?;
            widths.push(second.filters);
            rest = tail;
        }
    }
    let named = inner.len() >= LEAST_BLOCKS && widths.len() >= 2 && rest.is_empty();
    let (least, most) = inner.iter().min().zip(inner.iter().max()).filter(|_| named)?;
    let widths: Vec<String> = widths.iter().map(u64::to_string).collect();
    let why = format!(
        "{} pairs of 3×3 convolutions from and to the widths {}, with {least} to {most} filters between the two of a \
         pair, and a 1×1 convolution past each pair that changes the width: as a ResNet of which filters were cut away",
        inner.len(),
        widths.join(", ")
    );
    other("residual network with blocks of irregular widths", why)
        .map(|other| Other { residual: true, ..other })
}

/// Whether each convolution takes what the one before it gives.
fn is_chain(convs: &[Conv]) -> bool {
    convs.windows(2).all(|pair| pair[0].filters == pair[1].inputs)
}

/// Input and output channels of every convolution in the order of the file; a transposed one stores them the other way.
fn channels(layers: &[Layer]) -> Vec<(u64, u64)> {
    let ends = |layer: &Layer| match layer.kind {
        Kind::Conv(conv) => Some((conv.inputs, conv.filters)),
        Kind::Transposed(conv) => Some((conv.filters, conv.inputs)),
        _ => None,
    };
    layers.iter().filter_map(ends).collect()
}

/// Convolutions that take more than the one before them gives, and as many channels more as an earlier one gave.
fn joined(channels: &[(u64, u64)]) -> usize {
    let mut before = HashSet::new();
    let mut joined = 0;
    for pair in channels.windows(2) {
        let [(_, given), (taken, _)] = [pair[0], pair[1]];
        let more = taken.checked_sub(given).filter(|more| *more > 0);
        joined += usize::from(more.is_some_and(|more| before.contains(&more)));
        before.insert(given);
    }
    joined
}

fn up(layers: &[Layer], _: &[Conv]) -> Option<Other> {
    let transposed = layers.iter().filter(|l| matches!(l.kind, Kind::Transposed(_))).count();
    let channels = channels(layers);
    let joined = joined(&channels);
    let narrows = channels.last().zip(channels.iter().map(|c| c.1).max()).is_some_and(|(l, most)| l.1 < most);
    if narrows && joined >= 2 {
        let why = format!(
            "{transposed} transposed convolutions, {joined} convolutions that take two earlier results together"
        );
        return other("U-Net", why);
    }
    (transposed > 0).then_some(())?;
    let first = layers.iter().position(|l| matches!(l.kind, Kind::Transposed(_)))?;
    let plain = |layers: &[Layer]| layers.iter().filter(|l| matches!(l.kind, Kind::Conv(_))).count();
    let others = plain(layers);
    let name = match plain(&layers[..first]) {
        0 | 1 if others < transposed => "decoder or generator",
        2.. => "encoder and decoder",
        _ => "network with transposed convolutions",
    };
    let why = format!(
        "{transposed} transposed convolutions and {others} others, none of which takes two earlier results together"
    );
    other(name, why)
}

/// Predictions from several feature maps: convolutions at the end whose inputs are results of others than the one before.
fn ssd(layers: &[Layer], convs: &[Conv]) -> Option<Other> {
    const LEAST_HEADS: usize = 4;
    let dense = layers.iter().any(|l| matches!(l.kind, Kind::Dense { .. }));
    if dense || convs.len() < 2 * LEAST_HEADS {
        return None;
    }
    let jump = convs.windows(2).position(|pair| pair[0].filters != pair[1].inputs)? + 1;
    let (base, heads) = convs.split_at(jump);
    let given: HashSet<u64> = base.iter().map(|conv| conv.filters).collect();
    let taken: HashSet<u64> = heads.iter().map(|conv| conv.inputs).collect();
    // A head's result is taken by no convolution, so hardly any fits the one before it.
    let jumps = heads.windows(2).filter(|pair| pair[0].filters != pair[1].inputs).count();
    let apart = jumps * 2 > heads.len() - 1;
    (apart && heads.len() >= LEAST_HEADS && taken.len() >= 2 && taken.is_subset(&given)).then_some(())?;
    let why = format!(
        "{} convolutions in a row, then {} that take the results of {} different widths among them",
        base.len(),
        heads.len(),
        taken.len()
    );
    other("SSD-like detector", why)
}

fn embedding(layers: &[Layer], convs: &[Conv]) -> Option<Other> {
    let is = layers.iter().any(|l| l.kind == Kind::Embedding) && convs.is_empty();
    is.then_some(())?;
    other("network of embeddings", "it stores an Embedding and no convolution")
}

fn head(layers: &[Layer], _: &[Conv]) -> Option<Other> {
    match layers {
        [Layer { kind: Kind::Dense { inputs, units }, .. }] => other(
            "classifier head alone",
            format!("one Dense layer from {inputs} to {units}, and nothing else"),
        ),
        _ => None,
    }
}

fn mlp(layers: &[Layer], _: &[Conv]) -> Option<Other> {
    let plain = |l: &Layer| matches!(l.kind, Kind::Dense { .. } | Kind::Norm { .. });
    layers.iter().all(plain).then_some(())?;
    let dense = layers.iter().filter(|l| matches!(l.kind, Kind::Dense { .. })).count();
    (dense > 0).then_some(())?;
    other("multilayer perceptron", format!("{} and no convolution", many(dense, "Dense layer")))
}

fn plain(layers: &[Layer], convs: &[Conv]) -> Option<Other> {
    let known = |l: &Layer| matches!(l.kind, Kind::Conv(_) | Kind::Dense { .. } | Kind::Norm { .. });
    (!convs.is_empty() && layers.iter().all(known) && is_chain(convs)).then_some(())?;
    other(
        "plain CNN",
        format!("{}, each of which takes what the one before it gives", many(convs.len(), "convolution")),
    )
}
