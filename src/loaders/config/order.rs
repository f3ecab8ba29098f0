//! The order of a model's `layers`, which is the order in which its weights are assigned: every Keras sorts them by their
//! distance from the outputs, and those of one distance by when a walk from the outputs first meets them.

use std::collections::HashMap;

use super::template::{Slot, Template};
use crate::keras::network::{Layer, Network};

/// A call: layer, and which of its calls.
type Node = (usize, usize);

/// The template of a network and of all models in it. `prefix` is the path of the models around it, with a slash behind.
pub fn template(network: &Network, prefix: &str) -> Template {
    let sequential = network.class == "Sequential";
    let order: Vec<usize> = if sequential { (0..network.layers.len()).collect() } else { order(network) };
    let layers = order.into_iter().filter_map(|index| network.layers.get(index));
    Template {
        name: network.name.clone(),
        sequential,
        layers: layers.map(|layer| slot(layer, prefix)).collect(),
    }
}

fn slot(layer: &Layer, prefix: &str) -> Slot {
    let path = format!("{prefix}{}", layer.name);
    let inner = layer.inner.as_ref().map(|inner| template(inner, &format!("{path}/")));
    Slot {
        name: layer.name.clone(),
        class: layer.class.clone(),
        inner,
        trainable: layer.config.flag("trainable", true),
        weights: None,
        path,
    }
}

/// Indices of the layers that the outputs need, in Keras' order.
fn order(network: &Network) -> Vec<usize> {
    let walk = Walk::from_outputs(network);
    let mut depths: HashMap<usize, usize> = HashMap::new();
    let mut node_depths: HashMap<Node, usize> = HashMap::new();
    for node in walk.finished.iter().rev() {
        let known = node_depths.get(node).copied().unwrap_or(0);
        let depth = known.max(depths.get(&node.0).copied().unwrap_or(0));
        depths.insert(node.0, depth);
        node_depths.insert(*node, depth);
        for input in inputs(network, *node) {
            let below = node_depths.entry(input).or_insert(0);
            *below = (*below).max(depth + 1);
        }
    }
    // An input that no output needs stands last.
    for input in &network.inputs {
        depths.entry(input.layer).or_insert(0);
    }
    let mut layers: Vec<usize> = depths.keys().copied().collect();
    let met = |layer: &usize| walk.met.get(layer).map_or(0, |index| index + 1);
    layers.sort_by_key(|layer| (std::cmp::Reverse(depths[layer]), met(layer), *layer));
    layers
}

fn inputs(network: &Network, (layer, call): Node) -> impl DoubleEndedIterator<Item = Node> + '_ {
    let call = network.layers.get(layer).and_then(|layer| layer.calls.get(call));
    call.into_iter().flat_map(|call| &call.inputs).map(|input| (input.layer, input.call))
}

/// A walk from the outputs towards the inputs.
#[derive(Default)]
struct Walk {
    /// When each layer was met first.
    met: HashMap<usize, usize>,
    /// The calls, each behind those it is called on.
    finished: Vec<Node>,
}

impl Walk {
    fn from_outputs(network: &Network) -> Walk {
        let mut walk = Walk::default();
        let mut done: std::collections::HashSet<Node> = std::collections::HashSet::new();
        // What is still to be done: calls to enter and, behind their inputs, to finish.
        let mut open: Vec<(Node, bool)> =
            network.outputs.iter().rev().map(|output| ((output.layer, output.call), false)).collect();
        while let Some((node, leaving)) = open.pop() {
            if leaving {
                walk.finished.push(node);
            } else if done.insert(node) {
                let next = walk.met.len();
                walk.met.entry(node.0).or_insert(next);
                open.push((node, true));
                open.extend(inputs(network, node).rev().map(|input| (input, false)));
            }
        }
        walk
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keras::parse;

    fn names(template: &Template) -> Vec<&str> {
        template.layers.iter().map(|slot| slot.name.as_str()).collect()
    }

    /// The order that Keras 2.15.0 gives `Model.layers` for a residual block whose shortcut was made first.
    #[test]
    fn layers_stand_by_their_distance_from_the_output() {
        let layer = |class: &str, name: &str, inputs: &[&str]| {
            let call: Vec<_> = inputs.iter().map(|input| json!([input, 0, 0, {}])).collect();
            let nodes = if inputs.is_empty() { json!([]) } else { json!([call]) };
            json!({"class_name": class, "name": name, "config": {"name": name}, "inbound_nodes": nodes})
        };
        let layers = json!([
            layer("InputLayer", "in", &[]),
            layer("Conv2D", "shortcut", &["in"]),
            layer("Conv2D", "a", &["in"]),
            layer("Conv2D", "b", &["a"]),
            layer("Add", "add", &["shortcut", "b"]),
            layer("Dense", "unused", &["in"]),
        ]);
        let config = json!({"class_name": "Functional", "config": {"name": "m", "layers": layers,
            "input_layers": [["in", 0, 0]], "output_layers": [["add", 0, 0]]}});
        let network = parse::network(&config, false).unwrap();
        let template = template(&network, "");
        assert_eq!(names(&template), ["in", "a", "shortcut", "b", "add"]);
        assert!(!template.sequential);
    }
}
