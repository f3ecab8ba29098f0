//! `DepthwiseConv2D`.

use super::activation::Function;
use super::window::Window;
use super::{OpError, Shape, ShapeError, WeightSpec, image_shape, spatial};
use crate::keras::config::Config;

/// A convolution of every channel by itself, its kernel `[rows, columns, channels, multiplier]`.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthwiseConv2D {
    /// Output channels per input channel.
    pub multiplier: usize,
    /// Kernel size, strides, dilation, padding.
    pub window: Window,
    /// Whether it has a bias.
    pub use_bias: bool,
    /// Applied to the result.
    pub activation: Function,
}

impl DepthwiseConv2D {
    pub(super) fn parse(config: &Config) -> Result<DepthwiseConv2D, OpError> {
        let size = config.pair("kernel_size", [0, 0])?;
        Ok(DepthwiseConv2D {
            multiplier: config.pair("depth_multiplier", [1, 1])?[0],
            window: Window::parse(config, size, [1, 1])?,
            use_bias: config.flag("use_bias", true),
            activation: Function::of_argument(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.window.format, input)?;
        let ([height, width], _) = self.window.fit([height, width])?;
        Ok(image_shape(self.window.format, [height, width, channels.saturating_mul(self.multiplier)]))
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        let [_, _, channels] = spatial(self.window.format, input)?;
        let [rows, columns] = self.window.size;
        let mut specs =
            vec![WeightSpec::new("depthwise_kernel", &[rows, columns, channels, self.multiplier])];
        if self.use_bias {
            specs.push(WeightSpec::new("bias", &[channels.saturating_mul(self.multiplier)]));
        }
        Ok(specs)
    }
}
