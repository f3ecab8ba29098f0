//! `model_config` JSON → [`Network`].

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::config::Config;
use super::era;
use super::network::{Call, Layer, Network, TensorRef};
use crate::limits;

/// The graph that the value of `model_config` describes. `keras3` says that Keras 3 wrote it.
///
/// # Errors
/// A sentence on what makes no sense.
pub fn network(config: &Value, keras3: bool) -> Result<Network, String> {
    let mut parser = Parser { keras3, layers: 0 };
    parser.network(object(config)?, Position { depth: 0, path_bytes: 0 })
}

fn object(config: &Value) -> Result<&Map<String, Value>, String> {
    match config {
        Value::Object(map) => Ok(map),
        Value::Array(_) => {
            Err("model_config is a list, where an object with class_name and config belongs".into())
        }
        _ => Err("model_config is not an object with class_name and config".into()),
    }
}

struct Parser {
    keras3: bool,
    layers: usize,
}

/// Where a model stands.
#[derive(Clone, Copy)]
struct Position {
    /// Models around it.
    depth: usize,
    /// Length of their names with the slashes between them.
    path_bytes: usize,
}

/// A layer before its calls are resolved.
struct Draft {
    layer: Layer,
    nodes: Vec<Vec<Reference>>,
}

/// An output of a call, by the name of its layer.
#[derive(Clone, Debug)]
struct Reference {
    layer: String,
    call: usize,
    tensor: usize,
}

impl Parser {
    fn network(&mut self, object: &Map<String, Value>, place: Position) -> Result<Network, String> {
        if place.depth > limits::MAX_NESTING {
            return Err(format!("models are nested more than {} deep", limits::MAX_NESTING));
        }
        let class = text_of(object, "class_name").ok_or("model_config has no class_name")?.to_string();
        let config = object.get("config").ok_or("model_config has no config")?;
        let entries =
            layer_entries(config).ok_or_else(|| format!("the config of {class} has no list of layers"))?;
        let name = config.get("name").and_then(Value::as_str).unwrap_or(&class).to_string();
        let mut drafts =
            entries.iter().map(|entry| self.draft(entry, place)).collect::<Result<Vec<_>, _>>()?;
        era::spread_dim_ordering(drafts.iter_mut().map(|draft| &mut draft.layer));
        let is_sequential = class == "Sequential" || config.get("input_layers").is_none();
        if is_sequential {
            return Ok(sequential(name, class, drafts, config));
        }
        functional(name, class, drafts, config)
    }

    fn draft(&mut self, entry: &Value, place: Position) -> Result<Draft, String> {
        self.layers += 1;
        if self.layers > limits::MAX_LAYERS {
            return Err(format!("model_config has more than {} layers", limits::MAX_LAYERS));
        }
        let entry = entry.as_object().ok_or("a layer in model_config is not an object")?;
        let written_class =
            text_of(entry, "class_name").ok_or("a layer in model_config has no class_name")?.to_string();
        let raw = entry.get("config").unwrap_or(&Value::Null);
        let name = text_of(entry, "name").or_else(|| raw.get("name")?.as_str()).map(str::to_string);
        let path_bytes = place.path_bytes + name.as_ref().map_or(0, String::len);
        if path_bytes > limits::MAX_PATH_BYTES {
            return Err(format!("the name of a layer has more than {} bytes", limits::MAX_PATH_BYTES));
        }
        // Keras 1's Merge may carry branches under `layers`, but is no model.
        let is_model = layer_entries(raw).is_some() && written_class != "Merge";
        let inside = Position { depth: place.depth + 1, path_bytes: path_bytes + 1 };
        let inner = if is_model { Some(Box::new(self.network(entry, inside)?)) } else { None };
        let (class, config) = if inner.is_some() {
            (if written_class == "Sequential" { "Sequential" } else { "Functional" }.to_string(), Map::new())
        } else {
            era::canonical(&written_class, raw.as_object().cloned().unwrap_or_default(), self.keras3)
        };
        let name = name.or_else(|| inner.as_ref().map(|n| n.name.clone())).unwrap_or_else(|| class.clone());
        let is_operation = text_of(entry, "module").is_some_and(|module| module.starts_with("keras.src.ops"));
        let config = Config::from(config);
        let layer = Layer { name, class, written_class, is_operation, config, inner, calls: Vec::new() };
        Ok(Draft { layer, nodes: nodes(entry.get("inbound_nodes")) })
    }
}

fn text_of<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str()
}

/// The layers of a model's config: Keras up to 2.2.2 writes a Sequential's config as the bare list.
fn layer_entries(config: &Value) -> Option<&Vec<Value>> {
    match config {
        Value::Array(entries) if entries.iter().all(|e| e.get("class_name").is_some()) => Some(entries),
        Value::Object(map) => map.get("layers")?.as_array(),
        _ => None,
    }
}

/// The calls in `inbound_nodes`, of which Keras 3 writes each as `{args, kwargs}` and the others as a list.
fn nodes(inbound: Option<&Value>) -> Vec<Vec<Reference>> {
    let Some(Value::Array(nodes)) = inbound else { return Vec::new() };
    nodes
        .iter()
        .map(|node| {
            let mut references = Vec::new();
            collect_references(node, 0, &mut references);
            references
        })
        .collect()
}

/// Gathers `["name", call, tensor, …]` and `keras_history` references in the order they stand.
fn collect_references(value: &Value, depth: usize, out: &mut Vec<Reference>) {
    if depth > limits::MAX_NESTING {
        return;
    }
    match value {
        Value::Array(items) => match reference(items) {
            Some(found) => {
                out.push(found);
                // An operation carries its further tensors among the arguments of the first.
                items[3..].iter().for_each(|item| collect_references(item, depth + 1, out));
            }
            None => items.iter().for_each(|item| collect_references(item, depth + 1, out)),
        },
        Value::Object(map) => match map.get("keras_history") {
            Some(history) => collect_references(history, depth + 1, out),
            None => map.values().for_each(|item| collect_references(item, depth + 1, out)),
        },
        _ => {}
    }
}

fn reference(items: &[Value]) -> Option<Reference> {
    let [Value::String(layer), call, tensor, ..] = items else { return None };
    let call = usize::try_from(call.as_u64()?).ok()?;
    let tensor = usize::try_from(tensor.as_u64()?).ok()?;
    Some(Reference { layer: layer.clone(), call, tensor })
}

fn functional(name: String, class: String, drafts: Vec<Draft>, config: &Value) -> Result<Network, String> {
    let mut ends = [Vec::new(), Vec::new()];
    for (key, found) in ["input_layers", "output_layers"].iter().zip(&mut ends) {
        collect_references(config.get(*key).unwrap_or(&Value::Null), 0, found);
        if found.is_empty() {
            return Err(format!("{class} {name} has no {key}"));
        }
        if found.len() > limits::MAX_LAYERS {
            return Err(format!("{class} {name} has more {key} than a model can have layers"));
        }
    }
    let resolver = Resolver::new(&drafts, ends.iter().flatten())?;
    let [inputs, outputs] =
        ends.map(|found| found.iter().map(|r| resolver.resolve(r)).collect::<Result<Vec<_>, _>>());
    let (inputs, outputs) = (inputs?, outputs?);
    let layers = drafts
        .into_iter()
        .map(|Draft { mut layer, nodes }| {
            for node in &nodes {
                let inputs = node.iter().map(|r| resolver.resolve(r)).collect::<Result<_, _>>()?;
                layer.calls.push(Call { inputs });
            }
            if layer.calls.is_empty() {
                layer.calls.push(Call::default());
            }
            Ok(layer)
        })
        .collect::<Result<Vec<_>, String>>()?;
    refuse_circles(&layers)?;
    Ok(Network { name, class, layers, inputs, outputs })
}

/// Keras adds a call once all it is called on is there; calls in a circle never are.
fn refuse_circles(layers: &[Layer]) -> Result<(), String> {
    let mut waiting: HashMap<(usize, usize), Vec<(usize, usize)>> = HashMap::new();
    let mut missing: Vec<Vec<usize>> = Vec::with_capacity(layers.len());
    let mut ready = Vec::new();
    for (layer, calls) in layers.iter().map(|layer| &layer.calls).enumerate() {
        for (call, inputs) in calls.iter().map(|call| &call.inputs).enumerate() {
            inputs.iter().for_each(|on| waiting.entry((on.layer, on.call)).or_default().push((layer, call)));
            if inputs.is_empty() {
                ready.push((layer, call));
            }
        }
        missing.push(calls.iter().map(|call| call.inputs.len()).collect());
    }
    while let Some(done) = ready.pop() {
        for (layer, call) in waiting.remove(&done).unwrap_or_default() {
            missing[layer][call] -= 1;
            if missing[layer][call] == 0 {
                ready.push((layer, call));
            }
        }
    }
    match missing.iter().position(|calls| calls.iter().any(|inputs| *inputs > 0)) {
        Some(layer) => Err(format!("layer {} depends on its own result", layers[layer].name)),
        None => Ok(()),
    }
}

/// Turns names into indices.
struct Resolver {
    index: HashMap<String, usize>,
    calls: Vec<usize>,
    /// What to subtract from a call's number: a model that was called once when it was made counts that call too.
    skipped: Vec<usize>,
}

impl Resolver {
    fn new<'r>(drafts: &'r [Draft], ends: impl Iterator<Item = &'r Reference>) -> Result<Resolver, String> {
        let mut index = HashMap::new();
        for (position, draft) in drafts.iter().enumerate() {
            if index.insert(draft.layer.name.clone(), position).is_some() {
                return Err(format!("two layers are called {}", draft.layer.name));
            }
        }
        let calls: Vec<usize> = drafts.iter().map(|d| d.nodes.len().max(1)).collect();
        let mut highest = vec![0; drafts.len()];
        for used in drafts.iter().flat_map(|d| d.nodes.iter().flatten()).chain(ends) {
            if let Some(&position) = index.get(&used.layer) {
                highest[position] = highest[position].max(used.call);
            }
        }
        let skipped = highest
            .iter()
            .zip(&calls)
            .map(|(high, calls)| high.saturating_add(1).saturating_sub(*calls))
            .zip(drafts)
            .map(|(skipped, draft)| if draft.layer.inner.is_some() { skipped.min(1) } else { 0 })
            .collect();
        Ok(Resolver { index, calls, skipped })
    }

    fn resolve(&self, reference: &Reference) -> Result<TensorRef, String> {
        let Some(&layer) = self.index.get(&reference.layer) else {
            return Err(format!("a layer is called on {}, which is not there", reference.layer));
        };
        let call = reference.call.saturating_sub(self.skipped[layer]);
        if call >= self.calls[layer] {
            let (name, calls) = (&reference.layer, self.calls[layer]);
            return Err(format!(
                "a layer uses the output of call {} of {name}, which has {calls} (from 0)",
                reference.call
            ));
        }
        Ok(TensorRef { layer, call, tensor: reference.tensor })
    }
}

/// Wires the layers one behind the other, with an input layer in front where the file has none.
fn sequential(name: String, class: String, drafts: Vec<Draft>, config: &Value) -> Network {
    let mut layers: Vec<Layer> = drafts.into_iter().map(|draft| draft.layer).collect();
    if layers.first().is_some_and(|first| first.class != "InputLayer") {
        let shape = input_shape(&layers[0]).or_else(|| config.get("build_input_shape").cloned());
        layers.insert(0, input_layer(&layers[0].name, shape));
    }
    let end = |layer| TensorRef { layer, call: 0, tensor: 0 };
    for (position, layer) in layers.iter_mut().enumerate() {
        layer.calls = vec![Call { inputs: position.checked_sub(1).map(end).into_iter().collect() }];
    }
    let last = layers.len().saturating_sub(1);
    Network { name, class, layers, inputs: vec![end(0)], outputs: vec![end(last)] }
}

/// The batch shape a first layer expects: its own, or that of the model it is.
fn input_shape(layer: &Layer) -> Option<Value> {
    if let Some(inner) = &layer.inner {
        let first = inner.layers.get(inner.inputs.first()?.layer)?;
        return input_shape(first);
    }
    layer.config.get("batch_input_shape").or_else(|| layer.config.get("batch_shape")).cloned()
}

fn input_layer(before: &str, shape: Option<Value>) -> Layer {
    let config = match shape {
        Some(shape) => Map::from_iter([("batch_input_shape".to_string(), shape)]),
        None => Map::new(),
    };
    Layer {
        name: format!("{before}_input"),
        class: "InputLayer".into(),
        written_class: "InputLayer".into(),
        is_operation: false,
        config: config.into(),
        inner: None,
        calls: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dense(name: &str, inbound: Value) -> Value {
        json!({"class_name": "Dense", "name": name, "config": {"name": name, "units": 2}, "inbound_nodes": inbound})
    }

    fn input(name: &str) -> Value {
        json!({"class_name": "InputLayer", "name": name, "config": {"batch_input_shape": [null, 3]}, "inbound_nodes": []})
    }

    fn model(layers: Value, output: Value) -> Value {
        json!({"class_name": "Model", "config": {"name": "m", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [output]}})
    }

    #[test]
    fn keras_2_and_keras_3_nodes_give_the_same_graph() {
        let two = model(json!([input("in"), dense("d", json!([[["in", 0, 0, {}]]]))]), json!(["d", 0, 0]));
        let tensor = json!({"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "keras_history": ["in", 0, 0]}});
        let three = model(
            json!([input("in"), dense("d", json!([{"args": [tensor], "kwargs": {"mask": null}}]))]),
            json!(["d", 0, 0]),
        );
        for config in [two, three] {
            let network = network(&config, false).unwrap();
            assert_eq!(network.layers[1].calls[0].inputs, [TensorRef { layer: 0, call: 0, tensor: 0 }]);
            assert_eq!(network.outputs, [TensorRef { layer: 1, call: 0, tensor: 0 }]);
        }
    }

    #[test]
    fn tensors_among_the_arguments_of_a_call_are_found() {
        let call = json!([["in", 0, 0, {"y": ["in", 0, 0], "name": null}]]);
        let config = model(json!([input("in"), dense("d", call)]), json!(["d", 0, 0]));
        assert_eq!(network(&config, false).unwrap().layers[1].calls[0].inputs.len(), 2);
    }

    #[test]
    fn a_nested_model_whose_calls_count_from_one_is_resolved() {
        let inner = model(json!([input("in"), dense("d", json!([[["in", 0, 0, {}]]]))]), json!(["d", 0, 0]));
        let mut nested = inner.as_object().unwrap().clone();
        nested.insert("name".into(), json!("inner"));
        nested.insert("inbound_nodes".into(), json!([[["in", 0, 0, {}]]]));
        let outer = model(
            json!([input("in"), nested, dense("end", json!([[["inner", 1, 0, {}]]]))]),
            json!(["end", 0, 0]),
        );
        let network = network(&outer, false).unwrap();
        assert_eq!(network.layers[2].calls[0].inputs, [TensorRef { layer: 1, call: 0, tensor: 0 }]);
        assert_eq!(
            network.walk().iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
            ["in", "inner", "inner/in", "inner/d", "end"]
        );
    }

    #[test]
    fn a_sequential_list_without_input_layer_gets_one() {
        let first = json!({"class_name": "Dense", "config": {"name": "a", "batch_input_shape": [null, 3]}});
        let config = json!({"class_name": "Sequential", "config": [first, {"class_name": "Dense", "config": {"name": "b"}}]});
        let network = network(&config, false).unwrap();
        assert_eq!(network.layers.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["a_input", "a", "b"]);
        assert_eq!(network.layers[2].calls[0].inputs[0].layer, 1);
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let calls = |inbound: Value| model(json!([input("in"), dense("d", inbound)]), json!(["d", 0, 0]));
        let circle = json!([
            input("in"),
            dense("d", json!([[["e", 0, 0, {}]]])),
            dense("e", json!([[["d", 0, 0, {}]]]))
        ]);
        for (config, expected) in [
            (json!([]), "is a list"),
            (json!(7), "not an object"),
            (json!({"class_name": "Model", "config": {}}), "no list of layers"),
            (calls(json!([[["gone", 0, 0, {}]]])), "gone, which is not there"),
            (calls(json!([[["in", 1, 0, {}]]])), "uses the output of call 1 of in, which has 1 (from 0)"),
            (calls(json!([[["d", 0, 0, {}]]])), "d depends on its own result"),
            (model(circle, json!(["e", 0, 0])), "depends on its own result"),
            (model(json!([input("in"), input("in")]), json!(["in", 0, 0])), "two layers are called in"),
            (model(json!([]), json!(["d", 0, 0])), "in, which is not there"),
        ] {
            let reason = network(&config, false).unwrap_err();
            assert!(reason.contains(expected), "{config}: {reason}");
        }
    }
}
