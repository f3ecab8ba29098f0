//! `.keras` archives of real Keras versions, checked and run as if they were HDF5 files.
//!
//! `tests/fixtures/archives/cases.json` says what each Keras computed; `tools/make_keras_archives.py` made them.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that meets what it does not expect must stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::report::Report;
use resnet_verifier::session::{self, Backend, Runner};
use resnet_verifier::source::MemorySource;
use serde_json::Value;

/// Largest difference allowed to what Keras computed, relative where that is more than 1.
const TOLERANCE: f64 = 1e-5;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/archives")
}

fn cases() -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(folder().join("cases.json")).unwrap()).unwrap()
}

fn source(case: &Value) -> Arc<MemorySource> {
    Arc::new(MemorySource(std::fs::read(folder().join(case["file"].as_str().unwrap())).unwrap()))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn check(case: &Value) -> Report {
    session::check("model.keras", source(case), &mut |_| {})
}

#[test]
fn archives_compute_what_keras_computes() {
    for case in cases() {
        let name = case["file"].as_str().unwrap();
        let sides = [1, 2].map(|axis| usize::try_from(case["shape"][axis].as_u64().unwrap()).unwrap());
        let prepared =
            session::prepare(source(&case), 1, Some(sides)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let input: Vec<f32> = numbers(&case["input"]).into_iter().map(|x| x as f32).collect();
        let outputs = pollster::block_on(async {
            let mut runner = Runner::new(prepared, Backend::Reference, &mut |_| true).await.unwrap();
            runner.run(&[&input], &mut |_| true).await.unwrap()
        });
        for (found, expected) in outputs[0].iter().zip(numbers(&case["output"])) {
            assert!(
                (f64::from(*found) - expected).abs() <= TOLERANCE,
                "{name}: {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn archives_under_their_own_name_have_no_fault() {
    for case in cases() {
        let report = check(&case);
        let faults: Vec<_> =
            report.findings.iter().filter(|found| found.severity != "note").map(|f| f.name).collect();
        assert_eq!(faults, ["not-resnet"], "{}", case["file"]);
        assert!(report.runs.ok, "{:?}", report.runs.reason);
        let version = case["keras"].as_str().unwrap();
        assert!(report.file.saved_by.is_some_and(|who| who.contains(version)), "{version}");
    }
}

#[test]
fn a_changed_number_in_the_weights_is_seen_by_the_checksum() {
    let case = cases().into_iter().find(|case| case["file"] == "branches__k33.keras").unwrap();
    let mut bytes = source(&case).0.to_vec();
    // Among the numbers of the weights, which the archive stores as they are.
    let at = bytes.len() - 30_000;
    bytes[at] ^= 4;
    let report = session::check("model.keras", Arc::new(MemorySource(bytes)), &mut |_| {});
    let found = report.findings.iter().find(|found| found.name == "corrupt").unwrap();
    assert!(found.message.contains("CRC-32"), "{}", found.message);
}

#[test]
fn of_an_unfinished_archive_the_architecture_is_still_read() {
    let case = cases().into_iter().find(|case| case["file"] == "branches__k33.keras").unwrap();
    let bytes = &source(&case).0[..20_000];
    let report = session::check("model.keras", Arc::new(MemorySource(bytes.into())), &mut |_| {});
    let names: Vec<_> = report.findings.iter().map(|found| found.name).collect();
    assert_eq!(names, ["keras-zip", "truncated", "not-resnet"]);
    assert!(report.recognition.is_some());
}
