//! Twin of `map.wgsl`: per-channel scale and offset, then an activation.

use super::activation::apply;
use crate::plan::Map;

/// Writes `act(input · scale + offset)` to `output`; `affine` holds scale and offset, each `[channels]`.
pub fn run(map: &Map, input: &[f32], affine: Option<(&[f32], &[f32])>, output: &mut [f32]) {
    for (i, (out, &x)) in output.iter_mut().zip(input).take(map.elements).enumerate() {
        let x = f64::from(x);
        let moved = affine.map_or(x, |(scale, offset)| {
            let channel = i % map.channels;
            x * f64::from(scale[channel]) + f64::from(offset[channel])
        });
        *out = apply(map.activation, moved) as f32;
    }
}
