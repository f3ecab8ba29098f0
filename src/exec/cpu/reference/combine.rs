//! Twin of `combine.wgsl`: elementwise combination with broadcasting, then an activation.

use super::activation::apply;
use crate::plan::{Combine, CombineKind};

/// Writes the combination of `inputs` to `output`.
pub fn run(combine: &Combine, inputs: &[&[f32]], output: &mut [f32]) {
    let [_, rows, columns, channels] = combine.shape;
    let elements = combine.shape.iter().product();
    for (i, out) in output[..elements].iter_mut().enumerate() {
        let index = [
            i / channels / columns / rows,
            i / channels / columns % rows,
            i / channels % columns,
            i % channels,
        ];
        let numbers = inputs.iter().zip(&combine.strides).map(|(input, strides)| {
            let at: usize = index.iter().zip(strides).map(|(index, stride)| index * stride).sum();
            f64::from(input[at])
        });
        let joined = numbers.reduce(|a, b| join(combine.kind, a, b)).unwrap_or(0.0);
        let divisor = if combine.kind == CombineKind::Average { inputs.len() as f64 } else { 1.0 };
        *out = apply(combine.activation, joined / divisor) as f32;
    }
}

/// Joins two numbers; the division of [`CombineKind::Average`] comes after the last.
fn join(kind: CombineKind, a: f64, b: f64) -> f64 {
    match kind {
        CombineKind::Add | CombineKind::Average => a + b,
        CombineKind::Subtract => a - b,
        CombineKind::Multiply => a * b,
        CombineKind::Maximum => a.max(b),
        CombineKind::Minimum => a.min(b),
        CombineKind::Prelu => {
            if a > 0.0 {
                a
            } else {
                a * b
            }
        }
    }
}
