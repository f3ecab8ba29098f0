//! A network as a list of kernels over buffers: what the executors run.
//!
//! Every kernel carries its whole geometry, so an executor never looks at Keras or HDF5.
//! Tensors are row-major `f32`, channels last, the batch first.

use serde::{Deserialize, Serialize};

use crate::keras::WeightId;
pub use crate::ops::activation::Activation;

pub mod bind;
mod fuse;
mod kernel;
mod lower;
mod params;
mod place;
pub mod shapes;
mod sound;

pub use kernel::{
    Combine, CombineKind, Conv, Copy, CopyBox, Kernel, Map, Pool, PoolKind, Resize, Sampling, Softmax,
    Strided,
};
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
