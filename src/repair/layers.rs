//! One layer, or a model among layers.

use serde_json::{Map, Value};

use super::config::{self, Nested, Work, is_model};
use super::{Refusal, arguments, nodes, objects};
use crate::limits;
use crate::loaders::facts::{Kind, Named};

/// Classes that are the same under another name, where the target lacks the one in the file.
const SAME: [(&str, &str); 3] = [
    // What TensorFlow 1.13 and 1.14 write for it.
    ("BatchNormalizationV1", "BatchNormalization"),
    ("BatchNormalizationV2", "BatchNormalization"),
    ("SyncBatchNormalization", "BatchNormalization"),
];

/// Keys of a layer by which Keras finds a class in a module, and that its older loaders don't read.
const MODULE_KEYS: [&str; 3] = ["module", "registered_name", "build_config"];

/// A layer's name; that of a Sequential's is in its config alone.
pub(super) fn name(layer: &Map<String, Value>) -> Option<&str> {
    layer.get("name").or(layer.get("config")?.get("name"))?.as_str()
}

/// Translates a layer of a model in place; `prefix` is the path of that model, with a slash.
pub(super) fn translate(
    work: &mut Work<'_>,
    prefix: &str,
    layer: &mut Value,
    nested: &Nested,
    depth: usize,
) -> Result<(), Refusal> {
    let Some(layer) = layer.as_object_mut() else {
        return Err(Refusal::new(prefix, "one of its layers is no object"));
    };
    let place = format!("{prefix}{}", name(layer).unwrap_or("layer"));
    drop_modules(work, &place, layer)?;
    if is_model(layer) {
        config::model(work, &place, layer, depth + 1)?;
    } else {
        plain(work, &place, layer, depth)?;
    }
    let is_model = is_model(layer);
    if let Some(calls) = layer.get_mut("inbound_nodes") {
        nodes::translate(work, &place, calls, nested)?;
        if is_model && work.target.is_two() {
            nodes::drop_training(work, &place, calls);
        }
    }
    Ok(())
}

/// A layer that carries its module is made another way than one that does not, and only by the generation that wrote it.
fn drop_modules(work: &mut Work<'_>, place: &str, layer: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(module) = layer.get("module").and_then(Value::as_str).map(str::to_string) else { return Ok(()) };
    if work.target.is_three() == work.from_three {
        return Ok(());
    }
    // Functional is registered under its own name; what is not Keras' is, too, but in another module, or with its package.
    let registered = layer.get("registered_name").filter(|name| name.is_string());
    let is_own = registered.is_none_or(|name| Some(name) == layer.get("class_name"));
    if !(module == "keras" || module.starts_with("keras.")) || !is_own {
        return Err(Refusal::new(place, format!("its class comes from {module}, which is not Keras")));
    }
    MODULE_KEYS.iter().for_each(|key| {
        layer.shift_remove(*key);
    });
    let why = format!("{} then takes it for what it is, a layer of the older form", work.target.name());
    work.change(place, "module", Some(module), None, why);
    Ok(())
}

/// A layer that is no model.
fn plain(
    work: &mut Work<'_>,
    place: &str,
    layer: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), Refusal> {
    let Some(written) = layer.get("class_name").and_then(Value::as_str).map(str::to_string) else {
        return Err(Refusal::new(place, "it has no class_name"));
    };
    if written == "Lambda" {
        let what = "the code of a Lambda is stored for one version of Python and is not touched here";
        return Err(Refusal::new(place, format!("{what}. Build the model in Python and load its weights.")));
    }
    let class = known(work, place, &written)?;
    if class != written {
        layer.insert("class_name".into(), class.as_str().into());
        let why = format!("{} knows the layer under that name alone", work.target.name());
        work.change(place, "class_name", Some(written), Some(class.clone()), why);
    }
    let kind = if layer.contains_key("module") { Kind::ModuleLayers } else { Kind::Layers };
    let Some(config) = layer.get_mut("config").and_then(Value::as_object_mut) else {
        return Err(Refusal::new(place, "it has no config"));
    };
    settings(work, place, &class, config, depth)?;
    match work.target.find(kind, &class) {
        Some(Named::Class(found)) => arguments::translate(work, place, kind, (&class, found), config),
        Some(Named::Function(_) | Named::Other) | None => Ok(()),
    }
}

/// The name under which the target has a class.
fn known(work: &Work<'_>, place: &str, written: &str) -> Result<String, Refusal> {
    let is_there = |name: &&str| matches!(work.target.find(Kind::Layers, name), Some(Named::Class(_)));
    let same = SAME.iter().filter(|(name, _)| *name == written).map(|(_, same)| *same);
    let found = std::iter::once(written).chain(same).find(is_there);
    found.map(str::to_string).ok_or_else(|| {
        let what = format!("{} has no layer {written}", work.target.name());
        Refusal::new(
            place,
            format!("{what}. Build the model in Python, with a class of that name, and load its weights."),
        )
    })
}

/// The values of a layer's arguments.
fn settings(
    work: &mut Work<'_>,
    place: &str,
    class: &str,
    config: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), Refusal> {
    if class == "BatchNormalization" && work.target.is_two() {
        one_axis(work, place, config);
    }
    for (argument, value) in config.iter_mut() {
        if value.as_object().is_some_and(|inner| inner.contains_key("class_name"))
            && argument.ends_with("layer")
        {
            if depth > limits::MAX_NESTING {
                return Err(Refusal::new(place, "layers within layers go too deep"));
            }
            translate(work, &format!("{place}/"), value, &Nested::new(), depth + 1)?;
        } else {
            objects::translate(work, place, argument, value)?;
        }
    }
    Ok(())
}

/// tf.keras writes the axis of a BatchNormalization as a list, which Keras 2 takes for an index.
fn one_axis(work: &mut Work<'_>, place: &str, config: &mut Map<String, Value>) {
    let Some(axis) = config.get_mut("axis") else { return };
    if let Some([one]) = axis.as_array().map(Vec::as_slice) {
        let (before, one) = (axis.to_string(), one.clone());
        *axis = one;
        let why = "tuple indices must be integers or slices, not list";
        work.change(place, "axis", Some(before), Some(axis.to_string()), why);
    }
}
