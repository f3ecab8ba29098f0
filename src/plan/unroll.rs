//! A network as a flat list of calls in an order in which they can be carried out: models inside models are
//! opened, and a shared layer stands there once per call.

use std::collections::HashMap;

use super::PlanError;
use crate::keras::network::{Layer, Network, TensorRef};
use crate::limits;
use crate::ops::{Op, OpError};

/// Index into [`Graph::leaves`].
pub type LeafId = usize;
/// Index into [`Graph::nodes`].
pub type NodeId = usize;

/// The flat list.
pub struct Graph<'n> {
    /// Every layer that is no model, in the order in which Keras lists their weights.
    pub leaves: Vec<Leaf<'n>>,
    /// The calls that the outputs need, inputs before users.
    pub nodes: Vec<Node>,
    /// The calls of the model's input layers.
    pub inputs: Vec<NodeId>,
    /// The calls whose results the model returns.
    pub outputs: Vec<NodeId>,
}

/// A layer that is no model.
pub struct Leaf<'n> {
    /// Names from the outside in, joined by `/`.
    pub path: String,
    /// Index of the outermost layer it belongs to.
    pub top: usize,
    /// The layer.
    pub layer: &'n Layer,
    /// What it is, if it is understood.
    pub op: Result<Op, OpError>,
}

/// One call of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The layer called.
    pub leaf: LeafId,
    /// What it is called on.
    pub inputs: Vec<NodeId>,
}

impl<'n> Graph<'n> {
    /// Opens a network.
    ///
    /// # Errors
    /// When a call depends on itself, names an output that is not there, or there are too many calls.
    pub fn unroll(network: &'n Network) -> Result<Graph<'n>, PlanError> {
        let mut graph =
            Graph { leaves: Vec::new(), nodes: Vec::new(), inputs: Vec::new(), outputs: Vec::new() };
        let mut index = LeafIndex::default();
        graph.collect_leaves(network, "", None, &mut index);
        let instance = Instance { network, prefix: String::new(), supplied: None, depth: 0 };
        graph.outputs = graph.expand(&instance, &index)?;
        graph.inputs = graph.model_inputs(network, &index);
        Ok(graph)
    }

    fn collect_leaves(
        &mut self,
        network: &'n Network,
        prefix: &str,
        top: Option<usize>,
        index: &mut LeafIndex,
    ) {
        for (position, layer) in network.layers.iter().enumerate() {
            let path = format!("{prefix}{}", layer.name);
            let top = top.unwrap_or(position);
            match &layer.inner {
                Some(inner) => self.collect_leaves(inner, &format!("{path}/"), Some(top), index),
                None => {
                    index.0.insert(path.clone(), self.leaves.len());
                    self.leaves.push(Leaf { path, top, layer, op: Op::parse(layer) });
                }
            }
        }
    }

    fn model_inputs(&self, network: &Network, index: &LeafIndex) -> Vec<NodeId> {
        let leaves =
            network.inputs.iter().filter_map(|r| index.0.get(&network.layers[r.layer].name).copied());
        leaves.filter_map(|leaf| self.nodes.iter().position(|node| node.leaf == leaf)).collect()
    }

    /// Adds the calls of one use of a network; gives the nodes of its outputs.
    fn expand(&mut self, instance: &Instance<'n>, index: &LeafIndex) -> Result<Vec<NodeId>, PlanError> {
        let network = instance.network;
        let mut done: HashMap<(usize, usize), Vec<NodeId>> = HashMap::new();
        for (layer, call) in instance.order()? {
            let mut inputs = Vec::new();
            for reference in &network.layers[layer].calls[call].inputs {
                inputs.push(pick(&done, reference, network)?);
            }
            let results = self.call(instance, index, layer, inputs)?;
            done.insert((layer, call), results);
        }
        network.outputs.iter().map(|reference| pick(&done, reference, network)).collect()
    }

    /// Adds one call; a model gives as many results as it has outputs.
    fn call(
        &mut self,
        instance: &Instance<'n>,
        index: &LeafIndex,
        layer: usize,
        inputs: Vec<NodeId>,
    ) -> Result<Vec<NodeId>, PlanError> {
        let called = &instance.network.layers[layer];
        if let Some(node) = instance.supplied_for(layer) {
            return Ok(vec![node]);
        }
        let path = format!("{}{}", instance.prefix, called.name);
        if let Some(inner) = &called.inner {
            if instance.depth >= limits::MAX_NESTING {
                return Err(PlanError::graph(&path, "models are nested too deeply"));
            }
            let deeper = Instance {
                network: inner,
                prefix: format!("{path}/"),
                supplied: Some(inputs),
                depth: instance.depth + 1,
            };
            return self.expand(&deeper, index);
        }
        if self.nodes.len() >= limits::MAX_CALLS {
            return Err(PlanError::graph(&path, "the model has too many calls of layers"));
        }
        let leaf =
            index.0.get(&path).copied().ok_or_else(|| PlanError::graph(&path, "the layer is not there"))?;
        self.nodes.push(Node { leaf, inputs });
        Ok(vec![self.nodes.len() - 1])
    }
}

#[derive(Default)]
struct LeafIndex(HashMap<String, LeafId>);

/// One use of a network.
struct Instance<'n> {
    network: &'n Network,
    prefix: String,
    /// What the input layers stand for, when the network is used as a layer.
    supplied: Option<Vec<NodeId>>,
    depth: usize,
}

impl Instance<'_> {
    /// The node that an input layer of this use stands for.
    fn supplied_for(&self, layer: usize) -> Option<NodeId> {
        let position = self.network.inputs.iter().position(|input| input.layer == layer)?;
        self.supplied.as_ref()?.get(position).copied()
    }

    /// The calls that the outputs need, each behind those it depends on.
    fn order(&self) -> Result<Vec<(usize, usize)>, PlanError> {
        let mut order = Vec::new();
        let mut state: HashMap<(usize, usize), State> = HashMap::new();
        // From the end, because the last one pushed is visited first.
        let mut stack: Vec<_> = self.network.outputs.iter().rev().map(|r| (r.layer, r.call)).collect();
        while let Some(&key) = stack.last() {
            match state.get(&key) {
                Some(State::Done) => {
                    stack.pop();
                }
                Some(State::Open) => {
                    stack.pop();
                    state.insert(key, State::Done);
                    order.push(key);
                }
                None => {
                    state.insert(key, State::Open);
                    for input in self.inputs_of(key)?.iter().rev() {
                        let input = (input.layer, input.call);
                        match state.get(&input) {
                            Some(State::Open) => return Err(self.cycle(key)),
                            Some(State::Done) => {}
                            None => stack.push(input),
                        }
                    }
                }
            }
        }
        Ok(order)
    }

    fn inputs_of(&self, (layer, call): (usize, usize)) -> Result<&[TensorRef], PlanError> {
        let found = self.network.layers.get(layer).and_then(|l| l.calls.get(call));
        found
            .map(|c| c.inputs.as_slice())
            .ok_or_else(|| PlanError::graph("?", "a call is used that is not there"))
    }

    fn cycle(&self, (layer, _): (usize, usize)) -> PlanError {
        PlanError::graph(&self.network.layers[layer].name, "the layer depends on its own result")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
}

fn pick(
    done: &HashMap<(usize, usize), Vec<NodeId>>,
    reference: &TensorRef,
    network: &Network,
) -> Result<NodeId, PlanError> {
    let results = done.get(&(reference.layer, reference.call));
    results.and_then(|r| r.get(reference.tensor)).copied().ok_or_else(|| {
        let name = network.layers.get(reference.layer).map_or("?", |l| l.name.as_str());
        PlanError::graph(name, "a result is used that the layer does not give")
    })
}
