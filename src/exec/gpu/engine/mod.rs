//! Carries recordings out through wgpu: natively on Vulkan, in a page on the browser's WebGPU.
//!
//! This folder is the only place of the project that names wgpu.

mod pipelines;
mod trouble;
mod tune;

use std::collections::HashMap;

use pipelines::{Compiling, Pipelines};
use trouble::{Scopes, Trouble};

use crate::exec::gpu::record::{Bound, Dispatch, GpuLimits, Recording, Transfer, record};
use crate::exec::gpu::signal::Signal;
use crate::exec::gpu::tiling::{Tile, Tiling};
use crate::exec::{
    ExecError, ParamSource, Progress, Stage, Watch, check, check_inputs, read_param, report, step_name,
};
use crate::plan::Plan;

/// Uploaded bytes after which the engine waits for the device, so that staging copies do not pile up.
const UPLOAD_BATCH: usize = 32 << 20;

/// What is known of the adapter in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterFacts {
    /// The driver's name for it; in a browser the empty string, because wgpu does not pass it on.
    pub name: String,
    /// The API behind it: `vulkan`, `webgpu`.
    pub backend: String,
    /// Whether it is a software (fallback) adapter, which computes on the CPU.
    pub software: bool,
}

/// A WebGPU device, with the pipelines compiled for it so far.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    facts: AdapterFacts,
    trouble: Trouble,
    pipelines: Pipelines,
    tiling: Tiling,
}

/// A model on the device: weights, activation buffers, and the prepared launches.
pub struct Network {
    inputs: Vec<(Transfer, wgpu::Buffer)>,
    outputs: Vec<(Transfer, wgpu::Buffer)>,
    readback: wgpu::Buffer,
    launches: Vec<Launch>,
}

impl Network {
    /// All launches, in order.
    fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>) {
        for launch in &self.launches {
            pass.set_pipeline(&launch.pipeline);
            pass.set_bind_group(0, &launch.bindings, &[]);
            pass.dispatch_workgroups(launch.groups[0], launch.groups[1], 1);
        }
    }
}

/// A dispatch with everything it binds.
struct Launch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 2],
}

impl Gpu {
    /// Asks for the fastest adapter and a device with all that it offers.
    ///
    /// # Errors
    /// [`ExecError::NoDevice`] with the reason.
    pub async fn new() -> Result<Gpu, ExecError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(no_device)?;
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            ..Default::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(no_device)?;
        let trouble = Trouble::watch(&device);
        let facts = facts(&adapter.get_info());
        let tiling =
            if facts.software { Tiling::Always(Tile::Registers8) } else { Tiling::Measured(HashMap::new()) };
        Ok(Gpu { device, queue, facts, trouble, pipelines: Pipelines::default(), tiling })
    }

    /// Cuts convolutions like this from now on, instead of as is best for the adapter.
    pub fn set_tiling(&mut self, tiling: Tiling) {
        self.tiling = tiling;
    }

    /// What is known of the adapter.
    pub fn facts(&self) -> &AdapterFacts {
        &self.facts
    }

    /// What the device offers.
    pub fn limits(&self) -> GpuLimits {
        let limits = self.device.limits();
        GpuLimits {
            buffer: limits.max_buffer_size,
            binding: limits.max_storage_buffer_binding_size,
            workgroups: limits.max_compute_workgroups_per_dimension,
            uniform_alignment: limits.min_uniform_buffer_offset_alignment,
        }
    }

    /// How convolutions are cut, with what has been measured so far.
    pub fn tiling(&self) -> &Tiling {
        &self.tiling
    }

    /// Puts a model on the device: measures on a GPU which tiles are fastest there, has the pipelines
    /// compiled, and meanwhile uploads the parameters as `source` gives them, one in memory at a time;
    /// `watch` is asked before each.
    ///
    /// # Errors
    /// [`ExecError`] for a plan beyond the device's limits or memory, a parameter that cannot be read,
    /// a shader the device refuses, a lost device, or a `watch` that says stop.
    pub async fn load(
        &mut self,
        plan: &Plan,
        source: &mut dyn ParamSource,
        watch: &mut Watch<'_>,
    ) -> Result<Network, ExecError> {
        check(plan)?;
        self.tune(plan).await;
        let recording = record(plan, &self.limits(), &self.tiling)?;
        let buffers = self.allocate(&recording).await?;
        let compiling = self.begin(&recording);
        self.queue.write_buffer(&buffers.uniforms, 0, &recording.uniforms);
        self.upload(plan, source, watch, &buffers.params).await?;
        let pipelines = self.finish(compiling).await?;
        self.prepare(plan, &recording, &pipelines, buffers).await
    }

    /// Tells the device to compile the pipelines of a recording.
    fn begin(&mut self, recording: &Recording) -> Vec<Compiling> {
        recording.pipelines.iter().map(|pipeline| self.pipelines.begin(&self.device, pipeline)).collect()
    }

    /// Waits for the pipelines that [`begin`](Self::begin) began.
    async fn finish(&mut self, compiling: Vec<Compiling>) -> Result<Vec<wgpu::ComputePipeline>, ExecError> {
        let mut pipelines = Vec::with_capacity(compiling.len());
        for pipeline in compiling {
            pipelines.push(self.pipelines.finish(&self.trouble, pipeline).await?);
        }
        Ok(pipelines)
    }

    /// Runs a model on one slice per input; gives one vector per output.
    ///
    /// # Errors
    /// [`ExecError`] for inputs of the wrong number or length, a refused command or a lost device.
    pub async fn run(&self, network: &Network, inputs: &[&[f32]]) -> Result<Vec<Vec<f32>>, ExecError> {
        let ports = network.inputs.iter().map(|(port, _)| (port.name.as_str(), port.elements));
        check_inputs(ports, inputs)?;
        self.trouble.check("an earlier command")?;
        for ((_, buffer), numbers) in network.inputs.iter().zip(inputs) {
            self.queue.write_buffer(buffer, 0, bytemuck::cast_slice(numbers));
        }
        self.queue.submit([self.encode(network)]);
        let results = self.read_back(network).await?;
        self.trouble.check("the run")?;
        Ok(results)
    }

    /// All launches in one pass, then the copies of the outputs.
    fn encode(&self, network: &Network) -> wgpu::CommandBuffer {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        network.dispatch(&mut pass);
        drop(pass);
        for (port, buffer) in &network.outputs {
            let bytes = 4 * port.elements as u64;
            encoder.copy_buffer_to_buffer(buffer, 0, &network.readback, port.offset, bytes);
        }
        encoder.finish()
    }

    /// Makes a buffer readable, once all that was submitted before is done.
    async fn map(&self, buffer: &wgpu::Buffer) -> Result<(), ExecError> {
        let mapped = Signal::new();
        let done = mapped.clone();
        buffer.map_async(wgpu::MapMode::Read, .., move |result| done.send(result));
        self.wait()?;
        mapped.await.map_err(|error| self.trouble.explain("reading the results", &error))
    }

    async fn read_back(&self, network: &Network) -> Result<Vec<Vec<f32>>, ExecError> {
        self.map(&network.readback).await?;
        let numbers = |(port, _): &(Transfer, wgpu::Buffer)| {
            let range = port.offset..port.offset + 4 * port.elements as u64;
            let view = network.readback.get_mapped_range(range);
            view.map(|view| bytemuck::pod_collect_to_vec(&view[..]))
        };
        let results: Result<Vec<_>, _> = network.outputs.iter().map(numbers).collect();
        network.readback.unmap();
        results.map_err(|error| self.trouble.explain("reading the results", &error))
    }

    /// Blocks natively until the device has done all it was given; in a browser the event loop does it.
    fn wait(&self) -> Result<(), ExecError> {
        let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
        waited.map(|_| ()).map_err(|error| self.trouble.explain("waiting for the device", &error))
    }

    /// Waits until the device has done all it was given.
    async fn settle(&self) -> Result<(), ExecError> {
        let finished = Signal::new();
        let done = finished.clone();
        self.queue.submit([]);
        self.queue.on_submitted_work_done(move || done.send(()));
        self.wait()?;
        finished.await;
        self.trouble.check("the upload")
    }

    /// Creates every buffer at once, so that a device too small says so before anything is uploaded.
    async fn allocate(&self, recording: &Recording) -> Result<Buffers, ExecError> {
        use wgpu::BufferUsages as Usage;
        let scopes = Scopes::push(&self.device);
        let storage = |&size: &u64| self.buffer(size, Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
        let buffers = Buffers {
            activations: recording.activations.iter().map(storage).collect(),
            params: recording.params.iter().map(storage).collect(),
            uniforms: self.buffer(recording.uniforms.len().max(16) as u64, Usage::UNIFORM | Usage::COPY_DST),
            readback: self.buffer(recording.readback_bytes().max(16), Usage::MAP_READ | Usage::COPY_DST),
        };
        match scopes.pop().await {
            None => Ok(buffers),
            Some(wgpu::Error::OutOfMemory { .. }) => Err(ExecError::OutOfMemory {
                weights: recording.params.iter().sum(),
                activations: recording.activations.iter().sum(),
            }),
            Some(error) => Err(self.trouble.explain("the buffers", &error)),
        }
    }

    fn buffer(&self, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    async fn upload(
        &self,
        plan: &Plan,
        source: &mut dyn ParamSource,
        watch: &mut Watch<'_>,
        buffers: &[wgpu::Buffer],
    ) -> Result<(), ExecError> {
        let mut waiting = 0;
        for (id, (param, buffer)) in plan.params.iter().zip(buffers).enumerate() {
            let total = plan.params.len();
            report(watch, Progress { stage: Stage::Upload, done: id, total, name: &param.name })?;
            let numbers = read_param(plan, id, source)?;
            self.queue.write_buffer(buffer, 0, bytemuck::cast_slice(&numbers));
            waiting += 4 * numbers.len();
            if waiting >= UPLOAD_BATCH {
                self.settle().await?;
                waiting = 0;
            }
        }
        self.settle().await
    }

    /// Binds the buffers of every dispatch.
    async fn prepare(
        &self,
        plan: &Plan,
        recording: &Recording,
        pipelines: &[wgpu::ComputePipeline],
        buffers: Buffers,
    ) -> Result<Network, ExecError> {
        let mut launches = Vec::with_capacity(recording.dispatches.len());
        let scopes = Scopes::push(&self.device);
        for dispatch in &recording.dispatches {
            let pipeline = pipelines[dispatch.pipeline].clone();
            let bindings = self.bind(dispatch, &pipeline, &buffers, &step_name(&plan.steps[dispatch.step]));
            launches.push(Launch { pipeline, bindings, groups: dispatch.groups });
        }
        if let Some(error) = scopes.pop().await {
            return Err(self.trouble.explain("the bindings", &error));
        }
        let ports = |ports: &[Transfer]| {
            ports.iter().map(|port| (port.clone(), buffers.activations[port.buffer].clone())).collect()
        };
        let (inputs, outputs) = (ports(&recording.inputs), ports(&recording.outputs));
        Ok(Network { inputs, outputs, readback: buffers.readback, launches })
    }

    fn bind(
        &self,
        dispatch: &Dispatch,
        pipeline: &wgpu::ComputePipeline,
        buffers: &Buffers,
        label: &str,
    ) -> wgpu::BindGroup {
        let uniforms = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &buffers.uniforms,
            offset: dispatch.uniforms.start as u64,
            size: wgpu::BufferSize::new(dispatch.uniforms.len() as u64),
        });
        let reads = dispatch.reads.iter().map(|read| match *read {
            Bound::Activation(id) => buffers.activations[id].as_entire_binding(),
            Bound::Param(id) => buffers.params[id].as_entire_binding(),
        });
        let write = buffers.activations[dispatch.write].as_entire_binding();
        let resources = std::iter::once(uniforms).chain(reads).chain([write]).enumerate();
        let entries: Vec<_> = resources
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding: binding as u32, resource })
            .collect();
        let layout = &pipeline.get_bind_group_layout(0);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout,
            entries: &entries,
        })
    }
}

/// The buffers of one model.
#[derive(Clone)]
struct Buffers {
    activations: Vec<wgpu::Buffer>,
    params: Vec<wgpu::Buffer>,
    uniforms: wgpu::Buffer,
    readback: wgpu::Buffer,
}

impl Buffers {
    /// Frees their memory now; a browser would do so some time later.
    fn destroy(&self) {
        let all = self.activations.iter().chain(&self.params).chain([&self.uniforms, &self.readback]);
        all.for_each(wgpu::Buffer::destroy);
    }
}

fn no_device(error: impl std::fmt::Display) -> ExecError {
    ExecError::NoDevice { reason: error.to_string() }
}

fn facts(info: &wgpu::AdapterInfo) -> AdapterFacts {
    AdapterFacts {
        name: info.name.clone(),
        backend: info.backend.to_string(),
        software: info.device_type == wgpu::DeviceType::Cpu,
    }
}
