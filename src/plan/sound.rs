//! Whether a graph is whole: every result that is used is there.

use super::PlanError;
use crate::graph::Graph;

/// Refuses a graph in which something that a result needs is not there.
pub(super) fn check(graph: &Graph<'_>) -> Result<(), PlanError> {
    if graph.cut {
        return Err(PlanError::graph("(all)", "the model has too many calls of layers"));
    }
    let broken = graph.nodes.iter().find(|node| node.live && !node.complete);
    match (broken, graph.circular.first(), graph.outputs.is_empty()) {
        (None, _, false) => Ok(()),
        (_, Some(path), _) => Err(PlanError::graph(path, "the layer depends on its own result")),
        (Some(node), None, _) => {
            let path = &graph.leaves[node.leaf].path;
            Err(PlanError::graph(path, "the layer is called on a result that is not there"))
        }
        (None, None, true) => Err(PlanError::graph("(all)", "the model gives no result")),
    }
}
