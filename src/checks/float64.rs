//! `S011`: weights in double precision.

use super::Facts;
use super::roles::{Slot, slots};
use crate::finding::{Finding, Place, Rule, Severity};
use crate::tensor::Dtype;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S011",
    name: "float64",
    severity: Severity::Note,
    meaning: "Weights are stored in double precision, though the model computes in single precision: they are rounded \
        when they are loaded, and the file is twice as large as it needs to be.",
    fix: "Nothing; to make the file smaller, load the model and save it again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let slots = slots(facts);
    let is_double = |slot: &&Slot<'_>| slot.tensor.dataset.dtype == Dtype::F64 && !wants_double(slot);
    let found: Vec<&Slot<'_>> = slots.iter().filter(is_double).collect();
    let Some(first) = found.first() else { return Vec::new() };
    let message = format!("{} of {} weights are stored as float64.", found.len(), slots.len());
    vec![Finding::new(&RULE, Place::Weight(first.place.clone()), message)]
}

/// Whether the layer computes in double precision; Keras 3 writes the policy as an object with its name.
fn wants_double(slot: &Slot<'_>) -> bool {
    let dtype = slot.config.and_then(|config| config.get("dtype"));
    let name = dtype.and_then(|dtype| dtype.as_str().or_else(|| dtype.get("config")?.get("name")?.as_str()));
    name == Some("float64")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{check, silent_when_sound};

    #[test]
    fn doubles_are_counted() {
        let mut file = hdf5_pure::FileBuilder::new();
        let mut group = file.create_group("dense");
        group.set_attr("weight_names", hdf5_pure::AttrValue::AsciiStringArray(vec!["kernel:0".into()]));
        group.create_dataset("kernel:0").with_f64_data(&[0.1, 0.2, 0.3, 0.4]).with_shape(&[2, 2]);
        file.add_group(group.finish());
        file.set_attr("layer_names", hdf5_pure::AttrValue::AsciiStringArray(vec!["dense".into()]));
        check(&RULE, &file.finish().unwrap(), &["dense/kernel: 1 of 1 weights are stored as float64."]);
    }

    #[test]
    fn single_precision_is_no_finding() {
        silent_when_sound(&RULE);
    }
}
