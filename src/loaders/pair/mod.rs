//! A model and a file of weights: whether `load_weights` works, in which runtime, and which layer gets what.

mod align;
mod family;
mod roles;
#[cfg(test)]
mod tests;

pub use align::{Alignment, Pairing, Row, Verdict, WeightPair};
pub use family::Family;

use super::config::{Template, ordered};
use super::networks::{Prepared, with_network};
use super::open::h5py::H5;
use super::weights::{Job, Match, Rules, Way, load_into, saving_lib};
use super::{Attempt, Evidence, Outcome, RUNTIMES, Runtime, Stop};
use crate::keras::network::Network;
use crate::plan::Structure;
use crate::zoo::build::Building;

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

impl<'a> From<&'a Prepared<'a>> for Model<'a> {
    fn from(built: &'a Prepared<'a>) -> Model<'a> {
        Model { network: built.network, structure: &built.structure }
    }
}

/// What becomes of a model and the weights of a file.
///
/// # Errors
/// Why the file has no weights that could be loaded.
pub fn pair<'e>(model: Model<'e>, weights: &Evidence<'e>) -> Result<Pair, String> {
    let template = ordered(model.network, "");
    let root = root(weights)?;
    let side = Side { model, template: &template, weights, root };
    let loads = RUNTIMES.iter().flat_map(|runtime| Call::ALL.map(|call| side.told(runtime, call))).collect();
    Ok(Pair { loads, alignment: align::align(model, &template, weights) })
}

/// What becomes of the networks that runtimes build under a name, and the weights of a file. Those of the newest runtime stand
/// beside the file's.
///
/// # Errors
/// Why the file has no weights that could be loaded.
pub fn pair_with_family(family: &Family, weights: &Evidence<'_>) -> Result<Pair, String> {
    let loads = loads_with_family(family, weights, &Call::ALL)?;
    let (newest, _) = buildings(family).pop().ok_or("no runtime has it")?;
    let align = |built: &Prepared<'_>| align::align(built.into(), &built.template, weights);
    Ok(Pair { loads, alignment: with_network(&newest, align)? })
}

/// What these calls do with the networks that runtimes build under a name, and the weights of a file.
///
/// # Errors
/// Why the file has no weights that could be loaded.
pub fn loads_with_family(
    family: &Family,
    weights: &Evidence<'_>,
    calls: &[Call],
) -> Result<Vec<Load>, String> {
    let root = root(weights)?;
    let mut loads = Vec::new();
    for (building, runtimes) in buildings(family) {
        with_network(&building, |built| {
            // The machinery ties the life of the network to that of the file.
            let weights = Evidence { structure: None, ..*weights };
            let side = Side { model: built.into(), template: &built.template, weights: &weights, root };
            let rows = runtimes.iter().flat_map(|runtime| calls.iter().map(|call| side.told(runtime, *call)));
            loads.extend(rows);
        })?;
    }
    for runtime in RUNTIMES {
        if let Err(stop) = family.building(runtime) {
            loads.extend(calls.iter().map(|call| told(runtime, *call, Err(stop.clone()))));
        }
    }
    loads.sort_by_key(|load| RUNTIMES.iter().position(|runtime| runtime == load.runtime));
    Ok(loads)
}

/// The different networks that runtimes build under a name, that of the newest last.
fn buildings(family: &Family) -> Vec<(Building, Vec<&'static Runtime>)> {
    let mut buildings: Vec<(Building, Vec<&'static Runtime>)> = Vec::new();
    for runtime in RUNTIMES {
        let Ok(building) = family.building(runtime) else { continue };
        match buildings.iter_mut().find(|(known, _)| *known == building) {
            Some((_, runtimes)) => runtimes.push(runtime),
            None => buildings.push((building, vec![runtime])),
        }
    }
    buildings
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

/// A model, and the file whose weights it is to take.
struct Side<'s, 'e> {
    model: Model<'e>,
    template: &'s Template,
    weights: &'s Evidence<'e>,
    root: &'static str,
}

impl Side<'_, '_> {
    fn told(&self, runtime: &'static Runtime, call: Call) -> Load {
        told(runtime, call, self.load(runtime, call))
    }

    fn load(&self, runtime: &'static Runtime, call: Call) -> Attempt<Done> {
        let (Some(Ok(file)), Some(Ok(found))) = (self.weights.file, self.weights.model) else {
            return Err(Stop::unknown("the weights can't be read here"));
        };
        let (rules, way) = (Rules::of(runtime, Way::Weights), Way::Weights);
        let (structure, table) = (self.model.structure, &found.weights);
        let (template, root) = (self.template, self.root);
        let job = Job { runtime, rules, way, template, structure, file, model: found, table, root };
        let h5 = H5::of(self.weights, runtime)?;
        if saving_lib::reads(runtime, self.weights.name) {
            let model = (class(self.model.network), self.model.network.name.as_str());
            let saving_lib::Found { loaded, layers } =
                saving_lib::load(&job, h5, (model, self.weights.name), call.by())?;
            return Ok(Done { layers, loaded, wrong: None });
        }
        let (loaded, wrong) = load_into(&job, h5, call.by())?;
        let layers = loaded.variables.holders.iter().filter(|holder| holder.count() > 0).count();
        let assigned = loaded.pairs.iter().filter(|(_, _, arrays)| !arrays.is_empty()).count();
        Ok(Done { layers, loaded: assigned, wrong })
    }
}

/// What a model is called that is neither subclassed nor `Sequential`.
fn class(network: &Network) -> &str {
    if network.class == "Sequential" { "Sequential" } else { "Functional" }
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
