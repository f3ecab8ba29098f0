//! `BatchNormalization`.

use super::{OpError, Shape, ShapeError, WeightSpec, axis_of};
use crate::keras::config::Config;

/// At inference: `(x − mean) / sqrt(variance + epsilon) · gamma + beta`, per element of one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNormalization {
    /// The axis, counted with the batch as 0; negative from the end.
    pub axis: i64,
    /// Added to the variance.
    pub epsilon: f64,
    /// Whether there is a gamma.
    pub scale: bool,
    /// Whether there is a beta.
    pub center: bool,
    /// Whether it keeps three more statistics, which inference doesn't use: TensorFlow's Keras, and Keras since 3.15.
    pub renorm: bool,
}

impl BatchNormalization {
    pub(super) fn parse(config: &Config) -> Result<BatchNormalization, OpError> {
        // Modes 1 and 2 of Keras 1 normalize by the batch at hand.
        if config.number("mode", 0.0)? != 0.0 {
            return Err(config.wrong("mode", "0").into());
        }
        Ok(BatchNormalization {
            axis: config.number("axis", -1.0)? as i64,
            epsilon: config.number("epsilon", 1e-3)?,
            scale: config.flag("scale", true),
            center: config.flag("center", true),
            renorm: config.flag("renorm", false),
        })
    }

    /// Index of the axis in a shape without the batch.
    ///
    /// # Errors
    /// When the shape has no such axis.
    pub fn axis_in(&self, shape: &Shape) -> Result<usize, ShapeError> {
        axis_of(self.axis, shape)
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        let length = [input[self.axis_in(input)?]];
        let present = [
            ("gamma", self.scale),
            ("beta", self.center),
            ("moving_mean", true),
            ("moving_variance", true),
            ("moving_stddev", self.renorm),
            ("renorm_mean", self.renorm),
            ("renorm_stddev", self.renorm),
        ];
        Ok(present
            .iter()
            .filter(|(_, there)| *there)
            .map(|(name, _)| WeightSpec::new(name, &length))
            .collect())
    }
}
