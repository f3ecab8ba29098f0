//! What Python says of values that are not what it expects.

use serde_json::Value;

use super::super::{Attempt, Runtime, Stop, python};

/// The name of a value's type in Python.
pub fn type_name(runtime: &Runtime, value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) if is_python2(runtime) => "unicode",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// `value[key]`
///
/// # Errors
/// `KeyError` for a dictionary without it, `TypeError` for anything else.
pub fn item<'v>(runtime: &Runtime, value: &'v Value, key: &str) -> Attempt<&'v Value> {
    match value {
        Value::Object(map) => map.get(key).ok_or_else(|| Stop::raised("KeyError", python::text(key))),
        Value::Array(_) if is_python2(runtime) => Err(type_error("list indices must be integers, not str")),
        Value::Array(_) => Err(type_error("list indices must be integers or slices, not str")),
        Value::String(_) if is_python2(runtime) => Err(type_error("string indices must be integers")),
        Value::String(_) if runtime.python < [3, 11, 0] => Err(type_error("string indices must be integers")),
        Value::String(_) => Err(type_error("string indices must be integers, not 'str'")),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let name = type_name(runtime, value);
            let what =
                if is_python2(runtime) { "has no attribute '__getitem__'" } else { "is not subscriptable" };
            Err(type_error(format!("'{name}' object {what}")))
        }
    }
}

/// `str(value)`
///
/// # Errors
/// Unknown for dictionaries of Python 2, which are in no order.
pub fn text(runtime: &Runtime, value: &Value) -> Attempt<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        value => repr(runtime, value),
    }
}

/// `repr(value)`
///
/// # Errors
/// Unknown for dictionaries of Python 2, which are in no order.
pub fn repr(runtime: &Runtime, value: &Value) -> Attempt<String> {
    if !is_python2(runtime) {
        return Ok(python::repr(value));
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(python::repr(value)),
        Value::String(text) if text.is_ascii() => Ok(format!("u{}", python::text(text))),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| repr(runtime, item)).collect::<Attempt<_>>()?;
            Ok(format!("[{}]", items.join(", ")))
        }
        Value::Object(map) if map.is_empty() => Ok("{}".to_string()),
        Value::String(_) | Value::Object(_) => {
            Err(Stop::unknown("Python 2.7 shows this in an order of its own"))
        }
    }
}

/// `repr()` of the names of the model's outputs.
///
/// # Errors
/// As [`repr`].
pub fn names(runtime: &Runtime, names: &[String]) -> Attempt<String> {
    repr(runtime, &Value::from(names.to_vec()))
}

/// `bool(value)`
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

pub fn type_error(message: impl Into<String>) -> Stop {
    Stop::raised("TypeError", message)
}

pub fn value_error(message: impl Into<String>) -> Stop {
    Stop::raised("ValueError", message)
}

fn is_python2(runtime: &Runtime) -> bool {
    runtime.python < [3, 0, 0]
}
