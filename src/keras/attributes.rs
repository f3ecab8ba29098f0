//! Lists of names in attributes: whole or split, fixed or variable strings, or nothing at all.

use crate::hdf5::{Attribute, Error, Group};
use crate::limits;

/// Whether the group has the list, whole or split.
pub fn is_list(group: &Group<'_>, name: &str) -> bool {
    let there = |name: &str| !matches!(group.attribute(name), Err(Error::Missing(_)));
    there(name) || there(&format!("{name}0"))
}

/// The strings of a list attribute. Lists above 64 kB are split into `name0`, `name1`, … since Keras 2.1.5.
///
/// # Errors
/// [`Error::Missing`] when it is there in neither form, another when it can't be decoded.
pub fn list(group: &Group<'_>, name: &str) -> Result<Vec<String>, Error> {
    match group.attribute(name) {
        Err(Error::Missing(_)) => split_list(group, name),
        found => strings(found?),
    }
}

fn split_list(group: &Group<'_>, name: &str) -> Result<Vec<String>, Error> {
    let mut all = strings(group.attribute(&format!("{name}0"))?)?;
    for part in 1..limits::MAX_ATTRIBUTE_PARTS {
        match group.attribute(&format!("{name}{part}")) {
            Err(Error::Missing(_)) => break,
            found => all.extend(strings(found?)?),
        }
    }
    Ok(all)
}

fn strings(attribute: Attribute) -> Result<Vec<String>, Error> {
    match attribute {
        Attribute::Text(text) => Ok(vec![text]),
        Attribute::Texts(texts) => Ok(texts),
        // Keras writes an empty list as no float64 numbers.
        Attribute::Other(0) => Ok(Vec::new()),
        Attribute::Other(_) => Err(Error::Damaged("a list of names is not made of strings".into())),
    }
}
