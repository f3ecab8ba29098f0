//! Whose names the layers have: the one thing here that goes by names.

/// A scheme of layer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `res2a_branch2a`: `keras.applications` of Keras 1.1 to 2.3.
    Classic,
    /// `conv2_block1_1_conv`: `keras.applications` of tf.keras from 1.15.
    Modern,
    /// `stage1_unit1_conv1`: `classification_models`.
    ClassificationModels,
    /// `conv2d_1`: names that Keras 2 and 3 give by themselves.
    Default,
    /// `convolution2d_1`: names that Keras 1 gives by itself.
    Keras1Default,
    /// Any others.
    Custom,
}

impl Naming {
    /// A stable word for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Naming::Classic => "classic",
            Naming::Modern => "modern",
            Naming::ClassificationModels => "classification-models",
            Naming::Default => "default",
            Naming::Keras1Default => "keras1-default",
            Naming::Custom => "custom",
        }
    }

    /// An example of it.
    pub fn example(self) -> &'static str {
        match self {
            Naming::Classic => "res2a_branch2a",
            Naming::Modern => "conv2_block1_1_conv",
            Naming::ClassificationModels => "stage1_unit1_conv1",
            Naming::Default => "conv2d_1",
            Naming::Keras1Default => "convolution2d_1",
            Naming::Custom => "names of its author",
        }
    }

    /// The scheme of a convolution's name.
    pub fn of(name: &str) -> Naming {
        const SCHEMES: &[(&str, Naming)] = &[
            ("conv#_block#_#_conv", Naming::Modern),
            ("stage#_unit#_conv#", Naming::ClassificationModels),
            ("stage#_unit#_sc", Naming::ClassificationModels),
            ("conv#d", Naming::Default),
            ("conv#d_#", Naming::Default),
            ("convolution#d_#", Naming::Keras1Default),
        ];
        if is_classic(name) {
            return Naming::Classic;
        }
        let shape = without_digits(name);
        SCHEMES.iter().find(|(pattern, _)| *pattern == shape).map_or(Naming::Custom, |(_, naming)| *naming)
    }

    /// The scheme of most of the names.
    pub fn of_most<'a>(names: impl Iterator<Item = &'a str>) -> Naming {
        super::families::most_common(names.map(Naming::of)).unwrap_or(Naming::Custom)
    }
}

/// `res`, the stage, the block's letter or `b1`, `b2`, …, and the branch: `res2a_branch2a`, `res4b22_branch2c`.
fn is_classic(name: &str) -> bool {
    let Some((block, branch)) = name.strip_prefix("res").and_then(|rest| rest.split_once("_branch")) else {
        return false;
    };
    let mut rest = block.chars();
    let stage = rest.next().is_some_and(|c| c.is_ascii_digit());
    let letter = rest.next().is_some_and(|c| c.is_ascii_lowercase());
    stage && letter && rest.all(|c| c.is_ascii_digit()) && ["1", "2a", "2b", "2c"].contains(&branch)
}

/// The name with every run of digits as `#`.
fn without_digits(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !out.ends_with('#') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_known_by_its_example() {
        let schemes = [
            Naming::Classic,
            Naming::Modern,
            Naming::ClassificationModels,
            Naming::Default,
            Naming::Keras1Default,
        ];
        for naming in schemes.into_iter().chain([Naming::Custom]) {
            assert_eq!(Naming::of(naming.example()), naming);
        }
        for (name, naming) in [
            ("res4b22_branch2c", Naming::Classic),
            ("res_branch2a", Naming::Custom),
            ("conv2d", Naming::Default),
            ("conv5_block3_0_conv", Naming::Modern),
            ("", Naming::Custom),
        ] {
            assert_eq!(Naming::of(name), naming, "{name}");
        }
    }
}
