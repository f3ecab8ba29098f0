//! What a file's name says where its bytes say nothing.

use super::{Format, Impostor};

/// Why a file is not whole, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// A piece of a file that was split: `.001`, `.partaa`, `.z01`.
    Split,
    /// A download under way or broken off: `.crdownload`, `.part`.
    Unfinished,
}

/// Endings that browsers and download programs give a file until it is complete.
const UNFINISHED: &[&str] = &[
    ".crdownload",
    ".part",
    ".partial",
    ".download",
    ".opdownload",
    ".filepart",
    ".aria2",
    ".!ut",
    ".!qb",
    ".bc!",
    ".tmp",
];

/// Whether the name is that of a part of a file.
pub(super) fn partial(name: &str) -> Option<Partial> {
    let name = name.to_ascii_lowercase();
    if UNFINISHED.iter().any(|ending| name.ends_with(ending)) {
        return Some(Partial::Unfinished);
    }
    // Without further words `split` calls its pieces xaa, xab, …
    if name.len() == 3 && name.starts_with('x') && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(Partial::Split);
    }
    let (stem, ending) = name.rsplit_once('.')?;
    (is_numbered(ending) && !stem.is_empty()).then_some(Partial::Split)
}

/// `001`, `z01`, `part1`, `partaa`, `h5aa`: what `split` and archivers append.
fn is_numbered(ending: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let letters =
        |text: &str| text.len() == 2 && text.starts_with('a') && text.bytes().all(|b| b.is_ascii_lowercase());
    let rest =
        ["part", "part_", "part-", "h5", "hdf5", "keras"].iter().find_map(|word| ending.strip_prefix(word));
    (ending.len() == 3 && digits(ending))
        || ending.strip_prefix('z').is_some_and(|number| number.len() == 2 && digits(number))
        || rest.is_some_and(|rest| letters(rest) || ending.starts_with("part") && digits(rest))
        || letters(ending)
}

/// What the name alone tells.
pub(super) fn of_name(name: &str) -> Option<Impostor> {
    let name = name.to_ascii_lowercase();
    // `model.ckpt.data-00000-of-00001` and `group1-shard1of1.bin`; the bytes of both are bare numbers.
    if name.contains(".data-") && name.contains("-of-") {
        return Some(Impostor::Known(Format::TensorFlowCheckpoint));
    }
    if name.contains("-shard") && name.ends_with(".bin") {
        return Some(Impostor::Known(Format::TensorFlowJsWeights));
    }
    partial(&name).map(Impostor::Part)
}
