//! Twin of `pool.wgsl`: windowed and global pooling.

use std::ops::Range;

use crate::plan::{Pool, PoolKind};

/// Writes the pooled `input` to `output`; the shapes are those of `pool`.
pub fn run(pool: &Pool, input: &[f32], output: &mut [f32]) {
    let [_, rows, columns, channels] = pool.output;
    let [_, height, width, _] = pool.input;
    for (pixel, out) in output.chunks_exact_mut(channels).enumerate() {
        let (x, y, n) = (pixel % columns, pixel / columns % rows, pixel / columns / rows);
        let ys = clipped(pool, 0, y);
        let xs = clipped(pool, 1, x);
        let starts = ys.flat_map(|iy| xs.clone().map(move |ix| ((n * height + iy) * width + ix) * channels));
        match pool.kind {
            PoolKind::Max => maximum(starts.map(|at| &input[at..][..channels]), out),
            PoolKind::Average => mean(starts.map(|at| &input[at..][..channels]), out),
        }
    }
}

/// The input positions of window `out` along `axis` (0 rows, 1 columns), without the padding.
pub fn clipped(pool: &Pool, axis: usize, out: usize) -> Range<usize> {
    let start = out * pool.strides[axis];
    let end = (start + pool.window[axis]).saturating_sub(pool.padding[axis]);
    start.saturating_sub(pool.padding[axis])..end.min(pool.input[axis + 1])
}

fn maximum<'a>(pixels: impl Iterator<Item = &'a [f32]>, out: &mut [f32]) {
    out.fill(f32::NEG_INFINITY);
    for pixel in pixels {
        for (best, &x) in out.iter_mut().zip(pixel) {
            if x > *best || x.is_nan() {
                *best = x;
            }
        }
    }
}

fn mean<'a>(pixels: impl Iterator<Item = &'a [f32]>, out: &mut [f32]) {
    let mut sums = vec![0.0; out.len()];
    let mut count = 0.0;
    for pixel in pixels {
        count += 1.0;
        for (sum, &x) in sums.iter_mut().zip(pixel) {
            *sum += f64::from(x);
        }
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = (sum / count) as f32;
    }
}
