//! Plans of several steps: shared buffers, several inputs and outputs.

use super::{Builder, Case, noise};
use resnet_verifier::plan::{Activation, Combine, CombineKind, Kernel, Map, Plan};

pub fn cases() -> Vec<Case> {
    vec![ping_pong(), two_in_three_out(), reshaped(), no_steps()]
}

fn scale_by(builder: &mut Builder, input: usize, factor: f32) -> usize {
    let scale = builder.param(&[3], vec![factor; 3]);
    let offset = builder.param(&[3], vec![1.0; 3]);
    let map = Map { elements: 6, channels: 3, affine: Some((scale, offset)), activation: Activation::Linear };
    builder.step(Kernel::Map(map), &[input], &[2, 3])
}

fn buffer_of(plan: &Plan, value: usize) -> usize {
    plan.values[value].buffer
}

/// Four steps that write two buffers in turn.
fn ping_pong() -> Case {
    let numbers = noise(6, 40);
    let expected = numbers
        .iter()
        .map(|&x| (((f64::from(x) * 2.0 + 1.0) * 3.0 + 1.0) * -2.0 + 1.0) * 0.5 + 1.0)
        .collect();
    let mut builder = Builder::default();
    let mut value = builder.input(&[2, 3], numbers);
    let mut written = Vec::new();
    for factor in [2.0, 3.0, -2.0, 0.5] {
        value = scale_by(&mut builder, value, factor);
        written.push(value);
    }
    for turn in [2, 3] {
        let buffer = buffer_of(&builder.plan, written[turn - 2]);
        builder.plan.values[written[turn]].buffer = buffer;
    }
    builder.output(value);
    builder.case("chain, two buffers in turn", vec![expected])
}

/// The sum, one of the inputs as it is, and an intermediate value, each an output of its own.
fn two_in_three_out() -> Case {
    let (a, b) = (noise(6, 41), noise(6, 42));
    let doubled: Vec<f64> = a.iter().map(|&x| f64::from(x) * 2.0 + 1.0).collect();
    let sum = doubled.iter().zip(&b).map(|(x, &y)| x + f64::from(y)).collect();
    let passed = b.iter().map(|&x| f64::from(x)).collect();
    let mut builder = Builder::default();
    let first = builder.input(&[2, 3], a);
    let second = builder.input(&[2, 3], b);
    let middle = scale_by(&mut builder, first, 2.0);
    let add = Combine {
        kind: CombineKind::Add,
        shape: [1, 1, 2, 3],
        strides: vec![[0, 0, 3, 1]; 2],
        activation: Activation::Linear,
    };
    let last = builder.step(Kernel::Combine(add), &[middle, second], &[2, 3]);
    for value in [last, second, middle] {
        builder.output(value);
    }
    builder.case("chain, two inputs and three outputs", vec![sum, passed, doubled])
}

/// A reshaped value shares its buffer, which is longer than it needs.
fn reshaped() -> Case {
    let numbers = noise(6, 43);
    let expected = numbers.iter().map(|&x| (f64::from(x) * 2.0 + 1.0) * 3.0 + 1.0).collect();
    let mut builder = Builder::default();
    let input = builder.input(&[2, 3], numbers);
    let first = scale_by(&mut builder, input, 2.0);
    let flat = builder.value(&[6]);
    builder.plan.values[flat].buffer = buffer_of(&builder.plan, first);
    builder.plan.buffers[first] = 11;
    let output = scale_by(&mut builder, flat, 3.0);
    builder.output(output);
    builder.case("chain, a reshaped value in a long buffer", vec![expected])
}

/// A model whose output is its input.
fn no_steps() -> Case {
    let numbers = noise(5, 44);
    let expected = numbers.iter().map(|&x| f64::from(x)).collect();
    let mut builder = Builder::default();
    let value = builder.input(&[1, 5], numbers);
    builder.output(value);
    builder.case("chain, no steps", vec![expected])
}
