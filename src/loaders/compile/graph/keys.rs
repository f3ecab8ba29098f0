//! What belongs to which output: keys of dictionaries and lengths of lists.

use serde_json::{Map, Value};

use super::super::super::{Attempt, Stop, python};
use super::super::shown;
use super::{Era, Loss, Parts};

impl Parts<'_> {
    /// Whether all keys of a dictionary are names of outputs.
    pub(super) fn known_keys(&self, what: &str, map: &Map<String, Value>) -> Attempt<()> {
        let outputs = self.compiling.outputs()?;
        let unknown: Vec<&String> = map.keys().filter(|key| !outputs.contains(key)).collect();
        let Some(first) = unknown.first() else { return Ok(()) };
        let runtime = self.compiling.runtime;
        let expected = shown::names(runtime, outputs)?;
        Err(shown::value_error(match self.era {
            Era::Keras1 if unknown.len() > 1 => {
                return Err(Stop::unknown("Python 2.7 looks at these keys in an order of its own"));
            }
            Era::Keras1 | Era::Keras2 => format!(
                "Unknown entry in {what} dictionary: \"{first}\". Only expected the following keys: {expected}"
            ),
            // A set: in another order in every process where there are several.
            Era::Keras23 | Era::Tf1 => {
                let listed = python::list(&unknown);
                format!(
                    "Unknown entries in {what} dictionary: {listed}. Only expected following keys: {expected}"
                )
            }
        }))
    }

    pub(super) fn weights(&self) -> Attempt<()> {
        let (runtime, weights) = (self.compiling.runtime, self.weights);
        let outputs = self.compiling.outputs()?.len();
        match weights {
            Value::Null => Ok(()),
            Value::Object(map) => self.known_keys("loss_weights", map),
            Value::Array(items) if items.len() == outputs => Ok(()),
            Value::Array(_) => {
                let (shown, s) =
                    (shown::repr(runtime, weights)?, if self.era == Era::Keras1 { "s" } else { "" });
                Err(shown::value_error(format!(
                    "When passing a list as loss_weights, it should have one entry per model output{s}. The model has \
                     {outputs} outputs, but you passed loss_weights={shown}"
                )))
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let shown = shown::text(runtime, weights)?;
                let said =
                    format!("Could not interpret loss_weights argument: {shown} - expected a list of dicts.");
                Err(shown::type_error(said))
            }
        }
    }

    pub(super) fn modes(&self, losses: &[Loss]) -> Attempt<()> {
        let outputs = self.compiling.outputs()?;
        match self.modes {
            Value::Object(map) => {
                self.known_modes(map)?;
                let lacks =
                    |(name, loss): &(&String, &Loss)| **loss != Loss::Absent && !map.contains_key(*name);
                let missing = outputs.iter().zip(losses).find(lacks);
                missing.map_or(Ok(()), |(name, _)| {
                    Err(shown::value_error(match self.era {
                        Era::Keras1 | Era::Keras2 => {
                            format!("Output \"{name}\" missing from sample_weight_modes dictionary")
                        }
                        Era::Keras23 => "Output missing from sample_weight_modes dictionary".to_string(),
                        Era::Tf1 => format!("Output {name}missing from `_sample_weight_modes` dictionary"),
                    }))
                })
            }
            Value::Array(items) if items.len() != outputs.len() => {
                let shown = match self.era {
                    Era::Keras1 | Era::Keras2 => {
                        format!("sample_weight_mode={}", shown::repr(self.compiling.runtime, self.modes)?)
                    }
                    Era::Keras23 => format!("{}sample_weight_modes", items.len()),
                    Era::Tf1 => format!("{}_sample_weight_modes.", items.len()),
                };
                let s = if self.era == Era::Keras1 { "s" } else { "" };
                Err(shown::value_error(format!(
                    "When passing a list as sample_weight_mode, it should have one entry per model output{s}. The model \
                     has {} outputs, but you passed {shown}",
                    outputs.len()
                )))
            }
            Value::Null | Value::Array(_) => Ok(()),
            mode if self.era == Era::Tf1 && mode != "temporal" => Err(Stop::raised("AssertionError", "")),
            _ => Ok(()),
        }
    }

    fn known_modes(&self, map: &Map<String, Value>) -> Attempt<()> {
        let outputs = self.compiling.outputs()?;
        let unknown: Vec<&String> = map.keys().filter(|key| !outputs.contains(key)).collect();
        match unknown.as_slice() {
            [] => Ok(()),
            [one] if self.era == Era::Keras23 => {
                let expected = shown::names(self.compiling.runtime, outputs)?;
                Err(shown::value_error(format!(
                    "Unknown entry in sample_weight_mode dictionary: \"{{'{one}'}}\". Only expected the following \
                     keys: {expected}"
                )))
            }
            _ => self.known_keys("sample_weight_mode", map),
        }
    }
}
