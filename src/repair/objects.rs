//! Values of arguments that are objects of their own: initializers, regularizers, constraints, activations and types.

use serde_json::{Map, Value, json};

use super::config::Work;
use super::{Refusal, arguments};
use crate::loaders::facts::{Kind, Named};

/// Initializers that are a VarianceScaling with these arguments: scale, mode and distribution.
const SCALINGS: [(&str, f64, &str, &str); 6] = [
    ("GlorotUniform", 1.0, "fan_avg", "uniform"),
    ("GlorotNormal", 1.0, "fan_avg", "truncated_normal"),
    ("HeUniform", 2.0, "fan_in", "uniform"),
    ("HeNormal", 2.0, "fan_in", "truncated_normal"),
    ("LecunUniform", 1.0, "fan_in", "uniform"),
    ("LecunNormal", 1.0, "fan_in", "truncated_normal"),
];

/// Activations that are the same function.
const SAME_ACTIVATIONS: [(&str, &str); 2] = [("silu", "swish"), ("swish", "silu")];

/// What kind of object an argument takes, by its name.
fn kind(argument: &str) -> Option<Kind> {
    match argument {
        "activation" | "recurrent_activation" => Some(Kind::Activations),
        _ if argument.ends_with("initializer") => Some(Kind::Initializers),
        _ if argument.ends_with("regularizer") => Some(Kind::Regularizers),
        _ if argument.ends_with("constraint") => Some(Kind::Constraints),
        _ => None,
    }
}

/// Brings the value of an argument to the target's form.
pub(super) fn translate(
    work: &mut Work<'_>,
    place: &str,
    argument: &str,
    value: &mut Value,
) -> Result<(), Refusal> {
    if argument == "dtype" {
        return dtype(work, place, value);
    }
    let Some(kind) = kind(argument).filter(|_| !value.is_null()) else { return Ok(()) };
    if kind == Kind::Activations {
        return activation(work, place, argument, value);
    }
    match value {
        Value::String(name) => {
            if work.target.find(kind, name).is_some() {
                return Ok(());
            }
            let name = name.clone();
            substitute(work, place, argument, kind, &name, &Map::new()).map(|other| *value = other)
        }
        Value::Object(object) => self::object(work, place, argument, kind, object),
        _ => Err(Refusal::new(place, format!("its {argument} is neither a name nor an object"))),
    }
}

fn object(
    work: &mut Work<'_>,
    place: &str,
    argument: &str,
    kind: Kind,
    object: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let Some(name) = object.get("class_name").and_then(Value::as_str).map(str::to_string) else {
        return Err(Refusal::new(place, format!("its {argument} has no class_name")));
    };
    let deeper = format!("{place}.{argument}");
    match work.target.find(kind, &name) {
        Some(Named::Class(class)) => {
            let Some(config) = object.get_mut("config").and_then(Value::as_object_mut) else { return Ok(()) };
            arguments::translate(work, &deeper, kind, (&name, class), config)?;
            distribution(work, &deeper, &name, config);
            Ok(())
        }
        Some(Named::Function(_) | Named::Other) => Ok(()),
        None => {
            let config = object.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
            let other = substitute(work, place, argument, kind, &name, &config)?;
            *object = other.as_object().cloned().unwrap_or_default();
            Ok(())
        }
    }
}

/// The same object in words that the target knows.
fn substitute(
    work: &mut Work<'_>,
    place: &str,
    argument: &str,
    kind: Kind,
    name: &str,
    config: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let number = |name: &str| config.get(name).cloned().unwrap_or_else(|| 0.0.into());
    let scaling = SCALINGS.iter().find(|(class, ..)| *class == name);
    let (class, config) = match (kind, scaling, name) {
        (Kind::Initializers, Some((_, scale, mode, shape)), _) => {
            let mut config = Map::new();
            config.insert("scale".into(), (*scale).into());
            config.insert("mode".into(), (*mode).into());
            config.insert("distribution".into(), (*shape).into());
            config.insert("seed".into(), Value::Null);
            distribution_of(work, &mut config);
            ("VarianceScaling", Value::Object(config))
        }
        (Kind::Regularizers, _, "L1" | "L2") => ("L1L2", json!({"l1": number("l1"), "l2": number("l2")})),
        _ => {
            let what = format!("its {argument} is {name}, which {} does not have", work.target.name());
            return Err(Refusal::new(place, what));
        }
    };
    let other = json!({"class_name": class, "config": config});
    let why = format!("{} has no {name}; this is the same", work.target.name());
    work.change(place, argument, Some(name.into()), Some(other.to_string()), why);
    Ok(other)
}

/// Keras before 2.3 and TensorFlow spell the distribution of a VarianceScaling differently.
fn distribution(work: &mut Work<'_>, place: &str, class: &str, config: &mut Map<String, Value>) {
    if class != "VarianceScaling" {
        return;
    }
    let before = config.get("distribution").map(Value::to_string);
    distribution_of(work, config);
    let after = config.get("distribution").map(Value::to_string);
    if before != after {
        let why = format!(
            "{} knows uniform and normal alone, where normal is the truncated one",
            work.target.name()
        );
        work.change(place, "distribution", before, after, why);
    }
}

fn distribution_of(work: &Work<'_>, config: &mut Map<String, Value>) {
    if let Some(word) = config.get_mut("distribution")
        && work.target.is_two()
        && matches!(word.as_str(), Some("truncated_normal" | "untruncated_normal"))
    {
        *word = "normal".into();
    }
}

/// An activation is a name for all; newer ones may write a function as an object.
fn activation(work: &mut Work<'_>, place: &str, argument: &str, value: &mut Value) -> Result<(), Refusal> {
    let before = value.to_string();
    let name = match &*value {
        Value::String(name) => name.clone(),
        Value::Object(object) => match (object.get("class_name"), object.get("config")) {
            (Some(class), Some(Value::String(name))) if class == "function" => name.clone(),
            _ => {
                return Err(Refusal::new(
                    place,
                    format!("its {argument} is an object with settings of its own"),
                ));
            }
        },
        _ => return Err(Refusal::new(place, format!("its {argument} is neither a name nor an object"))),
    };
    let same = SAME_ACTIVATIONS.iter().filter(|(one, _)| *one == name).map(|(_, other)| (*other).to_string());
    let mut names = std::iter::once(name.clone()).chain(same);
    let Some(known) = names.find(|name| work.target.has_activation(name)) else {
        let what = format!("{} has no activation {name}", work.target.name());
        return Err(Refusal::new(place, what));
    };
    if known != name || (value.is_object() && !work.target.is_three()) {
        *value = known.into();
        let why = format!("{} knows the function by this name", work.target.name());
        work.change(place, argument, Some(before), Some(value.to_string()), why);
    }
    Ok(())
}

/// A type is a name for all; Keras 3 writes its policies as objects, and TensorFlow 2 those that mix.
fn dtype(work: &mut Work<'_>, place: &str, value: &mut Value) -> Result<(), Refusal> {
    let before = value.to_string();
    let written = match &*value {
        Value::Object(policy) => policy.get("config").and_then(|config| config.get("name")),
        other => Some(other),
    };
    let name = match written {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Null) => return Ok(()),
        _ => return Err(Refusal::new(place, "its dtype has no name")),
    };
    if name.starts_with("mixed_") && !work.target.has_policies() {
        let what = format!("it computes in {name}, which {} can't", work.target.name());
        return Err(Refusal::new(place, what));
    }
    // Keras 3's policies are objects of this class, those of TensorFlow 2 are called Policy.
    let is_threes = value.get("class_name").is_some_and(|class| class == "DTypePolicy");
    if value.is_object() && is_threes != work.target.is_three() {
        let mixed = name.starts_with("mixed_");
        if mixed && !is_threes && !work.target.is_three() {
            return Ok(());
        }
        // TensorFlow 2.4 does not take the name of a policy, and all of TensorFlow 2 writes such objects.
        let policy = json!({"class_name": "Policy", "config": {"name": name}});
        *value = if mixed && !work.target.is_three() { policy } else { name.into() };
        let why = format!("{} reads the type of a layer so", work.target.name());
        work.change(place, "dtype", Some(before), Some(value.to_string()), why);
    }
    Ok(())
}
