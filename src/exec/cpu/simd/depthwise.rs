//! Convolution of every channel by itself.

use super::bend::Bend;
use super::frame::Frame;
use crate::plan::Conv;

/// Writes the convolution of one image; `numbers` are those of `frame`, `kernel` is `[window row, window column, channel]`.
pub fn run(
    conv: &Conv,
    frame: &Frame,
    numbers: &[f32],
    [kernel, bias]: [&[f32]; 2],
    residual: Option<&[f32]>,
    output: &mut [f32],
) {
    let [_, _, width, channels] = conv.output;
    let bend = Bend::from(conv.activation);
    for (pixel, sums) in output.chunks_exact_mut(channels).enumerate() {
        let (y, x) = (pixel / width * conv.strides[0], pixel % width * conv.strides[1]);
        sums.copy_from_slice(bias);
        if let Some(residual) = residual {
            add(sums, &residual[pixel * channels..][..channels]);
        }
        for (tap, weights) in kernel.chunks_exact(channels).enumerate() {
            let y = y + tap / conv.window[1] * conv.dilation[0];
            let x = x + tap % conv.window[1] * conv.dilation[1];
            let place = &numbers[(y * frame.size[1] + x) * channels..][..channels];
            add_products(sums, place, weights);
        }
        bend.all(sums);
    }
}

fn add(sums: &mut [f32], numbers: &[f32]) {
    sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
}

fn add_products(sums: &mut [f32], numbers: &[f32], weights: &[f32]) {
    sums.iter_mut().zip(numbers).zip(weights).for_each(|((sum, number), weight)| *sum += number * weight);
}
