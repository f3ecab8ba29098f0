//! `Sequential.from_config`: a stack, which is built anew with every layer that comes on top.

use serde_json::{Map, Value, json};

use super::Keras;
use super::graph::{Functional, Layer, LayerId, Model, Nest, Sequential};
use super::py;
use super::shape::Shape;
use super::values;
use crate::loaders::facts::Kind;
use crate::loaders::{Attempt, Stop, python};

impl Keras<'_> {
    /// `Sequential.from_config`
    pub fn sequential(&mut self, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        let Some(name) = config.get("name").cloned() else { return Err(self.no_name(config)) };
        let shape = config.get("build_input_shape").cloned().unwrap_or(Value::Null);
        let layers = config.get_mut("layers").ok_or_else(|| py::key_error("layers"))?;
        let model = self.empty_stack(&name)?;
        let Value::Array(layers) = layers else {
            py::iterate(layers)?;
            return Err(Stop::unknown("its layers are no list"));
        };
        for layer in layers {
            if !layer.is_object() {
                return Err(not_iterable(layer));
            }
            let made = match layer.get("module") {
                None => self.model_from_config(layer)?,
                Some(_) => self.deserialize_module(layer)?,
            };
            self.add(model, made)?;
        }
        let is_built =
            matches!(&self.layers[model].model, Some(Model::Sequential(stack)) if stack.functional.is_some());
        if !is_built && shape.as_array().is_some_and(|axes| !axes.is_empty()) {
            let shape = values::shape(&shape, self.shape_entry());
            self.build_sequential(model, &shape.unwrap_or(Shape::Any))?;
        }
        Ok(model)
    }

    /// Without a name the config itself is the list of layers, before 3.15.
    fn no_name(&self, config: &Map<String, Value>) -> Stop {
        if self.since([3, 15, 0]) {
            let message = format!(
                "A Sequential model configuration must be a dictionary containing the 'name' and 'layers' keys. Received: \
                 config={}",
                python::dict(config)
            );
            return Stop::raised("ValueError", message);
        }
        match config.keys().next() {
            // Its keys are taken for layers: `"module" in "layers"` is false, and a string is no config.
            Some(_) => Stop::raised("TypeError", "string indices must be integers, not 'str'"),
            None => Stop::unknown("a Sequential of nothing"),
        }
    }

    fn empty_stack(&mut self, name: &Value) -> Attempt<LayerId> {
        let class = self.facts.class(Kind::Layers, "Sequential");
        let class = class.ok_or_else(|| Stop::unknown("there is no Sequential in this runtime's table"))?;
        let name = self.layer_name(class, name)?;
        self.layers.push(Layer {
            name,
            class: Some(class),
            config: Map::new(),
            version: self.runtime.version,
            dtype: ("float32".to_string(), "float32".to_string()),
            spec: None,
            built: false,
            weights: Some(Vec::new()),
            nodes: Vec::new(),
            model: Some(Model::Sequential(Sequential::default())),
        });
        Ok(self.layers.len() - 1)
    }

    fn stack(&mut self, model: LayerId) -> Attempt<&mut Sequential> {
        match &mut self.layers[model].model {
            Some(Model::Sequential(stack)) => Ok(stack),
            Some(Model::Functional(_)) | None => Err(Stop::unknown("it is no Sequential")),
        }
    }

    /// `Sequential.add`
    fn add(&mut self, model: LayerId, layer: LayerId) -> Attempt<()> {
        let is_input = self.layers[layer].is_input();
        let is_first = self.stack(model)?.layers.is_empty();
        if let Some(shape) = self.given_input(layer).filter(|_| is_first && !is_input) {
            let input = self.own_input(&json!({"shape": shape}))?;
            self.add(model, input)?;
        }
        self.check_name(model, layer)?;
        let first = self.stack(model)?.layers.first().copied();
        if let Some(first) = first.filter(|first| is_input && self.layers[*first].is_input()) {
            return Err(self.second_input(model, first));
        }
        self.stack(model)?.layers.push(layer);
        self.rebuild(model)
    }

    /// The shape that a layer says its input has.
    fn given_input(&self, layer: LayerId) -> Option<Value> {
        let given = |name: &str| self.layers[layer].config.get(name).filter(|value| !value.is_null());
        let size = given("input_dim").map(|size| json!([size]));
        size.or_else(|| given("input_shape").cloned())
    }

    /// An InputLayer that the stack makes itself.
    fn own_input(&mut self, config: &Value) -> Attempt<LayerId> {
        let class = self.facts.class(Kind::Layers, "InputLayer");
        let class = class.ok_or_else(|| Stop::unknown("there is no InputLayer in this runtime's table"))?;
        self.construct(class, config.as_object().cloned().unwrap_or_default())
    }

    fn check_name(&mut self, model: LayerId, layer: LayerId) -> Attempt<()> {
        let name = self.layers[layer].name.clone();
        let layers = self.stack(model)?.layers.clone();
        if layers.iter().all(|other| self.layers[*other].name != name || *other == layer) {
            return Ok(());
        }
        let message = format!(
            "All layers added to a Sequential model should have unique names. Name '{name}' is already the name of a layer in \
             this model. Update the `name` argument to pass a unique name."
        );
        Err(Stop::raised("ValueError", message))
    }

    fn second_input(&self, model: LayerId, first: LayerId) -> Stop {
        let shape = self.input_shape(first);
        let message = format!(
            "Sequential model '{}' has already been configured to use input shape {shape}. You cannot add a different Input \
             layer to it.",
            self.layers[model].name
        );
        Stop::raised("ValueError", message)
    }

    fn input_shape(&self, input: LayerId) -> Shape {
        let node = self.layers[input].nodes.first().and_then(|node| self.nodes[*node].outputs.first());
        node.map_or(Shape::Unknown, |tensor| self.tensors[*tensor].shape.clone())
    }

    /// `_maybe_rebuild`
    fn rebuild(&mut self, model: LayerId) -> Attempt<()> {
        self.layers[model].built = false;
        let stack = self.stack(model)?;
        stack.functional = None;
        let (first, several) = (stack.layers.first().copied(), stack.layers.len() > 1);
        let Some(first) = first.filter(|_| several) else { return Ok(()) };
        if self.layers[first].is_input() {
            let shape = self.input_shape(first);
            return self.build_sequential(model, &shape);
        }
        // A model knows its own input's shape, and so builds the stack it is the first of.
        match self.known_input(first).filter(|_| self.since([3, 5, 0])) {
            Some(shape) => self.build_sequential(model, &shape),
            None => Ok(()),
        }
    }

    fn known_input(&self, layer: LayerId) -> Option<Shape> {
        let functional = match &self.layers[layer].model {
            Some(Model::Functional(functional)) => functional,
            Some(Model::Sequential(stack)) => stack.functional.as_ref()?,
            None => return None,
        };
        match &functional.inputs {
            Nest::List(items) if items.len() == 1 => items.first().map(|item| self.shapes(item)),
            inputs => Some(self.shapes(inputs)),
        }
    }

    /// `Sequential.build`
    pub fn build_sequential(&mut self, model: LayerId, shape: &Shape) -> Attempt<()> {
        if shape.axes().is_none() {
            return if shape.is_unknown() { Err(super::shape::unknown()) } else { Ok(()) };
        }
        let name = self.layers[model].name.clone();
        let Some(first) = self.stack(model)?.layers.first().copied() else {
            let message = format!(
                "Sequential model {name} cannot be built because it has no layers. Call `model.add(layer)`."
            );
            return Err(Stop::raised("ValueError", message));
        };
        let shape = Shape::Tuple(shape.items().unwrap_or(&[]).to_vec());
        if self.layers[first].is_input() {
            self.check_shape(&name, first, &shape)?;
        } else {
            let dtype = self.layers[first].dtype.0.clone();
            let axes: Vec<Option<i64>> = shape.axes().unwrap_or_default();
            let input = self.own_input(&json!({"batch_shape": axes, "dtype": dtype}))?;
            self.stack(model)?.layers.insert(0, input);
        }
        self.stack_up(model)
    }

    fn check_shape(&self, name: &str, input: LayerId, shape: &Shape) -> Attempt<()> {
        let own = self.input_shape(input);
        if own == *shape {
            return Ok(());
        }
        let message = format!(
            "Sequential model '{name}' has already been configured to use input shape {own}. You cannot build it with \
             input_shape {shape}"
        );
        Err(Stop::raised("ValueError", message))
    }

    /// Calls every layer on what the one below gives.
    fn stack_up(&mut self, model: LayerId) -> Attempt<()> {
        let layers = self.stack(model)?.layers.clone();
        let Some((first, rest)) = layers.split_first() else { return Ok(()) };
        let input = self.layers[*first].nodes.first().and_then(|node| self.nodes[*node].outputs.first());
        let input = Nest::One(*input.ok_or_else(py::index_error)?);
        let mut top = input.clone();
        for layer in rest {
            top = match self.call(*layer, &[top], &Map::new()) {
                Err(stop) if py::is_raised(&stop, "NotImplementedError") => return Ok(()),
                called => called?,
            };
        }
        let operations = self.map_graph(&input.flat(), &top.flat())?.operations;
        self.auto_name("functional");
        self.stack(model)?.functional = Some(Functional { inputs: input, outputs: top, operations });
        self.layers[model].built = true;
        Ok(())
    }
}

/// `"module" in layer` of what has no items.
fn not_iterable(layer: &Value) -> Stop {
    let message = match layer {
        Value::String(_) | Value::Array(_) => return Stop::unknown("a layer's config is no dictionary"),
        other => format!("argument of type '{}' is not iterable", py::type_name(other)),
    };
    Stop::raised("TypeError", message)
}
