//! What a class or an argument was called in other eras, as tables.

use serde_json::{Map, Value, json};

use super::network::Layer;

/// Classes under other names: Keras 1, the TensorFlow 1.13 transition, synchronized variants, and aliases.
const CLASSES: &[(&str, &str)] = &[
    ("Convolution2D", "Conv2D"),
    ("AtrousConvolution2D", "Conv2D"),
    ("AtrousConv2D", "Conv2D"),
    ("Deconv2D", "Conv2DTranspose"),
    ("Convolution2DTranspose", "Conv2DTranspose"),
    ("MaxPool2D", "MaxPooling2D"),
    ("AvgPool2D", "AveragePooling2D"),
    ("GlobalMaxPool2D", "GlobalMaxPooling2D"),
    ("GlobalAvgPool2D", "GlobalAveragePooling2D"),
    ("SeparableConvolution2D", "SeparableConv2D"),
    ("Deconvolution2D", "Conv2DTranspose"),
    ("BatchNormalizationV1", "BatchNormalization"),
    ("BatchNormalizationV2", "BatchNormalization"),
    ("SyncBatchNormalization", "BatchNormalization"),
    ("Model", "Functional"),
];

/// Arguments of Keras 1 that only changed their names.
const ARGUMENTS: &[(&str, &str)] = &[
    ("nb_filter", "filters"),
    ("subsample", "strides"),
    ("border_mode", "padding"),
    ("bias", "use_bias"),
    ("atrous_rate", "dilation_rate"),
    ("output_dim", "units"),
    ("p", "rate"),
    ("concat_axis", "axis"),
    ("init", "kernel_initializer"),
];

/// `mode` of Keras 1's `Merge` layer, as the class that took its place.
const MERGE_MODES: &[(&str, &str)] = &[
    ("sum", "Add"),
    ("mul", "Multiply"),
    ("ave", "Average"),
    ("max", "Maximum"),
    ("concat", "Concatenate"),
    ("dot", "Dot"),
];

fn look_up<'t>(table: &[(&str, &'t str)], key: &str) -> Option<&'t str> {
    table.iter().find(|(old, _)| *old == key).map(|(_, new)| *new)
}

/// What an argument of Keras 1 is called since, where only its name changed.
pub fn renamed(old: &str) -> Option<&'static str> {
    look_up(ARGUMENTS, old)
}

/// Class name and arguments as Keras 2 would have written them. `keras3` says that Keras 3 wrote them.
pub fn canonical(class: &str, mut config: Map<String, Value>, keras3: bool) -> (String, Map<String, Value>) {
    let plain = class.strip_prefix("keras.layers>").unwrap_or(class);
    let mut name = look_up(CLASSES, plain).unwrap_or(plain).to_string();
    if plain == "Merge" {
        let mode = config.get("mode").and_then(Value::as_str).unwrap_or_default();
        name = look_up(MERGE_MODES, mode).unwrap_or(plain).to_string();
    }
    rename_arguments(&mut config);
    join_kernel_size(&mut config);
    name_data_format(&mut config);
    plain_functions(&mut config, keras3);
    (name, config)
}

fn rename_arguments(config: &mut Map<String, Value>) {
    for (old, new) in ARGUMENTS {
        if config.contains_key(*new) {
            continue;
        }
        if let Some(value) = config.shift_remove(*old) {
            config.insert((*new).to_string(), value);
        }
    }
}

/// Keras 1 writes rows and columns of a kernel apart.
fn join_kernel_size(config: &mut Map<String, Value>) {
    if let (Some(rows), Some(columns)) = (config.get("nb_row"), config.get("nb_col")) {
        let size = json!([rows, columns]);
        config.insert("kernel_size".into(), size);
    }
}

/// Keras 1's `dim_ordering` is `th` or `tf`.
fn name_data_format(config: &mut Map<String, Value>) {
    let format = match config.get("dim_ordering").and_then(Value::as_str) {
        Some("th") => "channels_first",
        Some("tf") => "channels_last",
        _ => return,
    };
    config.insert("data_format".into(), format.into());
}

/// Keras 1 leaves `dim_ordering` out of some layers; the other layers of the network tell it.
pub fn spread_dim_ordering<'l>(layers: impl Iterator<Item = &'l mut Layer>) {
    let mut silent = Vec::new();
    let mut theano = false;
    for layer in layers {
        theano |= layer.config.text("dim_ordering") == Some("th");
        if ["ZeroPadding2D", "Cropping2D"].contains(&layer.class.as_str())
            && layer.config.get("data_format").is_none()
        {
            silent.push(layer);
        }
    }
    for layer in silent.into_iter().filter(|_| theano) {
        layer.config.arguments.insert("data_format".into(), "channels_first".into());
    }
}

/// Keras 3 wraps function names in objects, and its `hard_sigmoid` has another slope.
fn plain_functions(config: &mut Map<String, Value>, keras3: bool) {
    let Some(activation) = config.get_mut("activation") else { return };
    if activation.get("class_name").and_then(Value::as_str) == Some("function")
        && let Some(name) = activation.get("config").filter(|c| c.is_string()).cloned()
    {
        *activation = name;
    }
    if keras3 && activation == "hard_sigmoid" {
        *activation = "hard_sigmoid_keras3".into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_of(class: &str, config: Value) -> (String, Value) {
        let Value::Object(map) = config else { panic!("a layer config is an object") };
        let (class, map) = canonical(class, map, false);
        (class, Value::Object(map))
    }

    #[test]
    fn a_keras_1_convolution_reads_like_a_keras_2_one() {
        let old = json!({"nb_filter": 4, "nb_row": 3, "nb_col": 5, "subsample": [2, 2], "border_mode": "same",
            "bias": false, "dim_ordering": "th"});
        let (class, config) = canonical_of("Convolution2D", old);
        assert_eq!(class, "Conv2D");
        for (key, value) in [
            ("filters", json!(4)),
            ("kernel_size", json!([3, 5])),
            ("strides", json!([2, 2])),
            ("padding", json!("same")),
            ("use_bias", json!(false)),
            ("data_format", json!("channels_first")),
        ] {
            assert_eq!(config[key], value, "{key}");
        }
    }

    #[test]
    fn a_keras_1_merge_becomes_the_class_of_its_mode() {
        assert_eq!(canonical_of("Merge", json!({"mode": "sum"})).0, "Add");
        let (class, config) = canonical_of("Merge", json!({"mode": "concat", "concat_axis": 3}));
        assert_eq!((class.as_str(), &config["axis"]), ("Concatenate", &json!(3)));
        assert_eq!(canonical_of("Merge", json!({"mode": "cos"})).0, "Merge");
    }

    #[test]
    fn a_wrapped_function_name_is_unwrapped() {
        let wrapped =
            json!({"activation": {"module": "builtins", "class_name": "function", "config": "relu"}});
        assert_eq!(canonical_of("Conv2D", wrapped).1["activation"], json!("relu"));
    }
}
