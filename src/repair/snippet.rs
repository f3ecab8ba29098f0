//! The repair as a few lines of Python, for who would rather build the model than copy the file.

use super::Repair;
use crate::loaders::{Loader, Runtime};

/// Python that builds the model of a repair and loads the weights from the file it came from.
pub fn snippet(repair: &Repair, file: &str) -> String {
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
