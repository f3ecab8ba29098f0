//! Shapes of everything that flows, and the weights that follow from them.

use super::PlanError;
use crate::graph::{Graph, LeafId};
use crate::limits;
use crate::ops::{Op, Shape, ShapeError, WeightSpec};

/// What is known of a graph's shapes, all without the batch.
#[derive(Clone, Debug, Default)]
pub struct Shapes {
    /// Per node, its result; `None` behind a layer that is not understood.
    pub nodes: Vec<Option<Shape>>,
    /// Per leaf, the weights it must have; `None` when that can't be told.
    pub weights: Vec<Option<Vec<WeightSpec>>>,
    /// Layers that can't be called on what flows into them.
    pub errors: Vec<(LeafId, ShapeError)>,
}

/// Infers all shapes. The open axes of an input get the lengths `open`, in order; the last one stands for all further.
pub fn infer(graph: &Graph<'_>, open: [usize; 2]) -> Shapes {
    let mut shapes =
        Shapes { nodes: Vec::new(), weights: vec![None; graph.leaves.len()], errors: Vec::new() };
    for node in &graph.nodes {
        let inputs: Option<Vec<Shape>> =
            node.inputs.iter().map(|input| shapes.nodes[*input].clone()).collect();
        let result = match (&graph.leaves[node.leaf].op, inputs) {
            (Ok(Op::Input(input)), _) => input.shape.as_ref().map(|axes| held(fill(axes, open))).transpose(),
            (Ok(op), Some(inputs)) => shapes.visit(node.leaf, op, &inputs).map(Some),
            _ => Ok(None),
        };
        let shape = result.unwrap_or_else(|error| {
            // Keras never calls what no result needs.
            if node.live {
                shapes.errors.push((node.leaf, error));
            }
            None
        });
        shapes.nodes.push(shape);
    }
    shapes
}

fn fill(axes: &[Option<usize>], open: [usize; 2]) -> Shape {
    let mut lengths = open.into_iter().chain(std::iter::repeat(open[1]));
    axes.iter().map(|axis| axis.unwrap_or_else(|| lengths.next().unwrap_or(open[1]))).collect()
}

/// The shape, if a tensor of it can be held: behind this, no product of its axes overflows.
fn held(shape: Shape) -> Result<Shape, ShapeError> {
    let elements = shape.iter().try_fold(1usize, |product, axis| product.checked_mul(*axis));
    match elements {
        Some(n) if n <= limits::MAX_ACTIVATION_ELEMENTS && !shape.contains(&0) => Ok(shape),
        _ => Err(ShapeError(format!("its result would have the shape {shape:?}, which can't be held"))),
    }
}

impl Shapes {
    fn visit(&mut self, leaf: LeafId, op: &Op, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        if let Some(first) = inputs.first() {
            let specs = op.weights(first)?;
            if self.weights[leaf].as_ref().is_some_and(|before| *before != specs) {
                return Err(ShapeError(format!(
                    "it is shared, and on {first:?} its weights would need other shapes"
                )));
            }
            self.weights[leaf] = Some(specs);
        }
        held(op.output_shape(inputs)?)
    }

    /// The shape of a node that a plan needs.
    ///
    /// # Errors
    /// Naming the layer whose shape is not known, and why.
    pub fn of(&self, graph: &Graph<'_>, node: usize) -> Result<&Shape, PlanError> {
        let leaf = graph.nodes[node].leaf;
        self.nodes[node].as_ref().ok_or_else(|| {
            let known = self.errors.iter().find(|(at, _)| *at == leaf);
            let reason = known.map_or("its shape is not known".to_string(), |(_, error)| error.to_string());
            PlanError::Shape { layer: graph.leaves[leaf].path.clone(), reason }
        })
    }
}
