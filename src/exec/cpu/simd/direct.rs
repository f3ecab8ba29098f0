//! Convolution as products of rows that lie in the image itself, one group of channels after the other.

use pulp::{Simd, WithSimd};

use super::bend::Bend;
use super::frame::Frame;
use super::product::{ROWS, Rows, Runs, Target, multiply, panel_columns, tiles_len};
use super::weights::panels_len;
use crate::plan::Conv;

/// The most output pixels that go through all panels before the next do.
const PIXELS: usize = 96;
/// The most numbers that they read: 1 MiB, which stays in the L2 cache while all weights pass by.
const READ: usize = 1 << 18;

/// The convolution of one image.
pub struct Direct<'a> {
    /// Its geometry.
    pub conv: &'a Conv,
    /// What the numbers are.
    pub frame: Frame,
    /// Of the frame.
    pub numbers: &'a [f32],
    /// In panels, group after group.
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

/// Where the elements under a window lie: whole rows of the window, or single places where they are no neighbours.
fn runs(conv: &Conv, frame: &Frame) -> Runs {
    let [_, columns, channels] = frame.size;
    let row_step = conv.dilation[0] * columns * channels;
    let runs = Runs { rows: conv.window[0], row_step, columns: 1, column_step: 0, length: 0 };
    if conv.groups == 1 && conv.dilation[1] == 1 {
        Runs { length: conv.window[1] * channels, ..runs }
    } else {
        let column_step = conv.dilation[1] * channels;
        Runs { columns: conv.window[1], column_step, length: channels / conv.groups, ..runs }
    }
}

/// Output pixels per block, where a window has so many elements.
fn pixels(elements: usize) -> usize {
    (READ / elements.max(1) / ROWS * ROWS).clamp(ROWS, PIXELS)
}

/// Elements of scratch memory beside the frame: what the pixels of a block read.
pub fn scratch_len(conv: &Conv) -> usize {
    let elements = conv.window[0] * conv.window[1] * (conv.input[3] / conv.groups);
    tiles_len(pixels(elements), elements)
}

impl WithSimd for Direct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Direct { conv, frame, numbers, kernel, bias, residual, scratch, output } = self;
        let [_, height, width, filters] = conv.output;
        let [_, columns, channels] = frame.size;
        let (reads, writes) = (channels / conv.groups, filters / conv.groups);
        let runs = runs(conv, &frame);
        let group_len = panels_len(runs.elements(), writes, panel_columns::<S>());
        let (all, block) = (height * width, pixels(runs.elements()));
        let mut starts = [0; PIXELS];
        for first in (0..all).step_by(block) {
            let starts = &mut starts[..block.min(all - first)];
            let span = first * filters..(first + starts.len()) * filters;
            for group in 0..conv.groups {
                for (pixel, start) in (first..).zip(starts.iter_mut()) {
                    let (y, x) = (pixel / width * conv.strides[0], pixel % width * conv.strides[1]);
                    *start = (y * columns + x) * channels + group * reads;
                }
                let rows = Rows { numbers, starts, runs };
                let mut target = Target {
                    output: &mut output[span.clone()],
                    stride: filters,
                    columns: group * writes..(group + 1) * writes,
                    bias: Some(bias),
                    residual: residual.map(|numbers| &numbers[span.clone()]),
                    bend: Bend::from(conv.activation),
                };
                multiply(simd, &rows, &kernel[group * group_len..][..group_len], scratch, &mut target);
            }
        }
    }
}
