//! Which Keras could have written what: arguments that came with some version, and what the versions are called.
//!
//! `tools/list_object_names.py` listed the arguments from the packages; `tests/object_names.rs` holds this table to what it found.

/// The three lines of Keras that number their versions each for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Keras up to 2.3.1, a package of its own.
    Standalone,
    /// tf.keras: TensorFlow's own, the package keras 2.6 to 2.15, and tf_keras.
    TensorFlow,
    /// Keras 3.
    Three,
}

/// Who saved a file, by its `keras_version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saver {
    /// The line.
    pub line: Line,
    /// Major, minor and patch.
    pub version: [u16; 3],
}

impl Saver {
    /// Reads `keras_version`: `2.2.4`, `2.2.4-tf`, `3.0.5`.
    pub fn of(keras_version: &str) -> Option<Saver> {
        let (numbers, is_tensorflow) = match keras_version.split_once('-') {
            Some((numbers, suffix)) => (numbers, suffix.starts_with("tf")),
            None => (keras_version, false),
        };
        let version = numbers_of(numbers)?;
        let line = match version {
            [major, ..] if major >= 3 => Line::Three,
            // There is no keras 2.4 or later that is not tf.keras.
            _ if is_tensorflow || version >= [2, 4, 0] => Line::TensorFlow,
            _ => Line::Standalone,
        };
        Some(Saver { line, version })
    }

    /// Whether this version comes no later than `last`, where `*` is later than all and an empty text earlier.
    fn is_up_to(self, last: &str) -> bool {
        last == "*" || numbers_of(last).is_some_and(|last| self.version <= last)
    }

    /// Whether it can't have written an argument.
    pub fn lacks(self, argument: &Argument) -> bool {
        let last = match self.line {
            Line::Standalone => argument.without.0,
            Line::TensorFlow => argument.without.1,
            Line::Three => argument.without.2,
        };
        self.is_up_to(last)
    }

    /// Whether it knows models only as the class `Model`: `Functional` came with TensorFlow 2.3.
    pub fn lacks_functional(self) -> bool {
        match self.line {
            Line::Standalone => true,
            Line::TensorFlow => self.is_up_to("2.3.0"),
            Line::Three => false,
        }
    }

    /// Whether it reads `model_config` only as bytes: until TensorFlow 2.4 it calls `.decode` on it.
    pub fn needs_bytes(self) -> bool {
        match self.line {
            Line::Standalone => true,
            Line::TensorFlow => self.is_up_to("2.4.0"),
            Line::Three => false,
        }
    }

    /// The releases that write this `keras_version`. TensorFlow 1.15 to 2.1 are told from 1.13 and 1.14, which write the same,
    /// by whether an InputLayer has the argument `ragged`; `None` where there is no InputLayer.
    pub fn releases(self, has_ragged: Option<bool>) -> Option<String> {
        let [major, minor, _] = self.version;
        match (self.line, self.version) {
            (Line::Standalone | Line::Three, [major, minor, patch]) => {
                Some(format!("Keras {major}.{minor}.{patch}"))
            }
            (Line::TensorFlow, [2, 2, 4]) => Some(match has_ragged {
                Some(true) => "tf.keras of TensorFlow 1.15 to 2.1".into(),
                Some(false) => "tf.keras of TensorFlow 1.13 or 1.14".into(),
                None => "tf.keras of TensorFlow 1.13 to 2.1".into(),
            }),
            (Line::TensorFlow, [2, 3, 0]) => Some("tf.keras of TensorFlow 2.2".into()),
            (Line::TensorFlow, [2, 4, _]) => Some("tf.keras of TensorFlow 2.3 or 2.4".into()),
            (Line::TensorFlow, [2, 5..=15, _]) => Some(format!("tf.keras of TensorFlow {major}.{minor}")),
            (Line::TensorFlow, [2, 16..=99, _]) => Some(format!("tf_keras {major}.{minor}")),
            (Line::TensorFlow, _) => None,
        }
    }
}

fn numbers_of(text: &str) -> Option<[u16; 3]> {
    let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)])
}

/// An argument of some layer classes that came with some version.
#[derive(Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// The classes.
    pub classes: &'static [&'static str],
    /// The last version of each [`Line`] known to be without it: `*` when none ever had it, empty when all or nobody knows.
    pub without: (&'static str, &'static str, &'static str),
    /// The first that has it, in words.
    pub since: &'static str,
}

const fn argument(
    name: &'static str,
    classes: &'static [&'static str],
    without: (&'static str, &'static str, &'static str),
    since: &'static str,
) -> Argument {
    Argument { name, classes, without, since }
}

const CONVOLUTIONS: &[&str] = &["Conv1D", "Conv2D", "Conv3D"];
const NORMALIZATION: &[&str] = &["BatchNormalization"];

/// Arguments that came with some version.
pub static ARGUMENTS: &[Argument] = &[
    // TensorFlow 1.13 and 1.14 lack it, but write the same keras_version as 1.15.
    argument("ragged", &["InputLayer"], ("*", "", ""), "TensorFlow 1.15"),
    argument("groups", CONVOLUTIONS, ("*", "2.3.0", ""), "TensorFlow 2.3"),
    argument(
        "keepdims",
        &["GlobalAveragePooling2D", "GlobalMaxPooling2D"],
        ("*", "2.4.0", ""),
        "TensorFlow 2.5 or 2.6",
    ),
    // Keras 2.12 takes it, though only Keras 3 writes it.
    argument("synchronized", NORMALIZATION, ("*", "2.11.0", ""), "TensorFlow 2.12"),
    argument("renorm", NORMALIZATION, ("*", "", "3.11.3"), "tf.keras, and again Keras 3.12 to 3.15"),
    argument("renorm_clipping", NORMALIZATION, ("*", "", "3.11.3"), "tf.keras, and again Keras 3.12 to 3.15"),
    argument("renorm_momentum", NORMALIZATION, ("*", "", "3.11.3"), "tf.keras, and again Keras 3.12 to 3.15"),
    argument("batch_shape", &["InputLayer"], ("*", "*", ""), "Keras 3"),
    argument("optional", &["InputLayer"], ("*", "2.15.1", "3.11.3"), "Keras 3.12 to 3.15"),
    argument("quantization_config", &["Dense", "Embedding"], ("*", "*", "3.11.3"), "Keras 3.12 to 3.15"),
    argument("lora_rank", &["Dense", "Embedding"], ("*", "*", ""), "Keras 3"),
    argument("lora_rank", CONVOLUTIONS, ("*", "*", "3.0.5"), "Keras 3.1 to 3.3"),
    argument("lora_alpha", &["Dense", "Embedding", "Conv2D"], ("*", "*", "3.8.0"), "Keras 3.9 to 3.11"),
    argument("negative_slope", &["LeakyReLU"], ("*", "*", ""), "Keras 3"),
    argument("crop_to_aspect_ratio", &["Resizing"], ("", "2.4.0", ""), "TensorFlow 2.5 or 2.6"),
    argument("pad_to_aspect_ratio", &["Resizing"], ("", "*", "3.0.5"), "Keras 3.1 to 3.3"),
    argument("interpolation", &["UpSampling2D"], ("2.1.6", "", ""), "Keras 2.2"),
    argument("data_format", &["Flatten"], ("2.0.9", "", ""), "Keras 2.1"),
    argument("units", &["Dense"], ("1.2.2", "", ""), "Keras 2"),
    argument("use_bias", &["Dense"], ("1.2.2", "", ""), "Keras 2"),
    argument("kernel_initializer", &["Dense"], ("1.2.2", "", ""), "Keras 2"),
    argument("rate", &["Dropout"], ("1.2.2", "", ""), "Keras 2"),
    argument("scale", NORMALIZATION, ("1.2.2", "", ""), "Keras 2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_their_lines() {
        let line = |version| Saver::of(version).map(|saver| saver.line);
        for (version, expected) in [
            ("1.2.2", Some(Line::Standalone)),
            ("2.3.1", Some(Line::Standalone)),
            ("2.2.4-tf", Some(Line::TensorFlow)),
            ("2.4.0", Some(Line::TensorFlow)),
            ("2.15.0", Some(Line::TensorFlow)),
            ("3.15.1", Some(Line::Three)),
            ("3.0", Some(Line::Three)),
            ("", None),
            ("latest", None),
            ("99999999999.1", None),
        ] {
            assert_eq!(line(version), expected, "{version}");
        }
    }

    /// `keras_version` in the packages tensorflow 1.13.2, 1.14.0, 1.15.5, 2.1.0, 2.2.3, 2.3.4 and 2.4.4.
    #[test]
    fn releases_are_named() {
        let releases = |version, ragged| Saver::of(version).unwrap().releases(ragged).unwrap();
        assert_eq!(releases("2.2.4-tf", Some(true)), "tf.keras of TensorFlow 1.15 to 2.1");
        assert_eq!(releases("2.2.4-tf", Some(false)), "tf.keras of TensorFlow 1.13 or 1.14");
        assert_eq!(releases("2.2.4-tf", None), "tf.keras of TensorFlow 1.13 to 2.1");
        assert_eq!(releases("2.4.0", Some(true)), "tf.keras of TensorFlow 2.3 or 2.4");
        assert_eq!(releases("2.2.4", None), "Keras 2.2.4");
    }
}
