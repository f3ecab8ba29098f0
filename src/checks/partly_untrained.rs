//! `W010`: some layers as they were built, among trained ones.

use std::collections::HashSet;

use super::Facts;
use super::initial::{Fresh, Match, survey};
use super::roles::{Normalization, Role, Slot, normalizations, slots, some_of};
use super::untrained::is_untrained;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W010",
    name: "partly-untrained",
    severity: Severity::Warning,
    meaning: "Some kernels are as their initializers make them, up to the hard edges of the distribution, and others are \
        not: weights were loaded into a part of the model, or only a part was trained. What the rest computes is \
        chance.",
    fix: "Check that the weights were loaded into all layers (`by_name=True` leaves out layers of other names without a \
        word), and train the head before saving.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let survey = survey(facts, &slots);
    // Without the architecture the initializer is a guess.
    let is_named = slots.iter().any(|slot| slot.config.is_some());
    let fresh = certain(&survey.fresh, &slots);
    if fresh.is_empty() || survey.changed.is_empty() || !is_named || is_untrained(facts, &slots) {
        return Vec::new();
    }
    vec![Finding::new(&RULE, Place::Weight(fresh[0].place.clone()), message(&fresh, &survey.changed, &slots))]
}

fn message(fresh: &[&Slot<'_>], changed: &[&Slot<'_>], slots: &[Slot<'_>]) -> String {
    let places = some_of(fresh.iter().map(|slot| slot.place.as_str()));
    match (is_head(fresh, slots), is_head(changed, slots)) {
        (true, _) => format!("The head is as it was built: {places}. The kernels before it are trained."),
        (_, true) => format!("Only the head is trained; before it, as they were built: {places}."),
        _ => format!(
            "As they were built: {places}, {} of {} kernels.",
            fresh.len(),
            fresh.len() + changed.len()
        ),
    }
}

/// The kernels that certainly are as they were built: their numbers fill a range with hard edges, which a kernel that was
/// trained gently may still do, and what is trained with them was never trained either.
fn certain<'s, 'a>(fresh: &[Fresh<'s, 'a>], slots: &[Slot<'a>]) -> Vec<&'s Slot<'a>> {
    let resting = resting(slots);
    let is_certain = |fresh: &&Fresh<'_, '_>| {
        fresh.how == Match::Edged && resting.contains(fresh.slot.layer.as_str())
    };
    fresh.iter().filter(is_certain).map(|fresh| fresh.slot).collect()
}

/// Layers whose bias is zero, or, where they have none, whose normalization behind them is new: the first step of
/// training moves both.
fn resting<'s>(slots: &'s [Slot<'_>]) -> HashSet<&'s str> {
    let biases = slots.iter().filter(|slot| slot.role == Role::Bias && slot.stats.is_all(0.0));
    let new: HashSet<&str> =
        normalizations(slots).into_iter().filter(Normalization::is_new).map(|layer| layer.mean.layer.as_str()).collect();
    let pairs = slots.windows(2).filter(|pair| {
        pair[0].role == Role::Kernel && pair[0].layer != pair[1].layer && new.contains(pair[1].layer.as_str())
    });
    biases.map(|slot| slot.layer.as_str()).chain(pairs.map(|pair| pair[0].layer.as_str())).collect()
}

/// Whether these are the last kernels of the file, and matrices.
fn is_head(kernels: &[&Slot<'_>], slots: &[Slot<'_>]) -> bool {
    let places: HashSet<&str> = kernels.iter().map(|slot| slot.place.as_str()).collect();
    let mut last = slots.iter().rev().filter(|slot| slot.role == Role::Kernel).take(kernels.len());
    last.all(|slot| places.contains(slot.place.as_str()) && slot.tensor.dataset.shape.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    /// A new model with one trained layer.
    fn trained(layer: usize) -> File {
        let mut file = File::new_model();
        file.layers[layer].weights.iter_mut().flat_map(|w| &mut w.numbers).for_each(|x| *x = *x * 1.3 + 0.01);
        file
    }

    #[test]
    fn an_untrained_head_and_a_head_alone_are_told() {
        let head = "out/kernel: The head is as it was built: out/kernel. The kernels before it are trained.";
        check(&RULE, &trained(1).bytes(), &[head]);
        let rest = "hidden/kernel: Only the head is trained; before it, as they were built: hidden/kernel.";
        check(&RULE, &trained(2).bytes(), &[rest]);
    }

    #[test]
    fn a_moved_bias_says_that_the_layer_was_trained() {
        let mut file = trained(1);
        file.layers[2].weights[1].numbers[0] = 0.001;
        check(&RULE, &file.bytes(), &[]);
    }

    /// As a ResNet18 that Keras trained gently: no convolution has a bias, and every normalization has moved.
    #[test]
    fn a_fresh_looking_kernel_without_a_bias_says_nothing() {
        let mut file = trained(1);
        file.layers[2].weights.truncate(1);
        file = file.argument(2, "use_bias", false.into());
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn all_new_all_trained_and_unknown_are_no_finding() {
        check(&RULE, &File::new_model().bytes(), &[]);
        silent_when_sound(&RULE);
        check(&RULE, &File { config: None, group: Some(""), ..trained(1) }.bytes(), &[]);
    }
}
