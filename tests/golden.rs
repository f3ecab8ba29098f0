//! Reports and runs in full, as JSON: what the page's tests render is what this crate writes.
//!
//! `UPDATE_GOLDEN=1 cargo test --test golden` writes the files anew.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that meets what it does not expect must stop.

use std::cell::Cell;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use resnet_verifier::image::Preparation;
use resnet_verifier::report::{Adapter, Report, RunReport};
use resnet_verifier::session::{self, Backend, Input, Runner};
use resnet_verifier::source::MemorySource;
use serde_json::Value;

/// How far a number may be from the golden one, relative to it: libraries differ in the last digit of `exp`.
const TOLERANCE: f64 = 1e-5;

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

fn source(model: &str) -> Arc<MemorySource> {
    Arc::new(MemorySource(std::fs::read(fixture(&format!("models/{model}"))).unwrap()))
}

/// Holds `json` against the golden file `name`, or writes it there when that is asked for.
fn assert_golden(name: &str, json: &str) {
    let path = fixture(&format!("reports/{name}.json"));
    let found: Value = serde_json::from_str(json).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{}\n", pretty(&found, ""))).unwrap();
    }
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    if let Some(difference) = difference("", &golden, &found) {
        panic!("{name}{difference}; if that is meant, run it with UPDATE_GOLDEN=1");
    }
}

/// JSON for people: indented, with a list of numbers on one line.
fn pretty(value: &Value, indent: &str) -> String {
    let deeper = format!("{indent}  ");
    let join = |open: &str, items: Vec<String>, close: &str| {
        format!("{open}\n{deeper}{}\n{indent}{close}", items.join(&format!(",\n{deeper}")))
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let entry = |(key, value)| format!("{}: {}", Value::from(key), pretty(value, &deeper));
            join("{", map.iter().map(|(key, value)| entry((key.as_str(), value))).collect(), "}")
        }
        Value::Array(list) if !list.iter().all(Value::is_number) => {
            join("[", list.iter().map(|value| pretty(value, &deeper)).collect(), "]")
        }
        value => value.to_string(),
    }
}

/// The first place where two JSON values differ.
fn difference(at: &str, golden: &Value, found: &Value) -> Option<String> {
    let differs = || Some(format!("{at}: expected {golden}, found {found}"));
    match (golden, found) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, value)| difference(&format!("{at}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(i, (a, b))| difference(&format!("{at}[{i}]"), a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64()?, b.as_f64()?);
            if (a - b).abs() <= TOLERANCE * a.abs() { None } else { differs() }
        }
        _ if golden == found => None,
        _ => differs(),
    }
}

fn check(model: &str) -> Report {
    session::check(model, source(model), &mut |_| {})
}

#[test]
fn reports_are_the_golden_ones() {
    for (golden, model) in [
        ("good", "transfer_full__k315.h5"),
        ("bad", "many_faults.h5"),
        ("cut", "truncated_s2.h5"),
        ("unsafe", "lambda_full__tf215.h5"),
        ("impostor", "html_404.h5"),
    ] {
        assert_golden(golden, &check(model).json());
    }
}

/// Drives a future that has nothing to wait for, as everything on the CPU has.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the CPU had to wait"),
    }
}

/// A prediction on the CPU, by a clock that goes on by 38 milliseconds whenever it is looked at. The reference computes it,
/// because the fast executor's last digits depend on the length of the processor's vectors.
fn run(model: &str, input: &str) -> RunReport {
    let clock = Cell::new(0.0);
    let tick = || clock.replace(clock.get() + 38.0);
    let prepared = session::prepare(source(model), 1, None).unwrap();
    let mut runner = now(Runner::new(prepared, Backend::Reference, &mut |_| true)).unwrap();
    let bytes = std::fs::read(fixture(&format!("models/{input}"))).unwrap();
    now(runner.predict(Input::of_bytes(&bytes, Preparation::default()), 5, &tick, &mut |_| true)).unwrap()
}

#[test]
fn runs_are_the_golden_ones() {
    let reference = run("cifar8v1_full__tf215.h5", "in_32_unit.npy");
    let cpu = RunReport { backend: "cpu", backend_reason: "The CPU was asked for.".into(), ..reference };
    assert_golden("run-cpu", &cpu.json());
    // What differs on a GPU is said here, because not every machine has one.
    let gpu = RunReport {
        backend: "gpu",
        adapter: Some(Adapter { name: "a GPU".into(), software: false }),
        backend_reason: "WebGPU computed it on the GPU.".into(),
        ..cpu
    };
    assert_golden("run-gpu", &gpu.json());
}

/// What Keras 1.2.2 predicted under Theano, before it saved the model: its convolutions turn their kernels.
const THEANOS: [f64; 10] = [
    0.025134148,
    0.052962646,
    0.051031932,
    0.042992972,
    0.094570875,
    0.59616745,
    0.041565336,
    0.033029277,
    0.03574146,
    0.026803916,
];

#[test]
fn a_file_of_theano_predicts_as_theano_did() {
    let run = run("../verdicts/theano_tf_full__k122_thtf.h5", "in_32_unit.npy");
    let found = &run.outputs[0].data;
    assert_eq!(found.len(), THEANOS.len());
    assert!(found.iter().zip(THEANOS).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6), "{found:?}");
}
