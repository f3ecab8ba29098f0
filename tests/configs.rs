//! Architectures that were made to break something: each goes through recognition, shapes, binding and planning, and
//! gets an answer in words. What is guarded against stands in `src/limits.rs`.

#![allow(clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use std::sync::Arc;

use hdf5_pure::{AttrValue, FileBuilder};
use resnet_verifier::report::Report;
use resnet_verifier::source::MemorySource;
use resnet_verifier::{exec, limits, session};
use serde_json::{Value, json};

/// A file of this `model_config` and of weights: layer, weight, shape. Nothing is stored of a weight but its shape.
fn file(config: &str, weights: &[(&str, &str, Vec<u64>)]) -> Vec<u8> {
    let mut file = FileBuilder::new();
    file.set_attr("model_config", AttrValue::VarLenAsciiString(config.into()));
    let mut group = file.create_group("model_weights");
    let names: Vec<String> = weights.iter().map(|(layer, ..)| (*layer).to_string()).collect();
    let list = |names: Vec<String>| match names.len() {
        0 => AttrValue::F64Array(Vec::new()),
        _ => AttrValue::AsciiStringArray(names),
    };
    group.set_attr("layer_names", list(names));
    for (layer, weight, shape) in weights {
        let mut inner = group.create_group(layer);
        inner.set_attr("weight_names", list(vec![(*weight).to_string()]));
        let count = shape.iter().product::<u64>() as usize;
        inner.create_dataset(weight).with_f32_data(&vec![1.0; count]).with_shape(shape);
        group.add_group(inner.finish());
    }
    file.add_group(group.finish());
    file.finish().unwrap()
}

/// The report on a `model_config`; a plan that comes about must be consistent.
fn check(config: &str) -> Report {
    check_file(file(config, &[]))
}

fn check_file(bytes: Vec<u8>) -> Report {
    let source = Arc::new(MemorySource(bytes));
    let report = session::check("config.h5", source.clone(), &mut |_| {});
    assert!(!report.summary.is_empty());
    if let Ok(prepared) = session::prepare(source, 1, None) {
        exec::check(&prepared.plan).unwrap();
    }
    report
}

fn reason(report: &Report) -> String {
    report.runs.reason.clone().unwrap_or_default()
}

fn layer(class: &str, name: &str, config: Value, inputs: &[&str]) -> Value {
    let inbound: Vec<Value> = inputs.iter().map(|input| json!([input, 0, 0, {}])).collect();
    let nodes = if inbound.is_empty() { json!([]) } else { json!([inbound]) };
    json!({"class_name": class, "name": name, "config": config, "inbound_nodes": nodes})
}

fn input(shape: Value) -> Value {
    layer("InputLayer", "in", json!({"name": "in", "batch_input_shape": shape}), &[])
}

fn model(layers: Vec<Value>, output: &str) -> Value {
    json!({"class_name": "Functional", "config": {"name": "m", "layers": layers,
        "input_layers": [["in", 0, 0]], "output_layers": [[output, 0, 0]]}})
}

/// One layer on an image of that shape.
fn one(class: &str, config: Value, shape: Value) -> Report {
    check(&model(vec![input(shape), layer(class, "x", config, &["in"])], "x").to_string())
}

#[test]
fn numbers_of_every_kind_are_answered_for_every_argument() {
    let numbers = [
        "0",
        "-1",
        "0.5",
        "1e308",
        "-1e308",
        "16777216",
        "16777217",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "99999999999999999999",
        "null",
        "true",
        "\"3\"",
        "\"NaN\"",
        "\"\"",
        "[]",
        "{}",
        "[0,0]",
        "[1,0]",
        "[16777216,16777216]",
        "[[0,0],[0,0]]",
        "[[16777216,16777216],[16777216,16777216]]",
        "[1,2,3]",
        "[-1]",
        "[-1,-1]",
        "[4294967296]",
        "[16777216,16777216,16777216]",
        "[16777216,-1]",
        "[[[[[[[[[[1]]]]]]]]]]",
        "9223372036854775807",
        "-9223372036854775808",
    ];
    let classes: [(&str, &[&str]); 20] = [
        (
            "Conv2D",
            &[
                "filters",
                "kernel_size",
                "strides",
                "dilation_rate",
                "groups",
                "padding",
                "data_format",
                "activation",
            ],
        ),
        ("DepthwiseConv2D", &["depth_multiplier", "kernel_size", "strides", "dilation_rate", "activation"]),
        ("Dense", &["units", "activation"]),
        ("BatchNormalization", &["axis", "epsilon", "scale", "mode"]),
        ("MaxPooling2D", &["pool_size", "strides", "padding"]),
        ("AveragePooling2D", &["pool_size", "strides", "data_format"]),
        ("GlobalAveragePooling2D", &["keepdims", "data_format"]),
        ("ZeroPadding2D", &["padding", "data_format"]),
        ("Cropping2D", &["cropping", "data_format"]),
        ("Concatenate", &["axis"]),
        ("Reshape", &["target_shape"]),
        ("Permute", &["dims"]),
        ("Rescaling", &["scale", "offset"]),
        ("Normalization", &["mean", "variance", "axis"]),
        ("Resizing", &["height", "width", "interpolation"]),
        ("UpSampling2D", &["size", "interpolation"]),
        ("CenterCrop", &["height", "width"]),
        ("Softmax", &["axis"]),
        ("ReLU", &["max_value", "threshold", "negative_slope"]),
        ("PReLU", &["shared_axes"]),
    ];
    let usual = |class: &str| match class {
        "Normalization" => json!({"mean": [0.5], "variance": [1.0]}),
        "Resizing" | "CenterCrop" => json!({"height": 5, "width": 7}),
        _ => {
            json!({"filters": 2, "kernel_size": [3, 3], "units": 2, "target_shape": [-1], "dims": [2, 1, 3]})
        }
    };
    for (class, arguments) in classes {
        for argument in arguments {
            for number in numbers {
                // Numbers beyond 64 bits must reach the parser as they stand here.
                let mut config = usual(class);
                config[argument] = json!("@");
                let shape = json!([null, 6, 4, 2]);
                let text = model(vec![input(shape), layer(class, "x", config, &["in"])], "x").to_string();
                check(&text.replace("\"@\"", number));
            }
        }
    }
}

#[test]
fn shapes_of_inputs_that_can_not_be_held_are_refused() {
    for shape in [
        json!([null, 16777216, 16777216, 16777216]),
        json!([null, 16777216, 16777216, 16777216, 16777216, 16777216, 16777216, 16777216]),
        json!([null, 65536, 65536]),
    ] {
        for class in ["Flatten", "GlobalAveragePooling2D", "Softmax", "Reshape"] {
            let report = one(class, json!({"target_shape": [-1]}), shape.clone());
            assert!(report.findings.iter().any(|f| f.name == "impossible-layer"), "{class} {shape}");
            assert!(reason(&report).contains("can't be held"), "{class} {shape}: {}", reason(&report));
        }
    }
    for shape in
        [json!([]), json!([null]), json!([null, 0, 0, 3]), json!("x"), json!([null, -1]), json!([null, 1.5])]
    {
        assert!(!one("Flatten", json!({}), shape).runs.ok);
    }
}

#[test]
fn results_that_can_not_be_held_are_refused() {
    let wide = json!([null, 4096, 4096, 8]);
    for (class, config) in [
        ("UpSampling2D", json!({"size": [16777216, 16777216]})),
        ("ZeroPadding2D", json!({"padding": 16777216})),
        ("Conv2D", json!({"filters": 16777216, "kernel_size": 1})),
        ("DepthwiseConv2D", json!({"depth_multiplier": 16777216, "kernel_size": 1})),
        ("Dense", json!({"units": 16777216})),
        ("Resizing", json!({"height": 16777216, "width": 16777216})),
        ("CenterCrop", json!({"height": 16777216, "width": 16777216})),
        (
            "Conv2D",
            json!({"filters": 1, "kernel_size": 16777216, "dilation_rate": 16777216, "padding": "same"}),
        ),
        ("MaxPooling2D", json!({"pool_size": 16777216, "dilation_rate": 16777216, "padding": "same"})),
    ] {
        let report = one(class, config.clone(), wide.clone());
        assert!(report.findings.iter().any(|f| f.name == "impossible-layer"), "{class} {config}");
    }
    let many = vec!["in"; 1000];
    let layers = vec![input(json!([null, 4096, 4096, 16])), layer("Concatenate", "x", json!({}), &many)];
    assert!(reason(&check(&model(layers, "x").to_string())).contains("can't be held"));
}

#[test]
fn a_shared_layer_that_would_need_other_weights_at_each_call_is_refused() {
    let mut shared =
        layer("Conv2D", "c", json!({"filters": 2, "kernel_size": 3, "padding": "same"}), &["in"]);
    shared["inbound_nodes"] = json!([[["in", 0, 0, {}]], [["twice", 0, 0, {}]]]);
    let layers = vec![
        input(json!([null, 4, 4, 3])),
        layer("Concatenate", "twice", json!({}), &["in", "in"]),
        shared,
        json!({"class_name": "Add", "name": "x", "config": {}, "inbound_nodes": [[["c", 0, 0, {}], ["c", 1, 0, {}]]]}),
    ];
    let report = check(&model(layers, "x").to_string());
    let found = report.findings.iter().find(|finding| finding.name == "impossible-layer").unwrap();
    assert!(found.message.contains("it is shared"), "{}", found.message);
}

#[test]
fn a_bias_that_is_not_there_takes_no_memory() {
    // A thousand of them with 2²⁴ zeros each would take 64 GB.
    let mut layers = vec![input(json!([null, 1, 1, 1]))];
    let (mut before, mut weights) = ("in".to_string(), Vec::new());
    let names: Vec<String> = (0..1000).map(|at| format!("c{at}")).collect();
    for (at, name) in names.iter().enumerate() {
        // Wide and narrow in turns, so that the file itself stays small: kernels of 65,536 numbers.
        let filters = if at % 2 == 0 { 65_536 } else { 1 };
        layers.push(layer(
            "Conv2D",
            name,
            json!({"filters": filters, "kernel_size": 1, "use_bias": false}),
            &[&before],
        ));
        let shape = if at % 2 == 0 { vec![1, 1, 1, 65_536] } else { vec![1, 1, 65_536, 1] };
        if at < 4 {
            weights.push((name.as_str(), "kernel:0", shape));
        }
        before.clone_from(name);
    }
    layers.truncate(5);
    let report = check_file(file(&model(layers, "c3").to_string(), &weights));
    assert!(report.runs.ok, "{}", reason(&report));
}

#[test]
fn models_in_models_that_multiply_are_cut_off() {
    // Sixteen levels of ten calls each are 10¹⁶ calls, with layers at the bottom or without any.
    for bottom in ["Flatten", "InputLayer"] {
        let mut inner = model(vec![input(json!([null, 2])), layer("Flatten", "x", json!({}), &["in"])], "x");
        if bottom == "InputLayer" {
            inner = model(vec![input(json!([null, 2]))], "in");
        }
        for _ in 0..limits::MAX_NESTING - 1 {
            let calls: Vec<Value> = (0..10)
                .map(|at| if at == 0 { json!([["in", 0, 0, {}]]) } else { json!([["n", at - 1, 0, {}]]) })
                .collect();
            let mut nested = inner;
            nested["name"] = "n".into();
            nested["inbound_nodes"] = calls.into();
            inner = model(vec![input(json!([null, 2])), nested], "n");
            inner["config"]["output_layers"] = json!([["n", 9, 0]]);
        }
        let report = check(&inner.to_string());
        assert!(reason(&report).contains("too many calls"), "{}", reason(&report));
        assert!(report.recognition.unwrap().summary.contains("calls of layers"));
    }
}

#[test]
fn many_inputs_of_a_shared_model_are_cut_off() {
    let many: Vec<Value> = vec![json!(["in", 0, 0, {}]); 20_000];
    let add = json!({"class_name": "Add", "name": "x", "config": {}, "inbound_nodes": [many]});
    let mut inner = model(vec![input(json!([null, 2])), add], "x");
    inner["name"] = "n".into();
    inner["inbound_nodes"] = vec![json!([["in", 0, 0, {}]]); 20_000].into();
    let calls: Vec<Value> = (0..20_000).map(|at| json!(["n", at, 0, {}])).collect();
    let end = json!({"class_name": "Add", "name": "end", "config": {}, "inbound_nodes": [calls]});
    let report = check(&model(vec![input(json!([null, 2])), inner, end], "end").to_string());
    assert!(reason(&report).contains("too many calls"), "{}", reason(&report));
}

#[test]
fn long_names_are_refused_before_they_multiply() {
    let mut inner = model(vec![input(json!([null, 2])), layer("Flatten", "x", json!({}), &["in"])], "x");
    inner["name"] = "n".repeat(limits::MAX_PATH_BYTES + 1).into();
    inner["inbound_nodes"] = json!([[["in", 0, 0, {}]]]);
    let output = inner["name"].as_str().unwrap().to_string();
    let report = check(&model(vec![input(json!([null, 2])), inner], &output).to_string());
    assert!(report.findings.iter().any(|f| f.name == "bad-config" && f.message.contains("2048 bytes")));
}

#[test]
fn models_nested_too_deep_and_too_many_layers_are_refused() {
    let mut inner = model(vec![input(json!([null, 2]))], "in");
    for _ in 0..limits::MAX_NESTING + 1 {
        let mut nested = inner;
        nested["name"] = "n".into();
        nested["inbound_nodes"] = json!([[["in", 0, 0, {}]]]);
        inner = model(vec![input(json!([null, 2])), nested], "n");
    }
    let message = |report: &Report| report.findings.iter().map(|f| f.message.as_str()).collect::<String>();
    assert!(message(&check(&inner.to_string())).contains("nested more than 16 deep"));
    let layers = vec![json!({"class_name": "Flatten", "config": {}}); 100_000];
    let text = json!({"class_name": "Sequential", "config": {"layers": layers}}).to_string();
    assert!(message(&check(&text)).contains("more than 20000 layers"));
    assert!(message(&check(&"[".repeat(100_000))).contains("not valid JSON"));
    let deep =
        format!("{{\"class_name\": \"Model\", \"config\": {}{}}}", "{\"a\":".repeat(5000), "}".repeat(5000));
    assert!(message(&check(&deep)).contains("not valid JSON"));
}

#[test]
fn as_many_layers_as_are_allowed_get_an_answer() {
    let chain = |class: &str, config: Value| {
        let layers: Vec<Value> = (0..limits::MAX_LAYERS - 2)
            .map(|at| {
                let before = if at == 0 { "in".to_string() } else { format!("l{}", at - 1) };
                layer(class, &format!("l{at}"), config.clone(), &[&before])
            })
            .collect();
        let last = format!("l{}", layers.len() - 1);
        let all = std::iter::once(input(json!([null, 2, 2, 1]))).chain(layers).collect();
        check(&model(all, &last).to_string())
    };
    assert!(chain("Activation", json!({"activation": "relu"})).runs.ok);
    assert!(!chain("Mystery", json!({})).runs.ok);
    assert!(!chain("Conv2D", json!({"filters": 1, "kernel_size": 3, "padding": "same"})).runs.ok);
}

#[test]
fn graphs_that_make_no_sense_are_refused_in_words() {
    let circle = vec![
        input(json!([null, 2])),
        layer("Add", "a", json!({}), &["in", "b"]),
        layer("Flatten", "b", json!({}), &["a"]),
    ];
    let refused =
        |report: Report| report.findings.into_iter().find(|f| f.name == "bad-config").unwrap().message;
    assert_eq!(refused(check(&model(circle, "b").to_string())), "Layer a depends on its own result.");
    let own = vec![input(json!([null, 2])), layer("Add", "a", json!({}), &["a", "a"])];
    assert_eq!(refused(check(&model(own, "a").to_string())), "Layer a depends on its own result.");

    let unlisted = vec![
        input(json!([null, 2])),
        layer("InputLayer", "other", json!({"batch_input_shape": [null, 9000]}), &[]),
        layer("Activation", "x", json!({"activation": "relu"}), &["other"]),
        layer("Concatenate", "c", json!({}), &["in", "x"]),
    ];
    assert!(reason(&check(&model(unlisted, "c").to_string())).contains("that the model does not list"));
    let mut named = model(vec![input(json!([null, 2])), layer("Softmax", "x", json!({}), &["in"])], "x");
    named["config"]["input_layers"] = json!([["x", 0, 0]]);
    assert!(reason(&check(&named.to_string())).contains("as an input, and it is none"));

    for (config, expected) in [
        (json!({"class_name": "Sequential", "config": []}), "gives no result"),
        (json!({"class_name": "Sequential", "config": {"layers": []}}), "gives no result"),
    ] {
        assert!(reason(&check(&config.to_string())).contains(expected));
    }
    let mut tensor = model(vec![input(json!([null, 2])), layer("Flatten", "x", json!({}), &["in"])], "x");
    for reference in [json!(["x", 0, 7]), json!(["x", 0, u64::MAX]), json!(["gone", 0, 0]), json!(["", 0, 0])]
    {
        tensor["config"]["output_layers"] = json!([reference]);
        assert!(!check(&tensor.to_string()).runs.ok, "{reference}");
    }
    // A call's number may count calls outside the model, so only the highest one tells how many; any is answered.
    for call in [1, u64::from(u32::MAX), 1 << 32, u64::MAX] {
        tensor["config"]["output_layers"] = json!([["x", call, 0]]);
        check(&tensor.to_string());
    }
}

#[test]
fn names_of_every_kind_are_only_names() {
    for name in [
        "",
        "/",
        "..",
        "../../model_weights",
        "a/b",
        "\u{0}",
        "é\u{301}\u{202e}",
        "<script>",
        "%s%n",
        "in",
        "\\",
        ".",
    ] {
        let layers = vec![input(json!([null, 2])), layer("Dense", name, json!({"units": 2}), &["in"])];
        check(&model(layers, name).to_string());
        let sequential = json!({"class_name": "Sequential", "config": {"name": name, "layers": [
            {"class_name": "Dense", "config": {"name": name, "units": 2, "batch_input_shape": [null, 2]}},
            {"class_name": "Dense", "config": {"name": name, "units": 2}},
        ]}});
        check(&sequential.to_string());
    }
}

#[test]
fn parts_that_are_missing_or_of_the_wrong_kind_are_answered() {
    let whole = model(vec![input(json!([null, 2])), layer("Dense", "x", json!({"units": 2}), &["in"])], "x");
    for pointer in [
        "/class_name",
        "/config",
        "/config/name",
        "/config/layers",
        "/config/layers/0",
        "/config/layers/1",
        "/config/layers/1/class_name",
        "/config/layers/1/name",
        "/config/layers/1/config",
        "/config/layers/1/inbound_nodes",
        "/config/layers/1/inbound_nodes/0",
        "/config/layers/1/inbound_nodes/0/0",
        "/config/layers/1/inbound_nodes/0/0/1",
        "/config/input_layers",
        "/config/input_layers/0",
        "/config/output_layers",
        "/config/output_layers/0/2",
    ] {
        for value in
            [json!(null), json!(-1), json!(1.5), json!("x"), json!([]), json!({}), json!([[]]), json!(true)]
        {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            check(&changed.to_string());
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut removed = whole.clone();
        if let Some(Value::Object(map)) = removed.pointer_mut(parent) {
            map.shift_remove(key);
            check(&removed.to_string());
        }
    }
}
