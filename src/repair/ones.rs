//! Configs of Keras 1 in the form of Keras 2: other classes, other names of arguments, the same meaning.

use serde_json::{Map, Value, json};

use super::config::Work;
use super::{Refusal, layers};
use crate::keras::era;
use crate::limits;

/// Arguments that only Keras 1 has.
const MARKS: [&str; 7] =
    ["nb_filter", "border_mode", "W_regularizer", "dim_ordering", "output_dim", "mode", "input_dtype"];
/// Arguments that changed their names and are written otherwise.
const OBJECTS: [(&str, &str); 6] = [
    ("W_regularizer", "kernel_regularizer"),
    ("b_regularizer", "bias_regularizer"),
    ("W_constraint", "kernel_constraint"),
    ("b_constraint", "bias_constraint"),
    ("gamma_regularizer", "gamma_regularizer"),
    ("beta_regularizer", "beta_regularizer"),
];
/// Arguments of a Merge that mean nothing at these values.
const MERGES: [(&str, &str); 8] = [
    ("mode_type", "raw"),
    ("output_mask_type", "raw"),
    ("output_shape_type", "raw"),
    ("output_mask", ""),
    ("output_shape", ""),
    ("arguments", ""),
    ("dot_axes", "-1"),
    ("layers", ""),
];
/// Layers whose windows Theano moves over another padding than TensorFlow.
const PADDED: &str = "Conv2D";
const WHY: &str = "Keras 1 wrote it; Keras 2 and later have it under that name";

/// Whether a list of layers was written by Keras 1.
pub(super) fn is_ones(layers: &[Value]) -> bool {
    let configs = layers.iter().filter_map(|layer| layer.get("config")?.as_object());
    configs.filter(|config| MARKS.iter().any(|mark| config.contains_key(*mark))).count() > 0
        && !layers
            .iter()
            .any(|layer| layer.get("config").is_some_and(|config| config.get("data_format").is_some()))
        && !layers
            .iter()
            .any(|layer| layer.get("config").is_some_and(|config| config.get("kernel_initializer").is_some()))
}

/// Brings the layers of a model into the form of Keras 2.
pub(super) fn translate(work: &mut Work<'_>, prefix: &str, list: &mut [Value]) -> Result<(), Refusal> {
    let is_first =
        list.iter().any(|layer| layer.pointer("/config/dim_ordering").is_some_and(|order| order == "th"));
    for layer in list.iter_mut().filter_map(Value::as_object_mut) {
        if !super::config::is_model(layer) {
            self::layer(work, prefix, layer, is_first)?;
        }
    }
    Ok(())
}

fn layer(
    work: &mut Work<'_>,
    prefix: &str,
    layer: &mut Map<String, Value>,
    is_first: bool,
) -> Result<(), Refusal> {
    let place = format!("{prefix}{}", layers::name(layer).unwrap_or("layer"));
    let written = layer.get("class_name").and_then(Value::as_str).unwrap_or_default().to_string();
    let Some(config) = layer.get_mut("config").and_then(Value::as_object_mut) else {
        return Err(Refusal::new(place, "it has no config"));
    };
    let before = config.clone();
    for (old, new) in OBJECTS {
        if let Some(value) = config.shift_remove(old) {
            config.insert(new.into(), object(&place, old, value)?);
        }
    }
    let (class, mut arguments) = era::canonical(&written, std::mem::take(config), false);
    tidy(&place, &written, &class, &mut arguments, is_first)?;
    for (argument, value) in &before {
        if !arguments.contains_key(argument) {
            let after = after(argument, &before, &arguments);
            work.change(&place, argument, Some(value.to_string()), after, WHY);
        }
    }
    *config = arguments;
    if class != written && class != "Functional" {
        work.change(&place, "class_name", Some(written), Some(class.clone()), WHY);
        layer.insert("class_name".into(), class.into());
    }
    calls(layer);
    Ok(())
}

/// What became of an argument, for showing.
fn after(argument: &str, before: &Map<String, Value>, arguments: &Map<String, Value>) -> Option<String> {
    let added: Vec<String> = arguments
        .iter()
        .filter(|(name, value)| {
            !before.contains_key(*name) && is_heir(argument, name, before.get(argument), value)
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!added.is_empty()).then(|| added.join(", "))
}

/// Whether an argument took the place of another.
fn is_heir(old: &str, new: &str, before: Option<&Value>, value: &Value) -> bool {
    match old {
        "nb_row" | "nb_col" => new == "kernel_size",
        "dim_ordering" => new == "data_format",
        _ => OBJECTS.contains(&(old, new)) || era::renamed(old) == Some(new) && before == Some(value),
    }
}

/// Takes out what is said otherwise now, or says nothing.
fn tidy(
    place: &str,
    written: &str,
    class: &str,
    config: &mut Map<String, Value>,
    is_first: bool,
) -> Result<(), Refusal> {
    for gone in ["nb_row", "nb_col", "dim_ordering", "input_dim", "input_length"] {
        config.shift_remove(gone);
    }
    if let Some(dtype) = config.shift_remove("input_dtype").filter(|_| class == "InputLayer") {
        config.insert("dtype".into(), dtype);
    }
    if class == "BatchNormalization" && config.shift_remove("mode").is_some_and(|mode| mode != 0) {
        return Err(Refusal::new(place, "its mode is not 0, and other modes ended with Keras 1"));
    }
    if class == "ZeroPadding2D" && is_first && !config.contains_key("data_format") {
        config.insert("data_format".into(), "channels_first".into());
    }
    if written == "Merge" { merge(place, class, config) } else { Ok(()) }
}

/// A merge by a mode that became a class of its own.
fn merge(place: &str, class: &str, config: &mut Map<String, Value>) -> Result<(), Refusal> {
    let is_idle = |value: &Value, idle: &str| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        Value::String(text) => text == idle,
        Value::Number(number) => number.as_i64().is_some_and(|number| idle.parse() == Ok(number)),
        Value::Bool(_) => false,
    };
    if !["Add", "Multiply", "Average", "Maximum", "Concatenate"].contains(&class) {
        return Err(Refusal::new(place, "it merges in a way that ended with Keras 1"));
    }
    for (argument, idle) in MERGES {
        if config.shift_remove(argument).is_some_and(|value| !is_idle(&value, idle)) {
            return Err(Refusal::new(place, format!("its {argument} has no equal after Keras 1")));
        }
    }
    config.shift_remove("mode");
    if class != "Concatenate" {
        config.shift_remove("axis");
    }
    Ok(())
}

/// A regularizer or constraint, whose arguments stood beside its name.
fn object(place: &str, argument: &str, value: Value) -> Result<Value, Refusal> {
    const CLASSES: [(&str, &str); 7] = [
        ("L1L2Regularizer", "L1L2"),
        ("WeightRegularizer", "L1L2"),
        ("L1L2", "L1L2"),
        ("MaxNorm", "MaxNorm"),
        ("NonNeg", "NonNeg"),
        ("UnitNorm", "UnitNorm"),
        ("MinMaxNorm", "MinMaxNorm"),
    ];
    let Value::Object(mut config) = value else { return Ok(value) };
    let name = config.shift_remove("name");
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    let known = CLASSES.iter().find(|(old, _)| *old == name);
    let Some((_, class)) = known else {
        return Err(Refusal::new(place, format!("its {argument} is {name}, which ended with Keras 1")));
    };
    // Keras 1 writes 32-bit numbers; what they were is not told.
    if name == "MaxNorm"
        && let Some(value) = config.shift_remove("m")
    {
        config.insert("max_value".into(), value);
    }
    Ok(json!({"class_name": class, "config": config}))
}

/// Keras 2 writes the arguments of a call behind each tensor.
fn calls(layer: &mut Map<String, Value>) {
    let nodes = layer.get_mut("inbound_nodes").and_then(Value::as_array_mut);
    let tensors = nodes.into_iter().flatten().filter_map(Value::as_array_mut).flatten();
    for tensor in tensors.filter_map(Value::as_array_mut).filter(|tensor| tensor.len() == 3) {
        tensor.push(json!({}));
    }
}

/// Theano pads both sides alike, TensorFlow what is needed: where that is not the same, a layer pads as Theano does.
pub(super) fn pad(work: &mut Work<'_>, prefix: &str, list: &mut Vec<Value>) -> Result<(), Refusal> {
    let mut at = 0;
    while at < list.len() && list.len() <= limits::MAX_LAYERS {
        if let Some(padding) =
            list[at].as_object_mut().map(|layer| padding(prefix, layer)).transpose()?.flatten()
        {
            let layer = &mut list[at];
            let name = layers::name(layer.as_object().unwrap_or(&Map::new())).unwrap_or("layer").to_string();
            let new = format!("{name}_pad");
            let format = layer["config"].get("data_format").cloned().unwrap_or("channels_last".into());
            let mut inserted = json!({"class_name": "ZeroPadding2D", "config":
                {"name": new, "trainable": true, "padding": padding, "data_format": format}});
            layer["config"]["padding"] = "valid".into();
            if let Some(nodes) = layer.get_mut("inbound_nodes").and_then(Value::as_array_mut) {
                let through = (0..nodes.len()).map(|node| json!([[new, node, 0, {}]])).collect();
                inserted["inbound_nodes"] = std::mem::replace(nodes, through).into();
                inserted["name"] = new.as_str().into();
            }
            let why = "Theano pads both sides alike, TensorFlow only what is needed, which is less with these strides";
            work.change(
                &format!("{prefix}{name}"),
                "padding",
                Some("same".into()),
                Some(format!("{new}, valid")),
                why,
            );
            list.insert(at, inserted);
            at += 1;
        }
        at += 1;
    }
    Ok(())
}

/// What a layer must be padded with to compute as under Theano; nothing where TensorFlow pads it alike.
fn padding(prefix: &str, layer: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    let empty = Map::new();
    let config = layer.get("config").and_then(Value::as_object).unwrap_or(&empty);
    if config.get("padding").is_none_or(|padding| padding != "same") {
        return Ok(None);
    }
    let place = || format!("{prefix}{}", layers::name(layer).unwrap_or("layer"));
    if layer.get("class_name").is_none_or(|class| class != PADDED) {
        return Err(Refusal::new(place(), "how Theano pads it is not known here"));
    }
    let pair = |name: &str| Some([config.get(name)?.get(0)?.as_u64()?, config.get(name)?.get(1)?.as_u64()?]);
    let (Some(size), Some(strides)) = (pair("kernel_size"), pair("strides")) else {
        return Err(Refusal::new(place(), "it has no kernel_size or strides"));
    };
    if size.iter().any(|size| size % 2 == 0) || pair("dilation_rate").is_some_and(|rate| rate != [1, 1]) {
        return Err(Refusal::new(place(), "with such a kernel Theano pads in a way that is not known here"));
    }
    let is_same = size.iter().zip(strides).all(|(size, stride)| *size == 1 || stride == 1);
    Ok((!is_same).then(|| json!(size.map(|size| [size / 2, size / 2]))))
}
