//! One table of small plans, with what they must give, for every executor.
//!
//! The expected values come from `oracle`, written independently of the executors: straightforward
//! loops in `f64`, or values known in closed form.

mod chains;
mod convolutions;
mod elementwise;
mod moves;
mod oracle;
mod pools;

use resnet_verifier::exec::ParamSource;
use resnet_verifier::plan::{Kernel, Param, ParamId, Plan, Port, Recipe, Step, Value};

/// A plan with its numbers and what it must give.
pub struct Case {
    /// What it tries.
    pub name: String,
    /// The plan.
    pub plan: Plan,
    /// Numbers of every parameter.
    pub params: Vec<Vec<f32>>,
    /// One tensor per input.
    pub inputs: Vec<Vec<f32>>,
    /// One tensor per output.
    pub expected: Vec<Vec<f64>>,
}

/// Every case.
pub fn all() -> Vec<Case> {
    [convolutions::cases(), pools::cases(), elementwise::cases(), moves::cases(), chains::cases()]
        .into_iter()
        .flatten()
        .collect()
}

impl Case {
    /// The inputs as executors take them.
    pub fn input_slices(&self) -> Vec<&[f32]> {
        self.inputs.iter().map(Vec::as_slice).collect()
    }

    /// The parameters as executors take them.
    pub fn source(&self) -> impl ParamSource + '_ {
        |id: ParamId, _: &Param| Ok(self.params[id].clone())
    }

    /// Compares outputs with the expectation: the difference may be `tolerance` times the largest magnitude.
    pub fn compare(&self, outputs: &[Vec<f32>], tolerance: f64) -> Result<(), String> {
        if outputs.len() != self.expected.len() {
            return Err(format!(
                "{}: {} outputs, expected {}",
                self.name,
                outputs.len(),
                self.expected.len()
            ));
        }
        let pairs = outputs.iter().zip(&self.expected);
        pairs.enumerate().try_for_each(|(index, (found, expected))| {
            compare(found, expected, tolerance)
                .map_err(|reason| format!("{} output {index}: {reason}", self.name))
        })
    }
}

fn compare(found: &[f32], expected: &[f64], tolerance: f64) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("{} numbers, expected {}", found.len(), expected.len()));
    }
    let largest = expected.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let difference = (f64::from(found) - expected).abs();
        if difference.is_nan() || difference > tolerance * largest {
            return Err(format!("[{index}] is {found}, expected {expected} (largest {largest})"));
        }
    }
    Ok(())
}

/// Builds a plan step by step; every value gets a buffer of its own.
#[derive(Default)]
struct Builder {
    plan: Plan,
    params: Vec<Vec<f32>>,
    inputs: Vec<Vec<f32>>,
}

impl Builder {
    fn value(&mut self, shape: &[usize]) -> usize {
        self.plan.buffers.push(shape.iter().product());
        self.plan.values.push(Value { shape: shape.to_vec(), buffer: self.plan.buffers.len() - 1 });
        self.plan.values.len() - 1
    }

    fn input(&mut self, shape: &[usize], numbers: Vec<f32>) -> usize {
        let value = self.value(shape);
        self.plan.inputs.push(Port { name: format!("input_{}", self.inputs.len()), value });
        self.inputs.push(numbers);
        value
    }

    fn param(&mut self, shape: &[usize], numbers: Vec<f32>) -> usize {
        let name = format!("param_{}", self.params.len());
        self.plan.params.push(Param { name, shape: shape.to_vec(), recipe: Recipe::Values(vec![]) });
        self.params.push(numbers);
        self.params.len() - 1
    }

    fn step(&mut self, kernel: Kernel, inputs: &[usize], shape: &[usize]) -> usize {
        let output = self.value(shape);
        let layers = vec![format!("layer_{}", self.plan.steps.len())];
        self.plan.steps.push(Step { layers, kernel, inputs: inputs.to_vec(), output });
        output
    }

    fn output(&mut self, value: usize) {
        self.plan.outputs.push(Port { name: format!("output_{}", self.plan.outputs.len()), value });
    }

    fn case(self, name: &str, expected: Vec<Vec<f64>>) -> Case {
        Case { name: name.to_owned(), plan: self.plan, params: self.params, inputs: self.inputs, expected }
    }
}

/// A case of a single step without parameters.
fn single(
    name: &str,
    kernel: Kernel,
    inputs: Vec<(Vec<usize>, Vec<f32>)>,
    shape: &[usize],
    expected: Vec<f64>,
) -> Case {
    let mut builder = Builder::default();
    let inputs: Vec<usize> =
        inputs.into_iter().map(|(shape, numbers)| builder.input(&shape, numbers)).collect();
    let output = builder.step(kernel, &inputs, shape);
    builder.output(output);
    builder.case(name, vec![expected])
}

/// Reproducible numbers between −1 and 1; another `seed` gives other numbers.
fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}
