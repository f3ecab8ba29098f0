//! The answer in one word and in one sentence.

use serde::Serialize;

use crate::checks::Facts;
use crate::finding::capitalised;
use crate::finding::{Finding, Severity};
use crate::keras::Layout;
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
        if !is_model(facts) {
            Verdict::NotAModel
        } else if has("lambda") || has("unsafe-reference") {
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
        Verdict::Ok | Verdict::NotAResnet => nothing_wrong(&what, facts, findings),
        Verdict::NotAModel => format!("Not a Keras model. {worst}"),
        Verdict::Unsafe => format!("{what} that runs Python code when it is loaded. {worst}"),
        Verdict::Problems if errors > 1 => format!("{what} with {errors} problems. The first: {worst}"),
        Verdict::Problems => format!("{what} with a problem: {worst}"),
    }
}

/// The sentence of a file without errors: what was not read comes before doubts about what was.
fn nothing_wrong(what: &str, facts: &Facts<'_>, findings: &[&Finding]) -> String {
    let unread = facts.unread().count();
    if unread > 0 {
        let weights = facts.stats.map_or(0, <[_]>::len);
        return format!(
            "{what}: no problems in what was read, but {unread} of its {weights} weights were not."
        );
    }
    match findings.iter().find(|finding| is_of_weights(finding)) {
        Some(finding) => format!("{what}: no errors, but look at its weights. {}", finding.message),
        None => format!("{what}: no problems found."),
    }
}

/// Whether the numbers themselves make one doubt what the model predicts.
fn is_of_weights(finding: &Finding) -> bool {
    finding.rule.severity == Severity::Warning && finding.rule.code.starts_with('W')
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
        Some(Recognition::Unknown(Unknown { basis: Basis::Weights, .. })) | None => super::words::kind(facts),
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::Facts;
    use crate::checks::testing::{File, with_facts};
    use crate::hdf5::Error;

    #[test]
    fn weights_that_were_not_read_are_not_called_sound() {
        with_facts(&File::small().bytes(), |facts| {
            let sentence = |facts: &Facts<'_>| super::sentence(super::Verdict::Ok, facts, &[]);
            assert!(sentence(facts).ends_with("no problems found."), "{}", sentence(facts));
            let mut stats: Vec<_> = facts.stats.unwrap().to_vec();
            stats[1] = Err(Error::Unsupported("SZIP".into()));
            let found = sentence(&Facts { stats: Some(&stats), ..*facts });
            assert!(
                found.ends_with("no problems in what was read, but 1 of its 4 weights were not."),
                "{found}"
            );
        });
    }
}
