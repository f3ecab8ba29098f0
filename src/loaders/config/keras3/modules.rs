//! `serialization_lib.deserialize_keras_object`: layers whose config has a `module`.

use serde_json::{Map, Value};

use super::Keras;
use super::graph::LayerId;
use super::py;
use crate::loaders::facts::{Class, Facts, Kind};
use crate::loaders::{Attempt, Loader, RUNTIMES, Raised, Stop, python};

/// Packages that Keras still imports modules from for a config's sake, since 3.9.
const IMPORTED: [&str; 4] = ["keras", "keras_hub", "keras_cv", "keras_nlp"];

/// Modules that every Keras 3 has.
const MODULES: [&str; 13] = [
    "keras",
    "keras.activations",
    "keras.applications",
    "keras.constraints",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.models",
    "keras.optimizers",
    "keras.regularizers",
    "keras.saving",
    "keras.utils",
];

impl Keras<'_> {
    /// A layer of a config with `module`.
    pub fn deserialize_module(&mut self, config: &mut Value) -> Attempt<LayerId> {
        if config.get("class_name").is_none() || config.get("config").is_none() {
            return Err(self.no_layer("dict"));
        }
        self.check_inner(config)?;
        let class = self.class_of_module(config)?;
        let inner = config.get_mut("config").and_then(Value::as_object_mut);
        let made = match inner {
            Some(inner) => self.make(class, inner),
            None => self.make(class, &mut Map::new()),
        };
        let layer = made.map_err(|stop| explained(stop, &shown_class(class), config))?;
        self.build_from_config(layer, config)?;
        Ok(layer)
    }

    fn check_inner(&self, config: &Value) -> Attempt<()> {
        let inner = py::item(config, "config")?;
        if inner.is_object() || inner.is_null() {
            return Ok(());
        }
        let name = python::str(py::item(config, "class_name")?);
        let message = format!(
            "Expected 'config' to be a dict for {name},\ninstead got {}\nFull config: {}",
            py::shown_type(inner),
            python::repr(config)
        );
        Err(Stop::raised("TypeError", message))
    }

    /// What isn't a layer is refused since 3.9.
    fn no_layer(&self, found: &str) -> Stop {
        if !self.since([3, 9, 0]) {
            return Stop::unknown("an object among the layers is no layer");
        }
        let message = format!(
            "Unexpected object from deserialization, expected a layer or operation, got a <class '{found}'>"
        );
        Stop::raised("ValueError", message)
    }

    /// `_retrieve_class_or_fn`
    fn class_of_module(&self, config: &Value) -> Attempt<&'static Class> {
        let name = python::str(py::item(config, "class_name")?);
        let module = config.get("module").and_then(Value::as_str).unwrap_or("");
        let is_keras = module == "keras" || module.starts_with("keras.");
        if is_keras && self.facts.exports(module, &name) {
            self.check_registered(config, &name, &format!("{module}.{name}"))?;
            return self.facts.class(Kind::ModuleLayers, &name).ok_or_else(|| not_asked(module, &name));
        }
        match self.imported(module, &name) {
            Some(class) => Ok(class),
            None => Err(self.not_found(config, module, &name)),
        }
    }

    /// The class under its own module: `keras.src.models.functional` has `Functional`.
    fn imported(&self, module: &str, name: &str) -> Option<&'static Class> {
        let class =
            self.facts.class(Kind::ModuleLayers, name).or_else(|| self.facts.class(Kind::Layers, name))?;
        let (home, _) = path(class).rsplit_once('.')?;
        (home == module).then_some(class)
    }

    /// A built-in class has no registered name; since 3.15 a config that gives it one is refused.
    fn check_registered(&self, config: &Value, name: &str, resolved: &str) -> Attempt<()> {
        let registered = config.get("registered_name").unwrap_or(&Value::Null);
        if !self.since([3, 15, 0]) || !py::truth(registered) || registered.as_str() == Some(name) {
            return Ok(());
        }
        let message = format!(
            "`registered_name={}` was provided in the config, but '{resolved}' resolved to a Keras built-in and does not use \
             registered names. Remove the `registered_name` field from the config. Full object config: {}",
            python::repr(registered),
            python::repr(config)
        );
        Err(Stop::raised("ValueError", message))
    }

    fn not_found(&self, config: &Value, module: &str, name: &str) -> Stop {
        let package = module.split('.').next().unwrap_or_default();
        let imports = !module.is_empty() && (!self.since([3, 9, 0]) || IMPORTED.contains(&package));
        if !imports {
            return self.not_located(config, name);
        }
        if MODULES.contains(&module) {
            return match self.since([3, 11, 0]) {
                true => Stop::raised("ValueError", not_saveable(module, name)),
                false => self.not_located(config, name),
            };
        }
        let message = format!(
            "Could not deserialize class '{name}' because its parent module {module} cannot be imported. Full object \
             config: {}",
            python::repr(config)
        );
        Stop::raised("TypeError", message)
    }

    fn not_located(&self, config: &Value, name: &str) -> Stop {
        let advice = if self.since([3, 12, 0]) {
            "Make sure custom classes and functions are decorated with \
             `@keras.saving.register_keras_serializable()`. If they are already decorated, make sure they are all imported so \
             that the decorator is run before trying to load them."
        } else {
            "Make sure custom classes are decorated with `@keras.saving.register_keras_serializable()`."
        };
        let shown = python::repr(config);
        Stop::raised(
            "TypeError",
            format!("Could not locate class '{name}'. {advice} Full object config: {shown}"),
        )
    }
}

fn not_asked(module: &str, name: &str) -> Stop {
    Stop::unknown(format!("what {module}.{name} takes is not recorded"))
}

fn not_saveable(module: &str, name: &str) -> String {
    format!("Could not deserialize '{module}.{name}' because it is not a KerasSaveable subclass")
}

/// `str(cls)`
pub fn shown_class(class: &Class) -> String {
    format!("<class '{}'>", path(class))
}

/// A class's name with its module. Where a runtime's table leaves it out, it is as in another Keras 3.
fn path(class: &Class) -> &str {
    let own = class.path.as_deref().or(match class.name.as_str() {
        "Functional" => Some("keras.src.models.functional.Functional"),
        "Model" => Some("keras.src.models.model.Model"),
        "Sequential" => Some("keras.src.models.sequential.Sequential"),
        _ => None,
    });
    let kinds = [Kind::ModuleLayers, Kind::Layers, Kind::Initializers, Kind::Regularizers, Kind::Constraints];
    let others = || RUNTIMES.iter().filter(|runtime| runtime.loader == Loader::Keras3);
    let found = || {
        let mut tables = others().filter_map(|runtime| Facts::of(runtime.facts));
        tables
            .find_map(|facts| kinds.iter().find_map(|kind| facts.class(*kind, &class.name)?.path.as_deref()))
    };
    own.or_else(found).unwrap_or(&class.name)
}

/// What is put around a `TypeError` of an object's constructor.
pub fn explained(stop: Stop, class: &str, config: &Value) -> Stop {
    let Stop::Raised(Raised { exception, message }) = stop else { return stop };
    if exception != "TypeError" {
        return Stop::raised(&exception, message);
    }
    let message = format!(
        "{class} could not be deserialized properly. Please ensure that components that are Python object instances (layers, \
         models, etc.) returned by `get_config()` are explicitly deserialized in the model's `from_config()` method.\n\n\
         config={}.\n\nException encountered: {message}",
        python::repr(config)
    );
    Stop::raised("TypeError", message)
}
