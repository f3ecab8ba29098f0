//! Compiled shaders, each combination of shader and constants once.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use super::trouble::{Scopes, Trouble};
use crate::exec::ExecError;
use crate::exec::gpu::record::Pipeline;
use crate::exec::gpu::shader::Shader;

/// The pipelines compiled so far on one device.
#[derive(Default)]
pub struct Pipelines {
    ready: HashMap<Pipeline, wgpu::ComputePipeline>,
    modules: HashMap<Shader, wgpu::ShaderModule>,
}

/// A pipeline that has been compiled, or is being compiled behind what the caller does meanwhile.
pub enum Compiling {
    /// It has been compiled before.
    Ready(wgpu::ComputePipeline),
    /// The device has been told to; what it says to it comes later.
    Begun(Pipeline, wgpu::ComputePipeline, Verdict),
}

/// The error of a compilation, if there is one.
type Verdict = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

impl Pipelines {
    /// Tells the device to compile a pipeline, unless it has been before.
    pub fn begin(&mut self, device: &wgpu::Device, pipeline: &Pipeline) -> Compiling {
        if let Some(ready) = self.ready.get(pipeline) {
            return Compiling::Ready(ready.clone());
        }
        let scopes = Scopes::push(device);
        let compiled = self.create(device, pipeline);
        Compiling::Begun(pipeline.clone(), compiled, Box::pin(scopes.pop()))
    }

    /// The pipeline, once the device has said that it is sound.
    ///
    /// # Errors
    /// [`ExecError::Refused`] with the name of the shader, [`ExecError::DeviceLost`].
    pub async fn finish(
        &mut self,
        trouble: &Trouble,
        compiling: Compiling,
    ) -> Result<wgpu::ComputePipeline, ExecError> {
        let (pipeline, compiled, verdict) = match compiling {
            Compiling::Ready(ready) => return Ok(ready),
            Compiling::Begun(pipeline, compiled, verdict) => (pipeline, compiled, verdict),
        };
        if let Some(error) = verdict.await {
            // A module that failed would fail the next pipeline with a message that hides the cause.
            self.modules.remove(&pipeline.shader);
            let what = format!("the shader {}", pipeline.shader.name());
            return Err(trouble.explain(&what, &error));
        }
        self.ready.insert(pipeline, compiled.clone());
        Ok(compiled)
    }

    fn create(&mut self, device: &wgpu::Device, pipeline: &Pipeline) -> wgpu::ComputePipeline {
        let label = Some(pipeline.shader.name());
        let module = self.modules.entry(pipeline.shader).or_insert_with(|| {
            let source = wgpu::ShaderSource::Wgsl(pipeline.shader.source().into());
            device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source })
        });
        let bindings = bind_group_layout(device, pipeline.shader);
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&bindings)],
            ..Default::default()
        });
        let constants: Vec<(&str, f64)> =
            pipeline.overrides.iter().map(|&(name, value)| (name, f64::from(value))).collect();
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
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
                _ => wgpu::BufferBindingType::Storage { read_only: binding != last },
            },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    let entries: Vec<_> = (0..=last).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}
