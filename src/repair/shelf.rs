//! The weights of a new file, layer by layer, in the order in which loaders assign them.

use std::collections::{HashMap, HashSet};

use super::{Change, Refusal};
use crate::hdf5::{self, Dataset};
use crate::keras::network::Network;
use crate::keras::{Era, Layout, ModelFile, Problem};
use crate::limits;
use crate::loaders::Evidence;
use crate::plan::bind::Mismatch;
use crate::tensor::Turn;

/// A layer of the new file.
pub(super) struct Shelf {
    pub(super) layer: String,
    pub(super) weights: Vec<Weight>,
}

/// A weight of the new file.
#[derive(Clone)]
pub(super) struct Weight {
    pub(super) name: String,
    pub(super) dataset: Dataset,
    pub(super) turn: Turn,
}

/// What weights are called in any Keras, in the order in which a layer has them.
const ROLES: [&str; 14] = [
    "depthwise_kernel",
    "pointwise_kernel",
    "kernel",
    "W",
    "bias",
    "b",
    "gamma",
    "beta",
    "moving_mean",
    "running_mean",
    "moving_variance",
    "running_std",
    "mean",
    "variance",
];
/// Layers with kernels of four axes that are no Conv2D, whose turning is not known here.
const OTHER_KERNELS: [&str; 4] =
    ["Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D", "LocallyConnected2D"];

/// The weights as the file lists them or, where its lists are gone or out of order, by the names of the layers.
pub(super) fn shelves(
    evidence: &Evidence<'_>,
    model: &ModelFile,
    network: &Network,
) -> Result<(Vec<Shelf>, Vec<Change>), Refusal> {
    let mismatches =
        evidence.structure.map(|structure| structure.binding.mismatches.as_slice()).unwrap_or_default();
    let is_misplaced =
        |mismatch: &Mismatch| matches!(mismatch, Mismatch::Order { .. } | Mismatch::LayerCount { .. });
    let has_lost_lists = !model.weights.problems.is_empty();
    let (mut shelves, mut changes) = if has_lost_lists || mismatches.iter().any(is_misplaced) {
        by_name(evidence, model, network)?
    } else {
        (listed(model), Vec::new())
    };
    if model.layout == Layout::KerasArchive {
        changes.extend(from_archive(&mut shelves, network)?);
    }
    turn(model, network, &mut shelves, mismatches)?;
    Ok((shelves, changes))
}

/// The kernels that are turned, as changes.
pub(super) fn turned(shelves: &[Shelf]) -> Vec<Change> {
    let weights = shelves.iter().flat_map(|shelf| shelf.weights.iter().map(move |weight| (shelf, weight)));
    let turned = weights.filter(|(_, weight)| !weight.turn.is_none());
    let change = |(shelf, weight): (&Shelf, &Weight)| {
        let before = weight.turn.transposed.then_some("(filters, channels, rows, columns)");
        let after = weight.turn.transposed.then_some("(rows, columns, channels, filters)");
        let rotated = "Theano convolves with kernels turned by 180 degrees";
        let why =
            if weight.turn.rotated { rotated } else { "it is stored in the order of Theano's dimensions" };
        Change {
            place: format!("{}/{}", shelf.layer, weight.name),
            what: if weight.turn.rotated { "kernel, turned by 180 degrees" } else { "kernel" }.into(),
            before: before.map(str::to_string),
            after: after.map(str::to_string),
            why: why.into(),
        }
    };
    turned.map(change).collect()
}

fn listed(model: &ModelFile) -> Vec<Shelf> {
    let weight = |id: &usize| {
        model.weights.tensors.get(*id).map(|tensor| Weight {
            name: tensor.name.clone(),
            dataset: tensor.dataset.clone(),
            turn: Turn::default(),
        })
    };
    let shelf = |group: &crate::keras::LayerGroup| Shelf {
        layer: group.layer.clone(),
        weights: group.tensors.iter().filter_map(weight).collect(),
    };
    model.weights.groups.iter().map(shelf).collect()
}

/// The layers of the architecture in its order, each with what is stored under its name.
fn by_name(
    evidence: &Evidence<'_>,
    model: &ModelFile,
    network: &Network,
) -> Result<(Vec<Shelf>, Vec<Change>), Refusal> {
    let is_list =
        |problem: &Problem| matches!(problem, Problem::NoLayerNames | Problem::NoWeightNames { .. });
    if !model.weights.problems.iter().all(is_list) {
        return Err(Refusal::new("", super::DAMAGED));
    }
    let names: HashSet<&str> = network.layers.iter().map(|layer| layer.name.as_str()).collect();
    let listed = listed(model);
    let is_extra = |shelf: &&Shelf| !shelf.weights.is_empty() && !names.contains(shelf.layer.as_str());
    if let Some(extra) = listed.iter().find(is_extra) {
        let what = "it has weights in the file and is no layer of the architecture";
        return Err(Refusal::new(extra.layer.as_str(), what));
    }
    let mut stored: HashMap<String, Shelf> =
        listed.into_iter().map(|shelf| (shelf.layer.clone(), shelf)).collect();
    let file = evidence.file.and_then(|file| file.as_ref().ok());
    let mut shelves = Vec::new();
    for layer in network.layers.iter().map(|layer| &layer.name) {
        let known = stored.remove(layer).filter(|shelf| !shelf.weights.is_empty());
        let found = known.or_else(|| found(file?, layer));
        shelves.push(found.unwrap_or_else(|| Shelf { layer: layer.clone(), weights: Vec::new() }));
    }
    let why = "weights go to the layers by their place in the lists, which are put together from the names in the file";
    let change = Change {
        place: "model_weights@layer_names".into(),
        what: "order".into(),
        before: None,
        after: Some("that of the layers in model_config".into()),
        why: why.into(),
    };
    Ok((shelves, vec![change]))
}

/// A layer's weights where no list names them, by what they are called.
fn found(file: &hdf5::File, layer: &str) -> Option<Shelf> {
    let group = file.group(&format!("model_weights/{layer}")).ok()?;
    let mut paths = Vec::new();
    datasets(&group, "", 0, &mut paths);
    let mut weights = Vec::new();
    for path in paths {
        let dataset = group.dataset(&path).ok()?;
        weights.push((role(&path)?, Weight { name: path, dataset, turn: Turn::default() }));
    }
    weights.sort_by_key(|(role, _)| *role);
    let is_single = weights.windows(2).all(|two| two[0].0 != two[1].0);
    is_single.then(|| Shelf {
        layer: layer.into(),
        weights: weights.into_iter().map(|(_, weight)| weight).collect(),
    })
}

/// Paths of the datasets below a group.
fn datasets(group: &hdf5::Group<'_>, prefix: &str, depth: usize, paths: &mut Vec<String>) {
    let Ok((groups, datasets)) = group.names() else { return };
    paths.extend(datasets.into_iter().take(limits::MAX_LISTED).map(|name| format!("{prefix}{name}")));
    for name in groups.into_iter().take(limits::MAX_LISTED).filter(|_| depth < 4) {
        if let Ok(inner) = group.group(&name) {
            self::datasets(&inner, &format!("{prefix}{name}/"), depth + 1, paths);
        }
    }
}

/// Which of [`ROLES`] a weight has, by its name.
fn role(path: &str) -> Option<usize> {
    let name = path.rsplit('/').next()?.trim_end_matches(":0");
    ROLES
        .iter()
        .position(|role| name == *role || name.strip_suffix(role).is_some_and(|rest| rest.ends_with('_')))
}

/// The weights of an archive under the names that `model.save` gives them; those of a model within the model in the order
/// in which it has them: first what is trained, then the rest.
fn from_archive(shelves: &mut [Shelf], network: &Network) -> Result<Vec<Change>, Refusal> {
    for (shelf, layer) in shelves.iter_mut().zip(&network.layers) {
        if let Some(inner) = &layer.inner {
            if !is_all_trainable(inner) {
                let what =
                    "some of its layers are frozen, and then the order of its weights depends on the runtime";
                return Err(Refusal::new(layer.name.as_str(), what));
            }
            shelf.weights.sort_by_key(|weight| weight.name.contains("/moving_"));
        }
        for weight in &mut shelf.weights {
            weight.name.push_str(":0");
        }
    }
    let (before, after) = (Some(".keras, an archive".into()), Some("one HDF5 file".into()));
    let why = "the weights get the names and the order that model.save gives them in an .h5".into();
    Ok(vec![Change { place: String::new(), what: "format".into(), before, after, why }])
}

fn is_all_trainable(network: &Network) -> bool {
    network.layers.iter().all(|layer| {
        layer.config.flag("trainable", true) && layer.inner.as_deref().is_none_or(is_all_trainable)
    })
}

/// Marks the kernels that have to be turned.
fn turn(
    model: &ModelFile,
    network: &Network,
    shelves: &mut [Shelf],
    mismatches: &[Mismatch],
) -> Result<(), Refusal> {
    let layers = network.walk();
    let is_first = layers.iter().any(|(_, layer)| layer.config.text("data_format") == Some("channels_first"));
    let is_old = model.era() == Era::Keras1 && is_first;
    let is_backwards = |mismatch: &Mismatch| {
        matches!(mismatch, Mismatch::Shape { weight: "kernel", expected, found, .. }
        if (Turn { transposed: true, rotated: false }).shape(found).is_some_and(|shape| shape.iter().zip(expected).all(|(one, other)| *one == *other as u64)))
    };
    // Whether a kernel that is stored so also has to be turned, only who saved it tells.
    let is_backwards =
        model.saved_by.backend.is_some() && !mismatches.is_empty() && mismatches.iter().all(is_backwards);
    let turn = Turn { transposed: is_old || is_backwards, rotated: model.is_theanos() };
    if turn.is_none() {
        return Ok(());
    }
    if let Some((path, layer)) =
        layers.iter().find(|(_, layer)| OTHER_KERNELS.contains(&layer.class.as_str()))
    {
        return Err(Refusal::new(
            path.as_str(),
            format!("how the kernel of a {} is turned is not known here", layer.class),
        ));
    }
    let weights = shelves.iter_mut().flat_map(|shelf| &mut shelf.weights);
    for weight in weights.filter(|weight| weight.dataset.shape.len() == 4) {
        weight.turn = turn;
    }
    Ok(())
}
