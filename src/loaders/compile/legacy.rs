//! `deserialize_keras_object` as it was up to TensorFlow 2.15, which .h5 files still go through there and in `tf_keras`.

use serde_json::{Map, Value};

use super::super::facts::{Answer, Identifier, Kind, Named};
use super::super::{Attempt, Loader, Raised, Stop};
use super::{Compiling, construct, registered, shown};

/// What an identifier became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// An object of the class of that name.
    Object(String),
    /// The function of that name, or a class that nobody has called.
    Function(String),
    /// None.
    Nothing,
    /// Something that raises this when it is called.
    Broken(Raised),
}

/// The loss, metric or optimizer that `value` stands for.
///
/// # Errors
/// What the runtime raises; unknown for what its facts don't tell.
pub fn deserialize(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<Made> {
    match value {
        Value::Object(map) => object(compiling, kind, map),
        Value::String(name) => named(compiling, kind, name),
        Value::Null => answer(compiling, kind, Identifier::None, value, ""),
        Value::Array(_) => answer(compiling, kind, Identifier::List, value, ""),
        Value::Number(_) if *value == 5 => answer(compiling, kind, Identifier::Number, value, ""),
        Value::Number(_) | Value::Bool(_) => {
            Err(Stop::unknown("a number or a truth value stands where a name should"))
        }
    }
}

/// What the runtime says to something it doesn't know.
pub fn answer(
    compiling: &Compiling,
    kind: Kind,
    identifier: Identifier,
    value: &Value,
    name: &str,
) -> Attempt<Made> {
    match compiling.facts.unknown(kind, identifier) {
        Some(Answer::Raises(refusal)) => {
            let shown = shown::repr(compiling.runtime, value).unwrap_or_default();
            Err(Stop::Raised(refusal.filled(&[("name", name), ("config", &shown)])))
        }
        Some(Answer::Returns(_)) => Ok(Made::Nothing),
        None => Err(Stop::unknown("nobody has asked this runtime about such an object")),
    }
}

fn object(compiling: &Compiling, kind: Kind, map: &Map<String, Value>) -> Attempt<Made> {
    let whole = Value::Object(map.clone());
    let (Some(name), Some(config)) = (map.get("class_name"), map.get("config")) else {
        return improper(compiling, &whole);
    };
    let Some(name) = name.as_str() else {
        return match name {
            Value::Null => answer(compiling, kind, Identifier::ClassNameNone, &whole, "None"),
            _ => Err(Stop::unknown("a class_name is not a string")),
        };
    };
    let found = compiling.facts.find(kind, name);
    if found.is_some() {
        // Since TensorFlow 2.2 a configuration is looked through before it is used.
        items(compiling, config)?;
    }
    match found {
        Some(Named::Class(class)) => construct::construct(compiling, kind, class, config),
        Some(Named::Other) if matches!(kind, Kind::Optimizers | Kind::LegacyOptimizers) => {
            registered::construct(compiling, name, config).map(|()| Made::Object(name.to_string()))
        }
        Some(Named::Function(_) | Named::Other) => Err(Stop::unknown(format!("{name} is no class"))),
        None => answer(compiling, kind, Identifier::Class, &whole, name),
    }
}

/// `config.items()`; lists are left alone since 2.3.
fn items(compiling: &Compiling, config: &Value) -> Attempt<()> {
    let runtime = compiling.runtime;
    let is_looked_through = runtime.loader == Loader::TfKeras && runtime.version >= [2, 2, 0];
    let is_fine = config.is_object() || (config.is_array() && runtime.version >= [2, 3, 0]);
    match is_fine || !is_looked_through {
        true => Ok(()),
        false => {
            let found = shown::type_name(runtime, config);
            Err(Stop::raised("AttributeError", format!("'{found}' object has no attribute 'items'")))
        }
    }
}

/// A dictionary without `class_name` or `config`.
fn improper(compiling: &Compiling, whole: &Value) -> Attempt<Made> {
    let runtime = compiling.runtime;
    let shown = shown::repr(runtime, whole)?;
    let is_newer = runtime.loader == Loader::TfKeras && runtime.version >= [2, 7, 0];
    Err(shown::value_error(match is_newer {
        true => format!(
            "Improper config format for {shown}. Expecting python dict contains `class_name` and `config` as keys"
        ),
        false => format!("Improper config format: {shown}"),
    }))
}

fn named(compiling: &Compiling, kind: Kind, name: &str) -> Attempt<Made> {
    match compiling.facts.find(kind, name) {
        Some(Named::Class(class)) if compiling.runtime.loader == Loader::TfKeras => {
            construct::by_name(compiling, class)
        }
        Some(Named::Class(class)) => Ok(Made::Function(class.name.clone())),
        Some(Named::Function(function)) => Ok(Made::Function(function.to_string())),
        Some(Named::Other) => Err(Stop::unknown(format!("{name} is something that is not for compiling"))),
        None if name.is_empty() => answer(compiling, kind, Identifier::EmptyText, &Value::from(name), name),
        None => answer(compiling, kind, Identifier::Text, &Value::from(name), name),
    }
}
