//! The repair as a few lines of Python, for who would rather build the model than copy the file.

use super::{Repair, Way};
use crate::loaders::{Loader, Runtime};

/// Python that builds the model of a repair and loads the weights, from the file it came from or, where the runtime can't read
/// them there, from the copy.
pub fn snippet(repair: &Repair, file: &str, copy: &str) -> String {
    let file = if needs_copy(repair) { copy } else { file };
    let config = repair.config.to_string();
    let name = python_text(file);
    let import = import(repair.runtime);
    format!(
        "# For {}.\n{import}\nARCHITECTURE = r'''\n{}\n'''\n\nmodel = keras.models.model_from_json(ARCHITECTURE)\n\
         model.load_weights({name})\nmodel.summary()\n",
        repair.runtime.name,
        config.replace("'''", "\\u0027\\u0027\\u0027"),
    )
}

/// Whether more has changed than the architecture: how texts are marked, or the whole file.
fn needs_copy(repair: &Repair) -> bool {
    matches!(repair.way, Way::Rewrite { .. })
        || repair.changes.iter().any(|change| change.what == super::strings::MARK)
}

fn import(runtime: &Runtime) -> &'static str {
    match runtime.loader {
        Loader::TfKeras if runtime.is_tf_keras_package() => "import tf_keras as keras\n",
        Loader::TfKeras => "from tensorflow import keras\n",
        Loader::Keras1 | Loader::Keras2 | Loader::Keras3 => "import keras\n",
    }
}

/// A text as Python writes it.
fn python_text(text: &str) -> String {
    crate::loaders::python::text(text)
}
