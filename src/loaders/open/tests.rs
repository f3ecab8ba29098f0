//! Files that are opened and whose `model_config` is read, against what the real runtimes do.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{model_config, open};
use crate::loaders::tests::with_evidence;
use crate::loaders::{RUNTIMES, Runtime, Stop};

/// What a runtime does up to the value of `model_config`: `None` where it goes on, else the exception and its message.
fn outcome(name: &str, bytes: &[u8], runtime: &Runtime) -> Result<(), Stop> {
    with_evidence(name, bytes.into(), |evidence| {
        open(evidence, runtime)?;
        model_config(evidence, runtime).map(drop)
    })
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/open"))
}

/// Each file with what each runtime really said of it: `tools/make_open_cases.py` and `tools/measure_open_cases.py`.
#[test]
fn what_the_runtimes_say_of_files_and_configs() {
    let expected: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        serde_json::from_slice(&std::fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let (mut asked, mut unknown, mut wrong) = (0, Vec::new(), Vec::new());
    for (name, outcomes) in &expected {
        let bytes = std::fs::read(folder().join(name)).unwrap();
        for (real, id) in outcomes.iter().flat_map(|(real, ids)| ids.iter().map(move |id| (real, id))) {
            asked += 1;
            match outcome(name, &bytes, Runtime::of(id).unwrap()) {
                Ok(()) if real == "goes on" => {}
                Err(Stop::Raised(raised)) if *real == format!("{}: {}", raised.exception, raised.message) => {
                }
                Err(Stop::Unknown(why)) => unknown.push(format!("{name} in {id}: {why}")),
                said => wrong.push(format!("{name} in {id}: {said:?}, really {real}")),
            }
        }
    }
    assert!(asked > 1000, "{asked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // `.keras` archives, and texts whose type is not told.
    assert!(unknown.len() * 50 < asked, "{}", unknown.join("\n"));
}

/// Outcomes of a corpus of real files, where it is there.
#[test]
fn what_the_runtimes_say_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(matrix) = std::fs::read(corpus.join("matrix.json")) else {
        eprintln!("skipped: {} is absent", corpus.display());
        return;
    };
    let matrix: Value = serde_json::from_slice(&matrix).unwrap();
    let mut wrong = Vec::new();
    for (name, runtimes) in matrix["files"].as_object().unwrap() {
        let Ok(bytes) = std::fs::read(corpus.join("files").join(name)) else { continue };
        for runtime in RUNTIMES {
            let real = &runtimes[runtime.id]["load_model"];
            let Err(Stop::Raised(said)) = outcome(name, &bytes, runtime) else { continue };
            let same = real["exc"] == said.exception.as_str() && real["msg"] == said.message.as_str();
            if !real.is_null() && !same {
                wrong.push(format!("{name} in {}: {said:?}, really {real}", runtime.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
