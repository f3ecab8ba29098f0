//! Values as Python writes them: what `repr()` and `str()` give for what `json.loads` read.

use serde_json::{Map, Number, Value};

/// `repr()` in Python 3.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// `str()` in Python 3: of a string itself, of anything else its `repr()`.
pub fn str(value: &Value) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_string)
}

/// `repr()` of a dictionary.
pub fn dict(map: &Map<String, Value>) -> String {
    let mut out = String::new();
    write_dict(map, &mut out);
    out
}

/// `repr()` of a list of strings: `['a', 'b']`.
pub fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| text(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// `repr()` of a tuple of whole numbers, as shapes are shown: `(3, 3, 64, 64)`, `(64,)`, `()`.
pub fn shape<T: std::fmt::Display>(axes: &[T]) -> String {
    match axes {
        [one] => format!("({one},)"),
        _ => format!("({})", axes.iter().map(T::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// `repr()` of a string.
pub fn text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => out.extend(['\\', letter]),
            letter if (letter as u32) < 0x20 || letter as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", letter as u32));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(value) => out.push_str(&number(value)),
        Value::String(value) => out.push_str(&text(value)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => write_dict(map, out),
    }
}

fn write_dict(map: &Map<String, Value>, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in map.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str(&text(key));
        out.push_str(": ");
        write(value, out);
    }
    out.push('}');
}

/// `repr()` of a number: the shortest digits that give it back, with an exponent below 1e-4 and from 1e16 on.
pub fn number(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => number.to_string(),
        Some(value) if value.abs() == f64::MAX => if value > 0.0 { "inf" } else { "-inf" }.to_string(),
        Some(value) => float(value),
    }
}

fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What CPython 3.11.7's `repr` gives for these values.
    #[test]
    fn values_are_written_as_python_writes_them() {
        for (value, expected) in [
            (json!({"a": [null, true, 1, "it's"], "b": {}}), r#"{'a': [None, True, 1, "it's"], 'b': {}}"#),
            (
                json!([0.001, 1.001e-5, 1e16, 1e15, 2.0, -0.0, 1e-4, 123456.75]),
                "[0.001, 1.001e-05, 1e+16, 1000000000000000.0, 2.0, -0.0, 0.0001, 123456.75]",
            ),
            (json!("a'b\"c\n"), r#"'a\'b"c\n'"#),
            (json!([]), "[]"),
            (json!(1.5e300), "1.5e+300"),
        ] {
            assert_eq!(repr(&value), expected);
        }
        assert_eq!(shape(&[3, 3]), "(3, 3)");
        assert_eq!(shape(&[3]), "(3,)");
        assert_eq!(list(["a", "b"]), "['a', 'b']");
    }
}
