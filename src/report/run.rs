//! The JSON and the text of one prediction.

use serde::Serialize;

use super::SCHEMA;
use super::terminal::Lines;

/// What running a model on one input gave. Serialised, it is the JSON of `run`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// `gpu`, `cpu` or `reference`.
    pub backend: &'static str,
    /// The adapter, on a GPU.
    pub adapter: Option<Adapter>,
    /// Why it ran there.
    pub backend_reason: String,
    /// How the picture was prepared; absent for a tensor, which is used as it is.
    pub preprocess: Option<&'static str>,
    /// Every output of the model.
    pub outputs: Vec<Output>,
    /// The likeliest classes, when the first output is one row of numbers.
    pub top: Vec<Class>,
    /// How long it took, in milliseconds.
    pub millis: Millis,
}

/// A GPU, or what stands for one.
#[derive(Clone, Debug, Serialize)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// Whether it computes on the CPU.
    pub software: bool,
}

/// An output of the model.
#[derive(Clone, Debug, Serialize)]
pub struct Output {
    /// Layer it comes from.
    pub name: String,
    /// Its shape, the batch first.
    pub shape: Vec<usize>,
    /// Its numbers, row-major; `null` for NaN and infinities.
    pub data: Vec<f32>,
}

/// A class and its probability.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    /// Its index.
    pub index: usize,
    /// Its name, where known.
    pub label: Option<String>,
    /// How likely the model thinks it; `null` for NaN.
    pub probability: f32,
}

/// Milliseconds by stage.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Millis {
    /// Reading the file's structure.
    pub read: f64,
    /// Planning, which is part of opening.
    pub plan: f64,
    /// Compiling shaders and uploading weights.
    pub upload: f64,
    /// Computing.
    pub run: f64,
}

impl RunReport {
    /// The schema's version, for those who build one.
    pub const SCHEMA: u32 = SCHEMA;

    /// The JSON that scripts and the page read.
    pub fn json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|error| format!("{{\"schema\":{SCHEMA},\"error\":\"{error}\"}}"))
    }

    /// The report for a terminal.
    pub fn text(&self) -> String {
        let mut out = Lines::default();
        for class in &self.top {
            let label = class.label.clone().unwrap_or_else(|| format!("class {}", class.index));
            out.line(&format!("{:7.3} %  {label}", 100.0 * class.probability));
        }
        if self.top.is_empty() {
            self.outputs.iter().for_each(|output| out.line(&format!("{}: {:?}", output.name, output.shape)));
        }
        let device = self
            .adapter
            .as_ref()
            .map_or(self.backend.to_string(), |a| format!("{} ({})", self.backend, a.name));
        let how = self.preprocess.map_or(String::new(), |mode| format!(", preprocessed as {mode}"));
        out.line(&format!("{device}{how}, {:.0} ms. {}", self.millis.run, self.backend_reason));
        out.text()
    }
}
