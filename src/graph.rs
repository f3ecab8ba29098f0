//! A network and everything nested in it as one flat graph of operators.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::keras::network::{Call, Layer, Network, TensorRef};
use crate::limits;
use crate::ops::{Op, OpError};

/// Index into [`Graph::leaves`].
pub type LeafId = usize;
/// Index into [`Graph::nodes`].
pub type NodeId = usize;

/// A layer that is not itself a model.
#[derive(Debug)]
pub struct Leaf<'n> {
    /// Its path through nested models, such as `resnet50/conv1_conv`.
    pub path: String,
    /// Index, in the outermost network, of the layer it is or stands in.
    pub top: usize,
    /// The layer.
    pub layer: &'n Layer,
    /// What it is, if it is understood.
    pub op: Result<Op, OpError>,
}

/// One call of a leaf.
#[derive(Debug)]
pub struct Node {
    /// The leaf.
    pub leaf: LeafId,
    /// The model it stands in, as an index into [`Graph::models`].
    pub model: usize,
    /// What it is called on.
    pub inputs: Vec<NodeId>,
    /// Whether `inputs` is all it is called on, or something of it is not there.
    pub complete: bool,
    /// Who uses its result on the way to an output.
    pub consumers: Vec<NodeId>,
    /// Whether its result reaches an output.
    pub live: bool,
}

/// All leaves, and all calls of them, each behind those it is called on.
#[derive(Debug, Default)]
pub struct Graph<'n> {
    /// The leaves, in the order in which Keras lists their weights.
    pub leaves: Vec<Leaf<'n>>,
    /// The calls.
    pub nodes: Vec<Node>,
    /// The calls of the network's own inputs.
    pub inputs: Vec<NodeId>,
    /// Those whose results the network gives, as far as they are there.
    pub outputs: Vec<NodeId>,
    /// Paths of the models; the first is the network itself, `""`.
    pub models: Vec<String>,
    /// Whether the network was too large to be unrolled completely.
    pub cut: bool,
    /// Calls that depend on their own result, by the path of the layer.
    pub circular: Vec<String>,
}

impl<'n> Graph<'n> {
    /// Unrolls nested models and shared layers, at most [`limits::MAX_CALLS`] calls and [`limits::MAX_LINKS`] inputs.
    pub fn flatten(network: &'n Network) -> Graph<'n> {
        let mut graph = Graph { models: vec![String::new()], ..Graph::default() };
        let mut index = HashMap::new();
        graph.collect_leaves(network, "", None, &mut index);
        let budget = (limits::MAX_CALLS, limits::MAX_LINKS);
        let mut flattener = Flattener { graph, index, budget };
        let outputs = flattener.expand(network, 0, None, 0);
        let Flattener { mut graph, index, .. } = flattener;
        graph.outputs = outputs.into_iter().flatten().collect();
        graph.inputs = graph.calls_of_inputs(network, &index);
        graph.mark_live();
        graph
    }

    fn collect_leaves(
        &mut self,
        network: &'n Network,
        prefix: &str,
        top: Option<usize>,
        index: &mut HashMap<String, LeafId>,
    ) {
        for (position, layer) in network.layers.iter().enumerate() {
            let path = format!("{prefix}{}", layer.name);
            let top = top.unwrap_or(position);
            match &layer.inner {
                Some(inner) => self.collect_leaves(inner, &format!("{path}/"), Some(top), index),
                None => {
                    index.insert(path.clone(), self.leaves.len());
                    self.leaves.push(Leaf { path, top, layer, op: Op::parse(layer) });
                }
            }
        }
    }

    fn calls_of_inputs(&self, network: &Network, index: &HashMap<String, LeafId>) -> Vec<NodeId> {
        let mut first_calls = HashMap::new();
        for (id, node) in self.nodes.iter().enumerate() {
            first_calls.entry(node.leaf).or_insert(id);
        }
        let layers = network.inputs.iter().filter_map(|input| network.layers.get(input.layer));
        let leaves = layers.filter_map(|layer| index.get(&layer.name));
        leaves.filter_map(|leaf| first_calls.get(leaf).copied()).collect()
    }

    /// The node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The leaf that a node calls.
    pub fn leaf(&self, id: NodeId) -> &Leaf<'n> {
        &self.leaves[self.nodes[id].leaf]
    }

    /// The node's operator, where it is understood.
    pub fn op(&self, id: NodeId) -> Option<&Op> {
        self.leaf(id).op.as_ref().ok()
    }

    /// The nodes whose results reach an output.
    pub fn live(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.nodes.len()).filter(|id| self.nodes[*id].live)
    }

    fn mark_live(&mut self) {
        let mut open = self.outputs.clone();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut self.nodes[id].live, true) {
                open.extend(&self.nodes[id].inputs);
            }
        }
        for id in 0..self.nodes.len() {
            if self.nodes[id].live {
                for input in self.nodes[id].inputs.clone() {
                    self.nodes[input].consumers.push(id);
                }
            }
        }
    }
}

struct Flattener<'n> {
    graph: Graph<'n>,
    index: HashMap<String, LeafId>,
    /// Calls that may still be added, and inputs of them.
    budget: (usize, usize),
}

/// What a network is called on when it is a layer of another; `None` where that is not known.
type Given<'g> = Option<&'g [Option<NodeId>]>;

impl<'n> Flattener<'n> {
    /// Adds the calls of `network` and returns what its outputs are. Depth is bounded, so the recursion is too.
    fn expand(
        &mut self,
        network: &'n Network,
        model: usize,
        given: Given<'_>,
        depth: usize,
    ) -> Vec<Option<NodeId>> {
        if self.graph.cut {
            return Vec::new();
        }
        let calls = Calls::of(network);
        let (more, links) = self.budget;
        let Some(rest) = more.checked_sub(calls.count.max(1)).zip(links.checked_sub(calls.links)) else {
            self.graph.cut = true;
            return Vec::new();
        };
        self.budget = rest;
        let mut results: Vec<Vec<Option<NodeId>>> = vec![Vec::new(); calls.count];
        let order = calls.order(network);
        let given = given.map(|given| given_inputs(network, given)).unwrap_or_default();
        for &(layer, call) in &order {
            let index = calls.first[layer] + call;
            results[index] = match given.get(&layer) {
                Some(node) => vec![*node],
                None => {
                    let here = &network.layers[layer];
                    let inputs = here.calls.get(call).map_or(&[][..], |c| &c.inputs);
                    let inputs: Vec<_> = inputs.iter().map(|r| self.result(&calls, &results, r)).collect();
                    self.call(here, model, inputs, depth)
                }
            };
        }
        self.note_circular(network, model, &calls, &order);
        network.outputs.iter().map(|r| self.result(&calls, &results, r)).collect()
    }

    fn call(
        &mut self,
        layer: &'n Layer,
        model: usize,
        inputs: Vec<Option<NodeId>>,
        depth: usize,
    ) -> Vec<Option<NodeId>> {
        let path = format!("{}{}", self.graph.models[model], layer.name);
        if let Some(inner) = layer.inner.as_deref().filter(|_| depth < limits::MAX_NESTING) {
            self.graph.models.push(format!("{path}/"));
            return self.expand(inner, self.graph.models.len() - 1, Some(&inputs), depth + 1);
        }
        let Some(&leaf) = self.index.get(&path) else { return Vec::new() };
        let complete = inputs.iter().all(Option::is_some);
        let inputs = inputs.into_iter().flatten().collect();
        self.graph.nodes.push(Node { leaf, model, inputs, complete, consumers: Vec::new(), live: false });
        vec![Some(self.graph.nodes.len() - 1)]
    }

    /// What a reference stands for. A layer that is not understood may give several tensors; its call stands for each.
    fn result(&self, calls: &Calls, results: &[Vec<Option<NodeId>>], at: &TensorRef) -> Option<NodeId> {
        let outputs = results.get(calls.first.get(at.layer)? + at.call)?;
        let is_opaque = |id: &NodeId| self.graph.leaf(*id).op.is_err();
        match outputs.get(at.tensor) {
            Some(output) => *output,
            None => outputs.first().copied().flatten().filter(is_opaque),
        }
    }

    fn note_circular(&mut self, network: &Network, model: usize, calls: &Calls, order: &[(usize, usize)]) {
        if order.len() == calls.count {
            return;
        }
        let mut reached = vec![0; network.layers.len()];
        order.iter().for_each(|(layer, _)| reached[*layer] += 1);
        for (layer, reached) in network.layers.iter().zip(reached) {
            if reached < layer.calls.len() {
                self.graph.circular.push(format!("{}{}", self.graph.models[model], layer.name));
            }
        }
    }
}

/// What stands for the input layers of a model that is called on `given`, by layer.
fn given_inputs(network: &Network, given: &[Option<NodeId>]) -> HashMap<usize, Option<NodeId>> {
    let mut inputs = HashMap::new();
    for (position, input) in network.inputs.iter().enumerate() {
        inputs.entry(input.layer).or_insert_with(|| given.get(position).copied().flatten());
    }
    inputs
}

/// The calls of one network, numbered through.
struct Calls {
    /// Number of the first call of each layer.
    first: Vec<usize>,
    count: usize,
    /// Inputs of all of them.
    links: usize,
}

impl Calls {
    fn of(network: &Network) -> Calls {
        let mut count = 0;
        let mut first = Vec::with_capacity(network.layers.len());
        for layer in &network.layers {
            first.push(count);
            count += layer.calls.len();
        }
        let links = network.layers.iter().flat_map(|layer| &layer.calls).map(|call| call.inputs.len()).sum();
        Calls { first, count, links }
    }

    fn index(&self, network: &Network, at: &TensorRef) -> Option<usize> {
        let layer = network.layers.get(at.layer)?;
        (at.call < layer.calls.len()).then(|| self.first[at.layer] + at.call)
    }

    /// Every call behind those it is called on, otherwise in the order of the file; calls in a circle are left out.
    fn order(&self, network: &Network) -> Vec<(usize, usize)> {
        let mut waits = vec![0usize; self.count];
        let mut releases: Vec<Vec<usize>> = vec![Vec::new(); self.count];
        let all = || {
            network
                .layers
                .iter()
                .enumerate()
                .flat_map(|(l, layer)| layer.calls.iter().enumerate().map(move |(c, call)| (l, c, call)))
        };
        for (layer, call, Call { inputs }) in all() {
            let this = self.first[layer] + call;
            for input in inputs.iter().filter_map(|r| self.index(network, r)) {
                waits[this] += 1;
                releases[input].push(this);
            }
        }
        let place: Vec<_> = all().map(|(layer, call, _)| (layer, call)).collect();
        let mut ready: BinaryHeap<_> = (0..self.count).filter(|i| waits[*i] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.count);
        while let Some(Reverse(this)) = ready.pop() {
            order.push(place[this]);
            for &next in &releases[this] {
                waits[next] -= 1;
                if waits[next] == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
        order
    }
}
