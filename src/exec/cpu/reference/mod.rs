//! The plain executor: the definition of right, which the others are compared with.
//!
//! One file per kernel, named like the WGSL shader that does the same. Sums are taken in `f64`
//! and every output is rounded once, so the order of summation does not show.

pub(super) mod activation;
mod combine;
mod conv2d;
mod conv_grouped;
pub(super) mod copy;
mod map;
pub(super) mod pool;
pub(super) mod resize;
pub(super) mod softmax;

use super::super::{
    ExecError, ParamSource, Progress, Stage, Watch, check, check_inputs, port_elements, read_param, report,
    step_name,
};
use super::memory::Memory;
use crate::plan::{Conv, Kernel, ParamId, Plan};

/// Runs `plan` on `inputs`, one slice per input port, and gives one vector per output port.
///
/// A parameter is read when its step is due and dropped behind it, so at most one step's parameters
/// are in memory; a caller that runs the plan often can keep them in its `source`.
///
/// # Errors
/// [`ExecError`] for inputs of the wrong number or length, an inconsistent plan, a parameter that
/// cannot be read, and a `watch` that says stop, which is asked before every step.
pub fn run(
    plan: &Plan,
    source: &mut dyn ParamSource,
    inputs: &[&[f32]],
    watch: &mut Watch<'_>,
) -> Result<Vec<Vec<f32>>, ExecError> {
    check(plan)?;
    check_inputs(plan.inputs.iter().map(|port| (port.name.as_str(), port_elements(plan, port))), inputs)?;
    let mut memory = Memory::new(plan);
    memory.fill(plan, inputs);
    for (done, step) in plan.steps.iter().enumerate() {
        let name = step_name(step);
        report(watch, Progress { stage: Stage::Run, done, total: plan.steps.len(), name: &name })?;
        memory.with(plan, step, |inputs, output| run_kernel(plan, &step.kernel, source, inputs, output))?;
    }
    Ok(memory.copies(plan, &plan.outputs))
}

fn run_kernel(
    plan: &Plan,
    kernel: &Kernel,
    source: &mut dyn ParamSource,
    inputs: &[&[f32]],
    output: &mut [f32],
) -> Result<(), ExecError> {
    let mut param = |id: ParamId| read_param(plan, id, source);
    match kernel {
        Kernel::Conv(conv) => {
            let weights = Weights { kernel: &param(conv.kernel)?, bias: &param(conv.bias)? };
            run_conv(conv, inputs, &weights, output);
        }
        Kernel::Pool(pool) => pool::run(pool, inputs[0], output),
        Kernel::Map(map) => {
            let affine = map.affine.map(|(scale, offset)| Ok((param(scale)?, param(offset)?))).transpose()?;
            map::run(map, inputs[0], affine.as_ref().map(|(s, o)| (&s[..], &o[..])), output);
        }
        Kernel::Combine(combine) => combine::run(combine, inputs, output),
        Kernel::Softmax(softmax) => softmax::run(softmax, inputs[0], output),
        Kernel::Copy(copy) => copy::run(copy, inputs, output),
        Kernel::Resize(resize) => resize::run(resize, inputs[0], output),
        Kernel::Constant(id) => {
            let numbers = param(*id)?;
            output[..numbers.len()].copy_from_slice(&numbers);
        }
    }
    Ok(())
}

/// The parameters of a convolution, laid out as [`Conv`] says.
struct Weights<'a> {
    kernel: &'a [f32],
    bias: &'a [f32],
}

fn run_conv(conv: &Conv, inputs: &[&[f32]], weights: &Weights<'_>, output: &mut [f32]) {
    let residual = conv.residual.then(|| inputs[1]);
    if conv.groups == 1 {
        conv2d::run(conv, inputs[0], weights, residual, output);
    } else {
        conv_grouped::run(conv, inputs[0], weights, residual, output);
    }
}

/// Where kernel element `tap` of output position `out` reads along one axis; `None` outside the input.
fn position(
    out: usize,
    tap: usize,
    stride: usize,
    dilation: usize,
    padding: usize,
    size: usize,
) -> Option<usize> {
    (out * stride + tap * dilation).checked_sub(padding).filter(|&at| at < size)
}
