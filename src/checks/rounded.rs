//! `W013`: numbers with fewer bits than their type has.

use super::Facts;
use super::roles::{Role, Slot, slots, some_of};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::tensor::{Dtype, Stats};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W013",
    name: "rounded",
    severity: Severity::Note,
    meaning: "Kernels were rounded before they were stored: every number fits a smaller type, or there are only a few \
        different ones, as quantisation leaves them. The model works, a little less exactly than the one it came from.",
    fix: "Nothing, if the rounding was meant. Else look for the file it was converted from.",
};

/// Fewest numbers of a kernel that don't fit a smaller type by chance; of a trained `float32`, one in 2¹³ does.
const FEWEST: u64 = 64;
/// Fewest numbers of which at most 256 different ones are few.
const FEWEST_OF_FEW: u64 = 4096;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let is_kernel = |slot: &&Slot<'_>| slot.role == Role::Kernel && slot.stats.count >= FEWEST;
    let kernels: Vec<&Slot<'_>> = slots.iter().filter(is_kernel).collect();
    let kinds: [(&str, Kind); 3] = [
        ("have at most 256 different numbers", is_quantised),
        ("were rounded to float16", is_float16),
        ("were rounded to bfloat16", is_bfloat16),
    ];
    kinds.iter().filter_map(|(what, is_so)| finding(&kernels, what, *is_so)).collect()
}

/// Whether a kernel is rounded in one way.
type Kind = fn(&Slot<'_>) -> bool;

fn finding(kernels: &[&Slot<'_>], what: &str, is_so: Kind) -> Option<Finding> {
    let found: Vec<&&Slot<'_>> = kernels.iter().filter(|slot| is_so(slot)).collect();
    let first = found.first()?;
    let names = some_of(found.iter().map(|slot| slot.place.as_str()));
    let message = format!("{} of {} kernels {what}: {names}.", found.len(), kernels.len());
    Some(Finding::new(&RULE, Place::Weight(first.place.clone()), message))
}

fn is_quantised(slot: &Slot<'_>) -> bool {
    let stats = slot.stats;
    stats.count >= FEWEST_OF_FEW && stats.distinct.is_some_and(|distinct| distinct > 1) && has_fractions(stats)
}

fn is_bfloat16(slot: &Slot<'_>) -> bool {
    is_wide(slot) && slot.stats.bfloat16 == slot.stats.count
}

/// Most numbers of bfloat16 are numbers of float16, too.
fn is_float16(slot: &Slot<'_>) -> bool {
    is_wide(slot) && slot.stats.float16 == slot.stats.count && !is_bfloat16(slot)
}

/// Whether the type has more bits than float16 and the numbers are many, which rules out fixed filters.
fn is_wide(slot: &Slot<'_>) -> bool {
    let is_wide = matches!(slot.tensor.dataset.dtype, Dtype::F32 | Dtype::F64);
    is_wide && slot.stats.distinct.is_none_or(|distinct| distinct >= 32) && has_fractions(slot.stats)
}

/// Whole numbers are another rule's.
fn has_fractions(stats: &Stats) -> bool {
    stats.whole < stats.count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    fn with_kernel(one: impl Fn(f32) -> f32) -> Vec<u8> {
        let mut file = File::new_model();
        file.layers[1].weights[0].numbers.iter_mut().for_each(|x| *x = one(*x));
        file.bytes()
    }

    #[test]
    fn what_fits_half_of_the_bits_is_found() {
        let expected = "hidden/kernel: 1 of 2 kernels were rounded to float16: hidden/kernel.";
        check(&RULE, &with_kernel(|x| half::f16::from_f32(x).to_f32()), &[expected]);
        let expected = "hidden/kernel: 1 of 2 kernels were rounded to bfloat16: hidden/kernel.";
        check(&RULE, &with_kernel(|x| half::bf16::from_f32(x).to_f32()), &[expected]);
    }

    #[test]
    fn few_values_in_a_large_kernel_are_found() {
        let mut file = File::small();
        file.config = None;
        file.layers = vec![crate::checks::testing::Stored::new("a", &[("kernel:0", &[64, 64])])];
        file.layer_names = Some(vec!["a".into()]);
        file.layers[0].weights[0].numbers.iter_mut().enumerate().for_each(|(i, x)| *x = (i % 200) as f32 * 0.013);
        let expected = "a/kernel: 1 of 1 kernels have at most 256 different numbers: a/kernel.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn all_bits_used_and_small_kernels_are_no_finding() {
        check(&RULE, &with_kernel(|x| x), &[]);
        silent_when_sound(&RULE);
    }
}
