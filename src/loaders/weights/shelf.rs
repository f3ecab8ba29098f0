//! The weights of a file as a runtime finds them: which layers it counts, their names, their arrays.

use std::collections::HashMap;

use super::{Job, Rules};
use crate::hdf5::{self, Dataset};
use crate::keras::{LayerGroup, WeightTable};
use crate::limits;
use crate::loaders::open::h5py::{H5, Item, Text, Value};
use crate::loaders::{Attempt, Loader, Runtime, Stop};

/// A layer of the file that has weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The names of its weights.
    pub weights: Vec<String>,
    /// Whether its name is still `bytes`, which no message can take in.
    pub is_bytes: bool,
}

/// An array on its way from the file into a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Its entry in `weight_names`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<u64>,
}

/// The group of weights as a runtime reads it.
pub struct Shelf<'e> {
    h5: H5<'e>,
    file: &'e hdf5::File,
    table: &'e WeightTable,
    runtime: &'e Runtime,
    rules: Rules,
    root: &'e str,
    groups: HashMap<&'e str, &'e LayerGroup>,
    /// Whether all that the lists promise is there, so that what has been read holds.
    is_sound: bool,
    /// Whether some of the paths are links.
    has_links: bool,
}

/// A name that a list has.
struct Name {
    text: String,
    is_bytes: bool,
    is_str: bool,
}

impl<'e> Shelf<'e> {
    /// The shelf of a job.
    pub fn of(job: &Job<'e, '_>, h5: H5<'e>) -> Shelf<'e> {
        let table = job.table;
        let mut groups = HashMap::new();
        for group in &table.groups {
            groups.entry(group.layer.as_str()).or_insert(group);
        }
        Shelf {
            h5,
            file: job.file,
            table,
            runtime: job.runtime,
            rules: job.rules,
            root: job.root,
            // A list that names a layer twice is rare enough to be read again.
            is_sound: table.problems.is_empty() && groups.len() == table.groups.len(),
            has_links: !job.file.inventory().links.is_empty(),
            groups,
        }
    }

    /// The version and the backend that the group says it was saved by.
    pub fn saved_by(&self) -> Attempt<(Option<String>, Option<String>)> {
        Ok((self.text("keras_version")?, self.text("backend")?))
    }

    fn text(&self, name: &str) -> Attempt<Option<String>> {
        if !self.h5.has_attribute(self.root, name)? {
            return Ok(None);
        }
        match self.h5.attribute(self.root, name)? {
            Value::Text(Text::Bytes(bytes)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Value::Text(Text::Str(_)) if self.rules.decodes => Err(no_decode()),
            Value::Text(Text::Str(text)) => Ok(Some(text)),
            Value::Texts(_) | Value::Other(_) => Err(Stop::unknown(format!("{name} is no text"))),
        }
    }

    /// The layers with weights, in the order of `layer_names`.
    pub fn entries(&self) -> Attempt<Vec<Entry>> {
        let mut entries = Vec::new();
        for (index, mut entry) in self.listed_layers()?.into_iter().enumerate() {
            self.open(&mut entry, index == 0)?;
            if !entry.weights.is_empty() {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// All layers of `layer_names`, still without the names of their weights.
    pub fn listed_layers(&self) -> Attempt<Vec<Entry>> {
        let names = self.names(self.root, "layer_names")?;
        if names.len() > limits::MAX_LAYERS {
            return Err(Stop::unknown("layer_names is longer than is read here"));
        }
        let entry = |name: Name| Entry { name: name.text, weights: Vec::new(), is_bytes: name.is_bytes };
        Ok(names.into_iter().map(entry).collect())
    }

    /// Opens the group of a layer and reads the names of its weights.
    pub fn open(&self, entry: &mut Entry, is_first: bool) -> Attempt<()> {
        self.open_layer(&entry.name)?;
        entry.weights = self.weights(&entry.name, is_first)?;
        Ok(())
    }

    /// The names of a layer's weights. All lists of a file are written alike, so how the first is stored tells it of all.
    fn weights(&self, layer: &str, is_first: bool) -> Attempt<Vec<String>> {
        match self.groups.get(layer).filter(|_| self.is_sound && !is_first) {
            Some(group) => Ok(self.names_of(group)),
            None => {
                let names = self.names(&self.path(layer), "weight_names")?;
                let is_array = names.iter().any(|name| name.is_str) && names.len() > 1;
                if self.rules.ambiguous && is_array {
                    let text = "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()";
                    return Err(Stop::raised("ValueError", text));
                }
                Ok(names.into_iter().map(|name| name.text).collect())
            }
        }
    }

    fn names_of(&self, group: &LayerGroup) -> Vec<String> {
        let tensors = group.tensors.iter().filter_map(|id| self.table.tensors.get(*id));
        tensors.map(|tensor| tensor.name.clone()).collect()
    }

    /// The arrays of a layer.
    pub fn arrays(&self, entry: &Entry) -> Attempt<Vec<Array>> {
        let known = self.groups.get(entry.name.as_str()).filter(|_| self.is_sound);
        match known {
            Some(group) => {
                let tensors = group.tensors.iter().filter_map(|id| self.table.tensors.get(*id));
                tensors.map(|tensor| self.array(entry, &tensor.name, Some(&tensor.dataset))).collect()
            }
            None => entry.weights.iter().map(|name| self.array(entry, name, None)).collect(),
        }
    }

    fn array(&self, entry: &Entry, name: &str, known: Option<&Dataset>) -> Attempt<Array> {
        let layer = self.path(&entry.name);
        let is_plain = known.is_some_and(Dataset::is_plain);
        if !is_plain || self.has_links {
            self.open_dataset(&layer, name)?;
            self.h5.read(&format!("{layer}/{name}"))?;
        }
        let shape = match known {
            Some(dataset) => dataset.shape.clone(),
            None => {
                let found = self.file.group(&layer).and_then(|group| group.dataset(name));
                found.map_err(|error| Stop::unknown(error.to_string()))?.shape
            }
        };
        Ok(Array { name: name.to_string(), shape })
    }

    /// Number of weights that belong to the model itself and to no layer; absent where the file has no group for them.
    pub fn top_level(&self) -> Attempt<Option<usize>> {
        const GROUP: &str = "top_level_model_weights";
        if !self.h5.contains(self.root, GROUP)? {
            return Ok(None);
        }
        Ok(Some(self.names(&self.path(GROUP), "weight_names")?.len()))
    }

    fn path(&self, name: &str) -> String {
        if self.root.is_empty() { name.to_string() } else { format!("{}/{name}", self.root) }
    }

    /// `f[name]` of a layer.
    fn open_layer(&self, name: &str) -> Attempt<()> {
        if self.is_sound && !self.has_links {
            return Ok(());
        }
        match self.runtime.loader {
            Loader::Keras3 => self.h5.keras3_group(self.root, name),
            _ if self.rules.dict => self.open_in_dict(self.root, name),
            Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => self.h5.item(self.root, name).map(drop),
        }
    }

    fn open_dataset(&self, layer: &str, name: &str) -> Attempt<()> {
        match self.runtime.loader {
            Loader::Keras3 => self.h5.keras3_dataset(layer, name),
            _ if self.rules.dict => self.open_in_dict(layer, name),
            Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => match self.h5.item(layer, name)? {
                Item::Dataset => Ok(()),
                Item::Group => Err(Stop::unknown(format!("{layer}/{name} is a group"))),
            },
        }
    }

    fn open_in_dict(&self, group: &str, name: &str) -> Attempt<()> {
        if self.h5.contains(group, name)? { Ok(()) } else { Err(no_write_intent(self.runtime)) }
    }

    /// A list of names, whole or split.
    fn names(&self, path: &str, name: &str) -> Attempt<Vec<Name>> {
        if self.h5.has_attribute(path, name)? {
            return self.listed(self.h5.attribute(path, name)?, self.rules.dict);
        }
        if !self.rules.split {
            return self.h5.attribute(path, name).and_then(|value| self.listed(value, false));
        }
        let mut all = Vec::new();
        for part in 0..limits::MAX_ATTRIBUTE_PARTS {
            let part = format!("{name}{part}");
            if !self.h5.has_attribute(path, &part)? {
                break;
            }
            all.extend(self.listed(self.h5.attribute(path, &part)?, false)?);
        }
        if all.is_empty() && self.rules.dict {
            return Err(no_write_intent(self.runtime));
        }
        Ok(all)
    }

    /// The strings of an array. `raw` leaves bytes as they are.
    fn listed(&self, value: Value, raw: bool) -> Attempt<Vec<Name>> {
        let texts = match value {
            Value::Texts(texts) => texts,
            // An empty list is stored as no numbers.
            Value::Other(0) => Vec::new(),
            Value::Text(_) | Value::Other(_) => return Err(Stop::unknown("a list of names is no list")),
        };
        texts.into_iter().map(|text| self.name(text, raw)).collect()
    }

    fn name(&self, text: Text, raw: bool) -> Attempt<Name> {
        match text {
            Text::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    Ok(Name { text, is_bytes: raw && self.runtime.python >= [3, 0, 0], is_str: false })
                }
                Err(_) => Err(Stop::unknown("a name is no UTF-8")),
            },
            Text::Str(_) if self.rules.decodes && !raw => Err(no_decode()),
            Text::Str(text) => Ok(Name { text, is_bytes: false, is_str: true }),
        }
    }
}

/// What Python 3 says of text that h5py has decoded already.
fn no_decode() -> Stop {
    Stop::raised("AttributeError", "'str' object has no attribute 'decode'")
}

/// What h5py says where `H5Dict` asks it to make a group of what is not there.
fn no_write_intent(runtime: &Runtime) -> Stop {
    let how = if runtime.hdf5 >= [1, 14, 0] { "synchronously " } else { "" };
    Stop::raised("ValueError", format!("Unable to {how}create group (no write intent on file)"))
}
