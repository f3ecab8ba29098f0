//! The table of layers and weights.

use std::collections::HashMap;

use serde::Serialize;

use crate::checks::Facts;
use crate::keras::{WeightId, WeightTable};
use crate::plan::Structure;
use crate::tensor::{Channels, Stats};

/// A layer of the network, or of the file where there is no network.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Names from the outside in, joined by `/`.
    pub path: String,
    /// Its class, as the file has it.
    pub class: String,
    /// Shape of its result without the batch, where known.
    pub output_shape: Option<Vec<usize>>,
    /// Numbers in its weights.
    pub parameters: u64,
    /// Its weights.
    pub weights: Vec<Weight>,
}

/// A stored weight.
#[derive(Clone, Debug, Serialize)]
pub struct Weight {
    /// Keras' name where known, else the one in the file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<u64>,
    /// Type of its numbers.
    pub dtype: String,
    /// What is left of it, where the file ends within its numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Its statistics, once it has been read.
    #[serde(flatten)]
    pub stats: Option<Summary>,
}

/// What is left of a weight.
#[derive(Clone, Debug, Serialize)]
pub struct Cut {
    /// Bytes that are there.
    pub bytes: u64,
    /// Bytes there should be.
    pub of: u64,
}

/// Statistics of a weight; what there is nothing of is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Mean of the finite numbers.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub std: Option<f64>,
    /// The smallest.
    pub min: Option<f32>,
    /// The largest.
    pub max: Option<f32>,
    /// How many are zero.
    pub zeros: u64,
    /// How many are NaN or infinite.
    pub non_finite: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are too small for a normal `float32`, zero excepted.
    pub subnormal: u64,
    /// How many values there are, as long as they are at most 256.
    pub distinct: Option<usize>,
    /// Counts of the finite numbers in 64 equal steps from the smallest to the largest; `null` where these are the same.
    /// Exact up to 4096 numbers; beyond, a number close to a border may be counted on its other side.
    pub histogram: Option<Vec<u32>>,
    /// 128 bits in hexadecimal that are the same for tensors with the same numbers.
    pub fingerprint: String,
    /// Its slices along the last axis, for a weight of two or more axes.
    pub channels: Option<ChannelSummary>,
}

/// The slices of a weight along its last axis: the output channels of a kernel.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelSummary {
    /// How many there are.
    pub count: usize,
    /// How many are zero throughout.
    pub dead: usize,
    /// How many are one number other than zero throughout.
    pub constant: usize,
    /// The smallest Euclidean norm of one; `null` where a number is not finite.
    pub min_norm: Option<f64>,
    /// The largest.
    pub max_norm: Option<f64>,
}

impl ChannelSummary {
    fn of(channels: &Channels) -> ChannelSummary {
        let Channels { count, dead, constant, min_norm, max_norm } = *channels;
        ChannelSummary { count, dead, constant, min_norm, max_norm }
    }
}

impl Summary {
    fn of(stats: &Stats) -> Summary {
        Summary {
            mean: stats.mean(),
            std: stats.std(),
            min: (stats.finite() > 0).then_some(stats.min),
            max: (stats.finite() > 0).then_some(stats.max),
            zeros: stats.zeros,
            non_finite: stats.nans + stats.infinities,
            nans: stats.nans,
            subnormal: stats.subnormals,
            distinct: stats.distinct,
            histogram: stats.histogram.as_ref().map(|counts| counts.to_vec()),
            fingerprint: format!("{:032x}", stats.fingerprint),
            channels: stats.channels.as_ref().map(ChannelSummary::of),
        }
    }
}

pub(super) fn layers(facts: &Facts<'_>) -> Vec<Layer> {
    let Some(Ok(model)) = facts.model else { return Vec::new() };
    match facts.structure {
        // Of a damaged file the table shows what is left, whether or not it fits together.
        Some(structure) if facts.is_truncated() || !model.weights.problems.is_empty() => {
            of_both(facts, structure, &model.weights)
        }
        Some(structure) => of_network(facts, structure, &model.weights),
        None => of_file(facts, &model.weights),
    }
}

fn of_network(facts: &Facts<'_>, structure: &Structure<'_>, table: &WeightTable) -> Vec<Layer> {
    let graph = &structure.graph;
    let mut shapes = vec![None; graph.leaves.len()];
    for (node, shape) in graph.nodes.iter().zip(&structure.shapes.nodes) {
        shapes[node.leaf] = shape.clone();
    }
    let leaves = graph.leaves.iter().enumerate().zip(shapes);
    leaves
        .map(|((id, leaf), output_shape)| {
            let specs = structure.shapes.weights[id].as_deref().unwrap_or_default();
            let ids = structure.binding.weights.get(&id).map(Vec::as_slice).unwrap_or_default();
            let name = |index: usize| specs.get(index).map(|spec| spec.name.to_string());
            let weights = ids.iter().enumerate().map(|(i, id)| weight(facts, table, *id, name(i))).collect();
            Layer {
                path: leaf.path.clone(),
                class: leaf.layer.written_class.clone(),
                output_shape,
                parameters: parameters(table, ids),
                weights,
            }
        })
        .collect()
}

/// The layers of the network with whatever the file has under their names, and then the rest of the file.
fn of_both(facts: &Facts<'_>, structure: &Structure<'_>, table: &WeightTable) -> Vec<Layer> {
    let mut layers = of_network(facts, structure, table);
    let mut stored = of_file(facts, table);
    let places: HashMap<String, usize> =
        layers.iter().enumerate().map(|(at, layer)| (layer.path.clone(), at)).collect();
    stored.retain_mut(|found| match places.get(&found.path).map(|at| &mut layers[*at]) {
        Some(layer) => {
            if layer.weights.is_empty() {
                (layer.weights, layer.parameters) = (std::mem::take(&mut found.weights), found.parameters);
            }
            false
        }
        None => !found.weights.is_empty(),
    });
    layers.extend(stored);
    layers
}

fn of_file(facts: &Facts<'_>, table: &WeightTable) -> Vec<Layer> {
    let groups = table.groups.iter();
    groups
        .map(|group| Layer {
            path: group.layer.clone(),
            class: String::new(),
            output_shape: None,
            parameters: parameters(table, &group.tensors),
            weights: group.tensors.iter().map(|id| weight(facts, table, *id, None)).collect(),
        })
        .collect()
}

fn parameters(table: &WeightTable, ids: &[WeightId]) -> u64 {
    ids.iter().filter_map(|id| table.tensors[*id].dataset.elements().ok()).fold(0, u64::saturating_add)
}

fn weight(facts: &Facts<'_>, table: &WeightTable, id: WeightId, name: Option<String>) -> Weight {
    let tensor = &table.tensors[id];
    let stats = facts.stats.and_then(|all| all.get(id)).and_then(|stats| stats.as_ref().ok());
    Weight {
        name: name.unwrap_or_else(|| tensor.name.clone()),
        shape: tensor.dataset.shape.clone(),
        dtype: tensor.dataset.dtype.to_string(),
        cut: tensor.dataset.cut().map(|(bytes, of)| Cut { bytes, of }),
        stats: stats.map(Summary::of),
    }
}
