//! Lines that are safe to print, and words that are safe to paste.

/// Lines for a terminal. What comes from a file can neither begin a line of its own nor steer the terminal.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Adds a line.
    pub(super) fn line(&mut self, text: &str) {
        self.0 += &printable(text);
        self.0.push('\n');
    }

    /// Adds a line of a table.
    pub(super) fn row(&mut self, label: &str, value: &str) {
        self.line(&format!("  {label:<15}{value}"));
    }

    /// All of them.
    pub(super) fn text(self) -> String {
        self.0
    }
}

/// The text with every character escaped that a terminal acts on or that reorders its neighbours: `\u{1b}` for escape,
/// `\n` for the end of a line.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match is_unseen(character) {
            true => out.extend(character.escape_default()),
            false => out.push(character),
        }
    }
    out
}

/// Control characters of both sets, separators of lines, and marks, embeddings, overrides and isolates of direction.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A path as one word of a POSIX shell; `None` where it can't be shown as it is.
pub fn shell_word(path: &str) -> Option<String> {
    if path.is_empty() || path.chars().any(is_unseen) {
        return None;
    }
    // A name that begins with a dash would pass for an option.
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_string() };
    let is_plain = path.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | ':' | ',' | '@' | '%')
    });
    Some(if is_plain { path } else { format!("'{}'", path.replace('\'', "'\\''")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}2J\r\n\tc\u{7f}"), r"a\u{1b}[31mb\u{9b}2J\r\n\tc\u{7f}");
        assert_eq!(
            printable("\u{202a}\u{202e}x\u{2066}\u{2069}\u{200f}"),
            r"\u{202a}\u{202e}x\u{2066}\u{2069}\u{200f}"
        );
        assert_eq!(printable("Größe “224×224” 層 👩‍🔬 \\n"), "Größe “224×224” 層 👩‍🔬 \\n");
    }

    #[test]
    fn a_line_stays_one_line() {
        let mut lines = Lines::default();
        lines.row("Kind", "a\nerror[X] forged\u{2028}");
        assert_eq!(lines.text(), "  Kind           a\\nerror[X] forged\\u{2028}\n");
    }

    #[test]
    fn paths_are_words_of_a_shell() {
        for (path, expected) in [
            ("models/resnet50.h5", Some("models/resnet50.h5")),
            ("a b;id.h5", Some("'a b;id.h5'")),
            ("it's $(id).h5", Some(r"'it'\''s $(id).h5'")),
            ("~/a.h5", Some("'~/a.h5'")),
            ("-o.h5", Some("./-o.h5")),
            ("- o.h5", Some("'./- o.h5'")),
            ("größe.h5", Some("'größe.h5'")),
            ("a\nb.h5", None),
            ("a\u{202e}b.h5", None),
            ("", None),
        ] {
            assert_eq!(shell_word(path).as_deref(), expected, "{path}");
        }
    }
}
