//! `W007`: variances that are none.

use super::Facts;
use super::roles::{Normalization, normalizations, slots};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W007",
    name: "bad-bn",
    severity: Severity::Error,
    meaning: "A moving variance is negative, even after the layer's epsilon is added. No variance is; the layer takes \
        its square root, and the model predicts NaN.",
    fix: "Look at how the weights were converted: are moving_mean and moving_variance in each other's place? Else \
        restore the layer from another checkpoint.",
};

/// Keras' default, for files that don't say.
const EPSILON: f64 = 1e-3;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    normalizations(&slots(facts)).iter().filter_map(finding).collect()
}

fn finding(layer: &Normalization<'_, '_>) -> Option<Finding> {
    let (slot, stats) = (layer.variance, layer.variance.stats);
    let epsilon = slot.config.and_then(|config| config.number("epsilon", EPSILON).ok()).unwrap_or(EPSILON);
    if stats.negatives == 0 || f64::from(stats.min) + epsilon >= 0.0 {
        return None;
    }
    let hint = if is_exchanged(layer) {
        " As its moving_mean has only positive numbers, the two seem to be in each other's place."
    } else {
        ""
    };
    let message = format!(
        "{}: {} of {} variances are negative, down to {}; with the epsilon {epsilon} the layer computes NaN.{hint}",
        slot.place, stats.negatives, stats.count, stats.min
    );
    Some(Finding::new(&RULE, Place::Weight(slot.place.clone()), message))
}

/// Whether mean and variance look as if each were the other: means of several channels take both signs.
fn is_exchanged(layer: &Normalization<'_, '_>) -> bool {
    let (mean, variance) = (layer.mean.stats, layer.variance.stats);
    mean.count >= 4 && mean.min > 0.0 && variance.max > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check};

    fn file(mean: &[f32], variance: &[f32]) -> Vec<u8> {
        let mut file = File::normalized(4);
        file.layers[0].weights[2].numbers = mean.to_vec();
        file.layers[0].weights[3].numbers = variance.to_vec();
        file.bytes()
    }

    #[test]
    fn negative_variances_are_counted() {
        let expected = "bn/moving_variance: bn/moving_variance: 2 of 4 variances are negative, down to -2.5; with the \
            epsilon 0.001 the layer computes NaN.";
        check(&RULE, &file(&[0.0, -1.0, 1.0, 2.0], &[1.0, -2.5, -0.5, 1.0]), &[expected]);
    }

    #[test]
    fn an_exchange_with_the_mean_is_told() {
        let expected = "bn/moving_variance: bn/moving_variance: 2 of 4 variances are negative, down to -2.5; with the \
            epsilon 0.001 the layer computes NaN. As its moving_mean has only positive numbers, the two seem to be in \
            each other's place.";
        check(&RULE, &file(&[0.5, 1.5, 1.0, 2.0], &[1.0, -2.5, -0.5, 1.0]), &[expected]);
    }

    #[test]
    fn zero_and_what_epsilon_makes_good_are_no_finding() {
        check(&RULE, &file(&[0.0, -1.0, 1.0, 2.0], &[0.0, 1e-12, 4e9, -1e-9]), &[]);
        check(&RULE, &File::normalized(4).bytes(), &[]);
    }
}
