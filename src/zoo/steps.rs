//! Chains of layers as steps that can be compared: explicit padding joined with the window behind it, activations
//! given as arguments split off, layers without effect left out.

use crate::graph::{Graph, NodeId};
use crate::ops::activation::{Activation, Function};
use crate::ops::merge::Merge;
use crate::ops::padding::Edges;
use crate::ops::pooling::Pooled;
use crate::ops::window::{Padding, Window};
use crate::ops::{Op, OpError};

/// Zeros around an image, brought to one form: what makes no difference looks the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pad {
    /// None.
    None,
    /// Keras' `same`.
    Same,
    /// Top, bottom, left, right, from a ZeroPadding2D in front.
    Edges([usize; 4]),
}

impl std::fmt::Display for Pad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pad::None => f.write_str("none"),
            Pad::Same => f.write_str("same"),
            Pad::Edges([top, bottom, left, right]) if [top, top, top] == [bottom, left, right] => {
                write!(f, "{top} zeros at every edge")
            }
            Pad::Edges(edges) => write!(f, "zeros at the edges {edges:?} (top, bottom, left, right)"),
        }
    }
}

/// A convolution; `filters` is 0 for a depthwise one.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Output channels.
    pub filters: usize,
    /// Rows and columns.
    pub kernel: [usize; 2],
    /// Steps between outputs.
    pub strides: [usize; 2],
    /// Steps inside the kernel.
    pub dilation: [usize; 2],
    /// Groups of channels that don't mix.
    pub groups: usize,
    /// Zeros around the input.
    pub padding: Pad,
    /// Whether it has a bias.
    pub bias: bool,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Conv2D
    Conv(Conv),
    /// DepthwiseConv2D
    Depthwise(Conv),
    /// BatchNormalization
    Norm {
        /// Added to the variance.
        epsilon: f64,
    },
    /// An activation, also one given as an argument.
    Activation(Function),
    /// Windowed pooling.
    Pool {
        /// Which value.
        pooled: Pooled,
        /// Rows and columns.
        size: [usize; 2],
        /// Steps between outputs.
        strides: [usize; 2],
        /// Zeros around the input; Keras' own `same` of a pooling pads with nothing.
        padding: Pad,
    },
    /// Global pooling.
    GlobalPool(Pooled),
    /// Dense, with its units.
    Dense(usize),
    /// Flatten, Reshape, Permute.
    Reshape,
    /// Rescaling, Normalization, Resizing, CenterCrop, Cropping2D, a padding that no window follows.
    Prepare,
    /// UpSampling2D
    Upsample,
    /// A gate: the trunk multiplied by something computed from it.
    Gate,
    /// A merge of several tensors.
    Merge,
    /// A layer that is not understood.
    Opaque,
}

impl What {
    /// Its kind in Keras' words, for messages.
    pub fn word(&self) -> &'static str {
        match self {
            What::Conv(_) => "Conv2D",
            What::Depthwise(_) => "DepthwiseConv2D",
            What::Norm { .. } => "BatchNormalization",
            What::Activation(_) => "an activation",
            What::Pool { pooled: Pooled::Max, .. } => "MaxPooling2D",
            What::Pool { pooled: Pooled::Average, .. } => "AveragePooling2D",
            What::GlobalPool(_) => "global pooling",
            What::Dense(_) => "Dense",
            What::Reshape => "a reshaping layer",
            What::Prepare => "a preprocessing layer",
            What::Upsample => "UpSampling2D",
            What::Gate => "Multiply",
            What::Merge => "a merge",
            What::Opaque => "a layer that is not understood",
        }
    }

    /// The convolution, if it is an ordinary one.
    pub fn conv(&self) -> Option<&Conv> {
        match self {
            What::Conv(conv) => Some(conv),
            _ => None,
        }
    }

    /// Whether it is the ordinary rectifier.
    pub fn is_relu(&self) -> bool {
        *self == What::Activation(Function::Elementwise(Activation::RELU))
    }
}

/// A step and the layer it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The layer's call.
    pub node: NodeId,
    /// What it does.
    pub what: What,
}

/// The convolutions among `steps`.
pub fn convs(steps: &[Step]) -> impl DoubleEndedIterator<Item = (&Step, &Conv)> {
    steps.iter().filter_map(|step| Some((step, step.what.conv()?)))
}

/// Whether a call adds two tensors: the layer, or `x + y` and `tf.add(x, y)`, which tf.keras saves as a TFOpLambda.
pub fn is_add(graph: &Graph<'_>, id: NodeId) -> bool {
    const FUNCTIONS: &[&str] = &["__operators__.add", "math.add", "add", "math.add_n", "add_n"];
    let layer = graph.leaf(id).layer;
    let function = layer.config.text("function").unwrap_or_default();
    let called = layer.class == "TFOpLambda" && FUNCTIONS.contains(&function);
    (called && graph.node(id).inputs.len() == 2) || graph.op(id) == Some(&Op::Merge(Merge::Add))
}

/// A layer whose activation is not understood, as it would be without it.
fn without_activation(graph: &Graph<'_>, id: NodeId) -> Option<Op> {
    let leaf = graph.leaf(id);
    matches!(leaf.op, Err(OpError::UnknownActivation(_))).then_some(())?;
    let mut layer = leaf.layer.clone();
    layer.config.arguments.remove("activation")?;
    // What is left of an Activation is nothing.
    Op::parse(&layer).ok().filter(|op| !matches!(op, Op::Activation(_)))
}

/// The steps of a chain of calls, in the order of the data.
pub fn steps(graph: &Graph<'_>, chain: &[NodeId]) -> Vec<Step> {
    let mut out = Vec::with_capacity(chain.len());
    let mut edges: Option<(NodeId, [usize; 4])> = None;
    for &node in chain {
        if let Some(Op::ZeroPadding2D(more)) = graph.op(node) {
            let sum = add_edges(edges.map_or([0; 4], |(_, e)| e), more);
            edges = Some((node, sum));
            continue;
        }
        let is_pooling = matches!(graph.op(node), Some(Op::Pooling2D(_)));
        let pads =
            is_pooling || ["Conv2D", "DepthwiseConv2D"].contains(&graph.leaf(node).layer.class.as_str());
        let pending = if pads { edges.take().map(|(_, e)| e) } else { None };
        push_step(graph, node, pending, &mut out);
    }
    // A padding that no window follows stays visible as itself.
    out.extend(edges.map(|(node, _)| Step { node, what: What::Prepare }));
    out
}

fn add_edges(sum: [usize; 4], more: &Edges) -> [usize; 4] {
    let [top, bottom, left, right] = sum;
    let add = usize::saturating_add;
    [add(top, more.top), add(bottom, more.bottom), add(left, more.left), add(right, more.right)]
}

fn push_step(graph: &Graph<'_>, node: NodeId, edges: Option<[usize; 4]>, out: &mut Vec<Step>) {
    match (graph.op(node), without_activation(graph, node)) {
        (Some(op), _) => push_op(op, node, edges, out),
        (None, Some(op)) => {
            push_op(&op, node, edges, out);
            out.push(Step { node, what: What::Opaque });
        }
        (None, None) => out.push(Step { node, what: What::Opaque }),
    }
}

fn push_op(op: &Op, node: NodeId, edges: Option<[usize; 4]>, out: &mut Vec<Step>) {
    let (what, activation) = match op {
        Op::Input(_) | Op::Identity | Op::ZeroPadding2D(_) => return,
        Op::Nested => (What::Opaque, None),
        Op::Conv2D(op) => {
            (What::Conv(conv(op.filters, &op.window, op.groups, op.use_bias, edges)), Some(op.activation))
        }
        Op::DepthwiseConv2D(op) => {
            (What::Depthwise(conv(0, &op.window, 1, op.use_bias, edges)), Some(op.activation))
        }
        Op::Dense(op) => (What::Dense(op.units), Some(op.activation)),
        Op::BatchNormalization(op) => (What::Norm { epsilon: op.epsilon }, None),
        Op::Activation(function) if is_linear(function) => return,
        Op::Activation(function) => (What::Activation(*function), None),
        // PReLU's slopes are learnt, so it is told from a rectifier by a slope no file can have.
        Op::Prelu(_) => (What::Activation(PRELU), None),
        Op::Pooling2D(op) => {
            let Window { size, strides, .. } = op.window;
            let padding = pad(&op.window, edges);
            (What::Pool { pooled: op.pooled, size, strides, padding }, None)
        }
        Op::GlobalPooling2D(op) => (What::GlobalPool(op.pooled), None),
        Op::Merge(Merge::Multiply) => (What::Gate, None),
        Op::Merge(_) | Op::Concatenate(_) => (What::Merge, None),
        Op::Flatten(_) | Op::Reshape(_) | Op::Permute(_) => (What::Reshape, None),
        Op::UpSampling2D(_) => (What::Upsample, None),
        Op::Rescaling(_) | Op::Normalization(_) | Op::Resizing(_) | Op::CenterCrop(_) | Op::Cropping2D(_) => {
            (What::Prepare, None)
        }
    };
    out.push(Step { node, what });
    if let Some(function) = activation.filter(|f| !is_linear(f)) {
        out.push(Step { node, what: What::Activation(function) });
    }
}

const PRELU: Function = Function::Elementwise(Activation::Relu {
    slope: f32::NEG_INFINITY,
    max_value: f32::INFINITY,
    threshold: 0.0,
});

fn is_linear(function: &Function) -> bool {
    *function == Function::Elementwise(Activation::Linear)
}

fn conv(filters: usize, window: &Window, groups: usize, bias: bool, edges: Option<[usize; 4]>) -> Conv {
    Conv {
        filters,
        kernel: window.size,
        strides: window.strides,
        dilation: window.dilation,
        groups,
        padding: pad(window, edges),
        bias,
    }
}

/// `same` of a 1×1 window is no padding, and the edges of a window with stride 1 that keep the size are `same`.
fn pad(window: &Window, edges: Option<[usize; 4]>) -> Pad {
    match (edges.filter(|e| *e != [0; 4]), window.padding) {
        (None, Padding::Same | Padding::Half) if window.size == [1, 1] => Pad::None,
        (None, Padding::Same | Padding::Half) => Pad::Same,
        (None, Padding::Valid) => Pad::None,
        (Some(edges), Padding::Valid) if keeps_size(window, edges) => Pad::Same,
        (Some(edges), _) => Pad::Edges(edges),
    }
}

fn keeps_size(window: &Window, [top, bottom, left, right]: [usize; 4]) -> bool {
    let fits = |axis: usize, before: usize, after: usize| {
        let span = (window.size[axis] - 1).saturating_mul(window.dilation[axis]);
        before == after && before.saturating_mul(2) == span
    };
    window.strides == [1, 1] && fits(0, top, bottom) && fits(1, left, right)
}
