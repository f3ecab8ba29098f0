//! Building layers: the shapes of their weights, and what they are called on from then on; and the shapes they give.

use serde_json::Value;

use super::Keras;
use super::graph::{Layer, LayerId, Nest};
use super::shape::{self, Shape};
use super::spec::Spec;
use super::values;
use super::{convolution, merge, pooling};
use crate::loaders::{Attempt, Stop};

/// What building a layer makes: its weights, and what it expects from then on.
pub struct Built {
    /// Names and shapes of its weights, in the order in which they are made. Absent where they aren't known.
    pub weights: Option<Vec<(&'static str, Shape)>>,
    /// What it expects from then on, where that changes.
    pub spec: Option<Spec>,
}

impl Built {
    /// A layer without weights.
    pub fn bare() -> Built {
        Built { weights: Some(Vec::new()), spec: None }
    }

    /// A layer whose weights aren't known here.
    fn unknown() -> Built {
        Built { weights: None, spec: None }
    }
}

/// Layers that have no weights and give what they get.
pub const SAME: [&str; 21] = [
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "LeakyReLU",
    "Masking",
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "Rescaling",
    "Softmax",
    "SpatialDropout2D",
    "UnitNormalization",
];

impl Keras<'_> {
    /// `_maybe_build`
    pub fn build(&mut self, layer: LayerId, inputs: &Nest) -> Attempt<()> {
        let shape = self.shapes(inputs);
        self.build_on(layer, &shape)?;
        self.check_input(layer, inputs)
    }

    /// `layer.build(shape)`
    pub fn build_on(&mut self, layer: LayerId, shape: &Shape) -> Attempt<()> {
        if self.layers[layer].model.is_some() {
            return self.build_sequential(layer, shape);
        }
        let made = if shape.is_unknown() { Built::unknown() } else { built(&self.layers[layer], shape)? };
        let weights = match made.weights {
            Some(weights) => Some(self.weight_shapes(layer, &weights)?),
            None => None,
        };
        let layer = &mut self.layers[layer];
        layer.weights = weights;
        layer.spec = made.spec.or(layer.spec.take());
        layer.built = true;
        Ok(())
    }

    fn weight_shapes(&self, layer: LayerId, weights: &[(&'static str, Shape)]) -> Attempt<Vec<Vec<u64>>> {
        let name = &self.layers[layer].name;
        weights.iter().map(|(weight, shape)| self.weight_shape(name, weight, shape)).collect()
    }

    fn weight_shape(&self, layer: &str, weight: &str, shape: &Shape) -> Attempt<Vec<u64>> {
        let shape = shape::standardized(shape, self.shape_entry())?;
        let axes = shape.axes().unwrap_or_default();
        let lengths: Option<Vec<u64>> = axes.iter().map(|axis| u64::try_from((*axis)?).ok()).collect();
        lengths.ok_or_else(|| {
            let message = format!(
                "Shapes used to initialize variables must be fully-defined (no `None` dimensions). Received: shape={shape} \
                 for variable path='{layer}/{weight}'"
            );
            Stop::raised("ValueError", message)
        })
    }

    /// `build_from_config`, for layers whose config says what they were called on.
    pub fn build_from_config(&mut self, layer: LayerId, config: &Value) -> Attempt<()> {
        let shape = config.get("build_config").and_then(|build| build.get("input_shape"));
        let Some(shape) = shape.filter(|shape| !shape.is_null()) else { return Ok(()) };
        if self.layers[layer].built || self.layers[layer].model.is_some() {
            return Ok(());
        }
        self.build_on(layer, &listed(shape))
    }
}

/// A shape as `json.loads` reads it: a list.
fn listed(value: &Value) -> Shape {
    match value {
        Value::Null => Shape::Any,
        Value::Number(number) => number.as_i64().map_or(Shape::Unknown, Shape::Axis),
        Value::Array(items) => Shape::List(items.iter().map(listed).collect()),
        Value::Bool(_) | Value::String(_) | Value::Object(_) => Shape::Unknown,
    }
}

/// The weights that a layer makes for an input of this shape.
fn built(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    match layer.class_name() {
        "Dense" => dense(layer, shape),
        "BatchNormalization" => batch_normalization(layer, shape),
        "LayerNormalization" => layer_normalization(layer, shape),
        "Conv1D" | "Conv2D" | "Conv3D" => convolution::built(layer, shape),
        "DepthwiseConv1D" | "DepthwiseConv2D" => convolution::built_depthwise(layer, shape),
        "SeparableConv1D" | "SeparableConv2D" => convolution::built_separable(layer, shape),
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            convolution::built_transpose(layer, shape)
        }
        "Concatenate" => merge::check_concatenated(layer, shape).map(|()| Built::bare()),
        "Reshape" => pooling::reshaped(layer, shape).map(|_| Built::bare()),
        name if merge::is_elementwise(name) => merge::check(shape).map(|()| Built::bare()),
        name if SAME.contains(&name) || has_no_weights(name) => Ok(Built::bare()),
        _ => Ok(Built::unknown()),
    }
}

fn has_no_weights(class: &str) -> bool {
    ["Resizing", "CenterCrop", "RandomCrop", "Flatten", "Permute", "RepeatVector"].contains(&class)
        || ["ZeroPadding", "Cropping", "UpSampling"].iter().any(|start| class.starts_with(start))
        || values::is_built_at_once(class)
}

/// `layer.compute_output_shape(shape)`
pub fn output_shape(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    match layer.class_name() {
        "Dense" => dense_output(layer, shape),
        "BatchNormalization" => in_range(layer, shape),
        "Flatten" => pooling::flattened(shape),
        "Reshape" => pooling::reshaped(layer, shape),
        "Permute" => pooling::permuted(layer, shape),
        "RepeatVector" => repeated(layer, shape),
        "Resizing" | "CenterCrop" | "RandomCrop" => pooling::resized(layer, shape),
        "Concatenate" => merge::concatenated(layer, shape),
        "DepthwiseConv1D" | "DepthwiseConv2D" => convolution::depthwise_output(layer, shape),
        "Conv1D" | "Conv2D" | "Conv3D" | "SeparableConv1D" | "SeparableConv2D" => {
            convolution::output(layer, shape)
        }
        "ZeroPadding2D" => pooling::padded(layer, shape),
        "Cropping2D" => pooling::cropped(layer, shape),
        "UpSampling2D" => pooling::enlarged(layer, shape),
        "LayerNormalization" => Ok(shape.clone()),
        name if name.starts_with("Global") => pooling::global(layer, shape),
        name if values::is_window_pooling(name) => pooling::window(layer, shape),
        name if merge::is_elementwise(name) => merge::output(shape),
        name if SAME.contains(&name) => Ok(shape.clone()),
        _ => Ok(Shape::Unknown),
    }
}

/// The length of an axis as [`Spec::axis`] has it; none where it may be any.
pub fn spec_axis(axis: isize, length: &Shape) -> Option<(isize, i64)> {
    match length {
        Shape::Axis(length) => Some((axis, *length)),
        Shape::Any | Shape::Tuple(_) | Shape::List(_) | Shape::Unknown => None,
    }
}

fn dense(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let units = layer.number("units").map_or(Shape::Unknown, Shape::Axis);
    let inputs = shape.at(-1)?.clone();
    let spec = Spec { least_rank: Some(2), axis: spec_axis(-1, &inputs), rank: None };
    let mut weights = vec![("kernel", Shape::Tuple(vec![inputs, units.clone()]))];
    if layer.argument("use_bias") != &Value::Bool(false) {
        weights.push(("bias", Shape::Tuple(vec![units])));
    }
    Ok(Built { weights: Some(weights), spec: Some(spec) })
}

fn dense_output(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let mut items = shape.items().map(<[Shape]>::to_vec).unwrap_or_default();
    match items.last_mut() {
        Some(last) => *last = layer.number("units").map_or(Shape::Unknown, Shape::Axis),
        None => return Err(Stop::raised("IndexError", "list assignment index out of range")),
    }
    Ok(Shape::Tuple(items))
}

fn axis_of(layer: &Layer) -> isize {
    layer.number("axis").and_then(|axis| isize::try_from(axis).ok()).unwrap_or(-1)
}

fn batch_normalization(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let axis = axis_of(layer);
    let length = shape.at(axis)?;
    let one = || Shape::Tuple(vec![length.clone()]);
    let mut weights = Vec::new();
    if layer.argument("scale") != &Value::Bool(false) {
        weights.push(("gamma", one()));
    }
    if layer.argument("center") != &Value::Bool(false) {
        weights.push(("beta", one()));
    }
    weights.extend([("moving_mean", one()), ("moving_variance", one())]);
    let spec = Spec { rank: Some(shape.len()?), least_rank: None, axis: spec_axis(axis, length) };
    if layer.argument("renorm") == &Value::Bool(true) {
        weights.extend([("moving_stddev", one()), ("renorm_mean", one()), ("renorm_stddev", one())]);
    }
    Ok(Built { weights: Some(weights), spec: Some(spec) })
}

/// What a BatchNormalization gives is what it gets, if it has that axis.
fn in_range(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let axis = axis_of(layer);
    let rank = isize::try_from(shape.len()?).unwrap_or(isize::MAX);
    if axis >= rank || axis < -rank {
        let message = format!("Axis {axis} is out of bounds for input shape {shape}. Received: axis={axis}");
        return Err(Stop::raised("ValueError", message));
    }
    Ok(shape.clone())
}

fn layer_normalization(layer: &Layer, shape: &Shape) -> Attempt<Built> {
    let axes: Vec<isize> = match layer.argument("axis") {
        Value::Array(axes) => {
            let mut axes: Vec<isize> =
                axes.iter().filter_map(Value::as_i64).filter_map(|axis| isize::try_from(axis).ok()).collect();
            axes.sort_unstable();
            axes
        }
        _ => vec![axis_of(layer)],
    };
    let lengths: Vec<Shape> = axes.iter().map(|axis| shape.at(*axis).cloned()).collect::<Attempt<_>>()?;
    let mut weights = Vec::new();
    for (flag, weight) in [("scale", "gamma"), ("center", "beta")] {
        if layer.argument(flag) != &Value::Bool(false) {
            weights.push((weight, Shape::Tuple(lengths.clone())));
        }
    }
    Ok(Built { weights: Some(weights), spec: None })
}

fn repeated(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let times = layer.number("n").map_or(Shape::Unknown, Shape::Axis);
    Ok(Shape::Tuple(vec![shape.at(0)?.clone(), times, shape.at(1)?.clone()]))
}
