//! `W012`: whole numbers where training leaves none.

use super::Facts;
use super::roles::{Role, Slot, slots, some_of};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::tensor::Dtype;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W012",
    name: "suspicious",
    severity: Severity::Warning,
    meaning: "Weights are whole numbers, or stored as a type that has no others. Training leaves fractions, so they were \
        rounded, belong to a quantised model whose scales are elsewhere, or were written by hand. In the first two cases the \
        model loads and predicts something else than before.",
    fix: "Compare what it predicts with the model it came from. If the fractions were lost, take the weights from there again; \
        if whole numbers are what was meant, there is nothing to do.",
};

/// Fewest numbers of a kernel that are not whole by chance.
const FEWEST: u64 = 16;
/// From 2²³ on, every `float32` is a whole number.
const LARGEST: f32 = 8_388_608.0;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    integers(&slots).into_iter().chain(whole(&slots)).collect()
}

/// Weights of a type without fractions.
fn integers(slots: &[Slot<'_>]) -> Option<Finding> {
    let is_integer = |slot: &&Slot<'_>| matches!(slot.tensor.dataset.dtype, Dtype::Int(_) | Dtype::Uint(_));
    let found: Vec<&Slot<'_>> = slots.iter().filter(is_integer).collect();
    let first = found.first()?;
    let names = some_of(found.iter().map(|slot| slot.place.as_str()));
    let dtype = first.tensor.dataset.dtype;
    let message = format!("{} of {} weights are stored as {dtype}: {names}.", found.len(), slots.len());
    Some(Finding::new(&RULE, Place::Weight(first.place.clone()), message))
}

/// Kernels of a type with fractions that have none. Kernels of −1, 0 and 1 alone are another matter (binary networks,
/// filters that copy), unless every kernel of the file is without fractions.
fn whole(slots: &[Slot<'_>]) -> Option<Finding> {
    let is_kernel = |slot: &&Slot<'_>| slot.role == Role::Kernel && slot.tensor.dataset.dtype.is_float();
    let kernels: Vec<&Slot<'_>> = slots.iter().filter(is_kernel).collect();
    let found: Vec<&Slot<'_>> = kernels.iter().copied().filter(|slot| is_whole(slot)).collect();
    let is_large = |slot: &&&Slot<'_>| slot.stats.magnitude().is_some_and(|largest| largest > 1.0);
    let first = found.iter().find(is_large)?;
    let names = some_of(found.iter().map(|slot| slot.place.as_str()));
    let message = format!("{} of {} kernels hold only whole numbers: {names}.", found.len(), kernels.len());
    Some(Finding::new(&RULE, Place::Weight(first.place.clone()), message))
}

fn is_whole(slot: &Slot<'_>) -> bool {
    let stats = slot.stats;
    let has_bits = stats.magnitude().is_some_and(|largest| largest < LARGEST);
    let varies = stats.constant().is_none();
    stats.count >= FEWEST && stats.whole == stats.count && has_bits && varies && !slot.is_frozen()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn with_kernel(one: impl Fn(usize) -> f32) -> File {
        let mut file = File::wide();
        file.layers[1].weights[0].numbers.iter_mut().enumerate().for_each(|(i, x)| *x = one(i));
        file
    }

    #[test]
    fn kernels_without_fractions_are_found() {
        let expected = "hidden/kernel: 1 of 2 kernels hold only whole numbers: hidden/kernel.";
        check(&RULE, &with_kernel(|i| (i % 7) as f32 - 3.0).bytes(), &[expected]);
    }

    #[test]
    fn binary_frozen_and_constant_kernels_are_no_finding() {
        check(&RULE, &with_kernel(|i| (i % 3) as f32 - 1.0).bytes(), &[]);
        check(&RULE, &with_kernel(|_| 2.0).bytes(), &[]);
        check(&RULE, &with_kernel(|i| 1e30 + 1e28 * i as f32).bytes(), &[]);
        let frozen = with_kernel(|i| (i % 7) as f32).argument(1, "trainable", json!(false));
        check(&RULE, &frozen.bytes(), &[]);
        silent_when_sound(&RULE);
    }

    #[test]
    fn a_type_without_fractions_is_found() {
        let mut file = hdf5_pure::FileBuilder::new();
        let mut group = file.create_group("dense");
        group.set_attr("weight_names", hdf5_pure::AttrValue::AsciiStringArray(vec!["kernel:0".into()]));
        group.create_dataset("kernel:0").with_i32_data(&[1, 2, 3, 4]).with_shape(&[2, 2]);
        file.add_group(group.finish());
        file.set_attr("layer_names", hdf5_pure::AttrValue::AsciiStringArray(vec!["dense".into()]));
        let expected = "dense/kernel: 1 of 1 weights are stored as int32: dense/kernel.";
        check(&RULE, &file.finish().unwrap(), &[expected]);
    }
}
