//! `S013`: kernels that Theano turned.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::ops::conv2d::KernelOrder;
use crate::zoo::stored::layers::{kernel_order, listed};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S013",
    name: "theano-flipped",
    severity: Severity::Warning,
    meaning: "The weights were saved under Theano, which computes a true convolution, while TensorFlow computes a \
        correlation: every kernel larger than 1×1 must be turned by 180° for TensorFlow. The shapes fit, so a loader \
        that does not turn them loads them without a word, and the model predicts something else.",
    fix: "Turn every convolution kernel once: kernel[::-1, ::-1]. Keras 2 and tf.keras do it themselves where the \
        attribute `backend` says `theano`; Keras 1 wrote no such attribute, and Keras 3 ignores it. Compare one \
        prediction with a known one to be sure that they have not been turned before. A prediction made here is that of Theano.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    let listed = listed(model);
    let turned = |shape: &[u64]| matches!(shape, &[rows, columns, _, _] if rows.saturating_mul(columns) > 1);
    let kernels = || {
        let all = listed.iter().flat_map(|layer| layer.weights.iter().map(move |(name, shape)| (layer, name, shape)));
        all.filter(|(_, _, shape)| turned(shape))
    };
    let Some((first, ..)) = kernels().next() else { return Vec::new() };
    // Kernels in Theano's order are a finding of their own, which says this as well.
    if kernel_order(&listed) == KernelOrder::Oihw {
        return Vec::new();
    }
    let message = match (model.saved_by.backend.is_some(), model.is_theanos()) {
        (true, true) => "The file says that it was saved under Theano: Keras 2 and tf.keras turn its kernels \
            by 180° when they load it, Keras 3 does not.",
        (false, true) => "Keras 1 saved this under Theano: \
            its weights are named without TensorFlow's `:0`. The kernels fit TensorFlow by their shapes, but Theano \
            turns them by 180°, and no loader can know.",
        (_, false) => return Vec::new(),
    };
    vec![Finding::new(&RULE, Place::Layer(first.layer.clone()), message.to_string())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    fn weights(name: &str, backend: &'static str) -> Vec<u8> {
        let layers = vec![Stored::new("a", &[(name, &[3, 3, 3, 4]), ("a_b", &[4])])];
        let layer_names = Some(vec!["a".into()]);
        let attributes = if backend.is_empty() { vec![] } else { vec![("keras_version", "2.2.4"), ("backend", backend)] };
        File { config: None, training: None, group: Some(""), layers, layer_names, attributes }.bytes()
    }

    #[test]
    fn what_theano_saved_is_told_by_its_names_and_by_the_attribute() {
        let by_name = "a: Keras 1 saved this under Theano: its weights are named without TensorFlow's `:0`. The kernels \
            fit TensorFlow by their shapes, but Theano turns them by 180°, and no loader can know.";
        check(&RULE, &weights("a_W", ""), &[by_name]);
        let by_attribute = "a: The file says that it was saved under Theano: Keras 2 and tf.keras turn its kernels by \
            180° when they load it, Keras 3 does not.";
        check(&RULE, &weights("kernel", "theano"), &[by_attribute]);
    }

    #[test]
    fn what_tensorflow_saved_is_not() {
        check(&RULE, &weights("a_W:0", ""), &[]);
        check(&RULE, &weights("kernel:0", "tensorflow"), &[]);
        silent_when_sound(&RULE);
    }
}
