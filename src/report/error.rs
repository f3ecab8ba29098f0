//! What a pasted error says, and whether it is true of the file.

use serde::{Deserialize, Serialize};

use super::Load;
use super::terminal::Lines;
use crate::loaders::Raised;
use crate::loaders::explain::{Case, Explanation, Verdict, explain};

/// An error that a person pasted, explained.
#[derive(Clone, Debug, Serialize)]
pub struct PastedError {
    /// The type of the exception: `ValueError`.
    pub exception: Option<String>,
    /// The answer in one sentence.
    pub summary: String,
    /// Why, the main reason first; empty where the text is not known.
    pub reasons: Vec<Reason>,
    /// Who says it, in words.
    pub raised_by: Option<String>,
    /// Those of the report's runtimes that say it: ids.
    pub runtimes: Vec<&'static str>,
    /// The same by name.
    pub names: Vec<&'static str>,
    /// With a file: `confirmed`, `refuted` or `open`.
    pub verdict: Option<&'static str>,
    /// Why.
    pub verdict_reason: Option<String>,
}

/// One reason.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// A kebab-case word.
    pub name: &'static str,
    /// The words of the text that tell it.
    pub quote: String,
    /// Why.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// What one call in one runtime does with the file, as the JSON of the report has it.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    runtime: String,
    name: String,
    outcome: String,
    message: Option<String>,
    #[serde(default)]
    hidden: Option<Hidden>,
}

/// The exception behind the one that a person sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Its type.
    pub exception: String,
    /// Its text.
    pub message: String,
}

impl Hidden {
    /// Of an exception.
    pub(super) fn new(raised: &Raised) -> Hidden {
        Hidden { exception: raised.exception.clone(), message: raised.message.clone() }
    }
}

impl From<&Load> for Seen {
    fn from(load: &Load) -> Seen {
        Seen {
            runtime: load.runtime.to_string(),
            name: load.name.to_string(),
            outcome: load.outcome.to_string(),
            message: load.message.clone(),
            hidden: load.hidden.clone(),
        }
    }
}

impl Seen {
    fn case(&self) -> Case<'_> {
        let hidden = self.hidden.as_ref().map(|hidden| hidden.message.as_str());
        let messages = self.message.as_deref().into_iter().chain(hidden).collect();
        let known = self.outcome != "unknown";
        Case { environment: &self.runtime, name: &self.name, messages: known.then_some(messages) }
    }
}

impl PastedError {
    /// Explains a text; with what the runtimes do with a file, says whether it is true of that.
    pub fn new(text: &str, file: Option<&[Seen]>) -> PastedError {
        let explanation = explain(text);
        let cases =
            |seen: &[Seen]| Verdict::of(text, &explanation, &seen.iter().map(Seen::case).collect::<Vec<_>>());
        let verdict = file.map(cases);
        PastedError {
            summary: summary(&explanation),
            exception: explanation.exception.clone(),
            raised_by: Some(explanation.raised_by.clone()).filter(|words| !words.is_empty()),
            runtimes: explanation.environments.iter().map(|one| one.id).collect(),
            names: explanation.environments.iter().map(|one| one.name).collect(),
            verdict: verdict.as_ref().map(Verdict::word),
            verdict_reason: verdict.map(|verdict| verdict.reason().to_string()),
            reasons: explanation
                .reasons
                .into_iter()
                .map(|reason| Reason {
                    name: reason.name,
                    quote: reason.quote,
                    cause: reason.cause,
                    fix: reason.fix,
                })
                .collect(),
        }
    }

    /// The JSON that the page reads.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_string())
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut out = Lines::default();
        self.write(&mut out);
        out.text()
    }

    /// The lines for a terminal.
    pub(super) fn write(&self, out: &mut Lines) {
        out.line(&format!("The error: {}", self.summary));
        if let (Some(verdict), Some(reason)) = (self.verdict, &self.verdict_reason) {
            out.line(&format!("  here {verdict}: {reason}"));
        }
        if let Some(raised_by) = &self.raised_by {
            out.line(&format!("  by   {raised_by}"));
        }
        for reason in &self.reasons {
            out.line("");
            out.line(&format!("  seen {}  ({})", reason.quote, reason.name));
            out.line(&format!("  why  {}", reason.cause));
            out.line(&format!("  do   {}", reason.fix));
        }
    }
}

/// Runtimes that a sentence names one by one.
const MAX_NAMED: usize = 4;

/// The answer in one sentence.
fn summary(explanation: &Explanation) -> String {
    let names: Vec<&str> = explanation.environments.iter().map(|one| one.name).collect();
    match (explanation.reasons.is_empty(), names.as_slice()) {
        (true, _) => "These words are not known here. Paste the last lines of the traceback, with the exception itself.".to_string(),
        (false, []) => "No runtime of those told apart here says this.".to_string(),
        (false, [one]) => format!("{one} says this."),
        (false, names) if names.len() == crate::loaders::RUNTIMES.len() => "Every runtime can say this.".to_string(),
        (false, names) if names.len() > MAX_NAMED => format!("{} of the runtimes told apart here say this.", names.len()),
        (false, [names @ .., last]) => format!("{} and {last} say this.", names.join(", ")),
    }
}
