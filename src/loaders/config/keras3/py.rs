//! What Python itself does with the values of a config: their types, subscripts, and what it says where they don't fit.

use serde_json::{Map, Value};

use crate::loaders::{Attempt, Stop, python};

/// `type(value).__name__` of what `json.loads` read.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// `str(type(value))`: `<class 'int'>`.
pub fn shown_type(value: &Value) -> String {
    format!("<class '{}'>", type_name(value))
}

/// `KeyError(key)`.
pub fn key_error(key: &str) -> Stop {
    Stop::raised("KeyError", python::text(key))
}

/// `IndexError` of a list.
pub fn index_error() -> Stop {
    Stop::raised("IndexError", "list index out of range")
}

/// Why `value[key]` with a string for a key is an error, where `value` is no dictionary.
fn no_item(value: &Value) -> Stop {
    let message = match value {
        Value::Array(_) => "list indices must be integers or slices, not str".to_string(),
        Value::String(_) => "string indices must be integers, not 'str'".to_string(),
        other => format!("'{}' object is not subscriptable", type_name(other)),
    };
    Stop::raised("TypeError", message)
}

/// `value[key]`.
pub fn item<'v>(value: &'v Value, key: &str) -> Attempt<&'v Value> {
    match value {
        Value::Object(map) => map.get(key).ok_or_else(|| key_error(key)),
        other => Err(no_item(other)),
    }
}

/// `value[key]`, to change what stands there.
pub fn item_mut<'v>(value: &'v mut Value, key: &str) -> Attempt<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(key).ok_or_else(|| key_error(key)),
        other => Err(no_item(other)),
    }
}

/// `value` as a dictionary whose `pop(key, None)` is about to be called.
pub fn popping(value: &mut Value) -> Attempt<&mut Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Array(_) => Err(Stop::raised("TypeError", "pop expected at most 1 argument, got 2")),
        other => {
            let message = format!("'{}' object has no attribute 'pop'", type_name(other));
            Err(Stop::raised("AttributeError", message))
        }
    }
}

/// The values of `for … in value`: a list's items, a dictionary's keys, a string's letters.
pub fn iterate(value: &Value) -> Attempt<Vec<Value>> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        Value::Object(map) => Ok(map.keys().map(|key| Value::from(key.as_str())).collect()),
        Value::String(text) => Ok(text.chars().map(|letter| Value::from(letter.to_string())).collect()),
        other => Err(Stop::raised("TypeError", format!("'{}' object is not iterable", type_name(other)))),
    }
}

/// `int(value)`.
pub fn int(value: &Value) -> Attempt<i64> {
    match value {
        Value::Bool(flag) => Ok(i64::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Ok(whole),
            None => Ok(number.as_f64().unwrap_or_default() as i64),
        },
        Value::String(text) => text.trim().parse().map_err(|_| {
            let shown = python::text(text);
            Stop::raised("ValueError", format!("invalid literal for int() with base 10: {shown}"))
        }),
        other => Err(no_number("int", other)),
    }
}

/// `float(value)`, as far as it is refused.
pub fn float(value: &Value) -> Attempt<()> {
    match value {
        Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text) if text.trim().parse::<f64>().is_ok() => Ok(()),
        Value::String(text) => {
            let shown = python::text(text);
            Err(Stop::raised("ValueError", format!("could not convert string to float: {shown}")))
        }
        other => Err(no_number("float", other)),
    }
}

fn no_number(wanted: &str, value: &Value) -> Stop {
    let (what, found) = match wanted {
        "int" => ("int() argument must be a string, a bytes-like object or a real number", type_name(value)),
        _ => ("float() argument must be a string or a real number", type_name(value)),
    };
    Stop::raised("TypeError", format!("{what}, not '{found}'"))
}

/// A list's position that `index` stands for; from the end where it is negative.
pub fn position(length: usize, index: &Value) -> Attempt<usize> {
    let Some(index) = index.as_i64() else {
        let found = type_name(index);
        let message = format!("list indices must be integers or slices, not {found}");
        return Err(Stop::raised("TypeError", message));
    };
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_start = if index < 0 { index.saturating_add(length) } else { index };
    match usize::try_from(from_start) {
        Ok(position) if from_start < length => Ok(position),
        _ => Err(index_error()),
    }
}

/// `bool(value)`.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// Whether an attempt ended with an exception of this type.
pub fn is_raised(stop: &Stop, exception: &str) -> bool {
    matches!(stop, Stop::Raised(raised) if raised.exception == exception)
}
