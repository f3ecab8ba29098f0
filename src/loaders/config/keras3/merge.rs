//! Layers with several inputs: which shapes go together, and what comes of them.

use super::graph::Layer;
use super::shape::{self, Shape};
use crate::loaders::{Attempt, Stop};

/// Whether a layer combines its inputs number by number.
pub fn is_elementwise(class: &str) -> bool {
    ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"].contains(&class)
}

fn value_error(message: String) -> Stop {
    Stop::raised("ValueError", message)
}

/// The shapes of several inputs; none where it is that of one.
fn several(shape: &Shape) -> Option<&[Shape]> {
    let items = shape.items()?;
    items.first()?.items().map(|_| items)
}

/// `Merge.build`: only looks at the shapes.
pub fn check(shape: &Shape) -> Attempt<()> {
    let Some(shapes) = several(shape) else {
        return Err(value_error(format!(
            "A merge layer should be called on a list of inputs. Received: input_shape={shape} (not a list of shapes)"
        )));
    };
    let mut batches: Vec<&Shape> = shapes
        .iter()
        .filter_map(|shape| shape.items()?.first())
        .filter(|batch| **batch != Shape::Any)
        .collect();
    batches.dedup();
    if batches.len() > 1 {
        let message =
            format!("Cannot merge tensors with different batch sizes. Received tensors with shapes {shape}");
        return Err(value_error(message));
    }
    combined(shapes).map(drop)
}

/// What Add and its like give.
pub fn output(shape: &Shape) -> Attempt<Shape> {
    let shapes = several(shape).ok_or_else(shape::unknown)?;
    let batches: Vec<Shape> = shapes.iter().filter_map(|shape| shape.items()?.first().cloned()).collect();
    let batch = batches.into_iter().find(|batch| *batch != Shape::Any).unwrap_or(Shape::Any);
    let axes = combined(shapes)?;
    Ok(Shape::Tuple(
        std::iter::once(batch).chain(Shape::of(axes).items().unwrap_or(&[]).iter().cloned()).collect(),
    ))
}

/// The axes behind the batch.
fn combined(shapes: &[Shape]) -> Attempt<Vec<Option<i64>>> {
    let mut all = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let axes = shape.axes().filter(|axes| !axes.is_empty()).ok_or_else(shape::unknown)?;
        all.push(axes[1..].to_vec());
    }
    let mut all = all.into_iter();
    let Some(mut result) = all.next() else { return Err(shape::unknown()) };
    for axes in all {
        result = broadcast(result, axes)?;
    }
    Ok(result)
}

/// `_compute_elemwise_op_output_shape`
fn broadcast(one: Vec<Option<i64>>, other: Vec<Option<i64>>) -> Attempt<Vec<Option<i64>>> {
    if one.len() < other.len() {
        return broadcast(other, one);
    }
    let extra = one.len() - other.len();
    let mut axes = one[..extra].to_vec();
    for (a, b) in one[extra..].iter().zip(&other) {
        axes.push(match (a, b) {
            (None, _) | (_, None) => None,
            (Some(1), other) => *other,
            (one, Some(1)) => *one,
            (one, other) if one == other => *one,
            _ => {
                let (one, other) = (Shape::of(one.iter().copied()), Shape::of(other.iter().copied()));
                return Err(value_error(format!(
                    "Inputs have incompatible shapes. Received shapes {one} and {other}"
                )));
            }
        });
    }
    Ok(axes)
}

fn axis_of(layer: &Layer) -> isize {
    layer.number("axis").and_then(|axis| isize::try_from(axis).ok()).unwrap_or(-1)
}

/// `Concatenate.build`: only looks at the shapes.
pub fn check_concatenated(layer: &Layer, shape: &Shape) -> Attempt<()> {
    let Some(shapes) = several(shape) else {
        let message = format!(
            "A `Concatenate` layer should be called on a list of at least 1 input. Received: input_shape={shape}"
        );
        return Err(value_error(message));
    };
    let axis = axis_of(layer);
    let mut rests: Vec<Vec<Option<i64>>> = Vec::with_capacity(shapes.len());
    for shape in shapes {
        rests.push(without(shape.axes().ok_or_else(shape::unknown)?, axis));
    }
    let fits = rests.windows(2).all(|pair| matches!(pair, [one, other] if one.len() == other.len()))
        && (0..rests.first().map_or(0, Vec::len)).all(|axis| agree(&rests, axis));
    if fits {
        return Ok(());
    }
    Err(value_error(format!(
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: \
         input_shape={shape}"
    )))
}

/// Without the axis that inputs are joined along.
fn without(mut axes: Vec<Option<i64>>, axis: isize) -> Vec<Option<i64>> {
    let position =
        if axis < 0 { axes.len().checked_sub(axis.unsigned_abs()) } else { usize::try_from(axis).ok() };
    if let Some(position) = position.filter(|position| *position < axes.len()) {
        axes.remove(position);
    }
    axes
}

/// Whether all known lengths of an axis are the same.
fn agree(rests: &[Vec<Option<i64>>], axis: usize) -> bool {
    let mut known = rests.iter().filter_map(|rest| rest.get(axis).copied().flatten());
    let first = known.next();
    known.all(|length| Some(length) == first)
}

/// What Concatenate gives.
pub fn concatenated(layer: &Layer, shape: &Shape) -> Attempt<Shape> {
    let shapes = several(shape).ok_or_else(shape::unknown)?;
    let axis = axis_of(layer);
    let mut sum = Some(0i64);
    for shape in shapes {
        let length = match shape.at(axis)? {
            Shape::Axis(length) => Some(*length),
            _ => None,
        };
        sum = sum.zip(length).map(|(sum, length)| sum.saturating_add(length));
    }
    let mut axes = shapes.first().and_then(Shape::axes).ok_or_else(shape::unknown)?;
    let rank = isize::try_from(axes.len()).unwrap_or(isize::MAX);
    let position = if axis < 0 { axis + rank } else { axis };
    if let Some(length) = usize::try_from(position).ok().and_then(|position| axes.get_mut(position)) {
        *length = sum;
    }
    Ok(Shape::of(axes))
}
