//! Repairs beside `model_config`: how texts are marked, and what the model was compiled with.

use super::target::Target;
use super::{Change, Refusal};
use crate::hdf5::{self, Patch};
use crate::loaders::Evidence;

/// Attributes of the root that loaders decode.
const ROOT: [&str; 4] = ["model_config", "training_config", "keras_version", "backend"];
/// Attributes of the groups of weights.
const LISTS: [&str; 2] = ["layer_names", "weight_names"];
/// What changes where a text gets another mark.
pub(super) const MARK: &str = "character set";
/// Why a text of any length is none for some.
pub(super) const NEW_H5PY: &str = "h5py 3 gives str for texts of any length, on which this runtime calls .decode. Install \
    h5py 2.10 there: pip install \"h5py<3\".";
/// As long as `training_config`, and read by nobody.
const SET_ASIDE: &str = "training_c0nf1g";

/// Marks texts as ASCII where the target calls `.decode` on what h5py gives for them: bytes for ASCII, `str` for UTF-8.
pub(super) fn mark(
    target: &Target,
    file: &hdf5::File,
    patch: &mut Patch<'_>,
) -> Result<Vec<Change>, Refusal> {
    if !target.decodes_texts() {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let root = group(file, "")?;
    if target.has_new_h5py() && root.is_variable("model_config") {
        return Err(Refusal::new("@model_config", NEW_H5PY));
    }
    changes.extend(mark_all(&root, &ROOT, patch)?);
    if let Ok(weights) = file.group("model_weights") {
        changes.extend(mark_all(&weights, &ROOT, patch)?);
        changes.extend(mark_all(&weights, &LISTS, patch)?);
        let (layers, _) = weights.names().map_err(|error| unmarkable("model_weights", &error))?;
        for layer in layers {
            let layer = group(file, &format!("model_weights/{layer}"))?;
            if target.wants_fixed_lists() && is_long_list(&layer) {
                let what =
                    "its weight_names are texts of any length, and this runtime takes the truth of the list";
                let what =
                    format!("{what}: The truth value of an array with more than one element is ambiguous");
                let todo = "Load the file in TensorFlow 2.4 and save it there";
                return Err(Refusal::new(layer.path(), format!("{what}. {todo}.")));
            }
            changes.extend(mark_all(&layer, &LISTS, patch)?);
        }
    }
    Ok(changes)
}

fn group<'f>(file: &'f hdf5::File, path: &str) -> Result<hdf5::Group<'f>, Refusal> {
    file.group(path).map_err(|error| unmarkable(path, &error))
}

/// Whether a layer's names of weights are several texts in a heap.
fn is_long_list(layer: &hdf5::Group<'_>) -> bool {
    layer.is_variable("weight_names")
        && matches!(layer.attribute("weight_names"), Ok(hdf5::Attribute::Texts(names)) if names.len() > 1)
}

fn unmarkable(place: &str, error: &hdf5::Error) -> Refusal {
    Refusal::new(place, format!("How its texts are marked can't be changed: {error}."))
}

fn mark_all(group: &hdf5::Group<'_>, names: &[&str], patch: &mut Patch<'_>) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    for name in names.iter().filter(|name| group.is_utf8(name) && group.is_variable(name)) {
        let place = format!("{}@{name}", group.path());
        if patch.mark_ascii(group, name).map_err(|error| unmarkable(&place, &error))? {
            let (before, after) = (Some("UTF-8".into()), Some("ASCII".into()));
            let why = "this runtime calls .decode on it, which h5py's str for UTF-8 text lacks";
            changes.push(Change { place, what: MARK.into(), before, after, why: why.into() });
        }
    }
    Ok(changes)
}

/// Sets aside what the model was compiled with, where the target might fail on it: loss, metrics and the optimizer's state.
pub(super) fn drop_training(
    target: &Target,
    evidence: &Evidence<'_>,
    file: &hdf5::File,
    patch: &mut Patch<'_>,
) -> Result<Option<Change>, Refusal> {
    let texts = evidence.model.and_then(|model| model.as_ref().ok()).map(|model| &model.texts);
    let Some(text) = texts.and_then(|texts| texts.training_config.as_ref()) else { return Ok(None) };
    let Some(why) = target.may_not_compile(evidence) else { return Ok(None) };
    let place = "@training_config";
    let stuck = |error: hdf5::Error| {
        Refusal::new(place, format!("It can't be set aside: {error}. Load the model with compile=False."))
    };
    let root = file.group("").map_err(stuck)?;
    patch.rename(&root, "training_config", SET_ASIDE).map_err(stuck)?;
    Ok(Some(Change {
        place: place.into(),
        what: "name of the attribute".into(),
        before: Some(shortened(text)),
        after: Some(SET_ASIDE.into()),
        why,
    }))
}

/// The beginning of a text, for showing.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        text.into()
    } else {
        text.chars().take(SHOWN).chain("…".chars()).collect()
    }
}
