//! Which tensors a layer is called on: Keras 3 writes `{"args": [...], "kwargs": {...}}` with whole tensors in it, all before
//! it lists of `[layer, node, tensor, kwargs]`.
//!
//! A nested model counts its nodes differently, too: until Keras 3 its own graph was its node 0, so its first call is node 1.
//! In the lists of a model's inputs and outputs Keras 3 still counts so, but for a Sequential.

use serde_json::{Map, Value, json};

use super::config::{Nested, Work};
use super::{Change, Refusal};

/// What is written for a keyword argument that changes nothing.
fn is_idle(name: &str, value: &Value) -> bool {
    // Keras 3 writes what a call may take, and overrides `training` in predict; older ones would hold to `true` for ever.
    matches!((name, value), ("mask", Value::Null) | ("training", Value::Null | Value::Bool(true)))
}

/// Brings the calls of a layer to the target's form. `nested` has the names of the models among the layers around it.
pub(super) fn translate(
    work: &mut Work<'_>,
    place: &str,
    nodes: &mut Value,
    nested: &Nested,
) -> Result<(), Refusal> {
    let Some(list) = nodes.as_array_mut() else { return Ok(()) };
    for node in list {
        match node {
            Value::Object(call) if !work.target.is_three() => {
                let legacy = listed(place, call, nested)?;
                *node = legacy;
                work.quiet(Change {
                    place: place.into(),
                    what: "inbound_nodes".into(),
                    before: Some("{\"args\", \"kwargs\"}".into()),
                    after: Some("[[layer, node, tensor, {}]]".into()),
                    why: "only Keras 3 reads calls as arguments".into(),
                });
            }
            Value::Array(entries) if work.target.is_three() && !work.from_three => {
                entries.iter_mut().filter_map(Value::as_array_mut).for_each(|entry| {
                    shift(work, place, entry, nested, -1);
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Takes `training` out of the calls of a nested model: before tf.keras, `Network.call` has no such argument.
pub(super) fn drop_training(work: &mut Work<'_>, place: &str, calls: &mut Value) {
    let entries = calls.as_array_mut().into_iter().flatten().filter_map(Value::as_array_mut).flatten();
    for entry in entries.filter_map(Value::as_array_mut) {
        let keywords = entry.get_mut(3).and_then(Value::as_object_mut);
        if let Some(value) = keywords.and_then(|keywords| keywords.shift_remove("training")) {
            let why =
                "models take no training there; predictions stay the same, training the model on may not";
            work.change(place, "training", Some(value.to_string()), None, why);
        }
    }
}

/// Brings the list of a model's inputs or outputs to the target's form.
pub(super) fn translate_ends(
    work: &mut Work<'_>,
    place: &str,
    what: &str,
    ends: &mut Value,
    nested: &Nested,
) -> Result<(), Refusal> {
    let old = !work.target.is_three();
    let by = match (old, work.from_three) {
        (true, true) => 1,
        (false, false) => -1,
        _ => 0,
    };
    let sequentials: Nested =
        nested.iter().filter(|(_, sequential)| **sequential).map(|(name, _)| (name.clone(), true)).collect();
    let nested = if work.target.counts_ends_from_one() { &sequentials } else { nested };
    let is_flat = ends.as_array().is_some_and(|list| list.first().is_some_and(Value::is_string));
    match ends {
        Value::Array(entry) if is_flat => {
            shift(work, place, entry, nested, by);
            if old {
                let before = ends.to_string();
                *ends = json!([ends]);
                let why = "only Keras 3 reads one tensor that is not in a list";
                work.change(place, what, Some(before), Some(ends.to_string()), why);
            }
            Ok(())
        }
        Value::Array(entries) => {
            for entry in entries {
                let Some(entry) =
                    entry.as_array_mut().filter(|entry| entry.first().is_some_and(Value::is_string))
                else {
                    return Err(Refusal::new(place, format!("its {what} are nested")));
                };
                shift(work, place, entry, nested, by);
            }
            Ok(())
        }
        _ if old => Err(Refusal::new(place, format!("its {what} have names, which only Keras 3 knows"))),
        _ => Ok(()),
    }
}

/// Counts the node of a nested model as the target does.
fn shift(work: &mut Work<'_>, place: &str, entry: &mut [Value], nested: &Nested, by: i64) {
    let is_nested = entry.first().and_then(Value::as_str).is_some_and(|name| nested.contains_key(name));
    let before = Value::Array(entry.to_vec()).to_string();
    let Some(node) = entry.get_mut(1).filter(|_| is_nested && by != 0) else { return };
    if let Some(number) =
        node.as_i64().and_then(|number| number.checked_add(by)).filter(|number| *number >= 0)
    {
        *node = number.into();
        let after = Value::Array(entry.to_vec()).to_string();
        let why = "until Keras 3, the graph of a nested model was its node 0, and its first call node 1";
        work.change(place, "inbound_nodes", Some(before), Some(after), why);
    }
}

/// A call of Keras 3 as a list.
fn listed(place: &str, call: &Map<String, Value>, nested: &Nested) -> Result<Value, Refusal> {
    let arguments = call.get("args").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [argument] = arguments else {
        let what = format!(
            "it is called with {} arguments; before Keras 3 a call in a file has one",
            arguments.len()
        );
        return Err(Refusal::new(place, what));
    };
    let mut keywords = call.get("kwargs").and_then(Value::as_object).cloned().unwrap_or_default();
    keywords.retain(|name, value| !is_idle(name, value));
    if keywords.values().any(has_tensor) {
        return Err(Refusal::new(
            place,
            "it is called with a tensor by keyword, which only Keras 3 can store",
        ));
    }
    let tensors = match argument {
        Value::Array(tensors) => tensors.as_slice(),
        one => std::slice::from_ref(one),
    };
    let entries = tensors.iter().map(|tensor| {
        let Some((layer, node, number)) = history(tensor) else {
            return Err(Refusal::new(place, "it is called on something that is no tensor of the model"));
        };
        let node = node.saturating_add(i64::from(nested.contains_key(layer)));
        Ok(json!([layer, node, number, keywords]))
    });
    Ok(Value::Array(entries.collect::<Result<_, _>>()?))
}

/// Layer, node and tensor of a tensor of Keras 3.
fn history(tensor: &Value) -> Option<(&str, i64, i64)> {
    let history = tensor.get("config")?.get("keras_history")?.as_array()?;
    Some((history.first()?.as_str()?, history.get(1)?.as_i64()?, history.get(2)?.as_i64()?))
}

/// Whether there is a tensor in a value.
fn has_tensor(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_tensor),
        Value::Object(map) => map.contains_key("keras_history") || map.values().any(has_tensor),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
