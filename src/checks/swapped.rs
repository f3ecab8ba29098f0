//! `S010`: weights of a layer in each other's place.

use super::Facts;
use super::roles::{Normalization, normalizations, slots};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S010",
    name: "swapped",
    severity: Severity::Warning,
    meaning: "In every BatchNormalization, what is stored as beta has only positive numbers and what is stored as gamma \
        takes both signs, which is how the two look the other way round. A conversion that mixed up their order does \
        this. Tensors of one shape that were exchanged between two layers can't be seen from the file alone.",
    fix: "Convert the weights again, in the order gamma, beta, moving_mean, moving_variance.",
};

/// Fewest layers, and channels in each, that do not look so by chance.
const FEWEST: (usize, u64) = (2, 8);

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let layers = normalizations(&slots);
    let large = || layers.iter().filter(|layer| layer.variance.stats.count >= FEWEST.1);
    if large().count() < FEWEST.0 || !large().all(is_exchanged) {
        return Vec::new();
    }
    let message = format!(
        "gamma and beta seem to be in each other's place in all {} BatchNormalization layers.",
        large().count()
    );
    large().take(1).map(|layer| Finding::new(&RULE, place(layer), message.clone())).collect()
}

fn place(layer: &Normalization<'_, '_>) -> Place {
    Place::Layer(layer.variance.layer.clone())
}

/// Whether beta is positive throughout and gamma negative for a tenth of the channels or more.
fn is_exchanged(layer: &Normalization<'_, '_>) -> bool {
    let Some((gamma, beta)) = layer.gamma.zip(layer.beta) else { return false };
    beta.stats.min > 0.0 && gamma.stats.negatives.saturating_mul(10) >= gamma.stats.count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    /// Two layers with these gammas, the betas counting up from ⅛.
    fn file(gamma: impl Fn(usize) -> f32) -> File {
        let mut file = File::normalized(8);
        let weights: &[(&str, &[u64])] =
            &[("gamma", &[8]), ("beta", &[8]), ("moving_mean", &[8]), ("moving_variance", &[8])];
        file.layers = vec![Stored::new("a", weights), Stored::new("b", weights)];
        file.layer_names = Some(vec!["a".into(), "b".into()]);
        for stored in &mut file.layers {
            stored.weights[0].numbers.iter_mut().enumerate().for_each(|(i, x)| *x = gamma(i));
        }
        file
    }

    #[test]
    fn gammas_of_both_signs_beside_positive_betas_are_found() {
        let expected = "a: gamma and beta seem to be in each other's place in all 2 BatchNormalization layers.";
        check(&RULE, &file(|i| i as f32 - 3.5).bytes(), &[expected]);
    }

    #[test]
    fn one_layer_that_looks_right_is_enough() {
        let mut file = file(|i| i as f32 - 3.5);
        file.layers[1].weights[1].numbers[2] = -0.1;
        check(&RULE, &file.bytes(), &[]);
        check(&RULE, &self::file(|_| 0.9).bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
