//! The rules as a whole: their codes and names, their words, and the page made of them.
//! `UPDATE_DOCS=1 cargo test --test findings` writes `docs/findings.md` again.

use std::collections::HashSet;
use std::path::Path;

use resnet_verifier::checks::{CHECKS, document, rule};
use resnet_verifier::finding::Rule;

fn rules() -> impl Iterator<Item = &'static Rule> {
    CHECKS.iter().map(|check| check.rule)
}

#[test]
fn the_page_of_findings_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("docs/ can be made");
        std::fs::write(&path, document()).expect("docs/findings.md can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == document(), "docs/findings.md is stale: UPDATE_DOCS=1 cargo test --test findings");
}

#[test]
fn the_page_has_every_rule_once_and_in_order() {
    let page = document();
    let listed: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("### ")).map(|h| &h[..4]).collect();
    let mut all: Vec<&str> = rules().map(|rule| rule.code).collect();
    all.sort_unstable_by_key(|code| ("FASW".find(&code[..1]), *code));
    assert_eq!(listed, all);
}

#[test]
fn codes_and_names_are_unique_and_found_in_either_case() {
    let codes: HashSet<&str> = rules().map(|rule| rule.code).collect();
    let names: HashSet<&str> = rules().map(|rule| rule.name).collect();
    assert_eq!((codes.len(), names.len()), (CHECKS.len(), CHECKS.len()));
    for each in rules() {
        assert_eq!(rule(&each.code.to_lowercase()), Some(each));
        assert_eq!(rule(&each.name.to_uppercase()), Some(each));
    }
    assert_eq!(rule("W"), None);
}

#[test]
fn codes_are_a_letter_and_three_digits_and_names_are_kebab_case() {
    for Rule { code, name, .. } in rules() {
        let (letter, digits) = code.split_at(1);
        assert!("FASW".contains(letter), "{code}");
        assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{code}");
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        assert!(name.split('-').all(is_word), "{name}");
    }
}

#[test]
fn every_rule_says_what_it_means_and_what_to_do_in_whole_sentences() {
    for Rule { code, meaning, fix, .. } in rules() {
        for text in [meaning, fix] {
            assert!(text.ends_with('.') && text.len() > 10, "{code}: {text}");
            assert!(text.starts_with(|c: char| c.is_uppercase() || c == '`'), "{code}: {text}");
            assert!(!text.contains("  ") && !text.contains('\n'), "{code}: {text}");
        }
    }
}
