//! Which values constructors refuse.

use serde_json::{Map, Value};

use super::graph::Layer;
use super::py;
use super::shape::{self, Shape};
use crate::loaders::facts::Class;
use crate::loaders::{Attempt, Stop, python};

/// Layers that have their weights, none, from the start.
const BUILT_AT_ONCE: [&str; 36] = [
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "Identity",
    "InputLayer",
    "LeakyReLU",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "ReLU",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "UnitNormalization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
];

/// Whether a layer of this class needs no building.
pub fn is_built_at_once(class: &str) -> bool {
    BUILT_AT_ONCE.contains(&class)
}

/// How many axes a layer slides over, by the end of its class's name.
pub fn rank(class: &str) -> usize {
    let name = class.strip_suffix("Transpose").unwrap_or(class);
    match name.strip_suffix('D').and_then(|name| name.chars().last()) {
        Some('1') => 1,
        Some('3') => 3,
        _ => 2,
    }
}

fn value_error(message: String) -> Stop {
    Stop::raised("ValueError", message)
}

/// What is checked before the base class runs.
pub fn before(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let checks_first = class.defaults.contains_key("quantization_config")
        || class.takes("quantization_config") == Some(true);
    let units = config.get("units").unwrap_or(&Value::Null);
    let is_whole = units.is_boolean() || units.is_i64() || units.is_u64();
    if class.name != "Dense" || !checks_first || (is_whole && py::int(units)? > 0) {
        return Ok(());
    }
    let shown = python::str(units);
    Err(value_error(format!(
        "Received an invalid value for `units`, expected a positive integer. Received: units={shown}"
    )))
}

/// What is checked before the objects among the arguments are made.
pub fn early(layer: &Layer) -> Attempt<()> {
    let rank = rank(layer.class_name());
    match layer.class_name() {
        name if name.contains("Conv") && !name.starts_with("ConvLSTM") => {
            window(layer, "kernel_size", rank, false)?;
            window(layer, "strides", rank, false)?;
            window(layer, "dilation_rate", rank, false)?;
            padding(layer, rank == 1 && name == "Conv1D")
        }
        "BatchNormalization" => {
            py::int(layer.argument("axis"))?;
            py::float(layer.argument("momentum"))?;
            py::float(layer.argument("epsilon"))
        }
        name if is_window_pooling(name) => {
            window(layer, "pool_size", rank, false)?;
            window(layer, "strides", rank, true)
        }
        "UpSampling2D" => window(layer, "size", 2, false),
        _ => Ok(()),
    }
}

/// Whether it is MaxPooling or AveragePooling.
pub fn is_window_pooling(class: &str) -> bool {
    class.starts_with("MaxPooling") || class.starts_with("AveragePooling")
}

/// What is checked once the objects are made.
pub fn late(layer: &Layer) -> Attempt<()> {
    match layer.class_name() {
        "Conv1D" | "Conv2D" | "Conv3D" => {
            positive(layer, "filters")?;
            groups(layer)?;
            dilated_strides(layer)
        }
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            positive(layer, "filters")?;
            dilated_strides(layer)
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => positive(layer, "depth_multiplier"),
        "SeparableConv1D" | "SeparableConv2D" => {
            positive(layer, "depth_multiplier")?;
            positive(layer, "filters")
        }
        "Dropout" | "SpatialDropout2D" | "GaussianDropout" => rate(layer),
        _ => Ok(()),
    }
}

fn rate(layer: &Layer) -> Attempt<()> {
    let rate = layer.argument("rate");
    match rate.as_f64() {
        Some(number) if !(0.0..=1.0).contains(&number) => Err(value_error(format!(
            "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={}",
            python::str(rate)
        ))),
        _ => Ok(()),
    }
}

/// `standardize_tuple`: one whole number for all axes, or one for each.
fn window(layer: &Layer, name: &str, axes: usize, allow_zero: bool) -> Attempt<()> {
    let value = layer.argument(name);
    let shown = if value.is_array() { python::repr(value) } else { python::str(value) };
    let words = format!("The `{name}` argument must be a tuple of {axes} integers. Received {name}={shown}");
    let numbers = match value {
        // Strides left out are those of the window.
        Value::Null if allow_zero => return Ok(()),
        Value::Number(number) if number.is_i64() => vec![value.clone(); axes],
        Value::Array(items) if items.len() == axes => items.clone(),
        _ => return Err(value_error(words)),
    };
    let mut refused: Vec<i64> = Vec::new();
    for number in &numbers {
        let number = py::int(number).map_err(|_| {
            let (shown, found) = (python::str(number), py::shown_type(number));
            value_error(format!("{words}including element {shown} of type {found}"))
        })?;
        if (number < 0 || (number == 0 && !allow_zero)) && !refused.contains(&number) {
            refused.push(number);
        }
    }
    refuse_numbers(words, &refused, allow_zero)
}

fn refuse_numbers(words: String, refused: &[i64], allow_zero: bool) -> Attempt<()> {
    let wanted = if allow_zero { ">= 0" } else { "> 0" };
    match refused {
        [] => Ok(()),
        [one] => Err(value_error(format!(
            "{words}, including values {{{one}}} that do not satisfy `value {wanted}`"
        ))),
        _ => Err(Stop::unknown("Python shows a set of numbers here, in an order that isn't known")),
    }
}

fn padding(layer: &Layer, allow_causal: bool) -> Attempt<()> {
    let value = layer.argument("padding");
    let Some(text) = value.as_str() else {
        return if value.is_array() { Ok(()) } else { Err(no_lower(value)) };
    };
    let padding = text.to_lowercase();
    if ["valid", "same"].contains(&padding.as_str()) || (allow_causal && padding == "causal") {
        return Ok(());
    }
    Err(Stop::unknown(format!(
        "`{padding}` is no padding, and Keras lists those there are in no fixed order"
    )))
}

fn no_lower(value: &Value) -> Stop {
    Stop::raised("AttributeError", format!("'{}' object has no attribute 'lower'", py::type_name(value)))
}

fn positive(layer: &Layer, name: &str) -> Attempt<()> {
    match layer.argument(name).as_f64() {
        Some(number) if number <= 0.0 => Err(value_error(format!(
            "Invalid value for argument `{name}`. Expected a strictly positive value. Received {name}={}.",
            python::str(layer.argument(name))
        ))),
        _ => Ok(()),
    }
}

fn groups(layer: &Layer) -> Attempt<()> {
    let (filters, groups) = (layer.number("filters"), layer.number("groups").unwrap_or(1));
    if groups <= 0 {
        let message = format!("The number of groups must be a positive integer. Received: groups={groups}.");
        return Err(value_error(message));
    }
    match filters {
        Some(filters) if filters % groups != 0 => Err(value_error(format!(
            "The number of filters must be evenly divisible by the number of groups. Received: groups={groups}, \
             filters={filters}."
        ))),
        _ => Ok(()),
    }
}

fn dilated_strides(layer: &Layer) -> Attempt<()> {
    let rank = rank(layer.class_name());
    let (Some(strides), Some(dilation)) =
        (layer.numbers("strides", rank), layer.numbers("dilation_rate", rank))
    else {
        return Ok(());
    };
    let is_above_one = |numbers: &[i64]| numbers.iter().any(|number| *number > 1);
    if !is_above_one(&strides) || !is_above_one(&dilation) {
        return Ok(());
    }
    Err(value_error(format!(
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides={} and dilation_rate={}",
        python::shape(&strides),
        python::shape(&dilation)
    )))
}

/// A shape in a config.
pub fn shape(value: &Value, entry: &str) -> Attempt<Shape> {
    let Value::Array(items) = value else {
        let message = match value {
            Value::Null => "Undefined shapes are not supported.".to_string(),
            other => format!("Cannot convert '{}' to a shape.", python::str(other)),
        };
        return Err(value_error(message));
    };
    let whole = || python::repr(value).replacen('[', "(", 1);
    let mut axes = Vec::with_capacity(items.len());
    for item in items {
        axes.push(match item {
            Value::Null => Shape::Any,
            Value::Number(number) if number.is_i64() => Shape::Axis(number.as_i64().unwrap_or_default()),
            other => {
                let shown = whole();
                let shown = shown.strip_suffix(']').map_or(shown.clone(), |start| format!("{start})"));
                let (item, found) = (python::str(other), py::shown_type(other));
                let message = format!(
                    "Cannot convert '{shown}' to a shape. Found invalid {entry} '{item}' of type '{found}'. "
                );
                return Err(value_error(message));
            }
        });
    }
    shape::standardized(&Shape::Tuple(axes), entry)
}
