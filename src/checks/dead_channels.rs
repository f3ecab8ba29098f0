//! `W014`: parts of a layer that nothing comes out of.

use super::Facts;
use super::roles::{Role, Slot, counted, slots, some_of};
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "W014",
    name: "dead-channels",
    severity: Severity::Note,
    meaning: "Some output channels of kernels are zero or one number throughout, or a normalization has a gamma of zero: \
        nothing of the input comes through there. Pruning leaves such channels, strong weight decay does, and residual \
        blocks that begin with a gamma of zero have them until they are trained.",
    fix: "Nothing, if the model was pruned or predicts well.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let dead = channels(&slots, "zero", |slot| slot.stats.channels.as_ref().map_or(0, |c| c.dead));
    let constant =
        channels(&slots, "one number", |slot| slot.stats.channels.as_ref().map_or(0, |c| c.constant));
    dead.into_iter().chain(constant).chain(gammas(&slots)).collect()
}

fn channels(slots: &[Slot<'_>], what: &str, count: fn(&Slot<'_>) -> usize) -> Option<Finding> {
    // What is constant as a whole is another rule's.
    let is_kernel = |slot: &&Slot<'_>| slot.role == Role::Kernel && slot.stats.constant().is_none();
    let found: Vec<&Slot<'_>> =
        slots.iter().filter(is_kernel).filter(|slot| count(slot) > 0 && has_room(slot)).collect();
    let worst = found.iter().max_by_key(|slot| count(slot))?;
    let total: usize = found.iter().map(|slot| count(slot)).sum();
    let of = worst.stats.channels.as_ref().map_or(0, |channels| channels.count);
    let message = format!(
        "{} of {} {what} throughout; {} has the most, {} of {of}.",
        counted(total, "output channel"),
        counted(found.len(), "kernel"),
        worst.place,
        count(worst)
    );
    Some(Finding::new(&RULE, Place::Weight(worst.place.clone()), message))
}

/// Whether a channel has enough numbers for their being the same to say something.
fn has_room(slot: &Slot<'_>) -> bool {
    let channels = slot.stats.channels.as_ref().map_or(0, |channels| channels.count as u64);
    slot.stats.count >= channels.saturating_mul(4)
}

fn gammas(slots: &[Slot<'_>]) -> Option<Finding> {
    let is_zero = |slot: &&Slot<'_>| slot.role == Role::Gamma && slot.stats.is_all(0.0);
    let found: Vec<&Slot<'_>> = slots.iter().filter(is_zero).collect();
    let first = found.first()?;
    let names = some_of(found.iter().map(|slot| slot.place.as_str()));
    let message = format!("{} of zero throughout: {names}.", counted(found.len(), "gamma"));
    Some(Finding::new(&RULE, Place::Weight(first.place.clone()), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn channels_of_zeros_and_constants_are_counted() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers.iter_mut().step_by(3).for_each(|x| *x = 0.0);
        file.layers[1].weights[0].numbers.iter_mut().skip(1).step_by(3).for_each(|x| *x = 0.5);
        let expected = [
            "hidden/kernel: 1 output channel of 1 kernel zero throughout; hidden/kernel has the most, 1 of 3.",
            "hidden/kernel: 1 output channel of 1 kernel one number throughout; hidden/kernel has the most, 1 of 3.",
        ];
        check(&RULE, &file.bytes(), &expected);
    }

    #[test]
    fn gammas_of_zero_are_named() {
        let mut file = File::normalized(4);
        file.layers[0].weights[0].numbers.fill(0.0);
        check(&RULE, &file.bytes(), &["bn/gamma: 1 gamma of zero throughout: bn/gamma."]);
    }

    #[test]
    fn zeros_here_and_there_are_no_finding() {
        let mut file = File::small();
        file.layers[1].weights[0].numbers[0] = 0.0;
        check(&RULE, &file.bytes(), &[]);
        let mut file = File::small();
        file.layers[1].weights[0].numbers.fill(0.0);
        check(&RULE, &file.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
