//! Layers that change height and width by resampling or cutting.

use super::{DataFormat, OpError, Shape, ShapeError, image_shape, spatial};
use crate::keras::config::Config;

/// How to sample between pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel.
    Nearest,
    /// Linear between neighbours.
    Bilinear,
}

fn interpolation(config: &Config, default: Interpolation) -> Result<Interpolation, OpError> {
    match config.text("interpolation").map(str::to_ascii_lowercase).as_deref() {
        None => Ok(default),
        Some("nearest") => Ok(Interpolation::Nearest),
        Some("bilinear") => Ok(Interpolation::Bilinear),
        Some(_) => Err(config.wrong("interpolation", "nearest or bilinear").into()),
    }
}

/// `Resizing`
#[derive(Clone, Debug, PartialEq)]
pub struct Resizing {
    /// Height and width to reach.
    pub size: [usize; 2],
    /// How to sample.
    pub interpolation: Interpolation,
    /// Whether the middle part of the target's proportions is cut out first.
    pub crop_to_aspect_ratio: bool,
    /// Order of the axes.
    pub format: DataFormat,
}

impl Resizing {
    pub(super) fn parse(config: &Config) -> Result<Resizing, OpError> {
        for unsupported in ["pad_to_aspect_ratio", "antialias"] {
            if config.flag(unsupported, false) {
                return Err(config.wrong(unsupported, "false").into());
            }
        }
        Ok(Resizing {
            size: [config.size("height")?, config.size("width")?],
            interpolation: interpolation(config, Interpolation::Bilinear)?,
            crop_to_aspect_ratio: config.flag("crop_to_aspect_ratio", false),
            format: DataFormat::parse(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [_, _, channels] = spatial(self.format, input)?;
        Ok(image_shape(self.format, [self.size[0], self.size[1], channels]))
    }
}

/// `UpSampling2D`
#[derive(Clone, Debug, PartialEq)]
pub struct UpSampling2D {
    /// Factors for rows and columns.
    pub factors: [usize; 2],
    /// How to sample.
    pub interpolation: Interpolation,
    /// Order of the axes.
    pub format: DataFormat,
}

impl UpSampling2D {
    pub(super) fn parse(config: &Config) -> Result<UpSampling2D, OpError> {
        Ok(UpSampling2D {
            factors: config.pair("size", [2, 2])?,
            interpolation: interpolation(config, Interpolation::Nearest)?,
            format: DataFormat::parse(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.format, input)?;
        let [rows, columns] = self.factors;
        Ok(image_shape(self.format, [height.saturating_mul(rows), width.saturating_mul(columns), channels]))
    }
}

/// `CenterCrop`: the middle part; a smaller image is resized so that it covers the target, then cut.
#[derive(Clone, Debug, PartialEq)]
pub struct CenterCrop {
    /// Height and width to reach.
    pub size: [usize; 2],
    /// Order of the axes.
    pub format: DataFormat,
}

impl CenterCrop {
    pub(super) fn parse(config: &Config) -> Result<CenterCrop, OpError> {
        Ok(CenterCrop {
            size: [config.size("height")?, config.size("width")?],
            format: DataFormat::parse(config)?,
        })
    }

    pub(super) fn output_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [_, _, channels] = spatial(self.format, input)?;
        Ok(image_shape(self.format, [self.size[0], self.size[1], channels]))
    }
}
