//! What a check says: pure data, the same for text, JSON and the page.

/// How much a finding matters. Serialised in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file is broken or wrong; the command exits with status 1.
    Error,
    /// It works, but probably not as its owner thinks.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Severity {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One kind of finding: what is true of every finding of that kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable code, such as `W002`: a letter for the subject and three digits.
    pub code: &'static str,
    /// Kebab-case word that scripts match, such as `zero-layer`.
    pub name: &'static str,
    /// Severity of its findings.
    pub severity: Severity,
    /// What it means, in one or two sentences for the owner of the file.
    pub meaning: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// Where in the file a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A byte offset from the start of the file.
    Byte(u64),
    /// An HDF5 object or attribute, as a path: `/model_weights@layer_names`.
    Object(String),
    /// A layer of the network, by its (possibly nested) name.
    Layer(String),
    /// A weight of a layer, as `layer/kernel`.
    Weight(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File => f.write_str("file"),
            Place::Byte(offset) => write!(f, "byte {offset}"),
            Place::Object(path) | Place::Layer(path) | Place::Weight(path) => f.write_str(path),
        }
    }
}

/// One thing found in one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule it belongs to.
    pub rule: &'static Rule,
    /// Where.
    pub place: Place,
    /// What, with what was expected and what was found.
    pub message: String,
    /// What to do; the rule's advice unless this case allows better.
    pub fix: String,
    /// What a real loader prints for it, verbatim, when that is known.
    pub loader_message: Option<String>,
}

impl Finding {
    /// A finding with the rule's own advice.
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Finding {
        Finding { rule, place, message: message.into(), fix: rule.fix.to_string(), loader_message: None }
    }

    /// The same with advice that fits this case better than the rule's.
    pub fn with_fix(mut self, fix: impl Into<String>) -> Finding {
        self.fix = fix.into();
        self
    }
}

/// The text with a capital first letter, as a sentence begins.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// So many of something: `1 layer`, `2 layers`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
