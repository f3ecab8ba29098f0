//! From a model without weights to one with those of the file: counts, order, shapes.
//!
//! Every loader does the same: it lists the layers of the model that have variables and those of the file that have weights,
//! compares their numbers, pairs them by their place, prepares the arrays of each layer, compares their number, and assigns
//! them. What differs between versions is in [`rules`].

mod assign;
mod by_name;
mod built;
mod prepare;
mod rules;
pub mod saving_lib;
mod shelf;
#[cfg(test)]
mod tests;
mod variables;
mod wrong;

use super::config::Template;
use super::open::h5py::H5;
use super::{Attempt, Evidence, Loader, Runtime, Stop};
use crate::hdf5;
use crate::keras::{ModelFile, WeightTable};
use crate::plan::Structure;
pub use built::{Built, load_built};

use assign::Assignment;
use prepare::Prepare;
pub use rules::Rules;
use rules::{Counts, Prepares};
use shelf::{Array, Entry, Shelf};
pub use variables::layer_and_weight;
use variables::{Holder, Variables, variables};

/// By which call the weights are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `load_model`
    Model,
    /// `load_weights` of a model that is there already.
    Weights,
}

/// Weights to be loaded into a model.
pub struct Job<'e, 't> {
    /// The runtime.
    pub runtime: &'e Runtime,
    /// How it goes about it.
    pub rules: Rules,
    /// By which call.
    pub way: Way,
    /// The model.
    pub template: &'t Template,
    /// The same model, opened, with the shapes of its weights.
    pub structure: &'e Structure<'e>,
    /// The file with the weights.
    pub file: &'e hdf5::File,
    /// What it holds.
    pub model: &'e ModelFile,
    /// Its weights.
    pub table: &'e WeightTable,
    /// The group they lie in: `model_weights`, or `""` for the root.
    pub root: &'e str,
}

/// What loading did, where it raised nothing.
pub struct Loaded<'t> {
    /// The variables of the model.
    pub variables: Variables<'t>,
    /// The layers with variables, by their place in [`Variables::holders`], with those of the file that they were paired
    /// with and the arrays that they got.
    pub pairs: Vec<(usize, Entry, Vec<Array>)>,
    /// Assignments that took a wrong shape: the variable, and the shape it got.
    pub silent: Vec<(usize, Vec<u64>)>,
    /// The backend that the group of weights names.
    pub backend: Option<String>,
}

/// Loads the weights. What comes back is what is silently wrong, in one sentence.
pub fn load<'e>(
    evidence: &Evidence<'e>,
    runtime: &'e Runtime,
    template: &Template,
) -> Attempt<Option<String>> {
    let h5 = H5::of(evidence, runtime)?;
    let rules = Rules::of(runtime, Way::Model);
    open_group(&h5, runtime, rules)?;
    let unreadable = || Stop::unknown("the weights can't be read here");
    let (Some(Ok(file)), Some(Ok(model))) = (evidence.file, evidence.model) else { return Err(unreadable()) };
    let structure = evidence
        .structure
        .ok_or_else(|| Stop::unknown("which shapes the architecture asks for can't be told"))?;
    let (table, way, root) = (&model.weights, Way::Model, "model_weights");
    let job = Job { runtime, rules, way, template, structure, file, model, table, root };
    let loaded = run(&job, h5, Match::Place)?;
    Ok(wrong::sentence(&job, &loaded))
}

/// `f['model_weights']`
fn open_group(h5: &H5<'_>, runtime: &Runtime, rules: Rules) -> Attempt<()> {
    const GROUP: &str = "model_weights";
    match runtime.loader {
        Loader::Keras3 => h5.keras3_group("", GROUP),
        _ if rules.dict => match h5.contains("", GROUP)? {
            true => Ok(()),
            false => {
                let mode = if runtime.version >= [2, 3, 0] { "read-only" } else { "read only" };
                Err(Stop::raised("ValueError", format!("Cannot create group in {mode} mode.")))
            }
        },
        Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => h5.item("", GROUP).map(drop),
    }
}

/// How `load_weights` finds the layer that an array is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// By their places.
    Place,
    /// By their names, `by_name=True`.
    Name {
        /// `skip_mismatch=True`
        skips: bool,
    },
}

/// Loads the weights of a file into a model that is there already: `load_weights`.
///
/// # Errors
/// What the runtime raises.
pub fn load_into<'e, 't>(job: &Job<'e, 't>, h5: H5<'e>, by: Match) -> Attempt<(Loaded<'t>, Option<String>)> {
    if let Match::Name { skips } = by {
        by_name::accepts(job.runtime, skips)?;
    }
    let loaded = run(job, h5, by)?;
    let wrong = wrong::sentence(job, &loaded);
    Ok((loaded, wrong))
}

/// `load_weights_from_hdf5_group` or `load_weights_from_hdf5_group_by_name`
fn run<'e, 't>(job: &Job<'e, 't>, h5: H5<'e>, by: Match) -> Attempt<Loaded<'t>> {
    let shelf = Shelf::of(job, h5);
    let (version, backend) = match job.runtime.loader {
        Loader::Keras1 => (None, None),
        Loader::Keras2 | Loader::TfKeras | Loader::Keras3 => shelf.saved_by()?,
    };
    let loaded = Loaded { variables: variables(job), pairs: Vec::new(), silent: Vec::new(), backend };
    let of_keras1 = version.as_deref().unwrap_or("1") == "1";
    match by {
        Match::Place => by_place(job, &shelf, loaded, of_keras1),
        Match::Name { skips } => by_name::run(job, &shelf, loaded, of_keras1, skips),
    }
}

fn by_place<'t>(
    job: &Job<'_, '_>,
    shelf: &Shelf<'_>,
    mut loaded: Loaded<'t>,
    of_keras1: bool,
) -> Attempt<Loaded<'t>> {
    let entries = shelf.entries()?;
    let holders = &loaded.variables.holders;
    let holders: Vec<usize> = (0..holders.len()).filter(|at| holders[*at].count() > 0).collect();
    check_layers(job, &loaded.variables, &holders, &entries)?;
    // Keras 3 assigns layer by layer, all others when they have looked at all layers.
    let at_once = job.runtime.loader == Loader::Keras3;
    let (mut before, mut waiting) = (0, Vec::new());
    for (place, (at, entry)) in holders.into_iter().zip(entries).enumerate() {
        let holder = &loaded.variables.holders[at];
        let arrays = shelf.arrays(&entry)?;
        let arrays = prepared(job, &loaded.variables, holder, arrays, of_keras1)?;
        check_weights(job, holder, place, &entry, arrays.len())?;
        if at_once {
            before = assign(job, &mut loaded, at, (place, before), &arrays)?;
        }
        waiting.push((at, entry, arrays));
    }
    if job.rules.top_level {
        check_top_level(shelf)?;
    }
    for (place, (at, _, arrays)) in waiting.iter().enumerate().filter(|_| !at_once) {
        before = assign(job, &mut loaded, *at, (place, before), arrays)?;
    }
    loaded.pairs = waiting;
    Ok(loaded)
}

fn check_layers(
    job: &Job<'_, '_>,
    variables: &Variables<'_>,
    holders: &[usize],
    entries: &[Entry],
) -> Attempt<()> {
    let (expected, found) = (holders.len(), entries.len());
    if expected == found {
        return Ok(());
    }
    if variables.holders.iter().any(|holder| holder.assumed && holder.slot.inner.is_none()) {
        return Err(Stop::unknown("whether all its layers have weights can't be told"));
    }
    let trying = format!(
        "You are trying to load a weight file containing {found} layers into a model with {expected} layers"
    );
    Err(Stop::raised(
        "ValueError",
        match job.rules.counts {
            Counts::Trying => format!("{trying}."),
            Counts::TryingBare => trying,
            Counts::Mismatch => format!(
                "Layer count mismatch when loading weights from file. Model expected {expected} layers, found {found} saved \
                 layers."
            ),
        },
    ))
}

fn prepared(
    job: &Job<'_, '_>,
    variables: &Variables<'_>,
    holder: &Holder<'_>,
    arrays: Vec<Array>,
    of_keras1: bool,
) -> Attempt<Vec<Array>> {
    match job.rules.prepares {
        Prepares::Not => Ok(arrays),
        Prepares::Kernels { nested, .. } => {
            Prepare { of_keras1, nested, all: &variables.all }.layer(holder, arrays)
        }
    }
}

fn check_weights(
    job: &Job<'_, '_>,
    holder: &Holder<'_>,
    place: usize,
    entry: &Entry,
    found: usize,
) -> Attempt<()> {
    let (expected, new, saved) = (holder.count(), &holder.slot.name, &entry.name);
    if expected == found {
        return Ok(());
    }
    if holder.assumed {
        return Err(Stop::unknown(format!("how many weights {new} has can't be told")));
    }
    if job.rules.counts == Counts::TryingBare && entry.is_bytes {
        // The message is put together from text and a name that is still bytes.
        let since37 = job.runtime.python >= [3, 7, 0];
        let message = if since37 {
            "can only concatenate str (not \"bytes\") to str"
        } else {
            "must be str, not bytes"
        };
        return Err(Stop::raised("TypeError", message));
    }
    Err(Stop::raised(
        "ValueError",
        match job.rules.counts {
            Counts::Trying | Counts::TryingBare => format!(
                "Layer #{place} (named \"{new}\" in the current model) was found to correspond to layer {saved} in the save \
                 file. However the new layer {new} expects {expected} weights, but the saved weights have {found} elements."
            ),
            Counts::Mismatch => format!(
                "Weight count mismatch for layer #{place} (named {new} in the current model, {saved} in the save file). Layer \
                 expects {expected} weight(s). Received {found} saved weight(s)"
            ),
        },
    ))
}

fn check_top_level(shelf: &Shelf<'_>) -> Attempt<()> {
    match shelf.top_level()? {
        None | Some(0) => Ok(()),
        Some(found) => Err(Stop::raised(
            "ValueError",
            format!(
                "Weight count mismatch for top-level weights when loading weights from file. Model expects 0 top-level \
                 weight(s). Received {found} saved top-level weight(s)"
            ),
        )),
    }
}

/// Assigns the arrays of a layer, given its number and the number of assignments so far; gives that number behind it.
fn assign(
    job: &Job<'_, '_>,
    loaded: &mut Loaded<'_>,
    at: usize,
    (place, before): (usize, usize),
    arrays: &[Array],
) -> Attempt<usize> {
    let holder = &loaded.variables.holders[at];
    let mut silent = Vec::new();
    for (index, (id, array)) in holder.weights().into_iter().zip(arrays).enumerate() {
        let assignment = Assignment {
            assigns: job.rules.assigns,
            variables: &loaded.variables,
            variable: &loaded.variables.all[id],
            value: &array.shape,
            before: before + index,
            layer: place,
            name: &holder.slot.name,
        };
        if assignment.make()? {
            silent.push((id, array.shape.clone()));
        }
    }
    loaded.silent.extend(silent);
    Ok(before + arrays.len())
}
