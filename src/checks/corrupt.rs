//! `F005`: structures inside the file are damaged.

use std::collections::HashMap;

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
    fix: "Download or save the file again. If there is no other copy, h5py still opens the file: \
        what the layer table lists as read can be copied out of it.",
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
        Some(Ok(model)) => damages(&model.weights.problems).into_iter().chain(unreadable_numbers(facts)).collect(),
        None => Vec::new(),
    }
}

/// One finding per cause: a damaged structure may hide any number of objects.
fn damages(problems: &[Problem]) -> Vec<Finding> {
    let mut causes: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut found = HashMap::new();
    for (object, reason) in problems.iter().filter_map(damage) {
        let cause = *found.entry(reason).or_insert(causes.len());
        match causes.get_mut(cause) {
            Some((_, objects)) => objects.push(object),
            None => causes.push((reason, vec![object])),
        }
    }
    let findings = causes.into_iter().map(|(reason, objects)| {
        let more = match objects.len() - 1 {
            0 => String::new(),
            1 => format!(" Nor can {}, for the same reason.", objects[1]),
            more => format!(" Nor can {more} more, from {} on, for the same reason.", objects[1]),
        };
        let message = format!("{} can't be read: {reason}.{more}", objects[0]);
        Finding::new(&RULE, Place::Object(objects[0].to_string()), message)
    });
    findings.chain(problems.iter().filter_map(too_many)).collect()
}

/// What is damaged and why, the reason without the object's name.
fn damage(problem: &Problem) -> Option<(&str, &str)> {
    let Problem::Damaged { object, reason } = problem else { return None };
    let object = if object.is_empty() { "/" } else { object };
    let reason = reason.strip_prefix(object).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(reason);
    Some((object, reason))
}

fn too_many(problem: &Problem) -> Option<Finding> {
    let Problem::TooMany { what } = problem else { return None };
    let message = format!("There are more {what} than any model has.");
    Some(Finding::new(&RULE, Place::Object("/".into()), message))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, findings, silent_when_sound, with_facts};

    #[test]
    fn a_damaged_root_is_damage() {
        let mut bytes = File::small().bytes();
        // Byte 36 of superblocks 2 and 3 has the address of the root's object header.
        let root = u64::from_le_bytes(bytes[36..44].try_into().unwrap()) as usize;
        bytes[root..root + 8].fill(0xee);
        let found = findings(&RULE, &bytes);
        assert!(found.iter().any(|finding| finding.message.contains("can't be read")), "{found:?}");
    }

    #[test]
    fn a_root_that_can_not_be_read_at_all_is_one_finding() {
        with_facts(&File::small().bytes(), |facts| {
            let model = Err(Error::Damaged("bad checksum".into()));
            let found = super::check(&Facts { model: Some(&model), ..*facts });
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].message, "The root of the file can't be read: bad checksum.");
        });
    }

    #[test]
    fn numbers_that_can_not_be_read_are_named() {
        with_facts(&File::small().bytes(), |facts| {
            let mut stats: Vec<_> = facts.stats.unwrap().to_vec();
            stats[1] = Err(Error::Damaged("bad checksum".into()));
            let found = super::check(&Facts { stats: Some(&stats), ..*facts });
            assert_eq!(found[0].place, Place::Object("model_weights/hidden/bias:0".into()));
        });
    }

    #[test]
    fn a_list_of_names_that_is_no_list_of_strings_is_damage() {
        let mut builder = hdf5_pure::FileBuilder::new();
        let mut group = builder.create_group("model_weights");
        group.set_attr("layer_names", hdf5_pure::AttrValue::F64Array(vec![1.0, 2.0]));
        builder.add_group(group.finish());
        let expected = "model_weights@layer_names: model_weights@layer_names can't be read: a list of names is not made of strings.";
        check(&RULE, &builder.finish().unwrap(), &[expected]);
    }

    #[test]
    fn sound_and_truncated_files_are_not_corrupt() {
        silent_when_sound(&RULE);
        let bytes = File::small().bytes();
        check(&RULE, &bytes[..bytes.len() - 100], &[]);
    }
}
