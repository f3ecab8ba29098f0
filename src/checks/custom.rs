//! What the rules on losses, metrics and optimizers of one's own share.

use super::Facts;
use crate::finding::{Finding, Place, Rule};
use crate::keras::training::{Training, TrainingConfig};
use crate::keras::traits::{Line, Saver};

/// One finding for every name that Keras does not have.
pub(super) fn findings(
    facts: &Facts<'_>,
    rule: &'static Rule,
    word: &str,
    names: fn(&TrainingConfig) -> &[String],
    is_known: fn(&str) -> bool,
) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    let Training::Config(config) = &model.training else { return Vec::new() };
    let saver = model.saved_by.saver();
    let unknown = names(config).iter().filter(|name| !is_known(name));
    unknown
        .map(|name| Finding {
            loader_message: loader_message(word, name, saver),
            ..finding(rule, word, name)
        })
        .collect()
}

fn finding(rule: &'static Rule, word: &str, name: &str) -> Finding {
    let message = format!("The model was compiled with the {word} {name}, which is not part of Keras.");
    let finding = Finding::new(rule, Place::Object("/@training_config".into()), message);
    let plain = name.rsplit('>').next().unwrap_or(name);
    if !plain.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return finding;
    }
    finding.with_fix(format!(
        "Load it with `load_model(path, compile=False)`, which is enough to predict, or with \
         `custom_objects={{\"{name}\": {plain}}}`, with the Python code from where the model was made."
    ))
}

/// Where Keras says more about objects of one's own.
const SEE: &str = "See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";

/// What the Keras that saved the file says, where that has been measured: with Keras 2.2.4, and TensorFlow 1.15.5, 2.4.1,
/// 2.10.1, 2.12.1 and 2.15.1. Keras 3 stumbles over its own code instead.
fn loader_message(word: &str, name: &str, saver: Option<Saver>) -> Option<String> {
    let what = if word == "optimizer" { word.to_string() } else { format!("{word} function") };
    let Saver { line, version: [major, minor, _] } = saver?;
    let text = match (line, major, minor) {
        // Of an optimizer the space is there.
        (Line::Standalone, 2, _) | (Line::TensorFlow, 2, 2) if word != "optimizer" => {
            format!("Unknown {what}:{name}")
        }
        (Line::TensorFlow, 2, 4) => format!("Unknown {what}: {name}"),
        (Line::TensorFlow, 2, 6..=10) => {
            format!(
                "Unknown {what}: {name}. Please ensure this object is passed to the `custom_objects` argument. {SEE}"
            )
        }
        (Line::TensorFlow, 2, 12..) => format!(
            "Unknown {what}: '{name}'. Please ensure you are using a `keras.utils.custom_object_scope` and that this object is \
             included in the scope. {SEE}"
        ),
        (Line::Standalone | Line::TensorFlow | Line::Three, _, _) => return None,
    };
    Some(format!("ValueError: {text}"))
}
