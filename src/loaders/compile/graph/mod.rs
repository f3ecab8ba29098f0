//! Keras 1, Keras 2 and TensorFlow up to 2.1: `compile` builds the losses and metrics at once, and checks what belongs to which
//! output.

mod keys;

use serde_json::{Map, Value};

use super::super::facts::{Kind, Named};
use super::super::{Attempt, Loader, Raised, Stop};
use super::legacy::{self, Made};
use super::{Compiling, nested, optimizer, shown};
use crate::limits;

/// Which `compile` it is: their order and their words differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Era {
    /// Keras 1.
    Keras1,
    /// Keras 2.0 to 2.2.
    Keras2,
    /// Keras 2.3.
    Keras23,
    /// TensorFlow 1.15 to 2.1.
    Tf1,
}

fn era(compiling: &Compiling) -> Era {
    match compiling.runtime.loader {
        Loader::Keras1 => Era::Keras1,
        Loader::Keras2 if compiling.runtime.version < [2, 3, 0] => Era::Keras2,
        Loader::Keras2 => Era::Keras23,
        Loader::TfKeras | Loader::Keras3 => Era::Tf1,
    }
}

/// The rest of `load_model` but for the optimizer's state.
///
/// # Errors
/// What the runtime raises: keys in the order in which they are read, then `compile`.
pub fn compile(compiling: &Compiling, config: &Value) -> Attempt<()> {
    let (runtime, era) = (compiling.runtime, era(compiling));
    optimizer::deserialize(compiling, config)?;
    let loss = shown::item(runtime, config, "loss")?;
    let is_made = era >= Era::Keras23 && loss.get("class_name").is_some();
    let made = if is_made { Some(function(compiling, Kind::Losses, loss)?) } else { None };
    hashable(compiling, loss)?;
    let metrics = shown::item(runtime, config, "metrics")?;
    hashable(compiling, metrics)?;
    let modes = shown::item(runtime, config, "sample_weight_mode")?;
    let weights = shown::item(runtime, config, "loss_weights")?;
    let parts = Parts { compiling, era, modes, weights, metrics, weighted: config.get("weighted_metrics") };
    parts.compile(loss, made)
}

/// Keras 1 looks every name up among the custom objects, which dictionaries and lists within lists can't be.
fn hashable(compiling: &Compiling, value: &Value) -> Attempt<()> {
    if compiling.runtime.loader != Loader::Keras1 {
        return Ok(());
    }
    let bad = |value: &&Value| value.is_array() || value.is_object();
    let found = match value {
        Value::Array(items) => items.iter().find(bad),
        Value::Object(map) => map.values().find(bad),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    match found {
        None => Ok(()),
        Some(found) => {
            let found = shown::type_name(compiling.runtime, found);
            Err(shown::type_error(format!("unhashable type: '{found}'")))
        }
    }
}

/// `losses.get(value)` or `metrics.get(value)`
fn function(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<Made> {
    let era = era(compiling);
    if era == Era::Keras1 {
        return in_keras1(compiling, kind, value);
    }
    let word = if kind == Kind::Losses { "loss function" } else { "metric function" };
    match value {
        Value::Null if kind == Kind::Losses => Ok(Made::Nothing),
        // Keras 2 takes the whole dictionary for the name of a class.
        Value::Object(_) if kind == Kind::Metrics && era != Era::Tf1 => {
            let name = shown::repr(compiling.runtime, value)?;
            Err(shown::value_error(format!("Unknown metric function: {name}")))
        }
        Value::String(_) | Value::Object(_) => legacy::deserialize(compiling, kind, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            let said = format!("Could not interpret {word} identifier:");
            let shown = shown::repr(compiling.runtime, value)?;
            Err(shown::value_error(match kind == Kind::Metrics && era == Era::Tf1 {
                true => format!("{said} {}", shown::text(compiling.runtime, value)?),
                false => format!("('{said}', {shown})"),
            }))
        }
    }
}

fn in_keras1(compiling: &Compiling, kind: Kind, value: &Value) -> Attempt<Made> {
    let Value::String(name) = value else {
        // Whatever it is, it is taken for a function.
        let found = shown::type_name(compiling.runtime, value);
        return match value {
            Value::Array(_) | Value::Object(_) => Err(Stop::unknown("a loss or metric is no name")),
            _ => Ok(Made::Broken(Raised::new("TypeError", format!("'{found}' object is not callable")))),
        };
    };
    match compiling.facts.find(kind, name) {
        Some(Named::Function(function)) => Ok(Made::Function(function.to_string())),
        Some(Named::Class(_) | Named::Other) => Err(Stop::unknown(format!("{name} is not for compiling"))),
        None => {
            let word = if kind == Kind::Losses { "objective" } else { "metric" };
            Err(shown::value_error(format!("Invalid {word}: {name}")))
        }
    }
}

/// The loss of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Loss {
    /// There is one.
    There,
    /// There is none.
    Absent,
    /// There is one, and it raises this when it is called.
    Broken(Raised),
}

/// The arguments of `compile`.
struct Parts<'a> {
    compiling: &'a Compiling,
    era: Era,
    modes: &'a Value,
    weights: &'a Value,
    metrics: &'a Value,
    weighted: Option<&'a Value>,
}

impl Parts<'_> {
    /// Every era has its order. The loss may be an object already.
    fn compile(&self, loss: &Value, made: Option<Made>) -> Attempt<()> {
        if self.era == Era::Keras1 {
            self.weights()?;
        }
        let outputs = self.compiling.outputs()?.len();
        let losses = match made {
            None => self.losses(loss)?,
            Some(Made::Broken(raised)) => vec![Loss::Broken(raised); outputs],
            Some(Made::Object(_) | Made::Function(_) | Made::Nothing) => vec![Loss::There; outputs],
        };
        match self.era {
            Era::Keras1 => {
                self.modes(&losses)?;
                total(&losses, None)?;
                self.metrics(&losses).map(|_| ())
            }
            Era::Keras2 => {
                self.weights()?;
                self.modes(&losses)?;
                total(&losses, None)?;
                self.metrics(&losses).map(|_| ())
            }
            Era::Keras23 => {
                self.weights()?;
                self.modes(&losses)?;
                let weighted = self.metrics(&losses)?;
                total(&losses, weighted)
            }
            Era::Tf1 => {
                self.weights()?;
                let weighted = self.metrics(&losses)?;
                self.modes(&losses)?;
                total(&losses, weighted)
            }
        }
    }

    /// For every output whether it has a loss.
    fn losses(&self, loss: &Value) -> Attempt<Vec<Loss>> {
        let outputs = self.compiling.outputs()?;
        let make = |value: &Value| self.loss(value);
        match loss {
            loss if !shown::is_true(loss) && self.forgives_empty() => Ok(vec![Loss::Absent; outputs.len()]),
            Value::Object(map) => {
                self.known_keys("loss", map)?;
                outputs.iter().map(|name| self.loss_of(name, map, &make)).collect()
            }
            Value::Array(items) if items.len() != outputs.len() => {
                let shown = shown::repr(self.compiling.runtime, loss)?;
                Err(shown::value_error(format!(
                    "When passing a list as loss, it should have one entry per model outputs. The model has {} outputs, \
                     but you passed loss={shown}",
                    outputs.len()
                )))
            }
            Value::Array(items) if self.era == Era::Tf1 => {
                items.iter().map(|item| self.nested(item, 0)).collect()
            }
            Value::Array(items) => items.iter().map(make).collect(),
            loss => make(loss).map(|made| vec![made; outputs.len()]),
        }
    }

    /// `loss or {}`, which Keras 1 and 2.2 lack.
    fn forgives_empty(&self) -> bool {
        let is_22 = self.era == Era::Keras2 && self.compiling.runtime.version >= [2, 2, 0];
        self.era != Era::Keras1 && !is_22
    }

    /// `get_loss_function(value)`
    fn loss(&self, value: &Value) -> Attempt<Loss> {
        let by_name = value.is_string();
        match function(self.compiling, Kind::Losses, value)? {
            Made::Nothing => Ok(Loss::Absent),
            Made::Broken(raised) => Ok(Loss::Broken(raised)),
            // A name gives an object where a function is wanted.
            Made::Object(name) if self.era == Era::Tf1 && by_name => {
                Err(Stop::raised("AttributeError", format!("'{name}' object has no attribute '__name__'")))
            }
            Made::Function(name)
                if self.era == Era::Keras23 && by_name && name.starts_with(char::is_uppercase) =>
            {
                let message = format!("'{name}' object has no attribute 'dtype'");
                Ok(Loss::Broken(Raised::new("AttributeError", message)))
            }
            Made::Object(_) | Made::Function(_) => Ok(Loss::There),
        }
    }

    /// TensorFlow makes losses of all the values in a list, however deep, with dictionaries sorted by their keys.
    fn nested(&self, value: &Value, depth: usize) -> Attempt<Loss> {
        match value {
            _ if depth > limits::MAX_NESTING => Err(Stop::unknown("losses are nested too deeply")),
            Value::Array(items) => {
                items.iter().try_for_each(|item| self.nested(item, depth + 1).map(|_| ()))?;
                Err(shown::type_error("unhashable type: 'list'"))
            }
            Value::Object(map) => {
                let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
                sorted.values().try_for_each(|item| self.nested(item, depth + 1).map(|_| ()))?;
                Err(Stop::unknown("a loss is a dictionary in a list"))
            }
            value => self.loss(value),
        }
    }

    fn loss_of(
        &self,
        name: &str,
        map: &Map<String, Value>,
        make: &dyn Fn(&Value) -> Attempt<Loss>,
    ) -> Attempt<Loss> {
        match map.get(name) {
            Some(loss) => make(loss),
            None if self.era == Era::Keras1 => {
                Err(shown::value_error(format!("Output \"{name}\" missing from loss dictionary.")))
            }
            None => Ok(Loss::Absent),
        }
    }

    /// Metrics are called once all of them are made, weighted ones with the losses.
    fn metrics(&self, losses: &[Loss]) -> Attempt<Option<Raised>> {
        let broken = self.metrics_of(self.metrics, losses)?;
        // Keras 2.2 saved no weighted metrics, and doesn't read any.
        let weighted = match self.weighted.filter(|_| self.era >= Era::Keras23) {
            Some(weighted) => self.metrics_of(weighted, losses)?,
            None => None,
        };
        broken.map_or(Ok(weighted), |raised| Err(Stop::Raised(raised)))
    }

    /// Makes the metrics; what calling them raises first.
    fn metrics_of(&self, metrics: &Value, losses: &[Loss]) -> Attempt<Option<Raised>> {
        let mut broken = None;
        for (index, metrics) in self.per_output(metrics)?.iter().enumerate() {
            // Newer ones look at the metrics of outputs without a loss, too.
            let is_skipped = self.era == Era::Keras2 && losses.get(index) == Some(&Loss::Absent);
            for metric in metrics.iter().filter(|_| !is_skipped) {
                broken = broken.or(self.metric(metric)?);
            }
        }
        Ok(broken)
    }

    fn called_class(&self, name: &str) -> Attempt<Option<Raised>> {
        if self.compiling.runtime.tensorflow < [1, 15, 0] || name == "MeanIoU" {
            return Err(Stop::unknown(format!("what calling the class {name} raises is not known")));
        }
        let message = "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution. Use Eager execution or \
                       decorate this function with @tf.function.";
        Ok(Some(Raised::new("OperatorNotAllowedInGraphError", message)))
    }

    /// What calling a metric raises later, if it does.
    fn metric(&self, metric: &Value) -> Attempt<Option<Raised>> {
        let is_special = match self.era {
            Era::Keras1 => matches!(metric.as_str(), Some("accuracy" | "acc")),
            Era::Keras2 | Era::Keras23 | Era::Tf1 => nested::is_special(metric),
        };
        if is_special {
            return Ok(None);
        }
        match function(self.compiling, Kind::Metrics, metric)? {
            Made::Object(name) if self.era == Era::Tf1 && matches!(name.as_str(), "Mean" | "Sum") => {
                let message = "update_state() got multiple values for argument 'sample_weight'";
                Ok(Some(Raised::new("TypeError", message)))
            }
            // A class that nobody has made an object of is called with two tensors.
            Made::Function(name) if self.era == Era::Keras23 && name.starts_with(char::is_uppercase) => {
                self.called_class(&name)
            }
            Made::Object(_) | Made::Function(_) => Ok(None),
            Made::Broken(raised) => Ok(Some(raised)),
            Made::Nothing => Err(Stop::unknown("what becomes of a metric that is None is not known")),
        }
    }

    /// The metrics of every output.
    fn per_output<'v>(&self, metrics: &'v Value) -> Attempt<Vec<Vec<&'v Value>>> {
        let outputs = self.compiling.outputs()?;
        let listed =
            |value: &'v Value| value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        match metrics {
            metrics if !shown::is_true(metrics) => Ok(Vec::new()),
            Value::Array(items) if self.era >= Era::Keras23 && items.iter().any(Value::is_array) => {
                if items.len() == outputs.len() {
                    return Ok(items.iter().map(listed).collect());
                }
                let shown = shown::repr(self.compiling.runtime, metrics)?;
                Err(shown::value_error(format!(
                    "When passing a list of lists as `metrics`, it should have one entry per model output. The model \
                     has {} outputs, but you passed metrics={shown}",
                    outputs.len()
                )))
            }
            Value::Array(items) => Ok(vec![items.iter().collect(); outputs.len()]),
            Value::Object(map) => {
                if self.era >= Era::Keras23 {
                    self.known_keys("metrics", map)?;
                }
                Ok(outputs.iter().map(|name| map.get(name).map_or_else(Vec::new, listed)).collect())
            }
            metrics => {
                let shown = shown::text(self.compiling.runtime, metrics)?;
                Err(shown::type_error(format!(
                    "Type of `metrics` argument not understood. Expected a list or dictionary, found: {shown}"
                )))
            }
        }
    }
}

/// Weighted metrics and losses are called, and the losses added up.
fn total(losses: &[Loss], weighted: Option<Raised>) -> Attempt<()> {
    let broken = losses.iter().find_map(|loss| match loss {
        Loss::Broken(raised) => Some(raised.clone()),
        Loss::There | Loss::Absent => None,
    });
    if let Some(raised) = weighted.or(broken) {
        return Err(Stop::Raised(raised));
    }
    match losses.iter().all(|loss| *loss == Loss::Absent) {
        true => Err(shown::value_error("The model cannot be compiled because it has no loss to optimize.")),
        false => Ok(()),
    }
}
