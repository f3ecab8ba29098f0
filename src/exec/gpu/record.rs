//! A plan as WebGPU commands, written down and not yet carried out.

use std::collections::HashMap;
use std::ops::Range;

use super::super::{ExecError, check, port_elements, step_name};
use super::lower::{Launch, lower};
use super::shader::{Shader, WORKGROUP};
use super::tiling::Tiling;
use crate::plan::{BufferId, ParamId, Plan, Port};

/// What the device offers; names as in WebGPU.
#[derive(Clone, Copy, Debug)]
pub struct GpuLimits {
    /// `maxBufferSize`, in bytes.
    pub buffer: u64,
    /// `maxStorageBufferBindingSize`, in bytes.
    pub binding: u64,
    /// `maxComputeWorkgroupsPerDimension`.
    pub workgroups: u32,
    /// `minUniformBufferOffsetAlignment`, in bytes.
    pub uniform_alignment: u32,
}

impl Default for GpuLimits {
    /// What every WebGPU device offers, <https://www.w3.org/TR/webgpu/#limits>.
    fn default() -> Self {
        GpuLimits { buffer: 256 << 20, binding: 128 << 20, workgroups: 65535, uniform_alignment: 256 }
    }
}

/// Everything to create once and to launch per run.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Bytes of every activation buffer, by [`BufferId`].
    pub activations: Vec<u64>,
    /// Bytes of every parameter's buffer, by [`ParamId`].
    pub params: Vec<u64>,
    /// The uniforms of all dispatches, each at an aligned offset.
    pub uniforms: Vec<u8>,
    /// The distinct pipelines.
    pub pipelines: Vec<Pipeline>,
    /// The launches, in order.
    pub dispatches: Vec<Dispatch>,
    /// Where the caller's tensors go.
    pub inputs: Vec<Transfer>,
    /// Where the results are, in the activation buffers and in the read-back buffer.
    pub outputs: Vec<Transfer>,
}

/// A shader with its override constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pipeline {
    /// The shader.
    pub shader: Shader,
    /// Names and values of its `override`s; booleans are 0 and 1.
    pub overrides: Vec<(&'static str, u32)>,
}

/// One launch of a compute shader.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The step of the plan it belongs to.
    pub step: usize,
    /// Index into [`Recording::pipelines`].
    pub pipeline: usize,
    /// Its part of [`Recording::uniforms`], in bytes.
    pub uniforms: Range<usize>,
    /// The storage buffers it reads, as many as [`Shader::reads`] says.
    pub reads: Vec<Bound>,
    /// The activation buffer it writes.
    pub write: BufferId,
    /// Workgroups in x and y. The shaders count through both: `y · groups.x + x`.
    pub groups: [u32; 2],
}

/// A storage buffer that a shader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An activation buffer.
    Activation(BufferId),
    /// A parameter.
    Param(ParamId),
}

/// A tensor that crosses between the caller and the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Layer that the model names for it.
    pub name: String,
    /// The activation buffer.
    pub buffer: BufferId,
    /// Elements, from the beginning of the buffer.
    pub elements: usize,
    /// First byte in the read-back buffer; 0 for inputs.
    pub offset: u64,
}

impl Recording {
    /// Bytes of the buffer that brings the outputs back.
    pub fn readback_bytes(&self) -> u64 {
        self.outputs.last().map_or(0, |last| last.offset + bytes(last.elements))
    }
}

/// Writes down the commands for `plan` on a device with these `limits`, its convolutions cut as `tiling` says.
///
/// # Errors
/// [`ExecError::Plan`] for an inconsistent plan, [`ExecError::TooLarge`] for a tensor or a launch
/// beyond the limits, with the name of the layer or parameter.
pub fn record(plan: &Plan, limits: &GpuLimits, tiling: &Tiling) -> Result<Recording, ExecError> {
    check(plan)?;
    let mut recorder = Recorder { limits, recording: buffers(plan, limits)?, known: HashMap::new() };
    for (index, step) in plan.steps.iter().enumerate() {
        let name = step_name(step);
        for launch in lower(plan, step, tiling, &name)? {
            recorder.dispatch(index, &name, launch)?;
        }
    }
    let recording = recorder.recording;
    within("outputs", "maxBufferSize", "bytes", recording.readback_bytes(), limits.buffer)?;
    Ok(recording)
}

/// Sizes of all buffers, each checked against the limits.
fn buffers(plan: &Plan, limits: &GpuLimits) -> Result<Recording, ExecError> {
    let activations: Vec<u64> = plan.buffers.iter().map(|&elements| bytes(elements)).collect();
    for (buffer, &bytes) in activations.iter().enumerate() {
        fits(&owner(plan, buffer), bytes, limits)?;
    }
    let params: Vec<u64> = plan.params.iter().map(|param| bytes(param.shape.iter().product())).collect();
    for (param, &bytes) in plan.params.iter().zip(&params) {
        fits(&param.name, bytes, limits)?;
    }
    let inputs = plan.inputs.iter().map(|port| transfer(plan, port, 0)).collect();
    Ok(Recording { activations, params, inputs, outputs: outputs(plan), ..Recording::default() })
}

fn outputs(plan: &Plan) -> Vec<Transfer> {
    let mut offset = 0;
    let place = |port| {
        let output = transfer(plan, port, offset);
        offset += bytes(output.elements);
        output
    };
    plan.outputs.iter().map(place).collect()
}

fn transfer(plan: &Plan, port: &Port, offset: u64) -> Transfer {
    let buffer = plan.values[port.value].buffer;
    Transfer { name: port.name.clone(), buffer, elements: port_elements(plan, port), offset }
}

/// Bytes of a buffer: whole `vec4<f32>`s, at least one, so that a shader may view it as such.
fn bytes(elements: usize) -> u64 {
    (elements as u64).max(1).div_ceil(4) * 16
}

/// The layer whose output needs the most of a buffer, for messages.
fn owner(plan: &Plan, buffer: BufferId) -> String {
    let inputs = plan.inputs.iter().map(|port| (port.value, port.name.clone()));
    let steps = plan.steps.iter().map(|step| (step.output, step_name(step)));
    let inside = inputs.chain(steps).filter(|(value, _)| plan.values[*value].buffer == buffer);
    let size = |value: usize| plan.values[value].shape.iter().product::<usize>();
    inside.max_by_key(|(value, _)| size(*value)).map_or_else(|| format!("buffer {buffer}"), |(_, name)| name)
}

fn fits(name: &str, bytes: u64, limits: &GpuLimits) -> Result<(), ExecError> {
    within(name, "maxStorageBufferBindingSize", "bytes", bytes, limits.binding)?;
    within(name, "maxBufferSize", "bytes", bytes, limits.buffer)
}

fn within(
    name: &str,
    limit: &'static str,
    unit: &'static str,
    needed: u64,
    offered: u64,
) -> Result<(), ExecError> {
    if needed <= offered {
        return Ok(());
    }
    Err(ExecError::TooLarge { name: name.to_owned(), limit, unit, needed, offered })
}

struct Recorder<'a> {
    limits: &'a GpuLimits,
    recording: Recording,
    known: HashMap<Pipeline, usize>,
}

impl Recorder<'_> {
    fn dispatch(&mut self, step: usize, name: &str, launch: Launch) -> Result<(), ExecError> {
        if launch.invocations == 0 {
            return Ok(());
        }
        let groups = self.groups(name, launch.invocations.div_ceil(WORKGROUP))?;
        let pipeline = self.pipeline(launch.pipeline);
        let uniforms = self.uniforms(&launch.uniforms);
        let Launch { reads, write, .. } = launch;
        self.recording.dispatches.push(Dispatch { step, pipeline, uniforms, reads, write, groups });
        Ok(())
    }

    /// Spreads workgroups over two dimensions where one does not hold them.
    fn groups(&self, name: &str, groups: u64) -> Result<[u32; 2], ExecError> {
        let most = u64::from(self.limits.workgroups);
        within(name, "maxComputeWorkgroupsPerDimension", "workgroups", groups.div_ceil(most), most)?;
        let across = groups.min(most);
        Ok([across as u32, groups.div_ceil(across) as u32])
    }

    fn pipeline(&mut self, pipeline: Pipeline) -> usize {
        let pipelines = &mut self.recording.pipelines;
        *self.known.entry(pipeline.clone()).or_insert_with(|| {
            pipelines.push(pipeline);
            pipelines.len() - 1
        })
    }

    /// Appends the bytes of a uniform struct at the next aligned offset.
    fn uniforms(&mut self, bytes: &[u8]) -> Range<usize> {
        let all = &mut self.recording.uniforms;
        let start = all.len().next_multiple_of(self.limits.uniform_alignment as usize);
        all.resize(start, 0);
        all.extend_from_slice(bytes);
        start..all.len()
    }
}
