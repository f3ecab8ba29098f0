//! Against what real ImageAI did.

use super::*;
use crate::loaders::tests::with_evidence;

fn answers_for_nothing(name: &str) -> Vec<Answer> {
    with_evidence(name, Vec::new(), |evidence| answers(evidence, &[]))
}

/// ImageAI 2.0.3 and 2.1.6 with `text_not_a_model.h5`; ImageAI 3.0.3 by its source.
#[test]
fn what_is_no_hdf5_is_told_as_a_wrong_path() {
    let answers = answers_for_nothing("text_not_a_model.h5");
    let told = |id: &str, method: &str| {
        let answer = answers.iter().find(|a| a.edition.id == id && a.call.ends_with(method)).unwrap();
        let Outcome::Fails(raised) = &answer.outcome else { panic!("{answer:?}") };
        (raised.message.clone(), answer.hidden.as_ref().map(|hidden| hidden.message.clone()))
    };
    let hidden = Some("Unable to open file (file signature not found)".to_string());
    assert_eq!(
        told("imageai203", "loadModel"),
        ("You have specified an incorrect path to the ResNet model file.".into(), hidden.clone())
    );
    let shown = "An error occured. Ensure your model file is a ResNet50 Model and is located in the path text_not_a_model.h5";
    assert_eq!(told("imageai216", "loadModel"), (shown.into(), hidden));
    assert!(
        told("imageai303", "setModelPath")
            .0
            .starts_with("You are trying to use a Tensorflow model with ImageAI.")
    );
}

#[test]
fn imageai_3_goes_by_the_name() {
    let outcome = |name: &str| answers_for_nothing(name).pop().unwrap().outcome;
    let invalid = Raised::new(
        "ValueError",
        "Invalid model file a.hdf5. Please parse in a '.pt' and '.pth' model file.",
    );
    assert_eq!(outcome("a.hdf5"), Outcome::Fails(invalid));
    assert!(matches!(outcome("a.pt"), Outcome::Unknown(_)));
}
