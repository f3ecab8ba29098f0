//! A network that code builds before it loads weights: `keras.applications.ResNet50(weights=None, classes=10)`, which is not the
//! same in every runtime.
//!
//! Sources: `keras/applications/__init__.py` of Keras 1.2.2 to 2.3.1 (`ResNet50` is the classic one in all; the others came with
//! 2.2.5); keras-applications 1.0.8 `resnet_common.py` (`probs`), below tf.keras until 2.1; TensorFlow 2.2 and later, Keras 3.

use crate::loaders::{Attempt, Loader, Runtime, Stop};
use crate::zoo::build::{Building, Design};

/// A network that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    known: &'static Known,
    /// Classes, where it has a classifier.
    classes: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    whose: Whose,
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    V1,
    V2,
    ImageAi,
}

const fn known(name: &'static str, whose: Whose, depth: usize) -> Known {
    Known { name, whose, depth }
}

const KNOWN: [Known; 7] = [
    known("ResNet50", Whose::V1, 50),
    known("ResNet101", Whose::V1, 101),
    known("ResNet152", Whose::V1, 152),
    known("ResNet50V2", Whose::V2, 50),
    known("ResNet101V2", Whose::V2, 101),
    known("ResNet152V2", Whose::V2, 152),
    known("ImageAI", Whose::ImageAi, 50),
];

/// Classes of ImageNet, Keras' default.
const IMAGENET_CLASSES: usize = 1000;

impl Family {
    /// Reads `ResNet50`, `resnet101v2(classes=10)`, `ResNet50(include_top=False)`; nothing where the name is another.
    ///
    /// # Errors
    /// Which argument is none.
    pub fn named(text: &str) -> Option<Result<Family, String>> {
        let (name, arguments) = text.split_once('(').unwrap_or((text, ")"));
        let known = KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(name.trim()))?;
        Some(classes(arguments).map(|classes| Family { known, classes }))
    }

    /// The family for stored weights: `v2` and `depth` as they were recognised, with so many classes or no classifier.
    pub fn of_weights(v2: bool, depth: usize, classes: Option<usize>) -> Option<Family> {
        let whose = if v2 { Whose::V2 } else { Whose::V1 };
        let known = KNOWN.iter().find(|known| known.whose == whose && known.depth == depth)?;
        Some(Family { known, classes })
    }

    /// The call that builds it.
    pub fn call(&self) -> String {
        let arguments = match self.classes {
            None => "include_top=False, weights=None".to_string(),
            Some(IMAGENET_CLASSES) => "weights=None".to_string(),
            Some(classes) => format!("weights=None, classes={classes}"),
        };
        match self.known.whose {
            Whose::V1 | Whose::V2 => format!("{}({arguments})", self.known.name),
            Whose::ImageAi => {
                let classes = self.classes.unwrap_or(IMAGENET_CLASSES);
                format!("ImageAI 2.0's ResNet50(num_classes={classes})")
            }
        }
    }

    /// What a runtime builds.
    ///
    /// # Errors
    /// What it raises where it has no such network.
    pub fn building(&self, runtime: &Runtime) -> Attempt<Building> {
        let is_old = matches!(runtime.loader, Loader::Keras1 | Loader::Keras2);
        let has_only_resnet50 = is_old && runtime.version < [2, 2, 5];
        let uses_probs = is_old || runtime.loader == Loader::TfKeras && runtime.version < [2, 2, 0];
        let modern = if uses_probs { "probs" } else { "predictions" };
        let (design, classifier) = match self.known.whose {
            Whose::V1 if is_old && self.known.depth == 50 => (Design::Classic, "fc1000"),
            Whose::V1 | Whose::V2 if has_only_resnet50 => return Err(self.is_missing(runtime)),
            Whose::V1 => (Design::Modern, modern),
            Whose::V2 => (Design::ModernV2, modern),
            Whose::ImageAi if runtime.loader == Loader::TfKeras => (Design::ImageAi, "dense"),
            Whose::ImageAi => {
                return Err(Stop::unknown("ImageAI's networks are built with the Keras inside TensorFlow"));
            }
        };
        Ok(Building { design, depth: self.known.depth, classes: self.classes, classifier })
    }

    fn is_missing(&self, runtime: &Runtime) -> Stop {
        let module =
            if runtime.python < [3, 0, 0] { "'module' object" } else { "module 'keras.applications'" };
        Stop::raised("AttributeError", format!("{module} has no attribute '{}'", self.known.name))
    }
}

/// Classes from the text behind the parenthesis.
fn classes(arguments: &str) -> Result<Option<usize>, String> {
    let list = arguments.trim().strip_suffix(')').ok_or("the parenthesis is not closed")?;
    let (mut top, mut classes) = (true, IMAGENET_CLASSES);
    for argument in list.split(',').map(str::trim).filter(|argument| !argument.is_empty()) {
        match argument.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
            Some(("include_top", "True")) => top = true,
            Some(("include_top", "False")) => top = false,
            Some(("weights", "None")) => {}
            Some(("classes" | "num_objects", number)) => {
                classes = number.parse().map_err(|_| format!("{number} is no number of classes"))?;
            }
            _ => return Err(format!("{argument} is none of include_top=, classes= and weights=None")),
        }
    }
    Ok(top.then_some(classes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> String {
        match Family::named(text) {
            None => "another".into(),
            Some(Ok(family)) => family.call(),
            Some(Err(why)) => why,
        }
    }

    #[test]
    fn families_are_asked_for_as_in_python() {
        for (text, expected) in [
            ("resnet50", "ResNet50(weights=None)"),
            ("ResNet101V2(include_top=False)", "ResNet101V2(include_top=False, weights=None)"),
            ("ResNet152( weights=None, classes = 10 )", "ResNet152(weights=None, classes=10)"),
            ("imageai(num_objects=4)", "ImageAI 2.0's ResNet50(num_classes=4)"),
            ("ResNet50(classes=ten)", "ten is no number of classes"),
            ("ResNet50(pooling='avg')", "pooling='avg' is none of include_top=, classes= and weights=None"),
            ("ResNet50(classes=10", "the parenthesis is not closed"),
            ("resnet50.h5", "another"),
        ] {
            assert_eq!(call(text), expected, "{text}");
        }
    }
}
