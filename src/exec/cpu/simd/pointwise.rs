//! Element by element: scale, offset and activation of one tensor, and the combination of several.

use super::bend::Bend;
use crate::plan::{Combine, CombineKind, Map};

/// Writes `act(input · scale + offset)` to `output`; `affine` holds scale and offset, each `[channels]`.
pub fn map(map: &Map, input: &[f32], affine: Option<[&[f32]; 2]>, output: &mut [f32]) {
    let (input, output) = (&input[..map.elements], &mut output[..map.elements]);
    match affine {
        None => output.copy_from_slice(input),
        Some([scale, offset]) => {
            for (out, row) in output.chunks_mut(map.channels).zip(input.chunks(map.channels)) {
                let numbers = row.iter().zip(scale).zip(offset);
                out.iter_mut().zip(numbers).for_each(|(out, ((x, scale), offset))| *out = x * scale + offset);
            }
        }
    }
    Bend::from(map.activation).all(output);
}

/// Writes the combination of `inputs` to `output`.
pub fn combine(combine: &Combine, inputs: &[&[f32]], output: &mut [f32]) {
    let (rows, length) = rows(combine);
    let output = &mut output[..combine.shape.iter().product()];
    for (index, out) in output.chunks_exact_mut(length.max(1)).enumerate() {
        for (which, (input, strides)) in inputs.iter().zip(&combine.strides).enumerate() {
            let place = [index / rows[2] / rows[1], index / rows[2] % rows[1], index % rows[2]];
            let start = place.iter().zip(strides).map(|(index, stride)| index * stride).sum::<usize>();
            let kind = (which > 0).then_some(combine.kind);
            match strides[3] {
                0 => join(kind, out, std::iter::repeat(&input[start])),
                1 => join(kind, out, &input[start..start + length]),
                step => join(kind, out, input[start..].iter().step_by(step)),
            }
        }
    }
    if combine.kind == CombineKind::Average {
        output.iter_mut().for_each(|sum| *sum /= inputs.len() as f32);
    }
    Bend::from(combine.activation).all(output);
}

/// The shape in rows, and the length of one: everything is one row where no tensor is broadcast.
fn rows(combine: &Combine) -> ([usize; 3], usize) {
    let [n, height, width, channels] = combine.shape;
    let whole = [height * width * channels, width * channels, channels, 1];
    match combine.strides.iter().all(|strides| *strides == whole) {
        true => ([1; 3], n * whole[0]),
        false => ([n, height, width], channels),
    }
}

/// Joins `numbers` to what is in `out`; they are the first where there is no `kind`.
fn join<'a>(kind: Option<CombineKind>, out: &mut [f32], numbers: impl IntoIterator<Item = &'a f32>) {
    let pairs = out.iter_mut().zip(numbers);
    match kind {
        None => pairs.for_each(|(a, b)| *a = *b),
        Some(CombineKind::Add | CombineKind::Average) => pairs.for_each(|(a, b)| *a += b),
        Some(CombineKind::Subtract) => pairs.for_each(|(a, b)| *a -= b),
        Some(CombineKind::Multiply) => pairs.for_each(|(a, b)| *a *= b),
        Some(CombineKind::Maximum) => pairs.for_each(|(a, b)| *a = a.max(*b)),
        Some(CombineKind::Minimum) => pairs.for_each(|(a, b)| *a = a.min(*b)),
        Some(CombineKind::Prelu) => pairs.for_each(|(a, b)| *a = if *a > 0.0 { *a } else { *a * b }),
    }
}
