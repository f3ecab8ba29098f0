//! The file around the model, in numbers.

use serde::Serialize;

use crate::checks::Facts;
use crate::hdf5::{self, LinkKind, StoredAs};
use crate::limits;

/// What is in an HDF5 file besides what Keras needs of it.
#[derive(Clone, Debug, Serialize)]
pub struct Container {
    /// Version of the superblock.
    pub superblock: u8,
    /// Bytes before the HDF5 part.
    pub user_block: u64,
    /// Bytes the whole file must have.
    pub declared_bytes: u64,
    /// Bytes that are missing at the end.
    pub missing_bytes: u64,
    /// Bytes behind the end.
    pub trailing_bytes: u64,
    /// Groups that could be reached.
    pub groups: usize,
    /// Datasets that could be reached.
    pub datasets: usize,
    /// How many of them were never written to.
    pub never_written: usize,
    /// How many of them are stored in chunks.
    pub chunked: usize,
    /// Links by their kind.
    pub links: Links,
    /// Structures that are damaged.
    pub damaged: usize,
    /// The first of them, as `path: what`.
    pub damage: Vec<String>,
    /// Whether there was more than a walk may visit.
    pub unfinished: bool,
}

/// Links by their kind.
#[derive(Clone, Debug, Serialize)]
pub struct Links {
    /// To objects.
    pub hard: usize,
    /// Paths in the same file.
    pub soft: usize,
    /// Paths in other files.
    pub external: usize,
    /// Known to the program that wrote them.
    pub user_defined: usize,
    /// Groups that contain themselves.
    pub cycles: usize,
}

pub(super) fn container(facts: &Facts<'_>) -> Option<Container> {
    let (extent, container) = (facts.extent?, facts.container?);
    let inventory = &container.inventory;
    let stored = |how: StoredAs| inventory.datasets.iter().filter(|stored| stored.how == how).count();
    Some(Container {
        superblock: extent.version,
        user_block: extent.base,
        declared_bytes: extent.end,
        missing_bytes: extent.end.saturating_sub(facts.length),
        trailing_bytes: facts.length.saturating_sub(extent.end),
        groups: inventory.groups,
        datasets: inventory.datasets.len(),
        never_written: stored(StoredAs::Nowhere),
        chunked: stored(StoredAs::Chunks),
        links: links(inventory),
        damaged: inventory.damage.len(),
        damage: damage(inventory),
        unfinished: inventory.unfinished,
    })
}

fn links(inventory: &hdf5::Inventory) -> Links {
    let count =
        |wanted: fn(LinkKind) -> bool| inventory.links.iter().filter(|link| wanted(link.kind)).count();
    Links {
        hard: inventory.hard_links,
        soft: count(|kind| matches!(kind, LinkKind::Soft { .. })),
        external: count(|kind| kind == LinkKind::External),
        user_defined: count(|kind| kind == LinkKind::UserDefined),
        cycles: inventory.cycles.len(),
    }
}

fn damage(inventory: &hdf5::Inventory) -> Vec<String> {
    let first = inventory.damage.iter().take(limits::MAX_LISTED);
    first.map(|damage| format!("{}: {}", damage.path, damage.what)).collect()
}
