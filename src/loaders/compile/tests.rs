use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::keras::json;
use crate::loaders::tests::with_evidence;
use crate::loaders::{RUNTIMES, Raised, Runtime};

/// How many of a number of outcomes were predicted.
#[derive(Debug, Default)]
struct Score {
    asked: usize,
    exact: usize,
    /// Loads for fails, or the other way round.
    wrong: usize,
    misses: Vec<String>,
}

impl Score {
    fn add(&mut self, what: &str, said: &Attempt<()>, truth: Option<(&str, &str)>) {
        self.asked += 1;
        let is_exact = match (said, truth) {
            (Ok(()), None) => true,
            (Err(Stop::Raised(raised)), Some((exception, message))) => {
                raised.exception == exception && same(&raised.message, message)
            }
            _ => false,
        };
        self.exact += usize::from(is_exact);
        let is_wrong = matches!((said, truth), (Ok(()), Some(_)) | (Err(Stop::Raised(_)), None));
        self.wrong += usize::from(is_wrong);
        if !is_exact {
            self.misses.push(format!("{what}\n  said {said:?}\n  real {truth:?}"));
        }
    }

    #[track_caller]
    fn assert(&self, percent: usize) {
        let misses = self.misses.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        println!("{} of {} exact, {} wrong", self.exact, self.asked, self.wrong);
        assert!(self.exact * 100 >= self.asked * percent, "{} of {}\n{misses}", self.exact, self.asked);
        assert!(self.wrong * 100 <= self.asked, "{} wrong of {}\n{misses}", self.wrong, self.asked);
    }
}

/// Whether messages are equal but for sets, which Python shows in another order in every process; recorded ones may be cut.
fn same(said: &str, real: &str) -> bool {
    let ordered = |text: &str| {
        let mut text = text.to_string();
        for open in ["Allowed kwargs are {", "Expected one of {"] {
            let found = text.find(open).and_then(|from| Some((from, from + text.get(from..)?.find('}')?)));
            if let Some((from, to)) = found {
                text.replace_range(from..to, "");
            }
        }
        text
    };
    match real.split_once(" [...] ") {
        Some((start, end)) => said.starts_with(start) && said.ends_with(end),
        None => ordered(said) == ordered(real),
    }
}

/// What the runtimes named in the file said to a small model with these configs; its `certificates` say which they were.
#[test]
fn what_real_runtimes_said_is_predicted() {
    let text = include_str!("../../../tests/fixtures/training_configs.json");
    let fixture = json::parse(text).unwrap().value;
    let mut all = Score::default();
    for (column, id) in fixture["runtimes"].as_array().unwrap().iter().enumerate() {
        let runtime = Runtime::of(id.as_str().unwrap()).unwrap();
        let mut score = Score::default();
        for case in fixture["cases"].as_array().unwrap() {
            let outputs: &[&str] = if case[0] == "one" { &["out"] } else { &["a", "b"] };
            let outputs = outputs.iter().map(|name| name.to_string()).collect();
            let text = case[1].as_str().unwrap();
            let compiling = Compiling::new(runtime, Some(outputs)).unwrap();
            let said = text::parse(text, runtime).and_then(|config| compiling.compile(&config));
            let truth = case[2][column].as_u64().map(|index| &fixture["messages"][index as usize]);
            let truth = truth.map(|said| (said[0].as_str().unwrap(), said[1].as_str().unwrap()));
            score.add(&format!("{} {text}", runtime.id), &said, truth);
        }
        println!("{}: {} of {} exact, {} wrong", runtime.id, score.exact, score.asked, score.wrong);
        all.asked += score.asked;
        all.exact += score.exact;
        all.wrong += score.wrong;
        all.misses.append(&mut score.misses);
    }
    all.assert(98);
}

/// Files that loaded but for compiling, and those that loaded with it, in the runtimes of the corpus.
#[test]
fn outcomes_of_the_corpus_are_predicted() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(matrix) = std::fs::read_to_string(corpus.join("matrix.json")) else {
        println!("skipped: there is no corpus beside this repository");
        return;
    };
    let matrix = json::parse(&matrix).unwrap().value;
    let mut score = Score::default();
    for (name, outcomes) in matrix["files"].as_object().unwrap() {
        let path = corpus.join("files").join(name);
        if path.exists() {
            file_of_corpus(&path, name, outcomes, &mut score);
        }
    }
    assert!(score.asked > 500, "{}", score.asked);
    score.assert(98);
}

fn file_of_corpus(path: &PathBuf, name: &str, outcomes: &Value, score: &mut Score) {
    with_evidence(name, std::fs::read(path).unwrap(), |evidence| {
        for runtime in RUNTIMES {
            let compiled = &outcomes[runtime.id]["load_model"];
            let without = &outcomes[runtime.id]["load_model(compile=False)"];
            let truth = match (compiled["ok"].as_bool(), without["ok"].as_bool()) {
                (Some(true), _) => None,
                (Some(false), Some(true)) => {
                    Some((compiled["exc"].as_str().unwrap(), compiled["msg"].as_str().unwrap()))
                }
                _ => continue,
            };
            score.add(&format!("{} {name}", runtime.id), &compile(evidence, runtime), truth);
        }
    });
}

#[test]
fn the_names_of_outputs_come_from_the_config() {
    for (config, expected) in [
        (r#"{"config": {"output_layers": [["a", 0, 0], ["b", 0, 0]]}}"#, &["a", "b"][..]),
        (r#"{"config": {"output_layers": ["a", 0, 0]}}"#, &["a"]),
        (r#"{"config": {"layers": [{"config": {"name": "a"}}, {"config": {"name": "b"}}]}}"#, &["b"]),
        (r#"{"config": [{"config": {"name": "a"}}]}"#, &["a"]),
    ] {
        assert_eq!(outputs(&json::parse(config).unwrap().value).unwrap(), expected, "{config}");
    }
    assert_eq!(outputs(&json::parse("{}").unwrap().value), None);
}

#[test]
fn an_exception_of_python_2_is_told_in_its_words() {
    let runtime = Runtime::of("k122_tf").unwrap();
    for (text, message) in [
        ("", "No JSON object could be decoded"),
        ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{} x", "Extra data: line 1 column 4 - line 1 column 5 (char 3 - 4)"),
    ] {
        assert_eq!(text::parse(text, runtime), Err(Stop::Raised(Raised::new("ValueError", message))));
    }
}
