//! What ImageAI does with a file: it builds a network and loads the weights into that, or hands the file on to Keras, and says
//! something of its own when either fails.
//!
//! Sources: ImageAI 2.0.3 `Prediction/__init__.py`, `Prediction/Custom/__init__.py`; 2.1.6 `Classification/__init__.py`,
//! `Classification/Custom/__init__.py`; 3.0.3 `backend_check/model_extension.py`. TensorFlow 1.15.5 and 2.4.1 lie below the first two.

pub mod labels;
#[cfg(test)]
mod tests;

use super::errors::Environment;
use super::networks::with_network;
use super::open::h5py::H5;
use super::runtime::Version;
use super::weights::{Built, load_built};
use super::{Attempt, Call, Evidence, Load, Outcome, Raised, Runtime, Stop};
use crate::keras::ModelFile;
use crate::zoo::{self, build::Building};

/// Whose ResNet50 it builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Design {
    /// ImageAI's own, up to 2.1.5.
    Own,
    /// `tf.keras.applications.ResNet50`, from 2.1.6 on.
    Applications,
}

impl Design {
    fn building(self, classes: usize) -> Building {
        let (design, classifier) = match self {
            Design::Own => (zoo::build::Design::ImageAi, "dense"),
            Design::Applications => (zoo::build::Design::Modern, "predictions"),
        };
        Building { design, depth: 50, classes: Some(classes), classifier }
    }
}

/// An ImageAI, with the TensorFlow that it was measured on.
#[derive(Debug, PartialEq, Eq)]
pub struct Edition {
    /// Short and stable: `imageai216`.
    pub id: &'static str,
    /// As people say it.
    pub name: &'static str,
    /// Its version.
    pub version: Version,
    /// The row of the runtime below it; absent with PyTorch.
    runtime: Option<&'static str>,
    /// The ResNet50 that it builds.
    design: Design,
    /// Its class for networks of one's own.
    custom: &'static str,
    /// Its class for ImageNet's 1000 classes.
    stock: &'static str,
}

/// The ImageAIs, the oldest first.
pub const EDITIONS: &[Edition] = &[
    Edition {
        id: "imageai203",
        name: "ImageAI 2.0.3 (TensorFlow 1.15.5)",
        version: [2, 0, 3],
        runtime: Some("tf115"),
        design: Design::Own,
        custom: "CustomImagePrediction",
        stock: "ImagePrediction",
    },
    Edition {
        id: "imageai216",
        name: "ImageAI 2.1.6 (TensorFlow 2.4.1)",
        version: [2, 1, 6],
        runtime: Some("tf24"),
        design: Design::Applications,
        custom: "CustomImageClassification",
        stock: "ImageClassification",
    },
    Edition {
        id: "imageai303",
        name: "ImageAI 3.0.3 (PyTorch)",
        version: [3, 0, 3],
        runtime: None,
        design: Design::Applications,
        custom: "CustomImageClassification",
        stock: "ImageClassification",
    },
];

/// The environments that they are.
pub fn environments() -> impl Iterator<Item = Environment> {
    EDITIONS.iter().map(|edition| Environment {
        id: edition.id,
        name: edition.name,
        runtime: edition.runtime.and_then(Runtime::of),
        imageai: Some(edition.version),
    })
}

/// ImageAI's default for `num_objects`.
const DEFAULT_CLASSES: usize = 10;
/// Classes of ImageNet, which `ImagePrediction` and `ImageClassification` name.
const IMAGENET_CLASSES: usize = 1000;

/// What one call of an ImageAI does with a file.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The ImageAI.
    pub edition: &'static Edition,
    /// The call: `CustomImageClassification.loadModel`.
    pub call: String,
    /// What a person sees.
    pub outcome: Outcome,
    /// The exception that ImageAI swallowed.
    pub hidden: Option<Raised>,
    /// What has to be so, and the file can't tell.
    pub condition: Option<String>,
}

/// What every ImageAI does with a file; `loads` is what the Keras below them do with it.
pub fn answers(evidence: &Evidence<'_>, loads: &[Load]) -> Vec<Answer> {
    EDITIONS.iter().flat_map(|edition| of_edition(edition, evidence, loads)).collect()
}

fn of_edition(edition: &'static Edition, evidence: &Evidence<'_>, loads: &[Load]) -> Vec<Answer> {
    let Some(runtime) = edition.runtime.and_then(Runtime::of) else {
        return vec![by_name(edition, evidence.name)];
    };
    let call = |class: &str, method: &str| format!("{class}.{method}");
    let full = loads.iter().find(|load| load.runtime == runtime && load.call == Call::LoadModel);
    let outcome = full.map_or_else(|| Outcome::Unknown("not predicted".into()), |load| load.outcome.clone());
    let class = edition.custom;
    vec![
        custom(edition, evidence, runtime),
        Answer {
            edition,
            call: call(class, "loadFullModel"),
            outcome,
            hidden: None,
            condition: needs_labels(edition),
        },
        stock(edition, evidence, runtime),
    ]
}

/// ImageAI 2.1.6 opens model_class.json before it loads.
fn needs_labels(edition: &Edition) -> Option<String> {
    (edition.version >= [2, 1, 6])
        .then(|| "The JSON of setJsonPath() is there: it is opened first.".to_string())
}

/// `loadModel` of the class for networks of one's own.
fn custom(edition: &'static Edition, evidence: &Evidence<'_>, runtime: &'static Runtime) -> Answer {
    let stored = classes(evidence);
    let built = load(edition, evidence, runtime, stored.unwrap_or(DEFAULT_CLASSES));
    let condition = match (edition.design, stored) {
        (Design::Own, _) => {
            "After setModelTypeAsResNet(); num_objects makes no difference to loading.".to_string()
        }
        (Design::Applications, Some(stored)) => format!(
            "After setModelTypeAsResNet50(), with num_objects={stored}, the file's number of classes (any other fails on \
             predictions/kernel), and a JSON in setJsonPath(): it is opened first."
        ),
        (Design::Applications, None) => {
            "After setModelTypeAsResNet50(), with a JSON in setJsonPath(): it is opened first.".to_string()
        }
    };
    let (outcome, hidden) = shown(edition, evidence, built.map(|built| built.wrong.map(no_prediction)));
    Answer {
        edition,
        call: format!("{}.loadModel", edition.custom),
        outcome,
        hidden,
        condition: Some(condition),
    }
}

/// `loadModel` of the class for ImageNet.
fn stock(edition: &'static Edition, evidence: &Evidence<'_>, runtime: &'static Runtime) -> Answer {
    let stored = classes(evidence);
    let built = load(edition, evidence, runtime, IMAGENET_CLASSES);
    let is_head =
        |built: &Built| !built.layers.is_empty() && built.layers.iter().all(|layer| layer == "dense");
    let (outcome, hidden) = match (built, stored) {
        (Ok(built), Some(stored)) if is_head(&built) => other_classes(stored),
        (built, _) => shown(edition, evidence, built.map(|built| built.wrong.map(no_prediction))),
    };
    Answer { edition, call: format!("{}.loadModel", edition.stock), outcome, hidden, condition: None }
}

/// TensorFlow 1.15 takes another number of classes; naming them fails.
fn other_classes(stored: usize) -> (Outcome, Option<Raised>) {
    let hidden = format!(
        "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Found array with shape: \
         (1, {stored})"
    );
    let wrong = format!(
        "It takes the file's {stored} classes in place of 1000, and predictImage then says: ValueError: An error occured! Try again."
    );
    (Outcome::LoadsWrong(wrong), Some(Raised::new("ValueError", hidden)))
}

/// What becomes of weights of a wrong shape.
fn no_prediction(wrong: String) -> String {
    format!(
        "{wrong} Predicting then fails or gives nonsense: with keras.applications' newer ResNet50 it is UnimplementedError: Fused conv \
         implementation does not support grouped convolutions for now."
    )
}

/// What a person sees of an attempt, and what is behind it.
fn shown(
    edition: &Edition,
    evidence: &Evidence<'_>,
    attempt: Attempt<Option<String>>,
) -> (Outcome, Option<Raised>) {
    match attempt {
        Ok(None) => (Outcome::Loads, None),
        Ok(Some(wrong)) => (Outcome::LoadsWrong(wrong), None),
        Err(Stop::Unknown(why)) => (Outcome::Unknown(why), None),
        Err(Stop::Raised(hidden)) => {
            (Outcome::Fails(Raised::new("ValueError", cover(edition, evidence.name))), Some(hidden))
        }
    }
}

/// What ImageAI says of any trouble.
fn cover(edition: &Edition, name: &str) -> String {
    match edition.design {
        Design::Own => "You have specified an incorrect path to the ResNet model file.".to_string(),
        Design::Applications => {
            format!(
                "An error occured. Ensure your model file is a ResNet50 Model and is located in the path {name}"
            )
        }
    }
}

/// ImageAI's network with the weights of the file.
fn load(
    edition: &Edition,
    evidence: &Evidence<'_>,
    runtime: &'static Runtime,
    classes: usize,
) -> Attempt<Built> {
    // What can't be opened is told without building a network for it.
    let h5 = H5::open(evidence, runtime)?;
    // The machinery ties the life of the network to that of the file.
    let evidence = Evidence { structure: None, ..*evidence };
    with_network(&edition.design.building(classes), |network| {
        load_built(&evidence, h5, runtime, &network.template, &network.structure)
    })
    .map_err(Stop::Unknown)?
}

/// Classes of the file: the length of what its last layer with weights gives, if that is a Dense.
fn classes(evidence: &Evidence<'_>) -> Option<usize> {
    let model: &ModelFile = evidence.model?.as_ref().ok()?;
    let last = model.weights.weighted().last()?;
    let shapes =
        last.tensors.iter().filter_map(|id| Some(model.weights.tensors.get(*id)?.dataset.shape.as_slice()));
    let units = shapes.rev().find_map(|shape| match shape {
        [_, units] => Some(*units),
        _ => None,
    });
    units.and_then(|units| usize::try_from(units).ok())
}

/// ImageAI 3 looks at nothing but the ending of the name.
fn by_name(edition: &'static Edition, name: &str) -> Answer {
    let raised = |exception: &str, message: String| Outcome::Fails(Raised::new(exception, message));
    let outcome = match name {
        name if name.ends_with(".h5") => raised("RuntimeError", TENSORFLOW_MODEL.to_string()),
        name if name.ends_with(".pt") || name.ends_with(".pth") => {
            Outcome::Unknown("ImageAI 3 hands it on to PyTorch, which is not modelled".into())
        }
        name => raised(
            "ValueError",
            format!("Invalid model file {name}. Please parse in a '.pt' and '.pth' model file."),
        ),
    };
    Answer {
        edition,
        call: format!("{}.setModelPath", edition.custom),
        outcome,
        hidden: None,
        condition: None,
    }
}

/// `backend_check/model_extension.py` of 3.0.3.
const TENSORFLOW_MODEL: &str = "You are trying to use a Tensorflow model with ImageAI. ImageAI now uses PyTorch as backed as from version \
    3.0.2 . If you want to use the Tensorflow models or a customly trained '.h5' model, install ImageAI 2.1.6 or earlier. To use the \
    latest Pytorch models, see the documentation in https://imageai.readthedocs.io/";
