//! `S009`: a weight of the wrong shape.

use super::{Facts, mismatches};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::ops::tuple;
use crate::plan::bind::Mismatch;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S009",
    name: "shape-mismatch",
    severity: Severity::Error,
    meaning: "A stored weight has not the shape that the architecture asks for. Most runtimes refuse \
        it; tf.keras of TensorFlow 1.15 loads it silently and computes nonsense.",
    fix: "Use the architecture the weights were trained with: compare filters, kernel sizes, the \
        number of classes, and the order of the axes.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    mismatches(facts).filter_map(finding).collect()
}

fn finding(mismatch: &Mismatch) -> Option<Finding> {
    let Mismatch::Shape { layer, weight, expected, found } = mismatch else { return None };
    let message = format!("{layer}/{weight}: expected {}, found {}.", tuple(expected), tuple(found));
    Some(Finding::new(&RULE, Place::Weight(format!("{layer}/{weight}")), message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    #[test]
    fn expected_and_found_are_both_told() {
        let mut file = File::small();
        file.layers[1] = Stored::new("hidden", &[("kernel:0", &[4, 5]), ("bias:0", &[5])]);
        let expected = [
            "hidden/kernel: hidden/kernel: expected (4, 3), found (4, 5).",
            "hidden/bias: hidden/bias: expected (3,), found (5,).",
        ];
        check(&RULE, &file.bytes(), &expected);
    }

    #[test]
    fn shapes_are_written_as_python_writes_them() {
        assert_eq!(tuple::<u64>(&[]), "()");
        assert_eq!(tuple(&[3]), "(3,)");
        assert_eq!(tuple(&[3, 3, 64, 64]), "(3, 3, 64, 64)");
    }

    #[test]
    fn the_right_shapes_are_no_finding() {
        silent_when_sound(&RULE);
    }
}
