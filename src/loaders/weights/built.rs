//! `load_weights` of a model that code has built.

use super::rules::Rules;
use super::{Job, Match, Way, run, wrong};
use crate::hdf5::Error;
use crate::keras::Layout;
use crate::loaders::config::Template;
use crate::loaders::open::h5py::H5;
use crate::loaders::{Attempt, Evidence, Runtime, Stop};
use crate::plan::Structure;

/// What loading into a built model leaves behind, where it raises nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// What is silently wrong, in a sentence.
    pub wrong: Option<String>,
    /// The layers that took a weight of a wrong shape.
    pub layers: Vec<String>,
}

/// `model.load_weights(path)`, the path opened as `h5`, the model being `template` with the shapes of `structure`.
pub fn load_built<'e>(
    evidence: &Evidence<'e>,
    h5: H5<'e>,
    runtime: &'e Runtime,
    template: &Template,
    structure: &'e Structure<'e>,
) -> Attempt<Built> {
    let unreadable = |error: &Error| Stop::unknown(format!("the weights can't be read here: {error}"));
    let (Some(Ok(file)), Some(model)) = (evidence.file, evidence.model) else {
        return Err(Stop::unknown("the file is no HDF5 that can be read here"));
    };
    let model = model.as_ref().map_err(unreadable)?;
    // Whole models have their weights in a group of their own.
    let root = if model.layout == Layout::WholeModel { "model_weights" } else { "" };
    let (table, way, rules) = (&model.weights, Way::Weights, Rules::of(runtime, Way::Weights));
    let job = Job { runtime, rules, way, template, structure, file, model, table, root };
    let loaded = run(&job, h5, Match::Place)?;
    let layer = |(id, _): &(usize, Vec<u64>)| Some(loaded.variables.all.get(*id)?.layer.clone());
    Ok(Built {
        wrong: wrong::sentence(&job, &loaded),
        layers: loaded.silent.iter().filter_map(layer).collect(),
    })
}
