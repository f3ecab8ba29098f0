//! `A008`: a ResNet that differs from its family.

use super::Facts;
use crate::finding::{Finding, Rule, Severity};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A008",
    name: "departs",
    severity: Severity::Note,
    meaning: "The network is a ResNet, but somewhere it differs from the published one. That may be \
        intended; weights of the published one will not fit.",
    fix: "Compare the named layer with the code that made the model.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let resnet = facts.recognition.and_then(|recognition| recognition.resnet());
    let Some(departure) = resnet.and_then(|resnet| resnet.departure.as_ref()) else { return Vec::new() };
    vec![Finding::new(&RULE, departure.place.clone(), format!("{departure}."))]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::{File, check, resnet, silent_when_sound};

    #[test]
    fn the_first_departure_is_the_finding() {
        let file = File { config: Some(resnet()), ..File::small() };
        let expected = "b1_conv2: b1_conv2 (stage 2, block 1, main branch): kernel size: expected 3×3, found 5×5.";
        check(&RULE, &file.argument(B1_CONV2, "kernel_size", json!([5, 5])).bytes(), &[expected]);
    }

    /// Place of `b1_conv2` among the layers: behind the stem's four, the first block's seven, and four of its own.
    const B1_CONV2: usize = 14;

    #[test]
    fn a_resnet_as_published_and_a_network_of_another_kind_do_not_depart() {
        check(&RULE, &File { config: Some(resnet()), ..File::small() }.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
