//! What a config calls by name beyond Keras, and the code it carries: the ways in which loading a file can run something.

use serde_json::{Map, Value};

use super::python::Function;
use super::traits::{ARGUMENTS, Argument};
use crate::limits;

/// Something in a config that is not Keras'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The layer, with the models around it, or empty outside of layers.
    pub place: String,
    /// Whether it is in `training_config`.
    pub training: bool,
    /// What it is.
    pub what: What,
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Python code in the file, as far as it can be read.
    Code(Result<Function, String>),
    /// A function by its name alone, which whoever loads the file must supply.
    NamedFunction(String),
    /// A class or function of a package that is not Keras'.
    Package {
        /// Its module.
        module: String,
        /// Its name there.
        name: String,
    },
    /// A function that does something outside of the model: `os.system`, `keras.utils.get_file`.
    Dangerous {
        /// Its module.
        module: String,
        /// Its name there.
        name: String,
    },
    /// Pickled Python objects (`TorchModuleWrapper`), which are code, too.
    Pickle(String),
    /// A file outside, that loading reads.
    Outside {
        /// The class that reads it.
        class: String,
        /// Its path.
        path: String,
    },
}

/// An argument that only some versions write, where it was seen first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The argument.
    pub argument: &'static Argument,
    /// The layer.
    pub place: String,
    /// The class.
    pub class: String,
    /// Layers that have it.
    pub layers: usize,
}

/// What was found in one or two configs.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// References, in the order of the text.
    pub references: Vec<Reference>,
    /// Arguments of [`ARGUMENTS`] that there are.
    pub seen: Vec<Seen>,
    /// Whether a model has the class `Functional`.
    pub functional: bool,
    /// Whether there is an InputLayer, which tells versions apart by its arguments.
    pub input_layer: bool,
    path: String,
    training: bool,
}

/// Packages that are Keras, or that Keras' own configs name.
const KERAS: &[&str] =
    &["keras", "tensorflow", "tf_keras", "keras_core", "keras_cv", "keras_nlp", "keras_hub", "__main__"];

/// Packages of Python and others with which a function leaves the model, modules below them included.
const DANGEROUS: &[&str] = &[
    "_io",
    "_pickle",
    "_posixsubprocess",
    "asyncio",
    "cloudpickle",
    "ctypes",
    "dill",
    "ftplib",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pickle",
    "pip",
    "pkgutil",
    "posix",
    "pty",
    "requests",
    "runpy",
    "setuptools",
    "shutil",
    "smtplib",
    "socket",
    "socketserver",
    "subprocess",
    "sys",
    "telnetlib",
    "tempfile",
    "urllib",
    "webbrowser",
    "zipfile",
];

/// The same, whose names people give to folders of their own too: not what is below them.
const DANGEROUS_ALONE: &[&str] = &[
    "code", "codeop", "commands", "glob", "http", "inspect", "io", "operator", "pathlib", "platform",
    "signal", "timeit",
];

/// Functions of Python's builtins that do more than compute.
const BUILTINS: &[&str] = &[
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "getattr",
    "input",
    "open",
    "setattr",
];

/// Functions of Keras and TensorFlow that read, write, download or switch protections off.
const GADGETS: &[&str] = &[
    "deserialize_keras_object",
    "enable_unsafe_deserialization",
    "func_load",
    "get_file",
    "io.read_file",
    "io.write_file",
    "load_model",
    "load_weights",
    "numpy_function",
    "py_function",
    "read_file",
    "save_model",
    "set_global_attribute",
    "write_file",
];

/// Layers with arguments that are paths of files.
const PATHS: &[(&str, &str)] = &[
    ("TFSMLayer", "filepath"),
    ("StringLookup", "vocabulary"),
    ("IntegerLookup", "vocabulary"),
    ("TextVectorization", "vocabulary"),
];

impl Survey {
    /// Looks through a config. `training` says that it is `training_config`.
    pub fn look(&mut self, root: &Value, training: bool) {
        self.training = training;
        self.path.clear();
        if let Value::Object(map) = root {
            // The model's own name is not part of its layers' paths.
            self.object(map, false);
            self.children(map);
        }
    }

    fn value(&mut self, value: &Value, is_layer: bool) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.value(item, is_layer)),
            Value::Object(map) => {
                let length = self.path.len();
                self.enter(map);
                self.object(map, is_layer);
                self.children(map);
                self.path.truncate(length);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn children(&mut self, map: &Map<String, Value>) {
        for (key, value) in map {
            self.value(value, key == "layers");
        }
    }

    /// Adds the name of a layer to the path.
    fn enter(&mut self, map: &Map<String, Value>) {
        let name = map.get("name").or_else(|| map.get("config")?.get("name")).and_then(Value::as_str);
        let fits = |name: &&str| self.path.len() + name.len() < limits::MAX_PATH_BYTES;
        if let Some(name) = name.filter(fits).filter(|_| map.contains_key("class_name")) {
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.push_str(name);
        }
    }

    fn add(&mut self, what: What) {
        if self.references.len() < limits::MAX_REFERENCES {
            self.references.push(Reference { place: self.path.clone(), training: self.training, what });
        }
    }

    fn object(&mut self, map: &Map<String, Value>, is_layer: bool) {
        let Some(class) = map.get("class_name").and_then(Value::as_str) else { return };
        let config = map.get("config").unwrap_or(&Value::Null);
        self.functional |= class == "Functional" && config.get("layers").is_some();
        self.input_layer |= class == "InputLayer";
        self.module(class, map, config, is_layer);
        self.arguments(class, config);
        match class {
            "Lambda" => self.lambda(config),
            "__lambda__" => self.add(What::Code(code(config))),
            "TorchModuleWrapper" => self.add(What::Pickle(class.to_string())),
            _ => {}
        }
        for (_, key) in PATHS.iter().filter(|(of, _)| *of == class) {
            if let Some(path) = config.get(key).and_then(Value::as_str) {
                self.add(What::Outside { class: class.to_string(), path: path.to_string() });
            }
        }
    }

    /// Arguments that only some versions write. Where a layer stands in the graph does not matter.
    fn arguments(&mut self, class: &str, config: &Value) {
        for argument in ARGUMENTS.iter().filter(|argument| argument.classes.contains(&class)) {
            if config.get(argument.name).is_none() {
                continue;
            }
            match self.seen.iter_mut().find(|seen| std::ptr::eq(seen.argument, argument)) {
                Some(seen) => seen.layers += 1,
                None => {
                    let (place, class) = (self.path.clone(), class.to_string());
                    self.seen.push(Seen { argument, place, class, layers: 1 });
                }
            }
        }
    }

    /// A `Lambda` layer: its function, and the one that computes its output's shape. Code in `__lambda__` is found by itself.
    fn lambda(&mut self, config: &Value) {
        let is_list = |key: &str| config.get(key).filter(|value| value.is_array());
        let functions = [is_list("function"), is_list("output_shape").filter(|shape| shape[0].is_string())];
        for function in functions.into_iter().flatten() {
            self.add(What::Code(code(function)));
        }
        match config.get("function") {
            Some(Value::String(name))
                if config.get("function_type").and_then(Value::as_str) != Some("lambda") =>
            {
                self.add(What::NamedFunction(name.clone()));
            }
            Some(function @ Value::String(_)) => self.add(What::Code(code(function))),
            Some(Value::Object(map)) if map.get("class_name").and_then(Value::as_str) == Some("function") => {
                let name = map.get("config").and_then(Value::as_str).unwrap_or_default();
                self.add(What::NamedFunction(name.to_string()));
            }
            Some(Value::Array(_) | Value::Object(_)) => {}
            _ => self.add(What::Code(Err("it is not there".into()))),
        }
    }

    /// The module in which Keras looks for a class or function.
    fn module(&mut self, class: &str, map: &Map<String, Value>, config: &Value, is_layer: bool) {
        let is_function = ["function", "TFOpLambda"].contains(&class);
        let named = config.as_str().or_else(|| config.get("function")?.as_str());
        let name = named.filter(|_| is_function).unwrap_or(class);
        if class == "TFOpLambda" && GADGETS.contains(&name) {
            self.add(What::Dangerous { module: "tf".into(), name: name.to_string() });
        }
        for place in [Some(map), config.as_object()].into_iter().flatten() {
            let Some(module) = place.get("module").and_then(Value::as_str) else { continue };
            let (module, name) = (module.to_string(), name.to_string());
            match kind(&module, &name, is_function) {
                // A Lambda of code only says where it was written.
                Kind::Dangerous if class == "Lambda" && named.is_none() => {}
                Kind::Dangerous => {
                    self.add(What::Dangerous { module, name: named.unwrap_or(&name).to_string() })
                }
                // Who supplies a layer or the function of a Lambda is asked elsewhere.
                Kind::Package if !is_layer && class != "Lambda" => self.add(What::Package { module, name }),
                Kind::Package | Kind::Keras => {}
            }
        }
    }
}

/// Whose a module is.
enum Kind {
    Keras,
    Package,
    Dangerous,
}

fn kind(module: &str, name: &str, is_function: bool) -> Kind {
    let root = module.split('.').next().unwrap_or_default();
    match root {
        "builtins" | "__builtin__" if BUILTINS.contains(&name) => Kind::Dangerous,
        "builtins" | "__builtin__" | "" => Kind::Keras,
        _ if DANGEROUS.contains(&root) || DANGEROUS_ALONE.contains(&module) => Kind::Dangerous,
        _ if KERAS.contains(&root) && is_function && GADGETS.contains(&name) => Kind::Dangerous,
        _ if KERAS.contains(&root) => Kind::Keras,
        _ => Kind::Package,
    }
}

/// The function in `[code, defaults, closure]`, `{code, …}` or a text.
fn code(value: &Value) -> Result<Function, String> {
    let text = match value {
        Value::Array(items) => items.first().and_then(Value::as_str),
        Value::Object(map) => map.get("code").or_else(|| map.get("value")?.get(0)).and_then(Value::as_str),
        _ => value.as_str(),
    };
    Function::read(text.ok_or("there is no text of it")?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn look(config: Value) -> Survey {
        let mut survey = Survey::default();
        survey.look(&config, false);
        survey
    }

    fn model(layer: Value) -> Value {
        json!({"class_name": "Functional", "config": {"name": "m", "layers": [layer]}})
    }

    #[track_caller]
    fn check(layer: Value, place: &str, what: What) {
        let found = look(model(layer)).references;
        assert_eq!(found, [Reference { place: place.into(), training: false, what }]);
    }

    fn dangerous(module: &str, name: &str) -> What {
        What::Dangerous { module: module.into(), name: name.into() }
    }

    #[test]
    fn lambdas_are_found_at_any_depth() {
        let lambda = json!({"class_name": "Lambda", "config": {"name": "l", "function": ["!", null, null], "function_type": "lambda"}});
        let code = || What::Code(Err("it is neither base64 nor bytes".into()));
        let unreadable = || What::Code(Err("it is no code of Python 2.7 or 3.0 to 3.13".into()));
        check(lambda.clone(), "l", unreadable());
        let wrapped = json!({"class_name": "TimeDistributed", "config": {"name": "t", "layer": lambda}});
        check(wrapped.clone(), "t/l", unreadable());
        let nested = json!({"class_name": "Sequential", "config": {"name": "s", "layers": [wrapped]}});
        check(nested, "s/t/l", unreadable());
        let keras3 = json!({"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "€"}}}});
        check(keras3, "l", code());
    }

    #[test]
    fn functions_by_name_are_no_code() {
        let named = json!({"class_name": "Lambda", "config": {"name": "l", "function": "scale", "function_type": "function", "module": "m"}});
        check(named, "l", What::NamedFunction("scale".into()));
        let function = json!({"module": "builtins", "class_name": "function", "config": "scale", "registered_name": "function"});
        let keras3 = json!({"class_name": "Lambda", "config": {"name": "l", "function": function}});
        check(keras3, "l", What::NamedFunction("scale".into()));
    }

    #[test]
    fn modules_outside_keras_are_told_apart() {
        let in_layer = |object: Value| json!({"class_name": "Dense", "config": {"name": "d", "kernel_initializer": object}});
        let of = |module: &str, class: &str| json!({"module": module, "class_name": class, "config": {}});
        check(in_layer(of("os", "system")), "d", dangerous("os", "system"));
        check(in_layer(of("builtins", "eval")), "d", dangerous("builtins", "eval"));
        let get_file = json!({"module": "keras.utils", "class_name": "function", "config": "get_file"});
        check(in_layer(get_file), "d", dangerous("keras.utils", "get_file"));
        let mine = What::Package { module: "my.init".into(), name: "Mine".into() };
        check(in_layer(of("my.init", "Mine")), "d", mine);
        for module in [
            "keras.initializers",
            "keras.src.initializers",
            "tf_keras.src.x",
            "tensorflow.python.keras",
            "builtins",
        ] {
            assert!(look(model(in_layer(of(module, "Zeros")))).references.is_empty(), "{module}");
        }
        let named = json!({"name": "l", "function": "system", "function_type": "function", "module": "os"});
        let found = look(model(json!({"class_name": "Lambda", "config": named}))).references;
        assert_eq!(found[0].what, dangerous("os", "system"));
        let in_code = What::Package { module: "code.init".into(), name: "Mine".into() };
        check(in_layer(of("code.init", "Mine")), "d", in_code);
        let layer = json!({"class_name": "Mine", "module": "my.layers", "config": {"name": "x"}});
        assert!(look(model(layer)).references.is_empty());
    }

    #[test]
    fn what_else_runs_or_reads_is_found() {
        check(
            json!({"class_name": "TorchModuleWrapper", "config": {"name": "t"}}),
            "t",
            What::Pickle("TorchModuleWrapper".into()),
        );
        let saved = What::Outside { class: "TFSMLayer".into(), path: "/tmp/x".into() };
        check(json!({"class_name": "TFSMLayer", "config": {"name": "t", "filepath": "/tmp/x"}}), "t", saved);
        let lookup = json!({"class_name": "StringLookup", "config": {"name": "t", "vocabulary": ["a", "b"]}});
        assert!(look(model(lookup)).references.is_empty());
        let write = json!({"class_name": "TFOpLambda", "config": {"name": "t", "function": "io.write_file"}});
        check(write, "t", dangerous("tf", "io.write_file"));
    }

    #[test]
    fn arguments_of_some_versions_are_counted() {
        let conv = json!({"class_name": "Conv2D", "config": {"name": "c", "groups": 1}});
        let survey = look(json!({"class_name": "Model", "config": {"layers": [conv.clone(), conv]}}));
        let seen: Vec<_> =
            survey.seen.iter().map(|s| (s.argument.name, s.place.as_str(), s.layers)).collect();
        assert_eq!((seen, survey.functional), (vec![("groups", "c", 2)], false));
    }
}
