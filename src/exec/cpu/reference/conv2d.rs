//! Twin of `conv2d.wgsl`: the ordinary convolution.
//!
//! A tile of neighbouring output pixels and output channels is summed at a time, so that a row of
//! the kernel, once widened to `f64`, serves every pixel of the tile.

use std::ops::Range;

use super::activation::apply;
use super::{Weights, position};
use crate::plan::Conv;

/// Output pixels of one row per tile: enough to reuse a kernel row, few enough to stay in L1 cache.
const PIXELS: usize = 8;
/// Output channels per tile.
const CHANNELS: usize = 32;

type Sums = [[f64; CHANNELS]; PIXELS];

/// Writes the convolution of `input` to `output`; the shapes are those of `conv`.
pub fn run(conv: &Conv, input: &[f32], weights: &Weights<'_>, residual: Option<&[f32]>, output: &mut [f32]) {
    let [images, rows, columns, filters] = conv.output;
    let row_elements = conv.input[2] * conv.input[3];
    let image_elements = conv.input[1] * row_elements;
    for n in 0..images {
        let image = &input[n * image_elements..][..image_elements];
        for y in 0..rows {
            for x in (0..columns).step_by(PIXELS) {
                let pixels = x..columns.min(x + PIXELS);
                let start = ((n * rows + y) * columns + x) * filters;
                let span = start..start + pixels.len() * filters;
                let tile = Tile { conv, image, y, pixels };
                tile.run(weights, residual.map(|numbers| &numbers[span.clone()]), &mut output[span]);
            }
        }
    }
}

/// Neighbouring output pixels of one row of one image.
struct Tile<'a> {
    conv: &'a Conv,
    image: &'a [f32],
    y: usize,
    pixels: Range<usize>,
}

impl Tile<'_> {
    /// Computes all channels of the tile; `residual` and `output` hold just its pixels.
    fn run(&self, weights: &Weights<'_>, residual: Option<&[f32]>, output: &mut [f32]) {
        let filters = self.conv.output[3];
        for first in (0..filters).step_by(CHANNELS) {
            let channels = first..filters.min(first + CHANNELS);
            let mut sums = [[0.0; CHANNELS]; PIXELS];
            self.accumulate(weights.kernel, channels.clone(), &mut sums);
            for (pixel, sums) in sums.iter().enumerate().take(self.pixels.len()) {
                let start = pixel * filters;
                for (o, sum) in channels.clone().zip(sums) {
                    let before = residual.map_or(0.0, |numbers| f64::from(numbers[start + o]));
                    let total = sum + f64::from(weights.bias[o]) + before;
                    output[start + o] = apply(self.conv.activation, total) as f32;
                }
            }
        }
    }

    /// Adds every kernel element that falls inside the image.
    fn accumulate(&self, kernel: &[f32], channels: Range<usize>, sums: &mut Sums) {
        let Conv { input, window, strides, dilation, padding, .. } = self.conv;
        let tap_elements = input[3] * self.conv.output[3];
        for ky in 0..window[0] {
            let Some(y) = position(self.y, ky, strides[0], dilation[0], padding[0], input[1]) else {
                continue;
            };
            let row = &self.image[y * input[2] * input[3]..][..input[2] * input[3]];
            for kx in 0..window[1] {
                let tap = &kernel[(ky * window[1] + kx) * tap_elements..][..tap_elements];
                self.accumulate_tap(row, kx, tap, channels.clone(), sums);
            }
        }
    }

    /// Adds one kernel element over all input channels.
    fn accumulate_tap(&self, row: &[f32], kx: usize, tap: &[f32], channels: Range<usize>, sums: &mut Sums) {
        let depth = self.conv.input[3];
        let (inside, first) = self.inside(kx);
        let step = self.conv.strides[1] * depth;
        let mut wide = [0.0; CHANNELS];
        for (i, weights) in tap.chunks_exact(self.conv.output[3]).enumerate() {
            for (wide, &weight) in wide.iter_mut().zip(&weights[channels.clone()]) {
                *wide = f64::from(weight);
            }
            let numbers = row[(first * depth + i).min(row.len())..].iter().step_by(step);
            for (sums, &x) in sums[inside.clone()].iter_mut().zip(numbers) {
                add_scaled(sums, f64::from(x), &wide);
            }
        }
    }

    /// The pixels of the tile whose kernel column `kx` is inside the image, and the input column of the first.
    fn inside(&self, kx: usize) -> (Range<usize>, usize) {
        let Conv { input, strides, dilation, padding, .. } = self.conv;
        let column = |x| position(x, kx, strides[1], dilation[1], padding[1], input[2]);
        let mut inside = self.pixels.clone().filter_map(|x| column(x).map(|at| (x - self.pixels.start, at)));
        let Some((first, at)) = inside.next() else {
            return (0..0, 0);
        };
        (first..first + 1 + inside.count(), at)
    }
}

/// `sums += x · weights`, in a loop of fixed length that the compiler turns into SIMD.
fn add_scaled(sums: &mut [f64; CHANNELS], x: f64, weights: &[f64; CHANNELS]) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += x * weight;
    }
}
