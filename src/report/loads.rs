//! What loading the file comes to in every runtime.

use serde::Serialize;

use super::error::Hidden;
use crate::checks::Facts;
use crate::loaders::Outcome;

/// What one runtime does with the file.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    /// Short name of the runtime: `tf215`.
    pub runtime: &'static str,
    /// Its name: `TensorFlow 2.15.1`.
    pub name: &'static str,
    /// `load_model` or `load_model(compile=False)`; of ImageAI, the class and its method.
    pub call: String,
    /// `loads`, `fails`, `loads-wrong` or `unknown`.
    pub outcome: &'static str,
    /// The exception's type.
    pub exception: Option<String>,
    /// Its text; beyond 1,600 letters, the first 1,200 and the last 300.
    pub message: Option<String>,
    /// Why the outcome is unknown, or what is wrong although it loads.
    pub reason: Option<String>,
    /// The exception behind that one, where the runtime hides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// What has to be so for this outcome and the file can't tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// What the runtimes do with the file, then what ImageAI does.
pub(super) fn loads(facts: &Facts<'_>) -> Vec<Load> {
    let runtimes = facts.loads.unwrap_or_default().iter().map(|load| {
        let call = load.call.word().to_string();
        Load::new((load.runtime.id, load.runtime.name), call, &load.outcome)
    });
    let imageai = facts.imageai.unwrap_or_default().iter().map(|answer| Load {
        hidden: answer.hidden.as_ref().map(Hidden::new),
        condition: answer.condition.clone(),
        ..Load::new((answer.edition.id, answer.edition.name), answer.call.clone(), &answer.outcome)
    });
    runtimes.chain(imageai).collect()
}

impl Load {
    fn new((runtime, name): (&'static str, &'static str), call: String, outcome: &Outcome) -> Load {
        let (outcome, raised, reason) = match outcome {
            Outcome::Loads => ("loads", None, None),
            Outcome::LoadsWrong(reason) => ("loads-wrong", None, Some(reason)),
            Outcome::Fails(raised) => ("fails", Some(raised), None),
            Outcome::Unknown(reason) => ("unknown", None, Some(reason)),
        };
        Load {
            runtime,
            name,
            call,
            outcome,
            exception: raised.map(|raised| raised.exception.clone()),
            message: raised.map(|raised| shorten(&raised.message)),
            reason: reason.cloned(),
            hidden: None,
            condition: None,
        }
    }
}

/// Messages that quote a whole config have thousands of letters.
fn shorten(message: &str) -> String {
    let letters: Vec<char> = message.chars().collect();
    if letters.len() < 1600 {
        return message.to_string();
    }
    let (start, end) = (&letters[..1200], &letters[letters.len() - 300..]);
    start.iter().chain(" [...] ".chars().collect::<Vec<_>>().iter()).chain(end).collect()
}
