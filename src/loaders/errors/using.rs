//! What a loaded model says when it is used: TPUs, pictures, classes.

use super::spans::{EVERY, FIRST, KERAS_3, ON, python, tf};
use super::{ANY, Moment, Part, Pattern, text};

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "tpu-steps",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "Load weights is not yet supported with TPUStrategy with steps_per_run greater than 1",
            &[&[tf([1, 14, 0], [2, 15, ANY])]],
        )],
        cause: "`load_weights` refuses to work under a TPUStrategy with steps_per_run above 1.",
        fix: "Set steps_per_run to 1 for loading, or load outside the strategy's scope and copy the weights.",
    },
    Pattern {
        name: "tpu-resource",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[text("Resource worker/{}/replica_{} does not exist", &[&[tf([1, 13, 0], [2, 3, ANY])]])],
        cause: "On a TPU the weights were loaded before `compile`, so the replicas don't have them.",
        fix: "Compile the model first, then load the weights.",
    },
    Pattern {
        name: "tpu-local",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("File system scheme '[local]' not implemented", &[&[tf(FIRST, ON)]])],
        cause: "A TPU can't read the local disk, where a SavedModel or checkpoint lies.",
        fix: "Put it into a bucket (gs://), or use an .h5 file, which is read on the host.",
    },
    Pattern {
        name: "input-shape",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text(
                "Error when checking input: expected {} to have shape {} but got array with shape {}",
                EVERY,
            ),
            text("Error when checking : expected {} to have shape {} but got array with shape {}", EVERY),
            text(
                "Error when checking input: expected {} to have {} dimensions, but got array with shape {}",
                EVERY,
            ),
        ],
        cause: "The network takes {1}, the picture is {2}. The first number is the batch, where it is counted.",
        fix: "Resize the picture to the network's rows and columns, and add the batch: `x[None]`.",
    },
    Pattern {
        name: "input-shape-keras",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text(
                "Input {} with name '{}' of layer '{}' is incompatible with the layer: expected shape={}, found shape=({})",
                &[&[KERAS_3]],
            ),
            text(
                "Input {} of layer {} is incompatible with the layer: expected {}, found {}",
                &[&[tf([2, 0, 0], ON)], &[KERAS_3]],
            ),
        ],
        cause: "The network's layer {2} is given an input of another shape than it was made for.",
        fix: "Resize the picture to the network's rows and columns, and add the batch: `x[None]`.",
    },
    Pattern {
        name: "input-incompatible",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text("is incompatible with layer {}: expected shape={}, found shape={}", &[&[tf([2, 0, 0], ON)]]),
            text(
                "is incompatible with the layer: expected axis {} of input shape to have value {} but received input with shape {}",
                EVERY,
            ),
            text("is incompatible with the layer: expected {}, found {}", EVERY),
        ],
        cause: "A layer is given an input of another shape than it was made for: {1} expected.",
        fix: "Give the network pictures of its own size, and add the batch: `x[None]`.",
    },
    Pattern {
        name: "decode-predictions",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text(
                "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Found array with shape: {}",
                EVERY,
            ),
            text(
                "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Received array with shape: {}",
                EVERY,
            ),
        ],
        cause: "The network has another number of classes than ImageNet's 1000, whose names `decode_predictions` knows: {0}.",
        fix: "Take the names from your own list: the folders of the training pictures in alphabetical order.",
    },
    Pattern {
        name: "not-built",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text("This model has not yet been built", EVERY),
            text("has never been called and thus has no defined input", EVERY),
            text("has no defined output shape", EVERY),
        ],
        cause: "The model has not seen an input yet, so it has neither shapes nor weights.",
        fix: "Give it an input shape: `model.build((None, 224, 224, 3))`.",
    },
    Pattern {
        name: "uninitialized",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text("Attempting to use uninitialized value {}", EVERY),
            text("Error while reading resource variable {} from Container: localhost", EVERY),
            text("is not an element of this graph", EVERY),
        ],
        cause: "TensorFlow 1: the model was loaded in another graph, session or thread than the one that uses it.",
        fix: "Keep `graph` and `session` from where it was loaded, and predict inside `with graph.as_default(), session.as_default()`.",
    },
    Pattern {
        name: "picture",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("cannot identify image file {}", &[&[python(FIRST, ON)]])],
        cause: "What was given as a picture is none: {0}.",
        fix: "Look whether it is a picture at all; a download may be a web page.",
    },
    Pattern {
        name: "custom-mask",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("The model cannot be saved because the input shapes have not been set", EVERY),
            text(
                "Saving the model to HDF5 format requires the model to be a Functional model or a Sequential model",
                EVERY,
            ),
        ],
        cause: "A model that is a Python class can't be saved whole as HDF5: its architecture is code.",
        fix: "Save its weights, `model.save_weights(path)`, and load them into the same class.",
    },
];
