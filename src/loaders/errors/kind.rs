//! The wrong kind of file for the call.

use super::spans::{FIRST, HDF5_PLAIN, HDF5_SYNC, KERAS_1, KERAS_1_2, KERAS_3, NEW, ON, keras, python, tf};
use super::{ANY, Moment, Part, Pattern, text};

/// What can be done with a file that holds weights alone.
const BUILD: &str = "Build the same network in code and load the weights into it: `model.load_weights(path)`. Checked here, the \
    file shows which ResNet that is. Whoever has the model can save it whole: `model.save(path)`.";

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "weights-only",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "No model found in config file",
                &[&[keras([1, 0, 7], [2, 2, 2])], &[tf([1, 4, 0], [2, 6, ANY])]],
            ),
            text("No model found in config.", &[&[keras([2, 2, 3], [2, 3, ANY])]]),
            text(
                "No model config found in the file at <tensorflow.python.platform.gfile.GFile object",
                &[&[tf([2, 8, 0], ON)]],
            ),
            text("No model config found in the file at {}", NEW),
        ],
        cause: "The file has no architecture (no `model_config`): it holds weights alone, as `save_weights` or a ModelCheckpoint with \
            save_weights_only writes them, so `load_model` can't make a model of it.",
        fix: BUILD,
    },
    Pattern {
        name: "group-in-read-only-mode",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Cannot create group in read only mode.", &[&[keras([2, 2, 3], [2, 2, ANY])]]),
            text("Cannot create group in read-only mode.", &[&[keras([2, 3, 0], [2, 3, ANY])]]),
        ],
        cause: "Keras 2.2.3 to 2.3 asked the file for something it lacks and tried to create it. Nearly always `model_config` is \
            missing: the file holds weights alone. Otherwise `model_weights` is.",
        fix: BUILD,
    },
    Pattern {
        name: "no-write-intent",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unable to create group (no write intent on file)", HDF5_PLAIN),
            text("Unable to synchronously create group (no write intent on file)", HDF5_SYNC),
        ],
        cause: "Keras 2.2.3 to 2.3 asked the file for a dataset that `weight_names` lists and the file lacks, and tried to create it.",
        fix: "The file was not saved to its end: get it again. Checked here, it shows what is missing.",
    },
    Pattern {
        name: "no-layer-names",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text("Can't open attribute (can't locate attribute: '{}')", HDF5_PLAIN),
            text("Unable to synchronously open attribute (can't locate attribute: '{}')", HDF5_SYNC),
            text("Can't synchronously open attribute (can't locate attribute: '{}')", HDF5_SYNC),
        ],
        cause: "The attribute `{0}` is missing. The file is of Keras 0.x (`layer_0/param_0`), of Keras 3 (`.weights.h5`), or of another \
            program.",
        fix: "Check the file here to learn whose it is; Keras 3's `.weights.h5` loads in Keras 3 only.",
    },
    Pattern {
        name: "no-model-weights",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unable to open object (object 'model_weights' doesn't exist)", HDF5_PLAIN),
            text("Unable to synchronously open object (object 'model_weights' doesn't exist)", HDF5_SYNC),
            text("KeyError: 'model_weights'", &[&[keras([3, 6, 0], ON)]]),
        ],
        cause: "The file has an architecture and no weights: the group `model_weights` is missing.",
        fix: "It was not saved to its end, or by another program: save it again with `model.save(path)`.",
    },
    Pattern {
        name: "no-object",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unable to open object (object '{}' doesn't exist)", HDF5_PLAIN),
            text("Unable to synchronously open object (object '{}' doesn't exist)", HDF5_SYNC),
        ],
        cause: "The file lists `{0}` (in `layer_names` or `weight_names`) and has nothing of that name.",
        fix: "It was not saved to its end or was changed since: get it again. Checked here, it shows everything that is missing.",
    },
    Pattern {
        name: "no-component",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unable to open object (component not found)", HDF5_PLAIN),
            text("Unable to synchronously open object (component not found)", HDF5_SYNC),
        ],
        cause: "The file lists a layer or a weight and has nothing of that name.",
        fix: "It was not saved to its end or was changed since: get it again. Checked here, it shows everything that is missing.",
    },
    Pattern {
        name: "no-key",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("KeyError: '{}'", &[&[keras([3, 6, 0], ON)], &[python(FIRST, ON)]])],
        cause: "A dictionary or an HDF5 group was asked for `{0}` and has nothing of that name. Keras from 3.12 on says this of a layer or \
            a weight that the file lists and doesn't have.",
        fix: "Check the file here: it shows what is missing. If nothing is, look at the lines of the traceback above.",
    },
    Pattern {
        name: "config-is-a-list",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "`model_from_config` expects a dictionary, not a list. Maybe you meant to use",
                &[&[KERAS_1_2], &[tf(FIRST, ON)], &[KERAS_3]],
            ),
            text("KeyError: 0", &[&[keras([1, 0, 0], [2, 1, ANY])]]),
        ],
        cause: "A Sequential's config is a dictionary since Keras 2.2.3 (a list before): the loader expects the other form.",
        fix: "Load it in Keras 2.2.4 or later (`KeyError: 0` is Keras 2.1's and older), or repair the file here for the older Keras.",
    },
    Pattern {
        name: "weights-named-keras3",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "A total of {} objects could not be loaded. Example error message for object {}:",
                &[&[keras([3, 0, 2], ON)], &[tf([2, 15, 0], ON)]],
            ),
            text(
                "Layer '{}' expected {} variables, but received {} variables during loading",
                &[&[tf([2, 11, 0], ON)], &[KERAS_3]],
            ),
        ],
        cause: "Keras 3's reader of `.weights.h5` found no numbers for its layers. Usually the file has the layout of Keras 2 (`layer_names`) under \
            a name that ends in .weights.h5, or the network is another one.",
        fix: "Rename the file from .weights.h5 to .h5 if it has the layout of Keras 2; check it here to see that.",
    },
    Pattern {
        name: "weights-ending",
        moment: Moment::Saving,
        part: Part::Cause,
        texts: &[text("The filename must end in `.weights.h5`.", &[&[keras([3, 0, 0], ON)]])],
        cause: "Keras 3's `save_weights` takes only names that end in .weights.h5.",
        fix: "Save as `NAME.weights.h5`; `model.save(\"NAME.h5\")` writes the whole model in the old layout.",
    },
    Pattern {
        name: "parent-module",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Could not deserialize class '{}' because its parent module {} cannot be imported",
            &[&[tf([2, 11, 0], ON)], &[KERAS_3]],
        )],
        cause: "The model was saved by a Keras whose modules lie elsewhere: {1} is that of another major version.",
        fix: "Load it with the Keras that saved it (`keras.src.models` is Keras 3's, `keras.src.engine` Keras 2.13 to 2.15's).",
    },
    Pattern {
        name: "unable-to-restore-weights",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "Unable to load weights saved in HDF5 format into a subclassed Model which has not created its variables yet",
            &[&[tf([1, 12, 0], ON)], &[KERAS_3]],
        )],
        cause: "A model that is a Python class has no weights before it has seen an input, so there is nothing to load into.",
        fix: "Call the model once, `model(tf.zeros((1, 224, 224, 3)))`, then load the weights.",
    },
    Pattern {
        name: "by-name-topological",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "load_weights() got an unexpected keyword argument 'skip_mismatch'",
                &[&[tf([1, 4, 0], [2, 0, ANY])], &[keras([1, 0, 0], [2, 1, 2])]],
            ),
            text(
                "load_weights() got an unexpected keyword argument 'by_name'",
                &[&[keras([3, 0, 0], [3, 2, ANY])], &[KERAS_1]],
            ),
        ],
        cause: "This version's `load_weights` doesn't have the argument: `skip_mismatch` came with Keras 2.1.3 and TensorFlow 2.1, `by_name` was \
            missing in Keras 3.0 to 3.2.",
        fix: "Leave the argument out, or use a newer version.",
    },
];
