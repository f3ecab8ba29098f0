//! `Reshape` and `Permute`.

use super::{OpError, Shape, ShapeError};
use crate::keras::config::Config;
use crate::limits;

/// `Reshape`: the same elements under another shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// The shape; `None` is the axis that takes what is left.
    pub target: Vec<Option<usize>>,
}

impl Reshape {
    pub(super) fn parse(config: &Config) -> Result<Reshape, OpError> {
        let wrong = || config.wrong("target_shape", "a list of lengths");
        let items = config.get("target_shape").and_then(|v| v.as_array()).ok_or_else(wrong)?;
        let axis = |value: &serde_json::Value| match value.as_i64() {
            None if value.is_null() => Some(None),
            Some(-1) => Some(None),
            Some(length) => usize::try_from(length).ok().filter(|n| *n <= limits::MAX_DIMENSION).map(Some),
            None => None,
        };
        let target: Option<Vec<_>> = items.iter().map(axis).collect();
        Ok(Reshape { target: target.filter(|t| t.len() < limits::MAX_RANK).ok_or_else(wrong)? })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let elements: usize = input.iter().product();
        let known = self.target.iter().flatten().try_fold(1usize, |product, n| product.checked_mul(*n));
        let open = self.target.iter().filter(|axis| axis.is_none()).count();
        let left = match (known, open) {
            (Some(known), 0) if known == elements => Some(1),
            (Some(known), 1) if known > 0 && elements.is_multiple_of(known) => Some(elements / known),
            _ => None,
        };
        let left =
            left.ok_or_else(|| ShapeError(format!("{input:?} can't be reshaped to {:?}", self.target)))?;
        Ok(self.target.iter().map(|axis| axis.unwrap_or(left)).collect())
    }
}

/// `Permute`: the axes in another order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permute {
    /// For every output axis, the input axis it comes from, counted without the batch.
    pub order: Vec<usize>,
}

impl Permute {
    pub(super) fn parse(config: &Config) -> Result<Permute, OpError> {
        let wrong = || config.wrong("dims", "the axes from 1 on, each once");
        let items = config.get("dims").and_then(|v| v.as_array()).ok_or_else(wrong)?;
        let order: Option<Vec<usize>> =
            items.iter().map(|v| usize::try_from(v.as_u64()?).ok()?.checked_sub(1)).collect();
        let order = order.filter(|o| o.len() < limits::MAX_RANK).ok_or_else(wrong)?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if sorted.iter().enumerate().any(|(index, axis)| index != *axis) {
            return Err(wrong().into());
        }
        Ok(Permute { order })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        if self.order.len() != input.len() {
            return Err(ShapeError(format!(
                "{input:?} has not the {} axes that Permute expects",
                self.order.len()
            )));
        }
        Ok(self.order.iter().map(|axis| input[*axis]).collect())
    }
}
