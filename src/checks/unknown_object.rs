//! `A017`: an initializer, regularizer or constraint that Keras does not have.

use serde_json::Value;

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::names::{CONSTRAINTS, INITIALIZERS, REGULARIZERS};
use crate::keras::network::Layer;
use crate::limits;
use crate::ops::Op;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A017",
    name: "unknown-object",
    severity: Severity::Error,
    meaning: "A layer uses an initializer, regularizer or constraint that is not part of Keras. Its code is not in the file, \
        and `load_model` fails unless it is given the class, even though predictions don't need it.",
    fix: "Pass the Python class in `custom_objects`, from the code that made the model.",
};

/// How the arguments of a kind end, and the names that Keras has of it.
const KINDS: &[(&str, &[&str])] =
    &[("initializer", INITIALIZERS), ("regularizer", REGULARIZERS), ("constraint", CONSTRAINTS)];

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(network) = facts.model().and_then(|model| model.network()) else { return Vec::new() };
    // What the arguments of a class of one's own mean, nobody can tell.
    let layers = network.walk().into_iter().filter(|(_, layer)| Op::is_class(&layer.class));
    let mut found: Vec<(&str, &str, String, usize)> = Vec::new();
    for (path, layer) in layers {
        for (kind, name) in unknown(layer) {
            match found.iter().position(|(known, other, _, _)| (*known, *other) == (kind, name)) {
                Some(at) => found[at].3 += 1,
                None if found.len() < limits::MAX_FINDINGS_PER_RULE => found.push((kind, name, path.clone(), 1)),
                None => {}
            }
        }
    }
    found.into_iter().map(|(kind, name, path, layers)| finding(kind, name, &path, layers)).collect()
}

/// Kinds and names of what a layer uses and Keras does not have.
fn unknown(layer: &Layer) -> impl Iterator<Item = (&'static str, &str)> {
    layer.config.arguments.iter().filter_map(|(argument, value)| {
        let (kind, known) = KINDS.iter().find(|(kind, _)| argument.ends_with(kind))?;
        let name = class(value)?;
        let plain = name.strip_prefix("Custom>").unwrap_or(name);
        (!known.contains(&plain)).then_some((*kind, name))
    })
}

/// The name of a class or function, however it is written.
fn class(value: &Value) -> Option<&str> {
    match value {
        Value::String(name) => Some(name),
        // Keras 1 has regularizers as `{"name": "WeightRegularizer", …}`.
        Value::Object(map) => map.get("class_name").or_else(|| map.get("name"))?.as_str().and_then(|class| match class {
            "function" => map.get("config")?.as_str(),
            "__lambda__" => None,
            _ => Some(class),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn finding(kind: &str, name: &str, path: &str, layers: usize) -> Finding {
    let which = match layers - 1 {
        0 => format!("Layer {path} has"),
        more => format!("Layer {path} and {more} more have"),
    };
    let message = format!("{which} the {kind} {name}, which is not part of Keras.");
    Finding::new(&RULE, Place::Layer(path.to_string()), message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn objects_of_ones_own_are_named() {
        let mine = json!({"class_name": "Mine", "config": {}});
        let file = File::small().argument(1, "kernel_initializer", mine.clone()).argument(2, "kernel_initializer", mine);
        let expected = "hidden: Layer hidden and 1 more have the initializer Mine, which is not part of Keras.";
        check(&RULE, &file.bytes(), &[expected]);
        let function = json!({"module": "builtins", "class_name": "function", "config": "orthogonality"});
        let file = File::small().argument(1, "kernel_regularizer", function);
        check(&RULE, &file.bytes(), &["hidden: Layer hidden has the regularizer orthogonality, which is not part of Keras."]);
    }

    #[test]
    fn objects_of_every_keras_are_known() {
        silent_when_sound(&RULE);
        for (argument, value) in [
            ("kernel_initializer", json!({"class_name": "GlorotUniform", "config": {"seed": null}})),
            ("kernel_initializer", json!("glorot_uniform")),
            ("kernel_regularizer", json!({"name": "WeightRegularizer", "l2": 0.1})),
            ("kernel_regularizer", json!({"module": "keras.regularizers", "class_name": "L2", "config": {}})),
            ("kernel_constraint", json!("maxnorm")),
            ("bias_constraint", json!(null)),
        ] {
            check(&RULE, &File::small().argument(1, argument, value).bytes(), &[]);
        }
        check(&RULE, &File::small().class(1, "Mystery").argument(1, "kernel_initializer", json!("mine")).bytes(), &[]);
    }
}
