//! Carries recordings out through wgpu: natively on Vulkan, in a page on the browser's WebGPU.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::{
    ExecError, ParamSource, Progress, Stage, Watch, check_inputs, read_param, report, step_name,
};
use super::record::{Bound, Dispatch, GpuLimits, Pipeline, Recording, Transfer, record};
use super::shader::Shader;
use super::signal::Signal;
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
    pipelines: HashMap<Pipeline, wgpu::ComputePipeline>,
    modules: HashMap<Shader, wgpu::ShaderModule>,
}

/// A model on the device: weights, activation buffers, and the prepared launches.
pub struct Network {
    inputs: Vec<(Transfer, wgpu::Buffer)>,
    outputs: Vec<(Transfer, wgpu::Buffer)>,
    readback: wgpu::Buffer,
    launches: Vec<Launch>,
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
            ..Default::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(no_device)?;
        let trouble = Trouble::watch(&device);
        let facts = facts(&adapter.get_info());
        Ok(Gpu {
            device,
            queue,
            facts,
            trouble,
            pipelines: HashMap::new(),
            modules: HashMap::new(),
        })
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

    /// Puts a model on the device: compiles its pipelines, then uploads its parameters as `source` gives
    /// them, one in memory at a time; `watch` is asked before each.
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
        let recording = record(plan, &self.limits())?;
        for pipeline in &recording.pipelines {
            self.compile(pipeline).await?;
        }
        let buffers = self.allocate(&recording).await?;
        self.queue.write_buffer(&buffers.uniforms, 0, &recording.uniforms);
        self.upload(plan, source, watch, &buffers.params).await?;
        self.prepare(plan, &recording, buffers).await
    }

    /// Runs a model on one slice per input; gives one vector per output.
    ///
    /// # Errors
    /// [`ExecError`] for inputs of the wrong number or length, a refused command or a lost device.
    pub async fn run(&self, network: &Network, inputs: &[&[f32]]) -> Result<Vec<Vec<f32>>, ExecError> {
        let ports = network
            .inputs
            .iter()
            .map(|(port, _)| (port.name.as_str(), port.elements));
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
        for launch in &network.launches {
            pass.set_pipeline(&launch.pipeline);
            pass.set_bind_group(0, &launch.bindings, &[]);
            pass.dispatch_workgroups(launch.groups[0], launch.groups[1], 1);
        }
        drop(pass);
        for (port, buffer) in &network.outputs {
            let bytes = 4 * port.elements as u64;
            encoder.copy_buffer_to_buffer(buffer, 0, &network.readback, port.offset, bytes);
        }
        encoder.finish()
    }

    async fn read_back(&self, network: &Network) -> Result<Vec<Vec<f32>>, ExecError> {
        let mapped = Signal::new();
        let done = mapped.clone();
        network
            .readback
            .map_async(wgpu::MapMode::Read, .., move |result| done.send(result));
        self.wait()?;
        mapped
            .await
            .map_err(|error| self.trouble.explain("reading the results", &error))?;
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
        waited
            .map(|_| ())
            .map_err(|error| self.trouble.explain("waiting for the device", &error))
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

    /// Compiles a pipeline unless it is known.
    async fn compile(&mut self, pipeline: &Pipeline) -> Result<(), ExecError> {
        if self.pipelines.contains_key(pipeline) {
            return Ok(());
        }
        let scopes = Scopes::push(&self.device);
        let compiled = self.create_pipeline(pipeline);
        if let Some(error) = scopes.pop().await {
            self.modules.remove(&pipeline.shader);
            let what = format!("the shader {}", pipeline.shader.name());
            return Err(self.trouble.explain(&what, &error));
        }
        self.pipelines.insert(pipeline.clone(), compiled);
        Ok(())
    }

    fn create_pipeline(&mut self, pipeline: &Pipeline) -> wgpu::ComputePipeline {
        let label = Some(pipeline.shader.name());
        let module = self.modules.entry(pipeline.shader).or_insert_with(|| {
            let source = wgpu::ShaderSource::Wgsl(pipeline.shader.source().into());
            self.device
                .create_shader_module(wgpu::ShaderModuleDescriptor { label, source })
        });
        let bindings = bind_group_layout(&self.device, pipeline.shader);
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label,
                bind_group_layouts: &[Some(&bindings)],
                ..Default::default()
            });
        let constants: Vec<(&str, f64)> = pipeline
            .overrides
            .iter()
            .map(|&(name, value)| (name, f64::from(value)))
            .collect();
        self.device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label,
                layout: Some(&layout),
                module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: &constants,
                    ..Default::default()
                },
                cache: None,
            })
    }

    /// Creates every buffer at once, so that a device too small says so before anything is uploaded.
    async fn allocate(&self, recording: &Recording) -> Result<Buffers, ExecError> {
        use wgpu::BufferUsages as Usage;
        let scopes = Scopes::push(&self.device);
        let storage = |&size: &u64| self.buffer(size, Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
        let buffers = Buffers {
            activations: recording.activations.iter().map(storage).collect(),
            params: recording.params.iter().map(storage).collect(),
            uniforms: self.buffer(
                recording.uniforms.len().max(16) as u64,
                Usage::UNIFORM | Usage::COPY_DST,
            ),
            readback: self.buffer(
                recording.readback_bytes().max(16),
                Usage::MAP_READ | Usage::COPY_DST,
            ),
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
            report(
                watch,
                Progress {
                    stage: Stage::Upload,
                    done: id,
                    total,
                    name: &param.name,
                },
            )?;
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
        buffers: Buffers,
    ) -> Result<Network, ExecError> {
        let mut launches = Vec::with_capacity(recording.dispatches.len());
        let scopes = Scopes::push(&self.device);
        for dispatch in &recording.dispatches {
            let pipeline = self.pipelines[&recording.pipelines[dispatch.pipeline]].clone();
            let bindings = self.bind(
                dispatch,
                &pipeline,
                &buffers,
                &step_name(&plan.steps[dispatch.step]),
            );
            launches.push(Launch {
                pipeline,
                bindings,
                groups: dispatch.groups,
            });
        }
        if let Some(error) = scopes.pop().await {
            return Err(self.trouble.explain("the bindings", &error));
        }
        let ports = |ports: &[Transfer]| {
            ports
                .iter()
                .map(|port| (port.clone(), buffers.activations[port.buffer].clone()))
                .collect()
        };
        let (inputs, outputs) = (ports(&recording.inputs), ports(&recording.outputs));
        Ok(Network {
            inputs,
            outputs,
            readback: buffers.readback,
            launches,
        })
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
            .map(|(binding, resource)| wgpu::BindGroupEntry {
                binding: binding as u32,
                resource,
            })
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
struct Buffers {
    activations: Vec<wgpu::Buffer>,
    params: Vec<wgpu::Buffer>,
    uniforms: wgpu::Buffer,
    readback: wgpu::Buffer,
}

fn no_device(error: impl std::fmt::Display) -> ExecError {
    ExecError::NoDevice {
        reason: error.to_string(),
    }
}

fn facts(info: &wgpu::AdapterInfo) -> AdapterFacts {
    AdapterFacts {
        name: info.name.clone(),
        backend: info.backend.to_string(),
        software: info.device_type == wgpu::DeviceType::Cpu,
    }
}

/// The layout all shaders share: uniforms, the buffers read, the buffer written.
fn bind_group_layout(device: &wgpu::Device, shader: Shader) -> wgpu::BindGroupLayout {
    let last = shader.reads() as u32 + 1;
    let entry = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match binding {
                0 => wgpu::BufferBindingType::Uniform,
                _ => wgpu::BufferBindingType::Storage {
                    read_only: binding != last,
                },
            },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    let entries: Vec<_> = (0..=last).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: None,
        entries: &entries,
    })
}

/// The three error scopes around a group of commands.
struct Scopes([wgpu::ErrorScopeGuard; 3]);

impl Scopes {
    fn push(device: &wgpu::Device) -> Scopes {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        Scopes([Validation, Internal, OutOfMemory].map(|filter| device.push_error_scope(filter)))
    }

    /// The first error of the commands since the push, the lack of memory before all others.
    async fn pop(self) -> Option<wgpu::Error> {
        let [validation, internal, memory] = self.0;
        // The scopes are a stack: all are popped before the first answer is awaited.
        let (memory, internal, validation) = (memory.pop(), internal.pop(), validation.pop());
        let (memory, internal, validation) = (memory.await, internal.await, validation.await);
        memory.or(internal).or(validation)
    }
}

/// What went wrong on the device outside any error scope; the first of each kind.
#[derive(Clone, Default)]
struct Trouble {
    lost: Arc<Mutex<Option<String>>>,
    refused: Arc<Mutex<Option<String>>>,
}

impl Trouble {
    fn watch(device: &wgpu::Device) -> Trouble {
        let trouble = Trouble::default();
        let (lost, refused) = (trouble.lost.clone(), trouble.refused.clone());
        device.set_device_lost_callback(move |reason, message| {
            keep_first(&lost, format!("{message} ({reason:?})"));
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            keep_first(&refused, error.to_string())
        }));
        trouble
    }

    /// An error if the device is lost, or has refused a command since the last check.
    fn check(&self, what: &str) -> Result<(), ExecError> {
        if let Some(reason) = locked(&self.lost).clone() {
            return Err(ExecError::DeviceLost { reason });
        }
        match locked(&self.refused).take() {
            Some(reason) => Err(ExecError::Refused {
                what: what.to_owned(),
                reason,
            }),
            None => Ok(()),
        }
    }

    /// The error for `what`: the cause noted before it if there is one, else `error` itself.
    fn explain(&self, what: &str, error: &dyn std::fmt::Display) -> ExecError {
        let refused = ExecError::Refused {
            what: what.to_owned(),
            reason: error.to_string(),
        };
        self.check(what).err().unwrap_or(refused)
    }
}

fn keep_first(slot: &Mutex<Option<String>>, message: String) {
    locked(slot).get_or_insert(message);
}

fn locked<T>(slot: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
