//! Which stored weight belongs to which layer: by position, as Keras' own `load_weights` goes.

use std::collections::{HashMap, HashSet};

use super::shapes::Shapes;
use crate::graph::{Graph, LeafId};
use crate::keras::network::Network;
use crate::keras::{LayerGroup, WeightId, WeightTable};
use crate::ops::{Op, WeightSpec, tuple};

/// The weights of every layer, as far as the file and the architecture agree.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    /// Per leaf, its weights in Keras' order.
    pub weights: HashMap<LeafId, Vec<WeightId>>,
    /// Where file and architecture disagree.
    pub mismatches: Vec<Mismatch>,
}

/// A disagreement between the architecture and the stored weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// As many layers with weights as the architecture has are not there.
    LayerCount {
        /// Layers with weights in the architecture.
        expected: usize,
        /// Layers with weights in the file.
        found: usize,
        /// The first layer of the architecture that the file has not under its name.
        first_absent: Option<String>,
        /// The first layer of the file that the architecture has not.
        first_extra: Option<String>,
    },
    /// The same layers, listed in another order.
    Order {
        /// The first layer of the architecture that is affected.
        expected: String,
        /// The layer of the file in its place.
        found: String,
    },
    /// A layer has more or fewer weights than it must.
    WeightCount {
        /// The layer.
        layer: String,
        /// The weights it must have.
        expected: Vec<&'static str>,
        /// How many are stored.
        found: usize,
    },
    /// A weight has another shape than it must.
    Shape {
        /// The layer.
        layer: String,
        /// The weight.
        weight: &'static str,
        /// The shape the architecture asks for.
        expected: Vec<usize>,
        /// The shape stored.
        found: Vec<u64>,
    },
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mismatch::LayerCount { expected, found, .. } => {
                write!(f, "expected {expected} layers with weights, found {found}")
            }
            Mismatch::Order { expected, found } => write!(f, "where {expected} belongs, {found} is stored"),
            Mismatch::WeightCount { layer, expected, found } => {
                write!(f, "layer {layer} needs {} weights, found {found}", expected.len())
            }
            Mismatch::Shape { layer, weight, expected, found } => {
                write!(f, "{layer}/{weight} must have the shape {}, found {}", tuple(expected), tuple(found))
            }
        }
    }
}

/// A layer of the architecture, or a model in it, that has weights.
struct Holder<'n> {
    name: &'n str,
    leaves: Vec<LeafId>,
}

/// Binds the weights of `table` to the leaves of `graph`.
pub fn bind(network: &Network, graph: &Graph<'_>, shapes: &Shapes, table: &WeightTable) -> Binding {
    let mut binding = Binding::default();
    let holders = holders(network, graph, shapes, table);
    let idle = identities(network);
    let groups: Vec<&LayerGroup> = table.weighted().filter(|g| !idle.contains(g.layer.as_str())).collect();
    for (holder, group) in binding.pair(&holders, &groups) {
        binding.bind_holder(graph, shapes, table, holder, group);
    }
    binding
}

/// Layers that do nothing; one may still keep a random seed among its weights.
fn identities(network: &Network) -> HashSet<&str> {
    let idle = network.layers.iter().filter(|layer| matches!(Op::parse(layer), Ok(Op::Identity)));
    idle.map(|layer| layer.name.as_str()).collect()
}

fn holders<'n>(
    network: &'n Network,
    graph: &Graph<'_>,
    shapes: &Shapes,
    table: &WeightTable,
) -> Vec<Holder<'n>> {
    let mut holders: Vec<Holder<'n>> =
        network.layers.iter().map(|layer| Holder { name: &layer.name, leaves: Vec::new() }).collect();
    let stored: HashSet<&str> = table.weighted().map(|group| group.layer.as_str()).collect();
    for (leaf, entry) in graph.leaves.iter().enumerate() {
        let has_weights = match &shapes.weights[leaf] {
            Some(specs) => !specs.is_empty(),
            // Of a layer that is not understood, the file alone tells.
            None => {
                !matches!(entry.op, Ok(Op::Identity | Op::Input(_)))
                    && stored.contains(network.layers[entry.top].name.as_str())
            }
        };
        if has_weights {
            holders[entry.top].leaves.push(leaf);
        }
    }
    holders.retain(|holder| !holder.leaves.is_empty());
    holders
}

impl Binding {
    /// Pairs by position, as Keras does; by name where the counts or the order disagree, so that one such fault does not
    /// look like many.
    fn pair<'a, 'n>(
        &mut self,
        holders: &'a [Holder<'n>],
        groups: &[&'a LayerGroup],
    ) -> Vec<(&'a Holder<'n>, &'a LayerGroup)> {
        let expected: HashSet<&str> = holders.iter().map(|holder| holder.name).collect();
        let by_name: HashMap<&str, &LayerGroup> = groups.iter().map(|g| (g.layer.as_str(), *g)).collect();
        if holders.len() == groups.len() {
            let moved = holders.iter().zip(groups).find(|(holder, group)| holder.name != group.layer);
            let Some((holder, group)) = moved.filter(|_| by_name.keys().all(|name| expected.contains(name)))
            else {
                return holders.iter().zip(groups.iter().copied()).collect();
            };
            let (expected, found) = (holder.name.to_string(), group.layer.clone());
            self.mismatches.push(Mismatch::Order { expected, found });
            return holders.iter().filter_map(|h| Some((h, *by_name.get(h.name)?))).collect();
        }
        let absent = holders.iter().find(|holder| !by_name.contains_key(holder.name));
        let extra = groups.iter().find(|group| !expected.contains(group.layer.as_str()));
        self.mismatches.push(Mismatch::LayerCount {
            expected: holders.len(),
            found: groups.len(),
            first_absent: absent.map(|h| h.name.to_string()),
            first_extra: extra.map(|g| g.layer.clone()),
        });
        holders.iter().filter_map(|h| Some((h, *by_name.get(h.name)?))).collect()
    }

    fn bind_holder(
        &mut self,
        graph: &Graph<'_>,
        shapes: &Shapes,
        table: &WeightTable,
        holder: &Holder<'_>,
        group: &LayerGroup,
    ) {
        if let [leaf] = holder.leaves[..] {
            return self.bind_leaf(graph, shapes, table, leaf, &group.tensors);
        }
        let parts = by_names(graph, shapes, table, holder, group)
            .or_else(|| by_order(shapes, table, holder, group, false))
            .or_else(|| by_order(shapes, table, holder, group, true));
        match parts {
            Some(parts) => {
                for (leaf, tensors) in parts {
                    self.bind_leaf(graph, shapes, table, leaf, &tensors);
                }
            }
            None => {
                // Of a model with a layer that is not understood nobody knows how many weights it has.
                if let Some(specs) = all_specs(shapes, holder) {
                    self.count_mismatch(holder.name, specs, group.tensors.len());
                }
            }
        }
    }

    fn bind_leaf(
        &mut self,
        graph: &Graph<'_>,
        shapes: &Shapes,
        table: &WeightTable,
        leaf: LeafId,
        tensors: &[WeightId],
    ) {
        let path = &graph.leaves[leaf].path;
        if let Some(specs) = &shapes.weights[leaf] {
            if specs.len() != tensors.len() {
                return self.count_mismatch(path, specs.iter().collect(), tensors.len());
            }
            for (spec, id) in specs.iter().zip(tensors) {
                let found = &table.tensors[*id].dataset.shape;
                if !same_shape(&spec.shape, found) {
                    self.mismatches.push(Mismatch::Shape {
                        layer: path.clone(),
                        weight: spec.name,
                        expected: spec.shape.clone(),
                        found: found.clone(),
                    });
                }
            }
        }
        self.weights.insert(leaf, tensors.to_vec());
    }

    fn count_mismatch(&mut self, layer: &str, specs: Vec<&WeightSpec>, found: usize) {
        let expected = specs.iter().map(|spec| spec.name).collect();
        self.mismatches.push(Mismatch::WeightCount { layer: layer.to_string(), expected, found });
    }
}

fn all_specs<'s>(shapes: &'s Shapes, holder: &Holder<'_>) -> Option<Vec<&'s WeightSpec>> {
    let specs = holder.leaves.iter().map(|leaf| shapes.weights[*leaf].as_ref());
    Some(specs.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

fn same_shape(expected: &[usize], found: &[u64]) -> bool {
    expected.len() == found.len() && expected.iter().zip(found).all(|(e, f)| *e as u64 == *f)
}

/// The weights of a model by the names in the file (`conv1_conv/kernel:0`), when every one of them is found once.
fn by_names(
    graph: &Graph<'_>,
    shapes: &Shapes,
    table: &WeightTable,
    holder: &Holder<'_>,
    group: &LayerGroup,
) -> Option<Vec<(LeafId, Vec<WeightId>)>> {
    let mut stored: HashMap<(&str, &str), WeightId> = HashMap::new();
    for id in &group.tensors {
        let (layer, weight) = layer_and_weight(&table.tensors[*id].name)?;
        if stored.insert((layer, weight), *id).is_some() {
            return None;
        }
    }
    let mut taken = 0;
    let mut parts = Vec::new();
    for leaf in &holder.leaves {
        let name = graph.leaves[*leaf].layer.name.as_str();
        let specs = shapes.weights[*leaf].as_ref()?;
        let tensors: Option<Vec<_>> =
            specs.iter().map(|spec| stored.get(&(name, spec.name)).copied()).collect();
        taken += specs.len();
        parts.push((*leaf, tensors?));
    }
    (taken == group.tensors.len()).then_some(parts)
}

/// `block/conv/kernel:0` → (`conv`, `kernel`)
fn layer_and_weight(name: &str) -> Option<(&str, &str)> {
    let mut parts = name.rsplit('/');
    let weight = parts.next()?.split(':').next()?;
    Some((parts.next()?, weight))
}

/// The weights of a model in the order of its layers; with `trainable_first`, moving statistics come behind all others.
fn by_order(
    shapes: &Shapes,
    table: &WeightTable,
    holder: &Holder<'_>,
    group: &LayerGroup,
    trainable_first: bool,
) -> Option<Vec<(LeafId, Vec<WeightId>)>> {
    let mut slots: Vec<(LeafId, usize, &WeightSpec)> = Vec::new();
    for leaf in &holder.leaves {
        let specs = shapes.weights[*leaf].as_ref()?;
        slots.extend(specs.iter().enumerate().map(|(index, spec)| (*leaf, index, spec)));
    }
    if trainable_first {
        slots.sort_by_key(|(_, _, spec)| spec.name.starts_with("moving_"));
    }
    let fits = slots.len() == group.tensors.len()
        && slots
            .iter()
            .zip(&group.tensors)
            .all(|(slot, id)| same_shape(&slot.2.shape, &table.tensors[*id].dataset.shape));
    if !fits {
        return None;
    }
    let mut placed: Vec<_> =
        slots.iter().zip(&group.tensors).map(|((leaf, index, _), id)| (*leaf, *index, *id)).collect();
    placed.sort_unstable();
    let mut parts: Vec<(LeafId, Vec<WeightId>)> = Vec::new();
    for (leaf, _, id) in placed {
        match parts.last_mut() {
            Some((last, tensors)) if *last == leaf => tensors.push(id),
            _ => parts.push((leaf, vec![id])),
        }
    }
    Some(parts)
}
