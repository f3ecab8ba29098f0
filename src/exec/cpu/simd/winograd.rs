//! Winograd's F(2×2, 3×3): four outputs of a 3×3 convolution from sixteen products instead of thirty-six.
//!
//! With the matrices of Lavin and Gray (arXiv:1509.09308, section 4.1): `Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`, where the product in the
//! middle, summed over the input channels, is a matrix product for each of the sixteen places.

use pulp::{Simd, WithSimd};

use super::bend::Bend;
use super::frame::Frame;
use super::product::{Rows, Runs, Target, finish, multiply, panel_columns, tiles_len};
use super::weights::{pack as pack_panels, panels_len};
use crate::plan::Conv;

/// Places of a transformed window.
const PLACES: usize = 16;
/// Tiles of outputs that are transformed and multiplied together: what they take fits L2 cache for 128 channels.
const TILES: usize = 40;
/// Channels come in multiples of this, which every vector's length divides.
const CHANNELS: usize = 16;
/// Tiles from which on it is quicker: with fewer, reading sixteen ninths as many weights takes longer than it saves.
const FEWEST_TILES: usize = 32;

/// G: what a 3×3 kernel is transformed with.
const G: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

/// Whether a convolution is computed this way.
pub fn suits(conv: &Conv) -> bool {
    let channels = [conv.input[3], conv.output[3]];
    (conv.window, conv.strides, conv.dilation, conv.groups) == ([3, 3], [1, 1], [1, 1], 1)
        && channels.iter().all(|channels| *channels > 0 && channels.is_multiple_of(CHANNELS))
        && tiles(conv).iter().product::<usize>() >= FEWEST_TILES
}

/// Rows and columns of tiles in an image.
fn tiles(conv: &Conv) -> [usize; 2] {
    [conv.output[1].div_ceil(2), conv.output[2].div_ceil(2)]
}

/// The frame of the input: tiles at the lower and right edge may reach over it.
pub fn frame(conv: &Conv) -> Frame {
    Frame::of(conv, tiles(conv).map(|tiles| 2 * tiles))
}

/// Elements of scratch memory beside the frame: transformed inputs and products of the tiles of a block.
pub fn scratch_len(conv: &Conv) -> usize {
    PLACES * TILES * (conv.input[3] + conv.output[3]) + tiles_len(TILES, conv.input[3])
}

/// The transformed kernel: panels for each of the sixteen places.
pub fn pack(conv: &Conv, kernel: &[f32], panel_columns: usize) -> Vec<f32> {
    let (inputs, outputs) = (conv.input[3], conv.output[3]);
    let mut panels = Vec::with_capacity(PLACES * panels_len(inputs, outputs, panel_columns));
    for place in 0..PLACES {
        let matrix: Vec<f32> = (0..inputs * outputs)
            .map(|at| {
                let taps = (0..9).map(|tap| {
                    let factor = G[place / 4][tap / 3] * G[place % 4][tap % 3];
                    factor * f64::from(kernel[tap * inputs * outputs + at])
                });
                taps.sum::<f64>() as f32
            })
            .collect();
        pack_panels(&matrix, outputs, 0..outputs, panel_columns, &mut panels);
    }
    panels
}

/// The convolution of one image.
pub struct Winograd<'a> {
    /// Its geometry.
    pub conv: &'a Conv,
    /// What the numbers are.
    pub frame: Frame,
    /// Of the frame.
    pub numbers: &'a [f32],
    /// As [`pack`] gives it.
    pub kernel: &'a [f32],
    /// One number per output channel.
    pub bias: &'a [f32],
    /// Of the image.
    pub residual: Option<&'a [f32]>,
    /// At least [`scratch_len`] elements.
    pub scratch: &'a mut [f32],
    /// Of the image.
    pub output: &'a mut [f32],
}

impl WithSimd for Winograd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let [rows, columns] = tiles(self.conv);
        let scratch = std::mem::take(&mut self.scratch);
        let (inputs, rest) = scratch.split_at_mut(PLACES * TILES * self.conv.input[3]);
        let (products, scratch) = rest.split_at_mut(PLACES * TILES * self.conv.output[3]);
        for first in (0..rows * columns).step_by(TILES) {
            let block = first..(first + TILES).min(rows * columns);
            for (slot, tile) in block.clone().enumerate() {
                self.transform(simd, [tile / columns, tile % columns], slot, inputs);
            }
            self.multiply(simd, block.len(), inputs, [products, scratch]);
            for (slot, tile) in block.enumerate() {
                self.gather(simd, [tile / columns, tile % columns], slot, products);
            }
        }
    }
}

impl Winograd<'_> {
    /// `Bᵀ d B` of a tile's 4×4 inputs, all channels.
    #[inline(always)]
    fn transform<S: Simd>(&self, simd: S, [y, x]: [usize; 2], slot: usize, inputs: &mut [f32]) {
        let [_, columns, channels] = self.frame.size;
        let pixels: [&[S::f32s]; PLACES] = std::array::from_fn(|place| {
            let (y, x) = (2 * y + place / 4, 2 * x + place % 4);
            S::as_simd_f32s(&self.numbers[(y * columns + x) * channels..][..channels]).0
        });
        let planes = planes::<S>(inputs, slot, channels);
        let vectors = channels / S::F32_LANES;
        let pixels = pixels.map(|pixel| &pixel[..vectors]);
        for index in 0..vectors {
            let rows: [[S::f32s; 4]; 4] =
                std::array::from_fn(|x| spread(simd, std::array::from_fn(|y| pixels[4 * y + x][index])));
            for y in 0..4 {
                let places = spread(simd, std::array::from_fn(|x| rows[x][y]));
                for x in 0..4 {
                    planes[4 * y + x][index] = places[x];
                }
            }
        }
    }

    /// The products of a block's tiles for each of the sixteen places.
    #[inline(always)]
    fn multiply<S: Simd>(&self, simd: S, tiles: usize, inputs: &[f32], [products, scratch]: [&mut [f32]; 2]) {
        let (channels, filters) = (self.conv.input[3], self.conv.output[3]);
        let starts: [usize; TILES] = std::array::from_fn(|slot| slot * channels);
        let planes = inputs.chunks_exact(TILES * channels).zip(products.chunks_exact_mut(TILES * filters));
        let panels = self.kernel.chunks_exact(panels_len(channels, filters, panel_columns::<S>()));
        for ((numbers, output), panels) in planes.zip(panels) {
            let rows = Rows { numbers, starts: &starts[..tiles], runs: Runs::one(channels) };
            let (columns, bend) = (0..filters, Bend::None);
            let mut target = Target { output, stride: filters, columns, bias: None, residual: None, bend };
            multiply(simd, &rows, panels, scratch, &mut target);
        }
    }

    /// `Aᵀ m A` of a tile's sixteen products, finished and written to its outputs.
    #[inline(always)]
    fn gather<S: Simd>(&mut self, simd: S, tile: [usize; 2], slot: usize, products: &mut [f32]) {
        let [_, height, width, filters] = self.conv.output;
        let planes = planes::<S>(products, slot, filters);
        (0..filters / S::F32_LANES).for_each(|index| {
            let rows: [[S::f32s; 2]; 4] =
                std::array::from_fn(|x| fold(simd, std::array::from_fn(|y| planes[4 * y + x][index])));
            for y in 0..2 {
                let outputs = fold(simd, std::array::from_fn(|x| rows[x][y]));
                planes[2 * y][index] = outputs[0];
                planes[2 * y + 1][index] = outputs[1];
            }
        });
        for (place, sums) in planes[..4].iter().enumerate() {
            let (y, x) = (2 * tile[0] + place / 2, 2 * tile[1] + place % 2);
            if y < height && x < width {
                self.finish(simd, (y * width + x) * filters, sums);
            }
        }
    }

    /// Adds bias and residual to the sums of a pixel, bends and writes them.
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, at: usize, sums: &[S::f32s]) {
        let (lanes, bend) = (S::F32_LANES, Bend::from(self.conv.activation));
        let pixel = &mut self.output[at..][..self.conv.output[3]];
        let residual = self.residual.map(|residual| &residual[at..][..pixel.len()]);
        for (index, (sum, output)) in sums.iter().zip(pixel.chunks_exact_mut(lanes)).enumerate() {
            let part = index * lanes..(index + 1) * lanes;
            let residual = residual.map(|residual| &residual[part.clone()]);
            finish(simd, &[*sum], [Some(&self.bias[part]), residual], bend, output);
        }
    }
}

/// The vectors of one tile in each of the sixteen planes of a block.
#[inline(always)]
fn planes<S: Simd>(numbers: &mut [f32], slot: usize, channels: usize) -> [&mut [S::f32s]; PLACES] {
    let mut planes = numbers.chunks_exact_mut(TILES * channels);
    std::array::from_fn(|_| {
        let plane = planes.next().unwrap_or_default();
        S::as_mut_simd_f32s(&mut plane[slot * channels..][..channels]).0
    })
}

/// Bᵀ times a column.
#[inline(always)]
fn spread<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 4] {
    [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
}

/// Aᵀ times a column.
#[inline(always)]
fn fold<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 2] {
    [simd.add_f32s(a, simd.add_f32s(b, c)), simd.sub_f32s(simd.sub_f32s(b, c), d)]
}
