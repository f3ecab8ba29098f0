//! Outcomes of loading, as a report has them.

use super::Load;
use crate::loaders::{self, Outcome, Runtime};

/// An outcome of `load_model`.
pub fn load(load: &loaders::Load) -> Load {
    told(load.runtime, load.call.word(), &load.outcome)
}

/// An outcome of a call in a runtime.
pub fn told(runtime: &'static Runtime, call: &'static str, outcome: &Outcome) -> Load {
    let (outcome, raised, reason) = match outcome {
        Outcome::Loads => ("loads", None, None),
        Outcome::LoadsWrong(reason) => ("loads-wrong", None, Some(reason)),
        Outcome::Fails(raised) => ("fails", Some(raised), None),
        Outcome::Unknown(reason) => ("unknown", None, Some(reason)),
    };
    Load {
        runtime: runtime.id,
        name: runtime.name,
        call,
        outcome,
        exception: raised.map(|raised| raised.exception.clone()),
        message: raised.map(|raised| shorten(&raised.message)),
        reason: reason.cloned(),
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
