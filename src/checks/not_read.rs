//! `F010`: weights whose numbers were not read.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::hdf5::Error;
use crate::keras::Problem;
use crate::limits;

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F010",
    name: "not-read",
    severity: Severity::Warning,
    meaning: "Numbers of some weights were not looked at, so nothing is said about them: they are stored in a way that is not decoded here, or declare more than is read.",
    fix: "Open the file where it was made, with the same plugins of HDF5, and save it again without such compression.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let weights = facts.stats.map_or(0, <[_]>::len);
    let mut reasons: Vec<(&str, String, usize)> = Vec::new();
    for (path, error) in facts.unread() {
        let reason = match error {
            Error::Damaged(_) => continue,
            Error::Missing(reason) | Error::Unsupported(reason) | Error::TooLarge(reason) => reason.replace(path, "it"),
        };
        match reasons.iter().position(|(_, known, _)| *known == reason) {
            Some(at) => reasons[at].2 += 1,
            // So many kinds of trouble are no kinds any more.
            None if reasons.len() >= limits::MAX_LISTED => reasons[0].2 += 1,
            None => reasons.push((path, reason, 1)),
        }
    }
    let unread = reasons.into_iter().map(|(path, reason, count)| finding(path, &reason, count, weights));
    unread.chain(in_npz(facts)).collect()
}

/// Weights in the form that Keras' `.keras` may have beside HDF5.
fn in_npz(facts: &Facts<'_>) -> Option<Finding> {
    let problems = facts.weights().map(|table| table.problems.as_slice()).unwrap_or_default();
    let member = problems.iter().find_map(|problem| match problem {
        Problem::Npz { member } => Some(member),
        _ => None,
    })?;
    let message = format!("The weights are in {member}, which Keras loads and which is not read here; nothing is said of them.");
    let fix = "If you trust where it comes from, load it in Keras, which unpickles it, and save it again: that writes model.weights.h5.";
    Some(Finding::new(&RULE, Place::Object(member.clone()), message).with_fix(fix))
}

fn finding(path: &str, reason: &str, count: usize, weights: usize) -> Finding {
    let message = if count == 1 {
        format!("Its numbers were not read: {reason}.")
    } else {
        format!("Its numbers and those of {} more of {weights} weights were not read: {reason}.", count - 1)
    };
    Finding::new(&RULE, Place::Object(path.to_string()), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound, with_facts};

    #[test]
    fn weights_in_npz_are_not_read() {
        let archive = crate::archive::testing::zip(&[
            ("config.json", b"{}", false),
            ("metadata.json", b"{\"keras_version\": \"3.6.0\"}", false),
            ("model.weights.npz", b"PK\x05\x06", false),
        ]);
        let expected = "model.weights.npz: The weights are in model.weights.npz, which Keras loads and which is not read here; \
            nothing is said of them.";
        check(&RULE, &archive, &[expected]);
    }

    #[test]
    fn weights_that_were_not_read_are_counted_by_reason() {
        with_facts(&File::small().bytes(), |facts| {
            let mut stats: Vec<_> = facts.stats.unwrap().to_vec();
            stats[1] = Err(Error::Unsupported("it is stored with Blosc (HDF5 filter 32001)".into()));
            stats[2] = stats[1].clone();
            stats[3] = Err(Error::TooLarge("model_weights/out/bias:0 declares 9 TB".into()));
            let found = super::check(&Facts { stats: Some(&stats), ..*facts });
            let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
            let expected = [
                "Its numbers and those of 1 more of 4 weights were not read: it is stored with Blosc (HDF5 filter 32001).",
                "Its numbers were not read: it declares 9 TB.",
            ];
            assert_eq!(messages, expected);
            assert_eq!(found[0].place, Place::Object("model_weights/hidden/bias:0".into()));
        });
    }

    #[test]
    fn a_filter_that_is_not_decoded_is_called_by_its_name() {
        let bytes = include_bytes!("../../tests/fixtures/verdicts/unknown_filter.hdf5");
        let expected = "model_weights/dense/dense/kernel:0: Its numbers were not read: it is stored with Blosc \
            (HDF5 filter 32001), which is not decoded here.";
        check(&RULE, bytes, &[expected]);
    }

    #[test]
    fn weights_that_are_damaged_or_sound_are_not_meant() {
        silent_when_sound(&RULE);
        with_facts(&File::small().bytes(), |facts| {
            let mut stats: Vec<_> = facts.stats.unwrap().to_vec();
            stats[1] = Err(Error::Damaged("bad checksum".into()));
            assert_eq!(super::check(&Facts { stats: Some(&stats), ..*facts }), []);
        });
    }
}
