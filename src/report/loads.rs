//! Where a file loads: one line per runtime and call, and the same in a few lines for people.

use serde::Serialize;

use super::error::Hidden;
use super::terminal::Lines;
use crate::checks::Facts;
use crate::loaders::{Call, Outcome};

/// Letters of a message that a line of text shows.
const SHOWN: usize = 200;

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
    /// The line of an outcome.
    pub(super) fn new(
        (runtime, name): (&'static str, &'static str),
        call: String,
        outcome: &Outcome,
    ) -> Load {
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

    /// What the outcome is, without the runtime.
    fn what(&self) -> (&'static str, Option<&str>, Option<&str>) {
        (self.outcome, self.exception.as_deref(), self.message.as_deref().or(self.reason.as_deref()))
    }

    /// The outcome in one line.
    fn line(&self) -> String {
        let text = self.message.as_deref().or(self.reason.as_deref()).unwrap_or_default();
        let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let cut = first.chars().count() > SHOWN || text.lines().count() > 1;
        let shown: String = first.chars().take(SHOWN).chain(cut.then_some('…')).collect();
        match &self.exception {
            Some(exception) if shown.is_empty() => exception.clone(),
            Some(exception) => format!("{exception}: {shown}"),
            None => shown,
        }
    }
}

/// Messages that quote a whole config have thousands of letters.
fn shorten(message: &str) -> String {
    let letters: Vec<char> = message.chars().collect();
    if letters.len() < 1600 {
        return message.to_string();
    }
    let text = |part: &[char]| part.iter().collect::<String>();
    format!("{} [...] {}", text(&letters[..1200]), text(&letters[letters.len() - 300..]))
}

/// What several runtimes do alike.
struct Group<'l> {
    first: &'l Load,
    names: Vec<&'static str>,
}

/// Runtimes that do the same in a call, in the order of the first of each.
fn groups<'l>(loads: impl Iterator<Item = &'l Load>) -> Vec<Group<'l>> {
    let mut groups: Vec<Group<'l>> = Vec::new();
    for load in loads {
        match groups.iter_mut().find(|group| group.first.what() == load.what()) {
            Some(group) => group.names.push(load.name),
            None => groups.push(Group { first: load, names: vec![load.name] }),
        }
    }
    groups
}

/// Writes where a file loads: with compiling first, and without only where that differs.
pub(super) fn write(out: &mut Lines, loads: &[Load]) {
    if loads.is_empty() {
        return;
    }
    out.line("");
    out.line("Where it loads");
    let of_call = |call: Call| loads.iter().filter(move |load| load.call == call.word());
    let differs = |load: &&Load| {
        let compiled =
            of_call(Call::LoadModel).find(|other| other.runtime == load.runtime).map(|other| other.outcome);
        compiled != Some(load.outcome)
    };
    groups(of_call(Call::LoadModel)).iter().for_each(|group| write_group(out, group, group.first.outcome));
    let without = groups(of_call(Call::WithoutCompile).filter(differs));
    without.iter().for_each(|group| {
        write_group(out, group, &format!("{} with compile=False", group.first.outcome));
    });
}

fn write_group(out: &mut Lines, group: &Group<'_>, heading: &str) {
    out.line(&format!("  {heading}: {}", group.names.join(", ")));
    let line = group.first.line();
    if !line.is_empty() {
        out.line(&format!("    {line}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(name: &'static str, call: Call, message: Option<&str>) -> Load {
        Load {
            runtime: name,
            name,
            call: call.word().to_string(),
            outcome: if message.is_some() { "fails" } else { "loads" },
            exception: message.map(|_| "ValueError".into()),
            message: message.map(str::to_string),
            reason: None,
            hidden: None,
            condition: None,
        }
    }

    #[test]
    fn runtimes_that_do_the_same_share_a_line() {
        let (with, without) = (Call::LoadModel, Call::WithoutCompile);
        let loads = [
            load("A", with, None),
            load("A", without, None),
            load("B", with, Some("no\nmore")),
            load("B", without, None),
            load("C", with, Some("no\nmore")),
            load("C", without, Some("other")),
        ];
        let mut out = Lines::default();
        write(&mut out, &loads);
        let expected = "\nWhere it loads\n  loads: A\n  fails: B, C\n    ValueError: no…\n  loads with compile=False: B\n";
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn long_messages_keep_their_start_and_end() {
        let short = shorten(&("a".repeat(1300) + &"b".repeat(400)));
        assert_eq!(short.len(), 1200 + 7 + 300);
        assert!(short.ends_with('b') && short.contains("a [...] b"));
    }
}
