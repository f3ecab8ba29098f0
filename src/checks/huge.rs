//! `W005`: numbers larger than any training makes them.

use super::Facts;
use super::roles::{Role, Slot, slots};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W005",
    name: "huge",
    severity: Severity::Error,
    meaning: "Weights are larger than any training makes them: it diverged, or the numbers were damaged. The model \
        loads everywhere and predicts NaN or the same class always.",
    fix: "Go back to a checkpoint from before the divergence, or fetch the file again and compare its checksum.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    slots(facts).into_iter().filter(|slot| slot.tensor.dataset.dtype.is_float()).filter_map(finding).collect()
}

fn finding(slot: Slot<'_>) -> Option<Finding> {
    let (found, largest) = (slot.stats.magnitude()?, largest(&slot));
    (found > largest).then(|| {
        let message =
            format!("{}: its numbers reach {found:e}; trained ones stay far below {largest:e}.", slot.place);
        Finding::new(&RULE, Place::Weight(slot.place), message)
    })
}

/// A bound far above what training makes.
///
/// Kernels of convolutions see pictures or normalized numbers, and their trained weights stay below 100 (the largest of
/// ImageNet's networks are depthwise kernels with a few dozen); two more digits are left. A Dense may predict prices
/// or read raw columns, so it has 10⁶. Statistics of raw pictures of 16 bits come to 65,535 times a kernel's sum, and
/// their variance to the square of it.
fn largest(slot: &Slot<'_>) -> f32 {
    match slot.role {
        Role::Kernel if slot.tensor.dataset.shape.len() >= 4 => 1e4,
        Role::Gamma => 1e4,
        Role::Kernel | Role::Beta => 1e6,
        Role::Bias | Role::Mean => 1e9,
        Role::Variance => 1e18,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    fn file(name: &str, shape: &[u64], largest: f32) -> Vec<u8> {
        let mut file = File { config: None, group: Some(""), ..File::small() };
        file.layers = vec![Stored::new("x", &[(name, shape)])];
        file.layer_names = Some(vec!["x".into()]);
        file.layers[0].weights[0].numbers[1] = largest;
        file.bytes()
    }

    #[test]
    fn the_bound_depends_on_what_the_numbers_are_for() {
        let kernel = "x/kernel: x/kernel: its numbers reach 2e4; trained ones stay far below 1e4.";
        check(&RULE, &file("kernel:0", &[3, 3, 2, 2], -2e4), &[kernel]);
        check(&RULE, &file("kernel:0", &[3, 3, 2, 2], 90.0), &[]);
        check(&RULE, &file("kernel:0", &[8, 2], 2e4), &[]);
        check(&RULE, &file("moving_variance:0", &[8], 4e9), &[]);
        check(&RULE, &file("moving_mean:0", &[8], 6e5), &[]);
        let variance =
            "x/moving_variance: x/moving_variance: its numbers reach 1e30; trained ones stay far below 1e18.";
        check(&RULE, &file("moving_variance:0", &[8], 1e30), &[variance]);
    }

    #[test]
    fn weights_of_unknown_purpose_and_infinities_are_left_to_others() {
        check(&RULE, &file("table:0", &[8], 1e30), &[]);
        check(&RULE, &file("kernel:0", &[8, 2], f32::INFINITY), &[]);
        silent_when_sound(&RULE);
    }
}
