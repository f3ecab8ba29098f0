//! `S014`: the name of a published file on another one.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::zoo::official::{by_md5, by_name};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S014",
    name: "not-official",
    severity: Severity::Note,
    meaning: "The file has the name of weights that were published, but its bytes are not theirs. It may have been saved \
        again, retrained, converted, or damaged on the way.",
    fix: "If you want the published weights, download them again. Keras does so by itself when the file is not in its \
        cache (~/.keras/models).",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(md5) = facts.md5.filter(|md5| by_md5(md5).is_none()) else { return Vec::new() };
    let published = by_name(facts.name);
    let Some(first) = published.first() else { return Vec::new() };
    let sums: Vec<&str> = published.iter().map(|official| official.md5).collect();
    let message = format!(
        "The name is that of {}: {}, but the MD5 is another: expected {}, found {md5}.",
        first.release,
        first.file,
        sums.join(" or ")
    );
    vec![Finding::new(&RULE, Place::File, message)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, silent_when_sound, with_facts};

    fn found(name: &str, md5: Option<&str>) -> Vec<String> {
        with_facts(&File::small().bytes(), |facts| {
            let facts = Facts { name, md5, ..*facts };
            check(&facts).into_iter().map(|finding| finding.message).collect()
        })
    }

    #[test]
    fn another_file_under_a_published_name_is_found() {
        let found = found("vgg16_weights_tf_dim_ordering_tf_kernels.h5", Some("00000000000000000000000000000000"));
        let expected = "The name is that of keras.applications: vgg16_weights_tf_dim_ordering_tf_kernels.h5, but the MD5 is \
            another: expected 64373286793e3c8b2b4e3219cbf3544b, found 00000000000000000000000000000000.";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn the_file_itself_other_names_and_files_not_read_to_their_end_are_not() {
        let name = "vgg16_weights_tf_dim_ordering_tf_kernels.h5";
        assert!(found(name, Some("64373286793e3c8b2b4e3219cbf3544b")).is_empty());
        assert!(found(name, None).is_empty());
        assert!(found("mine.h5", Some("00000000000000000000000000000000")).is_empty());
        silent_when_sound(&RULE);
    }
}
