//! What the numbers of whole files, saved by real Keras, are said to be; and that good ones are not suspected.

#![allow(clippy::panic, clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::session;
use resnet_verifier::source::MemorySource;
use serde_json::Value;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The rules that judge numbers.
const JUDGED: &[&str] = &[
    "huge",
    "bad-bn",
    "const",
    "untrained",
    "partly-untrained",
    "bn-untrained",
    "suspicious",
    "swapped",
    "duplicate",
    "dead-channels",
    "rounded",
    "float64",
];

/// What these rules find in a file.
fn judged(bytes: Vec<u8>) -> Vec<&'static str> {
    let report = session::check("model.h5", Arc::new(MemorySource(bytes)), &mut |_| {});
    report.findings.iter().map(|finding| finding.name).filter(|name| JUDGED.contains(name)).collect()
}

#[test]
fn new_and_trained_models_are_told_apart() {
    let cases: &[(&str, &[&str])] = &[
        ("new_glorot_uniform", &["untrained"]),
        ("new_he_normal", &["untrained"]),
        ("new_orthogonal", &["untrained"]),
        ("new_head", &["partly-untrained"]),
        ("one_step", &[]),
        ("trained", &[]),
    ];
    for (name, expected) in cases {
        let path = repository(&format!("tests/fixtures/verdicts/weights_{name}__k315.h5"));
        assert_eq!(judged(std::fs::read(path).unwrap()), *expected, "{name}");
    }
}

#[test]
fn models_of_the_repository_are_not_suspected() {
    let mut looked_at = 0;
    for folder in
        ["models", "operators/k122", "operators/k224", "operators/tf115", "operators/tf215", "operators/k315"]
    {
        for entry in std::fs::read_dir(repository("tests/fixtures").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "h5") {
                assert!(judged(std::fs::read(&path).unwrap()).is_empty(), "{}", path.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

/// The corpus lies beside the checkout; where it does not, this test says so and passes.
#[test]
fn good_files_of_the_corpus_are_not_suspected() {
    let corpus = repository("../shared/corpus");
    let Ok(index) = std::fs::read(corpus.join("index.json")) else {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    };
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let good = ["ok", "weights-only", "not-resnet", "theano", "theano-flipped", "lambda"];
    for record in index.iter().filter(|record| good.contains(&record["expected_verdict"].as_str().unwrap())) {
        let file = record["file"].as_str().unwrap();
        let found = judged(std::fs::read(corpus.join(file)).unwrap());
        assert!(found.is_empty(), "{file}: {found:?}");
    }
}
