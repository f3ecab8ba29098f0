//! The answer in one word and in one sentence.

use serde::Serialize;

use crate::checks::Facts;
use crate::finding::{Finding, Severity};
use crate::keras::Layout;
use crate::sniff::Kind;

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing is wrong.
    Ok,
    /// Something is.
    Problems,
    /// Loading the file runs code from it.
    Unsafe,
    /// A sound model, but no ResNet.
    NotAResnet,
    /// No model at all.
    NotAModel,
}

impl Verdict {
    /// The verdict on what was found.
    pub(super) fn of(facts: &Facts<'_>, findings: &[&Finding]) -> Verdict {
        let has = |name: &str| findings.iter().any(|finding| finding.rule.name == name);
        if !is_model(facts) {
            Verdict::NotAModel
        } else if has("lambda") {
            Verdict::Unsafe
        } else if findings.iter().any(|finding| finding.rule.severity == Severity::Error) {
            Verdict::Problems
        } else if has("not-resnet") {
            Verdict::NotAResnet
        } else {
            Verdict::Ok
        }
    }
}

/// Whether there is a Keras file, in whatever state.
fn is_model(facts: &Facts<'_>) -> bool {
    match (facts.kind, facts.model) {
        (_, Some(Ok(model))) => model.layout != Layout::NotKeras || facts.is_truncated(),
        (Ok(Kind::Hdf5 { .. } | Kind::KerasZip), _) => true,
        _ => false,
    }
}

/// The verdict in one sentence that a person can repeat.
pub(super) fn sentence(verdict: Verdict, facts: &Facts<'_>, findings: &[&Finding]) -> String {
    let what = match facts.recognition {
        Some(recognition) => recognition.summary(),
        None => "Keras weights without an architecture.".to_string(),
    };
    let worst = findings.first().map(|finding| finding.message.as_str()).unwrap_or_default();
    let errors = findings.iter().filter(|finding| finding.rule.severity == Severity::Error).count();
    match verdict {
        Verdict::Ok => format!("{what} No problems found."),
        Verdict::NotAResnet => format!("{what} No problems found besides."),
        Verdict::NotAModel => format!("Not a Keras model. {worst}"),
        Verdict::Unsafe => format!("Loading this file runs Python code from it. {worst}"),
        Verdict::Problems if facts.recognition.is_none() => worst.to_string(),
        Verdict::Problems if errors > 1 => format!("{what} It has {errors} problems; the first: {worst}"),
        Verdict::Problems => format!("{what} It has a problem: {worst}"),
    }
}
