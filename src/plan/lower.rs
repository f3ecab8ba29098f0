//! Calls of layers → steps, one layer at a time, before anything is fused.
//!
//! Images lie in memory channels last. A `channels_first` layer's result keeps that memory order and is only
//! remembered as turned, so that a whole `channels_first` network transposes at its borders alone.

mod convolution;
mod geometry;
mod layers;
mod merge;
mod pointwise;
mod spatial;

use std::collections::{HashMap, HashSet};

use super::bind::Binding;
use super::shapes::Shapes;
use super::{
    Copy, CopyBox, Kernel, Param, ParamId, Plan, PlanError, Port, Recipe, Step, Strided, Value, ValueId,
};
use crate::graph::{Graph, LeafId, Node, NodeId};
use crate::keras::WeightId;
use crate::ops::padding::Edges;
use crate::ops::{DataFormat, Op, Shape};

/// A tensor on its way through the graph.
#[derive(Clone, Debug)]
struct Flow {
    value: ValueId,
    /// Shape as Keras sees it, without the batch.
    shape: Shape,
    /// Whether Keras sees `[channels, height, width]` where the memory has `[height, width, channels]`.
    turned: bool,
}

impl Flow {
    /// The shape as it lies in memory.
    fn memory_shape(&self) -> Vec<usize> {
        match (self.turned, self.shape.as_slice()) {
            (true, &[channels, height, width]) => vec![height, width, channels],
            _ => self.shape.clone(),
        }
    }
}

/// Builds a plan from a graph whose layers are all understood.
pub(super) struct Lowering<'a> {
    graph: &'a Graph<'a>,
    shapes: &'a Shapes,
    binding: &'a Binding,
    pub(super) plan: Plan,
    /// Per value, the value whose buffer it shares.
    pub(super) root: Vec<ValueId>,
    /// Values that are another value with zeros around it.
    padded: HashMap<ValueId, (ValueId, Edges)>,
    params: HashMap<String, ParamId>,
}

/// Turns the graph into unfused steps.
///
/// # Errors
/// Naming the first layer that can't be run, and why.
pub(super) fn lower<'a>(
    graph: &'a Graph<'a>,
    shapes: &'a Shapes,
    binding: &'a Binding,
    batch: usize,
) -> Result<Lowering<'a>, PlanError> {
    let plan = Plan { batch, ..Plan::default() };
    let mut lowering = Lowering {
        graph,
        shapes,
        binding,
        plan,
        root: Vec::new(),
        padded: HashMap::new(),
        params: HashMap::new(),
    };
    let mut flows: HashMap<NodeId, Flow> = HashMap::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        // What no result needs is left out, but the caller still supplies every input.
        if node.live || graph.inputs.contains(&id) {
            let inputs: Vec<Flow> =
                node.inputs.iter().filter_map(|input| flows.get(input).cloned()).collect();
            flows.insert(id, lowering.node(id, node, &inputs)?);
        }
    }
    for (ids, is_output) in [(&graph.inputs, false), (&graph.outputs, true)] {
        for id in ids {
            let Some(flow) = flows.get(id) else { continue };
            let value = lowering.plain(flow);
            let port = Port { name: graph.leaves[graph.nodes[*id].leaf].layer.name.clone(), value };
            if is_output { lowering.plan.outputs.push(port) } else { lowering.plan.inputs.push(port) }
        }
    }
    check_inputs(graph, &lowering.plan, &flows)?;
    Ok(lowering)
}

/// Refuses a graph whose inputs are not those that the model lists, because nobody would supply them.
///
/// Keras 1 lists the layer behind an input where that does nothing (a linear activation), so values count, not layers.
fn check_inputs(graph: &Graph<'_>, plan: &Plan, flows: &HashMap<NodeId, Flow>) -> Result<(), PlanError> {
    let supplied: HashSet<ValueId> = plan.inputs.iter().map(|port| port.value).collect();
    if let Some(step) = plan.steps.iter().find(|step| supplied.contains(&step.output)) {
        let path = step.layers.first().map_or("?", String::as_str);
        return Err(PlanError::graph(path, "the model lists the layer as an input, and it is none"));
    }
    let unlisted = graph.live().find(|id| {
        matches!(graph.op(*id), Some(Op::Input(_)))
            && flows.get(id).is_some_and(|flow| !supplied.contains(&flow.value))
    });
    match unlisted {
        Some(id) => {
            Err(PlanError::graph(&graph.leaf(id).path, "the layer is an input that the model does not list"))
        }
        None => Ok(()),
    }
}

impl Lowering<'_> {
    fn node(&mut self, id: NodeId, node: &Node, inputs: &[Flow]) -> Result<Flow, PlanError> {
        let leaf = &self.graph.leaves[node.leaf];
        let op = leaf
            .op
            .as_ref()
            .map_err(|reason| PlanError::Layer { layer: leaf.path.clone(), reason: reason.clone() })?;
        let shape = self.shapes.of(self.graph, id)?.clone();
        if shape.is_empty() || shape.len() > 3 {
            let reason = format!(
                "tensors of shape {shape:?} besides the batch are not supported, only one to three axes"
            );
            return Err(PlanError::Shape { layer: leaf.path.clone(), reason });
        }
        if let Op::Input(_) = op {
            let value = self.value(&shape);
            return Ok(Flow { value, shape, turned: false });
        }
        self.layer(node.leaf, op, inputs, shape)
    }

    /// A new tensor of this memory shape, given without the batch.
    fn value(&mut self, shape: &[usize]) -> ValueId {
        let mut full = vec![self.plan.batch];
        full.extend_from_slice(shape);
        self.plan.values.push(Value { shape: full, buffer: 0 });
        self.root.push(self.plan.values.len() - 1);
        self.plan.values.len() - 1
    }

    /// The same elements under another shape.
    fn alias(&mut self, value: ValueId, shape: &[usize]) -> ValueId {
        let alias = self.value(shape);
        self.root[alias] = self.root[value];
        alias
    }

    fn step(&mut self, layer: &str, kernel: Kernel, inputs: Vec<ValueId>, shape: &[usize]) -> ValueId {
        let output = self.value(shape);
        self.plan.steps.push(Step { layers: vec![layer.to_string()], kernel, inputs, output });
        output
    }

    /// A parameter, made once per name.
    fn param(&mut self, name: String, shape: Vec<usize>, recipe: Recipe) -> ParamId {
        if let Some(id) = self.params.get(&name) {
            return *id;
        }
        self.plan.params.push(Param { name: name.clone(), shape, recipe });
        self.params.insert(name, self.plan.params.len() - 1);
        self.plan.params.len() - 1
    }

    fn path(&self, leaf: LeafId) -> String {
        self.graph.leaves[leaf].path.clone()
    }

    /// The stored weight of that name.
    fn weight(&self, leaf: LeafId, name: &str) -> Result<WeightId, PlanError> {
        let specs = self.shapes.weights[leaf].as_deref().unwrap_or_default();
        let position = specs.iter().position(|spec| spec.name == name);
        let bound = self.binding.weights.get(&leaf);
        let found = position.and_then(|index| bound?.get(index).copied());
        found.ok_or_else(|| PlanError::Weight { layer: self.path(leaf), weight: name.to_string() })
    }

    /// The value in the order in which Keras sees it.
    fn plain(&mut self, flow: &Flow) -> ValueId {
        if !flow.turned {
            return flow.value;
        }
        let [channels, height, width] = [flow.shape[0], flow.shape[1], flow.shape[2]];
        self.transpose(flow.value, &[height, width, channels], &[2, 0, 1])
    }

    /// The value as an image in memory order, and its `[height, width, channels]`.
    fn image(&mut self, flow: &Flow, format: DataFormat) -> (ValueId, [usize; 3]) {
        let [a, b, c] = [flow.shape[0], flow.shape[1], flow.shape[2]];
        match (format, flow.turned) {
            (DataFormat::ChannelsLast, _) => (self.plain(flow), [a, b, c]),
            (DataFormat::ChannelsFirst, true) => (flow.value, [b, c, a]),
            (DataFormat::ChannelsFirst, false) => {
                (self.transpose(flow.value, &[a, b, c], &[1, 2, 0]), [b, c, a])
            }
        }
    }

    /// Axes in another order; `shape` is the input's, without the batch, and has at most three axes.
    fn transpose(&mut self, value: ValueId, shape: &[usize], order: &[usize]) -> ValueId {
        let batch = self.plan.batch;
        let target: Vec<usize> = order.iter().map(|axis| shape[*axis]).collect();
        let from = geometry::strides(batch, shape);
        let mut reordered = from;
        for (position, axis) in order.iter().enumerate() {
            reordered[4 - order.len() + position] = from[4 - order.len() + axis];
        }
        let copied = CopyBox {
            size: geometry::four(batch, &target),
            from: Strided { offset: 0, strides: reordered },
            to: Strided { offset: 0, strides: geometry::strides(batch, &target) },
        };
        let elements = batch * target.iter().product::<usize>();
        let kernel = Kernel::Copy(Copy { elements, zero: false, boxes: vec![copied] });
        self.step("transpose", kernel, vec![value], &target)
    }
}
