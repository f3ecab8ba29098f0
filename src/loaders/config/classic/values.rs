//! Values among a layer's arguments that its constructor looks at, or that nothing can be made with. What was measured in Keras
//! 2.2.4 and TensorFlow 1.15, 2.4 and 2.15 is said in their words; whatever else is odd leaves the outcome open.

use serde_json::{Map, Value};

use crate::loaders::{Attempt, Loader, Runtime, Stop, python};

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// A length per axis of the picture, or one for all.
    Window,
    /// A number of filters or units.
    Count,
    /// A number.
    Number,
    /// One axis or several.
    Axes,
    /// `channels_first` or `channels_last`.
    Format,
    /// `valid`, `same`, or `causal` along one axis.
    Padding,
}

/// By the arguments' names, in the order in which constructors look at them.
const ARGUMENTS: [(&str, Expected); 11] = [
    ("filters", Expected::Count),
    ("units", Expected::Count),
    ("kernel_size", Expected::Window),
    ("pool_size", Expected::Window),
    ("strides", Expected::Window),
    ("padding", Expected::Padding),
    ("data_format", Expected::Format),
    ("dilation_rate", Expected::Window),
    ("axis", Expected::Axes),
    ("momentum", Expected::Number),
    ("epsilon", Expected::Number),
];

/// How classes begin whose arguments are looked at, and how many axes their windows have.
const CLASSES: [(&str, usize); 11] = [
    ("Conv1D", 1),
    ("Conv2D", 2),
    ("Conv3D", 3),
    ("DepthwiseConv2D", 2),
    ("SeparableConv2D", 2),
    ("MaxPooling1D", 1),
    ("MaxPooling2D", 2),
    ("AveragePooling1D", 1),
    ("AveragePooling2D", 2),
    ("Dense", 0),
    ("BatchNormalization", 0),
];

/// Looks at the values of a layer's arguments.
///
/// # Errors
/// What a constructor says, as measured; unknown for what else can't be meant.
pub(super) fn check(runtime: &Runtime, class: &str, config: &Map<String, Value>) -> Attempt<()> {
    if runtime.loader == Loader::Keras1 {
        return Ok(());
    }
    dtype(config.get("dtype"))?;
    let Some((_, axes)) = CLASSES.iter().find(|(name, _)| *name == class) else { return Ok(()) };
    for (name, expected) in ARGUMENTS {
        match config.get(name) {
            // Strides of a pooling that are not given are its window.
            Some(Value::Null) if name == "strides" => {}
            Some(value) => argument(name, expected, value, *axes)?,
            None => {}
        }
    }
    both_wide(config)
}

fn argument(name: &str, expected: Expected, value: &Value, axes: usize) -> Attempt<()> {
    let fine = match expected {
        Expected::Window => return window(name, value, axes),
        Expected::Format => return format(value),
        Expected::Count => is_positive(value),
        Expected::Number => value.is_number(),
        Expected::Axes => {
            value.is_i64() || value.as_array().is_some_and(|list| list.iter().all(Value::is_i64))
        }
        Expected::Padding => match value.as_str().map(str::to_lowercase).as_deref() {
            Some("valid" | "same") => true,
            Some("causal") => axes == 1,
            Some(_) | None => false,
        },
    };
    if fine { Ok(()) } else { Err(open(name, value)) }
}

fn open(name: &str, value: &Value) -> Stop {
    Stop::unknown(format!("what comes of {name}={} isn't known", python::repr(value)))
}

fn is_positive(value: &Value) -> bool {
    value.as_i64().is_some_and(|number| number > 0)
}

fn window(name: &str, value: &Value, axes: usize) -> Attempt<()> {
    match value {
        Value::Array(list) if list.len() != axes => Err(Stop::raised(
            "ValueError",
            format!(
                "The `{name}` argument must be a tuple of {axes} integers. Received: {}",
                python::repr(value)
            ),
        )),
        Value::Array(list) if list.iter().all(is_positive) => Ok(()),
        one if is_positive(one) => Ok(()),
        _ => Err(open(name, value)),
    }
}

fn format(value: &Value) -> Attempt<()> {
    const FORMATS: [&str; 2] = ["channels_first", "channels_last"];
    match value {
        Value::Null => Ok(()),
        Value::String(text) if FORMATS.contains(&text.to_lowercase().as_str()) => Ok(()),
        Value::String(text) => Err(Stop::raised(
            "ValueError",
            format!(
                "The `data_format` argument must be one of \"channels_first\", \"channels_last\". Received: {}",
                text.to_lowercase()
            ),
        )),
        _ => Err(open("data_format", value)),
    }
}

/// Strides and dilation that are both above one are refused, each version in its own words.
fn both_wide(config: &Map<String, Value>) -> Attempt<()> {
    let wide = |value: &Value| value.as_i64().is_some_and(|number| number > 1);
    let is_wide = |name: &str| match config.get(name) {
        Some(Value::Array(list)) => list.iter().any(wide),
        Some(value) => wide(value),
        None => false,
    };
    match is_wide("strides") && is_wide("dilation_rate") {
        true => {
            Err(Stop::unknown("what comes of strides and a dilation_rate that are both above 1 isn't known"))
        }
        false => Ok(()),
    }
}

/// The names that TensorFlow has for types, and those of policies.
fn dtype(value: Option<&Value>) -> Attempt<()> {
    const NAMES: [&str; 16] = [
        "bfloat16",
        "bool",
        "float16",
        "float32",
        "float64",
        "int16",
        "int32",
        "int64",
        "int8",
        "mixed_bfloat16",
        "mixed_float16",
        "string",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
    ];
    match value {
        Some(Value::String(name)) if !NAMES.contains(&name.as_str()) => {
            Err(open("dtype", &Value::from(name.as_str())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(runtime: &str, class: &str, config: Value) -> Result<(), String> {
        match check(Runtime::of(runtime).unwrap(), class, config.as_object().unwrap()) {
            Ok(()) => Ok(()),
            Err(Stop::Raised(raised)) => Err(format!("{}: {}", raised.exception, raised.message)),
            Err(Stop::Unknown(_)) => Err("unknown".into()),
        }
    }

    /// Measured by `tools/measure_loads.py` with files of `tools/make_faulty_variations.py` in Keras 2.2.4 and TensorFlow 2.4.1.
    #[test]
    fn what_constructors_look_at_is_said_in_their_words() {
        let words = |name: &str, shown: &str| {
            Err(format!("ValueError: The `{name}` argument must be a tuple of 2 integers. Received: {shown}"))
        };
        for runtime in ["k224", "tf24"] {
            let conv = |config| said(runtime, "Conv2D", config);
            assert_eq!(conv(json!({"kernel_size": [3]})), words("kernel_size", "[3]"));
            assert_eq!(conv(json!({"kernel_size": [3, 3, 3]})), words("kernel_size", "[3, 3, 3]"));
            let formats = "The `data_format` argument must be one of \"channels_first\", \"channels_last\". \
                           Received: channels_middle";
            assert_eq!(
                conv(json!({"data_format": "channels_middle"})),
                Err(format!("ValueError: {formats}"))
            );
        }
    }

    #[test]
    fn what_nothing_can_be_made_with_leaves_the_outcome_open() {
        for config in [
            json!({"filters": 0}),
            json!({"filters": 2.5}),
            json!({"filters": null}),
            json!({"filters": "x"}),
            json!({"kernel_size": [0, 0]}),
            json!({"padding": "causal"}),
            json!({"dtype": "float1"}),
            json!({"strides": [2, 2], "dilation_rate": [2, 2]}),
        ] {
            assert_eq!(said("tf24", "Conv2D", config.clone()), Err("unknown".into()), "{config}");
        }
        assert_eq!(said("tf24", "BatchNormalization", json!({"axis": "3"})), Err("unknown".into()));
    }

    #[test]
    fn what_keras_writes_is_fine() {
        let conv = json!({"filters": 4, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same", "dilation_rate": [1, 1],
            "data_format": "channels_last", "dtype": "float32"});
        assert_eq!(said("tf24", "Conv2D", conv), Ok(()));
        assert_eq!(
            said("k224", "MaxPooling2D", json!({"pool_size": 2, "strides": null, "padding": "valid"})),
            Ok(())
        );
        assert_eq!(
            said("tf215", "BatchNormalization", json!({"axis": [3], "momentum": 0.99, "epsilon": 1e-3})),
            Ok(())
        );
        assert_eq!(said("k224", "Conv1D", json!({"padding": "causal", "kernel_size": [3]})), Ok(()));
    }
}
