//! The references: every way a ResNet is commonly built in Keras, as data.
//!
//! Sources: `keras.applications.resnet50` of Keras 1.2.2, 2.1.6 and 2.2.4; `keras.applications.resnet` and `resnet_v2` of
//! TensorFlow 1.15 to 2.15 and Keras 3.15; ImageAI 2.0.3 `ResNet/resnet50.py`; the Keras example `cifar10_resnet`;
//! `classification_models` 1.0 `models/resnet.py`; He et al., arXiv 1512.03385 and 1603.05027.

pub use super::block::Version;
use super::skeleton::BlockKind;
use super::steps::Pad;

/// Whose ResNet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `keras.applications.resnet` and `resnet_v2`: tf.keras from 1.15, Keras from 2.2.5.
    Modern,
    /// `keras.applications.resnet50` of Keras 1.1 to 2.3.
    Classic,
    /// ImageAI 2.0 to 2.1.5.
    ImageAi,
    /// The three-stage networks for 32×32 pictures of the Keras example.
    Cifar,
    /// The package `classification_models`.
    ClassificationModels,
    /// None of these, but built as in the paper, with the stride in the first convolution of a block.
    Paper,
    /// None of these; the stride of a bottleneck sits in its 3×3 convolution, as in torchvision.
    StrideInMiddle,
    /// Weights alone do not tell.
    Open,
}

impl Variant {
    /// A stable word for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Variant::Modern => "modern",
            Variant::Classic => "classic",
            Variant::ImageAi => "imageai",
            Variant::Cifar => "cifar",
            Variant::ClassificationModels => "classification-models",
            Variant::Paper => "paper",
            Variant::StrideInMiddle => "stride-in-3x3",
            Variant::Open => "open",
        }
    }

    /// What a person calls it.
    pub fn words(self) -> &'static str {
        match self {
            Variant::Modern => "keras.applications, modern",
            Variant::Classic => "keras.applications, classic: Keras 1.1 to 2.3",
            Variant::ImageAi => "ImageAI 2.0 to 2.1.5",
            Variant::Cifar => "CIFAR",
            Variant::ClassificationModels => "classification_models",
            Variant::Paper => "as in the paper",
            Variant::StrideInMiddle => "stride in the 3×3 convolution",
            Variant::Open => "whose, its weights do not tell",
        }
    }
}

/// Which convolutions have a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Every one.
    All,
    /// None.
    None,
    /// `resnet_v2`: every one but those a normalisation follows inside a block.
    NotBeforeNorm,
    /// The reference does not say.
    Any,
}

/// What stands in front of the first block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stem {
    /// Whether the input is normalised first.
    pub data_norm: bool,
    /// Rows and columns of the first convolution, and its step.
    pub conv: (usize, usize),
    /// Its padding; `None` where the reference does not say.
    pub padding: Option<Pad>,
    /// Whether normalisation and activation follow it.
    pub activated: bool,
    /// Padding of the 3×3 max pooling with step 2; the outer `None` for no pooling, the inner where it is not said.
    pub pool: Option<Option<Pad>>,
}

/// Where the convolution on the shortcut stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projection {
    /// Whether a normalisation follows it.
    pub norm: bool,
    /// Whether it takes what the block's first normalisation and activation give (v2 only).
    pub activated: bool,
    /// Whether the first stage has one although the size stays.
    pub first_stage: bool,
}

/// Filters of a block: the width `w` inside, and how many times that at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    /// 1 for basic blocks, 4 for bottlenecks.
    Usual,
    /// The Keras example's v2: 4 in the first stage, 2 in the others.
    CifarV2,
}

/// A reference: how a family of ResNets is built, whatever its depth and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// Whose.
    pub variant: Variant,
    /// v1 or v2.
    pub version: Version,
    /// The kinds of block it comes with.
    pub kinds: &'static [BlockKind],
    /// Widths of its stages.
    pub widths: &'static [usize],
    /// Filters at the end of a block.
    pub expansion: Expansion,
    /// In front of the blocks.
    pub stem: Stem,
    /// On the shortcut of a stage's first block.
    pub projection: Projection,
    /// Which convolution of a bottleneck has the stride; basic blocks have it in the first.
    pub strided_conv: usize,
    /// Whether the last block of a stage has the stride, with a max pooling as shortcut, and not the first block.
    pub stride_at_end: bool,
    /// Whether the first block of all lacks the normalisation in front (v2 only).
    pub bare_first_block: bool,
    /// Padding of 3×3 convolutions with stride 2; `None` where the reference does not say.
    pub strided_padding: Option<Pad>,
    /// Biases.
    pub bias: Bias,
    /// Epsilon of the normalisations; `None` where the reference does not say.
    pub epsilon: Option<f64>,
    /// How many differences a network must save before this general reference is nearer than an exact one.
    pub vagueness: usize,
}

const BOTH: &[BlockKind] = &[BlockKind::Basic, BlockKind::Bottleneck];
const BASIC: &[BlockKind] = &[BlockKind::Basic];
const BOTTLENECK: &[BlockKind] = &[BlockKind::Bottleneck];
const IMAGENET_WIDTHS: &[usize] = &[64, 128, 256, 512];
const PAD_1: Pad = Pad::Edges([1; 4]);
const PAD_3: Pad = Pad::Edges([3; 4]);

const IMAGENET_STEM: Stem =
    Stem { data_norm: false, conv: (7, 2), padding: Some(PAD_3), activated: true, pool: Some(Some(PAD_1)) };
const SMALL_STEM: Stem =
    Stem { data_norm: false, conv: (3, 1), padding: Some(Pad::Same), activated: true, pool: None };

pub(super) const MODERN: Blueprint = Blueprint {
    variant: Variant::Modern,
    version: Version::V1,
    kinds: BOTTLENECK,
    widths: IMAGENET_WIDTHS,
    expansion: Expansion::Usual,
    stem: IMAGENET_STEM,
    projection: Projection { norm: true, activated: false, first_stage: true },
    strided_conv: 0,
    stride_at_end: false,
    bare_first_block: false,
    strided_padding: None,
    bias: Bias::All,
    epsilon: Some(1.001e-5),
    vagueness: 0,
};

pub(super) const CLASSIC: Blueprint = Blueprint { variant: Variant::Classic, epsilon: Some(1e-3), ..MODERN };

pub(super) const MODERN_V2: Blueprint = Blueprint {
    version: Version::V2,
    stem: Stem { activated: false, ..IMAGENET_STEM },
    projection: Projection { norm: false, activated: true, first_stage: true },
    strided_conv: 1,
    stride_at_end: true,
    strided_padding: Some(PAD_1),
    bias: Bias::NotBeforeNorm,
    ..MODERN
};

pub(super) const IMAGEAI: Blueprint = Blueprint {
    variant: Variant::ImageAi,
    stem: Stem { padding: Some(Pad::Same), pool: Some(Some(Pad::None)), ..IMAGENET_STEM },
    ..CLASSIC
};

const CIFAR_V1: Blueprint = Blueprint {
    variant: Variant::Cifar,
    kinds: BASIC,
    widths: &[16, 32, 64],
    stem: SMALL_STEM,
    projection: Projection { norm: false, activated: false, first_stage: false },
    strided_padding: Some(Pad::Same),
    ..CLASSIC
};

const CIFAR_V2: Blueprint = Blueprint {
    version: Version::V2,
    kinds: BOTTLENECK,
    widths: &[16, 64, 128],
    expansion: Expansion::CifarV2,
    projection: Projection { norm: false, activated: false, first_stage: true },
    bare_first_block: true,
    ..CIFAR_V1
};

const CLASSIFICATION_MODELS: Blueprint = Blueprint {
    variant: Variant::ClassificationModels,
    version: Version::V2,
    kinds: BOTH,
    stem: Stem { data_norm: true, ..IMAGENET_STEM },
    projection: Projection { norm: false, activated: true, first_stage: true },
    strided_conv: 1,
    strided_padding: Some(PAD_1),
    bias: Bias::None,
    epsilon: Some(2e-5),
    ..MODERN
};

/// The paper leaves open what Keras must be told, so this is vague and the exact references go first.
const PAPER: Blueprint = Blueprint {
    variant: Variant::Paper,
    kinds: BOTH,
    stem: Stem { padding: None, pool: Some(None), ..IMAGENET_STEM },
    projection: Projection { norm: true, activated: false, first_stage: false },
    bias: Bias::Any,
    epsilon: None,
    vagueness: 2,
    ..MODERN
};

const PAPER_V2: Blueprint = Blueprint {
    version: Version::V2,
    projection: Projection { norm: false, activated: true, first_stage: true },
    ..PAPER
};

/// The order decides between references that are equally near.
pub const BLUEPRINTS: &[Blueprint] = &[
    MODERN,
    CLASSIC,
    // Keras 1.1 to 2.1 pool without padding; Keras 2.1.0 to 2.1.3 pad the first convolution with `same`.
    Blueprint { stem: Stem { pool: Some(Some(Pad::None)), ..IMAGENET_STEM }, ..CLASSIC },
    MODERN_V2,
    IMAGEAI,
    CIFAR_V1,
    CIFAR_V2,
    CLASSIFICATION_MODELS,
    PAPER,
    Blueprint { variant: Variant::StrideInMiddle, kinds: BOTTLENECK, strided_conv: 1, ..PAPER },
    Blueprint { stem: SMALL_STEM, ..PAPER },
    Blueprint {
        variant: Variant::StrideInMiddle,
        kinds: BOTTLENECK,
        strided_conv: 1,
        stem: SMALL_STEM,
        ..PAPER
    },
    Blueprint { widths: &[16, 32, 64], stem: SMALL_STEM, ..PAPER },
    PAPER_V2,
    Blueprint { variant: Variant::StrideInMiddle, kinds: BOTTLENECK, strided_conv: 1, ..PAPER_V2 },
    Blueprint { stem: SMALL_STEM, ..PAPER_V2 },
    Blueprint { stem: Stem { activated: false, ..SMALL_STEM }, ..PAPER_V2 },
    Blueprint { widths: &[16, 32, 64], stem: Stem { activated: false, ..SMALL_STEM }, ..PAPER_V2 },
];

/// A depth that has a name: convolutions on the main branch and one Dense.
#[derive(Debug, PartialEq, Eq)]
pub struct Depth {
    /// The number in the name.
    pub depth: usize,
    /// Kind of its blocks.
    pub kind: BlockKind,
    /// Blocks of each stage.
    pub blocks: [usize; 4],
}

/// The depths of the paper, table 1. Networks of three stages are named by 6n+2 or 9n+2 instead.
pub const DEPTHS: &[Depth] = &[
    Depth { depth: 18, kind: BlockKind::Basic, blocks: [2, 2, 2, 2] },
    Depth { depth: 34, kind: BlockKind::Basic, blocks: [3, 4, 6, 3] },
    Depth { depth: 50, kind: BlockKind::Bottleneck, blocks: [3, 4, 6, 3] },
    Depth { depth: 101, kind: BlockKind::Bottleneck, blocks: [3, 4, 23, 3] },
    Depth { depth: 152, kind: BlockKind::Bottleneck, blocks: [3, 8, 36, 3] },
];

/// The usual numbers of blocks that are nearest to `blocks`, and the depth they make.
pub fn nearest_depth(kind: BlockKind, blocks: &[usize]) -> (usize, Vec<usize>) {
    if blocks.len() == 3 {
        let usual = vec![most_common(blocks.iter().copied()).unwrap_or(1); 3];
        return (depth(kind, &usual), usual);
    }
    let distance = |candidate: &Depth| -> usize {
        let pairs = 0..candidate.blocks.len().max(blocks.len());
        let at = |list: &[usize], stage: usize| list.get(stage).copied().unwrap_or(0);
        pairs.map(|stage| at(&candidate.blocks, stage).abs_diff(at(blocks, stage))).sum()
    };
    let nearest = DEPTHS.iter().filter(|d| d.kind == kind).min_by_key(|d| distance(d));
    nearest.map_or((depth(kind, blocks), blocks.to_vec()), |d| (d.depth, d.blocks.to_vec()))
}

/// How many times wider than its first convolution a Wide ResNet is (arXiv 1605.07146): three stages of basic blocks with
/// normalization first; `None` for all others. Its depth counts the convolutions on the shortcuts: 6n+4.
pub fn widening(kind: BlockKind, version: Version, widths: &[usize], stem_filters: usize) -> Option<usize> {
    let width = widths.first().copied()?;
    let factor =
        width.checked_div(stem_filters).filter(|factor| factor.checked_mul(stem_filters) == Some(width))?;
    let is_wide = widths.len() == 3 && kind == BlockKind::Basic && version == Version::V2 && factor > 1;
    is_wide.then_some(factor)
}

/// Layers by which the depth of a Wide ResNet is more than a ResNet's.
pub const WIDE_SHORTCUTS: usize = 2;

/// Convolutions on the main branch, the stem's, and one Dense.
pub fn depth(kind: BlockKind, blocks: &[usize]) -> usize {
    kind.kernels().len() * blocks.iter().sum::<usize>() + 2
}

/// Values that may vote: ResNet-1001 has a thousand layers, and the count is quadratic where all values differ.
const MAX_VOTES: usize = 4096;

/// The value that occurs most among the first [`MAX_VOTES`]; of those that occur equally often, the first.
pub fn most_common<T: PartialEq + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values.take(MAX_VOTES) {
        match counts.iter_mut().find(|(seen, _)| *seen == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let best = counts.iter().map(|(_, count)| *count).max()?;
    counts.iter().find(|(_, count)| *count == best).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_paper_are_their_depths() {
        for named in DEPTHS {
            assert_eq!(depth(named.kind, &named.blocks), named.depth);
            assert_eq!(nearest_depth(named.kind, &named.blocks), (named.depth, named.blocks.to_vec()));
        }
    }

    #[test]
    fn three_stages_are_named_by_their_equal_number_of_blocks() {
        for n in 1..20 {
            assert_eq!(nearest_depth(BlockKind::Basic, &[n; 3]).0, 6 * n + 2);
            assert_eq!(nearest_depth(BlockKind::Bottleneck, &[n; 3]).0, 9 * n + 2);
        }
        assert_eq!(nearest_depth(BlockKind::Basic, &[3, 2, 3]), (20, vec![3, 3, 3]));
    }

    #[test]
    fn exact_references_stand_before_vague_ones() {
        assert!(BLUEPRINTS.windows(2).all(|pair| pair[0].vagueness <= pair[1].vagueness));
    }
}
