//! With the file: is it true of it?

use super::text::anonymous;
use super::{Explanation, Reason, explain};
use crate::loaders::errors::Moment;

/// Letters, without space, from which on a part of a message is taken for it.
const ENOUGH: usize = 20;

/// What stands in place of the middle of a long message.
const CUT: &str = "[...]";

/// What one call in one environment is predicted to do with the file.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The environment: `tf215`.
    pub environment: &'a str,
    /// As people say it.
    pub name: &'a str,
    /// The messages that a person sees there; empty where it loads, absent where it can't be told.
    pub messages: Option<Vec<&'a str>>,
}

/// Whether a text can be about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The file does that; where.
    Confirmed(String),
    /// The file does something else; what.
    Refuted(String),
    /// It can't be told; why not.
    Open(String),
}

impl Verdict {
    /// A stable word for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Confirmed(_) => "confirmed",
            Verdict::Refuted(_) => "refuted",
            Verdict::Open(_) => "open",
        }
    }

    /// Why, in a sentence.
    pub fn reason(&self) -> &str {
        let (Verdict::Confirmed(reason) | Verdict::Refuted(reason) | Verdict::Open(reason)) = self;
        reason
    }

    /// Compares a pasted text with what is predicted for a file.
    pub fn of(text: &str, explanation: &Explanation, cases: &[Case<'_>]) -> Verdict {
        let pasted = anonymous(text);
        let is_told = |message: &&str| is_same(&pasted, message) || means(message, explanation);
        let same = |case: &&Case<'_>| case.messages.iter().flatten().any(&is_told);
        let places: Vec<&Case<'_>> = cases.iter().filter(same).collect();
        let said = |case: &&Case<'_>| explanation.environments.iter().any(|one| one.id == case.environment);
        // Where the text tells who said it, the others that would say the same are not meant.
        let meant: Vec<&Case<'_>> = places.iter().copied().filter(said).collect();
        match (meant.is_empty(), places.is_empty()) {
            (false, _) => Verdict::Confirmed(format!("This file does that in {}.", names(&meant))),
            (true, false) => Verdict::Confirmed(format!("This file does that in {}.", names(&places))),
            (true, true) => without(explanation, cases),
        }
    }
}

/// Whether the text is the message, or one of them stands in the other. A long message is known by its two ends.
fn is_same(pasted: &str, message: &str) -> bool {
    let message = anonymous(message);
    let said = pasted.split_once("Error:").map_or(pasted, |(_, rest)| rest);
    let in_order =
        |(from, all): (usize, bool), part: &str| match pasted.get(from..).and_then(|rest| rest.find(part)) {
            Some(at) => (from + at + part.len(), all),
            None => (from, false),
        };
    let holds_message = message.len() >= ENOUGH && message.split(CUT).fold((0, true), in_order).1;
    pasted == message || said == message || holds_message || (said.len() >= ENOUGH && message.contains(said))
}

/// Whether a predicted message gives the same reason, in another version's words.
fn means(message: &str, explanation: &Explanation) -> bool {
    let Some(main) = explanation.reasons.first() else { return false };
    let is_main = |reason: &Reason| {
        reason.name == main.name
            && reason.holes.iter().map(|h| anonymous(h)).eq(main.holes.iter().map(|h| anonymous(h)))
    };
    !main.holes.is_empty() && explain(message).reasons.first().is_some_and(is_main)
}

/// No case is the same: refuted where all that may have said it are known to say something else.
fn without(explanation: &Explanation, cases: &[Case<'_>]) -> Verdict {
    let open = |why: &str| Verdict::Open(why.to_string());
    let concerned = |case: &&Case<'_>| explanation.environments.iter().any(|one| one.id == case.environment);
    let places: Vec<&Case<'_>> = cases.iter().filter(concerned).collect();
    match explanation.moment {
        None => open("The text is not known here, and no runtime is predicted to say it of this file."),
        Some(Moment::Weights) => open(
            "It comes from loading weights into a network built in code: it takes both to tell. Give the other file, too.",
        ),
        Some(Moment::Using) => open("It comes from using the model, not from loading it."),
        Some(Moment::Saving) => open("It comes from saving a model."),
        Some(Moment::Around) => {
            open("It depends on the machine, the path or the installation, not on what is in the file.")
        }
        Some(Moment::Loading) if places.is_empty() || places.iter().any(|case| case.messages.is_none()) => {
            open("What the runtimes that say it do with this file can't be told.")
        }
        Some(Moment::Loading) => refuted(&places),
    }
}

/// What the runtimes say of this file instead.
fn refuted(places: &[&Case<'_>]) -> Verdict {
    let loads = places.iter().filter(|case| case.messages.as_ref().is_some_and(Vec::is_empty)).count();
    let other = places.iter().find_map(|case| Some((case, *case.messages.as_ref()?.first()?)));
    let instead = match other {
        Some((case, message)) => format!("{} says: {}", case.name, super::cut(message)),
        None => "it loads there".to_string(),
    };
    Verdict::Refuted(format!(
        "No runtime that says this would say it of this file: {} of {} load it{}. The error is probably about another file.",
        loads,
        places.len(),
        if loads == places.len() { String::new() } else { format!("; {instead}") },
    ))
}

/// The environments and calls, each environment once.
fn names(places: &[&Case<'_>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for case in places {
        if !names.contains(&case.name) {
            names.push(case.name);
        }
    }
    names.join(", ")
}
