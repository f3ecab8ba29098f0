//! From a model without weights to one with those of the file: counts, order, shapes.

use super::config::Template;
use super::{Attempt, Evidence, Runtime, Stop};

/// Loads the weights. What comes back is what is silently wrong, in one sentence.
pub fn load(_: &Evidence<'_>, _: &Runtime, _: &Template) -> Attempt<Option<String>> {
    Err(Stop::unknown("not modelled"))
}
