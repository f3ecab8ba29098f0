//! HDF5 objects → [`ModelFile`]: what every era of Keras wrote, brought to one form.
//!
//! Differences between eras end here: nothing above this module knows which Keras wrote the file.

pub mod config;
pub mod network;
mod archive;
mod attributes;
mod era;
mod origin;
mod parse;
mod weights;

pub use archive::in_archive;
pub use origin::Origin;
pub use weights::{LayerGroup, Problem, StoredTensor, WeightId, WeightTable};

use crate::hdf5::{self, Attribute};
use network::Network;

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
    /// Whether it carries a `training_config`.
    pub compiled: bool,
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
        let saved_by = saved_by(file, &root);
        let architecture = architecture(&root, &saved_by, &mut weights);
        Ok(ModelFile {
            layout,
            saved_by,
            architecture,
            weights,
            compiled: has_attribute(&root, "training_config"),
            optimizer: file.group("optimizer_weights").is_ok(),
            origin,
        })
    }

    /// The graph, if there is one.
    pub fn network(&self) -> Option<&Network> {
        match &self.architecture {
            Architecture::Network(network) => Some(network),
            Architecture::Absent | Architecture::Broken(_) => None,
        }
    }
}

/// Groups at the root of Keras 3's weights; `vars` is there in any, those of a subclassed model too.
const KERAS3_GROUPS: [&str; 3] = ["layers", "_layer_checkpoint_dependencies", "vars"];

/// The layout, or whose file it is instead.
fn layout(file: &hdf5::File, root: &hdf5::Group<'_>) -> Result<(Layout, Option<Origin>), hdf5::Error> {
    let has_group = |path: &str| !matches!(file.group(path), Err(hdf5::Error::Missing(_)));
    if has_attribute(root, "model_config") || has_group("model_weights") {
        return Ok((Layout::WholeModel, None));
    }
    if attributes::is_list(root, "layer_names") || has_attribute(root, "nb_layers") && has_group("layer_0") {
        return Ok((Layout::WeightsOnly, None));
    }
    // AnnData and Loom have a group `layers`, too.
    let origin = origin::of(file, root);
    if origin.is_none() && KERAS3_GROUPS.into_iter().any(has_group) {
        return Ok((Layout::Keras3Weights, None));
    }
    // An unreadable root must not pass for a file of another program.
    root.attribute_names()?;
    Ok((Layout::NotKeras, origin))
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

fn saved_by(file: &hdf5::File, root: &hdf5::Group<'_>) -> SavedBy {
    let weights = file.group("model_weights").ok();
    let text = |name: &str| {
        [Some(root), weights.as_ref()].into_iter().flatten().find_map(|group| match group.attribute(name) {
            Ok(Attribute::Text(text)) => Some(text),
            _ => None,
        })
    };
    SavedBy { keras_version: text("keras_version"), backend: text("backend"), date: None }
}

fn architecture(root: &hdf5::Group<'_>, saved_by: &SavedBy, weights: &mut WeightTable) -> Architecture {
    let text = match root.attribute("model_config") {
        Ok(Attribute::Text(text)) => text,
        Ok(_) => return Architecture::Broken("model_config is not one string".into()),
        Err(hdf5::Error::Missing(_)) => return Architecture::Absent,
        Err(error) => {
            weights
                .problems
                .push(Problem::Damaged { object: "@model_config".into(), reason: error.to_string() });
            return Architecture::Broken(error.to_string());
        }
    };
    let keras3 = saved_by.keras_version.as_deref().is_some_and(|v| v.starts_with('3'));
    match parse::network(&text, keras3) {
        Ok(network) => Architecture::Network(network),
        Err(reason) => Architecture::Broken(reason),
    }
}
