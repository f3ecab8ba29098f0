//! `model_config` as the target reads it: the models in it, from the outermost inwards.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::target::Target;
use super::{Change, Refusal, layers, nodes, ones};
use crate::keras::network::MODEL_CLASSES;
use crate::limits;

/// A translation under way.
pub(super) struct Work<'t> {
    pub(super) target: &'t Target,
    /// Whether the config is written as Keras 3 does.
    pub(super) from_three: bool,
    /// Whether Theano computed what the config describes.
    is_theanos: bool,
    changes: Vec<Change>,
}

impl Work<'_> {
    /// Notes a change.
    pub(super) fn change(
        &mut self,
        place: &str,
        what: &str,
        before: Option<String>,
        after: Option<String>,
        why: impl Into<String>,
    ) {
        self.quiet(Change { place: place.into(), what: what.into(), before, after, why: why.into() });
    }

    /// Notes a change, once where the same happens to every call of a layer.
    pub(super) fn quiet(&mut self, change: Change) {
        if self.changes.last() != Some(&change) {
            self.changes.push(change);
        }
    }
}

/// The config for the target, and what had to change.
///
/// # Errors
/// What in it the target has no equal for.
pub(super) fn translate(
    target: &Target,
    config: &Value,
    is_theanos: bool,
) -> Result<(Value, Vec<Change>), Refusal> {
    let mut config = config.clone();
    let Some(model) = config.as_object_mut() else {
        return Err(Refusal::new(
            "@model_config",
            "it is no model: an object with class_name and config is expected",
        ));
    };
    if target.is_one() {
        return Err(Refusal::new(
            "",
            "Keras 1 has other layers with other arguments than any file of Keras 2 or 3.",
        ));
    }
    let from_three = is_threes(model, 0);
    let mut work = Work { target, from_three, is_theanos, changes: Vec::new() };
    self::model(&mut work, "", model, 0)?;
    Ok((config, work.changes))
}

/// Whether a model is written in Keras 3's way: its calls have arguments, or its inputs a `batch_shape`.
fn is_threes(model: &Map<String, Value>, depth: usize) -> bool {
    let layers = list(model.get("config")).unwrap_or_default();
    depth < limits::MAX_NESTING
        && layers.iter().filter_map(Value::as_object).any(|layer| {
            let calls = layer.get("inbound_nodes").and_then(Value::as_array);
            calls.is_some_and(|calls| calls.iter().any(Value::is_object))
                || layer.get("config").is_some_and(|config| config.get("batch_shape").is_some())
                || is_threes(layer, depth + 1)
        })
}

/// The layers of a model, whose config is the list itself in a Sequential before Keras 2.2.3.
fn list(config: Option<&Value>) -> Option<&[Value]> {
    match config? {
        Value::Array(layers) => Some(layers),
        Value::Object(config) => config.get("layers")?.as_array().map(Vec::as_slice),
        _ => None,
    }
}

/// Whether a layer is a model.
pub(super) fn is_model(layer: &Map<String, Value>) -> bool {
    let class = layer.get("class_name").and_then(Value::as_str);
    class.is_some_and(|class| MODEL_CLASSES.contains(&class)) && list(layer.get("config")).is_some()
}

/// Translates a model in place; `place` is its path.
pub(super) fn model(
    work: &mut Work<'_>,
    place: &str,
    model: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), Refusal> {
    if depth > limits::MAX_NESTING || !is_model(model) {
        return Err(Refusal::new(place, "what stands there is no model made of layers"));
    }
    let sequential = is_sequential(model);
    class(work, place, model)?;
    if sequential {
        self::sequential(work, place, model)?;
    }
    let prefix = if place.is_empty() { String::new() } else { format!("{place}/") };
    let nested = nested(model);
    let Some(config) = model.get_mut("config") else { return Ok(()) };
    let layers = match &mut *config {
        Value::Array(layers) => Some(layers),
        Value::Object(config) => config.get_mut("layers").and_then(Value::as_array_mut),
        _ => None,
    };
    if let Some(layers) = layers {
        if ones::is_ones(layers) {
            ones::translate(work, &prefix, layers)?;
        }
        if work.is_theanos {
            ones::pad(work, &prefix, layers)?;
        }
        for layer in layers {
            layers::translate(work, &prefix, layer, &nested, depth)?;
        }
    }
    if let Some(config) = config.as_object_mut() {
        for what in ["input_layers", "output_layers"] {
            if let Some(ends) = config.get_mut(what) {
                nodes::translate_ends(work, place, what, ends, &nested)?;
            }
        }
    }
    Ok(())
}

/// The models among a model's layers, by name, and whether each is a Sequential.
pub(super) type Nested = HashMap<String, bool>;

fn nested(model: &Map<String, Value>) -> Nested {
    let layers = list(model.get("config")).unwrap_or_default().iter().filter_map(Value::as_object);
    let models = layers.filter(|layer| is_model(layer));
    models.filter_map(|layer| Some((layers::name(layer)?.to_string(), is_sequential(layer)))).collect()
}

fn is_sequential(model: &Map<String, Value>) -> bool {
    model.get("class_name").is_some_and(|class| class == "Sequential")
}

/// `Functional` came with TensorFlow 2.3; before that the class of the same is `Model`.
fn class(work: &mut Work<'_>, place: &str, model: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(name) = model.get("class_name").and_then(Value::as_str).map(str::to_string) else {
        return Ok(());
    };
    match name.as_str() {
        "Functional" if !work.target.has_functional() => {
            model.insert("class_name".into(), "Model".into());
            let why = "Functional came with TensorFlow 2.3: Unknown layer: Functional";
            work.change(place, "class_name", Some(name), Some("Model".into()), why);
            Ok(())
        }
        "Graph" => Err(Refusal::new(place, "Graph models ended with Keras 1")),
        _ => Ok(()),
    }
}

/// What the target expects of a Sequential: Keras 3 an InputLayer at its head, Keras 2 before 2.2.3 the list of layers alone.
fn sequential(work: &mut Work<'_>, place: &str, model: &mut Map<String, Value>) -> Result<(), Refusal> {
    if work.target.is_three() && !work.from_three {
        insert_input(work, place, model)?;
    }
    if work.target.is_three() {
        free_outputs(work, place, model)?;
    }
    let bare = work.target.wants_bare_list();
    let Some(config) = model.get_mut("config") else { return Ok(()) };
    if let Some(layers) = config.get_mut("layers").filter(|_| bare).map(Value::take) {
        *config = layers;
        let why = "a Sequential is a bare list of layers before Keras 2.2.3";
        work.change(place, "config", Some("{\"name\", \"layers\"}".into()), Some("[…]".into()), why);
    }
    Ok(())
}

/// Keras 3 gives what is listed, so the only output of a model has to stand there without a list: what comes next in a
/// Sequential would get a list of one tensor. Keras 3.0 can't read it otherwise (`functional_from_config`).
fn free_outputs(work: &mut Work<'_>, place: &str, model: &mut Map<String, Value>) -> Result<(), Refusal> {
    let layers = model.get_mut("config").and_then(|config| config.get_mut("layers"));
    for layer in layers.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        if !is_model(layer) || is_sequential(layer) {
            continue;
        }
        let place = format!(
            "{place}{}{}",
            if place.is_empty() { "" } else { "/" },
            layers::name(layer).unwrap_or("model")
        );
        for what in ["input_layers", "output_layers"] {
            let Some(ends) = layer.get_mut("config").and_then(|config| config.get_mut(what)) else {
                continue;
            };
            let Some([one @ Value::Array(_)]) = ends.as_array().map(Vec::as_slice) else { continue };
            if !work.target.reads_single_ends() {
                let what =
                    format!("{} gives lists to what follows a model in a Sequential", work.target.name());
                return Err(Refusal::new(place, what));
            }
            let (before, one) = (ends.to_string(), one.clone());
            *ends = one;
            let why =
                "Keras 3 would make it a list of one, which the next layer of a Sequential does not take";
            work.change(&place, what, Some(before), Some(ends.to_string()), why);
        }
    }
    Ok(())
}

/// Puts the input of a Sequential, which its first layer knows, into a layer of its own.
fn insert_input(work: &mut Work<'_>, place: &str, model: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(config) = model.get_mut("config") else { return Ok(()) };
    let layers = match config {
        Value::Array(layers) => Some(layers),
        Value::Object(config) => config.get_mut("layers").and_then(Value::as_array_mut),
        _ => None,
    };
    let Some(layers) = layers else { return Ok(()) };
    let first = layers.first().and_then(Value::as_object);
    let Some(first) = first.filter(|first| first.get("class_name").is_none_or(|class| class != "InputLayer"))
    else {
        return Ok(());
    };
    let Some(shape) = input_shape(first, 0) else { return Ok(()) };
    let input = json!({"class_name": "InputLayer", "config": {
        "batch_input_shape": shape, "dtype": "float32", "sparse": false, "name": free_name(layers)}});
    let why =
        "Keras 3 builds a Sequential from its InputLayer; without one it takes its first layer's model apart";
    work.change(place, "layers", None, Some(input.to_string()), why);
    layers.insert(0, input);
    Ok(())
}

/// The shape of what a layer takes, batch included, as it or its own first layer has it.
fn input_shape(layer: &Map<String, Value>, depth: usize) -> Option<Value> {
    let config = layer.get("config");
    let own = config.and_then(|config| config.get("batch_input_shape").or(config.get("batch_shape")));
    match own.filter(|shape| shape.is_array()) {
        Some(shape) => Some(shape.clone()),
        None if depth < limits::MAX_NESTING => {
            let inner = list(config)?.iter().filter_map(Value::as_object);
            let mut inputs = inner.filter(|layer| depth == 0 || layer.get("class_name").is_some());
            input_shape(inputs.next()?, depth + 1)
        }
        None => None,
    }
}

/// A name that no layer of the list has.
fn free_name(layers: &[Value]) -> String {
    let names: HashSet<&str> = layers.iter().filter_map(|layer| layers::name(layer.as_object()?)).collect();
    let mut name = "input_layer".to_string();
    while names.contains(name.as_str()) {
        name.push('_');
    }
    name
}
