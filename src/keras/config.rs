//! A layer's arguments, read by name with the types Keras gives them.

use serde_json::{Map, Value};

/// Arguments under Keras 2's names, whatever era wrote them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The arguments, as the file has them.
    pub arguments: Map<String, Value>,
    /// Whether Theano computed the layer: a true convolution, and padding that is alike at both sides. The file as a whole
    /// tells it, no argument does.
    pub is_theanos: bool,
}

/// An argument that is missing or has the wrong type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argument {name}: expected {expected}, found {found}")]
pub struct ConfigError {
    /// The argument.
    pub name: String,
    /// What would have been right.
    pub expected: &'static str,
    /// What is there, shortened.
    pub found: String,
}

impl From<Map<String, Value>> for Config {
    fn from(arguments: Map<String, Value>) -> Config {
        Config { arguments, is_theanos: false }
    }
}

impl Config {
    /// The raw value; JSON `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name).filter(|v| !v.is_null())
    }

    /// An error for `name` that shows what is there.
    pub fn wrong(&self, name: &str, expected: &'static str) -> ConfigError {
        let found = match self.get(name) {
            None => "nothing".to_string(),
            Some(value) => shorten(&value.to_string()),
        };
        ConfigError { name: name.to_string(), expected, found }
    }

    /// A string, if it is there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A boolean, or `default`.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A number, or `default` where there is none.
    ///
    /// # Errors
    /// When the value is not a number.
    pub fn number(&self, name: &str, default: f64) -> Result<f64, ConfigError> {
        match self.get(name) {
            None => Ok(default),
            Some(value) => number_of(value).ok_or_else(|| self.wrong(name, "a number")),
        }
    }

    /// A whole number that must be there.
    ///
    /// # Errors
    /// When it is missing, negative, fractional or too large for memory.
    pub fn size(&self, name: &str) -> Result<usize, ConfigError> {
        self.get(name).and_then(size_of).ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// One or two whole numbers as `[rows, columns]`; one number stands for both. `default` where there is none.
    ///
    /// # Errors
    /// When the value is something else.
    pub fn pair(&self, name: &str, default: [usize; 2]) -> Result<[usize; 2], ConfigError> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let pair = match value {
            Value::Array(items) => match items.as_slice() {
                [one] => size_of(one).map(|n| [n, n]),
                [rows, columns] => size_of(rows).zip(size_of(columns)).map(|(r, c)| [r, c]),
                _ => None,
            },
            _ => size_of(value).map(|n| [n, n]),
        };
        pair.ok_or_else(|| self.wrong(name, "one or two whole numbers"))
    }
}

/// A JSON number, or a list of exactly one (tf.keras writes a BatchNormalization axis as `[3]`).
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Array(items) if items.len() == 1 => items[0].as_f64(),
        _ => value.as_f64(),
    }
}

fn size_of(value: &Value) -> Option<usize> {
    let whole =
        value.as_u64().or_else(|| value.as_f64().filter(|f| f.fract() == 0.0 && *f >= 0.0).map(|f| f as u64));
    usize::try_from(whole?).ok().filter(|n| *n <= crate::limits::MAX_DIMENSION)
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
