//! The kernels of a plan: work on buffers, with the whole geometry of it.

use serde::{Deserialize, Serialize};

use super::{Activation, ParamId};

/// The closed set of things an executor can do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Kernel {
    /// Convolution, grouped or not; also Dense, as a 1×1 convolution over `[rows, 1, 1, units]`.
    Conv(Conv),
    /// Windowed or global pooling.
    Pool(Pool),
    /// Per-channel `x·scale + offset`, then an activation.
    Map(Map),
    /// Elementwise combination of two or more tensors with broadcasting, then an activation.
    Combine(Combine),
    /// Softmax over the last axis.
    Softmax(Softmax),
    /// Strided copies into one output: padding, cropping, concatenation, transposition.
    Copy(Copy),
    /// Resampling of the two spatial axes.
    Resize(Resize),
    /// The output is this parameter.
    Constant(ParamId),
}

/// `out[n,y,x,o] = act(bias[o] + residual[n,y,x,o] + Σ in[n, y·s+ky·d-pad, x·s+kx·d-pad, i] · kernel[ky,kx,i,o])`,
/// where positions outside the input count as zero. Output channel `o` belongs to group `o / (out channels / groups)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conv {
    /// `[n, height, width, channels]` of the input.
    pub input: [usize; 4],
    /// `[n, height, width, channels]` of the output.
    pub output: [usize; 4],
    /// Rows and columns of the kernel.
    pub window: [usize; 2],
    /// Steps between outputs, rows then columns.
    pub strides: [usize; 2],
    /// Steps between kernel elements.
    pub dilation: [usize; 2],
    /// Zeros above and to the left; those below and to the right follow from the output shape.
    pub padding: [usize; 2],
    /// Number of groups; 1 is an ordinary convolution.
    pub groups: usize,
    /// `[rows, columns, in channels / groups, out channels]`.
    pub kernel: ParamId,
    /// `[out channels]`.
    pub bias: ParamId,
    /// Whether a second input of the output's shape is added before the activation.
    pub residual: bool,
    /// Applied last.
    pub activation: Activation,
}

/// Which value a pooling window gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolKind {
    /// The largest element inside the input.
    Max,
    /// The mean of the elements inside the input (padding does not count, as in TensorFlow).
    Average,
}

/// Pooling over windows; padded positions are left out. Global pooling is one window over everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pool {
    /// What it computes.
    pub kind: PoolKind,
    /// `[n, height, width, channels]` of the input.
    pub input: [usize; 4],
    /// `[n, height, width, channels]` of the output.
    pub output: [usize; 4],
    /// Rows and columns of the window.
    pub window: [usize; 2],
    /// Steps between outputs.
    pub strides: [usize; 2],
    /// Positions above and to the left that lie outside the input.
    pub padding: [usize; 2],
}

/// `out[i] = act(in[i] · scale[i mod channels] + offset[i mod channels])`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Map {
    /// Elements in all.
    pub elements: usize,
    /// Length of the last axis.
    pub channels: usize,
    /// Scale and offset, each `[channels]`; `None` is the activation alone.
    pub affine: Option<(ParamId, ParamId)>,
    /// Applied last.
    pub activation: Activation,
}

/// How [`Combine`] joins two numbers; more than two are joined from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CombineKind {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// Mean of all inputs.
    Average,
    /// The larger.
    Maximum,
    /// The smaller.
    Minimum,
    /// `a` where positive, else `a · b`: the second input holds the slopes.
    Prelu,
}

/// Elementwise over `shape`; input `k` is read at `Σ index[d] · strides[k][d]`, with stride 0 where it is broadcast.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Combine {
    /// How.
    pub kind: CombineKind,
    /// Output shape, padded with leading ones to four dimensions.
    pub shape: [usize; 4],
    /// Per input, elements to step per dimension.
    pub strides: Vec<[usize; 4]>,
    /// Applied last.
    pub activation: Activation,
}

/// `out[r,c] = exp(in[r,c] − max_r) / Σ_c exp(in[r,c] − max_r)`, or the logarithm of that.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Softmax {
    /// Product of all axes but the last.
    pub rows: usize,
    /// Length of the last axis.
    pub columns: usize,
    /// Whether the logarithm is taken.
    pub log: bool,
}

/// One box per input, in order; the boxes do not overlap.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Copy {
    /// Elements of the output.
    pub elements: usize,
    /// Whether elements no box writes must be set to zero.
    pub zero: bool,
    /// What to copy from the input of the same index.
    pub boxes: Vec<CopyBox>,
}

/// `out[to.offset + Σ i[d]·to.strides[d]] = in[from.offset + Σ i[d]·from.strides[d]]` for every `i` below `size`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CopyBox {
    /// Elements per dimension.
    pub size: [usize; 4],
    /// Where to read.
    pub from: Strided,
    /// Where to write.
    pub to: Strided,
}

/// A strided view, in elements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Strided {
    /// First element.
    pub offset: usize,
    /// Step per dimension.
    pub strides: [usize; 4],
}

/// How [`Resize`] samples. Pixel centres are at half-integers, as in TensorFlow 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampling {
    /// `in[floor((i + 0.5) · in / out)]`, clamped.
    Nearest,
    /// Linear between the two neighbours, clamped at the edges; no antialiasing.
    Bilinear,
}

/// Changes height and width.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resize {
    /// How.
    pub sampling: Sampling,
    /// `[n, height, width, channels]` of the input.
    pub input: [usize; 4],
    /// `[n, height, width, channels]` of the output.
    pub output: [usize; 4],
}
