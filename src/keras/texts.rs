//! The attributes `model_config` and `training_config`: from text to graph, and what else they say.

use serde_json::Value;

use super::network::{MODEL_CLASSES, Network};
use super::references::Survey;
use super::training::{Training, TrainingConfig};
use super::{Architecture, Problem, SavedBy, WeightTable, json, parse};
use crate::hdf5::{self, Attribute};
use crate::limits;

/// What the two configs say beyond the graph.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// What Python says of a `model_config` that is no JSON.
    pub json_error: Option<String>,
    /// The same of `training_config`.
    pub training_error: Option<String>,
    /// The text of `model_config`.
    pub model_config: Option<String>,
    /// The text of `training_config`.
    pub training_config: Option<String>,
    /// Whether `model_config` is marked as UTF-8 text. Keras writes bytes, which HDF5 has as ASCII.
    pub utf8: bool,
    /// Whether `model_config` is a JSON text inside a JSON text.
    pub twice: bool,
    /// The character of `model_config` at which bytes stand that are no UTF-8.
    pub undecodable: Option<usize>,
    /// Keys that an object of `model_config` has twice.
    pub repeated: Vec<String>,
    /// What is referred to beyond Keras, and what tells versions apart.
    pub survey: Survey,
}

impl Texts {
    /// Reads `model_config`.
    pub(super) fn architecture(
        &mut self,
        root: &hdf5::Group<'_>,
        saved_by: &SavedBy,
        weights: &mut WeightTable,
    ) -> Architecture {
        let text = match root.attribute("model_config") {
            Ok(Attribute::Text(text)) => text,
            Ok(_) => return Architecture::Broken("model_config is not one string".into()),
            Err(hdf5::Error::Missing(_)) => return Architecture::Absent,
            Err(error) => {
                let reason = error.to_string();
                weights
                    .problems
                    .push(Problem::Damaged { object: "@model_config".into(), reason: reason.clone() });
                return Architecture::Broken(reason);
            }
        };
        self.utf8 = root.is_utf8("model_config");
        let network = self.network(&text, saved_by);
        self.model_config = Some(text);
        network.map_or_else(Architecture::Broken, Architecture::Network)
    }

    fn network(&mut self, text: &str, saved_by: &SavedBy) -> Result<Network, String> {
        let value = self.value("model_config", text)?;
        self.survey.look(&value, false);
        parse::network(&value, saved_by.generation() == Some('3'))
    }

    /// The value of the config that has the graph.
    fn value(&mut self, name: &str, text: &str) -> Result<Value, String> {
        self.undecodable = text.chars().position(|letter| letter == char::REPLACEMENT_CHARACTER);
        match read(name, text) {
            Ok(parsed) => {
                self.twice = text.trim_start().starts_with('"');
                self.repeated = parsed.repeated;
                Ok(parsed.value)
            }
            Err(error) => {
                self.json_error = error.python;
                Err(error.reason)
            }
        }
    }

    /// Reads the `config.json` of a `.keras`: the graph, and beside it what the model was compiled with.
    pub(super) fn config_json(&mut self, text: &str, saved_by: &SavedBy) -> (Architecture, Training) {
        let mut value = match self.value("config.json", text) {
            Ok(value) => value,
            Err(reason) => return (Architecture::Broken(reason), Training::Absent),
        };
        let compiled = value.as_object_mut().and_then(|config| config.remove("compile_config"));
        self.survey.look(&value, false);
        let architecture = match parse::network(&value, saved_by.generation() == Some('3')) {
            Ok(network) => Architecture::Network(network),
            Err(_) if is_subclassed(&value) => Architecture::Absent,
            Err(reason) => Architecture::Broken(reason.replace("model_config", "config.json")),
        };
        (architecture, self.compiled(compiled))
    }

    fn compiled(&mut self, config: Option<Value>) -> Training {
        match config.filter(|config| !config.is_null()) {
            Some(config) => {
                self.survey.look(&config, true);
                TrainingConfig::read(&config).map_or_else(Training::Broken, Training::Config)
            }
            None => Training::Absent,
        }
    }

    /// Reads `training_config`.
    pub(super) fn training(&mut self, root: &hdf5::Group<'_>) -> Training {
        let text = match root.attribute("training_config") {
            Ok(Attribute::Text(text)) => text,
            Ok(_) => return Training::Broken("training_config is not one string".into()),
            Err(hdf5::Error::Missing(_)) => return Training::Absent,
            Err(error) => return Training::Broken(error.to_string()),
        };
        let training = match read("training_config", &text) {
            Ok(parsed) => {
                self.survey.look(&parsed.value, true);
                TrainingConfig::read(&parsed.value).map_or_else(Training::Broken, Training::Config)
            }
            Err(error) => {
                self.training_error = error.python;
                Training::Broken(error.reason)
            }
        };
        self.training_config = Some(text);
        training
    }
}

/// Whether the config is that of a subclassed model, which has the name of the class and no layers.
fn is_subclassed(config: &Value) -> bool {
    let class = config.get("class_name").and_then(Value::as_str);
    class.is_some_and(|class| !MODEL_CLASSES.contains(&class))
        && config.get("config").is_some_and(|config| config.is_object() && config.get("layers").is_none())
}

/// Why a text is no config.
struct NoConfig {
    /// In our words.
    reason: String,
    /// In Python's, where it is Python that stumbles.
    python: Option<String>,
}

/// The value of a config; some scripts encode the JSON twice.
fn read(name: &str, text: &str) -> Result<json::Parsed, NoConfig> {
    if text.len() > limits::MAX_JSON_BYTES {
        let reason = format!(
            "{name} has {} bytes, more than the {} that are read",
            text.len(),
            limits::MAX_JSON_BYTES
        );
        return Err(NoConfig { reason, python: None });
    }
    let told = |error: String| NoConfig {
        reason: format!("{name} is not valid JSON: {error}"),
        python: Some(error),
    };
    if text.trim().is_empty() {
        let python = json::parse(text).err();
        return Err(NoConfig { reason: format!("{name} is empty"), python });
    }
    let parsed = json::parse(text).map_err(told)?;
    match parsed.value {
        Value::String(inner) => json::parse(&inner).map_err(told),
        _ => Ok(parsed),
    }
}
