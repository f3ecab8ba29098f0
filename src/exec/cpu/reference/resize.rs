//! Twin of `resize.wgsl`: resampling of rows and columns.

use crate::plan::{Resize, Sampling};

/// Writes the resampled `input` to `output`; the shapes are those of `resize`.
pub fn run(resize: &Resize, input: &[f32], output: &mut [f32]) {
    let [_, rows, columns, channels] = resize.output;
    let [_, height, width, _] = resize.input;
    let read = |n: usize, y: usize, x: usize, c: usize| {
        f64::from(input[((n * height + y) * width + x) * channels + c])
    };
    for (pixel, out) in output.chunks_exact_mut(channels).enumerate() {
        let (x, y, n) = (pixel % columns, pixel / columns % rows, pixel / columns / rows);
        let (across, down) =
            (sample(resize.sampling, x, width, columns), sample(resize.sampling, y, height, rows));
        for (c, out) in out.iter_mut().enumerate() {
            let line = |y| mix(read(n, y, across.low, c), read(n, y, across.high, c), across.part);
            *out = mix(line(down.low), line(down.high), down.part) as f32;
        }
    }
}

/// The two input positions an output position lies between, and how far it is from the first to the second.
struct Between {
    low: usize,
    high: usize,
    part: f64,
}

/// Where output position `i` of `out` lies among `size` input positions.
fn sample(sampling: Sampling, i: usize, size: usize, out: usize) -> Between {
    match sampling {
        Sampling::Nearest => {
            let at = ((2 * i + 1) * size / (2 * out)).min(size - 1);
            Between { low: at, high: at, part: 0.0 }
        }
        Sampling::Bilinear => {
            let centre = (i as f64 + 0.5) * size as f64 / out as f64 - 0.5;
            let clamped = centre.clamp(0.0, (size - 1) as f64);
            let low = clamped.floor() as usize;
            Between { low, high: (low + 1).min(size - 1), part: clamped - clamped.floor() }
        }
    }
}

/// Between `a` and `b`; exactly `a` at zero, so that infinities pass unharmed.
fn mix(a: f64, b: f64, part: f64) -> f64 {
    if part == 0.0 { a } else { a + (b - a) * part }
}
