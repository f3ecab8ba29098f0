//! What loaders say when they fail, as data: texts with holes, which versions say them, why, and what to do.
//!
//! Texts that runtimes of the corpus raised were copied from there; the versions are those in whose released sources the text
//! stands (Keras 0.3 to 3.15.1, TensorFlow 1.4 to 2.21, ImageAI 2.0.3 to 3.0.3) or in which it was seen.

mod code;
mod config;
mod container;
mod imageai;
mod kind;
mod paths;
mod spans;
mod training;
mod using;
mod weights;

use super::runtime::{Loader, Runtime, Version};

pub use paths::Clue;

/// Software whose version decides whether it says a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// Keras as a package of its own: 1, 2.0 to 2.3, and 3.
    Keras,
    /// The Keras in TensorFlow 1.4 to 2.15, and `tf_keras` from 2.16 on, by TensorFlow's version.
    TfKeras,
    /// TensorFlow below any Keras.
    TensorFlow,
    /// ImageAI.
    ImageAi,
    /// h5py.
    H5py,
    /// The HDF5 library in h5py.
    Hdf5,
    /// Python itself.
    Python,
}

impl Software {
    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Software::Keras => "Keras",
            Software::TfKeras => "tf.keras",
            Software::TensorFlow => "TensorFlow",
            Software::ImageAi => "ImageAI",
            Software::H5py => "h5py",
            Software::Hdf5 => "HDF5",
            Software::Python => "Python",
        }
    }

    /// Its version in an environment; absent where that has none.
    fn version(self, environment: &Environment) -> Option<Version> {
        let runtime = environment.runtime;
        let is_tf_keras = runtime.is_some_and(|runtime| runtime.loader == Loader::TfKeras);
        match self {
            Software::Keras => runtime.filter(|_| !is_tf_keras).map(|runtime| runtime.version),
            Software::TfKeras => runtime.filter(|_| is_tf_keras).map(|runtime| runtime.version),
            Software::TensorFlow => runtime.map(|runtime| runtime.tensorflow),
            Software::ImageAi => environment.imageai,
            Software::H5py => runtime.map(|runtime| runtime.h5py),
            Software::Hdf5 => runtime.map(|runtime| runtime.hdf5),
            Software::Python => runtime.map(|runtime| runtime.python),
        }
    }
}

/// Where a text may come from: a runtime, or an ImageAI with the runtime below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// As in the report: `tf215`, `imageai216`.
    pub id: &'static str,
    /// As people say it.
    pub name: &'static str,
    /// The Keras; absent where there is none.
    pub runtime: Option<&'static Runtime>,
    /// ImageAI's version, where there is one.
    pub imageai: Option<Version>,
}

/// Stands for a part of a version that may be any.
pub const ANY: u16 = u16::MAX;

/// Versions of one software, both ends included; [`ANY`] as the last number of `to` means every such release, as the first every
/// later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Of what.
    pub software: Software,
    /// The first.
    pub from: Version,
    /// The last.
    pub to: Version,
}

impl Span {
    /// Whether it is about ImageAI.
    pub fn is_imageai(&self) -> bool {
        self.software == Software::ImageAi
    }

    /// Whether the version in an environment lies in it.
    pub fn holds(&self, environment: &Environment) -> bool {
        self.software.version(environment).is_some_and(|version| self.from <= version && version <= self.to)
    }
}

/// `Keras 2.2.3 to 2.3`, `Python from 3.10 on`.
impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, from, to) = (self.software.word(), short(self.from), short(self.to));
        match (self.from, self.to) {
            ([0, ..], [ANY, ..]) => f.write_str(name),
            ([0, ..], _) => write!(f, "{name} up to {to}"),
            (_, [ANY, ..]) => write!(f, "{name} from {from} on"),
            _ if from == to => write!(f, "{name} {from}"),
            _ => write!(f, "{name} {from} to {to}"),
        }
    }
}

/// A version without a last number that says nothing: `2.3` for every 2.3, and for 2.3.0.
fn short([major, minor, patch]: Version) -> String {
    match patch {
        0 | ANY => format!("{major}.{minor}"),
        _ => format!("{major}.{minor}.{patch}"),
    }
}

/// When a text is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When a model is loaded: the file decides, so it can be confirmed or refuted.
    Loading,
    /// When weights are loaded into a model that code has built: it takes both to tell.
    Weights,
    /// When a loaded model is used.
    Using,
    /// When a model is saved.
    Saving,
    /// At any time: the machine, the path or the installation is to blame, not what is in the file.
    Around,
}

/// How a text stands to its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It says what is wrong.
    Cause,
    /// It is put around another text, which says what is wrong.
    Wrapper,
    /// It hides another exception, which may stand above it in the traceback.
    Cover,
}

/// A text, and who says it.
#[derive(Debug)]
pub struct Text {
    /// The words; `{}` stands for what varies.
    pub words: &'static str,
    /// Who says it: any of these, each of which is versions that must all hold.
    pub by: &'static [&'static [Span]],
}

/// One reason for failing, and all the texts for it.
#[derive(Debug)]
pub struct Pattern {
    /// A kebab-case word.
    pub name: &'static str,
    /// When it is seen.
    pub moment: Moment,
    /// How the texts stand to the cause.
    pub part: Part,
    /// The texts.
    pub texts: &'static [Text],
    /// Why, in a sentence or two; `{0}` is what stood in the first hole.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
}

const fn text(words: &'static str, by: &'static [&'static [Span]]) -> Text {
    Text { words, by }
}

/// The tables, by subject.
const TABLES: [&[Pattern]; 8] = [
    container::PATTERNS,
    kind::PATTERNS,
    weights::PATTERNS,
    config::PATTERNS,
    code::PATTERNS,
    training::PATTERNS,
    using::PATTERNS,
    imageai::PATTERNS,
];

/// What paths in a traceback tell.
pub fn clues() -> &'static [Clue] {
    paths::CLUES
}

/// Whether an environment is among those that `by` names.
pub fn is_said_in(by: &[&[Span]], environment: &Environment) -> bool {
    by.iter().any(|all| all.iter().all(|span| span.holds(environment)))
}

/// Every pattern.
pub fn patterns() -> impl Iterator<Item = &'static Pattern> {
    TABLES.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_texts_say_enough_to_be_told_apart() {
        let mut names = std::collections::HashSet::new();
        for pattern in patterns() {
            assert!(names.insert(pattern.name), "{} stands there twice", pattern.name);
            assert!(pattern.cause.ends_with('.') && pattern.fix.ends_with('.'), "{}", pattern.name);
            for text in pattern.texts {
                let letters: usize = text.words.split("{}").map(|piece| piece.replace(' ', "").len()).sum();
                assert!(letters >= 9, "{}: {}", pattern.name, text.words);
                assert!(!text.by.is_empty(), "{}: nobody says {}", pattern.name, text.words);
            }
        }
    }

    #[test]
    fn spans_are_written_as_people_say_them() {
        use super::spans::{hdf5, keras, python, tf};
        for (span, words) in [
            (keras([2, 2, 3], [2, 3, ANY]), "Keras 2.2.3 to 2.3"),
            (tf([2, 7, 0], [ANY; 3]), "tf.keras from 2.7 on"),
            (keras([3, 15, 1], [3, 15, 1]), "Keras 3.15.1"),
            (hdf5([0, 0, 0], [1, 8, ANY]), "HDF5 up to 1.8"),
            (python([0; 3], [ANY; 3]), "Python"),
        ] {
            assert_eq!(span.to_string(), words);
        }
    }
}
