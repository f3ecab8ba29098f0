//! The step against what real runtimes did with the corpus.

use crate::loaders::config::deserialize;
use crate::loaders::tests::{Truth, corpus, cut, truths, with_evidence};
use crate::loaders::{Evidence, Loader, Stop};

/// Where an exception comes from that another step raises.
const OTHER_STEPS: [&str; 9] = [
    "h5py/",
    "io_utils",
    "loader_impl",
    "load_weights_from_hdf5_group",
    "batch_set_value",
    "_assign_value",
    "resource_variable",
    "assert_is_compat",
    "numpy/",
];

/// Whether the runtime came as far as this step, and which call shows what it did there.
fn of_this_step(truths: &[Truth]) -> Vec<&Truth> {
    let mine = |truth: &&Truth| {
        truth.runtime.loader != Loader::Keras3
            && matches!(truth.call.as_str(), "load_model" | "load_model(compile=False)")
    };
    let all: Vec<&Truth> = truths.iter().filter(mine).collect();
    let without = |truth: &&&Truth| {
        truth.call != "load_model"
            || !all.iter().any(|other| other.runtime.id == truth.runtime.id && other.call != "load_model")
    };
    all.iter().filter(without).copied().collect()
}

fn judge(evidence: &Evidence<'_>, truth: &Truth) -> Option<Result<(), String>> {
    let config = evidence.model_config?;
    let said = deserialize(evidence, truth.runtime, config);
    let later = truth.ok || OTHER_STEPS.iter().any(|step| truth.raised_in.contains(step));
    let before = ["No model", "decode", "Cannot create group", "JSON", "codec", "SavedModel", "open file"];
    if !truth.ok && before.iter().any(|word| truth.message.contains(word)) {
        return None;
    }
    Some(match said {
        Ok(_) if later => Ok(()),
        Err(Stop::Raised(raised))
            if raised.exception == truth.exception && cut(&raised.message) == truth.message =>
        {
            Ok(())
        }
        Ok(_) => Err("loads".into()),
        Err(stop) => Err(format!("{stop:.300?}")),
    })
}

#[test]
fn configs_become_models_or_raise_as_in_the_corpus() {
    let Some(folder) = corpus() else { return };
    let (mut right, mut wrong) = (0, Vec::new());
    for (name, bytes, truths) in truths(&folder) {
        with_evidence(&name, bytes, |evidence| {
            for truth in of_this_step(&truths) {
                match judge(evidence, truth) {
                    None => {}
                    Some(Ok(())) => right += 1,
                    Some(Err(said)) => wrong.push(format!(
                        "{name} in {}: {} {:.200} [{}]\n    said {said}",
                        truth.runtime.id, truth.exception, truth.message, truth.raised_in
                    )),
                }
            }
        });
    }
    wrong.iter().for_each(|line| eprintln!("{line}"));
    let share = right as f64 / (right + wrong.len()) as f64;
    assert!(share >= 0.97, "{right} right, {} wrong", wrong.len());
}
