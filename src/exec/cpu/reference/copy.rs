//! Twin of `copy.wgsl` and `fill.wgsl`: strided copies into one output, the rest set to zero.

use crate::plan::{Copy, CopyBox};

/// Copies one box per input into `output`.
pub fn run(copy: &Copy, inputs: &[&[f32]], output: &mut [f32]) {
    if copy.zero {
        output[..copy.elements].fill(0.0);
    }
    for (input, part) in inputs.iter().zip(&copy.boxes) {
        copy_box(part, input, output);
    }
}

fn copy_box(part: &CopyBox, input: &[f32], output: &mut [f32]) {
    let CopyBox { size, from, to } = part;
    let at = |offset: usize, strides: &[usize; 4], index: [usize; 3]| {
        offset + index.iter().zip(strides).map(|(index, stride)| index * stride).sum::<usize>()
    };
    for a in 0..size[0] {
        for b in 0..size[1] {
            for c in 0..size[2] {
                let read = at(from.offset, &from.strides, [a, b, c]);
                let write = at(to.offset, &to.strides, [a, b, c]);
                for d in 0..size[3] {
                    output[write + d * to.strides[3]] = input[read + d * from.strides[3]];
                }
            }
        }
    }
}
