//! `Rescaling` and `Normalization`.

use serde_json::Value;

use super::{OpError, Shape, ShapeError, WeightSpec, last};
use crate::keras::config::Config;
use crate::limits;

/// `x · scale + offset`, each one number or one per channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescaling {
    /// Factor.
    pub scale: Vec<f64>,
    /// What is added.
    pub offset: Vec<f64>,
}

impl Rescaling {
    pub(super) fn parse(config: &Config) -> Result<Rescaling, OpError> {
        Ok(Rescaling { scale: numbers(config, "scale", 1.0)?, offset: numbers(config, "offset", 0.0)? })
    }
}

/// `(x − mean) / max(sqrt(variance), 1e-7)`, per element of the last axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalization {
    /// Mean and variance given as arguments; adapted layers store them as weights instead.
    pub given: Option<(Vec<f64>, Vec<f64>)>,
    /// Axes that keep their own statistics, counted with the batch as 0; empty for one mean of everything.
    pub axes: Vec<i64>,
}

impl Normalization {
    pub(super) fn parse(config: &Config) -> Result<Normalization, OpError> {
        let given = match (config.get("mean"), config.get("variance")) {
            (Some(_), Some(_)) => Some((numbers(config, "mean", 0.0)?, numbers(config, "variance", 1.0)?)),
            _ => None,
        };
        let axes = match config.arguments.get("axis") {
            None => vec![-1],
            Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().filter_map(Value::as_i64).take(limits::MAX_RANK).collect()
            }
            Some(value) => value.as_i64().into_iter().collect(),
        };
        if config.flag("invert", false) {
            return Err(config.wrong("invert", "false").into());
        }
        Ok(Normalization { given, axes })
    }

    /// Number of means: the length of the last axis, or 1.
    ///
    /// # Errors
    /// When other axes than the last keep statistics.
    pub fn length(&self, input: &Shape) -> Result<usize, ShapeError> {
        let end = input.len() as i64;
        let length = match self.axes.as_slice() {
            [] => 1,
            [axis] if *axis == -1 || *axis == end => last(input)?,
            _ => {
                return Err(ShapeError(format!(
                    "Normalization over axes {:?} is not supported, only over the last",
                    self.axes
                )));
            }
        };
        let given = self.given.as_ref().map(|(mean, variance)| [mean.len(), variance.len()]);
        match given.iter().flatten().find(|count| ![1, length].contains(count)) {
            Some(count) => {
                Err(ShapeError(format!("it has {count} means or variances for {length} channels")))
            }
            None => Ok(length),
        }
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        if self.given.is_some() {
            return Ok(Vec::new());
        }
        let shape: &[usize] = if self.axes.is_empty() { &[] } else { &[self.length(input)?] };
        Ok(vec![
            WeightSpec::new("mean", shape),
            WeightSpec::new("variance", shape),
            WeightSpec::new("count", &[]),
        ])
    }
}

/// One number, or a nested list of numbers, flattened.
fn numbers(config: &Config, name: &str, default: f64) -> Result<Vec<f64>, OpError> {
    let mut out = Vec::new();
    match config.get(name) {
        None => out.push(default),
        Some(value) => {
            flatten(value, 0, &mut out).ok_or_else(|| config.wrong(name, "a number or a list of them"))?
        }
    }
    match out.len() {
        1..=limits::MAX_NUMBERS => Ok(out),
        _ => Err(config.wrong(name, "at least one number, and no more than channels").into()),
    }
}

fn flatten(value: &Value, depth: usize, out: &mut Vec<f64>) -> Option<()> {
    match value {
        Value::Array(items) if depth < limits::MAX_RANK => {
            items.iter().try_for_each(|item| flatten(item, depth + 1, out))
        }
        // Keras 3 writes a numpy array as {"class_name": "__numpy__", "config": {"value": […]}}.
        Value::Object(map) => flatten(map.get("config")?.get("value")?, depth + 1, out),
        _ => {
            out.push(value.as_f64()?);
            Some(())
        }
    }
}
