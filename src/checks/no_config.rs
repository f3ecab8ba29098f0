//! `A001`: a whole model without its architecture.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::keras::{Architecture, Layout, ModelFile};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "A001",
    name: "no-config",
    severity: Severity::Error,
    meaning: "The file has the groups of a whole model, but the attribute model_config, which holds \
        the architecture, is gone. `load_model` refuses it.",
    fix: "Build the same architecture in code and call `load_weights` on this file, or save the \
        model again with `model.save(...)`.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.model() {
        Some(ModelFile { layout: Layout::WholeModel, architecture: Architecture::Absent, .. }) => {
            let message = "There is a group model_weights, but no attribute model_config.";
            vec![Finding::new(&RULE, Place::Object("/@model_config".into()), message)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, check, silent_when_sound};

    #[test]
    fn a_whole_model_without_architecture_is_named() {
        let file = File { config: None, ..File::small() };
        check(&RULE, &file.bytes(), &["/@model_config: There is a group model_weights, but no attribute model_config."]);
    }

    #[test]
    fn weights_alone_need_no_architecture() {
        let file = File { config: None, group: Some(""), ..File::small() };
        check(&RULE, &file.bytes(), &[]);
        silent_when_sound(&RULE);
    }
}
