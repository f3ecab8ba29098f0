//! Against what real Keras 3 did.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::Keras;
use crate::hdf5::File;
use crate::keras::{ModelFile, json};
use crate::loaders::facts::Facts;
use crate::loaders::{Raised, Runtime, Stop};
use crate::source::MemorySource;

/// What becomes of a config: None where a model does.
fn outcome(runtime: &'static Runtime, config: &Value) -> Result<Option<Raised>, String> {
    let facts = Facts::of(runtime.facts).ok_or("no facts")?;
    let mut keras = Keras::new(runtime, facts);
    let made = keras.model_from_config(&mut config.clone()).and_then(|model| keras.template_of(model));
    match made {
        Ok(_) => Ok(None),
        Err(Stop::Raised(raised)) => Ok(Some(raised)),
        Err(Stop::Unknown(why)) => Err(why),
    }
}

/// A message as the outcomes were recorded: shortened, addresses left out.
fn recorded(message: &str) -> String {
    let letters: Vec<char> = message.chars().collect();
    if letters.len() < 1600 {
        return message.to_string();
    }
    let part = |letters: &[char]| letters.iter().collect::<String>();
    format!("{} [...] {}", part(&letters[..1200]), part(&letters[letters.len() - 300..]))
}

/// Where the steps before and after this one raise.
const OTHER_STEPS: [&str; 13] = [
    "h5py/",
    "json_utils.py:decode",
    "legacy_h5_format.py",
    "saving_lib.py",
    "variables.py:assign",
    "variables.py:_set_weights",
    "optimizers/",
    "metrics/",
    "losses/",
    "_resolve_compile_arguments_compat",
    "trainer",
    "compile_utils",
    "try_build_compiled",
];

/// What a runtime really did with a file in this step: nothing that failed, or an exception. None where it wasn't run, or
/// failed before.
fn truth(calls: &Value) -> Option<Option<Raised>> {
    let call = calls.get("load_model(compile=False)").or_else(|| calls.get("load_model"))?;
    if call["ok"] == Value::Bool(true) {
        return Some(None);
    }
    let place = call["raised_in"].as_str().unwrap_or_default();
    if ["h5py/_hl/files", "h5py/_hl/attrs", "json_utils.py:decode", "load_model_from_hdf5"]
        .iter()
        .any(|at| place.contains(at))
    {
        return None;
    }
    if OTHER_STEPS.iter().any(|at| place.contains(at)) {
        return Some(None);
    }
    let text = |key: &str| call[key].as_str().unwrap_or_default().to_string();
    Some(Some(Raised { exception: text("exc"), message: text("msg") }))
}

fn config(path: &Path) -> Option<Value> {
    let file = File::open(Arc::new(MemorySource(std::fs::read(path).ok()?))).ok()?;
    let model = ModelFile::read(&file).ok()?;
    Some(json::parse(model.texts.model_config.as_ref()?).ok()?.value)
}

/// Where an answer leaves what is true.
fn difference(expected: Option<&Raised>, found: &Result<Option<Raised>, String>) -> String {
    let (Some(expected), Ok(Some(found))) = (expected, found) else {
        return format!("really {expected:?}\n  said {found:?}").chars().take(900).collect();
    };
    let said = recorded(&found.message);
    let same = expected.message.chars().zip(said.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| text.chars().skip(same.saturating_sub(40)).take(160).collect::<String>();
    let kinds = (&expected.exception, &found.exception);
    format!("{kinds:?} at {same}\n  really {:?}\n  said   {:?}", from(&expected.message), from(&said))
}

/// Every outcome of the corpus in Keras 3.0.5, 3.5.0 and 3.15.1.
#[test]
fn the_corpus_is_deserialised_as_by_the_real_runtimes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(text) = std::fs::read_to_string(corpus.join("matrix.json")) else {
        println!("skipped: there is no corpus at {}", corpus.display());
        return;
    };
    let matrix: Value = serde_json::from_str(&text).unwrap();
    let (mut all, mut right) = (0, 0);
    for (name, runtimes) in matrix["files"].as_object().unwrap() {
        let Some(config) = config(&corpus.join("files").join(name)) else { continue };
        for runtime in ["k305", "k35", "k315"].map(|id| Runtime::of(id).unwrap()) {
            let Some(expected) = runtimes.get(runtime.id).and_then(truth) else { continue };
            all += 1;
            match outcome(runtime, &config) {
                Ok(None) if expected.is_none() => right += 1,
                Ok(Some(found))
                    if expected.as_ref().is_some_and(|expected| {
                        expected.exception == found.exception && expected.message == recorded(&found.message)
                    }) =>
                {
                    right += 1;
                }
                found => println!("{name} in {}: {}", runtime.id, difference(expected.as_ref(), &found)),
            }
        }
    }
    println!("{right} of {all}");
    assert!(all >= 200 && right * 100 >= all * 97, "{right} of {all}");
}

/// What Keras 3 made of small configs, most of them faulty: `tools/make_config_cases.py`.
#[test]
fn configs_are_deserialised_as_by_the_real_runtimes() {
    let fixture: Value =
        json::parse(include_str!("../../../../tests/fixtures/loaders/keras3.json")).unwrap().value;
    let (mut all, mut right, mut unknown) = (0, 0, 0);
    for case in fixture["cases"].as_array().unwrap() {
        for (id, answer) in case["outcomes"].as_object().unwrap() {
            let runtime = Runtime::of(id).unwrap();
            let text = |index: usize| answer[index].as_str().unwrap_or_default().to_string();
            let expected = (!answer.is_null()).then(|| Raised { exception: text(0), message: text(1) });
            all += 1;
            match outcome(runtime, &case["config"]) {
                Ok(found) if found == expected => right += 1,
                found => {
                    unknown += usize::from(found.is_err());
                    println!("{} in {id}: {}", case["name"], difference(expected.as_ref(), &found));
                }
            }
        }
    }
    println!("{right} of {all}, {unknown} unknown");
    assert!(all >= 200 && right * 100 >= all * 90, "{right} of {all}");
}
