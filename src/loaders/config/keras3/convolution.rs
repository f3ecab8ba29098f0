//! Convolutions: their weights, and the shapes they give.

use serde_json::Value;

use super::build::{Built, spec_axis};
use super::graph::Layer;
use super::shape::Shape;
use super::spec::Spec;
use super::values;
use crate::loaders::{Attempt, Stop, python};

/// A convolution's arguments.
struct Window {
    rank: usize,
    /// Whether a length of 0 is refused, too.
    refuses_empty: bool,
    kernel: Vec<i64>,
    strides: Vec<i64>,
    dilation: Vec<i64>,
    padding: String,
    channels_first: bool,
}

fn window(layer: &Layer) -> Attempt<Window> {
    let rank = values::rank(layer.class_name());
    let numbers = |name: &str| layer.numbers(name, rank).ok_or_else(|| undecided(layer, name));
    Ok(Window {
        rank,
        refuses_empty: layer.version >= [3, 14, 0],
        kernel: numbers("kernel_size")?,
        strides: numbers("strides")?,
        dilation: numbers("dilation_rate").unwrap_or_else(|_| vec![1; rank]),
        padding: layer.argument("padding").as_str().unwrap_or("valid").to_lowercase(),
        channels_first: layer.channels_first(),
    })
}

/// An argument that Keras takes, and this doesn't read.
fn undecided(layer: &Layer, name: &str) -> Stop {
    Stop::unknown(format!("what {} makes of its `{name}` isn't known", layer.name))
}

fn number(layer: &Layer, name: &str) -> Attempt<i64> {
    layer.number(name).ok_or_else(|| undecided(layer, name))
}

/// The channels of what a layer is called on, and what it expects of them from then on.
fn channels<'s>(window: &Window, shape: &'s Shape) -> Attempt<(&'s Shape, Spec)> {
    let axis = if window.channels_first { 1 } else { -1 };
    let channels = shape.at(axis)?;
    let spec = Spec { rank: None, least_rank: Some(window.rank + 2), axis: spec_axis(axis, channels) };
    Ok((channels, spec))
}

/// Channels as a number.
fn counted(channels: &Shape, operator: &str) -> Attempt<i64> {
    let found = match channels {
        Shape::Axis(count) => return Ok(*count),
        Shape::Any => "NoneType",
        Shape::Tuple(_) => "tuple",
        Shape::List(_) => "list",
        Shape::Unknown => return Err(super::shape::unknown()),
    };
    let message = match operator {
        "* 1" => format!("unsupported operand type(s) for *: 'int' and '{found}'"),
        other => format!("unsupported operand type(s) for {other}: '{found}' and 'int'"),
    };
    Err(Stop::raised("TypeError", message))
}

fn with_bias(layer: &Layer, kernel: Vec<(&'static str, Shape)>, bias: i64, spec: Spec) -> Built {
    let mut weights = kernel;
    if layer.argument("use_bias") != &Value::Bool(false) {
        weights.push(("bias", Shape::of([Some(bias)])));
    }
    Built { weights: Some(weights), spec: Some(spec) }
}

fn kernel_shape(window: &Window, ends: [i64; 2]) -> Shape {
    Shape::of(window.kernel.iter().copied().chain(ends).map(Some))
}

/// Building Conv1D, Conv2D or Conv3D.
pub fn built(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let window = window(layer)?;
    let (channels, spec) = channels(&window, shape)?;
    let channels = counted(channels, "%")?;
    let (groups, filters) = (layer.number("groups").unwrap_or(1).max(1), number(layer, "filters")?);
    if channels % groups != 0 {
        let message = format!(
            "The number of input channels must be evenly divisible by the number of groups. Received groups={groups}, but the \
             input has {channels} channels (full input shape is {shape})."
        );
        return Err(Stop::raised("ValueError", message));
    }
    output(layer, shape)?;
    let kernel = vec![("kernel", kernel_shape(&window, [channels / groups, filters]))];
    Ok(with_bias(layer, kernel, filters, spec))
}

/// Building DepthwiseConv1D or DepthwiseConv2D.
pub fn built_depthwise(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let window = window(layer)?;
    let (channels, spec) = channels(&window, shape)?;
    let multiplier = number(layer, "depth_multiplier")?;
    depthwise_output(layer, shape)?;
    let channels = counted(channels, "* 1")?;
    let kernel = vec![("kernel", kernel_shape(&window, [channels, multiplier]))];
    Ok(with_bias(layer, kernel, multiplier.saturating_mul(channels), spec))
}

/// Building SeparableConv1D or SeparableConv2D.
pub fn built_separable(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let window = window(layer)?;
    let (channels, spec) = channels(&window, shape)?;
    let channels = counted(channels, "* 1")?;
    let (multiplier, filters) = (number(layer, "depth_multiplier")?, number(layer, "filters")?);
    output(layer, shape)?;
    let ones = std::iter::repeat_n(1, window.rank).chain([multiplier.saturating_mul(channels), filters]);
    let kernels = vec![
        ("depthwise_kernel", kernel_shape(&window, [channels, multiplier])),
        ("pointwise_kernel", Shape::of(ones.map(Some))),
    ];
    Ok(with_bias(layer, kernels, filters, spec))
}

/// Building Conv1DTranspose, Conv2DTranspose or Conv3DTranspose.
pub fn built_transpose(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let window = window(layer)?;
    let (channels, spec) = channels(&window, shape)?;
    let Shape::Axis(channels) = channels else { return Err(super::shape::unknown()) };
    let filters = number(layer, "filters")?;
    let kernel = vec![("kernel", kernel_shape(&window, [filters, *channels]))];
    Ok(with_bias(layer, kernel, filters, spec))
}

/// What a depthwise convolution gives.
pub fn depthwise_output(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let window = window(layer)?;
    let (channels, _) = channels(&window, shape)?;
    let filters = number(layer, "depth_multiplier")?.saturating_mul(counted(channels, "* 1")?);
    convolved(&window, shape, filters)
}

/// What a convolution gives.
pub fn output(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    convolved(&window(layer)?, shape, number(layer, "filters")?)
}

/// `compute_conv_output_shape`
fn convolved(window: &Window, shape: &Shape, filters: i64) -> Attempt<Shape> {
    let axes = shape.axes().ok_or_else(super::shape::unknown)?;
    let channels = if window.channels_first { axes.get(1) } else { axes.last() };
    let channels = channels.copied().flatten();
    let kernel = Shape::of(window.kernel.iter().copied().map(Some).chain([channels, Some(filters)]));
    if axes.len() != window.rank + 2 {
        let message = format!(
            "Kernel shape must have the same length as input, but received kernel of shape {kernel} and input of shape {shape}."
        );
        return Err(Stop::raised("ValueError", message));
    }
    let start = if window.channels_first { 2 } else { 1 };
    let spatial = &axes[start..start + window.rank];
    let mut out = Vec::with_capacity(axes.len());
    for (index, length) in spatial.iter().enumerate() {
        let length = slid(window, index, *length);
        if length.is_some_and(|length| length < i64::from(window.refuses_empty)) && window.padding == "valid"
        {
            return Err(too_small(window, shape, &kernel));
        }
        out.push(length);
    }
    Ok(Shape::of(around(window.channels_first, axes[0], Some(filters), out)))
}

/// Batch and channels around the axes between them.
pub fn around(
    channels_first: bool,
    batch: Option<i64>,
    channels: Option<i64>,
    between: Vec<Option<i64>>,
) -> Vec<Option<i64>> {
    let mut all = vec![batch];
    if channels_first {
        all.push(channels);
    }
    all.extend(between);
    if !channels_first {
        all.push(channels);
    }
    all
}

/// The length of an axis behind the window that slides over it.
fn slid(window: &Window, axis: usize, length: Option<i64>) -> Option<i64> {
    let (length, stride) = (length?, window.strides[axis].max(1));
    let covered = match window.padding.as_str() {
        "valid" => window.dilation[axis].saturating_mul(window.kernel[axis] - 1).saturating_add(1),
        _ => 1,
    };
    Some(length.saturating_sub(covered).div_euclid(stride).saturating_add(1))
}

fn too_small(window: &Window, shape: &Shape, kernel: &Shape) -> Stop {
    if !window.refuses_empty {
        let dilation = array(&window.dilation);
        let message = format!(
            "Computed output size would be negative. Received `inputs shape={shape}`, `kernel shape={kernel}`, \
             `dilation_rate={dilation}`."
        );
        return Stop::raised("ValueError", message);
    }
    let message = format!(
        "Computed output size would be zero or negative. Received `inputs shape={shape}`, `kernel shape={kernel}`, \
         `dilation_rate={}`, `strides={}`, `padding={}`.",
        array(&window.dilation),
        python::shape(&window.strides),
        window.padding
    );
    Stop::raised("ValueError", message)
}

/// As numpy shows an array of whole numbers.
pub fn array(numbers: &[i64]) -> String {
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    let padded: Vec<String> = texts.iter().map(|text| format!("{text:>width$}")).collect();
    format!("[{}]", padded.join(" "))
}
