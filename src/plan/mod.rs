//! A network as a list of kernels over buffers: what the executors run.
//!
//! Every kernel carries its whole geometry, so an executor never looks at Keras or HDF5.
//! Tensors are row-major `f32`, channels last, the batch first.

use serde::{Deserialize, Serialize};

use crate::keras::WeightId;
pub use crate::ops::activation::Activation;

pub mod bind;
mod fuse;
mod lower;
mod params;
mod place;
pub mod shapes;
mod sound;

pub use params::materialise;

use crate::graph::Graph;
use crate::ops::OpError;
use crate::ops::conv2d::KernelOrder;
use bind::Binding;
use shapes::Shapes;

/// An architecture and the weights that belong to it.
pub struct Structure<'a> {
    /// All its layers and calls.
    pub graph: Graph<'a>,
    /// All its shapes.
    pub shapes: Shapes,
    /// Which weight belongs to which layer.
    pub binding: Binding,
}

/// Why a graph can't be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A layer is not understood, or can't be run here.
    #[error("layer {layer}: {reason}")]
    Layer {
        /// Path of the layer.
        layer: String,
        /// Why.
        reason: OpError,
    },
    /// A layer can't be called on what flows into it.
    #[error("layer {layer}: {reason}")]
    Shape {
        /// Path of the layer.
        layer: String,
        /// Why.
        reason: String,
    },
    /// A weight of a layer is not in the file.
    #[error("layer {layer}: the file has no {weight} for it")]
    Weight {
        /// Path of the layer.
        layer: String,
        /// Keras' name of the weight.
        weight: String,
    },
    /// The graph itself makes no sense.
    #[error("layer {layer}: {reason}")]
    Graph {
        /// Path of the layer.
        layer: String,
        /// Why.
        reason: String,
    },
}

impl PlanError {
    fn graph(layer: &str, reason: &str) -> PlanError {
        PlanError::Graph { layer: layer.to_string(), reason: reason.to_string() }
    }
}

/// The plan of a graph: lowered, fused, and its buffers placed.
///
/// # Errors
/// Naming the first layer that can't be run, and why.
pub fn build(graph: &Graph<'_>, shapes: &Shapes, binding: &Binding, batch: usize) -> Result<Plan, PlanError> {
    sound::check(graph)?;
    let lowering = lower::lower(graph, shapes, binding, batch)?;
    let (mut plan, root) = (lowering.plan, lowering.root);
    fuse::fuse(&mut plan, &root);
    place::place(&mut plan, &root);
    Ok(plan)
}

/// Index into [`Plan::values`].
pub type ValueId = usize;
/// Index into [`Plan::params`].
pub type ParamId = usize;
/// Index into [`Plan::buffers`].
pub type BufferId = usize;

/// Everything an executor needs except the numbers of the parameters.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Images per run; the first dimension of every input.
    pub batch: usize,
    /// The tensors the caller supplies, in the model's order.
    pub inputs: Vec<Port>,
    /// The tensors the caller gets, in the model's order.
    pub outputs: Vec<Port>,
    /// Every tensor there is.
    pub values: Vec<Value>,
    /// Every constant tensor the kernels read.
    pub params: Vec<Param>,
    /// The work, in order.
    pub steps: Vec<Step>,
    /// Length in elements of every activation buffer; values that are never alive together share one.
    pub buffers: Vec<usize>,
}

/// A tensor that crosses the border of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Port {
    /// Layer that the model names for it.
    pub name: String,
    /// The tensor.
    pub value: ValueId,
}

/// An intermediate tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Value {
    /// Shape with the batch first, as Keras has it at this point.
    pub shape: Vec<usize>,
    /// Where it lives. A reshaped value shares the buffer of the value it came from.
    pub buffer: BufferId,
}

/// One kernel launch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The layers it carries out, the first one first (a convolution and the layers fused into it).
    pub layers: Vec<String>,
    /// What to do.
    pub kernel: Kernel,
    /// What it reads. For [`Conv`] with `residual`, the second is added to the result before the activation.
    pub inputs: Vec<ValueId>,
    /// What it writes; never one of `inputs`' buffers.
    pub output: ValueId,
}

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

/// A constant tensor: how to make it from the tensors of the file, one at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Param {
    /// For messages: `conv1_conv/kernel`.
    pub name: String,
    /// Its shape; the kernels say how they read it.
    pub shape: Vec<usize>,
    /// How its numbers come about; only where the file is.
    #[serde(skip)]
    pub recipe: Recipe,
}

/// How a [`Param`] is made. Folding is done in `f64` and rounded once.
#[derive(Clone, Debug, Default)]
pub enum Recipe {
    /// The stored tensor itself.
    Stored(WeightId),
    /// A stored kernel, its axes brought into the order of the parameter's shape.
    Kernel(StoredKernel),
    /// These numbers.
    Values(Vec<f32>),
    /// Zeros, as many as the shape has: the bias of a layer without one.
    #[default]
    Zeros,
    /// A stored convolution or dense kernel, its last axis multiplied by the scale of the normalization.
    ScaledKernel {
        /// The kernel.
        kernel: StoredKernel,
        /// The BatchNormalization behind it.
        norm: Norm,
    },
    /// `offset + scale · bias` of the normalization; the bias counts as zero where there is none.
    ShiftedBias {
        /// The bias of the convolution.
        bias: Option<WeightId>,
        /// The BatchNormalization behind it.
        norm: Norm,
    },
    /// `gamma / max(sqrt(variance + epsilon), floor)`
    NormScale(Norm),
    /// `beta − mean · scale`
    NormOffset(Norm),
}

/// A kernel in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredKernel {
    /// The tensor.
    pub weight: WeightId,
    /// Order of its axes.
    pub order: KernelOrder,
    /// Whether it must be turned by 180°.
    pub turned: bool,
}

/// The tensors of a BatchNormalization, each `[channels]`.
#[derive(Clone, Debug)]
pub struct Norm {
    /// 1 where absent.
    pub gamma: Option<WeightId>,
    /// 0 where absent.
    pub beta: Option<WeightId>,
    /// Moving mean.
    pub mean: WeightId,
    /// Moving variance.
    pub variance: WeightId,
    /// Added to the variance.
    pub epsilon: f64,
    /// The divisor is at least this.
    pub floor: f64,
}
