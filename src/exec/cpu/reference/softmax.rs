//! Twin of `softmax.wgsl`: softmax over the last axis, or its logarithm.

use crate::plan::Softmax;

/// Writes the softmax of every row of `input` to `output`.
pub fn run(softmax: &Softmax, input: &[f32], output: &mut [f32]) {
    let rows = input.chunks_exact(softmax.columns).zip(output.chunks_exact_mut(softmax.columns));
    for (row, out) in rows.take(softmax.rows) {
        let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let total: f64 = row.iter().map(|&x| (f64::from(x) - largest).exp()).sum();
        for (out, &x) in out.iter_mut().zip(row) {
            let below = f64::from(x) - largest;
            *out = if softmax.log { below - total.ln() } else { below.exp() / total } as f32;
        }
    }
}
