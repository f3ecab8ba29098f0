//! ImageAI's own words. Most hide the exception that says what is wrong.

use super::spans::{ON, imageai};
use super::{ANY, Moment, Part, Pattern, Span, text};

/// With TensorFlow.
const TF: &[&[Span]] = &[&[imageai([2, 0, 0], [2, 1, ANY])]];
const UP_TO_215: &[&[Span]] = &[&[imageai([2, 0, 0], [2, 1, 5])]];
const AT_216: &[&[Span]] = &[&[imageai([2, 1, 6], [2, 1, 6])]];
/// With PyTorch.
const TORCH: &[&[Span]] = &[&[imageai([3, 0, 2], ON)]];

const OLD_IMAGEAI: &str = "`pip install imageai==2.1.6` takes .h5 files of the same network; ImageAI 3 takes only PyTorch's (.pt, .pth).";

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "imageai-path",
        moment: Moment::Loading,
        part: Part::Cover,
        texts: &[text("You have specified an incorrect path to the {} model file.", UP_TO_215)],
        cause: "ImageAI says this of any trouble in loading, whether the path is right or not: the file is missing, is not HDF5, is cut off, or its weights \
            don't fit ImageAI's own {0} with num_objects classes. Keras' ResNet50 does not fit it.",
        fix: "Look at the exception above this one in the traceback; it says which. Checked here, the file shows the same.",
    },
    Pattern {
        name: "imageai-ensure",
        moment: Moment::Loading,
        part: Part::Cover,
        texts: &[
            text(
                "An error occured. Ensure your model file is a {} Model and is located in the path {}",
                AT_216,
            ),
            text("An error occured. Ensure your model file is in {}", AT_216),
        ],
        cause: "ImageAI 2.1.6 says this of any trouble in loading: the file is missing, is not HDF5, is cut off, or its weights don't fit the network: another \
            number of classes than num_objects, or a ResNet50 that ImageAI 2.1.5 or older trained.",
        fix: "Look at the exception above this one in the traceback; it says which. Checked here, the file shows the same.",
    },
    Pattern {
        name: "imageai-tensorflow-model",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "You are trying to use a Tensorflow model with ImageAI. ImageAI now uses PyTorch as backed as from version 3.0.2",
                TORCH,
            ),
            text(
                "Dependency error!!! It appears you are trying to use ImageAI with a Tensorflow backend",
                TORCH,
            ),
        ],
        cause: "ImageAI 3 runs PyTorch models and refuses every name that ends in .h5, whatever the file is.",
        fix: OLD_IMAGEAI,
    },
    Pattern {
        name: "imageai-invalid-file",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("Invalid model file {}. Please parse in a '.pt' and '.pth' model file.", TORCH)],
        cause: "ImageAI 3 takes only names that end in .pt or .pth, and {0} does not.",
        fix: OLD_IMAGEAI,
    },
    Pattern {
        name: "imageai-weight-loading",
        moment: Moment::Loading,
        part: Part::Cover,
        texts: &[text(
            "Weight loading failed. Ensure the model path is set and the weight file is in the specified model path.",
            TORCH,
        )],
        cause: "ImageAI 3 says this of any trouble in loading: no PyTorch file (an .h5 renamed .pt), another number of classes than model_class.json has, or an \
            unknown model type.",
        fix: OLD_IMAGEAI,
    },
    Pattern {
        name: "imageai-not-a-file",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text(
            "The path '{}' isn't a valid file. Ensure you specify the path to a valid trained model file.",
            TORCH,
        )],
        cause: "There is no file at the path {0}.",
        fix: "Print `os.path.abspath(path)` and look there.",
    },
    Pattern {
        name: "imageai-no-pytorch",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("Dependency error!!! PyTorch and TorchVision are not installed.", TORCH)],
        cause: "ImageAI 3 needs PyTorch. It says this, too, where TensorFlow is installed instead.",
        fix: "Install torch and torchvision, or for .h5 files `pip install imageai==2.1.6`.",
    },
    Pattern {
        name: "imageai-try-again",
        moment: Moment::Using,
        part: Part::Cover,
        texts: &[text("An error occured! Try again.", TF)],
        cause: "ImageAI could not name the classes: model_class.json is missing, is not JSON, or has fewer entries than the network has classes; or a network \
            that isn't ImageNet's with 1000 classes is used with ImagePrediction or ImageClassification.",
        fix: "Use the Custom… class for a network of your own, set its model_class.json, and check both here: `--with model_class.json`.",
    },
    Pattern {
        name: "imageai-valid-image",
        moment: Moment::Using,
        part: Part::Cover,
        texts: &[text("Error. Ensure your input image is valid", AT_216)],
        cause: "ImageAI 2.1.6 says this of any trouble in classifying, mostly because model_class.json has no entry for a class of the network.",
        fix: "Check the model here with its list of classes: `--with model_class.json`.",
    },
    Pattern {
        name: "imageai-model-type",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("You must set a valid model type before loading the model.", TF),
            text("Ensure the model type is properly set.", TORCH),
            text("Model type '{}' not supported.", TORCH),
        ],
        cause: "No model type was set before loading.",
        fix: "Call `setModelTypeAsResNet50()` (`setModelTypeAsResNet()` up to 2.1.5) before `loadModel()`.",
    },
    Pattern {
        name: "imageai-renamed",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("object has no attribute 'setModelTypeAs{}'", &[&[imageai([2, 0, 0], ON)]])],
        cause: "ImageAI renamed this: up to 2.1.5 it is `setModelTypeAsResNet`, `…DenseNet`, `…SqueezeNet`; from 2.1.6 on `…ResNet50`, `…DenseNet121`, and \
            there is no SqueezeNet.",
        fix: "Use the name of your version.",
    },
    Pattern {
        name: "imageai-squeezenet",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("ImageAI no longer support SqueezeNet.", AT_216)],
        cause: "ImageAI 2.1.6 has no SqueezeNet.",
        fix: "Use ImageAI 2.1.5 for a SqueezeNet file, or train a MobileNetV2.",
    },
    Pattern {
        name: "imageai-not-loaded",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("You must call the loadModel() function before making {}", TF),
            text(
                "Model not yet loaded. You need to call '.loadModel()' before performing image classification",
                TORCH,
            ),
        ],
        cause: "The model was not loaded, or loading failed before and only printed why (ImageAI 3's ImageClassification does).",
        fix: "Call `loadModel()` and look at what it prints.",
    },
    Pattern {
        name: "imageai-image",
        moment: Moment::Around,
        part: Part::Cover,
        texts: &[
            text("You have set a path to an invalid image file.", TF),
            text("You have parsed in a wrong numpy array for the image", TF),
            text("You have parsed in a wrong stream for the image", TF),
        ],
        cause: "ImageAI could not read the picture: the path is wrong, or it is no picture.",
        fix: "Open it with Pillow to see why: `PIL.Image.open(path).load()`.",
    },
];
