//! `W009`: a model as it was built.

use std::collections::BTreeSet;

use super::Facts;
use super::initial::{Survey, survey};
use super::roles::{Normalization, Role, Slot, counted, normalizations, slots};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W009",
    name: "untrained",
    severity: Severity::Warning,
    meaning: "Every weight is as the initializers make it: random kernels, biases at zero, normalizations at mean 0 and \
        variance 1. The model was built and saved, and never trained; its predictions are chance. Some are saved so on \
        purpose.",
    fix: "Save the model after training, or load the trained weights into it before saving.",
};

/// Share of the kernels that must look as their initializers made them: 19 of 20, as each has its own small chance.
const SHARE: (usize, usize) = (19, 20);
/// Fewest numbers in them that say anything.
const FEWEST: u64 = 256;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    if !is_untrained(facts, &slots) {
        return Vec::new();
    }
    let fresh = survey(facts, &slots).fresh;
    let names: BTreeSet<&str> = fresh.iter().map(|fresh| fresh.initializer.as_str()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let layers = normalizations(&slots).len();
    let statistics = if layers > 0 {
        format!(", {} with mean 0 and variance 1", counted(layers, "BatchNormalization layer"))
    } else {
        String::new()
    };
    let kernels = counted(fresh.len(), "kernel");
    let message = format!("Never trained: {kernels} as {names} makes them{statistics}.");
    vec![Finding::new(&RULE, Place::File, message)]
}

/// Whether all of a file is as initializers make it.
pub(super) fn is_untrained(facts: &Facts<'_>, slots: &[Slot<'_>]) -> bool {
    let biases = slots.iter().filter(|slot| slot.role == Role::Bias);
    normalizations(slots).iter().all(Normalization::is_new)
        && biases.into_iter().all(is_initial)
        && has_fresh_kernels(&survey(facts, slots))
}

/// Whether a bias may be as it was built: one number for all, and a single number only if initializers make it.
fn is_initial(bias: &Slot<'_>) -> bool {
    let is_plain = |number: f32| bias.stats.count > 1 || number == 0.0 || number == 1.0;
    bias.stats.count == 0 || bias.stats.constant().is_some_and(is_plain)
}

fn has_fresh_kernels(survey: &Survey<'_, '_>) -> bool {
    let (fresh, all) = (survey.fresh.len(), survey.fresh.len() + survey.changed.len());
    let numbers = survey.fresh.iter().map(|fresh| fresh.slot.stats.count).fold(0, u64::saturating_add);
    numbers >= FEWEST && fresh.saturating_mul(SHARE.1) >= all.saturating_mul(SHARE.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn a_model_as_it_was_built_is_told_with_and_without_its_architecture() {
        let glorot = "file: Never trained: 2 kernels as glorot_uniform makes them.";
        check(&RULE, &File::new_model().bytes(), &[glorot]);
        let bare = File { config: None, group: Some(""), ..File::new_model() };
        check(&RULE, &bare.bytes(), &["file: Never trained: 2 kernels as GlorotUniform makes them."]);
    }

    #[test]
    fn a_trained_bias_or_kernel_is_enough() {
        let mut file = File::new_model();
        file.layers[1].weights[1].numbers[0] = 0.001;
        check(&RULE, &file.bytes(), &[]);
        let mut file = File::new_model();
        file.layers[2].weights[0].numbers.iter_mut().for_each(|x| *x *= 1.3);
        check(&RULE, &file.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
