use serde_json::{Value, json};

use super::target::Target;
use super::{Change, Refusal, config};
use crate::loaders::Runtime;

fn translated(runtime: &str, config: &Value) -> Result<(Value, Vec<Change>), Refusal> {
    config::translate(&Target::of(Runtime::of(runtime).unwrap()).unwrap(), config, false)
}

/// A model of an input and one layer, as Keras 2 writes it.
fn model(class: &str, config: &Value) -> Value {
    let input =
        json!({"batch_input_shape": [null, 8, 8, 3], "dtype": "float32", "sparse": false, "name": "input_1"});
    json!({"class_name": "Model", "config": {"name": "m", "layers": [
        {"name": "input_1", "class_name": "InputLayer", "config": input, "inbound_nodes": []},
        {"name": "it", "class_name": class, "config": config, "inbound_nodes": [[["input_1", 0, 0, {}]]]},
    ], "input_layers": [["input_1", 0, 0]], "output_layers": [["it", 0, 0]]}})
}

/// The config of that layer as a runtime gets it.
fn layer(runtime: &str, class: &str, config: &Value) -> Result<Value, Refusal> {
    translated(runtime, &model(class, config))
        .map(|(mut model, _)| model["config"]["layers"][1]["config"].take())
}

#[test]
fn an_argument_without_effect_is_dropped_and_another_is_not() {
    let pooling = |keep: bool| json!({"name": "it", "data_format": "channels_last", "keepdims": keep});
    let dropped = layer("tf115", "GlobalAveragePooling2D", &pooling(false)).unwrap();
    assert_eq!(dropped, json!({"name": "it", "data_format": "channels_last"}));
    assert_eq!(layer("tf215", "GlobalAveragePooling2D", &pooling(true)).unwrap(), pooling(true));
    let refusal = layer("tf115", "GlobalAveragePooling2D", &pooling(true)).unwrap_err();
    assert_eq!(refusal.place, "it");
    assert!(refusal.reason.starts_with("GlobalAveragePooling2D has keepdims=true"), "{refusal}");
}

#[test]
fn a_model_that_a_runtime_knows_is_left_alone() {
    let config = model("Activation", &json!({"name": "it", "trainable": true, "activation": "relu"}));
    for runtime in ["k224", "k231", "tf115", "tf24", "tf215", "k315"] {
        assert_eq!(translated(runtime, &config).unwrap(), (config.clone(), Vec::new()), "{runtime}");
    }
}

/// `VarianceScaling` with these arguments is what Keras' sources say that the class is.
#[test]
fn initializers_and_regularizers_get_the_names_the_target_has() {
    let kernel = json!({"class_name": "HeNormal", "config": {"seed": null}});
    let dense = json!({"name": "it", "units": 2, "kernel_initializer": kernel,
        "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}}});
    let scaling = |distribution: &str| {
        json!({"class_name": "VarianceScaling",
            "config": {"scale": 2.0, "mode": "fan_in", "distribution": distribution, "seed": null}})
    };
    let old = layer("tf115", "Dense", &dense).unwrap();
    assert_eq!(old["kernel_initializer"], scaling("truncated_normal"));
    assert_eq!(old["kernel_regularizer"], json!({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}}));
    assert_eq!(layer("k224", "Dense", &dense).unwrap()["kernel_initializer"], scaling("normal"));
    assert_eq!(layer("k315", "Dense", &dense).unwrap(), dense);
}

#[test]
fn types_are_names_before_keras_3() {
    let policy =
        |name: &str| json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}});
    let flatten = |dtype: Value| json!({"name": "it", "dtype": dtype});
    let dtype =
        |runtime, name| Ok::<_, Refusal>(layer(runtime, "Flatten", &flatten(policy(name)))?["dtype"].take());
    assert_eq!(dtype("tf115", "float32"), Ok("float32".into()));
    assert_eq!(
        dtype("tf215", "mixed_float16"),
        Ok(json!({"class_name": "Policy", "config": {"name": "mixed_float16"}}))
    );
    assert!(dtype("tf115", "mixed_float16").is_err());
}

#[test]
fn calls_of_keras_3_become_lists_and_nested_models_count_from_one() {
    let tensor =
        |layer: &str| json!({"class_name": "__keras_tensor__", "config": {"keras_history": [layer, 0, 0]}});
    let input = json!({"class_name": "InputLayer", "name": "i", "config": {"batch_shape": [null, 4], "name": "i"},
        "inbound_nodes": []});
    let call = |layer: &str, kwargs: Value| json!([{"args": [tensor(layer)], "kwargs": kwargs}]);
    let inner = json!({"class_name": "Functional", "name": "net", "inbound_nodes": call("i", json!({"training": false, "mask": null})),
        "config": {"name": "net", "layers": [input], "input_layers": ["i", 0, 0], "output_layers": ["i", 0, 0]}});
    let last = json!({"class_name": "Flatten", "name": "f", "config": {"name": "f"}, "inbound_nodes": call("net", json!({}))});
    let outer = json!({"class_name": "Functional", "config": {"name": "m", "layers": [input, inner, last],
        "input_layers": ["i", 0, 0], "output_layers": ["net", 1, 0]}});
    let (old, _) = translated("tf115", &outer).unwrap();
    let layers = &old["config"]["layers"];
    assert_eq!(old["class_name"], "Model");
    assert_eq!(layers[0]["config"], json!({"name": "i", "batch_input_shape": [null, 4]}));
    assert_eq!(layers[1]["inbound_nodes"], json!([[["i", 0, 0, {"training": false}]]]));
    assert_eq!(layers[2]["inbound_nodes"], json!([[["net", 1, 0, {}]]]));
    assert_eq!(old["config"]["output_layers"], json!([["net", 1, 0]]));
    assert_eq!(layers[1]["config"]["output_layers"], json!([["i", 0, 0]]));
    // And back: what counts from one is Keras 2's, and Keras 3 reads lists, too.
    let (new, _) = translated("k315", &old).unwrap();
    assert_eq!(new["config"]["layers"][2]["inbound_nodes"], json!([[["net", 0, 0, {}]]]));
}

#[test]
fn a_sequential_gets_an_input_for_keras_3() {
    let flatten = json!({"class_name": "Flatten", "config": {"name": "f", "batch_input_shape": [null, 4]}});
    let net = json!({"class_name": "Sequential", "config": {"name": "s", "layers": [flatten]}});
    let (new, changes) = translated("k315", &net).unwrap();
    let input = &new["config"]["layers"][0];
    assert_eq!(
        (&input["class_name"], &input["config"]["batch_input_shape"]),
        (&json!("InputLayer"), &json!([null, 4]))
    );
    assert_eq!(changes.len(), 1);
    assert_eq!(translated("tf215", &net).unwrap(), (net, Vec::new()));
}

#[test]
fn what_a_runtime_has_not_is_refused() {
    for (runtime, class, config) in [
        ("tf115", "ScaleShift", json!({"name": "it"})),
        ("tf115", "Rescaling", json!({"name": "it", "scale": 0.5})),
        ("tf215", "Lambda", json!({"name": "it"})),
        ("tf215", "Activation", json!({"name": "it", "activation": "wobble"})),
        ("tf215", "Activation", json!({"name": "it", "activation": {"class_name": "ReLU", "config": {}}})),
        (
            "tf115",
            "Dense",
            json!({"name": "it", "units": 2, "kernel_initializer": {"class_name": "Mine", "config": {}}}),
        ),
    ] {
        let refusal = layer(runtime, class, &config).unwrap_err();
        assert_eq!(refusal.place, "it", "{class}: {refusal}");
    }
    for (runtime, config) in
        [("k122_tf", model("Flatten", &json!({"name": "it"}))), ("tf215", json!([1])), ("tf215", json!({}))]
    {
        assert!(translated(runtime, &config).is_err(), "{runtime} {config}");
    }
}

#[test]
fn odd_shapes_of_configs_are_refused_and_not_a_panic() {
    for config in [
        json!({"class_name": "Model", "config": {"layers": [5]}}),
        json!({"class_name": "Model", "config": {"layers": [{"class_name": "Dense"}]}}),
        json!({"class_name": "Model", "config": {"layers": [], "output_layers": {"a": 1}}}),
        json!({"class_name": "Model", "config": {"layers": [], "input_layers": [[["a", 0, 0]]]}}),
        json!({"class_name": "Sequential", "config": [{"config": 5}]}),
    ] {
        assert!(translated("tf115", &config).is_err(), "{config}");
    }
}

/// What Keras 1.2.2 writes, and what Keras 2.3.1 writes for the same layers.
#[test]
fn keras_1_is_written_as_keras_2_writes_it() {
    let old = json!({"name": "it", "nb_filter": 4, "nb_row": 3, "nb_col": 3, "subsample": [1, 1], "border_mode": "same",
        "bias": true, "dim_ordering": "tf", "init": "he_normal", "activation": "linear", "trainable": true,
        "W_regularizer": {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.5}, "b_regularizer": null, "W_constraint": null,
        "b_constraint": null, "activity_regularizer": null});
    let new = json!({"name": "it", "filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same",
        "use_bias": true, "data_format": "channels_last", "kernel_initializer": "he_normal", "activation": "linear",
        "trainable": true, "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
        "bias_regularizer": null, "kernel_constraint": null, "bias_constraint": null, "activity_regularizer": null});
    for runtime in ["k224", "tf115", "tf215", "k315"] {
        assert_eq!(layer(runtime, "Convolution2D", &old).unwrap(), new, "{runtime}");
    }
    let merge = json!({"name": "it", "mode": "sum", "concat_axis": -1, "mode_type": "raw", "dot_axes": -1,
        "output_mask_type": "raw", "arguments": {}, "output_mask": null, "output_shape": null, "output_shape_type": "raw"});
    assert_eq!(layer("k231", "Merge", &merge).unwrap(), json!({"name": "it"}));
    for (what, value) in
        [("mode", json!("cos")), ("mode_type", json!("lambda")), ("output_shape", json!([3]))]
    {
        let mut odd = merge.clone();
        odd[what] = value;
        assert!(layer("k231", "Merge", &odd).is_err(), "{what}");
    }
    assert!(layer("k231", "BatchNormalization", &json!({"name": "it", "mode": 2, "axis": -1})).is_err());
}

/// That Theano pads both sides by half of the kernel is what `ops::window` was measured to do.
#[test]
fn what_theano_padded_is_padded_by_a_layer() {
    let convolution = |size: u64, stride: u64| {
        let config = json!({"name": "it", "filters": 4, "kernel_size": [size, size], "strides": [stride, stride],
            "padding": "same", "data_format": "channels_last"});
        let target = Target::of(Runtime::of("tf215").unwrap()).unwrap();
        config::translate(&target, &model("Conv2D", &config), true)
    };
    for same in [(3, 1), (1, 2)] {
        assert_eq!(convolution(same.0, same.1).unwrap().1, Vec::new());
    }
    let (padded, _) = convolution(3, 2).unwrap();
    let (pad, it) = (&padded["config"]["layers"][1], &padded["config"]["layers"][2]);
    assert_eq!(
        (&pad["class_name"], &pad["config"]["padding"]),
        (&json!("ZeroPadding2D"), &json!([[1, 1], [1, 1]]))
    );
    assert_eq!(
        (&it["config"]["padding"], &it["inbound_nodes"]),
        (&json!("valid"), &json!([[["it_pad", 0, 0, {}]]]))
    );
    assert_eq!(pad["inbound_nodes"], json!([[["input_1", 0, 0, {}]]]));
    assert!(convolution(2, 2).is_err());
}
