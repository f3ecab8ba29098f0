//! Where a file loads: one line per runtime and call, and the same in a few lines for people.

use serde::Serialize;

use super::error::Hidden;
use super::terminal::Lines;
use crate::checks::Facts;
use crate::loaders::{Call, Outcome, Runtime, pair};

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

/// What the runtimes do with the file and, where it has weights alone, with the network for them; then what ImageAI does.
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
    let builds = facts.builds.into_iter().flat_map(|(family, loads)| {
        let call = |load: &pair::Load| format!("{}.{}", family.call(), load.call.word());
        loads
            .iter()
            .map(move |load| Load::new((load.runtime.id, load.runtime.name), call(load), &load.outcome))
    });
    runtimes.chain(builds).chain(imageai).collect()
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
    fn what(&self) -> (&'static str, Option<&str>, Option<&str>, Option<&Hidden>) {
        let text = self.message.as_deref().or(self.reason.as_deref());
        (self.outcome, self.exception.as_deref(), text, self.hidden.as_ref())
    }

    /// The outcome in one line.
    fn line(&self) -> String {
        let text = self.message.as_deref().or(self.reason.as_deref()).unwrap_or_default();
        let shown = shown(text);
        match &self.exception {
            Some(exception) if shown.is_empty() => exception.clone(),
            Some(exception) => format!("{exception}: {shown}"),
            None => shown,
        }
    }
}

/// The first line of a text, and of that the beginning.
fn shown(text: &str) -> String {
    let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let cut = first.chars().count() > SHOWN || text.lines().count() > 1;
    first.chars().take(SHOWN).chain(cut.then_some('…')).collect()
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

/// Rows in which the same happens.
struct Group<'l> {
    first: &'l Load,
    words: Vec<&'l str>,
}

/// Rows by what happens, and by `key`, in the order of the first of each; of every row, `word` is kept.
fn groups<'l>(
    loads: impl Iterator<Item = &'l Load>,
    key: fn(&Load) -> &str,
    word: fn(&Load) -> &str,
) -> Vec<Group<'l>> {
    let mut groups: Vec<Group<'l>> = Vec::new();
    for load in loads {
        let is_same =
            |group: &&mut Group<'_>| group.first.what() == load.what() && key(group.first) == key(load);
        match groups.iter_mut().find(is_same) {
            Some(group) => group.words.push(word(load)),
            None => groups.push(Group { first: load, words: vec![word(load)] }),
        }
    }
    groups
}

/// Writes where a file loads: with compiling first, without only where that differs, then networks that code builds, and
/// ImageAI.
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
    let is_other = |load: &&Load| Call::ALL.iter().all(|call| load.call != call.word());
    let (builds, imageai): (Vec<&Load>, Vec<&Load>) =
        loads.iter().filter(is_other).partition(|load| Runtime::of(load.runtime).is_some());
    let name: fn(&Load) -> &str = |load| load.name;
    let call: fn(&Load) -> &str = |load| &load.call;
    groups(of_call(Call::LoadModel), call, name).iter().for_each(|group| write_group(out, group, ""));
    groups(of_call(Call::WithoutCompile).filter(differs), call, name)
        .iter()
        .for_each(|group| write_group(out, group, " with compile=False"));
    for group in groups(builds.into_iter(), call, name) {
        write_group(out, &group, &format!(" with {}", group.first.call));
    }
    for group in groups(imageai.into_iter(), name, call) {
        write_group(out, &group, &format!(" in {}", group.first.name));
    }
}

fn write_group(out: &mut Lines, group: &Group<'_>, how: &str) {
    out.line(&format!("  {}{how}: {}", group.first.outcome, group.words.join(", ")));
    let line = group.first.line();
    if !line.is_empty() {
        out.line(&format!("    {line}"));
    }
    if let Some(Hidden { exception, message }) = &group.first.hidden {
        out.line(&format!("    it hides {exception}: {}", shown(message)));
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

    fn imageai(method: &str, hidden: &str) -> Load {
        let hidden = Hidden { exception: hidden.into(), message: "why".into() };
        let load = load("ImageAI", Call::LoadModel, Some("wrong path"));
        Load { call: method.into(), hidden: Some(hidden), ..load }
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
            imageai("a.loadModel", "OSError"),
            imageai("b.loadModel", "OSError"),
            imageai("c.loadModel", "KeyError"),
        ];
        let mut out = Lines::default();
        write(&mut out, &loads);
        let expected = "\nWhere it loads\n  loads: A\n  fails: B, C\n    ValueError: no…\n  loads with compile=False: B\n  \
            fails in ImageAI: a.loadModel, b.loadModel\n    ValueError: wrong path\n    it hides OSError: why\n  \
            fails in ImageAI: c.loadModel\n    ValueError: wrong path\n    it hides KeyError: why\n";
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn long_messages_keep_their_start_and_end() {
        let short = shorten(&("a".repeat(1300) + &"b".repeat(400)));
        assert_eq!(short.len(), 1200 + 7 + 300);
        assert!(short.ends_with('b') && short.contains("a [...] b"));
    }
}
