//! What a running Keras holds: layers, the calls of them, and the tensors between.

use serde_json::{Map, Value};

use super::Keras;
use super::shape::Shape;
use super::spec::Spec;
use crate::loaders::facts::Class;
use crate::loaders::runtime::Version;
use crate::loaders::{Attempt, Stop};

/// Index of a layer.
pub type LayerId = usize;
/// Index of a call.
pub type NodeId = usize;
/// Index of a tensor.
pub type TensorId = usize;

/// A layer, or one of Keras' own operations between layers.
#[derive(Debug)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Its class; none of a cast that Keras puts between layers of different precision.
    pub class: Option<&'static Class>,
    /// What it was made with.
    pub config: Map<String, Value>,
    /// The version of Keras that made it.
    pub version: Version,
    /// The type it computes in, and that of its weights.
    pub dtype: (String, String),
    /// What it expects to be called on.
    pub spec: Option<Spec>,
    /// Whether it has its weights.
    pub built: bool,
    /// The shapes of its weights, where they are known.
    pub weights: Option<Vec<Vec<u64>>>,
    /// The calls of it, in their order.
    pub nodes: Vec<NodeId>,
    /// The model that it is, where it is one.
    pub model: Option<Model>,
}

impl Layer {
    /// The name of its class.
    pub fn class_name(&self) -> &'static str {
        self.class.map_or("Cast", |class| class.name.as_str())
    }

    /// Whether it is an InputLayer.
    pub fn is_input(&self) -> bool {
        self.class_name() == "InputLayer"
    }

    /// An argument: as given, else the class's default, else None.
    pub fn argument(&self, name: &str) -> &Value {
        let default = || self.class.and_then(|class| class.defaults.get(name));
        self.config.get(name).or_else(default).unwrap_or(&Value::Null)
    }

    /// A whole number among its arguments.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.argument(name).as_i64()
    }

    /// An argument that is one number for all axes, or one for each.
    pub fn numbers(&self, name: &str, axes: usize) -> Option<Vec<i64>> {
        match self.argument(name) {
            Value::Array(items) if items.len() == axes => items.iter().map(Value::as_i64).collect(),
            value => value.as_i64().map(|number| vec![number; axes]),
        }
    }

    /// Whether the channels are the first axis behind the batch.
    pub fn channels_first(&self) -> bool {
        self.argument("data_format").as_str() == Some("channels_first")
    }

    /// As `repr()` shows it.
    pub fn shown(&self) -> String {
        let built = if self.built { "True" } else { "False" };
        format!("<{} name={}, built={built}>", self.class_name(), self.name)
    }
}

/// A layer that is a model.
#[derive(Debug)]
pub enum Model {
    /// A graph.
    Functional(Functional),
    /// A stack.
    Sequential(Sequential),
}

/// A model that is a graph.
#[derive(Clone, Debug)]
pub struct Functional {
    /// Its inputs.
    pub inputs: Nest,
    /// Its outputs.
    pub outputs: Nest,
    /// Its layers, and the casts between them, in Keras' order.
    pub operations: Vec<LayerId>,
}

/// A model that is a stack.
#[derive(Clone, Debug, Default)]
pub struct Sequential {
    /// Its layers, an InputLayer that it made itself among them.
    pub layers: Vec<LayerId>,
    /// The graph that it is, once it is built.
    pub functional: Option<Functional>,
}

/// A call of a layer.
#[derive(Debug)]
pub struct Node {
    /// The layer.
    pub layer: LayerId,
    /// What it is called on; nothing of an input.
    pub inputs: Vec<TensorId>,
    /// What it gives.
    pub outputs: Vec<TensorId>,
}

/// A tensor without numbers.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its shape, a tuple.
    pub shape: Shape,
    /// Its element type.
    pub dtype: String,
    /// Its name.
    pub name: String,
    /// What it says of being sparse.
    pub sparse: &'static str,
    /// The call that made it, once it is on record.
    pub source: Option<NodeId>,
}

/// Tensors in lists and dictionaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nest {
    /// A tensor.
    One(TensorId),
    /// A list.
    List(Vec<Nest>),
    /// A dictionary.
    Dict(Vec<(String, Nest)>),
    /// A tuple.
    Tuple(Vec<Nest>),
}

impl Nest {
    /// All tensors in it, in order; those of a dictionary by its keys.
    pub fn flat(&self) -> Vec<TensorId> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all
    }

    fn collect(&self, all: &mut Vec<TensorId>) {
        match self {
            Nest::One(tensor) => all.push(*tensor),
            Nest::List(items) | Nest::Tuple(items) => items.iter().for_each(|item| item.collect(all)),
            Nest::Dict(items) => {
                let mut sorted: Vec<&(String, Nest)> = items.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                sorted.iter().for_each(|(_, item)| item.collect(all));
            }
        }
    }

    /// The same structure with other tensors.
    pub fn mapped(&self, change: &mut impl FnMut(TensorId) -> TensorId) -> Nest {
        match self {
            Nest::One(tensor) => Nest::One(change(*tensor)),
            Nest::List(items) => Nest::List(items.iter().map(|item| item.mapped(change)).collect()),
            Nest::Tuple(items) => Nest::Tuple(items.iter().map(|item| item.mapped(change)).collect()),
            Nest::Dict(items) => {
                Nest::Dict(items.iter().map(|(key, item)| (key.clone(), item.mapped(change))).collect())
            }
        }
    }
}

impl Keras<'_> {
    /// A new tensor; without a name it gets an automatic one.
    pub fn tensor(&mut self, shape: Shape, dtype: &str, name: Option<String>) -> TensorId {
        let name = name.unwrap_or_else(|| self.auto_name("keras_tensor"));
        self.tensors.push(Tensor { shape, dtype: dtype.to_string(), name, sparse: "False", source: None });
        self.tensors.len() - 1
    }

    /// Puts a call on record.
    pub fn record(&mut self, layer: LayerId, inputs: Vec<TensorId>, outputs: Vec<TensorId>) {
        let node = self.nodes.len();
        for output in &outputs {
            self.tensors[*output].source = Some(node);
        }
        self.layers[layer].nodes.push(node);
        self.nodes.push(Node { layer, inputs, outputs });
    }

    /// A tensor as `repr()` shows it.
    pub fn shown_tensor(&self, tensor: TensorId) -> Attempt<String> {
        let tensor = &self.tensors[tensor];
        if tensor.shape.is_unknown() || (!self.sure_of_names && tensor.name.starts_with("keras_tensor")) {
            return Err(Stop::unknown("its message names tensors whose shapes or numbers can't be told"));
        }
        let ragged = if self.since([3, 9, 0]) { " ragged=False," } else { "" };
        let Tensor { shape, dtype, name, sparse, .. } = tensor;
        Ok(format!("<KerasTensor shape={shape}, dtype={dtype}, sparse={sparse},{ragged} name={name}>"))
    }

    /// The shape or shapes of what a layer is called on.
    pub fn shapes(&self, inputs: &Nest) -> Shape {
        match inputs {
            Nest::One(tensor) => self.tensors[*tensor].shape.clone(),
            Nest::List(items) => Shape::List(items.iter().map(|item| self.shapes(item)).collect()),
            Nest::Tuple(items) => Shape::Tuple(items.iter().map(|item| self.shapes(item)).collect()),
            Nest::Dict(_) => Shape::Unknown,
        }
    }
}
