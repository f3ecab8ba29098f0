//! The weights a file stores, layer by layer, in the order in which Keras assigns them.

use std::collections::HashSet;

use super::{Layout, attributes};
use crate::hdf5::{Dataset, Error, File, Group};
use crate::limits;

/// Index into [`WeightTable::tensors`].
pub type WeightId = usize;

/// Every stored weight, and what is wrong with the storing.
#[derive(Default)]
pub struct WeightTable {
    /// The layers of the file that `layer_names` lists, in its order, those without weights too.
    pub groups: Vec<LayerGroup>,
    /// The tensors; [`WeightId`] is an index here.
    pub tensors: Vec<StoredTensor>,
    /// What could not be read as the file promises it.
    pub problems: Vec<Problem>,
    /// Weights that have been listed so far.
    listed: usize,
}

/// A layer of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerGroup {
    /// Name of the layer.
    pub layer: String,
    /// Its tensors, in the order of `weight_names`.
    pub tensors: Vec<WeightId>,
}

/// A weight of the file.
#[derive(Clone)]
pub struct StoredTensor {
    /// Layer it is listed under.
    pub layer: String,
    /// Its entry in `weight_names`.
    pub name: String,
    /// Its numbers.
    pub dataset: Dataset,
}

impl StoredTensor {
    /// Output channels, one behind the other along the last axis, of a tensor that may be a kernel. Those of a
    /// depthwise kernel lie along its last two axes.
    pub fn channels(&self) -> Option<u64> {
        let shape = self.dataset.shape.as_slice();
        let has_elements = self.dataset.elements().is_ok_and(|count| count > 0);
        match shape {
            [.., inputs, each] if self.name.contains("depthwise_kernel") => inputs.checked_mul(*each),
            [_, .., last] => Some(*last),
            [_] | [] => None,
        }
        .filter(|_| has_elements)
    }
}

/// A promise the file does not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is nothing in the file, or nothing but who began to write it.
    Nothing,
    /// `weight_names` lists a name twice. As no two datasets have one name, the save stopped there.
    Repeated {
        /// The layer.
        layer: String,
        /// The first weight that is listed again.
        weight: String,
        /// Weights that are listed.
        listed: usize,
        /// Different names among them, as many as can be stored.
        different: usize,
    },
    /// A list of names is longer than [`limits`] allows.
    TooMany {
        /// What there is too much of.
        what: &'static str,
    },
    /// The group of weights itself is absent.
    NoWeights,
    /// There is no `layer_names`.
    NoLayerNames,
    /// `layer_names` lists a layer that has no group.
    NoGroup {
        /// The layer.
        layer: String,
    },
    /// A layer's group has no `weight_names`.
    NoWeightNames {
        /// The layer.
        layer: String,
    },
    /// `weight_names` lists a weight that has no dataset.
    NoDataset {
        /// The layer.
        layer: String,
        /// The weight.
        weight: String,
    },
    /// The weights are stored in NumPy's form, which is not read here.
    Npz {
        /// The member of the archive.
        member: String,
    },
    /// Something is there and can't be read.
    Damaged {
        /// Path of the object; attributes are marked with `@`.
        object: String,
        /// What the reader says.
        reason: String,
    },
}

impl WeightTable {
    /// The layers that have weights.
    pub fn weighted(&self) -> impl Iterator<Item = &LayerGroup> {
        self.groups.iter().filter(|group| !group.tensors.is_empty())
    }

    /// Numbers stored in all.
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().filter_map(|t| t.dataset.elements().ok()).fold(0, u64::saturating_add)
    }

    /// The weights of a file without any, which may have nothing else either.
    pub(super) fn of_nothing(is_bare: bool) -> WeightTable {
        let problems = if is_bare { vec![Problem::Nothing] } else { Vec::new() };
        WeightTable { problems, ..WeightTable::default() }
    }

    /// No weights, and why.
    pub(super) fn with_problem(problem: Problem) -> WeightTable {
        WeightTable { problems: vec![problem], ..WeightTable::default() }
    }

    /// Adds a layer with its weights.
    pub(super) fn add_group(&mut self, layer: &str, tensors: Vec<StoredTensor>) {
        let first = self.tensors.len();
        self.tensors.extend(tensors.into_iter().map(|t| StoredTensor { layer: layer.to_string(), ..t }));
        self.groups
            .push(LayerGroup { layer: layer.to_string(), tensors: (first..self.tensors.len()).collect() });
    }

    /// The layout of all Keras before 3's `.weights.h5`.
    pub(super) fn legacy(file: &File, layout: Layout) -> WeightTable {
        let mut table = WeightTable::default();
        let path = if layout == Layout::WholeModel { "model_weights" } else { "" };
        match file.group(path) {
            Ok(group) => table.read_layers(&group),
            Err(Error::Missing(_)) => table.problems.push(Problem::NoWeights),
            Err(error) => table.damaged(path, &error),
        }
        if table.groups.is_empty() {
            table.read_strays(file);
        }
        table
    }

    /// Layers of a damaged file whose parent is lost: they are found in the root.
    fn read_strays(&mut self, file: &File) {
        let Ok(root) = file.group("") else { return };
        let is_layer = |name: &String| {
            name != "optimizer_weights"
                && root.group(name).is_ok_and(|group| attributes::list(&group, "weight_names").is_ok())
        };
        let strays: Vec<String> = root.surviving_groups().into_iter().filter(is_layer).collect();
        self.read_all(&root, &strays);
    }

    fn read_layers(&mut self, group: &Group<'_>) {
        match attributes::list(group, "layer_names") {
            Ok(names) => self.read_all(group, &names),
            Err(Error::Missing(_)) if group.group("layer_0").is_ok() => self.read_numbered(group),
            Err(Error::Missing(_)) => self.problems.push(Problem::NoLayerNames),
            Err(error) => self.damaged(&format!("{}@layer_names", group.path()), &error),
        }
        if self.groups.is_empty() {
            self.read_all(group, &group.surviving_groups());
        }
    }

    /// Keras up to 0.3 has no names: `layer_0/param_0`, `layer_0/param_1`, `layer_1`, …
    fn read_numbered(&mut self, parent: &Group<'_>) {
        for number in 0..limits::MAX_LAYERS {
            let layer = format!("layer_{number}");
            let Ok(group) = parent.group(&layer) else { break };
            let names = group.names().map(|(_, datasets)| datasets).unwrap_or_default();
            let mut names: Vec<String> =
                names.into_iter().filter(|name| name.starts_with("param_")).collect();
            // As numbers, `param_2` comes before `param_10`.
            names.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            let tensors = self.read_listed(&group, &layer, &names);
            self.groups.push(LayerGroup { layer, tensors });
            if self.listed > limits::MAX_WEIGHTS {
                return self.problems.push(Problem::TooMany { what: "weights" });
            }
        }
    }

    fn read_all(&mut self, group: &Group<'_>, names: &[String]) {
        if names.len() > limits::MAX_LAYERS {
            self.problems.push(Problem::TooMany { what: "layers in layer_names" });
        }
        for name in names.iter().take(limits::MAX_LAYERS) {
            self.read_layer(group, name);
            if self.listed > limits::MAX_WEIGHTS {
                return self.problems.push(Problem::TooMany { what: "weights in the lists weight_names" });
            }
        }
    }

    fn read_layer(&mut self, parent: &Group<'_>, layer: &str) {
        if layer.len() > limits::MAX_PATH_BYTES {
            return self.problems.push(Problem::TooMany { what: "letters in a layer's name" });
        }
        let mut entry = LayerGroup { layer: layer.to_string(), tensors: Vec::new() };
        match parent.group(layer) {
            Ok(group) => entry.tensors = self.read_weights(&group, layer),
            Err(Error::Missing(_)) => self.problems.push(Problem::NoGroup { layer: layer.to_string() }),
            Err(error) => self.damaged(&format!("{}/{layer}", parent.path()), &error),
        }
        self.groups.push(entry);
    }

    fn read_weights(&mut self, group: &Group<'_>, layer: &str) -> Vec<WeightId> {
        let error = match attributes::list(group, "weight_names") {
            Ok(names) => return self.read_listed(group, layer, &names),
            Err(error) => error,
        };
        match error {
            Error::Missing(_) => self.problems.push(Problem::NoWeightNames { layer: layer.to_string() }),
            error => self.damaged(&format!("{}@weight_names", group.path()), &error),
        }
        self.read_listed(group, layer, &group.surviving_datasets())
    }

    fn read_listed(&mut self, group: &Group<'_>, layer: &str, names: &[String]) -> Vec<WeightId> {
        let room = limits::MAX_WEIGHTS.saturating_sub(self.listed);
        self.listed = self.listed.saturating_add(names.len());
        let mut seen = HashSet::new();
        if let Some(again) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let different = names.iter().collect::<HashSet<_>>().len();
            let (layer, weight) = (layer.to_string(), again.clone());
            self.problems.push(Problem::Repeated { layer, weight, listed: names.len(), different });
        }
        names.iter().take(room).filter_map(|name| self.read_weight(group, layer, name)).collect()
    }

    fn read_weight(&mut self, group: &Group<'_>, layer: &str, name: &str) -> Option<WeightId> {
        match group.dataset(name) {
            Ok(dataset) => Some(self.push(layer, name, dataset)),
            Err(Error::Missing(_)) => {
                self.problems.push(Problem::NoDataset { layer: layer.to_string(), weight: name.to_string() });
                None
            }
            Err(error) => {
                self.damaged(&format!("{}/{name}", group.path()), &error);
                None
            }
        }
    }

    fn push(&mut self, layer: &str, name: &str, dataset: Dataset) -> WeightId {
        self.tensors.push(StoredTensor { layer: layer.to_string(), name: name.to_string(), dataset });
        self.tensors.len() - 1
    }

    fn damaged(&mut self, object: &str, error: &Error) {
        self.problems.push(Problem::Damaged { object: object.to_string(), reason: error.to_string() });
    }

    /// The layout of Keras 3's `.weights.h5`: every group with a `vars` below it is a layer.
    pub(super) fn keras3(file: &File) -> WeightTable {
        let mut table = WeightTable::default();
        let mut open = vec![String::new()];
        // Links may lead round in circles; a group that has been seen is not entered again.
        let mut seen = HashSet::new();
        while let Some(path) = open.pop() {
            open.extend(table.visit(file, &path, &mut seen));
            if seen.len() > limits::MAX_LAYERS || table.listed > limits::MAX_WEIGHTS {
                table.problems.push(Problem::TooMany { what: "groups and weights" });
                break;
            }
        }
        table
    }

    /// Takes in one group of the Keras 3 layout; its subgroups are still to be visited.
    fn visit(&mut self, file: &File, path: &str, seen: &mut HashSet<u64>) -> Vec<String> {
        let group = match file.group(path) {
            Ok(group) if path.len() > limits::MAX_PATH_BYTES || !seen.insert(group.address()) => {
                return Vec::new();
            }
            found => found,
        };
        let listed = group.and_then(|group| group.names().map(|names| (group, names)));
        let (group, (groups, datasets)) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.damaged(path, &error);
                return Vec::new();
            }
        };
        let slashed = slashes(path);
        if let Some(layer) = slashed.strip_suffix("/vars").filter(|_| !datasets.is_empty()) {
            let layer = layer.trim_start_matches('/').trim_start_matches("layers/").to_string();
            let tensors = self.read_listed(&group, &layer, &datasets);
            self.groups.push(LayerGroup { layer, tensors });
        }
        // Reversed, because the caller takes them from the end.
        let is_weights = |name: &&String| !path.is_empty() || !is_state(name);
        groups.iter().rev().filter(is_weights).map(|name| format!("{path}/{name}")).collect()
    }
}

/// A path with slashes: Keras 2.13 to 2.15 under Windows puts backslashes between the parts of a name.
pub(super) fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

/// Whether a group at the root of Keras 3's layout is the state of an optimizer or of metrics, by the attribute of the
/// model that it is named after: `optimizer`, `metrics\mean`, `d_optimizer`, `loss_tracker`.
fn is_state(name: &str) -> bool {
    let first = name.split('\\').next().unwrap_or(name);
    ["optimizer", "metrics"].contains(&first)
        || ["_optimizer", "_metric", "_metrics", "_tracker"].iter().any(|end| first.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    /// A Keras 3 file with these groups, in each of which `vars` has so many variables of two numbers.
    fn table(groups: &[(&str, usize)]) -> WeightTable {
        let mut file = hdf5_pure::FileBuilder::new();
        for (name, count) in groups {
            let mut group = file.create_group(name);
            let mut vars = group.create_group("vars");
            for index in 0..*count {
                vars.create_dataset(&index.to_string()).with_f32_data(&[1.0, 2.0]).with_shape(&[2]);
            }
            group.add_group(vars.finish());
            file.add_group(group.finish());
        }
        let file = File::open(std::sync::Arc::new(MemorySource(file.finish().unwrap()))).unwrap();
        WeightTable::keras3(&file)
    }

    /// The names are those of `model.save_weights` in Keras 3.5 and, with backslashes, of `model.save` in 2.15 under Windows.
    #[test]
    fn the_state_of_optimizers_and_metrics_is_no_weight() {
        let groups =
            [("d_optimizer", 5), ("encoder", 1), ("loss_tracker", 2), ("metrics\\mean", 2), ("optimizer", 9)];
        let table = table(&groups);
        assert_eq!(table.parameters(), 2);
        assert_eq!(table.groups.iter().map(|group| group.layer.as_str()).collect::<Vec<_>>(), ["encoder"]);
    }

    #[test]
    fn backslashes_part_names_as_slashes_do() {
        let table = table(&[("layers\\dense", 2), ("layers\\dense_1", 1)]);
        assert_eq!(
            table.groups.iter().map(|group| group.layer.as_str()).collect::<Vec<_>>(),
            ["dense", "dense_1"]
        );
        assert_eq!(table.parameters(), 6);
    }
}
