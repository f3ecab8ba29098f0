//! What the tests of the steps share: the corpus with what each runtime really did, and the evidence of a file.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::{Evidence, RUNTIMES, Runtime};
use crate::session::opened::{self, Opened};
use crate::source::MemorySource;

/// Calls `ask` with what is known of a file.
pub(crate) fn with_evidence<T>(name: &str, bytes: Vec<u8>, ask: impl FnOnce(&Evidence<'_>) -> T) -> T {
    let opened = Opened::new(name, Arc::new(MemorySource(bytes)));
    let structure = opened.keras().and_then(opened::of_file);
    opened.with_evidence(structure.as_ref(), ask)
}

/// What a runtime really did in one call.
pub(crate) struct Truth {
    pub(crate) runtime: &'static Runtime,
    pub(crate) call: String,
    pub(crate) ok: bool,
    pub(crate) exception: String,
    pub(crate) message: String,
    /// The innermost library function: `keras/utils/generic_utils.py:func_load`.
    pub(crate) raised_in: String,
}

/// The folder of the corpus, if it is there.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if folder.join("matrix.json").exists() {
        return Some(folder);
    }
    eprintln!("skipped: the corpus is not there");
    None
}

/// Files that the corpus' table has outcomes of from before they were written as they are now, with what TensorFlow 1.15.5 and
/// 2.4.1 say of them, measured again by `tools/measure_loads.py`; the table has `'str' object has no attribute 'decode'`.
const AGAIN: [&str; 3] =
    ["notop_weights_top_config_s.h5", "r50_weights_r101_config_s.h5", "v2_weights_v1_config_s.h5"];

/// What the table should say.
fn again(name: &str, truth: Truth) -> Truth {
    let (exception, message) = match truth.runtime.id {
        "tf115" => ("ValueError", "Unknown layer: Functional"),
        "tf24" => ("TypeError", "('Keyword argument not understood:', 'keepdims')"),
        _ => return truth,
    };
    if !AGAIN.contains(&name) {
        return truth;
    }
    Truth { exception: exception.into(), message: message.into(), raised_in: String::new(), ..truth }
}

/// Every file of the corpus with what happened to it, in the calls `load_model…`.
pub(crate) fn truths(folder: &std::path::Path) -> Vec<(String, Vec<u8>, Vec<Truth>)> {
    let matrix: Value = serde_json::from_slice(&std::fs::read(folder.join("matrix.json")).unwrap()).unwrap();
    let files = matrix["files"].as_object().unwrap();
    let read = |name: &String| std::fs::read(folder.join("files").join(name)).ok();
    let rows = |name: &String, rows| rows_of(rows).into_iter().map(|truth| again(name, truth)).collect();
    files.iter().filter_map(|(name, found)| Some((name.clone(), read(name)?, rows(name, found)))).collect()
}

fn rows_of(rows: &Value) -> Vec<Truth> {
    let mut truths = Vec::new();
    for (runtime, calls) in rows.as_object().unwrap() {
        let Some(runtime) = RUNTIMES.iter().find(|row| row.id == runtime) else { continue };
        for (call, real) in calls.as_object().unwrap() {
            let text = |key: &str| real[key].as_str().unwrap_or_default().to_string();
            let ok = real["ok"].as_bool().unwrap();
            let (call, exception, message) = (call.clone(), text("exc"), text("msg"));
            truths.push(Truth { runtime, call, ok, exception, message, raised_in: text("raised_in") });
        }
    }
    truths
}

/// A message without addresses, cut as the corpus cuts it.
pub(crate) fn cut(message: &str) -> String {
    let letters: Vec<char> = message.chars().collect();
    if letters.len() < 1600 {
        return message.to_string();
    }
    let text = |part: &[char]| part.iter().collect::<String>();
    format!("{} [...] {}", text(&letters[..1200]), text(&letters[letters.len() - 300..]))
}
