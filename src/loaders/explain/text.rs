//! A pasted text, made comparable: without colours, prefixes of logs, and space.

use crate::limits;

/// A text without space, and where each of its bytes stood.
pub struct Pasted {
    /// The text as it is searched: no colours, plain quotes.
    pub plain: String,
    /// The same without space, as terminals and logs break lines anywhere.
    pub squeezed: String,
    /// For every byte of `squeezed`, its place in `plain`.
    places: Vec<usize>,
}

impl Pasted {
    /// Of a text as it was pasted; of a longer one the last [`limits::MAX_ERROR_BYTES`], as Python says last what was raised.
    pub fn new(text: &str) -> Pasted {
        let plain: String = plain(tail(text)).lines().map(without_prefix).collect::<Vec<_>>().join("\n");
        let (mut squeezed, mut places) = (String::new(), Vec::new());
        for (place, letter) in plain.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
            squeezed.push(letter);
            places.extend(std::iter::repeat_n(place, letter.len_utf8()));
        }
        Pasted { plain, squeezed, places }
    }

    /// What stood between two places of `squeezed`, on one line.
    pub fn between(&self, from: usize, to: usize) -> String {
        let start = self.places.get(from).copied().unwrap_or(self.plain.len());
        let end = self.places.get(to).copied().unwrap_or(self.plain.len());
        one_line(self.plain.get(start..end.max(start)).unwrap_or_default())
    }

    /// What stands from a place of `squeezed` to the end of its line, without what closes the sentence or a bracket around it.
    pub fn rest_of_line(&self, from: usize) -> String {
        let start = self.places.get(from).copied().unwrap_or(self.plain.len());
        let rest = self.plain.get(start..).unwrap_or_default();
        let line = one_line(rest.lines().next().unwrap_or_default());
        let open = line.contains('(');
        line.trim_end_matches(|c: char| c == '.' || (c == ')' && !open)).to_string()
    }

    /// The word that ends at a place of `squeezed`.
    pub fn word_before(&self, to: usize) -> String {
        let end = self.places.get(to).copied().unwrap_or(self.plain.len());
        let before = self.plain.get(..end).unwrap_or_default();
        before.split_whitespace().next_back().unwrap_or_default().to_string()
    }

    /// The type of the exception that was raised last: of `ValueError: …` at the start of a line.
    pub fn exception(&self) -> Option<&str> {
        self.plain.lines().rev().find_map(exception_of)
    }
}

/// The type in `keras.errors.SomeError: message` or `ValueError`.
fn exception_of(line: &str) -> Option<&str> {
    let path = line.trim().split(':').next()?;
    let name = path.rsplit('.').next()?;
    let is_path = path.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_'));
    let ends = ["Error", "Exception", "Warning", "Interrupt"];
    (is_path
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && ends.iter().any(|end| name.ends_with(end)))
    .then_some(name)
}

fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(limits::MAX_ERROR_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Without the sequences that colour a terminal, and with the quotes that Python has.
fn plain(text: &str) -> String {
    let (mut out, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                letters.by_ref().find(|letter| letter.is_ascii_alphabetic());
            }
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '\r' | '\u{200b}' | '\u{feff}' => {}
            letter => out.push(letter),
        }
    }
    out
}

/// What pytest, quoting and boxes put in front of every line.
fn without_prefix(line: &str) -> &str {
    let trimmed = line.trim_start_matches(['>', '│', '|', '║', ' ']);
    match trimmed.strip_prefix('E') {
        Some(rest) if rest.starts_with("   ") => rest.trim_start(),
        _ => trimmed,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A message without what varies from machine to machine: space, addresses of objects, names and folders of files.
pub fn anonymous(message: &str) -> String {
    let mut out = String::new();
    for word in message.split_inclusive(|c: char| c.is_whitespace() || "'\"`(),=<>".contains(c)) {
        out.push_str(&without_file(word));
    }
    without_addresses(&out).chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// `C:\models\a.h5/{saved…` → `FILE.h5/{saved…`.
fn without_file(word: &str) -> String {
    let ends = [".h5", ".hdf5", ".keras"];
    let found = ends.iter().filter_map(|end| Some((word.find(end)?, *end))).min();
    match found {
        Some((at, _)) if at > 0 => format!("FILE{}", &word[at..]),
        _ => word.to_string(),
    }
}

/// `0x7f3a…` → `0x`.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        out.push_str("0x");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '.'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_prefixes_and_breaks_are_taken_away() {
        let pasted =
            Pasted::new("E       \u{1b}[31mValueError\u{1b}[0m: Unknown\nE       layer: “Fun\r\nctional”");
        assert_eq!(pasted.squeezed, "ValueError:Unknownlayer:\"Functional\"");
        assert_eq!(pasted.exception(), Some("ValueError"));
    }

    #[test]
    fn the_last_exception_counts() {
        let text = "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n\nDuring handling…:\n\nh5py.SomeError: bad";
        assert_eq!(Pasted::new(text).exception(), Some("SomeError"));
        assert_eq!(Pasted::new("nothing of the kind: here").exception(), None);
    }

    #[test]
    fn names_of_files_and_addresses_make_no_difference() {
        for (one, other) in [
            (r"at: C:\Users\me\net.h5/{saved_model.pbtxt|x}", "at: a.h5/{saved_model.pbtxt|x}"),
            ("at <gfile.GFile object at 0x7f00aa>.", "at <gfile.GFile object at 0x...>."),
            ("File not found: filepath=/a b/c.keras. Please", "File not found: filepath=/a d.keras. Please"),
        ] {
            assert_eq!(anonymous(one), anonymous(other));
        }
        assert_ne!(anonymous("layer conv1"), anonymous("layer conv2"));
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["", "\u{1b}", "\u{1b}[", "é\n\n", &"ü".repeat(200_000)] {
            let pasted = Pasted::new(text);
            assert!(pasted.plain.len() <= limits::MAX_ERROR_BYTES);
            assert_eq!(pasted.between(0, usize::MAX).is_empty(), pasted.squeezed.is_empty());
        }
    }
}
