//! Making a layer of its config: `from_config`, and the constructors behind it.

use serde_json::{Map, Value};

use super::Keras;
use super::graph::{Layer, LayerId};
use super::parts;
use super::py;
use super::shape::Shape;
use super::spec;
use super::values;
use crate::loaders::facts::{Arguments, Class, Kind};
use crate::loaders::{Attempt, Raised, Stop, python};

/// Layers whose `from_config` only calls the constructor, so that nothing is put around what that raises.
const BARE: [&str; 6] = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "SimpleRNN"];
/// Layers that hold another.
const WRAPPERS: [&str; 4] = ["Bidirectional", "SpectralNormalization", "TimeDistributed", "Wrapper"];
/// Layers that take a `quantization_config` out of every config, since 3.13.
const QUANTIZED: [&str; 3] = ["Dense", "EinsumDense", "Embedding"];

impl Keras<'_> {
    /// `cls.from_config(config)`
    pub fn make(&mut self, class: &'static Class, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        match class.name.as_str() {
            "Functional" | "Model" => self.model(class, config),
            "Sequential" => self.sequential(config),
            "Lambda" => self.lambda(class, config),
            name if WRAPPERS.contains(&name) => self.wrapper(class, config),
            name if self.is_bare(name) => self.construct(class, config.clone()),
            _ => self.operation(class, config.clone()),
        }
    }

    fn is_bare(&self, name: &str) -> bool {
        BARE.contains(&name) || (name == "Rescaling" && self.since([3, 5, 0]))
    }

    /// `Operation.from_config`: whatever the constructor raises is wrapped.
    pub fn operation(&mut self, class: &'static Class, mut config: Map<String, Value>) -> Attempt<LayerId> {
        if QUANTIZED.contains(&class.name.as_str()) && self.since([3, 13, 0]) {
            config.entry("quantization_config").or_insert(Value::Null);
        }
        if self.since([3, 4, 0]) {
            self.name_policy(&mut config)?;
        }
        self.construct(class, config.clone()).map_err(|stop| wrapped(stop, class, &config))
    }

    /// Puts the name of a policy in place of its config.
    fn name_policy(&mut self, config: &mut Map<String, Value>) -> Attempt<()> {
        let Some(dtype) = config.get_mut("dtype").filter(|dtype| dtype.is_object()) else { return Ok(()) };
        let name = self.policy_of_config(dtype)?;
        *dtype = Value::from(name);
        Ok(())
    }

    /// `cls(layer, **config)` with the layer made of its config.
    fn wrapper(&mut self, class: &'static Class, config: &mut Map<String, Value>) -> Attempt<LayerId> {
        let mut inner = config.shift_remove("layer").ok_or_else(|| py::key_error("layer"))?;
        let layer = self.deserialize_module(&mut inner)?;
        let mut given = config.clone();
        given.insert("layer".to_string(), Value::from(self.layers[layer].name.clone()));
        self.sure_of_names = false;
        self.construct(class, given)
    }

    /// `cls(**config)`
    pub fn construct(&mut self, class: &'static Class, config: Map<String, Value>) -> Attempt<LayerId> {
        let unknown = unknown_arguments(class, &config);
        refuse_at_binding(class, &unknown)?;
        refuse_missing(class, &config)?;
        values::before(class, &config)?;
        let mut layer = self.bare_layer(class, config, &unknown)?;
        if layer.is_input() {
            return self.input(layer);
        }
        values::early(&layer)?;
        for (argument, kind) in parts::of(&class.name) {
            self.object(*kind, layer.config.get(*argument).unwrap_or(&Value::Null))?;
        }
        values::late(&layer)?;
        layer.spec = spec::of(&layer);
        // Up to 3.11 a Reshape looks at its input when it is built.
        layer.built =
            values::is_built_at_once(&class.name) && (class.name != "Reshape" || self.since([3, 12, 0]));
        self.layers.push(layer);
        Ok(self.layers.len() - 1)
    }

    /// `Layer.__init__`
    fn bare_layer(
        &mut self,
        class: &'static Class,
        config: Map<String, Value>,
        unknown: &Map<String, Value>,
    ) -> Attempt<Layer> {
        let name = self.layer_name(class, config.get("name").unwrap_or(&Value::Null))?;
        let dtype_first = self.since([3, 1, 0]);
        let mut dtype = ("float32".to_string(), "float32".to_string());
        let given = config.get("dtype").unwrap_or(&Value::Null);
        let is_input = class.name == "InputLayer";
        if dtype_first && !is_input {
            dtype = self.policy(given)?;
        }
        let regularizer = config.get("activity_regularizer").unwrap_or(&Value::Null);
        self.object(Kind::Regularizers, regularizer)?;
        refuse_in_base(class, unknown)?;
        if !dtype_first && !is_input {
            dtype = self.policy(given)?;
        }
        self.check_trainable(config.get("trainable"))?;
        Ok(Layer {
            name,
            class: Some(class),
            config,
            version: self.runtime.version,
            dtype,
            spec: None,
            built: false,
            weights: None,
            nodes: Vec::new(),
            model: None,
        })
    }

    /// A layer's name: as given, else an automatic one.
    pub fn layer_name(&mut self, class: &Class, name: &Value) -> Attempt<String> {
        match name {
            Value::Null => Ok(self.auto_name(&snake_case(&class.name))),
            Value::String(name) if !name.contains('/') => Ok(name.clone()),
            other => {
                let message = format!(
                    "Argument `name` must be a string and cannot contain character `/`. Received: name={} (of type {})",
                    python::str(other),
                    py::shown_type(other)
                );
                Err(Stop::raised("ValueError", message))
            }
        }
    }

    fn check_trainable(&self, trainable: Option<&Value>) -> Attempt<()> {
        match trainable {
            Some(other) if self.since([3, 15, 0]) && !other.is_boolean() => {
                let (shown, found) = (python::str(other), py::shown_type(other));
                let message = format!(
                    "Expected `trainable` to be a boolean. Received: trainable={shown} (of type {found})"
                );
                Err(Stop::raised("ValueError", message))
            }
            _ => Ok(()),
        }
    }

    /// `InputLayer.__init__`
    fn input(&mut self, mut layer: Layer) -> Attempt<LayerId> {
        let shape = self.batch_shape(&layer.config)?;
        let dtype = self.standard_dtype(layer.config.get("dtype").unwrap_or(&Value::Null))?;
        let name = layer.config.get("name").and_then(Value::as_str).map(str::to_string);
        layer.dtype = (dtype.clone(), dtype.clone());
        layer.built = true;
        layer.weights = Some(Vec::new());
        self.layers.push(layer);
        let id = self.layers.len() - 1;
        let sparse = self.shown_sparse(id);
        let tensor = self.tensor(shape, &dtype, name);
        self.tensors[tensor].sparse = sparse;
        self.record(id, Vec::new(), vec![tensor]);
        Ok(id)
    }

    /// Up to 3.4 a tensor says of being sparse what its input was given.
    fn shown_sparse(&self, input: LayerId) -> &'static str {
        match self.layers[input].argument("sparse") {
            Value::Null if !self.since([3, 5, 0]) => "None",
            sparse if py::truth(sparse) => "True",
            _ => "False",
        }
    }

    /// The shape of an input, the batch among it.
    fn batch_shape(&self, config: &Map<String, Value>) -> Attempt<Shape> {
        let given = |name: &str| config.get(name).filter(|value| !value.is_null());
        let shape = given("input_shape").or_else(|| given("shape"));
        let batch_shape = given("batch_input_shape").or_else(|| given("batch_shape"));
        let batch = given("batch_size");
        let both = |other: &str| {
            let message = format!("You cannot pass both `{other}` and `batch_shape` at the same time.");
            Stop::raised("ValueError", message)
        };
        match (shape, batch_shape) {
            (Some(_), Some(_)) => Err(both("shape")),
            (_, Some(_)) if batch.is_some() => Err(both("batch_size")),
            (None, None) => Err(Stop::raised("ValueError", "You must pass a `shape` argument.")),
            (None, Some(batch_shape)) => values::shape(batch_shape, self.shape_entry()),
            (Some(shape), None) => {
                let inner = values::shape(shape, self.shape_entry())?;
                let axes = inner.items().unwrap_or(&[]).iter().cloned();
                let batch = batch.and_then(Value::as_i64).map_or(Shape::Any, Shape::Axis);
                Ok(Shape::Tuple(std::iter::once(batch).chain(axes).collect()))
            }
        }
    }

    /// Keras' word for what stands in a shape.
    pub fn shape_entry(&self) -> &'static str {
        if self.since([3, 13, 0]) { "dimension" } else { "entry" }
    }
}

/// Arguments that a class doesn't take, in their order.
fn unknown_arguments(class: &Class, config: &Map<String, Value>) -> Map<String, Value> {
    let refused = config.iter().filter(|(name, _)| class.takes(name) == Some(false));
    refused.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether a class refuses by Python's own means, before its constructor runs.
fn refuses_at_binding(class: &Class) -> bool {
    class.refusal.as_ref().is_some_and(|refusal| refusal.exception == "TypeError")
}

fn refuse_at_binding(class: &Class, unknown: &Map<String, Value>) -> Attempt<()> {
    if refuses_at_binding(class) { refuse(class, unknown) } else { Ok(()) }
}

fn refuse_in_base(class: &Class, unknown: &Map<String, Value>) -> Attempt<()> {
    if refuses_at_binding(class) { Ok(()) } else { refuse(class, unknown) }
}

/// What a class says to arguments that it doesn't take.
pub fn refuse(class: &Class, unknown: &Map<String, Value>) -> Attempt<()> {
    let (Some(first), Some(last)) = (unknown.keys().next(), unknown.keys().next_back()) else {
        return Ok(());
    };
    if let Some(refusal) = class.odd.get(first) {
        return Err(Stop::Raised(refusal.filled(&[("first", first)])));
    }
    let Some(refusal) = &class.refusal else {
        return Err(Stop::unknown(format!("what {} says to `{first}` isn't recorded", class.name)));
    };
    let values = [
        ("first", first.as_str()),
        ("last", last.as_str()),
        ("class", class.name.as_str()),
        ("list", &python::list(unknown.keys())),
        ("dict", &python::dict(unknown)),
    ];
    Err(Stop::Raised(refusal.filled(&values)))
}

/// What Python says where arguments are missing.
pub fn refuse_missing(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    // An InputLayer takes its shape under several names.
    if matches!(class.arguments, Arguments::Unknown) || class.name == "InputLayer" {
        return Ok(());
    }
    let missing: Vec<&str> =
        class.required.iter().map(String::as_str).filter(|name| !config.contains_key(*name)).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => match class.missing.get(*one) {
            Some(refusal) => {
                Err(Stop::Raised(refusal.filled(&[("first", one), ("class", class.name.as_str())])))
            }
            None => Err(Stop::unknown(format!("what {} says without `{one}` isn't recorded", class.name))),
        },
        several => Err(Stop::raised("TypeError", missing_several(&class.name, several))),
    }
}

/// Python's words for several missing arguments.
pub fn missing_several(class: &str, names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let listed = match quoted.as_slice() {
        [first, second] => format!("{first} and {second}"),
        [start @ .., last] => format!("{}, and {last}", start.join(", ")),
        [] => String::new(),
    };
    format!("{class}.__init__() missing {} required positional arguments: {listed}", names.len())
}

fn wrapped(stop: Stop, class: &Class, config: &Map<String, Value>) -> Stop {
    let Stop::Raised(Raised { message, .. }) = stop else { return stop };
    let message = format!(
        "Error when deserializing class '{}' using config={}.\n\nException encountered: {message}",
        class.name,
        python::dict(config)
    );
    Stop::raised("TypeError", message)
}

/// `to_snake_case`: `GlobalAveragePooling2D` → `global_average_pooling2d`.
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> =
        name.chars().filter(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let mut out = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let starts_word = letters.get(index + 1).is_some_and(|next| next.is_ascii_lowercase());
        let ends_word = before.is_some_and(|before| before.is_ascii_lowercase());
        let breaks = letter.is_ascii_uppercase() && before.is_some_and(|before| *before != '_');
        if breaks && (starts_word || ends_word) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `keras.src.utils.naming.to_snake_case` of Keras 3.15.1 gives.
    #[test]
    fn names_are_made_of_classes() {
        for (class, name) in [
            ("Conv2D", "conv2d"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
            ("InputLayer", "input_layer"),
            ("ReLU", "re_lu"),
            ("DepthwiseConv2D", "depthwise_conv2d"),
            ("PReLU", "p_re_lu"),
            ("LSTM", "lstm"),
        ] {
            assert_eq!(snake_case(class), name);
        }
    }

    #[test]
    fn missing_arguments_are_listed_as_python_lists_them() {
        let one = missing_several("Conv2D", &["filters", "kernel_size"]);
        assert_eq!(
            one,
            "Conv2D.__init__() missing 2 required positional arguments: 'filters' and 'kernel_size'"
        );
        assert!(missing_several("X", &["a", "b", "c"]).ends_with("'a', 'b', and 'c'"));
    }
}
