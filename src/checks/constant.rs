//! `W006`: kernels that are one number throughout.

use super::Facts;
use super::initial::named_constant;
use super::roles::{Role, Slot, are_few_frozen, slots, some_of};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W006",
    name: "const",
    severity: Severity::Error,
    meaning: "A kernel is one number throughout, so all outputs of its layer are the same. Neither an initializer for \
        training nor training makes such a kernel.",
    fix: "Restore the layer from another checkpoint, or save the trained model again.",
};

/// Fewest elements of a kernel that can't be the same by chance.
const FEWEST: u64 = 8;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let kernels: Vec<&Slot<'_>> = slots.iter().filter(|slot| slot.role == Role::Kernel).collect();
    let is_meant = |slot: &Slot<'_>| slot.is_frozen() && are_few_frozen(&kernels);
    let constant: Vec<&Slot<'_>> =
        kernels.iter().copied().filter(|slot| is_constant(slot) && !is_meant(slot)).collect();
    if constant.len() > 1 && constant.len() == kernels.len() {
        let places = some_of(constant.iter().map(|slot| slot.place.as_str()));
        let message = format!("Every kernel in the file is one number throughout: {places}.");
        return vec![Finding::new(&RULE, Place::File, message)];
    }
    constant.into_iter().map(finding).collect()
}

fn finding(slot: &Slot<'_>) -> Finding {
    let value = slot.stats.first.unwrap_or_default();
    let message = format!("{}: all {} numbers are {value}.", slot.place, slot.stats.count);
    Finding::new(&RULE, Place::Weight(slot.place.clone()), message)
}

/// Zeros are another rule's; a layer that the file says to begin with this number is meant to be so.
fn is_constant(slot: &Slot<'_>) -> bool {
    let value = slot.stats.constant().filter(|value| *value != 0.0 && slot.stats.count >= FEWEST);
    value.is_some_and(|value| named_constant(slot) != Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn constant(value: f32) -> File {
        let mut file = File::small();
        file.layers[1].weights[0].numbers.fill(value);
        file
    }

    #[test]
    fn one_kernel_is_named_and_all_are_one_finding() {
        check(&RULE, &constant(0.01).bytes(), &["hidden/kernel: hidden/kernel: all 12 numbers are 0.01."]);
        let mut file = File { config: None, group: Some(""), ..File::wide() };
        file.layers[1..].iter_mut().for_each(|stored| stored.weights[0].numbers.fill(0.5));
        let expected = "file: Every kernel in the file is one number throughout: hidden/kernel and out/kernel.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn zeros_frozen_layers_and_constants_by_intention_are_no_finding() {
        check(&RULE, &constant(0.0).bytes(), &[]);
        check(&RULE, &constant(1.0).argument(1, "trainable", json!(false)).bytes(), &[]);
        check(&RULE, &constant(1.0).argument(1, "kernel_initializer", json!("ones")).bytes(), &[]);
        let other = constant(0.5).argument(1, "kernel_initializer", json!("ones"));
        check(&RULE, &other.bytes(), &["hidden/kernel: hidden/kernel: all 12 numbers are 0.5."]);
        silent_when_sound(&RULE);
    }
}
