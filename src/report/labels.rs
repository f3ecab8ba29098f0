//! A list of classes beside a model, judged.

use serde::Serialize;

use super::error::Hidden;
use super::terminal::Lines;
use crate::loaders::imageai::EDITIONS;
use crate::loaders::imageai::labels::{self, Saying};

/// What a model_class.json is worth beside the model.
#[derive(Clone, Debug, Serialize)]
pub struct Labels {
    /// Whether every class of the model has a name in it.
    pub fits: bool,
    /// Entries it has.
    pub entries: Option<usize>,
    /// Classes of the model, where that is known.
    pub classes: Option<usize>,
    /// What is wrong with it, in sentences.
    pub problems: Vec<String>,
    /// What is unusual about it, in sentences.
    pub notes: Vec<String>,
    /// What each ImageAI says because of it.
    pub says: Vec<Said>,
}

/// What an ImageAI says because of a list of classes.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// `imageai216`
    pub runtime: &'static str,
    /// Its name: `ImageAI 2.1.6 (TensorFlow 2.4.1)`.
    pub name: &'static str,
    /// The method that fails.
    pub call: &'static str,
    /// The exception that a person sees.
    pub exception: String,
    /// Its text.
    pub message: String,
    /// The exception behind it.
    pub hidden: Option<Hidden>,
}

impl Labels {
    /// Judges the text of a list of classes.
    pub(super) fn new(text: &str, classes: Option<usize>) -> Labels {
        let labels::Labels { entries, classes, problems, notes, says } = labels::Labels::judge(text, classes);
        Labels {
            fits: problems.is_empty(),
            entries,
            classes,
            problems,
            notes,
            says: says.into_iter().map(said).collect(),
        }
    }

    /// The lines for a terminal.
    pub(super) fn write(&self, out: &mut Lines) {
        let classes = self.classes.map_or("an unknown number of".to_string(), |classes| classes.to_string());
        let entries = self.entries.map_or("no".to_string(), |entries| entries.to_string());
        let verdict = if self.fits { "fits" } else { "does not fit" };
        out.line(&format!(
            "The list of classes {verdict}: {entries} entries, the network has {classes} classes."
        ));
        self.problems.iter().chain(&self.notes).for_each(|sentence| out.line(&format!("  {sentence}")));
        for Said { name, call, exception, message, hidden, .. } in &self.says {
            let hidden = hidden
                .as_ref()
                .map_or(String::new(), |h| format!(" (it hides {}: {})", h.exception, h.message));
            out.line(&format!("  {name}, {call}: {exception}: {message}{hidden}"));
        }
    }
}

fn said(saying: Saying) -> Said {
    let Saying { edition, call, shown, hidden } = saying;
    Said {
        runtime: edition,
        name: EDITIONS.iter().find(|known| known.id == edition).map_or(edition, |known| known.name),
        call,
        exception: shown.exception,
        message: shown.message,
        hidden: hidden.as_ref().map(Hidden::new),
    }
}
