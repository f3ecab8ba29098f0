//! Code in files: Lambda layers and what refers to Python.

use super::spans::{EVERY, FIRST, KERAS_3, ON, keras, python, tf};
use super::{Moment, Part, Pattern, text};

const REBUILD: &str = "Load it with the Python that saved it (check the file here: it shows which), or build the network in code and load the weights \
    into it.";

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "marshal",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("bad marshal data (unknown type code)", EVERY),
            text("bad marshal data (", EVERY),
            text("EOF read where object expected", EVERY),
            text("marshal data too short", EVERY),
            text("Objects/codeobject.c:{}: bad argument to internal function", EVERY),
            text("unknown opcode", EVERY),
            text("code() argument {} must be", EVERY),
        ],
        cause: "A Lambda layer holds the compiled code of a Python function, which only the same minor version of Python reads.",
        fix: REBUILD,
    },
    Pattern {
        name: "lambda-refused",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda. This carries a potential risk of arbitrary code execution",
                &[&[tf([2, 13, 0], ON)], &[KERAS_3]],
            ),
            text(
                "Requested the deserialization of a `Lambda` layer with a Python `lambda` inside it. This carries a potential risk of arbitrary code execution",
                &[&[tf([2, 12, 0], ON)], &[KERAS_3]],
            ),
            text("Requested the deserialization of a Lambda layer", &[&[tf([2, 12, 0], ON)], &[KERAS_3]]),
        ],
        cause: "A Lambda layer holds compiled Python code, which would run; Keras 3 refuses that for .h5 since 3.11.3, for .keras always.",
        fix: "Check the file here to see what the code does. Only if you trust who made it: `load_model(path, safe_mode=False)`.",
    },
    Pattern {
        name: "lambda-shape",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("We could not automatically infer the shape of the Lambda's output", &[&[KERAS_3]]),
            text("could not automatically infer the output shape", &[&[KERAS_3]]),
        ],
        cause: "Keras 3 can't tell what shape a Lambda layer gives: its code fails where it is tried.",
        fix: REBUILD,
    },
    Pattern {
        name: "name-not-defined",
        moment: Moment::Using,
        part: Part::Cause,
        texts: &[text("NameError: name '{}' is not defined", &[&[python(FIRST, ON)]])],
        cause: "Code uses `{0}`, which doesn't exist where it runs. In a Lambda layer, that is a name (`tf`, `K`) of the module that made the model.",
        fix: "Pass it: `load_model(path, custom_objects={'tf': tf})`, or build the network in code and load the weights into it.",
    },
    Pattern {
        name: "no-module",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("No module named '{}'", &[&[python([3, 0, 0], ON)]]),
            text("No module named {}", &[&[python(FIRST, ON)]]),
        ],
        cause: "Python doesn't find the package {0}. `imp` is gone since Python 3.12, `keras_applications` is a package of its own that TensorFlow 2.2 \
            and later don't bring.",
        fix: "Install it into the environment that runs (`python -m pip install …`), in the version that the code was written for.",
    },
    Pattern {
        name: "cannot-import",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("cannot import name '{}' from '{}'", &[&[python([3, 7, 0], ON)]]),
            text("cannot import name '{}'", &[&[python([3, 0, 0], ON)]]),
        ],
        cause: "The installed package has no `{0}`: the code was written for another version of it.",
        fix: "Import from `tensorflow.keras`, not from `tensorflow.python.keras`, or install the version that the code was written for.",
    },
    Pattern {
        name: "keras-registered",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("has no attribute 'get_config'", &[&[keras(FIRST, ON)], &[tf(FIRST, ON)]])],
        cause: "A custom object can't be saved or loaded as it is: it has no `get_config`.",
        fix: "Give the class a `get_config` and pass it in `custom_objects`.",
    },
];
