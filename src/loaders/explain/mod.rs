//! Paste the error: which runtimes say such a thing, why, and what to do; with the file, whether it is true of it.

mod clues;
mod counts;
mod search;
mod text;
mod verdict;

use super::errors::{Environment, Moment, Part, Span, is_said_in};
use super::{RUNTIMES, imageai};
use search::Found;
use text::Pasted;

pub use verdict::{Case, Verdict};

/// Reasons that are told of one text.
const MAX_REASONS: usize = 4;
/// Letters of the quoted words.
const MAX_QUOTE: usize = 300;

/// What a pasted text says.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The type of the exception: `ValueError`.
    pub exception: Option<String>,
    /// Why, the main reason first; empty where the text is not known.
    pub reasons: Vec<Reason>,
    /// The environments of the report that say such a thing; empty where the text is not known.
    pub environments: Vec<Environment>,
    /// Who says it, in words: `Keras 2.0 to 2.3, tf.keras 1.4 to 2.6`.
    pub raised_by: String,
    /// When it is seen.
    pub moment: Option<Moment>,
}

/// One reason that a text gives.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The pattern's name.
    pub name: &'static str,
    /// The words that tell it.
    pub quote: String,
    /// Why.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// What stood in the holes.
    holes: Vec<String>,
}

/// Every environment that is told apart.
pub fn environments() -> impl Iterator<Item = Environment> {
    let plain = RUNTIMES.iter().map(|runtime| Environment {
        id: runtime.id,
        name: runtime.name,
        runtime: Some(runtime),
        imageai: None,
    });
    plain.chain(imageai::environments())
}

/// Explains a text: an exception's message, a traceback, a log, with anything around it.
pub fn explain(text: &str) -> Explanation {
    let pasted = Pasted::new(text);
    let mut found = search::search(&pasted);
    // What is wrapped says what is wrong; the wrapper only that something is.
    found.sort_by_key(|found| found.pattern.part == Part::Wrapper);
    found.truncate(MAX_REASONS);
    let alternatives = alternatives(&found, &pasted.squeezed);
    Explanation {
        exception: pasted.exception().map(str::to_string),
        environments: if found.is_empty() { Vec::new() } else { narrow(&alternatives) },
        raised_by: found.first().map(|main| raised_by(main.text.by)).unwrap_or_default(),
        moment: found.first().map(|main| main.pattern.moment),
        reasons: found.into_iter().map(reason).collect(),
    }
}

/// Everything that tells who may have said it, the surest first.
fn alternatives(found: &[Found], squeezed: &str) -> Vec<&'static [&'static [Span]]> {
    let texts = found.iter().map(|found| found.text.by);
    texts.chain(clues::search(squeezed).into_iter().map(|clue| clue.by)).collect()
}

/// The environments of which all is true; what contradicts what went before is passed over.
fn narrow(all: &[&[&[Span]]]) -> Vec<Environment> {
    let names_imageai =
        all.iter().any(|by| by.iter().flat_map(|all| all.iter()).any(|span| span.is_imageai()));
    let mut left: Vec<Environment> =
        environments().filter(|environment| environment.imageai.is_some() == names_imageai).collect();
    for by in all {
        let fits: Vec<Environment> = left.iter().filter(|one| is_said_in(by, one)).copied().collect();
        left = if fits.is_empty() { left } else { fits };
    }
    left
}

fn raised_by(by: &[&[Span]]) -> String {
    let together = |spans: &&[Span]| spans.iter().map(Span::to_string).collect::<Vec<_>>().join(" with ");
    by.iter().map(together).collect::<Vec<_>>().join(", ")
}

fn reason(found: Found) -> Reason {
    let Found { pattern, holes, quote, .. } = found;
    let mut cause = fill(pattern.cause, &holes);
    let counted = match (pattern.name, holes.as_slice()) {
        ("layer-count", [stored, expected]) | ("layer-count-mismatch", [expected, stored]) => {
            counts::words(stored, expected)
        }
        _ => None,
    };
    if let Some(words) = counted {
        cause = format!("{cause} {words}");
    }
    Reason { name: pattern.name, quote: cut(&quote), cause, fix: fill(pattern.fix, &holes), holes }
}

/// A sentence with what stood in the holes.
fn fill(sentence: &str, holes: &[String]) -> String {
    let put =
        |text: String, (index, hole): (usize, &String)| text.replace(&format!("{{{index}}}"), &cut(hole));
    holes.iter().enumerate().fold(sentence.to_string(), put)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests;
