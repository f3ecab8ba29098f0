//! Pooling, all channels of a pixel at once.

use crate::exec::cpu::reference::pool::clipped;
use crate::plan::{Pool, PoolKind};

/// Writes the pooled `input` to `output`; the shapes are those of `pool`.
pub fn run(pool: &Pool, input: &[f32], output: &mut [f32]) {
    let [_, rows, columns, channels] = pool.output;
    let [_, height, width, _] = pool.input;
    for (pixel, out) in output.chunks_exact_mut(channels).enumerate() {
        let (x, y, n) = (pixel % columns, pixel / columns % rows, pixel / columns / rows);
        let (ys, xs) = (clipped(pool, 0, y), clipped(pool, 1, x));
        let count = ys.len() * xs.len();
        out.fill(match pool.kind {
            PoolKind::Max => f32::NEG_INFINITY,
            PoolKind::Average => 0.0,
        });
        for y in ys {
            let line = &input[((n * height + y) * width + xs.start) * channels..][..xs.len() * channels];
            line.chunks_exact(channels).for_each(|place| join(pool.kind, place, out));
        }
        if pool.kind == PoolKind::Average {
            out.iter_mut().for_each(|sum| *sum /= count as f32);
        }
    }
}

fn join(kind: PoolKind, place: &[f32], out: &mut [f32]) {
    let pairs = out.iter_mut().zip(place);
    match kind {
        PoolKind::Max => pairs.for_each(|(best, &x)| *best = if x > *best || x.is_nan() { x } else { *best }),
        PoolKind::Average => pairs.for_each(|(sum, &x)| *sum += x),
    }
}
