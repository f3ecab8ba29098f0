//! `A022`: a model of ImageAI, which prepares pictures in another way in every version.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::zoo::families::Variant;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A022",
    name: "imageai-preprocess",
    severity: Severity::Note,
    meaning: "ImageAI trains with pixels divided by 255. Up to 2.1.5 it divides them, too, when it predicts; 2.1.6 gives a ResNet50 the \
        pixels as they are, 0 to 255, after loadModel(), and −1 to 1 after loadFullModel(). Its answers are then wrong, often one class \
        with 100 %.",
    fix: "Predict with Keras itself: `x = keras.utils.img_to_array(keras.utils.load_img(picture, target_size=(224, 224)))[None] / 255`, \
        then `model.predict(x)`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let resnet = facts.recognition.and_then(|recognition| recognition.resnet());
    let own = resnet.is_some_and(|resnet| resnet.variant == Variant::ImageAi);
    let named = resnet.is_some() && is_trainers(facts.name);
    let why = match (own, named) {
        (true, _) => "The network is the ResNet that ImageAI 2.0 to 2.1.5 builds",
        (false, true) => "The file is named as ImageAI's trainer names them",
        (false, false) => return Vec::new(),
    };
    let message = format!("{why}: it was trained with pixels from 0 to 1. ImageAI 2.1.6 predicts with 0 to 255.");
    let finding = Finding::new(&RULE, Place::File, message);
    let is_whole = facts.model().is_some_and(|model| model.network().is_some());
    vec![if is_whole { finding } else { weights_only(finding, resnet.and_then(|resnet| resnet.classes), own) }]
}

/// Without an architecture, the network has to be built first.
fn weights_only(finding: Finding, classes: Option<usize>, own: bool) -> Finding {
    let classes = classes.map_or("CLASSES".to_string(), |classes| classes.to_string());
    let build = match own {
        true => "build the network with ImageAI 2.1.5's own `ResNet50`".to_string(),
        false => format!("`model = tf.keras.applications.ResNet50(weights=None, classes={classes}); model.load_weights(path)`"),
    };
    let fix = format!("First {build}. {}", finding.fix);
    finding.with_fix(fix)
}

/// `model_ex-055_acc-0.913043.h5`
fn is_trainers(name: &str) -> bool {
    name.strip_prefix("model_ex-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains("_acc-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, resnet, silent_when_sound, with_facts};

    fn found(name: &str) -> usize {
        let file = File { config: Some(resnet()), ..File::small() };
        with_facts(&file.bytes(), |facts| check(&Facts { name, ..*facts }).len())
    }

    #[test]
    fn the_trainers_names_tell_its_files() {
        assert_eq!(found("model_ex-055_acc-0.913043.h5"), 1);
        assert_eq!(found("model_ex-000_acc-1.h5"), 1);
        assert_eq!(found("model_ex.h5"), 0);
        assert_eq!(found("resnet50.h5"), 0);
        silent_when_sound(&RULE);
    }
}
