//! A picture as a model wants it: decoded, brought to size, and its numbers prepared.

mod preprocess;

use std::io::Cursor;

use ::image::{DynamicImage, ImageReader, Limits};

use crate::limits;
use crate::ops::DataFormat;

pub use preprocess::{Preprocess, guess};

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

    /// The nearest pixels at another size: what `load_img(target_size=…)` does unless told otherwise.
    pub fn resize_nearest(&self, width: usize, height: usize) -> Picture {
        let source = |to: usize, from: usize, n: usize| ((2 * n + 1) * from / (2 * to)).min(from - 1);
        let columns: Vec<usize> = (0..width).map(|x| 3 * source(width, self.width, x)).collect();
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            let row = &self.rgb[3 * self.width * source(height, self.height, y)..];
            columns.iter().for_each(|x| rgb.extend_from_slice(&row[*x..*x + 3]));
        }
        Picture { width, height, rgb }
    }

    /// The tensor of a picture for a model whose input has this shape (without the batch).
    ///
    /// # Errors
    /// When the shape is none of a picture.
    pub fn tensor(&self, shape: &[usize], mode: Preprocess) -> Result<Vec<f32>, PictureError> {
        let (format, [height, width, channels]) =
            picture_shape(shape).ok_or_else(|| PictureError::NotForPictures(shape.to_vec()))?;
        let sized = self.resize_nearest(width, height);
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
    fn from(decoded: &DynamicImage) -> Picture {
        let rgb = decoded.to_rgb8();
        Picture { width: rgb.width() as usize, height: rgb.height() as usize, rgb: rgb.into_raw() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_takes_the_pixel_under_the_centre() {
        let picture = Picture { width: 4, height: 1, rgb: (0..12).collect() };
        // Pillow 10: Image.fromarray(4 pixels).resize((2, 1), NEAREST) keeps the second and the fourth.
        assert_eq!(picture.resize_nearest(2, 1).rgb, [3, 4, 5, 9, 10, 11]);
        assert_eq!(picture.resize_nearest(4, 1), picture);
    }

    #[test]
    fn pictures_for_channels_first_are_transposed() {
        let picture = Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(picture.tensor(&[3, 1, 2], Preprocess::None).unwrap(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(picture.tensor(&[7], Preprocess::None), Err(PictureError::NotForPictures(vec![7])));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(Picture::decode(b"hello"), Err(PictureError::NotAPicture));
        assert!(matches!(Picture::decode(b"\x89PNG\r\n\x1a\n...."), Err(PictureError::Undecodable(_))));
    }
}
