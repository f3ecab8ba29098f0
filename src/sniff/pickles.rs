//! Where in archives and arrays pickles are.

use super::{HEAD_BYTES, Pickle, bytes, pickle, quoted};
use crate::archive::{Entry, Method, Zip, look_into};
use crate::limits;
use crate::source::ByteSource;
use crate::tensor::npy;

/// Ends of names under which Python's programs unpickle.
const ENDS: [&str; 5] = [".npz", ".npy", ".pkl", ".pickle", ".joblib"];

/// The pickles in the members of a `.keras` that have such names.
pub(super) fn of_archive(source: &dyn ByteSource, zip: &Zip) -> Vec<Pickle> {
    let has_end = |entry: &&Entry| ENDS.iter().any(|end| entry.name.to_ascii_lowercase().ends_with(end));
    let mut budget = limits::MAX_PICKLE_BYTES;
    let members = zip.entries.iter().filter(has_end);
    let found = members.flat_map(|entry| named(entry, look(source, entry, &mut budget, of_member)));
    found.take(limits::MAX_LISTED).collect()
}

/// The pickles in the arrays of an `.npz`.
pub(super) fn of_npz(source: &dyn ByteSource, zip: &Zip) -> Vec<Pickle> {
    within(source, zip, &mut { limits::MAX_PICKLE_BYTES })
}

/// The pickle in a `.npy`.
pub(super) fn of_npy(source: &dyn ByteSource) -> Vec<Pickle> {
    array(source, &mut { limits::MAX_PICKLE_BYTES })
}

/// The pickles in a file as `numpy.load` reads it: an archive of arrays, an array, or else a pickle.
fn of_member(member: &dyn ByteSource, budget: &mut u64) -> Vec<Pickle> {
    let head = bytes(member, 0, 6).unwrap_or_default();
    if head.starts_with(b"PK\x03\x04") {
        return Zip::read(member).map(|zip| within(member, &zip, budget)).unwrap_or_default();
    }
    if head.starts_with(b"\x93NUMPY") {
        return array(member, budget);
    }
    pickle::read(member, 0, budget).map(|pickle| Pickle { bare: true, ..pickle }).into_iter().collect()
}

/// Of members without objects only the beginning is unpacked.
fn within(source: &dyn ByteSource, zip: &Zip, budget: &mut u64) -> Vec<Pickle> {
    let has_objects =
        |entry: &&Entry| look_into(source, entry, HEAD_BYTES, objects).is_ok_and(|found| found.is_some());
    let members = zip.entries.iter().filter(has_objects);
    members
        .flat_map(|entry| named(entry, look(source, entry, budget, array)))
        .take(limits::MAX_LISTED)
        .collect()
}

fn named(entry: &Entry, pickles: Vec<Pickle>) -> Vec<Pickle> {
    let member = quoted(&entry.name, 100);
    pickles.into_iter().map(|pickle| Pickle { member: member.clone(), ..pickle }).collect()
}

/// The pickle in an array of objects, if it does more than to hold arrays.
fn array(member: &dyn ByteSource, budget: &mut u64) -> Vec<Pickle> {
    let found = objects(member).and_then(|at| pickle::read(member, at, budget));
    found.filter(Pickle::is_suspicious).into_iter().collect()
}

/// Where the pickle of an array of objects begins.
fn objects(member: &dyn ByteSource) -> Option<u64> {
    npy::objects(&bytes(member, 0, HEAD_BYTES).ok()?).map(|at| at as u64)
}

/// Looks at a member; its bytes are taken from the budget where they are unpacked for it.
fn look(
    source: &dyn ByteSource,
    entry: &Entry,
    budget: &mut u64,
    look: impl FnOnce(&dyn ByteSource, &mut u64) -> Vec<Pickle>,
) -> Vec<Pickle> {
    let found = look_into(source, entry, *budget, |member| {
        let unpacked = if entry.method == Method::Stored { 0 } else { member.len() };
        *budget = budget.saturating_sub(unpacked);
        look(member, budget)
    });
    found.unwrap_or_default()
}
