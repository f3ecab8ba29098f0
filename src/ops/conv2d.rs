//! `Conv2D`.

use super::activation::Function;
use super::window::Window;
use super::{OpError, Shape, ShapeError, WeightSpec, image_shape, spatial};
use crate::keras::config::Config;

/// Order of the axes of a stored kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelOrder {
    /// `[rows, columns, channels / groups, filters]`
    Hwio,
    /// `[filters, channels, rows, columns]`: Keras 1 under Theano's dimension ordering.
    Oihw,
}

/// A convolution over height and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv2D {
    /// Output channels.
    pub filters: usize,
    /// Kernel size, strides, dilation, padding.
    pub window: Window,
    /// Groups of channels that don't mix.
    pub groups: usize,
    /// Whether it has a bias.
    pub use_bias: bool,
    /// How its kernel is stored.
    pub kernel_order: KernelOrder,
    /// Whether the kernel was trained under Theano, whose convolution turns it by 180°.
    pub turned: bool,
    /// Applied to the result.
    pub activation: Function,
}

impl Conv2D {
    pub(super) fn parse(config: &Config) -> Result<Conv2D, OpError> {
        let filters = config.size("filters")?;
        let groups = config.pair("groups", [1, 1])?[0];
        let size = config.pair("kernel_size", [0, 0])?;
        if filters == 0 || groups == 0 || filters % groups != 0 {
            return Err(config.wrong("groups", "a divisor of filters").into());
        }
        Ok(Conv2D {
            filters,
            window: Window::parse(config, size, [1, 1])?,
            groups,
            use_bias: config.flag("use_bias", true),
            // Only Keras 1 has this argument; later versions store all kernels alike.
            kernel_order: match config.text("dim_ordering") {
                Some("th") => KernelOrder::Oihw,
                _ => KernelOrder::Hwio,
            },
            turned: config.is_theanos,
            activation: Function::of_argument(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.window.format, input)?;
        if channels % self.groups != 0 {
            return Err(ShapeError(format!(
                "{channels} channels can't be split into {} groups",
                self.groups
            )));
        }
        let ([height, width], _) = self.window.fit([height, width])?;
        Ok(image_shape(self.window.format, [height, width, self.filters]))
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        let [_, _, channels] = spatial(self.window.format, input)?;
        let [rows, columns] = self.window.size;
        let shape = match self.kernel_order {
            KernelOrder::Hwio => [rows, columns, channels / self.groups, self.filters],
            KernelOrder::Oihw => [self.filters, channels / self.groups, rows, columns],
        };
        let mut specs = vec![WeightSpec::new("kernel", &shape)];
        if self.use_bias {
            specs.push(WeightSpec::new("bias", &[self.filters]));
        }
        Ok(specs)
    }
}
