//! The inverse cosine transform of 8×8 coefficients, in integers: libjpeg's "islow", after Loeffler, Ligtenberg and Moschytz.

/// Bits behind the point of the constants.
const CONSTANT: u32 = 13;
/// Bits behind the point between the passes.
const BETWEEN: u32 = 2;

/// A constant with [`CONSTANT`] bits behind the point.
const fn fix(value: f64) -> i32 {
    (value * (1 << CONSTANT) as f64 + 0.5) as i32
}

/// 64 samples of 64 coefficients, both in natural order.
pub fn idct(block: &[i16], quantization: &[u16; 64]) -> [u8; 64] {
    let mut values = [0i32; 64];
    for ((value, coefficient), factor) in values.iter_mut().zip(block).zip(quantization) {
        *value = i32::from(*coefficient) * i32::from(*factor);
    }
    for column in 0..8 {
        let line = [0, 1, 2, 3, 4, 5, 6, 7].map(|row| values[8 * row + column]);
        for (row, value) in transform(line, CONSTANT - BETWEEN).into_iter().enumerate() {
            values[8 * row + column] = value;
        }
    }
    let mut samples = [0; 64];
    for (line, out) in values.as_chunks::<8>().0.iter().zip(samples.as_chunks_mut::<8>().0) {
        let sample = |value: i32| value.saturating_add(128).clamp(0, 255) as u8;
        *out = transform(*line, CONSTANT + BETWEEN + 3).map(sample);
    }
    samples
}

/// Eight values, rounded after a shift to the right. Damaged files overflow, as they do in libjpeg.
fn transform(x: [i32; 8], shift: u32) -> [i32; 8] {
    let even = even([x[0], x[2], x[4], x[6]]);
    let odd = odd([x[1], x[3], x[5], x[7]]);
    let round = |value: i32| value.wrapping_add(1 << (shift - 1)) >> shift;
    let mut out = [0; 8];
    for at in 0..4 {
        out[at] = round(even[at].wrapping_add(odd[at]));
        out[7 - at] = round(even[at].wrapping_sub(odd[at]));
    }
    out
}

fn even([x0, x2, x4, x6]: [i32; 4]) -> [i32; 4] {
    let turned = times(x2.wrapping_add(x6), fix(0.541_196_100));
    let low = turned.wrapping_sub(times(x6, fix(1.847_759_065)));
    let high = turned.wrapping_add(times(x2, fix(0.765_366_865)));
    let sum = x0.wrapping_add(x4) << CONSTANT;
    let difference = x0.wrapping_sub(x4) << CONSTANT;
    [
        sum.wrapping_add(high),
        difference.wrapping_add(low),
        difference.wrapping_sub(low),
        sum.wrapping_sub(high),
    ]
}

fn odd([x1, x3, x5, x7]: [i32; 4]) -> [i32; 4] {
    let across = times(x7.wrapping_add(x3).wrapping_add(x5).wrapping_add(x1), fix(1.175_875_602));
    let outer = times(x7.wrapping_add(x1), -fix(0.899_976_223));
    let inner = times(x5.wrapping_add(x3), -fix(2.562_915_447));
    let near = across.wrapping_add(times(x7.wrapping_add(x3), -fix(1.961_570_560)));
    let far = across.wrapping_add(times(x5.wrapping_add(x1), -fix(0.390_180_644)));
    let sum = |value: i32, factor: i32, a: i32, b: i32| times(value, factor).wrapping_add(a).wrapping_add(b);
    [
        sum(x1, fix(1.501_321_110), outer, far),
        sum(x3, fix(3.072_711_026), inner, near),
        sum(x5, fix(2.053_119_869), inner, far),
        sum(x7, fix(0.298_631_336), outer, near),
    ]
}

fn times(a: i32, b: i32) -> i32 {
    a.wrapping_mul(b)
}
