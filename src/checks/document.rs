//! The page of all findings: what `docs/findings.md` says, word for word.

use super::CHECKS;
use crate::finding::Rule;

/// What a letter of a code stands for.
const SUBJECTS: &[(char, &str, &str)] = &[
    ('F', "The file", "Whether the bytes are what Keras writes, all there and undamaged."),
    ('A', "The architecture", "What `model_config` describes, and whether it can be built and run."),
    ('S', "The stored weights", "Whether the weights in the file are those that the architecture needs."),
    ('W', "The weights themselves", "What the numbers look like."),
];

/// `docs/findings.md`: every rule by its code, with what it means and what to do.
pub fn document() -> String {
    let mut out = String::from(
        "# Findings\n\n\
         What `resnet-verifier check` can find. A code never changes its meaning, and neither does a name, so scripts \
         may match either.\n\n\
         An **error** says that the file is broken or wrong; the command then ends with status 1. A **warning** says \
         that the file works, but perhaps not as its owner thinks. A **note** is worth knowing.\n\n\
         This page is made from the rules in `src/checks`: \
         `UPDATE_DOCS=1 cargo test --test findings` writes it again.\n",
    );
    for (letter, subject, question) in SUBJECTS {
        out += &format!("\n## {subject}\n\n{question}\n");
        rules(*letter).iter().for_each(|rule| out += &entry(rule));
    }
    out
}

/// The rules of one letter, by code.
fn rules(letter: char) -> Vec<&'static Rule> {
    let mut rules: Vec<_> =
        CHECKS.iter().map(|check| check.rule).filter(|r| r.code.starts_with(letter)).collect();
    rules.sort_unstable_by_key(|rule| rule.code);
    rules
}

fn entry(rule: &Rule) -> String {
    let Rule { code, name, severity, meaning, fix } = rule;
    format!("\n### {code} {name} ({})\n\n{meaning}\n\n**What to do.** {fix}\n", severity.word())
}
