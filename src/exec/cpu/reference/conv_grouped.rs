//! Twin of `conv_grouped.wgsl`: convolution in groups, down to one channel per group (depthwise).

use super::activation::apply;
use super::{Weights, position};
use crate::plan::Conv;

/// Writes the convolution of `input` to `output`; the shapes are those of `conv`.
pub fn run(conv: &Conv, input: &[f32], weights: &Weights<'_>, residual: Option<&[f32]>, output: &mut [f32]) {
    let [images, rows, columns, filters] = conv.output;
    let mut sums = vec![0.0; filters];
    for n in 0..images {
        for y in 0..rows {
            for x in 0..columns {
                let start = ((n * rows + y) * columns + x) * filters;
                sums.fill(0.0);
                accumulate(conv, input, weights.kernel, [n, y, x], &mut sums);
                for (o, &sum) in sums.iter().enumerate() {
                    let before = residual.map_or(0.0, |numbers| f64::from(numbers[start + o]));
                    let total = sum + f64::from(weights.bias[o]) + before;
                    output[start + o] = apply(conv.activation, total) as f32;
                }
            }
        }
    }
}

/// Adds every kernel element that falls inside the image, for all channels of one output pixel.
fn accumulate(conv: &Conv, input: &[f32], kernel: &[f32], [n, y, x]: [usize; 3], sums: &mut [f64]) {
    let Conv { strides, dilation, padding, window, .. } = conv;
    let [_, height, width, depth] = conv.input;
    let tap_elements = depth / conv.groups * conv.output[3];
    for ky in 0..window[0] {
        let Some(iy) = position(y, ky, strides[0], dilation[0], padding[0], height) else {
            continue;
        };
        for kx in 0..window[1] {
            let Some(ix) = position(x, kx, strides[1], dilation[1], padding[1], width) else {
                continue;
            };
            let pixel = &input[((n * height + iy) * width + ix) * depth..][..depth];
            let tap = &kernel[(ky * window[1] + kx) * tap_elements..][..tap_elements];
            accumulate_tap(conv, pixel, tap, sums);
        }
    }
}

/// Adds one kernel element: each output channel reads the input channels of its group.
fn accumulate_tap(conv: &Conv, pixel: &[f32], tap: &[f32], sums: &mut [f64]) {
    let filters = conv.output[3];
    let (reads, writes) = (conv.input[3] / conv.groups, filters / conv.groups);
    for group in 0..conv.groups {
        let span = group * writes..(group + 1) * writes;
        for i in 0..reads {
            let x = f64::from(pixel[group * reads + i]);
            let weights = &tap[i * filters..][span.clone()];
            for (sum, &weight) in sums[span.clone()].iter_mut().zip(weights) {
                *sum += x * f64::from(weight);
            }
        }
    }
}
