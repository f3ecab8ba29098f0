//! Pooling, padding and reshaping: the shapes they give.

use serde_json::Value;

use super::convolution::{around, array};
use super::graph::Layer;
use super::shape::{self, Shape};
use super::values;
use crate::loaders::{Attempt, Stop, python};

/// What GlobalAveragePooling and GlobalMaxPooling give.
pub fn global(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let between = shape.len()?.saturating_sub(2);
    let keeps = layer.argument("keepdims") == &Value::Bool(true);
    let first = layer.channels_first();
    let channels = shape.at(if first { 1 } else { -1 })?.clone();
    let mut items = vec![shape.at(0)?.clone()];
    let ones = std::iter::repeat_n(Shape::Axis(1), if keeps { between } else { 0 });
    if first {
        items.push(channels);
        items.extend(ones);
    } else {
        items.extend(ones);
        items.push(channels);
    }
    Ok(Shape::Tuple(items))
}

/// What MaxPooling and AveragePooling give.
pub fn window(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let rank = values::rank(layer.class_name());
    let axes = shape.axes().filter(|axes| axes.len() == rank + 2).ok_or_else(shape::unknown)?;
    let size = layer.numbers("pool_size", rank).ok_or_else(shape::unknown)?;
    let strides = match layer.argument("strides") {
        Value::Null => size.clone(),
        _ => layer.numbers("strides", rank).ok_or_else(shape::unknown)?,
    };
    let first = layer.channels_first();
    let padding = layer.argument("padding").as_str().unwrap_or("valid");
    if !["valid", "same"].contains(&padding) {
        let message =
            format!("Argument `padding` must be either 'valid' or 'same'. Received: padding={padding}");
        return Err(Stop::raised("ValueError", message));
    }
    let start = if first { 2 } else { 1 };
    // Before 3.15 only a negative length is refused.
    let least = i64::from(layer.version >= [3, 15, 0]);
    let mut between = Vec::with_capacity(rank);
    for (index, length) in axes[start..start + rank].iter().enumerate() {
        let covered = if padding == "valid" { size[index] } else { 1 };
        let length =
            length.map(|length| length.saturating_sub(covered).div_euclid(strides[index].max(1)) + 1);
        if padding == "valid" && length.is_some_and(|length| length < least) {
            return Err(too_small(layer, &axes, &size, &strides));
        }
        between.push(length);
    }
    let channels = if first { axes[1] } else { axes[rank + 1] };
    Ok(Shape::of(around(first, axes[0], channels, between)))
}

fn too_small(layer: &Layer, axes: &[Option<i64>], size: &[i64], strides: &[i64]) -> Stop {
    // numpy shows an array with None among it without aligning it.
    let words: Vec<String> =
        axes.iter().map(|axis| axis.map_or("None".into(), |length| length.to_string())).collect();
    let is_whole = axes.iter().all(Option::is_some);
    let shown = if is_whole {
        array(&axes.iter().flatten().copied().collect::<Vec<_>>())
    } else {
        format!("[{}]", words.join(" "))
    };
    if layer.version < [3, 15, 0] {
        let size = array(size);
        let message = format!(
            "Computed output size would be negative. Received: `inputs.shape={shown}` and `pool_size={size}`."
        );
        return Stop::raised("ValueError", message);
    }
    let message = format!(
        "Computed output size would be zero or negative. Received: `inputs.shape={shown}`, `pool_size={}`, `strides={}`, \
         `padding=valid`.",
        array(size),
        python::shape(strides)
    );
    Stop::raised("ValueError", message)
}

/// What Flatten gives.
pub fn flattened(shape: &Shape) -> Attempt<Shape> {
    let axes = shape.axes().filter(|axes| !axes.is_empty()).ok_or_else(shape::unknown)?;
    let product = axes[1..]
        .iter()
        .try_fold(1i64, |product, length| length.map(|length| product.saturating_mul(length)));
    Ok(Shape::of([axes[0], product]))
}

/// What Reshape gives.
pub fn reshaped(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let axes = shape.axes().filter(|axes| !axes.is_empty()).ok_or_else(shape::unknown)?;
    let Value::Array(target) = layer.argument("target_shape") else { return Ok(Shape::Unknown) };
    let target: Option<Vec<i64>> = target.iter().map(Value::as_i64).collect();
    let target = target.ok_or_else(shape::unknown)?;
    let inner = &axes[1..];
    let Some(size) =
        inner.iter().try_fold(1i64, |size, length| length.map(|length| size.saturating_mul(length)))
    else {
        let known = target.iter().map(|length| (*length != -1).then_some(*length));
        return Ok(Shape::of(std::iter::once(axes[0]).chain(known)));
    };
    let known =
        target.iter().filter(|length| **length != -1).fold(1i64, |size, length| size.saturating_mul(*length));
    let fits = if target.contains(&-1) { known != 0 && size % known == 0 } else { known == size };
    if !fits {
        return Err(not_reshaped(inner, &target));
    }
    let filled = target.iter().map(|length| Some(if *length == -1 { size / known } else { *length }));
    Ok(Shape::of(std::iter::once(axes[0]).chain(filled)))
}

fn not_reshaped(axes: &[Option<i64>], target: &[i64]) -> Stop {
    let (given, wanted) = (Shape::of(axes.iter().copied()), python::shape(target));
    let start = if target.contains(&-1) {
        "The total size of the tensor must be unchanged, however, the input size cannot by divided by the specified \
         dimensions in target_shape. Received:"
    } else {
        "The total size of the tensor must be unchanged. Received:"
    };
    Stop::raised("ValueError", format!("{start} input_shape={given}, target_shape={wanted}"))
}

/// What Permute gives.
pub fn permuted(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let Value::Array(dims) = layer.argument("dims") else { return Ok(Shape::Unknown) };
    let mut items = vec![shape.at(0)?.clone()];
    for dim in dims {
        let dim = dim.as_i64().and_then(|dim| isize::try_from(dim).ok()).ok_or_else(shape::unknown)?;
        items.push(shape.at(dim)?.clone());
    }
    Ok(Shape::Tuple(items))
}

/// What Resizing, CenterCrop and RandomCrop give.
pub fn resized(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let mut axes = shape.axes().ok_or_else(shape::unknown)?;
    let start = usize::from(axes.len() == 4) + usize::from(layer.channels_first());
    for (offset, name) in ["height", "width"].into_iter().enumerate() {
        match axes.get_mut(start + offset) {
            Some(axis) => *axis = layer.number(name),
            None => return Err(Stop::raised("IndexError", "list assignment index out of range")),
        }
    }
    Ok(Shape::of(axes))
}

/// Two axes changed by two numbers each.
fn spatial(layer: &Layer, shape: &Shape, change: impl Fn(usize, i64) -> i64) -> Attempt<Shape> {
    let mut axes = shape.axes().ok_or_else(shape::unknown)?;
    let start = if layer.channels_first() { 2 } else { 1 };
    for (index, axis) in axes.iter_mut().skip(start).take(2).enumerate() {
        *axis = axis.map(|length| change(index, length));
    }
    Ok(Shape::of(axes))
}

/// `1`, `(1, 2)` or `((1, 2), (3, 4))`: what lies before and behind each of two axes.
fn sides(layer: &Layer, name: &str) -> Attempt<[[i64; 2]; 2]> {
    let pair = |value: &Value| -> Option<[i64; 2]> {
        match value {
            Value::Array(items) => {
                <[i64; 2]>::try_from(items.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()?).ok()
            }
            value => value.as_i64().map(|number| [number; 2]),
        }
    };
    let value = layer.argument(name);
    let both = match value {
        Value::Array(items) => items.first().and_then(pair).zip(items.get(1).and_then(pair)),
        value => pair(value).map(|one| (one, one)),
    };
    both.map(|(height, width)| [height, width]).ok_or_else(shape::unknown)
}

/// What ZeroPadding2D gives.
pub fn padded(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let sides = sides(layer, "padding")?;
    spatial(layer, shape, |index, length| {
        length.saturating_add(sides[index][0]).saturating_add(sides[index][1])
    })
}

/// What Cropping2D gives.
pub fn cropped(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let sides = sides(layer, "cropping")?;
    let left = spatial(layer, shape, |index, length| {
        length.saturating_sub(sides[index][0]).saturating_sub(sides[index][1])
    })?;
    let start = if layer.channels_first() { 2 } else { 1 };
    let axes = left.axes().unwrap_or_default();
    if axes.iter().skip(start).take(2).flatten().any(|length| *length <= 0) {
        let [[top, bottom], [before, behind]] = sides;
        let message = format!(
            "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the input. Received: \
             input_shape={shape}, cropping=(({top}, {bottom}), ({before}, {behind}))"
        );
        return Err(Stop::raised("ValueError", message));
    }
    Ok(left)
}

/// What UpSampling2D gives.
pub fn enlarged(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let size = layer.numbers("size", 2).ok_or_else(shape::unknown)?;
    spatial(layer, shape, |index, length| length.saturating_mul(size[index]))
}
