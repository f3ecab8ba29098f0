//! `training_config`: what compiling a loaded model says. Leaving it alone helps in every case.

use super::spans::{EVERY, FIRST, KERAS_1_2, KERAS_3, ON, keras, python, tf};
use super::{ANY, Moment, Part, Pattern, text};

const DO_NOT_COMPILE: &str = "`load_model(path, compile=False)` loads it and predicts the same; `model.compile(…)` makes it trainable again.";
const CUSTOM: &str = "`load_model(path, compile=False)` loads it and predicts the same. To train on, define it and pass it: \
    `load_model(path, custom_objects={'{0}': …})`.";

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "unknown-loss",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Unknown loss function: '{}'. Please ensure you are using a `keras.utils.custom_object_scope`",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Unknown loss function: {}. Please ensure this object is passed to the `custom_objects` argument",
                &[&[tf([2, 5, 0], [2, 11, ANY])]],
            ),
            text("Unknown loss function:{}", &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 4, ANY])]]),
        ],
        cause: "The model was compiled with the loss `{0}`, which is somebody's own function and not in the file.",
        fix: CUSTOM,
    },
    Pattern {
        name: "unknown-metric",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Unknown metric function: '{}'. Please ensure you are using a `keras.utils.custom_object_scope`",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Unknown metric function: {}. Please ensure this object is passed to the `custom_objects` argument",
                &[&[tf([2, 5, 0], [2, 11, ANY])]],
            ),
            text("Unknown metric function:{}", &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 4, ANY])]]),
        ],
        cause: "The model was compiled with the metric `{0}`, which is somebody's own function and not in the file.",
        fix: CUSTOM,
    },
    Pattern {
        name: "unknown-optimizer",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Unknown optimizer: '{}'. Please ensure you are using a `keras.utils.custom_object_scope`",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Unknown optimizer: {}. Please ensure this object is passed to the `custom_objects` argument",
                &[&[tf([2, 5, 0], [2, 11, ANY])]],
            ),
            text("Unknown optimizer: {}", &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 4, ANY])]]),
        ],
        cause: "The model was compiled with the optimizer `{0}`, which this version doesn't know: it is a custom one, or a later version's name \
            (`Custom>Adam` is TensorFlow 2.11's and later).",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "weight-decay",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "{} is not a valid argument, kwargs should be empty",
            &[&[tf([2, 9, 0], [2, 15, ANY])]],
        )],
        cause: "The optimizer was saved by a later version and has the argument `{0}`, which this one refuses.",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "optimizer-arguments",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("Argument(s) not recognized: {}", &[&[KERAS_3]])],
        cause: "The optimizer was saved by Keras 2.2 or older: {0} is not an argument of Keras 3's (`lr` is `learning_rate` now, `decay` is gone).",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "optimizer-argument",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Unexpected keyword argument passed to optimizer: {}",
            &[&[KERAS_1_2], &[tf(FIRST, [2, 10, ANY])]],
        )],
        cause: "The optimizer was saved by another version: {0} is not an argument here.",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "old-optimizer",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "is deprecated in the new Keras optimizer, please check the docstring for valid arguments, or use the legacy optimizer",
            &[&[tf([2, 11, 0], ON)]],
        )],
        cause: "The optimizer is called with `decay` or `lr`, which the optimizers since TensorFlow 2.11 refuse.",
        fix: "Use `tf.keras.optimizers.legacy`, or `load_model(path, compile=False)` if it happens in loading.",
    },
    Pattern {
        name: "keras-saveable",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Could not deserialize '{}' because it is not a KerasSaveable subclass",
            &[&[keras([3, 11, 0], ON)]],
        )],
        cause: "The model was compiled with a loss or metric in short (`'mse'`): {0} is a function there, and Keras 3.11 to 3.15 expect a class.",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "could-not-locate",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Could not locate function '{}'. Make sure custom classes are decorated with",
                &[&[tf([2, 11, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Could not locate class '{}'. Make sure custom classes are decorated with",
                &[&[tf([2, 11, 0], ON)], &[KERAS_3]],
            ),
        ],
        cause: "`{0}` is not known to this Keras: a custom object, or one that was compiled in short (`'mse'`), which Keras 3.0 to 3.10 don't find in .h5.",
        fix: CUSTOM,
    },
    Pattern {
        name: "string-indices",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "string indices must be integers, not 'str'",
                &[&[KERAS_3, python([3, 11, 0], ON)], &[tf([2, 12, 0], ON), python([3, 11, 0], ON)]],
            ),
            text("string indices must be integers", &[&[python(FIRST, ON)]]),
            text("KeyError: 'name'", &[&[KERAS_3]]),
        ],
        cause: "Keras 3 stumbles over the name of a custom loss or metric in `training_config`, where it expects a whole description.",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "schedule",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Improper config format: {}", &[&[keras([2, 0, 0], ON)], &[tf(FIRST, ON)]]),
            text(
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable",
                EVERY,
            ),
        ],
        cause: "A description in the file is not as this version writes it; in the cases seen it is a part of the optimizer (a regularizer, a schedule).",
        fix: DO_NOT_COMPILE,
    },
    Pattern {
        name: "merge-call",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("'NoneType' object has no attribute 'merge_call'", &[&[tf([1, 14, 0], [2, 1, ANY])]])],
        cause: "TensorFlow 1.14 to 2.1 can't restore an optimizer's state inside `strategy.scope()` (TPU, MirroredStrategy).",
        fix: "`load_model(path, compile=False)` inside the scope, then compile; or load it outside.",
    },
    Pattern {
        name: "no-training-config",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("No training configuration found in the save file", EVERY),
            text("No training configuration found in save file", EVERY),
            text("Compiled the loaded model, but the compiled metrics have yet to be built", EVERY),
        ],
        cause: "This is a warning: the model is loaded and predicts; it was not compiled when it was saved, or its metrics are still empty.",
        fix: "Nothing, to predict. To train or evaluate, call `model.compile(…)`.",
    },
];
