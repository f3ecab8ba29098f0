//! The runtimes that people have, as rows of data. The versions are those that were installed and measured.

/// A version: major, minor, patch.
pub type Version = [u16; 3];

/// Which family of code loads a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loader {
    /// Keras 1, on its own.
    Keras1,
    /// Keras 2.0 to 2.3, on its own.
    Keras2,
    /// The Keras inside TensorFlow 1.4 to 2.15, and what carries it on as `tf_keras`. Its version is TensorFlow's.
    TfKeras,
    /// Keras 3.
    Keras3,
}

/// A Python environment with a Keras in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Short and stable: `tf215`.
    pub id: &'static str,
    /// As people say it: `TensorFlow 2.15.1`.
    pub name: &'static str,
    /// The table of [`super::facts`] that holds for it.
    pub facts: &'static str,
    /// Which family of code loads.
    pub loader: Loader,
    /// Version of Keras, or of TensorFlow where the loader is [`Loader::TfKeras`].
    pub version: Version,
    /// Version of TensorFlow below it; zeros where there is none.
    pub tensorflow: Version,
    /// Version of Python.
    pub python: Version,
    /// Version of h5py.
    pub h5py: Version,
    /// Version of the HDF5 library in h5py.
    pub hdf5: Version,
}

impl Runtime {
    /// The runtime of that id.
    pub fn of(id: &str) -> Option<&'static Runtime> {
        RUNTIMES.iter().find(|runtime| runtime.id == id)
    }

    /// Whether `load_model(compile=False)` of an .h5 compiles all the same, as in Keras 3.0 to 3.2 (`saving_api.py`).
    pub fn ignores_compile(&self) -> bool {
        self.loader == Loader::Keras3 && self.version < [3, 3, 0]
    }

    /// Whether a Keras 1 or 2 runs on Theano, which it does where there is no TensorFlow below it.
    pub fn is_on_theano(&self) -> bool {
        matches!(self.loader, Loader::Keras1 | Loader::Keras2) && self.tensorflow == [0, 0, 0]
    }

    /// Whether the loader is that of `tf_keras`, the package.
    pub fn is_tf_keras_package(&self) -> bool {
        self.loader == Loader::TfKeras && self.version >= [2, 16, 0]
    }
}

const fn row(
    id: &'static str,
    name: &'static str,
    facts: &'static str,
    loader: Loader,
    version: Version,
    [tensorflow, python, h5py, hdf5]: [Version; 4],
) -> Runtime {
    Runtime { id, name, facts, loader, version, tensorflow, python, h5py, hdf5 }
}

use Loader::{Keras1, Keras2, Keras3, TfKeras};

/// Every runtime, the oldest first. The columns behind the version: TensorFlow, Python, h5py, HDF5.
#[rustfmt::skip]
pub const RUNTIMES: &[Runtime] = &[
    row("k122_tf", "Keras 1.2.2", "k122_tf", Keras1, [1, 2, 2], [[1, 2, 1], [2, 7, 18], [2, 7, 1], [1, 8, 18]]),
    row("k122_th", "Keras 1.2.2 on Theano", "k122_tf", Keras1, [1, 2, 2], [[0, 0, 0], [2, 7, 18], [2, 7, 1], [1, 8, 18]]),
    row("k216", "Keras 2.1.6", "k216", Keras2, [2, 1, 6], [[1, 8, 0], [3, 6, 15], [2, 7, 1], [1, 8, 18]]),
    row("k224", "Keras 2.2.4", "k224", Keras2, [2, 2, 4], [[1, 13, 2], [3, 6, 15], [2, 10, 0], [1, 10, 4]]),
    row("k224_h5py3", "Keras 2.2.4 with h5py 3", "k224", Keras2, [2, 2, 4], [[1, 13, 2], [3, 6, 15], [3, 1, 0], [1, 12, 0]]),
    row("k225", "Keras 2.2.5", "k225", Keras2, [2, 2, 5], [[1, 14, 0], [3, 6, 15], [2, 10, 0], [1, 10, 4]]),
    row("k231", "Keras 2.3.1", "k231", Keras2, [2, 3, 1], [[1, 15, 5], [3, 7, 16], [2, 10, 0], [1, 10, 4]]),
    row("tf115", "TensorFlow 1.15.5", "tf115", TfKeras, [1, 15, 5], [[1, 15, 5], [3, 7, 16], [2, 10, 0], [1, 10, 4]]),
    row("tf115_h5py3", "TensorFlow 1.15.5 with h5py 3", "tf115", TfKeras, [1, 15, 5], [[1, 15, 5], [3, 7, 16], [3, 1, 0], [1, 12, 0]]),
    row("tf20", "TensorFlow 2.0.4", "tf20", TfKeras, [2, 0, 4], [[2, 0, 4], [3, 7, 16], [2, 10, 0], [1, 10, 4]]),
    row("tf21", "TensorFlow 2.1.4", "tf21", TfKeras, [2, 1, 4], [[2, 1, 4], [3, 7, 16], [2, 10, 0], [1, 10, 4]]),
    row("tf22", "TensorFlow 2.2.3", "tf22", TfKeras, [2, 2, 3], [[2, 2, 3], [3, 8, 18], [2, 10, 0], [1, 10, 4]]),
    row("tf23", "TensorFlow 2.3.4", "tf23", TfKeras, [2, 3, 4], [[2, 3, 4], [3, 8, 18], [2, 10, 0], [1, 10, 4]]),
    row("tf24", "TensorFlow 2.4.1", "tf24", TfKeras, [2, 4, 1], [[2, 4, 1], [3, 8, 18], [2, 10, 0], [1, 10, 4]]),
    row("tf25", "TensorFlow 2.5.3", "tf25", TfKeras, [2, 5, 3], [[2, 5, 3], [3, 8, 18], [3, 1, 0], [1, 12, 0]]),
    row("tf26", "TensorFlow 2.6.5", "tf26", TfKeras, [2, 6, 5], [[2, 6, 5], [3, 8, 18], [3, 1, 0], [1, 12, 0]]),
    row("tf27", "TensorFlow 2.7.4", "tf27", TfKeras, [2, 7, 4], [[2, 7, 4], [3, 8, 18], [3, 11, 0], [1, 14, 2]]),
    row("tf28", "TensorFlow 2.8.4", "tf28", TfKeras, [2, 8, 4], [[2, 8, 4], [3, 8, 18], [3, 11, 0], [1, 14, 2]]),
    row("tf29", "TensorFlow 2.9.3", "tf29", TfKeras, [2, 9, 3], [[2, 9, 3], [3, 10, 13], [3, 16, 0], [2, 0, 0]]),
    row("tf210", "TensorFlow 2.10.1", "tf210", TfKeras, [2, 10, 1], [[2, 10, 1], [3, 10, 13], [3, 16, 0], [2, 0, 0]]),
    row("tf211", "TensorFlow 2.11.1", "tf211", TfKeras, [2, 11, 1], [[2, 11, 1], [3, 10, 13], [3, 16, 0], [2, 0, 0]]),
    row("tf212", "TensorFlow 2.12.1", "tf212", TfKeras, [2, 12, 1], [[2, 12, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("tf213", "TensorFlow 2.13.1", "tf213", TfKeras, [2, 13, 1], [[2, 13, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("tf214", "TensorFlow 2.14.1", "tf214", TfKeras, [2, 14, 1], [[2, 14, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("tf215", "TensorFlow 2.15.1", "tf215", TfKeras, [2, 15, 1], [[2, 15, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("tfk216", "tf_keras 2.16.0", "tfk216", TfKeras, [2, 16, 0], [[2, 16, 2], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("tfk221", "tf_keras 2.21.0", "tfk221", TfKeras, [2, 21, 0], [[2, 21, 0], [3, 12, 1], [3, 14, 0], [1, 14, 6]]),
    row("k305", "Keras 3.0.5", "k305", Keras3, [3, 0, 5], [[2, 16, 2], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("k33", "Keras 3.3.3", "k33", Keras3, [3, 3, 3], [[2, 16, 2], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("k35", "Keras 3.5.0", "k35", Keras3, [3, 5, 0], [[2, 17, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("k38", "Keras 3.8.0", "k38", Keras3, [3, 8, 0], [[2, 17, 1], [3, 11, 7], [3, 16, 0], [2, 0, 0]]),
    row("k310", "Keras 3.10.0", "k310", Keras3, [3, 10, 0], [[2, 21, 0], [3, 12, 1], [3, 14, 0], [1, 14, 6]]),
    row("k315", "Keras 3.15.1", "k315", Keras3, [3, 15, 1], [[2, 21, 0], [3, 12, 1], [3, 14, 0], [1, 14, 6]]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        let ids: std::collections::HashSet<&str> = RUNTIMES.iter().map(|runtime| runtime.id).collect();
        assert_eq!(ids.len(), RUNTIMES.len());
    }
}
