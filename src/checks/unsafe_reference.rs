//! `A018`: a function that does something outside of the model.

use super::Facts;
use super::custom_object::place;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::references::{Reference, What};
use crate::sniff::{Kind, Pickle};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A018",
    name: "unsafe-reference",
    severity: Severity::Error,
    meaning: "A pickle in the file imports more than arrays need, or a config names a function of Python, Keras or TensorFlow that runs commands, reads, writes or downloads files, \
        switches protections off, or unpickles objects. No model needs that; loading one calls it in versions of Keras that \
        don't refuse. The known cases were found in `.keras` files: CVE-2025-1550 (Keras 3.0 to 3.8), CVE-2025-8747 (3.0 to \
        3.10), CVE-2025-9906 (before 3.11.0).",
    fix: "Don't load the file. Ask whoever made it, and take the weights alone if you need them: build the architecture in code \
        and call `load_weights`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let references = facts.model().map(|model| model.texts.survey.references.as_slice()).unwrap_or_default();
    let pickles = facts.kind.as_ref().map(Kind::pickles).unwrap_or_default();
    // Of a long one among data nothing is known; in a `.keras`, no pickle needs to be long.
    let is_archive = matches!(facts.kind, Ok(Kind::KerasZip(_)));
    let told = pickles.iter().filter(|pickle| is_archive || !pickle.imports.is_empty());
    told.map(unpickled).chain(references.iter().filter_map(finding)).collect()
}

/// A pickle that does more than to hold arrays.
fn unpickled(pickle: &Pickle) -> Finding {
    let place = if pickle.member.is_empty() { Place::File } else { Place::Object(pickle.member.clone()) };
    let what = match (pickle.bare, pickle.member.as_str()) {
        (true, member) => format!("{member} is a Python pickle"),
        (false, "") => "The file holds a Python pickle".to_string(),
        (false, member) => format!("{member} holds a Python pickle"),
    };
    let imports = match (pickle.imports.as_slice(), pickle.too_long) {
        ([], true) => " that is too long to be looked through".to_string(),
        ([], false) => String::new(),
        (names, _) => format!(" that imports {}", names.join(", ")),
    };
    let how = "`numpy.load(..., allow_pickle=True)`, which Keras calls for weights in .npz, runs what a pickle says.";
    Finding::new(&RULE, place, format!("{what}{imports}. {how}"))
}

fn finding(reference: &Reference) -> Option<Finding> {
    let message = match &reference.what {
        What::Dangerous { module, name } => {
            format!("It names {module}.{name}, which acts outside of the model.")
        }
        What::Pickle(class) => {
            format!("The class {class} keeps pickled Python objects in the file; loading them can run any code.")
        }
        What::Code(_) | What::NamedFunction(_) | What::Package { .. } | What::Outside { .. } => return None,
    };
    Some(Finding::new(&RULE, place(reference), message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::archive::testing::zip;
    use crate::report::Verdict;
    use crate::checks::testing::{File, check, compiled, silent_when_sound};

    #[test]
    fn functions_that_leave_the_model_are_named() {
        let system = json!({"module": "os", "class_name": "system", "config": {}});
        let file = File::small().argument(1, "kernel_initializer", system);
        check(&RULE, &file.bytes(), &["hidden: It names os.system, which acts outside of the model."]);
        let eval = r#"{"loss": {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "eval"}}"#;
        check(&RULE, &compiled(eval), &["/@training_config: It names builtins.eval, which acts outside of the model."]);
    }

    /// A `.keras` whose weights are this.
    fn with_npz(weights: &[u8]) -> Vec<u8> {
        let metadata = b"{\"keras_version\": \"3.6.0\"}";
        zip(&[("config.json", b"{}", false), ("metadata.json", metadata, false), ("model.weights.npz", weights, false)])
    }

    #[test]
    fn a_pickle_in_place_of_weights_is_told_with_what_it_imports() {
        // Python 3.12: `pickle.dumps(X(), 4)` where `X.__reduce__` gives `(os.system, ("id",))`, unframed.
        let pickle = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.";
        let expected = "model.weights.npz: model.weights.npz is a Python pickle that imports os.system. \
            `numpy.load(..., allow_pickle=True)`, which Keras calls for weights in .npz, runs what a pickle says.";
        check(&RULE, &with_npz(pickle), &[expected]);
        check(&RULE, &with_npz(b"numbers"), &[]);
        let verdict = |bytes| crate::session::check("a.keras", bytes, &mut |_| {}).verdict;
        let source = |bytes: &[u8]| std::sync::Arc::new(crate::source::MemorySource(bytes.into()));
        assert_eq!(verdict(source(&with_npz(pickle))), Verdict::Unsafe);
        let header = b"\x93NUMPY\x01\0\x0f\0{'descr': '|O'}";
        assert_eq!(verdict(source(&[header, pickle.as_slice()].concat())), Verdict::Unsafe);
    }

    #[test]
    fn functions_of_keras_and_of_ones_own_are_not() {
        silent_when_sound(&RULE);
        for module in ["keras.initializers", "my_package.initializers", "tensorflow.python.keras"] {
            let object = json!({"module": module, "class_name": "Zeros", "config": {}});
            check(&RULE, &File::small().argument(1, "kernel_initializer", object).bytes(), &[]);
        }
    }
}
