//! What 20 real runtimes did with the files of the corpus, as far as they came to the weights.

use serde_json::Value;

use super::load;
use crate::keras::ModelFile;
use crate::loaders::config::{deserialize, ordered};
use crate::loaders::tests::{corpus, with_evidence};
use crate::loaders::{Evidence, Runtime, Stop};

/// Where a runtime raises what this step foretells.
const PLACES: [&str; 13] = [
    "load_weights_from_hdf5_group",
    "_set_weights",
    "batch_set_value",
    "variables.py:assign",
    "resource_variable_ops.py:assign",
    "_create_c_op",
    "_wrapfunc",
    "assert_is_compatible_with",
    "_assign_value_to_variable",
    "_call_cpp_shape_fn_impl",
    "safe_get_h5",
    "hdf5_format.py:<listcomp>",
    "dataset.py:__array__",
];

/// Whether that outcome was decided by the weights: what it is, or nothing.
fn decided(outcomes: &Value) -> Option<Result<(), (String, String)>> {
    let first = &outcomes["load_model"];
    let second = &outcomes["load_model(compile=False)"];
    let is_weights = |place: &str| PLACES.iter().any(|part| place.contains(part));
    if first["ok"] == true || second["ok"] == true {
        return Some(Ok(()));
    }
    let place = first["raised_in"].as_str()?;
    let by_keras2 = place.ends_with("saving.py:_deserialize_model")
        && ["TypeError", "ValueError"].contains(&first["exc"].as_str()?);
    let by_h5py = place.contains("group.py") && first["exc"] == "KeyError";
    (is_weights(place) || by_keras2 || by_h5py)
        .then(|| Err((first["exc"].as_str().unwrap().into(), first["msg"].as_str().unwrap().into())))
}

struct Tally {
    right: usize,
    unknown: Vec<String>,
    wrong: Vec<String>,
}

fn compare(evidence: &Evidence<'_>, truth: &Value, tally: &mut Tally) {
    let name = evidence.name;
    let model = evidence.model.and_then(|model| model.as_ref().ok());
    let Some(network) = model.and_then(ModelFile::network) else { return };
    // The step before this one may not know what it becomes.
    let as_written = ordered(network, "");
    for (id, outcomes) in truth.as_object().unwrap() {
        let (Some(runtime), Some(real)) = (Runtime::of(id), decided(outcomes)) else { continue };
        let built = evidence.model_config.and_then(|config| deserialize(evidence, runtime, config).ok());
        let said = load(evidence, runtime, built.as_ref().unwrap_or(&as_written));
        match (&said, &real) {
            (Err(Stop::Unknown(why)), _) => {
                tally.unknown.push(format!("{name} in {id}: {why}; really {real:?}"))
            }
            (Ok(_), Ok(())) => tally.right += 1,
            (Err(Stop::Raised(raised)), Err((exception, message)))
                if raised.exception == *exception && raised.message == *message =>
            {
                tally.right += 1;
            }
            _ => tally.wrong.push(format!("{name} in {id}: said {said:?}; really {real:?}")),
        }
    }
}

/// Outcomes of `load_model` that the weights decided, of every runtime and every file with an architecture.
#[test]
fn every_outcome_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let matrix: Value = serde_json::from_slice(&std::fs::read(corpus.join("matrix.json")).unwrap()).unwrap();
    let mut tally = Tally { right: 0, unknown: Vec::new(), wrong: Vec::new() };
    for (name, truth) in matrix["files"].as_object().unwrap() {
        let path = corpus.join("files").join(name);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        with_evidence(name, bytes, |evidence| compare(evidence, truth, &mut tally));
    }
    for line in tally.wrong.iter().chain(&tally.unknown) {
        println!("{}", line.chars().take(600).collect::<String>());
    }
    println!("{} right, {} unknown, {} wrong", tally.right, tally.unknown.len(), tally.wrong.len());
    let theirs = ["MemoryError", "KeyError", "AttributeError", "SoftLink", "shape bomb"];
    let own = tally.wrong.iter().filter(|line| !theirs.iter().any(|word| line.contains(word)));
    assert_eq!(own.collect::<Vec<_>>(), Vec::<&String>::new());
}
