//! `W008`: normalizations whose statistics were never updated.

use super::Facts;
use super::initial::survey;
use super::roles::{Role, Slot, normalizations, slots, some_of};
use super::untrained::is_untrained;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W008",
    name: "bn-untrained",
    severity: Severity::Warning,
    meaning: "BatchNormalization layers still have the statistics of a new layer, mean 0 and variance 1, though other \
        weights were trained. A model that was trained with the statistics of its batches predicts something else with \
        these. One that was trained with them as they are, or whose normalizations were folded into its kernels, is \
        right; the file does not tell which.",
    fix: "If predictions are bad, train with `trainable=True` and `training=True` for these layers, or let the model \
        see training pictures for an epoch with a learning rate of 0.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let layers = normalizations(&slots);
    let unused: Vec<_> = layers.iter().filter(|layer| layer.is_unused()).collect();
    let is_trained = || layers.iter().any(|layer| !layer.is_unscaled()) || has_trained(facts, &slots);
    if unused.is_empty() || is_untrained(facts, &slots) || !is_trained() {
        return Vec::new();
    }
    let names = some_of(unused.iter().map(|layer| layer.variance.layer.as_str()));
    let message = format!(
        "{} of {} BatchNormalization layers have mean 0 and variance 1 throughout, as if never trained: {names}.",
        unused.len(),
        layers.len()
    );
    vec![Finding::new(&RULE, Place::Layer(unused[0].variance.layer.clone()), message)]
}

/// Whether a kernel is known not to be as its initializer made it, or a bias is not.
fn has_trained(facts: &Facts<'_>, slots: &[Slot<'_>]) -> bool {
    let is_trained = |slot: &Slot<'_>| slot.role == Role::Bias && slot.stats.constant().is_none();
    slots.iter().any(is_trained) || !survey(facts, slots).changed.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    fn reset(file: &mut File, layer: usize, from: usize) {
        for (weight, value) in file.layers[layer].weights.iter_mut().zip([1.0, 0.0, 0.0, 1.0]).skip(from) {
            weight.numbers.fill(value);
        }
    }

    const ONE: &str = "bn: 1 of 1 BatchNormalization layers have mean 0 and variance 1 throughout, as if never \
        trained: bn.";

    #[test]
    fn new_statistics_beside_trained_weights_are_found() {
        let mut file = File::normalized(4);
        reset(&mut file, 0, 2);
        check(&RULE, &file.bytes(), &[ONE]);
        reset(&mut file, 0, 0);
        // Its kernel is no initializer's.
        check(&RULE, &file.bytes(), &[ONE]);
    }

    #[test]
    fn used_statistics_are_no_finding() {
        check(&RULE, &File::normalized(4).bytes(), &[]);
        let mut file = File::normalized(4);
        reset(&mut file, 0, 2);
        file.layers[0].weights[2].numbers[0] = 1e-6;
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn a_file_that_says_nothing_about_training_is_no_finding() {
        let mut file = File::normalized(4);
        reset(&mut file, 0, 0);
        file.layers.truncate(1);
        file.layer_names = Some(vec!["bn".into()]);
        check(&RULE, &file.bytes(), &[]);
    }
}
