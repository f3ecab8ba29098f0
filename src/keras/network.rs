//! The graph of layers that a Keras file describes, the same for every era.

use super::config::Config;

/// A model, or a model used as a layer of another.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// `Functional`, `Model` or `Sequential`, as written in the file.
    pub class: String,
    /// Every layer, in the order of the file. A Sequential model is wired up like a functional one.
    pub layers: Vec<Layer>,
    /// What the caller supplies, one input layer each.
    pub inputs: Vec<TensorRef>,
    /// What the caller gets.
    pub outputs: Vec<TensorRef>,
}

/// What Keras calls a model that has a list of layers; `Graph` until 0.3.
pub const MODEL_CLASSES: [&str; 4] = ["Functional", "Model", "Sequential", "Graph"];

/// A layer, called once or, when shared, several times.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its name, unique within its network.
    pub name: String,
    /// Canonical class name: Keras 2's, without package prefixes (`Conv2D`, also for Keras 1's `Convolution2D`).
    pub class: String,
    /// Class name as the file has it.
    pub written_class: String,
    /// Whether it is one of Keras 3's operations (`x / 255`), which only a `.keras` can hold.
    pub is_operation: bool,
    /// Its arguments under Keras 2's names.
    pub config: Config,
    /// The network inside, for a nested model.
    pub inner: Option<Box<Network>>,
    /// Its calls, one per node.
    pub calls: Vec<Call>,
}

/// One call of a layer.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What it is called on; empty for an input layer.
    pub inputs: Vec<TensorRef>,
}

/// An output of a call of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorRef {
    /// Index into [`Network::layers`].
    pub layer: usize,
    /// Index into the layer's calls.
    pub call: usize,
    /// Which of the call's outputs.
    pub tensor: usize,
}

impl Network {
    /// Every layer of this network and of those inside it, with its path (`resnet50/conv1_conv`), depth first.
    pub fn walk(&self) -> Vec<(String, &Layer)> {
        let mut out = Vec::new();
        walk(self, "", &mut out);
        out
    }
}

fn walk<'n>(network: &'n Network, prefix: &str, out: &mut Vec<(String, &'n Layer)>) {
    for layer in &network.layers {
        let path = format!("{prefix}{}", layer.name);
        if let Some(inner) = &layer.inner {
            let deeper = format!("{path}/");
            out.push((path, layer));
            walk(inner, &deeper, out);
        } else {
            out.push((path, layer));
        }
    }
}
