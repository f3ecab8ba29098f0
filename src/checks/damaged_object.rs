//! `F016`: damage outside of what Keras needs to load the model.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F016",
    name: "damaged-object",
    severity: Severity::Warning,
    meaning: "Structures of the file are damaged. What the model needs is reported as corrupt; this is all that was found on a walk over the whole file.",
    fix: "Download or save the file again. If there is no other copy, load the model, check what it predicts and save it again.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    // What a truncated file lacks is reported once, as truncated.
    let Some(container) = facts.container_of_model().filter(|_| !facts.is_truncated()) else { return Vec::new() };
    let finding = |damage: &crate::hdf5::Damage| {
        let message = format!("Byte {} of the HDF5 part: {}.", damage.address, damage.what);
        Finding::new(&RULE, Place::Object(damage.path.clone()), message)
    };
    container.inventory.damage.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, findings, silent_when_sound};

    #[test]
    fn a_header_with_a_wrong_checksum_is_found_wherever_it_is() {
        let mut file = File::small();
        file.layers.push(Stored::new("unlisted_layer", &[("kernel:0", &[4, 3])]));
        file.layer_names = Some(["in", "hidden", "out"].map(str::to_string).to_vec());
        let mut bytes = file.bytes();
        assert_eq!(findings(&RULE, &bytes), []);
        // The dataset's name stands in the link of the group, whose header the checksum covers.
        let at = bytes.windows(8).rposition(|window| window == b"kernel:0").unwrap();
        bytes[at] = b'K';
        let found = findings(&RULE, &bytes);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].place.to_string(), "/model_weights/unlisted_layer");
        assert!(found[0].message.ends_with("the checksum of its header is wrong."), "{}", found[0].message);
    }

    #[test]
    fn sound_and_truncated_files_are_silent() {
        silent_when_sound(&RULE);
        let bytes = File::small().bytes();
        assert_eq!(findings(&RULE, &bytes[..bytes.len() - 100]), []);
    }
}
