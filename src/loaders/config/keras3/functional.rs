//! `functional_from_config`: all layers, then all calls, then inputs and outputs.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::Keras;
use super::graph::{Functional, Layer, LayerId, Model, Nest};
use super::make::missing_several;
use super::modules::shown_class;
use super::py;
use super::replay::Replay;
use crate::loaders::facts::{Class, Kind};
use crate::loaders::runtime::Version;
use crate::loaders::{Attempt, Stop, python};

/// What a config needs to be one of a graph.
const KEYS: [&str; 4] = ["name", "layers", "input_layers", "output_layers"];

impl Keras<'_> {
    /// `Model.from_config`
    pub fn model(&mut self, class: &'static Class, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        if !KEYS.iter().all(|key| config.contains_key(*key)) {
            return Err(not_revived(class, config));
        }
        let mut own = config.clone();
        if self.since([3, 7, 0]) {
            // Taken out of the config, and so missing in messages that show it.
            for key in KEYS.iter().chain(&["trainable"]) {
                config.shift_remove(*key);
            }
        }
        let made = self.functional_from_config(&mut own);
        if !self.since([3, 7, 0]) {
            *config = own;
        }
        made
    }

    fn functional_from_config(&mut self, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        let layers = config.get_mut("layers").ok_or_else(|| py::key_error("layers"))?;
        let Value::Array(layers) = layers else {
            py::iterate(layers)?;
            return Err(Stop::unknown("its layers are no list"));
        };
        let mut created = HashMap::new();
        let mut replay = Replay::default();
        for data in layers.iter_mut() {
            let (name, layer) = self.create(data)?;
            created.insert(name.clone(), layer);
            let nodes = py::iterate(py::item(data, "inbound_nodes")?)?;
            replay.add(layer, name, nodes);
        }
        self.replay(replay, &created)?;
        let inputs = self.tensors_named(config.get("input_layers").unwrap_or(&Value::Null), &created)?;
        let outputs = self.tensors_named(config.get("output_layers").unwrap_or(&Value::Null), &created)?;
        let (inputs, outputs) = (self.unpacked(inputs, [3, 10, 0]), self.unpacked(outputs, [3, 11, 0]));
        self.functional_model(config.get("name").unwrap_or(&Value::Null), inputs, outputs)
    }

    /// A layer of a graph, and its name there.
    fn create(&mut self, data: &mut Value) -> Attempt<(String, LayerId)> {
        let name = python::str(py::item(data, "name")?);
        let layer = match data.get("module") {
            None => self.model_from_config(data)?,
            Some(_) => self.deserialize_module(data)?,
        };
        Ok((name, layer))
    }

    /// `Functional.__init__`
    fn functional_model(&mut self, name: &Value, inputs: Nest, outputs: Nest) -> Attempt<LayerId> {
        let class = self.facts.class(Kind::Layers, "Functional");
        let class = class.ok_or_else(|| Stop::unknown("there is no Functional in this runtime's table"))?;
        if !inputs.flat().iter().all(|tensor| self.is_input(*tensor)) {
            return Err(Stop::unknown("an input of the model is the output of another layer"));
        }
        let name = self.layer_name(class, name)?;
        let mapped = self.map_graph(&inputs.flat(), &outputs.flat())?;
        self.check_outputs(&inputs, &outputs, &mapped.nodes)?;
        let operations = mapped.operations;
        self.layers.push(Layer {
            name,
            class: Some(class),
            config: Map::new(),
            version: self.runtime.version,
            dtype: ("float32".to_string(), "float32".to_string()),
            spec: None,
            built: true,
            weights: Some(Vec::new()),
            nodes: Vec::new(),
            model: Some(Model::Functional(Functional { inputs, outputs, operations })),
        });
        Ok(self.layers.len() - 1)
    }

    /// Since 3.14 every output must follow from the inputs of the model itself.
    fn check_outputs(&self, inputs: &Nest, outputs: &Nest, nodes: &[usize]) -> Attempt<()> {
        if !self.since([3, 14, 0]) {
            return Ok(());
        }
        let mut known: HashSet<usize> = inputs.flat().into_iter().collect();
        for node in nodes.iter().map(|node| &self.nodes[*node]).filter(|node| !node.inputs.is_empty()) {
            if node.inputs.iter().all(|input| known.contains(input)) {
                known.extend(node.outputs.iter().copied());
            }
        }
        match outputs.flat().iter().position(|output| !known.contains(output)) {
            None => Ok(()),
            Some(index) => {
                let path = if matches!(outputs, Nest::List(_)) { index.to_string() } else { String::new() };
                Err(Stop::raised(
                    "ValueError",
                    format!("Output with path `{path}` is not connected to `inputs`"),
                ))
            }
        }
    }

    fn is_input(&self, tensor: usize) -> bool {
        let source = self.tensors[tensor].source;
        source.is_some_and(|node| self.nodes[node].inputs.is_empty())
    }

    /// `map_tensors`: the tensors that `input_layers` or `output_layers` mean.
    fn tensors_named(&self, value: &Value, created: &HashMap<String, LayerId>) -> Attempt<Nest> {
        if self.since([3, 4, 0]) { self.nested(value, created) } else { self.listed(value, created) }
    }

    /// A single tensor without the list around it, which 3.3 takes off, 3.4 doesn't, and 3.5 does again, up to some version.
    fn unpacked(&self, nest: Nest, until: Version) -> Nest {
        let unpacks =
            self.since([3, 3, 0]) && !self.since([3, 4, 0]) || self.since([3, 5, 0]) && !self.since(until);
        match nest {
            Nest::List(mut items) if unpacks && items.len() == 1 => items.remove(0),
            nest => nest,
        }
    }

    /// Since 3.4: a tensor, or lists and dictionaries of such.
    fn nested(&self, value: &Value, created: &HashMap<String, LayerId>) -> Attempt<Nest> {
        match value {
            Value::Array(items) if items.len() == 3 && items.first().is_some_and(Value::is_string) => {
                self.named_tensor(items, created).map(Nest::One)
            }
            Value::Array(items) => {
                items.iter().map(|item| self.nested(item, created)).collect::<Attempt<_>>().map(Nest::List)
            }
            Value::Object(map) => {
                let all = map.iter().map(|(key, item)| Ok((key.clone(), self.nested(item, created)?)));
                all.collect::<Attempt<_>>().map(Nest::Dict)
            }
            Value::String(_) => Err(Stop::raised("RecursionError", "maximum recursion depth exceeded")),
            other => Err(py::iterate(other).err().unwrap_or_else(py::index_error)),
        }
    }

    /// Before: a list or a dictionary of tensors.
    fn listed(&self, value: &Value, created: &HashMap<String, LayerId>) -> Attempt<Nest> {
        let tensor = |item: &Value| self.named_tensor(&py::iterate(item)?, created).map(Nest::One);
        match value {
            Value::Object(map) => {
                let all = map.iter().map(|(key, item)| Ok((key.clone(), tensor(item)?)));
                all.collect::<Attempt<_>>().map(Nest::Dict)
            }
            other => py::iterate(other)?.iter().map(tensor).collect::<Attempt<_>>().map(Nest::List),
        }
    }

    /// `get_tensor(layer_name, node_index, tensor_index)`
    fn named_tensor(&self, parts: &[Value], created: &HashMap<String, LayerId>) -> Attempt<usize> {
        let [name, node, tensor] = parts else { return Err(wrong_arguments(parts.len())) };
        let name = python::str(name);
        let Some(layer) = created.get(&name) else { return Err(self.no_such_layer(&name)) };
        let layer = &self.layers[*layer];
        let is_functional = matches!(layer.model, Some(Model::Functional(_)));
        let mut node = node.clone();
        if let Some(index) = node.as_i64().filter(|_| is_functional && self.since([3, 3, 0])) {
            // In a file, a model has one call more: the one it was made by.
            node = Value::from(index - 1);
        }
        let node = layer.nodes[py::position(layer.nodes.len(), &node)?];
        let outputs = &self.nodes[node].outputs;
        Ok(outputs[py::position(outputs.len(), tensor)?])
    }

    fn no_such_layer(&self, name: &str) -> Stop {
        if self.since([3, 14, 0]) {
            return Stop::raised("RuntimeError", format!("Internal error: could not find layer {name}."));
        }
        Stop::raised("AssertionError", "")
    }
}

fn wrong_arguments(count: usize) -> Stop {
    let function = "functional_from_config.<locals>.get_tensor()";
    let message = match count {
        0 => format!(
            "{function} missing 3 required positional arguments: 'layer_name', 'node_index', and 'tensor_index'"
        ),
        1 => format!("{function} missing 2 required positional arguments: 'node_index' and 'tensor_index'"),
        2 => format!("{function} missing 1 required positional argument: 'tensor_index'"),
        more => format!("{function} takes 3 positional arguments but {more} were given"),
    };
    Stop::raised("TypeError", message)
}

/// A model whose config is not that of a graph, and whose constructor refuses it.
fn not_revived(class: &Class, config: &Map<String, Value>) -> Stop {
    if class.name == "Model" {
        if config.contains_key("inputs") && config.contains_key("outputs") {
            return Stop::unknown("a model is made of inputs and outputs that are no tensors");
        }
        return model_refuses(config);
    }
    let missing: Vec<&str> =
        ["inputs", "outputs"].into_iter().filter(|name| !config.contains_key(*name)).collect();
    let inner = match missing.as_slice() {
        [] => return Stop::unknown("a model is made of inputs and outputs that are no tensors"),
        [one] => format!("Functional.__init__() missing 1 required positional argument: '{one}'"),
        several => missing_several("Functional", several),
    };
    let message = format!(
        "Unable to revive model from config. When overriding the `get_config()` method, make sure that the returned config \
         contains all items used as arguments in the  constructor to {}, which is the default behavior. You can override this \
         default behavior by defining a `from_config(cls, config)` class method to specify how to create an instance of {} \
         from its config.\n\nReceived config={}\n\nError encountered during deserialization: {inner}",
        shown_class(class),
        class.name,
        python::dict(config)
    );
    Stop::raised("TypeError", message)
}

/// `Model(**config)` takes what every layer takes.
fn model_refuses(config: &Map<String, Value>) -> Stop {
    const TAKEN: [&str; 7] =
        ["activity_regularizer", "trainable", "dtype", "autocast", "name", "input_shape", "input_dim"];
    let unknown: Map<String, Value> = config
        .iter()
        .filter(|(name, _)| !TAKEN.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if unknown.is_empty() {
        return Stop::unknown("a model without layers of its own");
    }
    let shown = python::dict(&unknown);
    Stop::raised("ValueError", format!("Unrecognized keyword arguments passed to Model: {shown}"))
}
