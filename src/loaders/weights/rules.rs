//! How each version of each loader goes about it, as data. Read in the sources of Keras 1.2.2, 2.1.6, 2.2.4, 2.2.5 and
//! 2.3.1, of tf.keras in TensorFlow 1.15 to 2.15, of `tf_keras` 2.16 and 2.21, and of Keras 3.0 to 3.15.

use super::Way;
use crate::loaders::{Loader, Runtime};

/// What a runtime does on the way from a file's weights into a model's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether it goes through Keras 2.2.3's `H5Dict`, which makes a group of what is not there.
    pub dict: bool,
    /// Whether it asks an array of names whether it is true, which NumPy refuses for more than one.
    pub ambiguous: bool,
    /// Whether it knows lists of names that are split into `layer_names0`, `layer_names1`, …
    pub split: bool,
    /// Whether it calls `decode` on names whatever they are.
    pub decodes: bool,
    /// Which words it has for wrong numbers of layers and weights.
    pub counts: Counts,
    /// How it prepares arrays before it assigns them.
    pub prepares: Prepares,
    /// Whether it reads `top_level_model_weights`.
    pub top_level: bool,
    /// How it assigns them.
    pub assigns: Assigns,
}

/// Words for wrong numbers of layers and weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// `You are trying to load a weight file containing … layers.`
    Trying,
    /// The same without the period, as `load_model` of Keras 2.2.3 to 2.3 has it.
    TryingBare,
    /// `Layer count mismatch when loading weights from file. …`
    Mismatch,
}

/// What happens to arrays before they are assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepares {
    /// Nothing.
    Not,
    /// `preprocess_weights_for_loading`
    Kernels {
        /// How it goes into models in the model.
        nested: Nested,
        /// Whether it turns the kernels of another kind of backend.
        turns: bool,
    },
}

/// How `preprocess_weights_for_loading` goes into a model in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nested {
    /// Only for files of Keras 1, and then the trained weights of all layers before all others.
    OfKeras1,
    /// The trained weights of all layers, then all others.
    TwoPasses,
    /// Layer by layer, taking from the trained weights and from the others.
    PerLayer {
        /// Whether it knows the class name `Functional`.
        functional: bool,
    },
}

/// How a value gets into a variable, and who minds its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigns {
    /// An operation of TensorFlow 1's graph.
    Graph {
        /// Whether its complaint repeats the shapes.
        repeats: bool,
    },
    /// A placeholder that leaves all lengths open: only the number of axes counts.
    AnyOfRank,
    /// Theano's `set_value`, which takes any lengths, too.
    Theano,
    /// `Shapes … and … are incompatible`
    Incompatible,
    /// `Cannot assign to variable …`
    CannotAssign,
    /// `Cannot assign value to variable ' …'`
    CannotAssignValue,
    /// Keras 3.0 to 3.5: `The shape of the target variable and …`
    Target,
    /// The same of a variable that shows its values, which are random.
    Variable,
    /// Keras 3.6: `Shape mismatch in layer #…`
    Layer,
    /// It raises, in words that were not measured.
    Unmeasured,
}

impl Rules {
    /// The rules of a runtime for a call.
    pub fn of(runtime: &Runtime, way: Way) -> Rules {
        let version = runtime.version;
        let python3 = runtime.python >= [3, 0, 0];
        let plain = Rules {
            dict: false,
            ambiguous: false,
            split: true,
            decodes: false,
            counts: Counts::Trying,
            prepares: Prepares::Not,
            top_level: false,
            assigns: assigns(runtime),
        };
        match runtime.loader {
            Loader::Keras1 => Rules { split: false, decodes: python3, ..plain },
            Loader::Keras2 => {
                let dict = version >= [2, 2, 3] && way == Way::Model;
                Rules {
                    dict,
                    ambiguous: dict && version < [2, 2, 5],
                    split: version >= [2, 1, 5],
                    decodes: python3,
                    counts: if dict { Counts::TryingBare } else { Counts::Trying },
                    prepares: Prepares::Kernels { nested: nested_of_keras2(runtime), turns: true },
                    ..plain
                }
            }
            Loader::TfKeras => Rules {
                split: version >= [1, 8, 0],
                decodes: python3 && version < [2, 5, 0],
                counts: if version >= [2, 7, 0] { Counts::Mismatch } else { Counts::Trying },
                prepares: Prepares::Kernels {
                    nested: nested_of_tensorflow(runtime),
                    turns: version < [2, 4, 0],
                },
                top_level: version >= [2, 7, 0],
                ..plain
            },
            Loader::Keras3 => Rules { counts: Counts::Mismatch, top_level: true, ..plain },
        }
    }
}

fn nested_of_keras2(runtime: &Runtime) -> Nested {
    if runtime.version >= [2, 2, 0] { Nested::TwoPasses } else { Nested::OfKeras1 }
}

/// The class of a model in the model is `Functional` since TensorFlow 2.3, and that word is known since 2.5.
fn nested_of_tensorflow(runtime: &Runtime) -> Nested {
    match runtime.version {
        version if version < [1, 12, 0] => Nested::OfKeras1,
        version => Nested::PerLayer { functional: !([2, 3, 0]..[2, 5, 0]).contains(&version) },
    }
}

fn assigns(runtime: &Runtime) -> Assigns {
    match (runtime.loader, runtime.version) {
        (Loader::Keras1, _) if runtime.is_on_theano() => Assigns::Theano,
        (Loader::Keras3, version) if version >= [3, 6, 0] => Assigns::Layer,
        (Loader::Keras3, _) => Assigns::Target,
        (Loader::Keras1, _) => graph(runtime),
        // Keras 2.3 hands over to TensorFlow's own Keras.
        (Loader::Keras2, version) if version < [2, 3, 0] => graph(runtime),
        (Loader::Keras2 | Loader::TfKeras, _) => of_tensorflow(runtime),
    }
}

fn graph(runtime: &Runtime) -> Assigns {
    match runtime.tensorflow {
        version if version <= [1, 2, 9] => Assigns::Graph { repeats: false },
        version if version >= [1, 8, 0] => Assigns::Graph { repeats: true },
        _ => Assigns::Unmeasured,
    }
}

fn of_tensorflow(runtime: &Runtime) -> Assigns {
    match runtime.tensorflow {
        version if version < [1, 14, 0] => Assigns::Incompatible,
        version if version < [1, 15, 0] => Assigns::Unmeasured,
        version if version < [2, 0, 0] => Assigns::AnyOfRank,
        version if version < [2, 4, 0] => Assigns::Incompatible,
        version if version < [2, 7, 0] => Assigns::CannotAssign,
        _ => Assigns::CannotAssignValue,
    }
}
