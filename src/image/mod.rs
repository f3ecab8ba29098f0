//! A picture as a model wants it: decoded, brought to size, and its numbers prepared.

mod jpeg;
mod preprocess;
mod resize;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use ::image::{DynamicImage, ImageReader, Limits};

use crate::limits;
use crate::ops::DataFormat;

pub use preprocess::{Preprocess, guess};
pub use resize::Interpolation;

/// Why a picture can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// No format that is known here.
    #[error("this is not a PNG, JPEG, WebP, BMP or GIF picture")]
    NotAPicture,
    /// A picture, but damaged or too large.
    #[error("the picture can't be decoded: {0}")]
    Undecodable(String),
    /// The model does not take pictures.
    #[error("the model takes tensors of shape {0:?}, not pictures of one or three channels")]
    NotForPictures(Vec<usize>),
}

/// How a picture is brought to a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// What is done to its numbers; `None` is the way that fits the model best.
    pub mode: Option<Preprocess>,
    /// How it is brought to size.
    pub interpolation: Interpolation,
}

/// A decoded picture of 8-bit RGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of every pixel, row by row.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Decodes a picture in one of the supported formats. Orientation marks are ignored, as Keras ignores them.
    ///
    /// # Errors
    /// When it is none, damaged, or larger than [`limits`] allows.
    pub fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
        if jpeg::is_jpeg(bytes) {
            return jpeg::decode(bytes);
        }
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| PictureError::NotAPicture)?;
        if reader.format().is_none() {
            return Err(PictureError::NotAPicture);
        }
        let mut bounds = Limits::default();
        bounds.max_image_width = Some(limits::MAX_PICTURE_SIDE);
        bounds.max_image_height = Some(limits::MAX_PICTURE_SIDE);
        bounds.max_alloc = Some(limits::MAX_PICTURE_BYTES);
        reader.limits(bounds);
        let decoded = reader.decode().map_err(|error| PictureError::Undecodable(error.to_string()))?;
        Ok(Picture::from(&decoded))
    }

    /// The tensor of a picture for a model whose input has this shape (without the batch).
    ///
    /// # Errors
    /// When the shape is none of a picture.
    pub fn tensor(
        &self,
        shape: &[usize],
        mode: Preprocess,
        interpolation: Interpolation,
    ) -> Result<Vec<f32>, PictureError> {
        let (format, [height, width, channels]) =
            picture_shape(shape).ok_or_else(|| PictureError::NotForPictures(shape.to_vec()))?;
        let sized = self.resize(width, height, interpolation);
        let pixels =
            sized.rgb.chunks_exact(3).map(|rgb| [f32::from(rgb[0]), f32::from(rgb[1]), f32::from(rgb[2])]);
        let mut numbers = Vec::with_capacity(height * width * channels);
        for rgb in pixels {
            match channels {
                1 => numbers.push(mode.gray(luma(rgb))),
                _ => numbers.extend(mode.apply(rgb)),
            }
        }
        Ok(match format {
            DataFormat::ChannelsLast => numbers,
            DataFormat::ChannelsFirst => channels_first(&numbers, channels),
        })
    }
}

impl From<&DynamicImage> for Picture {
    /// As Pillow's `convert("RGB")`: without alpha; 16 bits of gray are cut off at 255, those of a colour lose their lower half.
    fn from(decoded: &DynamicImage) -> Picture {
        let gray = |value: u16| [value.min(255) as u8; 3];
        let colour = |value: &u16| (value >> 8) as u8;
        let rgb = match decoded {
            DynamicImage::ImageLuma16(picture) => picture.iter().flat_map(|value| gray(*value)).collect(),
            DynamicImage::ImageRgb16(picture) => picture.iter().map(colour).collect(),
            DynamicImage::ImageRgba16(picture) => {
                picture.chunks_exact(4).flat_map(|pixel| &pixel[..3]).map(colour).collect()
            }
            DynamicImage::ImageLumaA16(picture) => {
                picture.chunks_exact(2).flat_map(|pixel| [colour(&pixel[0]); 3]).collect()
            }
            other => other.to_rgb8().into_raw(),
        };
        Picture { width: decoded.width() as usize, height: decoded.height() as usize, rgb }
    }
}

/// Which axes of an input are height, width and channels, when it is one of pictures.
pub fn picture_shape(shape: &[usize]) -> Option<(DataFormat, [usize; 3])> {
    match *shape {
        [height, width, channels @ (1 | 3)] => Some((DataFormat::ChannelsLast, [height, width, channels])),
        [channels @ (1 | 3), height, width] => Some((DataFormat::ChannelsFirst, [height, width, channels])),
        _ => None,
    }
}

/// `[height, width, channels]` numbers in the order `[channels, height, width]`.
pub fn channels_first(numbers: &[f32], channels: usize) -> Vec<f32> {
    (0..channels).flat_map(|channel| numbers.iter().skip(channel).step_by(channels).copied()).collect()
}

/// Gray as PIL's `convert("L")` computes it, by ITU-R 601-2 with 16-bit factors.
fn luma([red, green, blue]: [f32; 3]) -> f32 {
    let sum = red as u32 * 19_595 + green as u32 * 38_470 + blue as u32 * 7_471 + 0x8000;
    (sum >> 16) as f32
}
