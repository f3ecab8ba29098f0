//! A model and a file of weights: whether `load_weights` works, in which runtime, and which layer gets what.

mod align;
mod roles;
#[cfg(test)]
mod tests;

pub use align::{Alignment, Pairing, Row, Verdict, WeightPair};

use super::config::{Template, ordered};
use super::open::h5py::H5;
use super::weights::{Job, Match, Rules, Way, load_into};
use super::{Attempt, Evidence, Loader, Outcome, RUNTIMES, Runtime, Stop};
use crate::keras::network::Network;
use crate::plan::Structure;

/// A way of calling `load_weights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `load_weights(path)`
    Place,
    /// `load_weights(path, by_name=True)`
    Name,
    /// `load_weights(path, by_name=True, skip_mismatch=True)`
    Skip,
}

impl Call {
    /// All of them.
    pub const ALL: [Call; 3] = [Call::Place, Call::Name, Call::Skip];

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Call::Place => "load_weights",
            Call::Name => "load_weights(by_name=True)",
            Call::Skip => "load_weights(by_name=True, skip_mismatch=True)",
        }
    }

    fn by(self) -> Match {
        match self {
            Call::Place => Match::Place,
            Call::Name => Match::Name { skips: false },
            Call::Skip => Match::Name { skips: true },
        }
    }
}

/// What one call does in one runtime.
#[derive(Clone, Debug)]
pub struct Load {
    /// The runtime.
    pub runtime: &'static Runtime,
    /// The call.
    pub call: Call,
    /// What happens.
    pub outcome: Outcome,
    /// Layers of the model that get the file's weights, where nothing is raised.
    pub loaded: Option<usize>,
}

/// A model and a file of weights.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Layers of the model with weights, models in it as one.
    pub layers: usize,
    /// What every call does in every runtime.
    pub loads: Vec<Load>,
    /// Which layer belongs to which.
    pub alignment: Alignment,
}

/// The model of a pair: its architecture and what follows from it.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// The architecture.
    pub network: &'a Network,
    /// The same, opened, with the shapes of its weights.
    pub structure: &'a Structure<'a>,
}

/// What becomes of a model and the weights of a file.
///
/// # Errors
/// Why the file has no weights that could be loaded.
pub fn pair<'e>(model: Model<'e>, weights: &Evidence<'e>) -> Result<Pair, String> {
    let template = ordered(model.network, "");
    let root = root(weights)?;
    let mut layers = 0;
    let mut loads = Vec::new();
    for runtime in RUNTIMES {
        for call in Call::ALL {
            let done = load(model, weights, &template, root, runtime, call);
            layers = done.as_ref().map_or(layers, |done| done.layers.max(layers));
            loads.push(told(runtime, call, done));
        }
    }
    let alignment = align::align(model, &template, weights);
    Ok(Pair { layers: layers.max(alignment.holders), loads, alignment })
}

/// The group that `load_weights` reads: the root where that lists layers, else `model_weights`.
fn root(weights: &Evidence<'_>) -> Result<&'static str, String> {
    let Some(Ok(file)) = weights.file else { return Err("it is no HDF5 file that can be read".into()) };
    let root = file.group("").map_err(|error| error.to_string())?;
    let lists = !matches!(root.attribute("layer_names"), Err(crate::hdf5::Error::Missing(_)));
    Ok(if !lists && file.group("model_weights").is_ok() { "model_weights" } else { "" })
}

/// What one call did.
struct Done {
    layers: usize,
    loaded: usize,
    wrong: Option<String>,
}

fn load<'e>(
    model: Model<'e>,
    weights: &Evidence<'e>,
    template: &Template,
    root: &'static str,
    runtime: &'static Runtime,
    call: Call,
) -> Attempt<Done> {
    if is_for_another_loader(weights.name, runtime) {
        return Err(Stop::unknown(
            "a name that ends in .weights.h5 is read by a loader that goes by attributes",
        ));
    }
    let (Some(Ok(file)), Some(Ok(found))) = (weights.file, weights.model) else {
        return Err(Stop::unknown("the weights can't be read here"));
    };
    let (rules, way) = (Rules::of(runtime, Way::Weights), Way::Weights);
    let (structure, table) = (model.structure, &found.weights);
    let job = Job { runtime, rules, way, template, structure, file, model: found, table, root };
    let (loaded, wrong) = load_into(&job, H5::of(weights, runtime)?, call.by())?;
    let layers = loaded.variables.holders.iter().filter(|holder| holder.count() > 0).count();
    Ok(Done {
        layers,
        loaded: loaded.pairs.iter().filter(|(_, _, arrays)| !arrays.is_empty()).count(),
        wrong,
    })
}

/// tf.keras since 2.12 and Keras 3 go by the name of the file.
fn is_for_another_loader(name: &str, runtime: &Runtime) -> bool {
    let knows = match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => false,
        Loader::TfKeras => runtime.version >= [2, 12, 0],
        Loader::Keras3 => true,
    };
    knows && name.ends_with(".weights.h5")
}

fn told(runtime: &'static Runtime, call: Call, done: Attempt<Done>) -> Load {
    let loaded = done.as_ref().ok().map(|done| done.loaded);
    let outcome = match done {
        Ok(Done { loaded: 0, layers, .. }) if layers > 0 => Outcome::LoadsWrong(format!(
            "None of the {layers} layers gets weights: no layer of the file has the name of one of the model's. The model keeps \
             the numbers it was made with."
        )),
        Ok(Done { wrong: Some(wrong), .. }) => Outcome::LoadsWrong(wrong),
        Ok(Done { loaded, layers, .. }) if loaded < layers => Outcome::LoadsWrong(format!(
            "{loaded} of {layers} layers get weights; the others keep the numbers they were made with."
        )),
        Ok(_) => Outcome::Loads,
        Err(Stop::Raised(raised)) => Outcome::Fails(raised),
        Err(Stop::Unknown(why)) => Outcome::Unknown(why),
    };
    Load { runtime, call, outcome, loaded }
}
