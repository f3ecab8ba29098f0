//! What the kernels must give, in the plainest form: one number at a time, signed positions, `f64`.

use resnet_verifier::plan::{Activation, Conv, Pool, PoolKind};

/// Element of an NHWC tensor; `None` outside.
fn at(numbers: &[f32], shape: [usize; 4], [n, y, x, c]: [i64; 4]) -> Option<f64> {
    let [_, h, w, d] = shape.map(|size| size as i64);
    let inside = (0..h).contains(&y) && (0..w).contains(&x);
    inside.then(|| f64::from(numbers[(((n * h + y) * w + x) * d + c) as usize]))
}

/// Every index of an NHWC shape, in memory order.
fn indices([n, h, w, c]: [usize; 4]) -> impl Iterator<Item = [i64; 4]> {
    (0..n * h * w * c).map(move |i| [i / c / w / h, i / c / w % h, i / c % w, i % c].map(|x| x as i64))
}

pub fn conv(conv: &Conv, input: &[f32], kernel: &[f32], bias: &[f32], residual: Option<&[f32]>) -> Vec<f64> {
    let depth = conv.input[3] / conv.groups;
    let filters = conv.output[3];
    let one = |(index, [n, y, x, o]): (usize, [i64; 4])| {
        let mut sum = f64::from(bias[o as usize]) + residual.map_or(0.0, |r| f64::from(r[index]));
        let first = o as usize / (filters / conv.groups) * depth;
        for ky in 0..conv.window[0] {
            for kx in 0..conv.window[1] {
                for i in 0..depth {
                    let iy =
                        y * conv.strides[0] as i64 + (ky * conv.dilation[0]) as i64 - conv.padding[0] as i64;
                    let ix =
                        x * conv.strides[1] as i64 + (kx * conv.dilation[1]) as i64 - conv.padding[1] as i64;
                    let value = at(input, conv.input, [n, iy, ix, (first + i) as i64]).unwrap_or(0.0);
                    let weight = kernel[((ky * conv.window[1] + kx) * depth + i) * filters + o as usize];
                    sum += value * f64::from(weight);
                }
            }
        }
        activation(conv.activation, sum)
    };
    indices(conv.output).enumerate().map(one).collect()
}

pub fn pool(pool: &Pool, input: &[f32]) -> Vec<f64> {
    let one = |[n, y, x, c]: [i64; 4]| {
        let mut inside = Vec::new();
        for ky in 0..pool.window[0] {
            for kx in 0..pool.window[1] {
                let iy = y * pool.strides[0] as i64 + ky as i64 - pool.padding[0] as i64;
                let ix = x * pool.strides[1] as i64 + kx as i64 - pool.padding[1] as i64;
                inside.extend(at(input, pool.input, [n, iy, ix, c]));
            }
        }
        match pool.kind {
            PoolKind::Max => inside.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            PoolKind::Average => inside.iter().sum::<f64>() / inside.len() as f64,
        }
    };
    indices(pool.output).map(one).collect()
}

pub fn softmax(columns: usize, log: bool, input: &[f32]) -> Vec<f64> {
    let row = |row: &[f32]| {
        let largest = row.iter().copied().fold(f32::MIN, f32::max);
        let powers: Vec<f64> = row.iter().map(|&x| f64::from(x - largest).exp()).collect();
        let total: f64 = powers.iter().sum();
        powers.into_iter().map(move |power| if log { (power / total).ln() } else { power / total })
    };
    input.chunks(columns).flat_map(row).collect()
}

/// Other forms of the formulas than the executors use.
pub fn activation(activation: Activation, x: f64) -> f64 {
    let sigmoid = |x: f64| 0.5 + 0.5 * (x / 2.0).tanh();
    let softplus = |x: f64| if x > 30.0 { x } else { (1.0 + x.exp()).ln() };
    let elu = |x: f64, alpha: f64| x.max(0.0) + alpha * (x.min(0.0).exp() - 1.0);
    match activation {
        Activation::Linear => x,
        Activation::Relu { slope, max_value, threshold } => {
            let [slope, max_value, threshold] = [slope, max_value, threshold].map(f64::from);
            if x <= threshold { slope * (x - threshold) } else { x.min(max_value) }
        }
        Activation::Elu { alpha } => elu(x, f64::from(alpha)),
        Activation::Selu => 1.0507009873554805 * elu(x, 1.6732632423543772),
        Activation::Sigmoid => sigmoid(x),
        Activation::HardSigmoid { slope, offset } => {
            (f64::from(slope) * x + f64::from(offset)).clamp(0.0, 1.0)
        }
        Activation::Tanh => 2.0 * sigmoid(2.0 * x) - 1.0,
        Activation::Softplus => softplus(x),
        Activation::Softsign => {
            if x < 0.0 {
                x / (1.0 - x)
            } else {
                x / (1.0 + x)
            }
        }
        Activation::Exponential => std::f64::consts::E.powf(x),
        Activation::Swish => x / (1.0 + (-x).exp()),
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::Gelu => x * normal(x),
        Activation::GeluTanh => x * sigmoid(2.0 * 0.7978845608028654 * (x + 0.044715 * x.powi(3))),
        Activation::Mish => x * softplus(x).tanh(),
    }
}

/// The distribution function of the standard normal, by Simpson's rule from −12.
fn normal(x: f64) -> f64 {
    if x.abs() > 12.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let steps = 20_000;
    let width = (x + 12.0) / f64::from(steps);
    let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let weight = |i: i32| {
        if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) }
    };
    (0..=steps).map(|i| weight(i) * density(-12.0 + f64::from(i) * width)).sum::<f64>() * width / 3.0
}
