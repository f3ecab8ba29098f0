//! A `.keras` archive: `config.json` for the architecture, `model.weights.h5` for the weights.
//!
//! The weights are stored under names that Keras 2.12 to 3 make from the classes of the layers, not from the layers' own
//! names: `layers/conv2d`, `layers/conv2d_1`, `layers/functional/layers/conv2d`. Here they get the layers' names back.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::network::{Layer, Network};
use super::texts::Texts;
use super::training::Training;
use super::weights::{Problem, StoredTensor, WeightTable, slashes};
use super::{Architecture, Layout, ModelFile, SavedBy};
use crate::archive::{self, Entry};
use crate::hdf5;
use crate::limits;
use crate::sniff::{Impostor, KerasArchive, Kind};
use crate::source::ByteSource;

/// The container of a model's layers; Keras 3 and 2.15.
const LAYERS: &str = "layers";
/// The same in Keras 2.12 to 2.14, where a layer with weights counts twice.
const CHECKPOINT_LAYERS: &str = "_layer_checkpoint_dependencies";
/// Attributes of layers that hold a random seed, which is no weight.
const SEEDS: [&str; 2] = ["seed_generator", "generator"];

/// The model inside an archive: a `.keras`, or an `.h5` in a zip. `None` where `kind` is no such archive.
pub fn in_archive(source: &Arc<dyn ByteSource>, kind: &Kind) -> Option<Result<ModelFile, hdf5::Error>> {
    match kind {
        Kind::KerasZip(archive) if archive.refusal().is_some() => None,
        Kind::KerasZip(archive) => Some(Ok(read(source, archive))),
        Kind::Other(Impostor::Zip(zip)) => {
            let entry = zip.model.as_ref().filter(|entry| !entry.name.ends_with(".keras"))?;
            archive::refusal(entry).is_none().then(|| zipped(source, entry))
        }
        Kind::Hdf5 { .. } | Kind::Empty | Kind::Other(_) => None,
    }
}

/// The value of `model_config` as an `.h5` would have it, of the model in a `.keras`. `None` where it is not plain JSON.
pub fn config_in_archive(source: &Arc<dyn ByteSource>, kind: &Kind) -> Option<Value> {
    let Kind::KerasZip(archive) = kind else { return None };
    let mut model: Map<String, Value> = serde_json::from_str(&text(source, &archive.config).ok()?).ok()?;
    model.retain(|key, _| ["class_name", "config"].contains(&key.as_str()));
    Some(model.into())
}

fn read(source: &Arc<dyn ByteSource>, archive: &KerasArchive) -> ModelFile {
    let saved_by = saved_by(source, archive);
    let mut texts = Texts::default();
    let (architecture, training) = match text(source, &archive.config) {
        Ok(config) => texts.config_json(&config, &saved_by),
        Err(reason) => (Architecture::Broken(reason), Training::Absent),
    };
    let (weights, optimizer) = weights(source, archive, &architecture);
    ModelFile {
        layout: Layout::KerasArchive,
        saved_by,
        architecture,
        weights,
        texts,
        training,
        optimizer,
        origin: None,
    }
}

/// The weights, and whether the state of an optimizer is stored beside them.
fn weights(
    source: &Arc<dyn ByteSource>,
    archive: &KerasArchive,
    model: &Architecture,
) -> (WeightTable, bool) {
    let damaged = |object: &str, reason: String| {
        (WeightTable::with_problem(Problem::Damaged { object: object.into(), reason }), false)
    };
    let Some(entry) = &archive.weights else {
        if let Some(npz) = &archive.npz {
            return (WeightTable::with_problem(Problem::Npz { member: npz.name.clone() }), false);
        }
        return damaged("model.weights.h5", "it is not in the archive".into());
    };
    let (file, problem) = match hdf5_in(source, entry) {
        Ok(opened) => opened,
        Err(error) => return damaged(&entry.name, error.to_string()),
    };
    let mut table = WeightTable::keras3(&file);
    table.problems.extend(problem);
    let optimizer = file.group("optimizer/vars").is_ok();
    match model {
        Architecture::Network(network) => (named(table, network), optimizer),
        Architecture::Absent | Architecture::Broken(_) => (table, optimizer),
    }
}

/// Opens a member as HDF5, and says when its checksum is wrong; loaders in Python refuse it then.
fn hdf5_in(
    source: &Arc<dyn ByteSource>,
    entry: &Entry,
) -> Result<(hdf5::File, Option<Problem>), hdf5::Error> {
    let member = archive::open(source, entry).map_err(|error| hdf5::Error::Damaged(reason(error)))?;
    let wrong = archive::verify(entry, &*member).err();
    let problem = wrong.map(|error| Problem::Damaged { object: entry.name.clone(), reason: reason(error) });
    Ok((hdf5::File::open(member)?, problem))
}

/// What is wrong with a member whose name is told anyway.
fn reason(error: archive::Error) -> String {
    match error {
        archive::Error::Damaged { reason, .. } => reason,
        error => error.to_string(),
    }
}

/// The `.h5` in a zip.
fn zipped(source: &Arc<dyn ByteSource>, entry: &Entry) -> Result<ModelFile, hdf5::Error> {
    let (file, problem) = hdf5_in(source, entry)?;
    let mut model = ModelFile::read(&file)?;
    model.weights.problems.extend(problem);
    Ok(model)
}

/// The text of a small member.
fn text(source: &Arc<dyn ByteSource>, entry: &Entry) -> Result<String, String> {
    if entry.size > limits::MAX_JSON_BYTES as u64 {
        return Err(format!("{} has {} bytes, more than are read", entry.name, entry.size));
    }
    let member = archive::open(source, entry).map_err(|error| error.to_string())?;
    let length = member.len().min(limits::MAX_JSON_BYTES as u64);
    let mut bytes = vec![0; length as usize];
    member.read_at(0, &mut bytes).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not text", entry.name))
}

fn saved_by(source: &Arc<dyn ByteSource>, archive: &KerasArchive) -> SavedBy {
    let metadata = archive.metadata.as_ref().and_then(|entry| text(source, entry).ok());
    let metadata: serde_json::Value =
        metadata.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let field = |name: &str| metadata.get(name).and_then(|value| value.as_str()).map(str::to_string);
    SavedBy { keras_version: field("keras_version"), backend: None, date: field("date_saved") }
}

/// A group of the weights file.
#[derive(Default)]
struct Node {
    groups: HashMap<String, Node>,
    tensors: Vec<StoredTensor>,
}

impl Node {
    /// The node at `path`, made where it is not there.
    fn at(&mut self, path: &str) -> &mut Node {
        path.split('/')
            .filter(|part| !part.is_empty())
            .fold(self, |node, part| node.groups.entry(part.to_string()).or_default())
    }

    /// All tensors in it and below, seeds left out, in the order of their numbers within a group.
    fn drain(mut self, out: &mut Vec<StoredTensor>) {
        self.tensors.sort_by_key(|tensor| tensor.name.parse().unwrap_or(usize::MAX));
        out.append(&mut self.tensors);
        let mut groups: Vec<(String, Node)> = self.groups.into_iter().collect();
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, node) in groups.into_iter().filter(|(name, _)| !SEEDS.contains(&name.as_str())) {
            node.drain(out);
        }
    }
}

/// The same weights under the names of the layers, in their order; what belongs to no layer of the model comes last, and
/// the state of optimizer and metrics is left out.
fn named(table: WeightTable, network: &Network) -> WeightTable {
    let mut root = Node::default();
    for tensor in table.tensors {
        let path = slashes(&tensor.dataset.path);
        let folder = path.rsplit_once("/vars/").map_or("", |(folder, _)| folder);
        root.at(folder).tensors.push(tensor);
    }
    let mut named = WeightTable::default();
    named.problems = table.problems;
    let children = children(&mut root, network);
    let mut collector = Collector { stored: HashMap::new(), room: limits::MAX_WEIGHTS };
    for (layer, node) in network.layers.iter().zip(children) {
        named.add_group(&layer.name, collector.tensors(node, layer));
    }
    for container in [LAYERS, CHECKPOINT_LAYERS] {
        let left = root.groups.remove(container).map(|node| node.groups).unwrap_or_default();
        let mut left: Vec<(String, Node)> = left.into_iter().collect();
        left.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, node) in left {
            let mut tensors = Vec::new();
            node.drain(&mut tensors);
            named.add_group(&name, tensors);
        }
    }
    named
}

/// For every layer of a network its group, taken out of the network's.
fn children(node: &mut Node, network: &Network) -> Vec<Option<Node>> {
    if let Some(container) = node.groups.get_mut(LAYERS) {
        let mut counts = HashMap::new();
        let names = network.layers.iter().map(|layer| counted(snake_case(&layer.written_class), &mut counts));
        return names.map(|name| container.groups.remove(&name)).collect();
    }
    match node.groups.get_mut(CHECKPOINT_LAYERS) {
        Some(container) => by_rank(container, network),
        None => network.layers.iter().map(|_| None).collect(),
    }
}

/// The first of a name has no number, the second the number 1.
fn counted(name: String, counts: &mut HashMap<String, usize>) -> String {
    let count = counts.entry(name.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { name } else { format!("{name}_{}", *count - 1) }
}

/// The groups of a class in the order of their numbers, whatever these are, for its layers in their order.
fn by_rank(container: &mut Node, network: &Network) -> Vec<Option<Node>> {
    let mut classes: HashMap<String, Vec<(usize, String)>> = HashMap::new();
    for name in container.groups.keys() {
        let number = name.rsplit_once('_').and_then(|(class, number)| Some((class, number.parse().ok()?)));
        let (class, number) = number.unwrap_or((name, 0));
        classes.entry(class.to_string()).or_default().push((number, name.clone()));
    }
    classes.values_mut().for_each(|names| names.sort_unstable_by(|a, b| b.cmp(a)));
    let mut next = |layer: &Layer| classes.get_mut(&snake_case(&layer.written_class))?.pop();
    network.layers.iter().map(|layer| container.groups.remove(&next(layer)?.1)).collect()
}

/// Hands out the tensors of layers, and remembers them: a layer that stands in several models is stored once, in the first.
struct Collector {
    stored: HashMap<(String, String), Vec<StoredTensor>>,
    /// Tensors that may still be handed out.
    room: usize,
}

impl Collector {
    /// The tensors of a layer, or of all layers of a model, under names such as `conv1_conv/kernel`.
    fn tensors(&mut self, node: Option<Node>, layer: &Layer) -> Vec<StoredTensor> {
        let Some(inner) = &layer.inner else { return self.of_layer(node, layer) };
        let nodes = children(&mut node.unwrap_or_default(), inner);
        inner.layers.iter().zip(nodes).flat_map(|(layer, node)| self.tensors(node, layer)).collect()
    }

    fn of_layer(&mut self, node: Option<Node>, layer: &Layer) -> Vec<StoredTensor> {
        let key = (layer.class.clone(), layer.name.clone());
        if let Some(node) = node {
            self.stored.insert(key.clone(), own_tensors(node, layer));
        }
        let count = self.stored.get(&key).map_or(0, Vec::len);
        let Some(room) = self.room.checked_sub(count) else { return Vec::new() };
        self.room = room;
        self.stored.get(&key).cloned().unwrap_or_default()
    }
}

fn own_tensors(node: Node, layer: &Layer) -> Vec<StoredTensor> {
    let mut tensors = Vec::new();
    node.drain(&mut tensors);
    let names = variable_names(layer);
    let is_known = names.len() == tensors.len();
    for (index, tensor) in tensors.iter_mut().enumerate() {
        let name = names.get(index).filter(|_| is_known).map_or(index.to_string(), |n| (*n).to_string());
        tensor.name = format!("{}/{name}", layer.name);
    }
    tensors
}

/// What the variables of the common layers are called, in the order in which they are stored under their numbers.
fn variable_names(layer: &Layer) -> Vec<&'static str> {
    let all: &[&'static str] = match layer.class.as_str() {
        "Conv1D" | "Conv2D" | "Conv3D" | "Conv2DTranspose" | "Dense" => &["kernel", "bias"],
        "DepthwiseConv2D" => &["depthwise_kernel", "bias"],
        "SeparableConv2D" => &["depthwise_kernel", "pointwise_kernel", "bias"],
        "BatchNormalization" => &[
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance",
            "moving_stddev",
            "renorm_mean",
            "renorm_stddev",
        ],
        "LayerNormalization" | "GroupNormalization" => &["gamma", "beta"],
        "Normalization" => &["mean", "variance", "count"],
        "PReLU" => &["alpha"],
        _ => &[],
    };
    let is_there = |name: &&&str| match **name {
        "bias" => layer.config.flag("use_bias", true),
        "gamma" => layer.config.flag("scale", true),
        "beta" => layer.config.flag("center", true),
        "moving_stddev" | "renorm_mean" | "renorm_stddev" => layer.config.flag("renorm", false),
        _ => true,
    };
    all.iter().filter(is_there).copied().collect()
}

/// A class name as Keras writes it in lower case: `BatchNormalization` → `batch_normalization`, `Conv2D` → `conv2d`.
///
/// The same as Keras 3.15's `to_snake_case`: an underscore before a capital that small letters follow, and between a small
/// letter and a capital.
pub fn snake_case(class: &str) -> String {
    let class = class.rsplit_once('>').map_or(class, |(_, name)| name);
    let letters: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let begins_word = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let follows_word = before.is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && before.is_some() && (begins_word || follows_word) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `keras.src.utils.naming.to_snake_case` of Keras 3.15.1, of the part behind `>`.
    #[test]
    fn class_names_are_written_as_keras_does() {
        for (class, expected) in [
            ("Conv2D", "conv2d"),
            ("BatchNormalization", "batch_normalization"),
            ("Conv2DTranspose", "conv2d_transpose"),
            ("PReLU", "p_re_lu"),
            ("TFOpLambda", "tf_op_lambda"),
            ("ResNet50V2", "res_net50v2"),
            ("package>Scale", "scale"),
            ("Aa_Bb", "aa__bb"),
            ("AAbAb", "a_ab_ab"),
            ("ABcDe", "a_bc_de"),
        ] {
            assert_eq!(snake_case(class), expected);
        }
    }
}
