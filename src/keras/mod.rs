//! HDF5 objects → [`ModelFile`]: what every era of Keras wrote, brought to one form.
//!
//! Differences between eras end here: nothing above this module knows which Keras wrote the file.

pub mod config;
pub mod initializer;
pub mod json;
pub mod names;
pub mod network;
pub mod python;
pub mod references;
pub mod texts;
pub mod training;
pub mod traits;
mod archive;
mod attributes;
pub(crate) mod era;
mod origin;
pub(crate) mod parse;
mod weights;

pub use archive::{config_in_archive, in_archive, snake_case};
pub use origin::Origin;
pub use weights::{LayerGroup, Problem, StoredTensor, WeightId, WeightTable};

use crate::hdf5::{self, Attribute};
use network::Network;
use texts::Texts;
use training::Training;
use traits::Saver;

/// Which of Keras' HDF5 layouts a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `model.save`: architecture and weights (one of the two may have been lost).
    WholeModel,
    /// `model.save_weights`: weights alone.
    WeightsOnly,
    /// Keras 3's `.weights.h5`: `layers/<name>/vars/0`.
    Keras3Weights,
    /// A `.keras` archive: the architecture as text beside weights in that layout.
    KerasArchive,
    /// Valid HDF5, but none of Keras'.
    NotKeras,
}

/// Generations of Keras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 0 and 1.
    Keras1,
    /// 2, and tf.keras up to TensorFlow 2.15.
    Keras2,
    /// 3.
    Keras3,
    /// The file does not tell.
    Unknown,
}

/// The architecture in a file.
#[derive(Clone, Debug)]
pub enum Architecture {
    /// There is no `model_config`.
    Absent,
    /// There is one and it makes no sense; the reason.
    Broken(String),
    /// The graph.
    Network(Network),
}

/// Who saved the file, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedBy {
    /// `keras_version`: `2.2.4-tf` is tf.keras of TensorFlow 1.13 to 2.0.
    pub keras_version: Option<String>,
    /// `backend`: `tensorflow`, `theano`, …
    pub backend: Option<String>,
    /// When, as a `.keras` says: `2024-05-01@12:00:00`.
    pub date: Option<String>,
}

impl SavedBy {
    /// The first digit of the version.
    pub(crate) fn generation(&self) -> Option<char> {
        self.keras_version.as_deref()?.chars().next()
    }

    /// The version in a form that compares.
    pub fn saver(&self) -> Option<Saver> {
        Saver::of(self.keras_version.as_deref()?)
    }
}

/// A Keras file, whatever its era and however damaged.
pub struct ModelFile {
    /// Its layout.
    pub layout: Layout,
    /// Who saved it.
    pub saved_by: SavedBy,
    /// Its graph of layers.
    pub architecture: Architecture,
    /// Its weights.
    pub weights: WeightTable,
    /// What its configs say beyond the graph.
    pub texts: Texts,
    /// What it was compiled with.
    pub training: Training,
    /// Whether it carries the state of an optimizer.
    pub optimizer: bool,
    /// Which other program wrote it, where it is not Keras' and that can be told.
    pub origin: Option<Origin>,
}

impl ModelFile {
    /// Reads everything but the numbers of the weights.
    ///
    /// # Errors
    /// When not even the root group can be read.
    pub fn read(file: &hdf5::File) -> Result<ModelFile, hdf5::Error> {
        let root = file.group("")?;
        let (layout, origin) = layout(file, &root)?;
        let mut weights = match layout {
            Layout::WholeModel | Layout::WeightsOnly => WeightTable::legacy(file, layout),
            Layout::Keras3Weights | Layout::KerasArchive => WeightTable::keras3(file),
            Layout::NotKeras => WeightTable::of_nothing(is_bare(file, &root)),
        };
        let saved_by = saved_by(file, &root, &mut weights);
        let mut texts = Texts::default();
        let architecture = texts.architecture(&root, &saved_by, &mut weights);
        let training = texts.training(&root);
        let optimizer =
            ["optimizer_weights", "optimizer/vars"].into_iter().any(|path| file.group(path).is_ok());
        weights.problems.extend(
            file.setbacks()
                .into_iter()
                .map(|setback| Problem::Damaged { object: setback.path, reason: setback.reason }),
        );
        let mut model =
            ModelFile { layout, saved_by, architecture, weights, texts, training, optimizer, origin };
        model.mark_theanos();
        Ok(model)
    }

    /// Which generation of Keras wrote the file, by its version or, without one, by what it calls its weights.
    pub fn era(&self) -> Era {
        match (self.saved_by.generation(), self.layout) {
            (_, Layout::Keras3Weights) | (Some('3'), _) => Era::Keras3,
            (Some('0' | '1'), _) => Era::Keras1,
            (Some(_), _) => Era::Keras2,
            // Keras 2 writes its version everywhere; `_W` and `running_std` are Keras 1's words.
            (None, _) => {
                let words = ["_W", "_running_std", "_running_mean"];
                let is_old =
                    |name: &str| words.iter().any(|word| name.trim_end_matches(":0").ends_with(word));
                if self.weights.tensors.iter().any(|tensor| is_old(&tensor.name)) {
                    Era::Keras1
                } else {
                    Era::Unknown
                }
            }
        }
    }

    /// Whether it was saved under Theano: Keras 2 says so, and Keras 1 names a weight as its backend does, `conv1_W:0`
    /// under TensorFlow and `conv1_W` under Theano.
    pub fn is_theanos(&self) -> bool {
        match (self.saved_by.backend.as_deref(), self.era()) {
            (Some(backend), _) => backend == "theano",
            (None, Era::Keras1) => {
                let mut kernels =
                    self.weights.tensors.iter().filter(|tensor| tensor.dataset.shape.len() == 4);
                kernels.clone().next().is_some() && kernels.all(|tensor| tensor.name.ends_with("_W"))
            }
            (None, Era::Keras2 | Era::Keras3 | Era::Unknown) => false,
        }
    }

    /// Tells the layers of a network that they were made for Theano's convolution.
    fn mark_theanos(&mut self) {
        if self.is_theanos()
            && let Architecture::Network(network) = &mut self.architecture
        {
            mark(network);
        }
    }

    /// The releases that may have saved it, as far as `keras_version` and the arguments of the layers tell.
    pub fn saver_evidence(&self) -> Option<String> {
        let survey = &self.texts.survey;
        let has_ragged = || survey.seen.iter().any(|seen| seen.argument.name == "ragged");
        self.saved_by.saver()?.releases(survey.input_layer.then(has_ragged))
    }

    /// The graph, if there is one.
    pub fn network(&self) -> Option<&Network> {
        match &self.architecture {
            Architecture::Network(network) => Some(network),
            Architecture::Absent | Architecture::Broken(_) => None,
        }
    }
}

/// The graph in a JSON text as `model.to_json()` gives it.
///
/// # Errors
/// Why it is none.
pub fn architecture(text: &str) -> Result<Network, String> {
    let value = json::parse(text)?.value;
    let is_keras3 =
        value.get("keras_version").and_then(|version| version.as_str()?.chars().next()) == Some('3');
    parse::network(&value, is_keras3)
}

/// Groups at the root of Keras 3's weights; `vars` is there in any, those of a subclassed model too.
const KERAS3_GROUPS: [&str; 3] = ["layers", "_layer_checkpoint_dependencies", "vars"];

/// The layout, or whose file it is instead.
fn layout(file: &hdf5::File, root: &hdf5::Group<'_>) -> Result<(Layout, Option<Origin>), hdf5::Error> {
    let has_group = |path: &str| !matches!(file.group(path), Err(hdf5::Error::Missing(_)));
    if root.attribute("model_config").is_ok() || file.group("model_weights").is_ok() {
        return Ok((Layout::WholeModel, None));
    }
    if attributes::list(root, "layer_names").is_ok() || has_lost_layers(root) {
        return Ok((Layout::WeightsOnly, None));
    }
    // What can't be read may have been what it is called.
    if has_attribute(root, "model_config") || has_group("model_weights") {
        return Ok((Layout::WholeModel, None));
    }
    if attributes::is_list(root, "layer_names") || has_attribute(root, "nb_layers") && has_group("layer_0") {
        return Ok((Layout::WeightsOnly, None));
    }
    // AnnData and Loom have a group `layers`, too.
    let origin = origin::of(file, root);
    if origin.is_none() && (KERAS3_GROUPS.into_iter().any(has_group) || is_of_windows(root)) {
        return Ok((Layout::Keras3Weights, None));
    }
    // An unreadable root must not pass for a file of another program.
    root.attribute_names()?;
    Ok((Layout::NotKeras, origin))
}

/// Whether the root has groups of Keras 3's layout with backslashes in their names, as Keras 2.13 to 2.15 names them under
/// Windows.
fn is_of_windows(root: &hdf5::Group<'_>) -> bool {
    let begins =
        |name: &String| name.split_once('\\').is_some_and(|(first, _)| KERAS3_GROUPS.contains(&first));
    root.names().is_ok_and(|(groups, _)| groups.iter().any(begins))
}

/// Groups that are looked into to see whether they are layers; all are, layers without weights too.
const FIRST_GROUPS: usize = 8;

/// Whether the root itself has layers and its own attributes, which say so, are damaged or gone.
fn has_lost_layers(root: &hdf5::Group<'_>) -> bool {
    let is_damaged =
        |name| matches!(root.attribute(name), Err(error) if !matches!(error, hdf5::Error::Missing(_)));
    let is_layer =
        |name: &String| root.group(name).is_ok_and(|group| attributes::list(&group, "weight_names").is_ok());
    if is_damaged("layer_names") {
        return root.surviving_groups().iter().any(is_layer);
    }
    // Without `layer_names`, who wrote it and what the first groups are tell.
    has_attribute(root, "keras_version")
        && root.names().is_ok_and(|(groups, _)| groups.iter().take(FIRST_GROUPS).any(is_layer))
}

/// Networks lie in one another at most [`crate::limits::MAX_NESTING`] deep.
fn mark(network: &mut Network) {
    for layer in &mut network.layers {
        if layer.class == "Conv2D" {
            layer.config.is_theanos = true;
        }
        if let Some(inner) = &mut layer.inner {
            mark(inner);
        }
    }
}

/// Bytes of the largest file that is looked through for whether there is anything in it.
const LARGEST_BARE: u64 = 64 * 1024;

/// Whether there is nothing below the root but what Keras writes first: who it is.
fn is_bare(file: &hdf5::File, root: &hdf5::Group<'_>) -> bool {
    let is_who = |name: &String| ["keras_version", "backend"].contains(&name.as_str());
    file.extent().end <= LARGEST_BARE
        && root.attribute_names().is_ok_and(|names| names.iter().all(is_who))
        && root.names().is_ok_and(|(groups, datasets)| groups.is_empty() && datasets.is_empty())
}

fn has_attribute(group: &hdf5::Group<'_>, name: &str) -> bool {
    !matches!(group.attribute(name), Err(hdf5::Error::Missing(_)))
}

/// Who saved the file. Every Keras reads these attributes first, so a damaged one is a damage that matters.
fn saved_by(file: &hdf5::File, root: &hdf5::Group<'_>, table: &mut WeightTable) -> SavedBy {
    let weights = file.group("model_weights").ok();
    let mut text = |name: &str| {
        let groups = [Some(root), weights.as_ref()].into_iter().flatten();
        let found: Vec<_> = groups.map(|group| (group.path(), group.attribute(name))).collect();
        for (path, found) in &found {
            if let Err(error @ (hdf5::Error::Damaged(_) | hdf5::Error::TooLarge(_))) = found {
                let (object, reason) = (format!("{path}@{name}"), error.to_string());
                table.problems.push(Problem::Damaged { object, reason });
            }
        }
        found.into_iter().find_map(|(_, found)| match found {
            Ok(Attribute::Text(text)) => Some(text),
            _ => None,
        })
    };
    SavedBy { keras_version: text("keras_version"), backend: text("backend"), date: None }
}
