//! What real runtimes did when a network was built by code and given the weights of a file of the corpus.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::{Model, Pair, Pairing, Verdict, pair};
use crate::graph::Graph;
use crate::hdf5::File;
use crate::keras::{ModelFile, architecture};
use crate::loaders::tests::with_evidence;
use crate::loaders::{Evidence, Loader, Outcome, Runtime};
use crate::plan::{Structure, bind, shapes};
use crate::source::MemorySource;

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    path.join("matrix.json").is_file().then_some(path)
}

fn open(path: &Path) -> Option<Result<File, crate::hdf5::Error>> {
    Some(File::open(Arc::new(MemorySource(std::fs::read(path).ok()?))))
}

/// The text of the architecture in a file.
fn config(corpus: &Path, name: &str) -> Option<String> {
    let file = open(&corpus.join(format!("files/{name}.h5")))?.ok()?;
    ModelFile::read(&file).ok()?.texts.model_config
}

fn weigh(text: &str, corpus: &Path, weights: &str) -> Option<Pair> {
    weighed(text, weights, std::fs::read(corpus.join("files").join(weights)).ok()?)
}

fn weighed(text: &str, weights: &str, bytes: Vec<u8>) -> Option<Pair> {
    let network = architecture(text).unwrap();
    with_evidence(weights, bytes, |evidence| {
        let model = evidence.model?.as_ref().ok()?;
        let graph = Graph::flatten(&network);
        let shapes = shapes::infer(&graph, [64, 64]);
        let binding = bind::bind(&network, &graph, &shapes, &model.weights);
        let structure = Structure { graph, shapes, binding };
        let evidence = Evidence { structure: None, ..*evidence };
        Some(pair(Model { network: &network, structure: &structure }, &evidence).unwrap())
    })
}

/// The architecture that an operation of the matrix builds in a runtime, as that runtime or one that names layers alike saved
/// it.
fn built(corpus: &Path, operation: &str, file: &str, runtime: &Runtime) -> Option<String> {
    let style = match runtime.loader {
        Loader::Keras1 => "k122_tf",
        Loader::Keras2 => "k224",
        // Its classifier is called `probs`, that of later versions `predictions`.
        Loader::TfKeras if runtime.version < [2, 1, 0] => "tf115",
        Loader::TfKeras => "tf215",
        Loader::Keras3 => "k315",
    };
    let what = operation.split(" + ").next()?.trim_start_matches("build").split('+').next()?.trim();
    let is_cifar = file.starts_with("cifar8v1_weights")
        || file.starts_with("theano_th")
        || file.starts_with("k3_weights");
    let units = |text: String, count: &str| {
        text.replace("\"units\": 10,", &format!("\"units\": {count},"))
            .replace("\"output_dim\": 10,", &format!("\"output_dim\": {count},"))
    };
    let cifar = || config(corpus, &format!("cifar8v1_full__{style}"));
    let modern = |name: &str| {
        config(corpus, &format!("{name}__{style}")).or_else(|| config(corpus, &format!("{name}__tf215")))
    };
    match what {
        // Built with the channels first in name only, which most runtimes refuse.
        "" if file.starts_with("theano_th_weights") => None,
        "" | "channels_last twin" if is_cifar => cifar(),
        "with 100 classes" if is_cifar => cifar().map(|text| units(text, "100")),
        "" if file.starts_with("ka50n_weights") => modern("ka50n_full"),
        "" | "ResNet50 without top" if file.starts_with("ka50n") => modern("ka50n_notop_full"),
        "ResNet50 (new names)" | "ResNet50" | "ResNet50 with top" | "keras.applications ResNet50" => {
            modern("ka50n_full")
        }
        "ResNet50 with 1000 classes" => modern("ka50n_full").map(|text| units(text, "1000")),
        "ResNet101" => modern("ka101n_full"),
        "ResNet50V2" => modern("ka50v2n_full"),
        _ => None,
    }
}

/// Every operation of the matrix that builds a network of which the corpus has the architecture.
#[test]
fn every_pair_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let matrix: Value = serde_json::from_slice(&std::fs::read(corpus.join("matrix.json")).unwrap()).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for (file, runtimes) in matrix["files"].as_object().unwrap() {
        let mut known = std::collections::HashMap::new();
        for (id, operations) in runtimes.as_object().unwrap() {
            let Some(runtime) = Runtime::of(id) else { continue };
            for (operation, real) in operations.as_object().unwrap() {
                if !operation.starts_with("build") || operation.contains("whole-model") {
                    continue;
                }
                let Some(text) = built(&corpus, operation, file, runtime) else { continue };
                let pair = known.entry(text.clone()).or_insert_with(|| weigh(&text, &corpus, file));
                let Some(pair) = pair else { continue };
                let call = &operation[operation.find("load_weights").unwrap()..];
                let said =
                    pair.loads.iter().find(|load| load.runtime.id == id && load.call.word() == call).unwrap();
                match is_right(&said.outcome, real) {
                    Some(true) => right += 1,
                    Some(false) => wrong
                        .push(format!("{file} in {id}, {operation}: said {:?}; really {real}", said.outcome)),
                    None => {}
                }
            }
        }
    }
    for line in &wrong {
        println!("{}", line.chars().take(700).collect::<String>());
    }
    println!("{right} right, {} wrong", wrong.len());
    assert!(wrong.is_empty());
    assert!(right > 300, "{right}");
}

/// Whether an outcome is the real one. Some networks could not be built in some runtimes, which says nothing.
fn is_right(said: &Outcome, real: &Value) -> Option<bool> {
    let failed = real["exc"].as_str();
    if failed.is_some_and(|exception| exception == "ModuleNotFoundError" || exception == "ImportError") {
        return None;
    }
    Some(match (said, failed) {
        (Outcome::Loads | Outcome::LoadsWrong(_), None) => true,
        (Outcome::Fails(raised), Some(exception)) => {
            let message = real["msg"].as_str().unwrap();
            // A variable of TensorFlow 2 is shown with its random values.
            let is_cut = raised.message.contains("numpy=...");
            raised.exception == exception
                && if is_cut {
                    message.starts_with(raised.message.split("...").next().unwrap())
                } else {
                    raised.message == message
                }
        }
        _ => false,
    })
}

/// Keras 2.2.4's ResNet50 and that of tf.keras: 107 layers each, the shortcuts elsewhere among them.
#[test]
fn the_order_of_the_branches_is_seen() {
    let Some(corpus) = corpus() else { return };
    let text = config(&corpus, "ka50n_full__tf215").unwrap();
    let pair = weigh(&text, &corpus, "kaold50n_weights__k216.h5").unwrap();
    let alignment = &pair.alignment;
    assert_eq!((alignment.pairing, alignment.layers, alignment.stored), (Pairing::Place, 107, 107));
    assert_eq!(alignment.by_name, 0);
    assert!(alignment.by_place < 107, "{}", alignment.by_place);
    assert!(alignment.notes.iter().any(|note| note.contains("another order")), "{:?}", alignment.notes);
    let first = alignment.rows.iter().find(|row| row.verdict != Verdict::Fits).unwrap();
    assert_eq!(first.role.as_deref(), Some("stage 1, block 1, shortcut"));
    let tf115 = pair.loads.iter().find(|load| load.runtime.id == "tf115").unwrap();
    assert!(matches!(tf115.outcome, Outcome::LoadsWrong(_)), "{:?}", tf115.outcome);
}

#[test]
fn a_missing_classifier_is_seen() {
    let Some(corpus) = corpus() else { return };
    let text = config(&corpus, "ka50n_full__tf215").unwrap();
    let alignment = weigh(&text, &corpus, "ka50n_notop_weights__tf215.h5").unwrap().alignment;
    assert_eq!(
        (alignment.pairing, alignment.layers, alignment.stored, alignment.by_name),
        (Pairing::Name, 107, 106, 106)
    );
    assert!(alignment.notes.iter().any(|note| note.contains("include_top")), "{:?}", alignment.notes);
}

/// Whether a message is the real one; `...` stands for values that are random.
fn says(said: &str, real: &str) -> bool {
    let mut rest = real;
    let mut pieces = said.split("...");
    let starts = pieces.next().is_some_and(|first| match rest.strip_prefix(first) {
        Some(behind) => {
            rest = behind;
            true
        }
        None => false,
    });
    starts
        && pieces.all(|piece| match rest.find(piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
}

/// Every file of weights in every network, in the runtimes in which `tools/make_pair_cases.py` has tried it: the trap of the
/// branches, with and without classifier, a model in a model, and Keras 3's own format.
#[test]
fn small_pairs() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pairs"));
    let expected: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let mut known = std::collections::HashMap::new();
    let (mut right, mut wrong) = (0, Vec::new());
    for (id, rows) in expected.as_object().unwrap() {
        for (case, real) in rows.as_object().unwrap() {
            let (file, rest) = case.split_once(" in ").unwrap();
            let (network, call) = rest.split_once(", ").unwrap();
            let pair = known.entry((file.to_string(), network.to_string())).or_insert_with(|| {
                let text = std::fs::read_to_string(folder.join(format!("{network}__tf215.json"))).unwrap();
                weighed(&text, file, std::fs::read(folder.join(file)).unwrap()).unwrap()
            });
            let said =
                pair.loads.iter().find(|load| load.runtime.id == id && load.call.word() == call).unwrap();
            let said = match &said.outcome {
                Outcome::Loads | Outcome::LoadsWrong(_) => "loads".to_string(),
                Outcome::Fails(raised) => format!("{}: {}", raised.exception, raised.message),
                Outcome::Unknown(why) => format!("unknown: {why}"),
            };
            match says(&said, real.as_str().unwrap()) {
                true => right += 1,
                false => wrong.push(format!("{id}: {case}\n  said   {said}\n  really {real}")),
            }
        }
    }
    wrong.iter().for_each(|line| println!("{}", line.chars().take(1500).collect::<String>()));
    println!("{right} right, {} wrong", wrong.len());
    assert!(wrong.is_empty());
}
