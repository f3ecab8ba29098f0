//! One prediction, from a picture or a tensor to a report.

use super::prepare::RunError;
use super::runner::Runner;
use crate::exec::Watch;
use crate::image::{Picture, Preparation, Preprocess};
use crate::predict;
use crate::report::{Adapter, Class, Millis, Output, RunReport};
use crate::tensor::npy;

/// What to run a model on.
pub enum Input<'a> {
    /// The bytes of a picture, and how to prepare it.
    Picture(&'a [u8], Preparation),
    /// The bytes of a `.npy` file, used as it is.
    Tensor(&'a [u8]),
}

impl<'a> Input<'a> {
    /// A tensor where the bytes begin like a `.npy` file, else a picture.
    pub fn of_bytes(bytes: &'a [u8], preparation: Preparation) -> Input<'a> {
        if bytes.starts_with(b"\x93NUMPY") {
            Input::Tensor(bytes)
        } else {
            Input::Picture(bytes, preparation)
        }
    }
}

/// Tells the time in milliseconds; the core has no clock of its own.
pub type Clock<'c> = dyn Fn() -> f64 + 'c;

impl Runner {
    /// Predicts for one input.
    ///
    /// # Errors
    /// When the input can't be used, or the executor fails or is stopped.
    pub async fn predict(
        &mut self,
        input: Input<'_>,
        top: usize,
        clock: &Clock<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<RunReport, RunError> {
        let (tensor, preprocess) = self.tensor(input)?;
        let start = clock();
        let results = self.run(&[&tensor], watch).await?;
        let millis = Millis { run: clock() - start, ..Millis::default() };
        let plan = &self.prepared.plan;
        let outputs: Vec<Output> = plan
            .outputs
            .iter()
            .zip(results)
            .map(|(port, data)| Output {
                name: port.name.clone(),
                shape: plan.values[port.value].shape.clone(),
                data,
            })
            .collect();
        Ok(RunReport {
            schema: RunReport::SCHEMA,
            backend: self.backend(),
            adapter: self.adapter().map(|a| Adapter { name: a.name.clone(), software: a.software }),
            backend_reason: self.reason.clone(),
            preprocess: preprocess.map(Preprocess::word),
            top: classes(&outputs, top),
            outputs,
            millis,
        })
    }

    fn tensor(&self, input: Input<'_>) -> Result<(Vec<f32>, Option<Preprocess>), RunError> {
        if self.prepared.plan.inputs.len() != 1 {
            let count = self.prepared.plan.inputs.len();
            return Err(RunError::Input(format!(
                "the model has {count} inputs; only models with one can be run on one picture"
            )));
        }
        match input {
            Input::Tensor(bytes) => {
                let array = npy::parse(bytes)
                    .map_err(|reason| RunError::Input(format!("the .npy file can't be used: {reason}")))?;
                Ok((self.fit(0, &array.shape, array.data)?, None))
            }
            Input::Picture(bytes, Preparation { mode, interpolation }) => {
                let mode = mode.unwrap_or(self.prepared.preprocess);
                let shape = self.prepared.input_shape(0).unwrap_or_default();
                let tensor = Picture::decode(bytes)?.tensor(shape, mode, interpolation)?;
                Ok((tensor, Some(mode)))
            }
        }
    }
}

/// The likeliest classes, when the first output is one row of numbers.
fn classes(outputs: &[Output], count: usize) -> Vec<Class> {
    match outputs.first() {
        Some(output) if output.shape.len() == 2 && output.shape[0] == 1 => predict::top(&output.data, count)
            .into_iter()
            .map(|ranked| Class { index: ranked.index, label: None, probability: ranked.probability })
            .collect(),
        _ => Vec::new(),
    }
}
