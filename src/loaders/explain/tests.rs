//! What was really raised, and what people paste.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::*;

/// `(exception, message, runtimes that raised it)` of `corpus/matrix.json`; empty where that is not at hand.
fn measured() -> Vec<(String, String, BTreeSet<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/matrix.json");
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let matrix: Value = serde_json::from_str(&text).expect("matrix.json is JSON");
    let mut all: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (_, runtimes) in matrix["files"].as_object().expect("files") {
        for (runtime, calls) in runtimes.as_object().expect("runtimes") {
            for call in calls.as_object().expect("calls").values() {
                let (Some(exception), Some(message)) = (call["exc"].as_str(), call["msg"].as_str()) else {
                    continue;
                };
                if exception != "Timeout" {
                    all.entry((exception.into(), message.into())).or_default().insert(runtime.clone());
                }
            }
        }
    }
    all.into_iter().map(|((exception, message), runtimes)| (exception, message, runtimes)).collect()
}

/// Every message that a runtime of the corpus raised is understood, and those that raised it are among those named.
#[test]
fn what_was_measured_is_attributed_to_who_raised_it() {
    let all = measured();
    let mut wrong = Vec::new();
    for (exception, message, runtimes) in &all {
        let explanation = explain(&format!("{exception}: {message}"));
        let alone = explain(message);
        assert!(
            message.len() < 20 || message.starts_with('\'') || !alone.reasons.is_empty(),
            "not understood without its type: {message}"
        );
        let named: BTreeSet<String> = explanation.environments.iter().map(|one| one.id.to_string()).collect();
        if !runtimes.is_subset(&named) || explanation.reasons.is_empty() {
            let missing: Vec<&String> = runtimes.difference(&named).collect();
            let short: String = message.chars().take(160).collect();
            let reasons: Vec<&str> = explanation.reasons.iter().map(|reason| reason.name).collect();
            wrong.push(format!("{exception}: {short}\n    {reasons:?}, not named: {missing:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

fn names(text: &str) -> Vec<&'static str> {
    explain(text).reasons.iter().map(|reason| reason.name).collect()
}

fn ids(text: &str) -> Vec<&'static str> {
    explain(text).environments.iter().map(|one| one.id).collect()
}

#[test]
fn a_traceback_in_colours_from_windows_tells_who_raised_it() {
    let text = "2020-09-01 12:00:01 ERROR worker failed\r\nTraceback (most recent call last):\r\n  File \"C:\\Users\\me\\Anaconda3\\lib\\\
        site-packages\\tensorflow_core\\python\\keras\\saving\\save.py\", line 146, in load_model\r\n    return …\r\n\u{1b}[0;31mValueError\u{1b}[0m: \
        Unknown layer: Func\r\ntional\r\nProcess finished with exit code 1";
    let explanation = explain(text);
    assert_eq!(explanation.exception.as_deref(), Some("ValueError"));
    assert_eq!(explanation.reasons[0].name, "unknown-functional");
    assert_eq!(ids(text), ["tf115", "tf115_h5py3", "tf20", "tf21"]);
    assert_eq!(ids("Unknown layer: Functional").len(), 10);
}

#[test]
fn what_imageai_hides_stands_behind_what_it_says() {
    let text = "Traceback (most recent call last):\n  File \"/a/lib/python3.7/site-packages/imageai/Prediction/Custom/__init__.py\", line 459\n\
        ValueError: You are trying to load a weight file containing 106 layers into a model with 107 layers.\n\nDuring handling of the above \
        exception, another exception occurred:\n\nTraceback (most recent call last):\nValueError: You have specified an incorrect path to the \
        ResNet model file.";
    assert_eq!(names(text), ["imageai-path", "layer-count"]);
    assert_eq!(ids(text), ["imageai203"]);
    assert!(explain(text).reasons[1].cause.contains("106 is the number of ResNet50 without its classifier"));
}

#[test]
fn holes_at_both_ends_are_filled() {
    let cause = |text: &str| explain(text).reasons.remove(0).cause;
    let text = "OSError: Unable to open file (truncated file: eof = 5, sblock->base_addr = 0, stored_eof = 20)\n\nDuring handling\nmore";
    assert!(cause(text).contains("5 bytes are there, 20 should be"));
    assert!(
        cause("TypeError: weight_decay is not a valid argument, kwargs should be empty for x")
            .contains("the argument `weight_decay`")
    );
    assert!(cause("ValueError: Unknown layer: ScaleShift\nProcess ended").contains("class `ScaleShift`"));
    let text =
        "Exception encountered: GlorotUniform.__init__() got an unexpected keyword argument 'input_axes'";
    assert!(
        cause(text).contains("gives GlorotUniform an argument that this version doesn't have: input_axes")
    );
}

#[test]
fn the_innermost_reason_comes_before_its_wrapper() {
    let text = "TypeError: Error when deserializing class 'Conv2D' using config={'name': 'conv1_conv', 'trainable': True}.\n\nException \
        encountered: GlorotUniform.__init__() got an unexpected keyword argument 'dtype'";
    assert_eq!(names(text), ["unexpected-initializer-dtype", "error-when-deserializing"]);
    assert_eq!(ids(text), ["k305", "k33", "k35", "k38", "k310", "k315"]);
}

/// Texts of the catalogue of failures that no file of the corpus gives, copied from public reports and the sources named there.
#[test]
fn reported_texts_are_understood() {
    for (text, name) in [
        ("OSError: Unable to open file (File signature not found)", "no-signature"),
        ("OSError: No file or directory found at model.h5", "no-file"),
        (
            "BlockingIOError: [Errno 11] Unable to open file (unable to lock file, errno = 11, error message = 'Resource temporarily unavailable')",
            "locked",
        ),
        (
            "OSError: Unable to open object (file read failed: time = x, filename = 'w.h5', file descriptor = 3, errno = 5, error message = 'Input/output error', buf = 0x5)",
            "disk-error",
        ),
        ("RuntimeError: Unable to create attribute (object header message is too large)", "header-too-large"),
        ("ValueError: Not allowed: H5 file with external Dataset: [('a', 0, 1)]", "external-dataset"),
        ("AttributeError: 'Dataset' object has no attribute 'value'", "dataset-value"),
        (
            "ValueError: File not found: filepath=a.keras. Please ensure the file is an accessible `.keras` zip file.",
            "no-keras-archive",
        ),
        (
            "ValueError: File format not supported: filepath=a. Keras 3 only supports V3 `.keras` files and legacy H5 format files",
            "format-not-supported",
        ),
        ("ValueError: The filename must end in `.weights.h5`. Received: filepath=a.h5", "weights-ending"),
        (
            "TypeError: Could not deserialize class 'Functional' because its parent module keras.src.models.functional cannot be imported. Full object config: {}",
            "parent-module",
        ),
        (
            "Exception: Weight loading failed.\nEnsure the model path is set and the weight file is in the specified model path.",
            "imageai-weight-loading",
        ),
        (
            "ValueError: Invalid model file net.hdf5. Please parse in a '.pt' and '.pth' model file.",
            "imageai-invalid-file",
        ),
        (
            "RuntimeError: You are trying to use a Tensorflow model with ImageAI. ImageAI now uses PyTorch as backed as from version 3.0.2 . If",
            "imageai-tensorflow-model",
        ),
        (
            "Layer #176 (named \"fc1000\"), weight <tf.Variable 'fc1000_7/kernel:0' shape=(2048, 10) dtype=float32_ref> has shape (2048, 10), but the saved weight has shape (2048, 1000).",
            "shapes-by-name",
        ),
        ("ValueError: Shapes (1, 1, 512, 3) and (2, 512, 1, 1) are incompatible", "shapes-incompatible"),
        ("TypeError: ('Keyword argument not understood:', 'synchronized')", "unexpected-argument-unnamed"),
        ("ValueError: ('Unrecognized keyword arguments:', dict_keys(['ragged']))", "unexpected-ragged"),
        ("ValueError: Unknown initializer: GlorotUniform", "unknown-object"),
        ("TypeError: tuple indices must be integers or slices, not list", "axis-is-a-list"),
        (
            "ValueError: Cannot convert '((None, 2048), 2)' to a shape. Found invalid dimension '(None, 2048)' of type '<class 'tuple'>'.",
            "nested-model",
        ),
        (
            "Kernel shape must have the same length as input, but received kernel of shape (3, 3, 3, 4) and input of shape (None, None, 8, 8, 3).",
            "kernel-rank",
        ),
        (
            "ValueError: Unrecognized keyword arguments passed to DepthwiseConv2D: {'groups': 1}",
            "unexpected-argument",
        ),
        ("ValueError: Unknown dtype policy: DTypePolicy", "unknown-policy"),
        (
            "ValueError: `model_from_config` expects a dictionary, not a list. Maybe you meant to use `Sequential.from_config(config)`?",
            "config-is-a-list",
        ),
        ("SystemError: Objects/codeobject.c:119: bad argument to internal function", "marshal"),
        (
            "TypeError: Could not locate function 'mse'. Make sure custom classes are decorated with `@keras.saving.register_keras_serializable()`. Full object config: {}",
            "could-not-locate",
        ),
        (
            "ValueError: Could not deserialize 'keras.metrics.mse' because it is not a KerasSaveable subclass",
            "keras-saveable",
        ),
        ("AttributeError: 'NoneType' object has no attribute 'merge_call'", "merge-call"),
        (
            "ValueError: Load weights is not yet supported with TPUStrategy with steps_per_run greater than 1.",
            "tpu-steps",
        ),
        (
            "NotFoundError: Resource worker/batch_normalization_10/moving_mean/replica_7/N10 does not exist.",
            "tpu-resource",
        ),
        (
            "UnimplementedError: File system scheme '[local]' not implemented (file: 'm/variables/variables')",
            "tpu-local",
        ),
        (
            "ValueError: Error when checking input: expected input_1 to have shape (224, 224, 3) but got array with shape (100, 100, 3)",
            "input-shape",
        ),
        (
            "Input 0 with name 'input_layer_22' of layer 'resnet50' is incompatible with the layer: expected shape=(None, 224, 224, 3), found shape=(1, 100, 100, 3)",
            "input-shape-keras",
        ),
        (
            "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Found array with shape: (1, 10)",
            "decode-predictions",
        ),
        (
            "If using `weights` as `\"imagenet\"` with `include_top` as true, `classes` should be 1000",
            "imagenet-classes",
        ),
        (
            "UnimplementedError:  Fused conv implementation does not support grouped convolutions for now.\n\t [[{{node conv2d_11/BiasAdd}}]]",
            "silent-shapes",
        ),
        (
            "InvalidArgumentError: Computed output size would be negative: -227 [input_size: 56, effective_filter_size: 512, stride: 2]",
            "silent-shapes",
        ),
        (
            "AttributeError: 'CustomImagePrediction' object has no attribute 'setModelTypeAsResNet50'",
            "imageai-renamed",
        ),
        (
            "ValueError: An error occured. Ensure your model file is a ResNet50 Model and is located in the path /a/b.h5",
            "imageai-ensure",
        ),
        ("ValueError: Error. Ensure your input image is valid", "imageai-valid-image"),
        ("ValueError: You must set a valid model type before loading the model.", "imageai-model-type"),
    ] {
        assert_eq!(explain(text).reasons.first().map(|reason| reason.name), Some(name), "{text}");
    }
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    for text in ["", "hello", "IndexError: list index out of range", "ValueError", "{}{}", "\u{1b}[31m"] {
        let explanation = explain(text);
        assert!(explanation.reasons.is_empty() && explanation.environments.is_empty(), "{text}");
        assert_eq!(Verdict::of(text, &explanation, &[]).word(), "open");
    }
}

fn case<'a>(environment: &'a str, messages: Option<Vec<&'a str>>) -> Case<'a> {
    Case { environment, name: environment, messages }
}

#[test]
fn with_the_file_a_text_is_confirmed_refuted_or_open() {
    let text = "ValueError: Unknown layer: Functional";
    let explanation = explain(text);
    let all = |messages: Option<Vec<&'static str>>| -> Vec<Case<'static>> {
        explanation.environments.iter().map(|one| case(one.id, messages.clone())).collect()
    };
    let verdict = |cases: &[Case<'_>]| Verdict::of(text, &explanation, cases).word();
    assert_eq!(verdict(&all(Some(vec!["Unknown layer: Functional"]))), "confirmed");
    assert_eq!(verdict(&all(Some(vec!["Unknown layer: MyLayer"]))), "refuted");
    assert_eq!(verdict(&all(Some(vec![]))), "refuted");
    assert_eq!(verdict(&all(None)), "open");
    assert_eq!(verdict(&[]), "open");
    assert_eq!(
        verdict(&[case("tf20", None), case("k224", Some(vec!["Unknown layer: Functional"]))]),
        "confirmed"
    );
}

#[test]
fn another_version_of_the_same_words_confirms_too() {
    let text = "Unable to open file (truncated file: eof = 10, sblock->base_addr = 0, stored_eof = 20)";
    let said = "Unable to synchronously open file (truncated file: eof = 10, sblock->base_addr = 0, stored_eof = 20)";
    let other = "Unable to open file (truncated file: eof = 11, sblock->base_addr = 0, stored_eof = 20)";
    let explanation = explain(text);
    assert_eq!(Verdict::of(text, &explanation, &[case("k315", Some(vec![said]))]).word(), "confirmed");
    let all: Vec<Case<'_>> =
        explanation.environments.iter().map(|one| case(one.id, Some(vec![other]))).collect();
    assert_eq!(Verdict::of(text, &explanation, &all).word(), "refuted");
}

#[test]
fn a_long_message_is_known_by_its_ends() {
    let text = format!(
        "TypeError: Error when deserializing class 'A' using config={{{}}} end of it",
        "'x': 1, ".repeat(500)
    );
    let cut = "Error when deserializing class 'A' using config={'x': 1, [...] 'x': 1, } end of it";
    let explanation = explain(&text);
    assert_eq!(Verdict::of(&text, &explanation, &[case("k315", Some(vec![cut]))]).word(), "confirmed");
}

#[test]
fn every_hole_that_a_cause_names_is_in_every_text() {
    for pattern in crate::loaders::errors::patterns() {
        for text in pattern.texts {
            let holes = text.words.matches("{}").count();
            for sentence in [pattern.cause, pattern.fix] {
                for index in (0..9).filter(|index| sentence.contains(&format!("{{{index}}}"))) {
                    assert!(index < holes, "{}: {} has no hole {index}", pattern.name, text.words);
                }
            }
        }
    }
}
