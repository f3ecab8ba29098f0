//! Running a [`Plan`](crate::plan::Plan): a plain CPU reference, and WebGPU.
//!
//! Both executors take the same plan, read the parameters one at a time from a [`ParamSource`],
//! report to a [`Watch`], and fail with an [`ExecError`] that names the layer.

mod check;
mod error;
pub mod cpu;
pub mod gpu;

pub use check::check;
pub use error::ExecError;

use crate::plan::{Param, ParamId, Plan, Port, Step};

/// Where the numbers of the parameters come from, one tensor at a time.
///
/// Any `FnMut(ParamId, &Param) -> Result<Vec<f32>, String>` is one.
pub trait ParamSource {
    /// The numbers of `param`, row-major in `param.shape`.
    ///
    /// # Errors
    /// Why they cannot be had, in words for the user; the executor adds the name of the parameter.
    fn read(&mut self, id: ParamId, param: &Param) -> Result<Vec<f32>, String>;
}

impl<F> ParamSource for F
where
    F: FnMut(ParamId, &Param) -> Result<Vec<f32>, String>,
{
    fn read(&mut self, id: ParamId, param: &Param) -> Result<Vec<f32>, String> {
        self(id, param)
    }
}

/// What an executor is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading parameters and handing them to the device.
    Upload,
    /// Computing.
    Run,
}

/// How far an executor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What it is busy with.
    pub stage: Stage,
    /// Parameters or steps finished.
    pub done: usize,
    /// Parameters or steps in all.
    pub total: usize,
    /// The parameter, or the layers of the step, that comes next.
    pub name: &'a str,
}

/// Told about progress; `false` stops the executor with [`ExecError::Cancelled`].
pub type Watch<'a> = dyn FnMut(Progress<'_>) -> bool + 'a;

/// Reports to `watch` and turns its refusal into an error.
fn report(watch: &mut Watch<'_>, progress: Progress<'_>) -> Result<(), ExecError> {
    if watch(progress) { Ok(()) } else { Err(ExecError::Cancelled) }
}

/// Reads one parameter and compares its length with the plan's shape.
fn read_param(plan: &Plan, id: ParamId, source: &mut dyn ParamSource) -> Result<Vec<f32>, ExecError> {
    let param = &plan.params[id];
    let numbers =
        source.read(id, param).map_err(|reason| ExecError::Param { param: param.name.clone(), reason })?;
    let expected = param.shape.iter().product::<usize>();
    if numbers.len() != expected {
        let reason =
            format!("expected {expected} numbers for shape {:?}, found {}", param.shape, numbers.len());
        return Err(ExecError::Param { param: param.name.clone(), reason });
    }
    Ok(numbers)
}

/// Compares the tensors a caller supplies, in the order of `ports`, with the lengths the plan asks for.
fn check_inputs<'a>(
    expected: impl ExactSizeIterator<Item = (&'a str, usize)>,
    inputs: &[&[f32]],
) -> Result<(), ExecError> {
    if expected.len() != inputs.len() {
        return Err(ExecError::InputCount { expected: expected.len(), found: inputs.len() });
    }
    for ((name, length), input) in expected.zip(inputs) {
        if input.len() != length {
            let name = name.to_owned();
            return Err(ExecError::InputLength { name, expected: length, found: input.len() });
        }
    }
    Ok(())
}

/// Elements of the tensor behind a port.
fn port_elements(plan: &Plan, port: &Port) -> usize {
    plan.values[port.value].shape.iter().product()
}

/// The layers of a step as one name for messages.
fn step_name(step: &Step) -> String {
    step.layers.join(" + ")
}
