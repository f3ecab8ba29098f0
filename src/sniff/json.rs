//! JSON and YAML: an architecture, a server's answer, a notebook, or something else.

use serde_json::{Map, Value};

use super::{Format, Impostor, quoted};

/// Keys under which servers put what went wrong.
const ERROR_KEYS: [&str; 5] = ["error", "message", "errors", "detail", "error_description"];

/// Recognises a JSON text; text that begins like JSON and is none may be the start of a longer one.
pub(super) fn of_json(text: &str) -> Option<Impostor> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => Some(of_object(&object)),
        // Some scripts encode the architecture twice.
        Ok(Value::String(inner)) => match serde_json::from_str::<Value>(&inner) {
            Ok(Value::Object(object)) => Some(of_object(&object)),
            Ok(_) | Err(_) => None,
        },
        Ok(Value::Array(items)) => Some(Impostor::Known(of_list(&items))),
        Ok(_) => None,
        Err(_) => text.starts_with("{\"").then_some(Impostor::Known(Format::Json)),
    }
}

/// TensorFlow.js lists groups of weights, each with the paths of its files.
fn of_list(items: &[Value]) -> Format {
    let is_group =
        |item: &Value| item.get("weights").is_some_and(Value::is_array) && item.get("paths").is_some();
    if !items.is_empty() && items.iter().all(is_group) { Format::TensorFlowJsManifest } else { Format::Json }
}

fn of_object(object: &Map<String, Value>) -> Impostor {
    let has = |key: &str| object.contains_key(key);
    if let Some(architecture) = architecture(object) {
        return architecture;
    }
    Impostor::Known(if has("modelTopology") || has("weightsManifest") {
        Format::TensorFlowJs
    } else if has("nbformat") && has("cells") {
        Format::Notebook
    } else if has("weight_map") {
        Format::SafeTensorsIndex
    } else if object.get("encoding").and_then(Value::as_str) == Some("base64") && has("content") {
        Format::GithubContent
    } else if is_class_list(object) {
        Format::ClassList
    } else if let Some(message) = error(object) {
        return Impostor::JsonError(message);
    } else {
        Format::Json
    })
}

/// `{"class_name": "Functional", "config": {"layers": [...]}}`; before Keras 2.2.3 a Sequential's config is the bare list.
fn architecture(object: &Map<String, Value>) -> Option<Impostor> {
    let class = object.get("class_name")?.as_str()?;
    let config = object.get("config")?;
    let layers = config.as_array().or_else(|| config.get("layers")?.as_array()).map_or(0, Vec::len);
    Some(Impostor::Architecture { class: quoted(class, 60), layers, yaml: false })
}

/// Numbers in quotes as keys: ImageAI's `model_class.json`, or `imagenet_class_index.json`.
fn is_class_list(object: &Map<String, Value>) -> bool {
    !object.is_empty() && object.keys().all(|key| key.bytes().all(|byte| byte.is_ascii_digit()))
}

fn error(object: &Map<String, Value>) -> Option<String> {
    let (_, value) = ERROR_KEYS.iter().find_map(|key| object.get_key_value(*key))?;
    Some(quoted(&words(value), 200))
}

/// The message in an error, which may be a text, a list of such, or an object with a message.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.first().map(plain).unwrap_or_default(),
        Value::Object(object) => object.get("message").map(plain).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// Recognises YAML, of which only a model's architecture and DVC's pointers are of interest.
pub(super) fn of_yaml(text: &str) -> Option<Impostor> {
    let top = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    if let Some(class) = top("class_name:").filter(|_| top("config:").is_some()) {
        // Of the keys of a layer, which are sorted, class_name is the first.
        let layers = text.lines().filter(|line| line.trim_start().starts_with("- class_name:")).count();
        return Some(Impostor::Architecture { class: quoted(class, 60), layers, yaml: true });
    }
    let dvc = top("outs:").is_some() && (text.contains("md5:") || text.contains("etag:"));
    let yaml = text.starts_with("---\n") || text.starts_with("%YAML");
    dvc.then_some(Impostor::Known(Format::DvcPointer))
        .or_else(|| yaml.then_some(Impostor::Known(Format::Yaml)))
}
