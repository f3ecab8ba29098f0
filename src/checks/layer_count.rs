//! `S006`: more or fewer layers with weights than the architecture has.

use super::{Facts, mismatches};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::plan::bind::Mismatch;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S006",
    name: "layer-count",
    severity: Severity::Error,
    meaning: "Keras assigns weights layer by layer and first compares the number of layers that have \
        any. Here the two differ: architecture and weights belong to different models.",
    fix: "Find the weights that belong to this architecture. The difference of the two numbers \
        often names the mistake: 1 is include_top, for example.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    mismatches(facts).filter_map(finding).collect()
}

fn finding(mismatch: &Mismatch) -> Option<Finding> {
    let Mismatch::LayerCount { expected, found, first_absent, first_extra } = mismatch else { return None };
    let mut message =
        format!("The architecture has {expected} layers with weights, the file stores weights for {found}.");
    if let Some(layer) = first_absent {
        message += &format!(" The first one without weights is {layer}.");
    }
    if let Some(layer) = first_extra {
        message += &format!(" The first stored one that the architecture lacks is {layer}.");
    }
    Some(Finding::new(&RULE, Place::File, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    #[test]
    fn a_layer_too_few_is_named() {
        let mut file = File::small();
        file.layers.pop();
        file.layer_names.as_mut().unwrap().pop();
        let expected = "file: The architecture has 2 layers with weights, the file stores weights for 1. \
            The first one without weights is out.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn a_layer_too_many_is_named() {
        let mut file = File::small();
        file.layers.push(Stored::new("extra", &[("kernel:0", &[1])]));
        file.layer_names.as_mut().unwrap().push("extra".into());
        let expected = "file: The architecture has 2 layers with weights, the file stores weights for 3. \
            The first stored one that the architecture lacks is extra.";
        check(&RULE, &file.bytes(), &[expected]);
    }

    #[test]
    fn equal_numbers_are_no_finding() {
        silent_when_sound(&RULE);
    }
}
