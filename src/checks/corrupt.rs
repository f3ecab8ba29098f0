//! `F005`: structures inside the file are damaged.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::Error;
use crate::keras::Problem;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F005",
    name: "corrupt",
    severity: Severity::Error,
    meaning: "The file is HDF5, but structures in it that Keras needs are damaged.",
    fix: "Download or save the file again. If there is no other copy, the undamaged tensors can \
        still be extracted.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    // What a truncated file lacks is reported once, as truncated.
    if facts.is_truncated() {
        return Vec::new();
    }
    match facts.model {
        Some(Err(error)) => {
            let message = format!("The root of the file can't be read: {error}.");
            vec![Finding::new(&RULE, Place::Object("/".into()), message)]
        }
        Some(Ok(model)) => model.weights.problems.iter().filter_map(damage).chain(unreadable_numbers(facts)).collect(),
        None => Vec::new(),
    }
}

fn damage(problem: &Problem) -> Option<Finding> {
    let Problem::Damaged { object, reason } = problem else { return None };
    let object = if object.is_empty() { "/" } else { object };
    let message = format!("{object} can't be read: {reason}.");
    Some(Finding::new(&RULE, Place::Object(object.to_string()), message))
}

fn unreadable_numbers<'f>(facts: &Facts<'f>) -> impl Iterator<Item = Finding> + use<'f> {
    let tensors = facts.weights().map(|table| table.tensors.as_slice()).unwrap_or_default();
    tensors.iter().zip(facts.stats.unwrap_or_default()).filter_map(|(tensor, stats)| match stats {
        Err(Error::Damaged(reason)) => {
            let message = format!("Its numbers can't be read: {reason}.");
            Some(Finding::new(&RULE, Place::Object(tensor.dataset.path.clone()), message))
        }
        _ => None,
    })
}
