//! The calls of a graph: each layer is called as soon as all that it is called on is there, in rounds over all layers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use serde_json::{Map, Value};

use super::Keras;
use super::graph::{LayerId, Nest, TensorId};
use super::py;
use super::shape::Shape;
use super::values;
use crate::loaders::{Attempt, Stop, python};

/// The calls that are still to be made.
#[derive(Default)]
pub struct Replay {
    /// The names in the order of the config.
    names: Vec<String>,
    /// The calls of each layer, in the order in which layers came.
    calls: Vec<(LayerId, Vec<Value>)>,
}

impl Replay {
    /// Another layer, its name in the config, and the calls of it.
    pub fn add(&mut self, layer: LayerId, name: String, calls: Vec<Value>) {
        self.names.push(name);
        if !calls.is_empty() {
            self.calls.push((layer, calls));
        }
    }
}

/// What comes of looking for what a layer is called on.
enum Found {
    /// It is all there.
    Ready(Vec<Nest>, Map<String, Value>),
    /// A layer must be called that often first.
    Waits(LayerId, usize),
}

/// Where a replay stands.
struct State<'c> {
    created: &'c HashMap<String, LayerId>,
    /// Positions at which each layer's turn comes.
    turns: HashMap<LayerId, Vec<usize>>,
    layers: Vec<LayerId>,
    /// Calls to make, and how many of them are made.
    pending: HashMap<LayerId, (Vec<Value>, usize)>,
    /// Whose turn comes next, by round and position.
    queue: BinaryHeap<Reverse<(usize, usize)>>,
    /// Who waits for how many calls of a layer.
    waiting: HashMap<LayerId, BTreeMap<usize, Vec<LayerId>>>,
}

impl State<'_> {
    /// The first turn of a layer after this one.
    fn next_turn(&self, layer: LayerId, (round, position): (usize, usize)) -> Option<(usize, usize)> {
        let turns = self.turns.get(&layer)?;
        let later = turns.get(turns.partition_point(|turn| *turn <= position));
        later.map(|turn| (round, *turn)).or_else(|| turns.first().map(|turn| (round + 1, *turn)))
    }

    /// Gives those their turns that have waited for as many calls of a layer.
    fn wake(&mut self, layer: LayerId, calls: usize, now: (usize, usize)) {
        let Some(waiting) = self.waiting.get_mut(&layer) else { return };
        let later = waiting.split_off(&(calls + 1));
        let woken: Vec<LayerId> = std::mem::replace(waiting, later).into_values().flatten().collect();
        for layer in woken {
            self.queue.extend(self.next_turn(layer, now).map(Reverse));
        }
    }
}

impl Keras<'_> {
    /// Makes all calls, or says what Keras does where that never ends.
    pub fn replay(&mut self, replay: Replay, created: &HashMap<String, LayerId>) -> Attempt<()> {
        let order: Vec<LayerId> = replay.calls.iter().map(|(layer, _)| *layer).collect();
        let layers: Vec<LayerId> =
            replay.names.iter().filter_map(|name| created.get(name).copied()).collect();
        let mut turns: HashMap<LayerId, Vec<usize>> = HashMap::new();
        for (position, layer) in layers.iter().enumerate() {
            turns.entry(*layer).or_default().push(position);
        }
        let mut state = State {
            created,
            turns,
            queue: (0..layers.len()).map(|position| Reverse((0, position))).collect(),
            layers,
            pending: replay.calls.into_iter().map(|(layer, calls)| (layer, (calls, 0))).collect(),
            waiting: HashMap::new(),
        };
        while let Some(Reverse(turn)) = state.queue.pop() {
            self.take_turn(&mut state, turn)?;
        }
        if state.pending.is_empty() { Ok(()) } else { Err(self.never_ends(&state, &order)?) }
    }

    /// Makes the calls of one layer, as far as they can be made.
    fn take_turn(&mut self, state: &mut State<'_>, turn: (usize, usize)) -> Attempt<()> {
        let layer = state.layers[turn.1];
        let Some((calls, mut next)) = state.pending.remove(&layer) else { return Ok(()) };
        while let Some(call) = calls.get(next) {
            let (given, keywords) = match self.find(call, state.created)? {
                Found::Ready(given, keywords) => (given, keywords),
                Found::Waits(other, needed) => {
                    self.sure_of_names &= !call.is_object();
                    state.waiting.entry(other).or_default().entry(needed).or_default().push(layer);
                    break;
                }
            };
            match self.call(layer, &given, &keywords) {
                // Taken for a sign that something it is called on isn't there yet, and so tried for ever.
                Err(stop) if py::is_raised(&stop, "IndexError") => break,
                called => drop(called?),
            }
            next += 1;
            state.wake(layer, self.layers[layer].nodes.len(), turn);
        }
        if next < calls.len() {
            state.pending.insert(layer, (calls, next));
        }
        Ok(())
    }

    /// Before 3.14 Keras tries for ever.
    fn never_ends(&self, state: &State<'_>, order: &[LayerId]) -> Attempt<Stop> {
        if !self.since([3, 14, 0]) {
            return Ok(Stop::raised("Timeout", "no answer within the limit"));
        }
        let mut left = Vec::new();
        for layer in order {
            if let Some((calls, next)) = state.pending.get(layer) {
                let rest = Value::from(calls[*next..].to_vec());
                left.push(format!("{}: {}", self.layers[*layer].shown(), python::repr(&rest)));
            }
        }
        let message = format!(
            "Invalid Functional model configuration. The graph of the Functional model either has loops or disconnected nodes. \
             The following nodes failed to be resolved: {{{}}}",
            left.join(", ")
        );
        Ok(Stop::raised("ValueError", message))
    }

    /// `deserialize_node`
    fn find(&mut self, call: &Value, created: &HashMap<String, LayerId>) -> Attempt<Found> {
        match call {
            call if !py::truth(call) => Ok(Found::Ready(Vec::new(), Map::new())),
            Value::Array(inputs) => self.find_listed(inputs, created),
            call => self.find_given(call, created),
        }
    }

    /// As Keras 2 writes it: `[[name, node, tensor, keywords], …]`.
    fn find_listed(&self, inputs: &[Value], created: &HashMap<String, LayerId>) -> Attempt<Found> {
        let mut tensors = Vec::with_capacity(inputs.len());
        let mut keywords = Map::new();
        for input in inputs {
            let parts = match input {
                Value::Array(parts) => parts,
                other => return Err(Stop::unknown(format!("a layer is called on {}", python::repr(other)))),
            };
            let part = |index: usize| parts.get(index).ok_or_else(py::index_error);
            let (name, node, tensor) = (part(0)?, part(1)?, part(2)?);
            keywords = match parts.get(3) {
                None => Map::new(),
                Some(Value::Object(map)) if parts.len() == 4 => map.clone(),
                Some(_) => {
                    let message = "Cannot deserialize the model (invalid config data?)";
                    return Err(Stop::raised("ValueError", message));
                }
            };
            let name = python::str(name);
            let layer = created.get(&name).copied().ok_or_else(|| self.missing_node(&name))?;
            match self.output_of(layer, node, tensor)? {
                Ok(tensor) => tensors.push(Nest::One(tensor)),
                Err(needed) => return Ok(Found::Waits(layer, needed)),
            }
        }
        let given = if tensors.len() == 1 { tensors.remove(0) } else { Nest::List(tensors) };
        Ok(Found::Ready(vec![given], keywords))
    }

    fn missing_node(&self, name: &str) -> Stop {
        if self.since([3, 14, 0]) {
            let message = format!("Invalid Functional model configuration. Missing node: {name}");
            return Stop::raised("ValueError", message);
        }
        py::key_error(name)
    }

    /// A tensor that a call of a layer gives, or how many calls it takes until there is that call.
    fn output_of(&self, layer: LayerId, node: &Value, tensor: &Value) -> Attempt<Result<TensorId, usize>> {
        let nodes = &self.layers[layer].nodes;
        if let Some(needed) = node.as_u64().and_then(|index| usize::try_from(index).ok()) {
            if needed >= nodes.len() {
                return Ok(Err(needed + 1));
            }
        } else if !node.is_i64() {
            let found = py::type_name(node);
            let message = format!("'<=' not supported between instances of 'int' and '{found}'");
            return Err(Stop::raised("TypeError", message));
        }
        let outputs = &self.nodes[nodes[py::position(nodes.len(), node)?]].outputs;
        match py::position(outputs.len(), tensor) {
            Ok(position) => Ok(Ok(outputs[position])),
            // No call will give it, however often it is tried.
            Err(stop) if py::is_raised(&stop, "IndexError") => Ok(Err(usize::MAX)),
            Err(stop) => Err(stop),
        }
    }

    /// As Keras 3 writes it: `{"args": […], "kwargs": {…}}`, tensors as objects.
    fn find_given(&mut self, call: &Value, created: &HashMap<String, LayerId>) -> Attempt<Found> {
        let (given, keywords) = (py::item(call, "args")?, py::item(call, "kwargs")?);
        let given = self.revived(given)?;
        let keywords = keywords.as_object().cloned().unwrap_or_default();
        let mut waits = None;
        let mut found = Vec::new();
        for item in &given {
            found.push(self.linked(item, created, &mut waits)?);
        }
        match waits {
            Some((layer, needed)) => Ok(Found::Waits(layer, needed)),
            None => Ok(Found::Ready(found, keywords)),
        }
    }

    /// What stands in `args`, every tensor made anew.
    fn revived(&mut self, given: &Value) -> Attempt<Vec<Given>> {
        let Value::Array(items) = given else {
            return Err(Stop::unknown("the arguments of a call are no list"));
        };
        items.iter().map(|item| self.revived_one(item)).collect()
    }

    fn revived_one(&mut self, item: &Value) -> Attempt<Given> {
        if item.is_array() {
            return self.revived(item).map(Given::List);
        }
        if item.get("class_name").and_then(Value::as_str) != Some("__keras_tensor__") {
            return Err(Stop::unknown("a layer is called on something that is no tensor"));
        }
        let config = py::item(item, "config")?;
        let shape = values::shape(py::item(config, "shape")?, self.shape_entry())?;
        let dtype = self.standard_dtype(py::item(config, "dtype")?)?;
        self.fresh(shape, &dtype);
        let history = py::item(config, "keras_history")?;
        match history {
            Value::Array(parts) => Ok(Given::Tensor(parts.clone())),
            _ => Err(Stop::unknown("a tensor of a call has no history")),
        }
    }

    /// A tensor that only takes up a name.
    fn fresh(&mut self, shape: Shape, dtype: &str) {
        self.tensor(shape, dtype, None);
    }

    /// The tensors that are meant.
    fn linked(
        &self,
        given: &Given,
        created: &HashMap<String, LayerId>,
        waits: &mut Option<(LayerId, usize)>,
    ) -> Attempt<Nest> {
        match given {
            Given::List(items) => items
                .iter()
                .map(|item| self.linked(item, created, waits))
                .collect::<Attempt<_>>()
                .map(Nest::List),
            Given::Tensor(parts) => {
                let part = |index: usize| parts.get(index).ok_or_else(py::index_error);
                let name = python::str(part(0)?);
                let layer = created.get(&name).copied();
                let layer =
                    layer.ok_or_else(|| Stop::raised("ValueError", format!("Unknown layer: {name}")))?;
                match self.output_of(layer, part(1)?, part(2)?)? {
                    Ok(tensor) => Ok(Nest::One(tensor)),
                    Err(needed) => {
                        self.check_early(layer)?;
                        waits.get_or_insert((layer, needed));
                        Ok(Nest::List(Vec::new()))
                    }
                }
            }
        }
    }

    /// Before 3.7 a call in Keras 3's own words that comes too early is an error.
    fn check_early(&self, layer: LayerId) -> Attempt<()> {
        if self.since([3, 7, 0]) {
            return Ok(());
        }
        let name = &self.layers[layer].name;
        Err(Stop::unknown(format!(
            "a layer is called before {name}, and the message shows addresses in memory"
        )))
    }
}

/// An argument of a call.
enum Given {
    /// The layer, call and output that a tensor comes from.
    Tensor(Vec<Value>),
    /// Several.
    List(Vec<Given>),
}
