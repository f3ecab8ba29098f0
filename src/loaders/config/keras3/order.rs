//! `map_graph`: the order of a model's layers, by their distance from the outputs.

use std::collections::{HashMap, HashSet};

use super::Keras;
use super::graph::{LayerId, NodeId, TensorId};
use crate::loaders::{Attempt, Stop, python};

/// Python gives up on a walk of more calls within calls than this, of which `load_model` itself takes some.
const RECURSION_LIMIT: usize = 1000;
const RECURSION_USED: usize = 100;

/// A model's layers and calls in Keras' order.
pub struct Mapped {
    /// Its layers.
    pub operations: Vec<LayerId>,
    /// Their calls.
    pub nodes: Vec<NodeId>,
}

/// What a walk from the outputs meets.
#[derive(Default)]
struct Walk {
    /// Calls, each behind those it needs.
    finished: Vec<NodeId>,
    seen: HashSet<NodeId>,
    /// When each layer was first met.
    met: HashMap<LayerId, usize>,
}

/// Numbers by key, in the order in which the keys came, as Python's dictionaries have it.
#[derive(Default)]
struct Depths {
    order: Vec<usize>,
    depth: HashMap<usize, usize>,
}

impl Depths {
    fn get(&self, key: usize) -> usize {
        self.depth.get(&key).copied().unwrap_or(0)
    }

    fn set(&mut self, key: usize, depth: usize) {
        if self.depth.insert(key, depth).is_none() {
            self.order.push(key);
        }
    }

    /// The keys, the deepest first; those of one depth in the order in which they came, then by `index`.
    fn sorted(&self, index: impl Fn(usize) -> i64) -> Vec<usize> {
        let mut keys = self.order.clone();
        keys.sort_by_key(|key| (std::cmp::Reverse(self.get(*key)), index(*key)));
        keys
    }
}

impl Keras<'_> {
    /// Puts a model's layers in order, and checks that its outputs follow from its inputs.
    pub fn map_graph(&self, inputs: &[TensorId], outputs: &[TensorId]) -> Attempt<Mapped> {
        let mut walk = Walk::default();
        for output in outputs {
            self.walk(&mut walk, *output)?;
        }
        let (mut nodes, mut layers) = self.depths(&walk);
        for input in inputs {
            if let Some(node) = self.tensors[*input].source {
                let layer = self.nodes[node].layer;
                if !layers.depth.contains_key(&layer) {
                    layers.set(layer, 0);
                    nodes.set(node, 0);
                }
            }
        }
        let met =
            |layer: usize| walk.met.get(&layer).and_then(|index| i64::try_from(*index).ok()).unwrap_or(-1);
        let mapped = Mapped { operations: layers.sorted(met), nodes: nodes.sorted(|_| 0) };
        self.check_connected(inputs, &mapped.nodes, &layers.order)?;
        self.check_names(&mapped.operations)?;
        Ok(mapped)
    }

    /// Depth first from a tensor back to what it follows from.
    fn walk(&self, walk: &mut Walk, tensor: TensorId) -> Attempt<()> {
        let mut open: Vec<(NodeId, usize)> = Vec::new();
        self.enter(walk, &mut open, tensor);
        while let Some((node, next)) = open.last_mut() {
            if let Some(input) = self.nodes[*node].inputs.get(*next) {
                *next += 1;
                self.enter(walk, &mut open, *input);
                check_recursion(open.len())?;
            } else {
                walk.finished.push(*node);
                open.pop();
            }
        }
        Ok(())
    }

    fn enter(&self, walk: &mut Walk, open: &mut Vec<(NodeId, usize)>, tensor: TensorId) {
        let Some(node) = self.tensors[tensor].source else { return };
        if walk.seen.insert(node) {
            let index = walk.met.len();
            walk.met.entry(self.nodes[node].layer).or_insert(index);
            open.push((node, 0));
        }
    }

    /// How far calls and layers are from the outputs.
    fn depths(&self, walk: &Walk) -> (Depths, Depths) {
        let (mut nodes, mut layers) = (Depths::default(), Depths::default());
        for node in walk.finished.iter().rev() {
            let Node { layer, inputs } = self.node(*node);
            let depth = nodes.get(*node).max(layers.get(layer));
            nodes.set(*node, depth);
            layers.set(layer, depth);
            for input in inputs {
                if let Some(parent) = self.tensors[*input].source {
                    nodes.set(parent, nodes.get(parent).max(depth + 1));
                }
            }
        }
        (nodes, layers)
    }

    fn node(&self, node: NodeId) -> Node<'_> {
        let node = &self.nodes[node];
        Node { layer: node.layer, inputs: &node.inputs }
    }

    fn check_connected(&self, inputs: &[TensorId], nodes: &[NodeId], layers: &[LayerId]) -> Attempt<()> {
        let mut computable: HashSet<TensorId> = inputs.iter().copied().collect();
        // Up to 3.6, every name on the list of what was fine is that of the layer last looked at before.
        let stale = layers.last().map(|layer| self.layers[*layer].name.as_str());
        let mut fine: Vec<&str> = Vec::new();
        for node in nodes {
            let Node { layer, inputs } = self.node(*node);
            for input in inputs {
                if !computable.contains(input) {
                    return Err(self.disconnected(*input, layer, &fine)?);
                }
                let own = self.layers[layer].name.as_str();
                fine.push(if self.since([3, 7, 0]) { own } else { stale.unwrap_or(own) });
            }
            computable.extend(self.nodes[*node].outputs.iter().copied());
        }
        Ok(())
    }

    fn disconnected(&self, tensor: TensorId, layer: LayerId, fine: &[&str]) -> Attempt<Stop> {
        let message = format!(
            "Graph disconnected: cannot find parent for tensor {} at operation '{}'. The following previous operations were \
             accessed without issue: {}",
            self.shown_tensor(tensor)?,
            self.layers[layer].shown(),
            python::list(fine)
        );
        Ok(Stop::raised("ValueError", message))
    }

    fn check_names(&self, layers: &[LayerId]) -> Attempt<()> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for layer in layers {
            *counts.entry(self.layers[*layer].name.as_str()).or_insert(0) += 1;
        }
        for layer in layers {
            let name = self.layers[*layer].name.as_str();
            let count = counts.get(name).copied().unwrap_or(1);
            if count != 1 {
                let message = format!(
                    "The name \"{name}\" is used {count} times in the model. All operation names should be unique."
                );
                return Err(Stop::raised("ValueError", message));
            }
        }
        Ok(())
    }
}

/// A call, as far as the order asks.
struct Node<'k> {
    layer: LayerId,
    inputs: &'k [TensorId],
}

fn check_recursion(depth: usize) -> Attempt<()> {
    if depth + RECURSION_USED <= RECURSION_LIMIT {
        return Ok(());
    }
    if depth > RECURSION_LIMIT {
        return Err(Stop::raised("RecursionError", "maximum recursion depth exceeded"));
    }
    Err(Stop::unknown(
        "its layers stand one behind the other about as often as Python's limit on recursion allows",
    ))
}
