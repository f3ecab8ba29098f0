//! `A010`: an argument that is newer than the Keras that is said to have saved the file.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::ModelFile;
use crate::keras::references::Seen;
use crate::keras::traits::ARGUMENTS;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A010",
    name: "newer-kwarg",
    severity: Severity::Warning,
    meaning: "A layer has an argument that the Keras named in the file does not know: the file was converted or edited. \
        Newer versions load it; the version it names, and older ones, refuse the argument.",
    fix: "Load it with a version that knows the argument, or take the argument out of model_config if it has its default value.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    let newer = newer(model);
    let repeated = repeated(model).filter(|finding| newer.iter().all(|other| other.message != finding.message));
    newer.iter().cloned().chain(repeated).collect()
}

/// Arguments that the stated version lacks.
fn newer(model: &ModelFile) -> Vec<Finding> {
    let (Some(saver), Some(version)) = (model.saved_by.saver(), model.saved_by.keras_version.as_deref()) else {
        return Vec::new();
    };
    let seen = model.texts.survey.seen.iter().filter(|seen| saver.lacks(seen.argument));
    seen.map(|seen| finding(seen, version)).collect()
}

fn finding(seen: &Seen, version: &str) -> Finding {
    let Seen { argument, place, class, layers } = seen;
    let more = if *layers > 1 { format!(" and {} more", layers - 1) } else { String::new() };
    let message = format!(
        "{class} {place}{more}: the argument {} came with {}, but the file says that Keras {version} saved it.",
        argument.name, argument.since
    );
    Finding::new(&RULE, Place::Layer(place.clone()), message)
}

/// Such arguments that an object has twice, as when one is put in front of the one that is there.
fn repeated(model: &ModelFile) -> impl Iterator<Item = Finding> {
    let keys = model.texts.repeated.iter();
    keys.filter_map(|key| ARGUMENTS.iter().find(|argument| argument.name == key)).map(|argument| {
        let message = format!(
            "model_config has the argument {} twice in one layer, which Keras never writes: somebody added it. \
             Versions before {} refuse it.",
            argument.name, argument.since
        );
        Finding::new(&RULE, Place::Object("/@model_config".into()), message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn saved_by(version: &'static str, argument: &str) -> Vec<u8> {
        let file = File { attributes: vec![("keras_version", version)], ..File::small() };
        file.argument(0, argument, json!(false)).bytes()
    }

    #[test]
    fn an_argument_newer_than_the_saver_is_named() {
        let expected = |argument: &str, since: &str, version: &str| {
            format!(
                "in: InputLayer in: the argument {argument} came with {since}, but the file says that Keras {version} saved it."
            )
        };
        check(&RULE, &saved_by("2.2.4", "ragged"), &[&expected("ragged", "TensorFlow 1.15", "2.2.4")]);
        check(&RULE, &saved_by("2.15.0", "batch_shape"), &[&expected("batch_shape", "Keras 3", "2.15.0")]);
    }

    #[test]
    fn an_argument_twice_in_one_layer_was_added() {
        let config = File::small().argument(0, "ragged", json!(false)).config.unwrap().to_string();
        let twice = config.replacen("\"ragged\":false", "\"ragged\":false,\"ragged\":false", 1);
        let attributes = vec![("keras_version", "2.2.4-tf")];
        let file = File { config: Some(twice.into()), attributes, ..File::small() };
        let expected = "/@model_config: model_config has the argument ragged twice in one layer, which Keras never writes: \
            somebody added it. Versions before TensorFlow 1.15 refuse it.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn arguments_of_the_savers_own_version_are_fine() {
        silent_when_sound(&RULE);
        check(&RULE, &saved_by("2.2.4-tf", "ragged"), &[]);
        check(&RULE, &saved_by("3.0.5", "batch_shape"), &[]);
        check(&RULE, &saved_by("unheard of", "batch_shape"), &[]);
    }
}
