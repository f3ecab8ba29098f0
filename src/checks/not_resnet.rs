//! `A007`: a sound model that is no ResNet.

use super::Facts;
use crate::finding::{capitalised, Finding, Place, Rule, Severity};
use crate::zoo::recognise::Unknown;
use crate::zoo::{Basis, Recognition};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A007",
    name: "not-resnet",
    severity: Severity::Warning,
    meaning: "The file holds a model, but not a ResNet. Code that expects a ResNet will not be able \
        to use it.",
    fix: "Check that this is the file you meant. It is verified all the same.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    // The weights that are left of a file may look like those of another network.
    let is_part = facts.recognition.is_some_and(|recognition| recognition.basis() == Basis::Weights)
        && facts.weights().is_some_and(|table| !table.problems.is_empty());
    match facts.recognition {
        _ if is_part || facts.is_truncated() && facts.structure.is_none() => Vec::new(),
        // A residual network of its own is what it is; the report names it.
        Some(Recognition::Other(other)) if other.residual => Vec::new(),
        Some(Recognition::Other(other)) => {
            let message = format!("{}, not a ResNet: {}.", capitalised(&other.name), other.why);
            vec![Finding::new(&RULE, Place::File, message)]
        }
        // Weights that tell nothing are no reason to warn.
        Some(Recognition::Unknown(Unknown { basis: Basis::Weights, .. })) => Vec::new(),
        Some(Recognition::Unknown(unknown)) => {
            let message = format!("The network is none that is known here: {}.", unknown.facts.join("; "));
            vec![Finding::new(&RULE, Place::File, message)]
        }
        Some(Recognition::ResNet(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, findings, resnet, with_facts};

    #[test]
    fn a_network_of_another_kind_is_named() {
        let expected = "file: Multilayer perceptron, not a ResNet: 2 Dense layers and no convolution.";
        check(&RULE, &File::small().bytes(), &[expected]);
    }

    #[test]
    fn a_network_without_a_name_is_described() {
        let file = File::small().class(1, "Mystery").class(2, "Mystery");
        let found = findings(&RULE, &file.bytes());
        assert!(found[0].message.starts_with("The network is none that is known here: 3 layers"), "{found:?}");
    }

    #[test]
    fn a_residual_network_of_its_own_is_no_finding() {
        use crate::zoo::other::Other;
        let other = |residual| {
            let (name, why) = ("residual network of its own".into(), "3 residual blocks".into());
            Recognition::Other(Other { name, why, basis: Basis::Architecture, residual })
        };
        with_facts(&File::small().bytes(), |facts| {
            assert_eq!(super::check(&Facts { recognition: Some(&other(true)), ..*facts }), []);
            assert_eq!(super::check(&Facts { recognition: Some(&other(false)), ..*facts }).len(), 1);
        });
    }

    #[test]
    fn a_resnet_is_one() {
        check(&RULE, &File { config: Some(resnet()), ..File::small() }.bytes(), &[]);
    }
}
