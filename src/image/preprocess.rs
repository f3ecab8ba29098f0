//! What is done to the numbers of a picture before a model sees them.

use serde::{Deserialize, Serialize};

use crate::keras::network::Network;
use crate::zoo::Recognition;
use crate::zoo::families::{Variant, Version};

/// The means that the models of the Caffe era subtract from blue, green and red.
const CAFFE_MEANS: [f32; 3] = [103.939, 116.779, 123.68];
/// The means of ImageNet's red, green and blue between 0 and 1.
const TORCH_MEANS: [f32; 3] = [0.485, 0.456, 0.406];
/// Their standard deviations.
const TORCH_DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];

/// The modes of `keras.applications.imagenet_utils.preprocess_input`, and the two that people use besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preprocess {
    /// BGR order, each minus ImageNet's mean.
    Caffe,
    /// RGB between −1 and 1.
    Tf,
    /// RGB between 0 and 1, minus ImageNet's mean, divided by its deviation.
    Torch,
    /// RGB between 0 and 1.
    Unit,
    /// RGB between 0 and 255.
    None,
}

impl Preprocess {
    /// All of them.
    pub const ALL: [Preprocess; 5] =
        [Preprocess::Caffe, Preprocess::Tf, Preprocess::Torch, Preprocess::Unit, Preprocess::None];

    /// The word on the command line and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Preprocess::Caffe => "caffe",
            Preprocess::Tf => "tf",
            Preprocess::Torch => "torch",
            Preprocess::Unit => "unit",
            Preprocess::None => "none",
        }
    }

    /// The mode of that word.
    pub fn named(word: &str) -> Option<Preprocess> {
        Preprocess::ALL.into_iter().find(|mode| mode.word() == word)
    }

    /// One pixel, from red, green and blue between 0 and 255.
    pub fn apply(self, [red, green, blue]: [f32; 3]) -> [f32; 3] {
        let rgb = [red, green, blue];
        match self {
            Preprocess::Caffe => [blue - CAFFE_MEANS[0], green - CAFFE_MEANS[1], red - CAFFE_MEANS[2]],
            Preprocess::Tf => rgb.map(|x| x / 127.5 - 1.0),
            Preprocess::Torch => [0, 1, 2].map(|i| (rgb[i] / 255.0 - TORCH_MEANS[i]) / TORCH_DEVIATIONS[i]),
            Preprocess::Unit => rgb.map(|x| x / 255.0),
            Preprocess::None => rgb,
        }
    }

    /// One gray pixel; the modes with a mean per colour leave gray as it is, as there is none for it.
    pub fn gray(self, gray: f32) -> f32 {
        match self {
            Preprocess::Tf => gray / 127.5 - 1.0,
            Preprocess::Unit => gray / 255.0,
            Preprocess::Caffe | Preprocess::Torch | Preprocess::None => gray,
        }
    }
}

/// The mode that fits a model best, and why.
pub fn guess(network: &Network, recognition: &Recognition) -> (Preprocess, &'static str) {
    let prepares_itself = |class: &str| ["Rescaling", "Normalization"].contains(&class);
    if network.walk().iter().any(|(_, layer)| prepares_itself(&layer.class)) {
        return (Preprocess::None, "the model prepares pictures itself");
    }
    let Some(resnet) = recognition.resnet() else {
        return (
            Preprocess::Unit,
            "nothing is known of this architecture; RGB between 0 and 1 is the most common way",
        );
    };
    match (resnet.variant, resnet.version) {
        (Variant::Modern | Variant::Classic, Version::V1) => {
            (Preprocess::Caffe, "keras.applications prepares pictures for this ResNet so")
        }
        (Variant::Modern | Variant::Classic, Version::V2) => {
            (Preprocess::Tf, "keras.applications prepares pictures for this ResNet so")
        }
        (Variant::ImageAi, _) => (Preprocess::Unit, "ImageAI trains this ResNet so"),
        (Variant::Cifar, _) => (Preprocess::Unit, "Keras' CIFAR example trains this ResNet so"),
        (Variant::ClassificationModels, _) => (Preprocess::None, "its first layer normalizes raw pictures"),
        (Variant::Paper | Variant::StrideInMiddle | Variant::Open, _) => {
            (Preprocess::Unit, "no way is known for this ResNet; RGB between 0 and 1 is the most common one")
        }
    }
}
