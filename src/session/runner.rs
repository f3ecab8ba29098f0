//! A prepared model on an executor, ready for one picture after another.

use super::prepare::{Prepared, RunError};
use crate::exec::Watch;
use crate::exec::cpu::{reference, simd};
use crate::exec::gpu::engine::{AdapterFacts, Gpu, Network};

/// Where a person wants a model to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// On a GPU where there is a real one, else on the CPU.
    Auto,
    /// On WebGPU, software adapters included.
    Gpu,
    /// On the CPU.
    Cpu,
    /// On the CPU, by the plain executor that defines what is right.
    Reference,
}

impl Backend {
    /// The backend of that word.
    pub fn named(word: &str) -> Option<Backend> {
        match word {
            "auto" => Some(Backend::Auto),
            "gpu" => Some(Backend::Gpu),
            "cpu" => Some(Backend::Cpu),
            "reference" => Some(Backend::Reference),
            _ => None,
        }
    }
}

/// A model on an executor.
pub struct Runner {
    /// The model.
    pub prepared: Prepared,
    /// Why it runs where it runs, in a sentence.
    pub reason: String,
    engine: Engine,
}

enum Engine {
    Gpu(Box<(Gpu, Network)>),
    Cpu(Box<simd::Network>),
    /// Reads the weights anew in every run.
    Reference,
}

impl Runner {
    /// Chooses an executor and hands it the model.
    ///
    /// # Errors
    /// When there is no GPU and one was asked for, or the executor can't take the model.
    pub async fn new(
        prepared: Prepared,
        backend: Backend,
        watch: &mut Watch<'_>,
    ) -> Result<Runner, RunError> {
        let cpu = |mut prepared: Prepared, reason: &str, watch: &mut Watch<'_>| {
            let network = simd::Network::load(&prepared.plan, &mut *prepared.params, watch)?;
            Ok(Runner { prepared, reason: reason.into(), engine: Engine::Cpu(Box::new(network)) })
        };
        match backend {
            Backend::Cpu => return cpu(prepared, "The CPU was asked for.", watch),
            Backend::Reference => {
                let reason = "The reference executor on the CPU was asked for.".into();
                return Ok(Runner { prepared, reason, engine: Engine::Reference });
            }
            Backend::Auto | Backend::Gpu => {}
        }
        let gpu = match Gpu::new().await {
            Ok(gpu) => gpu,
            Err(error) if backend == Backend::Auto => {
                let reason = format!("There is no WebGPU here ({error}), so the CPU computed it.");
                return cpu(prepared, &reason, watch);
            }
            Err(error) => return Err(error.into()),
        };
        if gpu.facts().software && backend == Backend::Auto {
            let reason = "WebGPU has only a software adapter here, which is slower than the CPU path, so the CPU computed it.";
            return cpu(prepared, reason, watch);
        }
        Runner::on_gpu(prepared, gpu, watch).await
    }

    /// Hands the model to this GPU.
    ///
    /// # Errors
    /// When the GPU can't take the model, or the weights can't be read.
    pub async fn on_gpu(
        mut prepared: Prepared,
        mut gpu: Gpu,
        watch: &mut Watch<'_>,
    ) -> Result<Runner, RunError> {
        let network = gpu.load(&prepared.plan, &mut *prepared.params, watch).await?;
        let reason = if gpu.facts().software {
            "WebGPU was asked for; this adapter is software, which is slow."
        } else {
            "WebGPU computed it on the GPU."
        };
        Ok(Runner { prepared, reason: reason.into(), engine: Engine::Gpu(Box::new((gpu, network))) })
    }

    /// The word for the executor in reports.
    pub fn backend(&self) -> &'static str {
        match self.engine {
            Engine::Gpu(_) => "gpu",
            Engine::Cpu(_) => "cpu",
            Engine::Reference => "reference",
        }
    }

    /// The adapter, on a GPU.
    pub fn adapter(&self) -> Option<&AdapterFacts> {
        match &self.engine {
            Engine::Gpu(engine) => Some(engine.0.facts()),
            Engine::Cpu(_) | Engine::Reference => None,
        }
    }

    /// Runs the model on one tensor per input; gives one vector per output.
    ///
    /// # Errors
    /// When the tensors don't fit, the weights can't be read, or the executor fails or is stopped.
    pub async fn run(&mut self, inputs: &[&[f32]], watch: &mut Watch<'_>) -> Result<Vec<Vec<f32>>, RunError> {
        let outputs = match &mut self.engine {
            Engine::Gpu(engine) => engine.0.run(&engine.1, inputs).await?,
            Engine::Cpu(network) => network.run(inputs, watch)?,
            Engine::Reference => {
                reference::run(&self.prepared.plan, &mut *self.prepared.params, inputs, watch)?
            }
        };
        Ok(outputs)
    }

    /// The tensor for an input: as it is, or turned where the model wants the channels first.
    ///
    /// `shape` includes the batch, which must be the plan's.
    ///
    /// # Errors
    /// When the shape fits neither way.
    pub fn fit(&self, index: usize, shape: &[usize], data: Vec<f32>) -> Result<Vec<f32>, RunError> {
        let wanted = self.prepared.input_shape(index).unwrap_or_default();
        let batch = self.prepared.plan.batch;
        let given = shape.strip_prefix(&[batch]).unwrap_or(shape);
        if given == wanted {
            return Ok(data);
        }
        match (given, wanted) {
            (&[height, width, channels], &[first, rows, columns])
                if [channels, height, width] == [first, rows, columns] =>
            {
                let images = data.chunks_exact((height * width * channels).max(1));
                Ok(images.flat_map(|image| crate::image::channels_first(image, channels)).collect())
            }
            _ => Err(RunError::Input(format!(
                "the model takes a batch of {batch} × {wanted:?}, the input has the shape {shape:?}"
            ))),
        }
    }
}
