//! Calling layers on tensors: `Layer.__call__`.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Keras;
use super::build;
use super::graph::{Functional, Layer, LayerId, Model, Nest, TensorId};
use super::shape::{self, Shape};
use crate::loaders::runtime::Version;
use crate::loaders::{Attempt, Raised, Stop};

/// Layers whose `call` takes `mask`.
const TAKES_MASK: [&str; 6] =
    ["BatchNormalization", "Functional", "Lambda", "Sequential", "Softmax", "TimeDistributed"];
/// Layers that look at their input's shape themselves, and so refuse a list.
const ONE_INPUT: [&str; 3] = ["Flatten", "Permute", "Reshape"];

impl Keras<'_> {
    /// Calls a layer, which builds it the first time.
    pub fn call(&mut self, layer: LayerId, given: &[Nest], keywords: &Map<String, Value>) -> Attempt<Nest> {
        let Some(first) = given.first() else {
            return Err(Stop::unknown("a layer is called on nothing"));
        };
        let inputs = self.converted(layer, first);
        self.check_keywords(layer, keywords)?;
        self.check_input(layer, &inputs)?;
        if !self.layers[layer].built {
            self.build(layer, &inputs)?;
        }
        let outputs = match self.outputs(layer, &inputs) {
            Ok(outputs) => outputs,
            Err(stop) => return Err(self.with_arguments(stop, layer, &inputs)),
        };
        self.layers[layer].built = true;
        let recorded = if self.since([3, 10, 0]) { first } else { &inputs };
        let rest = given.iter().skip(1).flat_map(Nest::flat);
        let all = recorded.flat().into_iter().chain(rest).collect();
        self.record(layer, all, outputs.flat());
        Ok(outputs)
    }

    /// Turns tensors of another precision into those that the layer computes with.
    fn converted(&mut self, layer: LayerId, inputs: &Nest) -> Nest {
        if self.layers[layer].model.is_some() {
            return inputs.clone();
        }
        let dtype = self.layers[layer].dtype.0.clone();
        let changed: HashMap<TensorId, TensorId> =
            inputs.flat().into_iter().map(|tensor| (tensor, self.cast(tensor, &dtype))).collect();
        inputs.mapped(&mut |tensor| changed.get(&tensor).copied().unwrap_or(tensor))
    }

    fn cast(&mut self, tensor: TensorId, dtype: &str) -> TensorId {
        let found = &self.tensors[tensor];
        let is_float = |name: &str| name.contains("float");
        if found.dtype == dtype || !is_float(&found.dtype) || !is_float(dtype) {
            return tensor;
        }
        if !self.since([3, 5, 0]) {
            self.tensors[tensor].dtype = dtype.to_string();
            return tensor;
        }
        let shape = found.shape.clone();
        let name = self.auto_name("cast");
        let made = self.tensor(shape, dtype, None);
        let version = self.runtime.version;
        self.layers.push(cast_layer(name, dtype, version));
        self.record(self.layers.len() - 1, vec![tensor], vec![made]);
        made
    }

    fn check_keywords(&self, layer: LayerId, keywords: &Map<String, Value>) -> Attempt<()> {
        let class = self.layers[layer].class_name();
        for name in keywords.keys() {
            let taken = match name.as_str() {
                "training" => true,
                "mask" => TAKES_MASK.contains(&class),
                _ => false,
            };
            if !taken
                && build::output_shape(&self.layers[layer], &Shape::Tuple(Vec::new())) != Ok(Shape::Unknown)
            {
                let message = format!("got an unexpected keyword argument '{name}'");
                return Err(Stop::raised("TypeError", message));
            }
            if !taken {
                return Err(Stop::unknown(format!(
                    "what {class} makes of the argument `{name}` isn't known"
                )));
            }
        }
        Ok(())
    }

    /// What a layer gives: tensors of the shapes that it says.
    fn outputs(&mut self, layer: LayerId, inputs: &Nest) -> Attempt<Nest> {
        if let Some(functional) = self.functional(layer) {
            return self.model_outputs(&functional, inputs);
        }
        let (layer, shape) = (&self.layers[layer], self.shapes(inputs));
        if ONE_INPUT.contains(&layer.class_name()) && !matches!(inputs, Nest::One(_)) {
            return Err(Stop::raised("AttributeError", "'list' object has no attribute 'shape'"));
        }
        let dtype = layer.dtype.0.clone();
        let shape = if shape.is_unknown() { Shape::Unknown } else { build::output_shape(layer, &shape)? };
        self.tensors_of(&shape, &dtype)
    }

    /// The graph that a layer is.
    fn functional(&self, layer: LayerId) -> Option<Functional> {
        match &self.layers[layer].model {
            Some(Model::Functional(functional)) => Some(functional.clone()),
            Some(Model::Sequential(stack)) => stack.functional.clone(),
            None => None,
        }
    }

    /// One tensor for a shape, several for shapes in a tuple or list.
    fn tensors_of(&mut self, shape: &Shape, dtype: &str) -> Attempt<Nest> {
        let starts_plain =
            matches!(shape.items().and_then(<[Shape]>::first), Some(Shape::Any | Shape::Axis(_)));
        match shape {
            Shape::Unknown => Ok(Nest::One(self.tensor(Shape::Unknown, dtype, None))),
            Shape::Tuple(_) | Shape::List(_) if starts_plain || shape.is_plain() => {
                let shape = shape::standardized(shape, self.shape_entry())?;
                Ok(Nest::One(self.tensor(shape, dtype, None)))
            }
            Shape::Tuple(items) => {
                let all: Attempt<Vec<Nest>> = items.iter().map(|item| self.tensors_of(item, dtype)).collect();
                all.map(Nest::Tuple)
            }
            Shape::List(items) => {
                let all: Attempt<Vec<Nest>> = items.iter().map(|item| self.tensors_of(item, dtype)).collect();
                all.map(Nest::List)
            }
            Shape::Any | Shape::Axis(_) => {
                shape::standardized(shape, self.shape_entry())?;
                Err(shape::unknown())
            }
        }
    }

    /// What a model gives: as its own outputs where the inputs are as its own, else whatever comes of going through it.
    fn model_outputs(&mut self, functional: &Functional, inputs: &Nest) -> Attempt<Nest> {
        let (own, given) = (functional.inputs.flat(), inputs.flat());
        let pairs = own.iter().zip(&given);
        let is_same =
            pairs.clone().all(|(own, given)| self.tensors[*own].shape == self.tensors[*given].shape);
        let made: HashMap<TensorId, TensorId> = match is_same {
            true => HashMap::new(),
            false => self.run_through(functional, pairs.map(|(own, given)| (*own, *given)).collect())?,
        };
        let mut outputs = functional.outputs.clone();
        let mut fresh = |tensor: TensorId| match made.get(&tensor) {
            Some(made) => *made,
            None => {
                let Shaped { shape, dtype } = self.shaped(tensor);
                self.tensor(shape, &dtype, None)
            }
        };
        outputs = outputs.mapped(&mut fresh);
        Ok(outputs)
    }

    fn shaped(&self, tensor: TensorId) -> Shaped {
        let tensor = &self.tensors[tensor];
        Shaped { shape: tensor.shape.clone(), dtype: tensor.dtype.clone() }
    }

    /// `_run_through_graph`
    fn run_through(
        &mut self,
        functional: &Functional,
        mut made: HashMap<TensorId, TensorId>,
    ) -> Attempt<HashMap<TensorId, TensorId>> {
        let mapped = self.map_graph(&functional.inputs.flat(), &functional.outputs.flat())?;
        for node in mapped.nodes {
            let (layer, inputs, outputs) = {
                let node = &self.nodes[node];
                (node.layer, node.inputs.clone(), node.outputs.clone())
            };
            let given: Option<Vec<TensorId>> =
                inputs.iter().map(|tensor| made.get(tensor).copied()).collect();
            let Some(given) = given.filter(|given| !given.is_empty()) else { continue };
            let nest = match given.as_slice() {
                [one] => Nest::One(*one),
                several => Nest::List(several.iter().map(|tensor| Nest::One(*tensor)).collect()),
            };
            let results = self.outputs(layer, &nest)?.flat();
            made.extend(outputs.into_iter().zip(results));
        }
        Ok(made)
    }

    /// What is put around an exception that comes of the call itself.
    fn with_arguments(&self, stop: Stop, layer: LayerId, inputs: &Nest) -> Stop {
        let Stop::Raised(Raised { exception, message }) = stop else { return stop };
        if message.starts_with("Exception encountered when calling") {
            return Stop::raised(&exception, message);
        }
        let call = format!("{}.call()", self.layers[layer].class_name());
        let shown = match self.shown_nest(inputs) {
            Ok(shown) => shown,
            Err(unknown) => return unknown,
        };
        let keywords = match self.layers[layer].class_name() {
            "BatchNormalization" | "Functional" | "Sequential" | "Softmax" => "{'mask': 'None'}",
            "Dropout" | "SpatialDropout2D" | "GaussianDropout" | "GaussianNoise" => "{'training': 'False'}",
            _ => "<class 'inspect._empty'>",
        };
        let message = format!(
            "Exception encountered when calling {call}.\n\n\u{1b}[1m{message}\u{1b}[0m\n\nArguments received by {call}:\n  \
             • args=({shown},)\n  • kwargs={keywords}"
        );
        Stop::raised(&exception, message)
    }

    fn shown_nest(&self, nest: &Nest) -> Attempt<String> {
        let all = |items: &[Nest]| -> Attempt<String> {
            let shown: Vec<String> =
                items.iter().map(|item| self.shown_nest(item)).collect::<Attempt<_>>()?;
            Ok(shown.join(", "))
        };
        match nest {
            Nest::One(tensor) => Ok(format!("'{}'", self.shown_tensor(*tensor)?)),
            Nest::List(items) => Ok(format!("[{}]", all(items)?)),
            Nest::Tuple(items) => Ok(format!("({})", all(items)?)),
            Nest::Dict(_) => Err(Stop::unknown("its message shows a dictionary of tensors")),
        }
    }
}

/// A tensor's shape and element type.
struct Shaped {
    shape: Shape,
    dtype: String,
}

/// The operation that Keras puts between layers of different precision.
fn cast_layer(name: String, dtype: &str, version: Version) -> Layer {
    Layer {
        name,
        class: None,
        config: Map::new(),
        version,
        dtype: (dtype.to_string(), dtype.to_string()),
        spec: None,
        built: true,
        weights: Some(Vec::new()),
        nodes: Vec::new(),
        model: None,
    }
}
