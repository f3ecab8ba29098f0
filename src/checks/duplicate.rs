//! `W011`: the same numbers in two layers.

use std::collections::HashMap;

use super::Facts;
use super::roles::{Role, Slot, slots, some_of, are_few_frozen};
use super::untrained::is_untrained;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W011",
    name: "duplicate",
    severity: Severity::Warning,
    meaning: "Layers have the same numbers to the last bit. Two layers that were trained never have; one was copied over \
        the other. That may be meant: a model holds two copies of another, or layers began as copies and were not \
        trained since.",
    fix: "If it is not meant, convert or save the weights again.",
};

/// Fewest numbers of a tensor that are not the same by chance.
const FEWEST: u64 = 16;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    // An initializer with a seed makes the same numbers for every layer of one shape.
    if is_untrained(facts, &slots) {
        return Vec::new();
    }
    let kernels: Vec<&Slot<'_>> = slots.iter().filter(|slot| slot.role == Role::Kernel).collect();
    let are_fixed = are_few_frozen(&kernels);
    let is_telling = |slot: &&Slot<'_>| is_telling(slot) && !(are_fixed && slot.is_frozen());
    let mut alike: HashMap<(u128, &[u64]), Vec<&Slot<'_>>> = HashMap::new();
    for slot in slots.iter().filter(is_telling) {
        alike.entry((slot.stats.fingerprint, &slot.tensor.dataset.shape)).or_default().push(slot);
    }
    // In the order of the file: the groups by their first members.
    let mut firsts = slots.iter().filter(is_telling);
    let groups = std::iter::from_fn(|| {
        firsts.find_map(|slot| alike.remove(&(slot.stats.fingerprint, slot.tensor.dataset.shape.as_slice())))
    });
    groups.filter_map(|group| finding(&group)).collect()
}

/// Whether a tensor's numbers are its own: kernels and statistics have many values, while fixed filters (blurring, bilinear
/// upsampling) have few, and gammas and betas may be new.
fn is_telling(slot: &Slot<'_>) -> bool {
    let has_many = slot.stats.distinct.is_none_or(|distinct| 2 * distinct as u64 > slot.stats.count);
    matches!(slot.role, Role::Kernel | Role::Mean | Role::Variance)
        && slot.stats.count >= FEWEST
        && has_many
}

fn finding(group: &[&Slot<'_>]) -> Option<Finding> {
    let first = group.first()?;
    // A list of weights may name one tensor twice.
    group.iter().find(|slot| slot.layer != first.layer && slot.tensor.dataset.path != first.tensor.dataset.path)?;
    let names = some_of(group.iter().map(|slot| slot.place.as_str()));
    let message = format!("{names} have the same {} numbers.", first.stats.count);
    Some(Finding::new(&RULE, Place::Weight(first.place.clone()), message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    fn copies() -> File {
        let mut file = File { config: None, group: Some(""), ..File::small() };
        let layer = |name: &str| Stored::new(name, &[("kernel:0", &[8, 4]), ("bias:0", &[4])]);
        file.layers = vec![layer("a"), layer("b"), layer("c")];
        file.layer_names = Some(vec!["a".into(), "b".into(), "c".into()]);
        file
    }

    #[test]
    fn copies_are_one_finding() {
        let expected = "a/kernel: a/kernel, b/kernel and 1 more have the same 32 numbers.";
        check(&RULE, &copies().bytes(), &[expected]);
    }

    #[test]
    fn one_bit_another_shape_or_few_values_make_no_copy() {
        let mut file = copies();
        file.layers.truncate(2);
        file.layer_names = Some(vec!["a".into(), "b".into()]);
        file.layers[1].weights[0].numbers[5] += 1e-6;
        check(&RULE, &file.bytes(), &[]);
        file.layers[1] = Stored::new("b", &[("kernel:0", &[4, 8])]);
        check(&RULE, &file.bytes(), &[]);
        let mut file = copies();
        let numbers = || (0..32).map(|i| (i % 3) as f32).collect::<Vec<_>>();
        file.layers.iter_mut().for_each(|stored| stored.weights[0].numbers = numbers());
        check(&RULE, &file.bytes(), &[]);
    }

    #[test]
    fn a_new_model_with_a_seed_and_a_sound_one_are_no_finding() {
        let mut file = File::new_model();
        file.layers[2] = Stored { layer: "out".into(), ..File::new_model().layers.remove(1) };
        let file = file.argument(2, "units", json!(64));
        check(&RULE, &file.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
