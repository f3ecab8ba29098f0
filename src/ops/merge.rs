//! Layers that join several tensors.

use super::{OpError, Shape, ShapeError, axis_of};
use crate::keras::config::Config;

/// How elements are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// `Add`
    Add,
    /// `Subtract`
    Subtract,
    /// `Multiply`
    Multiply,
    /// `Average`
    Average,
    /// `Maximum`
    Maximum,
    /// `Minimum`
    Minimum,
}

impl Merge {
    /// The common shape, axes of length 1 being stretched.
    pub(super) fn output_shape(inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let rank = inputs.iter().map(Vec::len).max().unwrap_or(0);
        let mut output = vec![1; rank];
        for input in inputs {
            let skip = rank - input.len();
            for (axis, length) in input.iter().enumerate() {
                let joined = &mut output[skip + axis];
                match (*joined, *length) {
                    (have, new) if have == new || new == 1 => {}
                    (1, new) => *joined = new,
                    _ => {
                        return Err(ShapeError(format!(
                            "shapes {inputs:?} can't be joined element by element"
                        )));
                    }
                }
            }
        }
        Ok(output)
    }
}

/// `Concatenate`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concatenate {
    /// The axis, counted with the batch as 0; negative from the end.
    pub axis: i64,
}

impl Concatenate {
    pub(super) fn parse(config: &Config) -> Result<Concatenate, OpError> {
        Ok(Concatenate { axis: config.number("axis", -1.0)? as i64 })
    }

    /// Index of the axis in a shape without the batch.
    ///
    /// # Errors
    /// When the shape has no such axis.
    pub fn axis_in(&self, shape: &Shape) -> Result<usize, ShapeError> {
        axis_of(self.axis, shape)
    }

    pub(super) fn output_shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let first = inputs.first().ok_or_else(|| ShapeError("Concatenate has no input".into()))?;
        let axis = self.axis_in(first)?;
        let mut output = first.clone();
        for input in &inputs[1..] {
            let fits = input.len() == first.len()
                && input.iter().zip(first).enumerate().all(|(index, (a, b))| index == axis || a == b);
            if !fits {
                return Err(ShapeError(format!(
                    "shapes {inputs:?} can't be concatenated along axis {}",
                    self.axis
                )));
            }
            // A sum that overflows is refused as a shape that can't be held.
            output[axis] = output[axis].saturating_add(input[axis]);
        }
        Ok(output)
    }
}
