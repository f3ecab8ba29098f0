//! Counts, shapes and order: the weights don't fit the network.

use super::spans::{
    EVERY, FIRST, KERAS_1, KERAS_1_2, KERAS_2, KERAS_3, NEW, OLD, ON, keras, python, tensorflow, tf,
};
use super::{ANY, Moment, Part, Pattern, Span, text};

/// Standalone Keras on TensorFlow 1, which assigns through its graph.
const GRAPH: &[&[Span]] =
    &[&[KERAS_1_2, tensorflow([1, 0, 0], [1, 15, ANY])], &[tf([1, 4, 0], [1, 15, ANY])]];

const FIT: &str = "Build the network that the file was saved from: the same depth, number of classes, `include_top` and input shape. Checked \
    here, the file shows which network that is, layer by layer.";

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "layer-count",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "You are trying to load a weight file containing {} layers into a model with {} layers",
            OLD,
        )],
        cause: "The file stores weights of {0} layers, the network has {1} layers with weights.",
        fix: FIT,
    },
    Pattern {
        name: "layer-count-mismatch",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "Layer count mismatch when loading weights from file. Model expected {} layers, found {} saved layers",
            NEW,
        )],
        cause: "The file stores weights of {1} layers, the network has {0} layers with weights.",
        fix: FIT,
    },
    Pattern {
        name: "weight-count",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "Layer #{} (named \"{}\" in the current model) was found to correspond to layer {} in the save file. However the new layer {} expects {} weights, but the saved weights have {} elements",
                OLD,
            ),
            text(
                "Weight count mismatch for layer #{} (named {} in the current model, {} in the save file). Layer expects {} weight(s). Received {} saved weight(s)",
                NEW,
            ),
            text(
                "Layer #{} (named \"{}\") expects {} weight(s), but the saved weights have {} element(s)",
                OLD,
            ),
            text(
                "Weight count mismatch for layer #{} (named {}). Layer expects {} weight(s). Received {} saved weight(s)",
                NEW,
            ),
        ],
        cause: "The layer `{1}` has another number of weights in the file: a convolution without its bias, a BatchNormalization without \
            gamma (scale=False), or, where the file's layer has another name, networks whose layers stand in another order.",
        fix: FIT,
    },
    Pattern {
        name: "weight-count-in-bytes",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "can only concatenate str (not \"bytes\") to str",
                &[&[keras([2, 2, 3], [2, 2, ANY]), python([3, 7, 0], ON)]],
            ),
            text(
                "must be str, not bytes",
                &[&[keras([2, 2, 3], [2, 2, ANY]), python([3, 0, 0], [3, 6, ANY])]],
            ),
        ],
        cause: "Keras 2.2.3 and 2.2.4 wanted to say that a layer has another number of weights in the file, and failed in writing the message.",
        fix: "Check the file here: it shows the layer. Keras 2.3.1 says it in words.",
    },
    Pattern {
        name: "shapes-graph",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "Dimension {} in both shapes must be equal, but are {} and {}. Shapes are {} and {}. for '{}' (op: 'Assign')",
                GRAPH,
            ),
            text(
                "Dimension {} in both shapes must be equal, but are {} and {} for '{}' (op: 'Assign') with input shapes: {}, {}",
                GRAPH,
            ),
            text("Dimension {} in both shapes must be equal, but are {} and {}. Shapes are {} and {}", GRAPH),
        ],
        cause: "A weight of the network has another shape than the file's: along axis {0}, {1} in the network and {2} in the file. If four numbers \
            of the file's shape stand in another order (out, in, rows, columns), the loader turned the kernel in vain; `[2048,10]` and \
            `[2048,1000]` are numbers of classes.",
        fix: FIT,
    },
    Pattern {
        name: "shapes-incompatible",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text("Shapes ({}) and ({}) are incompatible", &[&[tf([1, 4, 0], [2, 3, ANY])], &[KERAS_2]])],
        cause: "A weight of the network has the shape ({0}), the file's is ({1}). A kernel whose shape differs is turned before it is compared, so the \
            file may really have ({1}) in another order.",
        fix: FIT,
    },
    Pattern {
        name: "shapes-cannot-assign",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "Cannot assign to variable {} due to variable shape {} and value shape {} are incompatible",
                &[&[tf([2, 4, 0], [2, 6, ANY])]],
            ),
            text(
                "Cannot assign value to variable '{}': Shape mismatch.The variable shape {}, and the assigned value shape {} are incompatible",
                &[&[tf([2, 7, 0], ON)]],
            ),
        ],
        cause: "The weight {0} has the shape {1} in the network and {2} in the file. A kernel whose shape differs is turned before it is compared, so \
            the file may really have those numbers in another order. Where a block's first convolutions are concerned, \
            the layers may stand in another order: Keras' old ResNet50, its new one and ImageAI's all have 107 layers.",
        fix: FIT,
    },
    Pattern {
        name: "shapes-keras3",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "Shape mismatch in layer #{} (named {}) for weight {}. Weight expects shape {}. Received saved weight with shape ({})",
            NEW,
        )],
        cause: "The weight {2} has the shape {3} in the network and ({4}) in the file.",
        fix: FIT,
    },
    Pattern {
        name: "shapes-target-variable",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match. variable.shape=({}), Received: value.shape=({}). Target variable: {}",
            &[&[KERAS_3]],
        )],
        cause: "A weight has the shape ({0}) in the network and ({1}) in the file.",
        fix: FIT,
    },
    Pattern {
        name: "shapes-by-name",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text(
            "Layer #{} (named \"{}\"), weight {} has shape ({}), but the saved weight has shape ({})",
            OLD,
        )],
        cause: "By name, the layer `{1}` was found, but its weight has the shape ({3}) in the network and ({4}) in the file.",
        fix: "Usually it is the last Dense: another number of classes. Pass `skip_mismatch=True` (Keras 2.1.3, TensorFlow 2.1 or later) to load all \
            the others, or rename that layer.",
    },
    Pattern {
        name: "axes",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[text("axes don't match array", EVERY)],
        cause: "A convolution was given an array that doesn't have four axes: the layers of the file and of the network stand in another order, the kernel \
            was stored flat, or a nested model lists its weights in another order.",
        fix: FIT,
    },
    Pattern {
        name: "optimizer-weights",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Error in loading the saved optimizer state. As a result, your model is starting with a freshly initialized optimizer",
            EVERY,
        )],
        cause: "This is a warning: the state of the optimizer doesn't fit. The weights of the network are loaded, and it predicts as it should.",
        fix: "Nothing, to predict. To go on training as before, use the version that saved the file.",
    },
    Pattern {
        name: "set-weights",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text(
                "You called `set_weights(weights)` on layer \"{}\" with a weight list of length {}, but the layer was expecting {} weights",
                EVERY,
            ),
            text(
                "You called `set_weights(weights)` on layer '{}' with a weight list of length {}, but the layer was expecting {} weights",
                EVERY,
            ),
        ],
        cause: "The layer `{0}` has {2} weights, the list has {1}.",
        fix: FIT,
    },
    Pattern {
        name: "set-weights-shape",
        moment: Moment::Weights,
        part: Part::Cause,
        texts: &[
            text("Layer weight shape {} not compatible with provided weight shape {}", EVERY),
            text(
                "Layer {} weight shape {} is not compatible with provided weight shape {}",
                &[&[KERAS_3], &[tf([2, 6, 0], ON)]],
            ),
        ],
        cause: "A weight of the network has another shape than the array that was given for it.",
        fix: FIT,
    },
    Pattern {
        name: "imagenet-classes",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("as `\"imagenet\"` with `include_top` as true, `classes` should be 1000", EVERY),
            text(
                "If using `weights='imagenet'` with `include_top=True`, `classes` should be 1000",
                &[&[KERAS_3]],
            ),
        ],
        cause: "The published weights have 1000 classes; with another number the network has to do without their last layer.",
        fix: "Use `include_top=False, pooling='avg'` and put a Dense of your own behind it.",
    },
    Pattern {
        name: "weights-argument",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text(
            "The `weights` argument should be either `None` (random initialization), `imagenet` (pre-training on ImageNet), or the path to the weights file to be loaded",
            EVERY,
        )],
        cause: "The path given as `weights` leads nowhere.",
        fix: "Print `os.path.abspath(path)` and look there.",
    },
    Pattern {
        name: "decode-str",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "'str' object has no attribute 'decode'",
            &[&[KERAS_1], &[keras([2, 0, 0], [2, 3, ANY])], &[tf([1, 4, 0], [2, 4, ANY])]],
        )],
        cause: "Keras before 2.6 and TensorFlow before 2.5 expect h5py to give bytes; h5py 3 gives text. A few files store such text themselves, and then \
            any h5py gives it.",
        fix: "`pip install \"h5py==2.10.0\"` in that environment, and start Python (the notebook's kernel) again.",
    },
    Pattern {
        name: "silent-shapes",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[
            text(
                "Fused conv implementation does not support grouped convolutions for now",
                &[&[tensorflow(FIRST, ON)]],
            ),
            text(
                "input depth must be evenly divisible by filter depth: {} vs {}",
                &[&[tensorflow(FIRST, ON)]],
            ),
            text(
                "Computed output size would be negative: {} [input_size: {}, effective_filter_size: {}, stride: {}]",
                &[&[tensorflow(FIRST, ON)]],
            ),
        ],
        cause: "The kernel of a convolution has a shape that doesn't fit its input: TensorFlow 1.13 to 1.15 load weights of wrong shapes without a word, and \
            only predicting fails. With ResNet50 the usual reason is that the layers stand in another order in the file: Keras' old one, its new \
            one and ImageAI's all have 107 layers.",
        fix: "Build the network whose weights they are. Checked here, the file shows by its layers which ResNet50 that is.",
    },
];
