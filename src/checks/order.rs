//! `S007`: layers in another order.

use super::{Facts, mismatches};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::plan::bind::Mismatch;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S007",
    name: "order",
    severity: Severity::Error,
    meaning: "Keras assigns weights by position. The file lists the same layers as the architecture \
        in another order, so they would go to the wrong layers.",
    fix: "Build the model and call `model.load_weights(path, by_name=True)`, or save the model again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    mismatches(facts).filter_map(finding).collect()
}

fn finding(mismatch: &Mismatch) -> Option<Finding> {
    let Mismatch::Order { expected, found } = mismatch else { return None };
    let message = format!("Where the architecture has {expected}, the file lists {found}.");
    Some(Finding::new(&RULE, Place::Layer(expected.clone()), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn the_first_layer_out_of_its_place_is_named() {
        let mut file = File::small();
        file.layer_names.as_mut().unwrap().swap(1, 2);
        check(&RULE, &file.bytes(), &["hidden: Where the architecture has hidden, the file lists out."]);
    }

    #[test]
    fn other_names_in_the_same_order_are_no_disorder() {
        let mut file = File::small();
        file.layers[1].layer = "renamed".into();
        file.layer_names.as_mut().unwrap()[1] = "renamed".into();
        check(&RULE, &file.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
