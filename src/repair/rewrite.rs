//! The copy as a new file, where a patch is not enough: its groups, its attributes, and whose numbers its datasets get.

use serde_json::Value;

use super::shelf::{self, Shelf};
use super::target::Target;
use super::{Change, Refusal};
use crate::hdf5::{NewAttribute, NewGroup};
use crate::keras::ModelFile;
use crate::limits;

/// Bytes that an attribute may have (`HDF5_OBJECT_HEADER_LIMIT` in Keras); longer lists are split.
const LONGEST_LIST: usize = 64_512;

/// The root of the new file, and what is otherwise in it than in the original.
pub(super) fn root(
    target: &Target,
    model: &ModelFile,
    shelves: &[Shelf],
    config: &Value,
) -> Result<(NewGroup, Vec<Change>), Refusal> {
    if target.decodes_texts() && target.has_new_h5py() {
        return Err(Refusal::new("@model_config", super::strings::NEW_H5PY));
    }
    let (who, mut changes) = who(target, model);
    let mut root = NewGroup { attributes: who.clone(), ..NewGroup::default() };
    root.attributes.push(("model_config".into(), NewAttribute::Text(super::written(config))));
    let weights = root.child("model_weights");
    weights.attributes = who;
    let layers: Vec<String> = shelves.iter().map(|shelf| shelf.layer.clone()).collect();
    weights.attributes.extend(list(target, "layer_names", layers)?);
    for shelf in shelves {
        let group = weights.child(&shelf.layer);
        let names = shelf.weights.iter().map(|weight| weight.name.clone()).collect();
        group.attributes.extend(list(target, "weight_names", names)?);
        for weight in &shelf.weights {
            if weight.name.split('/').count() > limits::MAX_NESTING {
                return Err(Refusal::new(
                    shelf.layer.as_str(),
                    "the names of its weights have too many parts",
                ));
            }
            group.insert(&weight.name, weight.dataset.clone(), weight.turn);
        }
    }
    changes.extend(training(model));
    changes.extend(shelf::turned(shelves));
    Ok((root, changes))
}

/// Who saved the file: who did, where the target goes on to load it as it was saved, else the target, in whose form it now is.
fn who(target: &Target, model: &ModelFile) -> (Vec<(String, NewAttribute)>, Vec<Change>) {
    let found = [
        ("keras_version", model.saved_by.keras_version.as_deref(), target.keras_version()),
        ("backend", model.saved_by.backend.as_deref(), "tensorflow".to_string()),
    ];
    let is_kept = !model.is_theanos() && model.saved_by.generation().is_some_and(|first| first != '1');
    let (mut attributes, mut changes) = (Vec::new(), Vec::new());
    for (name, before, ours) in found {
        let after = before.filter(|_| is_kept).map_or(ours, str::to_string);
        if before != Some(after.as_str()) {
            let why = "by it loaders decide whether weights have to be converted, and these are as the target needs them";
            let (before, after) = (before.map(str::to_string), Some(after.clone()));
            changes.push(Change {
                place: format!("@{name}"),
                what: "value".into(),
                before,
                after,
                why: why.into(),
            });
        }
        attributes.push((name.to_string(), NewAttribute::Text(after)));
    }
    (attributes, changes)
}

/// A list of names as Keras writes it: split where it is too long for one attribute.
fn list(target: &Target, name: &str, names: Vec<String>) -> Result<Vec<(String, NewAttribute)>, Refusal> {
    if let Some(name) = names.iter().find(|name| !name.is_ascii()) {
        return Err(Refusal::new(name.as_str(), "names that are not ASCII are not written anew"));
    }
    let width = names.iter().map(String::len).max().unwrap_or_default().max(1);
    let each = (LONGEST_LIST / width).max(1);
    if names.len() <= each {
        return Ok(vec![(name.into(), NewAttribute::Names(names))]);
    }
    if !target.joins_lists() {
        let what = format!("{} reads no list of more than 64 kB, and {name} has more", target.name());
        return Err(Refusal::new(format!("@{name}"), what));
    }
    let parts = names.chunks(each).enumerate();
    Ok(parts.map(|(part, names)| (format!("{name}{part}"), NewAttribute::Names(names.to_vec()))).collect())
}

/// A new file holds the model and its weights, and not how it was being trained.
fn training(model: &ModelFile) -> Option<Change> {
    let text = model.texts.training_config.as_deref()?;
    let why =
        "the new file holds the architecture and the weights; compile the model again before training it";
    let what = if model.optimizer { "attribute, with the state of the optimizer" } else { "attribute" };
    let before = Some(super::strings::shortened(text));
    Some(Change { place: "@training_config".into(), what: what.into(), before, after: None, why: why.into() })
}
