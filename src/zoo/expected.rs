//! What a reference has at every place of a network of given numbers of blocks and widths.

use super::families::{Bias, Blueprint, Expansion, Version, widening};
use super::skeleton::BlockKind;
use super::steps::{Pad, What};

/// What the reference has at one place.
#[derive(Clone, Debug)]
pub enum Want {
    /// A square convolution; what the reference leaves open is `None`.
    Conv {
        /// Rows, and columns.
        kernel: usize,
        /// Output channels.
        filters: usize,
        /// Steps between outputs.
        stride: usize,
        /// Zeros around the input.
        padding: Option<Pad>,
        /// Whether it has a bias.
        bias: Option<bool>,
    },
    /// BatchNormalization
    Norm,
    /// The ordinary rectifier.
    Relu,
    /// A square max pooling.
    Pool {
        /// Rows, and columns.
        size: usize,
        /// Steps between outputs.
        stride: usize,
        /// Zeros around the input.
        padding: Option<Pad>,
    },
}

impl Want {
    /// Its kind in Keras' words.
    pub fn word(&self) -> &'static str {
        match self {
            Want::Conv { .. } => "Conv2D",
            Want::Norm => "BatchNormalization",
            Want::Relu => "a ReLU activation",
            Want::Pool { .. } => "MaxPooling2D",
        }
    }

    /// Whether a step is of its kind; a layer that is not understood may be an activation.
    pub fn is_like(&self, what: &What) -> bool {
        match self {
            Want::Conv { .. } => matches!(what, What::Conv(_)),
            Want::Norm => matches!(what, What::Norm { .. }),
            Want::Relu => matches!(what, What::Activation(_) | What::Opaque),
            Want::Pool { .. } => matches!(what, What::Pool { .. }),
        }
    }
}

/// Filters at the end of a block, as a multiple of its width.
pub fn expansion(kind: BlockKind, blueprint: &Blueprint, stage: usize) -> usize {
    match (kind, blueprint.expansion) {
        (BlockKind::Basic, _) => 1,
        (BlockKind::Bottleneck, Expansion::Usual) => 4,
        (BlockKind::Bottleneck, Expansion::CifarV2) => {
            if stage == 0 {
                4
            } else {
                2
            }
        }
    }
}

/// A block's place: its stage, its number there, and the number of blocks there.
#[derive(Clone, Copy)]
pub struct At {
    /// Its stage, from 0.
    pub stage: usize,
    /// Its number in the stage, from 0.
    pub block: usize,
    /// Blocks of the stage.
    pub of: usize,
}

/// A reference, with the numbers it leaves open.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'c> {
    /// What the blocks are.
    pub kind: BlockKind,
    /// The reference.
    pub blueprint: &'static Blueprint,
    /// Width of each stage.
    pub widths: &'c [usize],
    /// Blocks of each stage.
    pub blocks: &'c [usize],
    /// Filters of the network's first convolution.
    pub stem_filters: usize,
}

impl Expected<'_> {
    /// Whether normalisation comes first.
    pub fn is_v2(&self) -> bool {
        self.blueprint.version == Version::V2
    }

    /// From the input to the first block.
    pub fn stem(&self) -> Vec<Want> {
        let stem = &self.blueprint.stem;
        let mut wants = Vec::new();
        wants.extend(stem.data_norm.then_some(Want::Norm));
        let (kernel, stride) = stem.conv;
        let bias = self.bias(false);
        wants.push(Want::Conv { kernel, filters: self.stem_width(), stride, padding: stem.padding, bias });
        if stem.activated {
            wants.extend([Want::Norm, Want::Relu]);
        }
        wants.extend(stem.pool.map(|padding| Want::Pool { size: 3, stride: 2, padding }));
        wants
    }

    /// Networks made narrow keep the reference's stem or narrow it too; a stem that is neither is judged by what
    /// `keras.applications` and the CIFAR networks do. A Wide ResNet's is what its width is measured by.
    fn stem_width(&self) -> usize {
        if widening(self.kind, self.blueprint.version, self.widths, self.stem_filters).is_some() {
            return self.stem_filters;
        }
        let width = self.widths.first().copied().unwrap_or(0);
        let usual = self.blueprint.widths.first().copied().unwrap_or(0);
        let fixed = self.blueprint.stem.pool.is_some();
        if self.stem_filters == usual || (fixed && self.stem_filters != width) { usual } else { width }
    }

    fn bias(&self, before_norm_in_block: bool) -> Option<bool> {
        match self.blueprint.bias {
            Bias::All => Some(true),
            Bias::None => Some(false),
            Bias::NotBeforeNorm => Some(!before_norm_in_block),
            Bias::Any => None,
        }
    }

    fn stride(&self, at: At) -> usize {
        let last_stage = at.stage + 1 == self.blocks.len();
        let strided = match self.blueprint.stride_at_end {
            true => at.block + 1 == at.of && !last_stage,
            false => at.block == 0 && at.stage > 0,
        };
        if strided { 2 } else { 1 }
    }

    /// Whether the block has a convolution on its shortcut.
    pub fn is_projected(&self, at: At) -> bool {
        let wider = self.kind == BlockKind::Bottleneck || self.blueprint.projection.first_stage;
        at.block == 0 && (at.stage > 0 || wider)
    }

    fn end_filters(&self, stage: usize) -> usize {
        self.widths[stage] * expansion(self.kind, self.blueprint, stage)
    }

    /// From the Add before the block to its own.
    pub fn path(&self, at: At) -> Vec<Want> {
        let kernels = self.kind.kernels();
        let strided = if self.kind == BlockKind::Basic { 0 } else { self.blueprint.strided_conv };
        let first = at.stage == 0 && at.block == 0;
        let mut wants = Vec::new();
        if !self.is_v2() && !first {
            wants.push(Want::Relu);
        }
        for (position, &kernel) in kernels.iter().enumerate() {
            let last = position + 1 == kernels.len();
            if self.is_v2() && !(first && position == 0 && self.blueprint.bare_first_block) {
                wants.extend([Want::Norm, Want::Relu]);
            }
            let filters = if last { self.end_filters(at.stage) } else { self.widths[at.stage] };
            let stride = if position == strided { self.stride(at) } else { 1 };
            let padding = if stride > 1 { self.blueprint.strided_padding } else { Some(Pad::Same) };
            let padding = if kernel == 1 { Some(Pad::None) } else { padding };
            wants.push(Want::Conv { kernel, filters, stride, padding, bias: self.bias(!last) });
            if !self.is_v2() {
                wants.push(Want::Norm);
                wants.extend((!last).then_some(Want::Relu));
            }
        }
        wants
    }

    /// On the shortcut: a projection, a pooling, or nothing.
    pub fn shortcut(&self, at: At) -> Vec<Want> {
        let stride = self.stride(at);
        if self.is_projected(at) {
            let conv = Want::Conv {
                kernel: 1,
                filters: self.end_filters(at.stage),
                stride,
                padding: Some(Pad::None),
                bias: self.bias(false),
            };
            let norm = self.blueprint.projection.norm.then_some(Want::Norm);
            return std::iter::once(conv).chain(norm).collect();
        }
        // The pooling is there to drop pixels, so its padding makes no difference.
        (stride > 1).then_some(Want::Pool { size: 1, stride, padding: None }).into_iter().collect()
    }

    /// Between the last Add and the classifier.
    pub fn tail(&self) -> Vec<Want> {
        if self.is_v2() { vec![Want::Norm, Want::Relu] } else { vec![Want::Relu] }
    }
}
