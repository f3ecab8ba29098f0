//! The answer in one word and in one sentence.

use serde::Serialize;

use super::{Report, words};
use crate::checks::Facts;
use crate::finding::capitalised;
use crate::finding::{Finding, Severity};
use crate::keras::{Layout, ModelFile};
use crate::sniff::Kind;
use crate::zoo::recognise::Unknown;
use crate::zoo::{Basis, Recognition};

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
        // Of arrays that run code it matters little that they are no model.
        if RUNS_CODE.into_iter().any(has) {
            Verdict::Unsafe
        } else if !is_model(facts) {
            Verdict::NotAModel
        } else if findings.iter().any(|finding| finding.rule.severity == Severity::Error) {
            Verdict::Problems
        } else if has("not-resnet") {
            Verdict::NotAResnet
        } else {
            Verdict::Ok
        }
    }
}

/// Rules about code in the file.
const RUNS_CODE: [&str; 2] = ["lambda", "unsafe-reference"];

/// Whether there is a Keras file, in whatever state.
fn is_model(facts: &Facts<'_>) -> bool {
    match (facts.kind, facts.model) {
        (_, Some(Ok(model))) => model.layout != Layout::NotKeras || facts.is_truncated(),
        (Ok(Kind::Hdf5 { .. } | Kind::KerasZip(_)), _) => true,
        _ => false,
    }
}

impl Report {
    /// Whether a finding says that the file is broken or wrong.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error.word())
    }

    /// Whether the system refused bytes of the file, so that it can't be judged.
    pub fn is_unreadable(&self) -> bool {
        self.has("unreadable")
    }

    /// Whether there is a finding of the rule with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.findings.iter().any(|finding| finding.name == name)
    }
}

/// The verdict in one sentence that a person can repeat, and the finding it quotes.
pub(super) struct Sentence {
    /// The sentence.
    pub(super) headline: String,
    /// What follows it: a space and a finding, or nothing.
    pub(super) quote: String,
}

impl Sentence {
    fn alone(headline: String) -> Sentence {
        Sentence { headline, quote: String::new() }
    }

    fn quoting(headline: String, finding: Option<&&Finding>) -> Sentence {
        let quote = finding.map(|finding| format!(" {}", quoted(finding)));
        Sentence { headline, quote: quote.unwrap_or_default() }
    }

    /// So many of a kind; the first is quoted, and announced where there are others.
    fn counting(what: &str, [one, many]: [&str; 2], findings: &[&Finding]) -> Sentence {
        let count = findings.len();
        let headline = format!("{what}: {}.", many.replace("{}", &count.to_string()));
        match findings.first() {
            Some(_) if count == 1 => Sentence::quoting(format!("{what}: {one}."), findings.first()),
            Some(first) => Sentence { headline, quote: format!(" The first: {}", quoted(first)) },
            None => Sentence::alone(headline),
        }
    }
}

/// The sentence on what was found, the worst first.
pub(super) fn sentence(verdict: Verdict, facts: &Facts<'_>, findings: &[&Finding]) -> Sentence {
    let what = what(facts);
    match verdict {
        Verdict::Ok | Verdict::NotAResnet => without_errors(&what, facts, findings),
        Verdict::NotAModel if facts.kind.is_err() => {
            let why = findings.first().map(|finding| format!(" {}", words::sentence(&finding.message)));
            Sentence { headline: "The file can't be read to its end.".into(), quote: why.unwrap_or_default() }
        }
        Verdict::NotAModel => Sentence::quoting("Not a Keras model.".into(), findings.first()),
        Verdict::Unsafe => {
            let code = findings.iter().find(|finding| RUNS_CODE.contains(&finding.rule.name));
            let what = if is_model(facts) { what } else { "No Keras model".into() };
            Sentence::quoting(format!("{what}: it runs Python code when it is loaded."), code)
        }
        Verdict::Problems => {
            let errors = of(Severity::Error, findings);
            Sentence::counting(&what, ["one problem found", "{} problems found"], &errors)
        }
    }
}

/// The message of a finding where its place does not stand beside it.
fn quoted(finding: &Finding) -> String {
    let Finding { message, place, .. } = finding;
    let is_of_place = message.starts_with("It ") || message.starts_with("Its ");
    if is_of_place { format!("{place}: {message}") } else { message.clone() }
}

fn of<'f>(severity: Severity, findings: &[&'f Finding]) -> Vec<&'f Finding> {
    findings.iter().copied().filter(|finding| finding.rule.severity == severity).collect()
}

/// Rules whose findings are warnings for whoever takes the file for something else; the sentence says what it is.
const SAID_OTHERWISE: [&str; 4] = ["weights-only", "k3-weights", "not-resnet", "not-read"];

/// The sentence of a file without errors: what was not read comes before doubts about what was.
fn without_errors(what: &str, facts: &Facts<'_>, findings: &[&Finding]) -> Sentence {
    let mut warnings = of(Severity::Warning, findings);
    warnings.retain(|finding| !SAID_OTHERWISE.contains(&finding.rule.name));
    let nothing = if warnings.is_empty() { "no problems" } else { "no errors" };
    let (unread, weights) = (facts.unread().count(), facts.stats.map(<[_]>::len));
    let are = if unread == 1 { "was" } else { "were" };
    match weights {
        None => Sentence::alone(format!(
            "{what}: {nothing} in its structure. Its weights have not been read yet."
        )),
        Some(weights) if unread > 0 => Sentence::alone(format!(
            "{what}: {nothing} in what was read, but {unread} of its {weights} weights {are} not."
        )),
        Some(_) if findings.iter().any(|finding| finding.rule.name == "not-read") => {
            let finding = findings.iter().find(|finding| finding.rule.name == "not-read");
            Sentence::quoting(format!("{what}: {nothing} in what was read."), finding)
        }
        Some(_) if warnings.is_empty() => {
            Sentence::alone(format!("{what}: no problems found{}.", alone(facts)))
        }
        Some(_) => {
            Sentence::counting(what, ["no errors, but a warning", "no errors, but {} warnings"], &warnings)
        }
    }
}

/// What belongs to the sentence on weights alone, which are as their owner wanted them.
fn alone(facts: &Facts<'_>) -> &'static str {
    match facts.model {
        Some(Ok(ModelFile { layout: Layout::WeightsOnly | Layout::Keras3Weights, .. })) => {
            "; the file holds weights and no architecture"
        }
        _ => "",
    }
}

/// What the file holds, in a few words that a sentence can begin with.
fn what(facts: &Facts<'_>) -> String {
    match facts.recognition {
        Some(Recognition::ResNet(resnet)) => {
            let version = if resnet.family.ends_with("V2") { "" } else { resnet.version.word() };
            let of = if resnet.basis == Basis::Weights { "Weights of " } else { "" };
            let name = [of, &[resnet.family.as_str(), version].join(" ")].concat();
            match (resnet.top, resnet.classes) {
                (true, Some(1)) => format!("{} for 1 class", name.trim_end()),
                (true, Some(classes)) => format!("{} for {classes} classes", name.trim_end()),
                _ => format!("{} without top", name.trim_end()),
            }
        }
        Some(Recognition::Other(other)) if other.residual => capitalised(&other.name),
        Some(Recognition::Other(other)) => format!("{}, not a ResNet", capitalised(&other.name)),
        Some(Recognition::Unknown(Unknown { basis: Basis::Architecture, .. })) => {
            "An unknown network".to_string()
        }
        Some(Recognition::Unknown(Unknown { basis: Basis::Weights, .. })) | None => words::kind(facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks;
    use crate::checks::testing::{File, with_facts};
    use crate::finding::{Place, Rule};
    use crate::hdf5::Error;
    use crate::source::ReadError;

    fn rule(name: &str) -> &'static Rule {
        checks::rule(name).unwrap()
    }

    /// The sentence of a file as [`Report::new`] would have it, with the findings of these rules.
    fn said(facts: &Facts<'_>, names: &[&str]) -> String {
        let findings: Vec<Finding> = names
            .iter()
            .map(|name| Finding::new(rule(name), Place::File, format!("A {name} thing.")))
            .collect();
        let findings: Vec<&Finding> = findings.iter().collect();
        let Sentence { headline, quote } = sentence(Verdict::of(facts, &findings), facts, &findings);
        headline + &quote
    }

    #[test]
    fn weights_that_were_not_read_are_not_called_sound() {
        with_facts(&File::small().bytes(), |facts| {
            assert!(said(facts, &[]).ends_with(": no problems found."), "{}", said(facts, &[]));
            let mut stats: Vec<_> = facts.stats.unwrap().to_vec();
            stats[1] = Err(Error::Unsupported("SZIP".into()));
            let facts = Facts { stats: Some(&stats), ..*facts };
            let found = said(&facts, &["not-read"]);
            assert!(
                found.ends_with(": no problems in what was read, but 1 of its 4 weights was not."),
                "{found}"
            );
            let found = said(&facts, &["functional", "not-read"]);
            assert!(
                found.ends_with(": no errors in what was read, but 1 of its 4 weights was not."),
                "{found}"
            );
            let found = said(&Facts { stats: None, ..facts }, &["functional"]);
            assert!(
                found.ends_with(": no errors in its structure. Its weights have not been read yet."),
                "{found}"
            );
        });
    }

    #[test]
    fn a_warning_is_not_passed_over_and_a_note_is() {
        with_facts(&File::small().bytes(), |facts| {
            let one = said(facts, &["functional", "trailing-bytes"]);
            assert!(one.ends_with(": no errors, but a warning. A functional thing."), "{one}");
            let two = said(facts, &["theano", "suspicious"]);
            assert!(two.ends_with(": no errors, but 2 warnings. The first: A theano thing."), "{two}");
            let note = said(facts, &["trailing-bytes"]);
            assert!(note.ends_with(": no problems found."), "{note}");
        });
    }

    #[test]
    fn a_quoted_finding_has_its_place() {
        let at =
            |message: &str| quoted(&Finding::new(rule("soft-link"), Place::Object("a/b".into()), message));
        assert_eq!(at("It is a link to /c."), "a/b: It is a link to /c.");
        assert_eq!(at("a/b: 1 of 2 numbers are NaN."), "a/b: 1 of 2 numbers are NaN.");
    }

    #[test]
    fn weights_alone_are_no_problem() {
        let file = File { config: None, group: Some(""), ..File::small() };
        with_facts(&file.bytes(), |facts| {
            let found = said(facts, &["weights-only"]);
            assert!(
                found.ends_with(": no problems found; the file holds weights and no architecture."),
                "{found}"
            );
            let found = said(facts, &["weights-only", "suspicious"]);
            assert!(found.ends_with(": no errors, but a warning. A suspicious thing."), "{found}");
        });
    }

    /// The small file is a multilayer perceptron.
    #[test]
    fn what_is_no_resnet_stands_apart_from_what_is_wrong() {
        with_facts(&File::small().bytes(), |facts| {
            let what = super::what(facts);
            assert!(what.ends_with(", not a ResNet"), "{what}");
            assert_eq!(said(facts, &["not-resnet"]), format!("{what}: no problems found."));
            assert_eq!(said(facts, &["nan"]), format!("{what}: one problem found. A nan thing."));
            assert_eq!(
                said(facts, &["nan", "inf"]),
                format!("{what}: 2 problems found. The first: A nan thing.")
            );
            let unsafe_one = said(facts, &["truncated", "lambda"]);
            assert_eq!(unsafe_one, format!("{what}: it runs Python code when it is loaded. A lambda thing."));
        });
    }

    #[test]
    fn what_can_not_be_read_is_not_judged() {
        let kind = Err(ReadError::System("Input/output error".into()));
        with_facts(&File::small().bytes(), |facts| {
            let facts = Facts { kind: &kind, model: None, ..*facts };
            assert_eq!(
                said(&facts, &["unreadable"]),
                "The file can't be read to its end. A unreadable thing."
            );
        });
    }
}
