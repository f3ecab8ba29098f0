//! `model_config`: the architecture is not as this version writes it.

use super::spans::{EVERY, FIRST, KERAS_1, KERAS_1_2, KERAS_2, KERAS_3, ON, keras, python, tensorflow, tf};
use super::{ANY, Moment, Part, Pattern, Span, text};

const NEWER: &str = "Load it in the version that saved it or a later one, or repair the file here for this one: what stands in the way is a key of its \
    `model_config`, and the weights stay as they are.";
const CUSTOM: &str = "Define the class and pass it: `load_model(path, custom_objects={'{0}': …})`. If it is a class of Keras itself, load the file in the \
    version that saved it.";
/// Keras 2.12 and later, which wrap whatever a constructor raises.
const WRAPPING: &[&[Span]] = &[&[tf([2, 11, 0], ON)], &[KERAS_3]];

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "unknown-functional",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unknown layer: Functional", &[&[KERAS_2], &[tf([1, 4, 0], [2, 2, ANY])]]),
            text("Invalid layer: Functional", &[&[KERAS_1]]),
        ],
        cause: "The model was saved by TensorFlow 2.3 or later or by Keras 3, which call the class of a model `Functional`; this version calls it `Model`.",
        fix: NEWER,
    },
    Pattern {
        name: "unknown-layer",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Unknown layer: '{}'. Please ensure you are using a `keras.utils.custom_object_scope`",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Unknown layer: {}. Please ensure this object is passed to the `custom_objects` argument",
                &[&[tf([2, 5, 0], [2, 11, ANY])]],
            ),
            text("Unknown layer: {}", &[&[KERAS_2], &[tf([1, 4, 0], [2, 4, ANY])]]),
            text("Invalid layer: {}", &[&[KERAS_1]]),
        ],
        cause: "The file has a layer of the class `{0}`, which this version doesn't have: somebody's own, or one of another version (`TFOpLambda`, \
            `BatchNormalizationV1`, `Merge`).",
        fix: CUSTOM,
    },
    Pattern {
        name: "unknown-object",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Unknown initializer: '{}'. Please ensure you are using a `keras.utils.custom_object_scope`",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text("Unknown initializer: {}", &[&[KERAS_1_2], &[tf(FIRST, [2, 11, ANY])]]),
            text("Unknown regularizer: {}", EVERY),
            text("Unknown constraint: {}", EVERY),
            text("Unknown activation function:{}", EVERY),
            text("Unknown object: {}", EVERY),
            text("Invalid initialization: {}", &[&[KERAS_1]]),
        ],
        cause: "The architecture names `{0}` (an initializer, regularizer, constraint or activation), which this version doesn't know: a later version's \
            name (`GlorotUniform`, `HeNormal`), or somebody's own.",
        fix: "If it is somebody's own: `load_model(path, custom_objects={'{0}': …})`. Otherwise load the file in the version that saved it, or repair it \
            here for this one.",
    },
    Pattern {
        name: "unknown-policy",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unknown dtype policy: {}", &[&[tf([2, 1, 0], ON)], &[KERAS_3]]),
            text("Expected DataType for argument 'dtype' not {}", EVERY),
            text("unhashable type: 'dict'", EVERY),
        ],
        cause: "A layer's `dtype` is a description (`DTypePolicy`), as Keras 3 and mixed precision write it; this version expects a word such as `float32`.",
        fix: NEWER,
    },
    Pattern {
        name: "quantization-mode",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("'str' object has no attribute 'quantization_mode'", &[&[KERAS_3]])],
        cause: "A layer's `dtype` is a mixed precision policy in Keras 2's form, which Keras 3 doesn't read.",
        fix: "Load it with TensorFlow up to 2.15 or tf_keras, or repair the file here: `dtype` becomes a word.",
    },
    Pattern {
        name: "unexpected-ragged",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("__init__() got an unexpected keyword argument 'ragged'", &[&[KERAS_1_2]]),
            text(
                "('Unrecognized keyword arguments:', dict_keys(['ragged']))",
                &[&[tf([1, 4, 0], [1, 14, ANY])]],
            ),
        ],
        cause: "The model was saved by TensorFlow 1.15 or later, whose input layer has an argument `ragged`; this version doesn't know it.",
        fix: NEWER,
    },
    Pattern {
        name: "unexpected-batch-shape",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("__init__() got an unexpected keyword argument 'batch_shape'", &[&[KERAS_1_2]]),
            text(
                "('Unrecognized keyword arguments:', dict_keys(['batch_shape'",
                &[&[tf([1, 4, 0], [2, 6, ANY])]],
            ),
            text("Unrecognized keyword arguments: ['batch_shape'", &[&[tf([2, 7, 0], ON)]]),
        ],
        cause: "The model was saved by Keras 3, whose input layer says `batch_shape` where Keras 2 says `batch_input_shape`.",
        fix: NEWER,
    },
    Pattern {
        name: "unexpected-initializer-dtype",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("{}.__init__() got an unexpected keyword argument 'dtype'", &[&[KERAS_3]])],
        cause: "The model was saved by TensorFlow 1.x, which writes a `dtype` into initializers ({0}); Keras 3 refuses that.",
        fix: "Repair the file here for Keras 3, or load it with TensorFlow up to 2.15 or tf_keras.",
    },
    Pattern {
        name: "unexpected-argument",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("{}.__init__() got an unexpected keyword argument '{}'", &[&[python([3, 10, 0], ON)]]),
            text("Unrecognized keyword arguments passed to {}: {}", &[&[KERAS_3]]),
        ],
        cause: "The architecture gives {0} an argument that this version doesn't have: {1}. Another version saved the file.",
        fix: NEWER,
    },
    Pattern {
        name: "unexpected-argument-unnamed",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("__init__() got an unexpected keyword argument '{}'", &[&[python(FIRST, [3, 9, ANY])]]),
            text(
                "('Keyword argument not understood:', '{}')",
                &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 15, ANY])]],
            ),
            text(
                "('Keyword argument not understood:', u'{}')",
                &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 15, ANY])]],
            ),
            text("Keyword argument not understood: {}", EVERY),
            text("('Unrecognized keyword arguments:', dict_keys([{}]))", &[&[tf([1, 4, 0], [2, 6, ANY])]]),
            text("Unrecognized keyword arguments: [{}]", &[&[tf([2, 7, 0], ON)]]),
        ],
        cause: "A layer, initializer or input in the architecture has an argument that this version doesn't know: {0}. A later version saved the file.",
        fix: NEWER,
    },
    Pattern {
        name: "error-when-deserializing",
        moment: Moment::Loading,
        part: Part::Wrapper,
        texts: &[
            text("Error when deserializing class '{}' using config={", WRAPPING),
            text(
                "could not be deserialized properly. Please ensure that components that are Python object instances",
                WRAPPING,
            ),
        ],
        cause: "The description of a layer in the architecture can't be turned into one; behind `Exception encountered:` stands why.",
        fix: NEWER,
    },
    Pattern {
        name: "slash-in-name",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Argument `name` must be a string and cannot contain character `/`. Received: name={}",
            &[&[KERAS_3]],
        )],
        cause: "A layer's name has a slash in it, which Keras 3 forbids: {0}.",
        fix: "Load it with TensorFlow up to 2.15 or tf_keras, or rename the layers in a copy.",
    },
    Pattern {
        name: "axis-is-a-list",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "int() argument must be a string, a bytes-like object or a {}number, not 'list'",
                &[&[KERAS_3]],
            ),
            text("tuple indices must be integers or slices, not list", &[&[KERAS_1_2]]),
        ],
        cause: "A BatchNormalization's `axis` is a list (`[3]`), as tf.keras writes it; this loader expects a number.",
        fix: "Repair the file here for this version: the list becomes a number.",
    },
    Pattern {
        name: "nested-model",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("to a shape. Found invalid dimension '{}' of type '<class 'tuple'>'", &[&[KERAS_3]]),
            text(
                "Invalid Functional model configuration. The graph of the Functional model either has loops or disconnected nodes",
                &[&[KERAS_3]],
            ),
            text(
                "Layer \"{}\" expects {} input(s), but it received {} input tensors",
                &[&[KERAS_3], &[tf([2, 6, 0], ON)]],
            ),
            text("Layer '{}' expected {} input(s). Received {} instead", &[&[KERAS_3], &[tf(FIRST, ON)]]),
        ],
        cause: "Keras 3 can't put together a model that stands inside another model, as Keras 2 saved it.",
        fix: "Load it with TensorFlow up to 2.15 or tf_keras; or repair the file here for Keras 3, or build the network there and load the weights into it.",
    },
    Pattern {
        name: "kernel-rank",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Kernel shape must have the same length as input, but received kernel of shape {} and input of shape {}",
            &[&[KERAS_3]],
        )],
        cause: "Keras 3 makes a wrong input of `batch_input_shape` in an old Sequential's first layer: kernel {0}, input {1}.",
        fix: "Repair the file here for Keras 3 (an InputLayer is added), or load it with TensorFlow up to 2.15 or tf_keras.",
    },
    Pattern {
        name: "json",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unterminated string starting at: line {} column {} (char {})", &[&[python([3, 0, 0], ON)]]),
            text("Expecting value: line {} column {} (char {})", &[&[python([3, 0, 0], ON)]]),
            text("Extra data: line {} column {} (char {})", &[&[python([3, 0, 0], ON)]]),
            text(
                "Expecting property name enclosed in double quotes: line {} column {} (char {})",
                &[&[python([3, 0, 0], ON)]],
            ),
            text("Expecting ',' delimiter: line {} column {} (char {})", &[&[python([3, 0, 0], ON)]]),
        ],
        cause: "A text that should be JSON is not, at letter {2}: the file's `model_config`, or a JSON file beside it.",
        fix: "Get the file again; checked here, it shows the place in its `model_config`.",
    },
    Pattern {
        name: "json-python2",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("No JSON object could be decoded", &[&[python(FIRST, [2, 7, ANY])]])],
        cause: "The file's `model_config` is not JSON.",
        fix: "Get the file again; checked here, it shows the place in its `model_config`.",
    },
    Pattern {
        name: "output-size",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Negative dimension size caused by subtracting {} from {} for '{}'", EVERY),
            text("Negative dimension size caused by subtracting {} from {}", EVERY),
            text("Computed output size would be zero or negative", EVERY),
        ],
        cause: "Somewhere in the network a window is larger than what it slides over: the input is too small, or its axes are in another order \
            (channels first or last).",
        fix: "Give the network the input shape that it was made for; a channels_first model of Theano has to be built as such.",
    },
    Pattern {
        name: "calling-a-layer",
        moment: Moment::Loading,
        part: Part::Wrapper,
        texts: &[
            text("Exception encountered when calling layer \"{}\" (type {})", &[&[tf([2, 7, 0], ON)]]),
            text("Exception encountered when calling layer '{}' (type {})", &[&[tf([2, 7, 0], ON)]]),
            text("Exception encountered when calling {}.call()", &[&[KERAS_3]]),
        ],
        cause: "A layer failed while the network was put together or run; the next line says why.",
        fix: "Check the file here: it follows the shapes from layer to layer.",
    },
    Pattern {
        name: "data-format",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text(
                "The Conv2D op currently only supports the NHWC tensor format on the CPU",
                &[&[tensorflow(FIRST, ON)]],
            ),
            text("Default MaxPoolingOp only supports NHWC on device type CPU", &[&[tensorflow(FIRST, ON)]]),
        ],
        cause: "The model has its channels first; TensorFlow's CPU kernels want them last.",
        fix: "Run it on a GPU, or build the network channels_last: its kernels are the same. It runs here as it is.",
    },
    Pattern {
        name: "recursion",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("maximum recursion depth exceeded", &[&[python(FIRST, ON)]])],
        cause: "Something stands inside itself or is nested too deeply.",
        fix: "Check the file here; it shows links that lead round in circles.",
    },
    Pattern {
        name: "malformed-op",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("KeyError: 'function'", &[&[tf([2, 4, 0], ON)], &[keras(FIRST, ON)]])],
        cause: "A TFOpLambda or Lambda layer has no `function` in its description.",
        fix: "Save the model again with the version that made it.",
    },
];
