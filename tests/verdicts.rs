//! The verdicts on whole files: good ones have no finding of severity error, bad ones the finding that names what is wrong.

#![allow(clippy::panic, clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::report::Report;
use resnet_verifier::session;
use resnet_verifier::source::MemorySource;
use serde_json::Value;

fn report(path: &Path) -> Report {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    session::check("model.h5", Arc::new(MemorySource(bytes)), &mut |_| {})
}

/// What is wrong with the verdict on a file that must be `ok`, or have a finding of that name.
fn fault(path: &Path, expected: &str) -> Option<String> {
    let report = report(path);
    let names: Vec<&str> = report.findings.iter().map(|finding| finding.name).collect();
    let right = if expected == "ok" { !report.has_errors() } else { names.contains(&expected) };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (!right).then(|| format!("{name}: expected {expected}, found {names:?}"))
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Files of the repository and their verdicts. `models/` is also what the page's tests use.
const FIXTURES: &[(&str, &str)] = &[
    ("models/channels_first_full__k224.h5", "ok"),
    ("models/cifar8v1_full__k122_tf.h5", "ok"),
    ("models/cifar8v1_full__tf215.h5", "ok"),
    ("models/transfer_full__k315.h5", "ok"),
    ("models/cifar8v1_weights__tf215.h5", "weights-only"),
    ("models/custom_layer_full__tf215.h5", "unknown-layer"),
    ("models/lambda_full__tf215.h5", "lambda"),
    ("models/nan_one_s.h5", "nan"),
    ("models/one_shape_wrong_s.h5", "shape-mismatch"),
    ("models/truncated_s2.h5", "truncated"),
    ("models/empty.h5", "empty"),
    ("models/git_lfs_pointer.h5", "not-hdf5"),
    ("models/html_404.h5", "not-hdf5"),
    ("models/text_not_a_model.h5", "not-hdf5"),
    ("verdicts/augmentation_broken_save__k305.h5", "broken-save"),
    ("verdicts/data_elsewhere.hdf5", "external-data"),
    ("verdicts/groups_in_circles.h5", "k3-weights"),
    ("verdicts/heap_bomb.hdf5", "corrupt"),
    ("verdicts/links.hdf5", "external-link"),
    ("verdicts/never_written.hdf5", "never-written"),
    ("verdicts/shape_bomb.hdf5", "shape-bomb"),
    ("verdicts/unknown_filter.hdf5", "not-read"),
    ("verdicts/nested_model_broken_save__k305.h5", "broken-save"),
    ("verdicts/theano_tf_full__k122_thtf.h5", "theano-flipped"),
    ("verdicts/theano_th_weights__k122_th.h5", "theano"),
    ("operators/k122/keras1_block.h5", "ok"),
    ("operators/k224/shared_conv.h5", "ok"),
    ("operators/tf115/inner_partly_frozen.h5", "ok"),
    ("operators/tf215/policy_mixed_float16.h5", "ok"),
    ("operators/k315/small_resnet.h5", "ok"),
    ("operators/k315/custom_layer.h5", "unknown-layer"),
    ("operators/k315/lambda_nested.h5", "lambda"),
];

#[test]
fn files_of_the_repository_get_their_verdicts() {
    let folder = repository("tests/fixtures");
    let faults: Vec<String> =
        FIXTURES.iter().filter_map(|(file, expected)| fault(&folder.join(file), expected)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The verdicts of the corpus that this version gives.
const CLAIMED: &[&str] = &[
    "ok",
    "bad-bn",
    "bad-config",
    "bn-untrained",
    "broken-save",
    "const",
    "corrupt",
    "empty",
    "huge",
    "functional",
    "inf",
    "k3-weights",
    "keras-zip",
    "lambda",
    "layer-count",
    "missing-attr",
    "missing-dataset",
    "missing-layer",
    "nan",
    "newer-kwarg",
    "no-config",
    "no-weights",
    "not-hdf5",
    "not-keras",
    "not-resnet",
    "order",
    "shape-mismatch",
    "suspicious",
    "theano",
    "theano-flipped",
    "truncated",
    "unknown-layer",
    "untrained",
    "str-decode",
    "truncated",
    "unknown-layer",
    "unknown-loss",
    "unknown-metric",
    "weight-count",
    "weights-only",
    "zero-all",
    "zero-layer",
];

/// The corpus lies beside the checkout; where it does not, this test says so and passes.
#[test]
fn files_of_the_corpus_get_their_verdicts() {
    let corpus = repository("../shared/corpus");
    let Ok(index) = std::fs::read(corpus.join("index.json")) else {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    };
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let (mut right, mut faults, mut skipped) = (0, Vec::new(), Vec::new());
    for record in &index {
        let (file, expected) =
            (record["file"].as_str().unwrap(), record["expected_verdict"].as_str().unwrap());
        if !CLAIMED.contains(&expected) {
            // Even so there is a report.
            report(&corpus.join(file));
            skipped.push(format!("{file} ({expected})"));
            continue;
        }
        match fault(&corpus.join(file), expected) {
            Some(fault) => faults.push(fault),
            None => right += 1,
        }
    }
    println!("{right} right; {} not claimed: {}", skipped.len(), skipped.join(", "));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
