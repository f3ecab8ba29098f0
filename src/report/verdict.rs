//! The answer in one word and in one sentence.

use serde::Serialize;

use crate::checks::Facts;
use crate::finding::capitalised;
use crate::finding::{Finding, Severity};
use crate::keras::Layout;
use crate::sniff::Kind;
use crate::zoo::Recognition;

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
        (Ok(Kind::Hdf5 { .. } | Kind::KerasZip(_)), _) => true,
        _ => false,
    }
}

/// The verdict in one sentence that a person can repeat.
pub(super) fn sentence(verdict: Verdict, facts: &Facts<'_>, findings: &[&Finding]) -> String {
    let what = what(facts);
    let worst = findings.first().map(|finding| finding.message.as_str()).unwrap_or_default();
    let errors = findings.iter().filter(|finding| finding.rule.severity == Severity::Error).count();
    match verdict {
        Verdict::Ok | Verdict::NotAResnet if facts.stats.is_none() => {
            format!("{what}: no problems in its structure. Its weights have not been read yet.")
        }
        Verdict::Ok | Verdict::NotAResnet => format!("{what}: no problems found."),
        Verdict::NotAModel => format!("Not a Keras model. {worst}"),
        Verdict::Unsafe => format!("{what} that runs its own Python code when it is loaded. {worst}"),
        Verdict::Problems if errors > 1 => format!("{what} with {errors} problems. The first: {worst}"),
        Verdict::Problems => format!("{what} with a problem: {worst}"),
    }
}

/// What the file holds, in a few words that a sentence can begin with.
fn what(facts: &Facts<'_>) -> String {
    match facts.recognition {
        Some(Recognition::ResNet(resnet)) => {
            let version = if resnet.family.ends_with("V2") { "" } else { resnet.version.word() };
            let name = [resnet.family.as_str(), version].join(" ");
            match (resnet.top, resnet.classes) {
                (true, Some(1)) => format!("{} for 1 class", name.trim_end()),
                (true, Some(classes)) => format!("{} for {classes} classes", name.trim_end()),
                _ => format!("{} without top", name.trim_end()),
            }
        }
        Some(Recognition::Other(other)) => format!("{}, not a ResNet", capitalised(&other.name)),
        Some(Recognition::Unknown(_)) => "An unknown network".to_string(),
        None => super::words::kind(facts),
    }
}
