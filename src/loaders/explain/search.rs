//! Where the texts of the tables occur in a pasted one.

use super::text::Pasted;
use crate::limits;
use crate::loaders::errors::{Pattern, Text, patterns};

/// Ends of a text that are tried, from the last.
const TRIES: usize = 8;

/// A text of the tables, found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its pattern.
    pub pattern: &'static Pattern,
    /// Which of its texts.
    pub text: &'static Text,
    /// What stood in the holes.
    pub holes: Vec<String>,
    /// The words as they stand there.
    pub quote: String,
    /// Where it begins and ends in [`Pasted::squeezed`].
    span: (usize, usize),
    /// Letters that are not in holes.
    letters: usize,
}

/// The texts that occur, the last one in front; of those that lie over each other only the one that says most.
pub fn search(pasted: &Pasted) -> Vec<Found> {
    let mut all: Vec<Found> = patterns()
        .flat_map(|pattern| pattern.texts.iter().filter_map(move |text| find(pasted, pattern, text)))
        .collect();
    all.sort_by_key(|found| std::cmp::Reverse(found.letters));
    let mut kept: Vec<Found> = Vec::new();
    for found in all {
        let overlaps = |other: &Found| found.span.0 < other.span.1 && other.span.0 < found.span.1;
        if !kept.iter().any(|other| overlaps(other) || other.pattern.name == found.pattern.name) {
            kept.push(found);
        }
    }
    kept.sort_by_key(|found| std::cmp::Reverse(found.span.0));
    kept
}

/// The last place where the pieces of a text stand one behind the other.
fn find(pasted: &Pasted, pattern: &'static Pattern, text: &'static Text) -> Option<Found> {
    let pieces: Vec<String> = text.words.split("{}").map(squeeze).filter(|piece| !piece.is_empty()).collect();
    let hay = pasted.squeezed.as_str();
    let mut end = hay.len();
    for _ in 0..TRIES {
        let last = hay.get(..end)?.rfind(pieces.last()?.as_str())?;
        if let Some(starts) = backwards(hay, &pieces, last) {
            return Some(found(pasted, pattern, text, &pieces, &starts));
        }
        end = last + pieces.last()?.len().saturating_sub(1);
    }
    None
}

/// Where each piece begins, when the last one begins at `last`; holes as short as they can be.
fn backwards(hay: &str, pieces: &[String], last: usize) -> Option<Vec<usize>> {
    let mut starts = vec![last];
    let mut end = last;
    for piece in pieces.iter().rev().skip(1) {
        let start = hay.get(..end)?.rfind(piece.as_str())?;
        let hole = end - (start + piece.len());
        if hole > limits::MAX_ERROR_HOLE_BYTES {
            return None;
        }
        starts.push(start);
        end = start;
    }
    starts.reverse();
    Some(starts)
}

fn found(
    pasted: &Pasted,
    pattern: &'static Pattern,
    text: &'static Text,
    pieces: &[String],
    starts: &[usize],
) -> Found {
    let ends: Vec<usize> = starts.iter().zip(pieces).map(|(start, piece)| start + piece.len()).collect();
    let mut holes: Vec<String> =
        ends.iter().zip(starts.iter().skip(1)).map(|(end, next)| pasted.between(*end, *next)).collect();
    let (first, last) = (starts.first().copied().unwrap_or(0), ends.last().copied().unwrap_or(0));
    let mut quote = pasted.between(first, last);
    if text.words.starts_with("{}") {
        let word = pasted.word_before(first);
        quote = format!("{word}{}{quote}", if text.words.starts_with("{} ") { " " } else { "" });
        holes.insert(0, word);
    }
    if text.words.ends_with("{}") {
        let rest = pasted.rest_of_line(last);
        quote = format!("{quote} {rest}");
        holes.push(rest);
    }
    let letters = pieces.iter().map(String::len).sum();
    Found { pattern, text, holes, quote, span: (first, last), letters }
}

fn squeeze(piece: &str) -> String {
    piece.chars().filter(|letter| !letter.is_whitespace()).collect()
}
