//! What loads without a word and is wrong, as far as the file tells.

use std::collections::HashSet;

use super::rules::Prepares;
use super::variables::{Holder, layer_and_weight};
use super::{Job, Loaded};
use crate::loaders::python;

/// The first of it, in a sentence.
pub fn sentence(job: &Job<'_, '_>, loaded: &Loaded<'_>) -> Option<String> {
    shapes(job, loaded)
        .or_else(|| order(job, loaded))
        .or_else(|| inside(loaded))
        .or_else(|| theano(job, loaded))
}

/// Wrong shapes that were installed.
fn shapes(job: &Job<'_, '_>, loaded: &Loaded<'_>) -> Option<String> {
    let (id, value) = loaded.silent.first()?;
    let variable = loaded.variables.all.get(*id)?;
    let (want, have) = (python::shape(variable.shape.as_deref()?), python::shape(value));
    let more = match loaded.silent.len() - 1 {
        0 => String::new(),
        1 => ", and one more weight like that".to_string(),
        more => format!(", and {more} more weights like that"),
    };
    Some(format!(
        "{} takes values of any shape: {}/{} must have the shape {want} and gets {have}{more}.",
        job.runtime.name, variable.path, variable.weight
    ))
}

/// Layers that get the weights of others, because the file lists them in another order.
fn order(job: &Job<'_, '_>, loaded: &Loaded<'_>) -> Option<String> {
    if job.way != super::Way::Model {
        return None;
    }
    let name = |at: usize| loaded.variables.holders[at].slot.name.as_str();
    let slots: HashSet<&str> = loaded.pairs.iter().map(|(at, ..)| name(*at)).collect();
    let stored: HashSet<&str> = loaded.pairs.iter().map(|(_, entry, _)| entry.name.as_str()).collect();
    let moved = loaded.pairs.iter().find(|(at, entry, _)| {
        entry.name != name(*at) && slots.contains(entry.name.as_str()) && stored.contains(name(*at))
    });
    let (at, entry, _) = moved?;
    Some(format!(
        "The file lists its layers in another order than the model has them: {} gets the weights of {}.",
        name(*at),
        entry.name
    ))
}

/// Layers of a model in the model that get the weights of others.
fn inside(loaded: &Loaded<'_>) -> Option<String> {
    loaded.pairs.iter().find_map(|(at, _, arrays)| {
        let holder = &loaded.variables.holders[*at];
        let names = names_inside(loaded, holder);
        let mut pairs = holder.weights().into_iter().zip(arrays).filter(|_| !holder.parts.is_empty());
        let (id, array) = pairs.find(|(id, array)| {
            let layer = layer_and_weight(&array.name).0;
            loaded.variables.all[*id].layer != layer && names.contains(layer)
        })?;
        Some(format!(
            "The weights of {} are taken in another order than they were saved in, which follows from which layers are frozen: \
             {} gets those of {}.",
            holder.slot.name,
            loaded.variables.all[id].path,
            layer_and_weight(&array.name).0
        ))
    })
}

fn names_inside<'l>(loaded: &'l Loaded<'_>, holder: &Holder<'_>) -> HashSet<&'l str> {
    holder.by_layer.iter().filter_map(|id| loaded.variables.all.get(*id)).map(|v| v.layer.as_str()).collect()
}

/// Kernels of Theano's convolution in another backend's, or the other way round.
fn theano(job: &Job<'_, '_>, loaded: &Loaded<'_>) -> Option<String> {
    let is_turned = matches!(job.rules.prepares, Prepares::Kernels { turns: true, .. })
        && loaded.backend.as_deref() == Some("theano");
    let (saved, runs) = (job.model.is_theanos(), job.runtime.is_on_theano());
    let is_large = |shape: &[u64]| matches!(shape, [a, b, _, _] if a.max(b) > &1);
    let has_kernels = loaded.pairs.iter().flat_map(|(.., arrays)| arrays).any(|array| is_large(&array.shape));
    let who = if saved { "saved under Theano" } else { "not saved under Theano" };
    (saved != runs && !is_turned && has_kernels).then(|| {
        format!(
            "The kernels were {who}, whose convolution turns them by 180°, and {} takes them as they are: every convolution \
             with a window larger than 1×1 computes something else.",
            job.runtime.name
        )
    })
}
