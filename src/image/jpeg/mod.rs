//! JPEG as libjpeg-turbo decodes it with its defaults, which is what Pillow shows Keras: to the last bit.
//!
//! Baseline and progressive with Huffman codes and 8 bits, which is what cameras and programs write. The format is ITU-T T.81; the
//! arithmetic of the transform, the upsampling and the colours, which T.81 leaves open, is that of libjpeg-turbo 3.
//! The `image` crate's decoder rounds differently; an exact library exists, and is eight times as large as this.

mod bits;
mod colour;
mod frame;
mod idct;
mod scan;
mod segments;
#[cfg(test)]
mod tests;
mod upsample;

use super::{Picture, PictureError};
use frame::Component;
use segments::Reader;

/// Why a JPEG can't be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The data ends before the picture does.
    Truncated,
    /// It contradicts itself; where.
    Broken(&'static str),
    /// It is of a kind that is not decoded here.
    Unsupported(&'static str),
}

impl From<Fault> for PictureError {
    fn from(fault: Fault) -> PictureError {
        PictureError::Undecodable(match fault {
            Fault::Truncated => "the JPEG is truncated".to_string(),
            Fault::Broken(what) => format!("the JPEG is damaged: {what}"),
            Fault::Unsupported(what) => format!("{what} is not decoded here"),
        })
    }
}

/// Whether a file begins as a JPEG does.
pub fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8, 0xFF])
}

/// The picture in a JPEG, in RGB. What is CMYK is brought to RGB as by Pillow's `convert("RGB")`.
///
/// # Errors
/// When it is damaged, cut short, larger than `limits` allow, or of a rare kind.
pub fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    let (frame, colours) = Reader::new(bytes).read()?;
    let planes: Vec<Vec<u8>> = frame
        .components
        .iter()
        .map(|component| upsample::upsample(&samples(component), component, &frame))
        .collect();
    let rgb = colour::rgb(&planes, colours);
    Ok(Picture { width: frame.width, height: frame.height, rgb })
}

/// A component's samples, in rows of whole blocks.
fn samples(component: &Component) -> Vec<u8> {
    let stride = 8 * component.columns;
    let mut samples = vec![0; stride * 8 * component.rows];
    for (index, block) in component.blocks.chunks_exact(64).enumerate() {
        let start = index / component.columns * 8 * stride + index % component.columns * 8;
        for (row, values) in idct::idct(block, &component.quantization).chunks_exact(8).enumerate() {
            samples[start + row * stride..][..8].copy_from_slice(values);
        }
    }
    samples
}
