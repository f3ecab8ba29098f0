//! Where the code lies that loads, in every line of versions: read in the installed packages of Keras 1.2.2, 2.1.6, 2.2.4, 2.3.1,
//! TensorFlow 1.15 to 2.15, tf_keras 2.16 and Keras 3.0.5 to 3.15.1.

use super::spans::{KERAS_1, KERAS_3, ON, imageai, keras, tf};
use super::{ANY, Span};

/// A part of a path in a traceback, and the versions that have such a file.
#[derive(Debug)]
pub struct Clue {
    /// The part, with `/`.
    pub path: &'static str,
    /// Who has it.
    pub by: &'static [&'static [Span]],
}

const fn clue(path: &'static str, by: &'static [&'static [Span]]) -> Clue {
    Clue { path, by }
}

pub const CLUES: &[Clue] = &[
    clue("-packages/keras/engine/topology.py", &[&[KERAS_1], &[keras([2, 0, 0], [2, 1, ANY])]]),
    clue("-packages/keras/engine/saving.py", &[&[keras([2, 2, 0], [2, 3, ANY])]]),
    clue("-packages/keras/engine/network.py", &[&[keras([2, 2, 0], [2, 3, ANY])]]),
    clue("-packages/tensorflow_core/python/keras/engine/", &[&[tf([1, 15, 0], [2, 1, ANY])]]),
    clue("-packages/tensorflow_core/python/keras/saving/", &[&[tf([1, 15, 0], [2, 1, ANY])]]),
    clue(
        "-packages/tensorflow/python/keras/engine/",
        &[&[tf([1, 4, 0], [1, 14, ANY])], &[tf([2, 2, 0], [2, 5, ANY])]],
    ),
    clue(
        "-packages/tensorflow/python/keras/saving/",
        &[&[tf([1, 4, 0], [1, 14, ANY])], &[tf([2, 2, 0], [2, 5, ANY])]],
    ),
    clue("-packages/keras/saving/hdf5_format.py", &[&[tf([2, 6, 0], [2, 11, ANY])]]),
    clue("-packages/keras/saving/legacy/", &[&[tf([2, 11, 0], [2, 12, ANY])]]),
    clue("-packages/keras/src/engine/", &[&[tf([2, 13, 0], [2, 15, ANY])]]),
    clue("-packages/keras/src/saving/legacy/", &[&[tf([2, 13, 0], [2, 15, ANY])]]),
    clue("-packages/keras/src/legacy/saving/", &[&[KERAS_3]]),
    clue("-packages/keras/src/models/", &[&[KERAS_3]]),
    clue("-packages/tf_keras/src/", &[&[tf([2, 16, 0], ON)]]),
    clue("-packages/imageai/Prediction/", &[&[imageai([1, 0, 0], [2, 1, 5])]]),
    clue("-packages/imageai/Classification/", &[&[imageai([2, 1, 6], ON)]]),
];
