//! `Dense`.

use super::activation::Function;
use super::{OpError, Shape, ShapeError, WeightSpec, last};
use crate::keras::config::Config;

/// A matrix product over the last axis, its kernel `[inputs, units]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// Length of the output.
    pub units: usize,
    /// Whether it has a bias.
    pub use_bias: bool,
    /// Applied to the result.
    pub activation: Function,
}

impl Dense {
    pub(super) fn parse(config: &Config) -> Result<Dense, OpError> {
        Ok(Dense {
            units: config.size("units")?,
            use_bias: config.flag("use_bias", true),
            activation: Function::of_argument(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let mut output = input.clone();
        match output.last_mut() {
            Some(length) => *length = self.units,
            None => return Err(ShapeError("Dense needs at least one axis besides the batch".into())),
        }
        Ok(output)
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        let mut specs = vec![WeightSpec::new("kernel", &[last(input)?, self.units])];
        if self.use_bias {
            specs.push(WeightSpec::new("bias", &[self.units]));
        }
        Ok(specs)
    }
}
