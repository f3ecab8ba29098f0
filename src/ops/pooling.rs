//! Pooling over windows and over everything.

use super::window::Window;
use super::{DataFormat, OpError, Shape, ShapeError, image_shape, spatial};
use crate::keras::config::Config;

/// Which value a window gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooled {
    /// The largest.
    Max,
    /// The mean of those inside the input.
    Average,
}

/// `MaxPooling2D` or `AveragePooling2D`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooling2D {
    /// Which value.
    pub pooled: Pooled,
    /// Pool size, strides, padding.
    pub window: Window,
}

impl Pooling2D {
    pub(super) fn parse(pooled: Pooled, config: &Config) -> Result<Pooling2D, OpError> {
        let size = config.pair("pool_size", [2, 2])?;
        Ok(Pooling2D { pooled, window: Window::parse(config, size, size)? })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.window.format, input)?;
        let ([height, width], _) = self.window.fit([height, width])?;
        Ok(image_shape(self.window.format, [height, width, channels]))
    }
}

/// `GlobalMaxPooling2D` or `GlobalAveragePooling2D`.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalPooling2D {
    /// Which value.
    pub pooled: Pooled,
    /// Order of the axes.
    pub format: DataFormat,
    /// Whether height and width stay, as ones.
    pub keepdims: bool,
}

impl GlobalPooling2D {
    pub(super) fn parse(pooled: Pooled, config: &Config) -> Result<GlobalPooling2D, OpError> {
        Ok(GlobalPooling2D {
            pooled,
            format: DataFormat::parse(config)?,
            keepdims: config.flag("keepdims", false),
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [_, _, channels] = spatial(self.format, input)?;
        Ok(if self.keepdims { image_shape(self.format, [1, 1, channels]) } else { vec![channels] })
    }
}
