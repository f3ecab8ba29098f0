//! Finds again what a damaged listing has lost: one pass over the file for the signatures of its structures.

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::symbol_table::SymbolTableEntry;

use super::inventory::{Gap, Walk};
use super::links::{Listing, Names, Target};
use super::raw::{Header, Raw, little_endian};
use super::{Attribute, Error};
use crate::limits;

/// A message of type 0x11 and 16 bytes: that of a group of the old kind.
const OLD_GROUP: [u8; 8] = [0x11, 0, 16, 0, 0, 0, 0, 0];
/// Bytes before the first message of an object header of version 1.
const OLD_PREFIX: u64 = 16;
/// Bytes that are searched at a time.
const BLOCK: usize = 1 << 20;

/// Where structures begin, as far as their signatures tell.
#[derive(Default)]
struct Signatures {
    /// Nodes of symbol tables.
    nodes: Vec<u64>,
    /// Object headers of groups.
    headers: Vec<u64>,
}

/// Continues a walk with everything that a search of the whole file finds.
pub(super) fn salvage(raw: &Raw, walk: &mut Walk, root_heap: Option<u64>) {
    if walk.inventory.groups == 0 {
        let heap = root_heap.unwrap_or(u64::MAX);
        walk.gaps.push(Gap { path: String::new(), heap });
    }
    let found = search(raw).unwrap_or_default();
    let known: std::collections::HashSet<u64> = walk.nodes.iter().copied().collect();
    let gaps: Vec<(String, Names)> =
        walk.gaps.iter().filter_map(|gap| Some((gap.path.clone(), raw.names(gap.heap).ok()?))).collect();
    for node in found.nodes.iter().filter(|node| !known.contains(node)) {
        if let Ok(entries) = raw.table_entries(*node) {
            adopt(walk, &gaps, &entries);
        }
    }
    let parent = walk.gaps.iter().map(|gap| &gap.path).find(|path| path.ends_with("/model_weights"));
    let parent = parent.or(walk.gaps.first().map(|gap| &gap.path)).cloned().unwrap_or_default();
    for address in found.headers {
        if let Some(name) = Some(address).filter(|at| !walk.seen.contains_key(at)).and_then(|at| layer(raw, at)) {
            walk.visit(format!("{parent}/{name}"), address);
        }
    }
}

/// Takes a node of a symbol table for the first group whose heap has all its names, in their order.
fn adopt(walk: &mut Walk, gaps: &[(String, Names)], entries: &[SymbolTableEntry]) {
    for (path, names) in gaps {
        let mut listing = Listing::default();
        listing.add_entries(entries, names);
        let aligned = entries.iter().all(|entry| entry.link_name_offset % 8 == 0);
        let ordered = listing.links.is_sorted_by(|a, b| a.name < b.name);
        if !aligned || !ordered || listing.links.is_empty() || !listing.damage.is_empty() {
            continue;
        }
        for link in listing.links {
            if let Target::Hard(address) = link.target {
                walk.visit(format!("{path}/{}", link.name), address);
            }
        }
        return;
    }
}

/// The name of the layer whose group has its header here: its weights are called after it.
fn layer(raw: &Raw, address: u64) -> Option<String> {
    let header: Header = raw.header(address).ok()?;
    let is_group = header.sound().any(|message| {
        matches!(message, HdfMessage::SymbolTable(_) | HdfMessage::Link(_) | HdfMessage::LinkInfo(_))
    });
    let first = match raw.value(&raw.attribute(&header, "weight_names").ok()??).ok()? {
        Attribute::Text(text) => text,
        Attribute::Texts(texts) => texts.into_iter().next()?,
        Attribute::Other(_) => return None,
    };
    let name = first.split_once('/').map(|(layer, _)| layer.to_string());
    name.filter(|name| is_group && !name.is_empty())
}

/// Looks through the whole file, block by block; the blocks overlap by the length of a signature.
fn search(raw: &Raw) -> Result<Signatures, Error> {
    let mut found = Signatures::default();
    let (mut at, end) = (0u64, raw.end());
    let mut block = vec![0; BLOCK + OLD_GROUP.len()];
    while at < end {
        let there = (end - at).min(block.len() as u64) as usize;
        let (source, base) = raw.source();
        let read = source.read_at(base.saturating_add(at), &mut block[..there]);
        read.map_err(|error| Error::Damaged(error.to_string()))?;
        found.collect(&block[..there], at);
        if found.nodes.len() + found.headers.len() > limits::MAX_SIGNATURES {
            break;
        }
        at += BLOCK as u64;
    }
    Ok(found)
}

impl Signatures {
    fn collect(&mut self, block: &[u8], at: u64) {
        for (index, window) in block.windows(OLD_GROUP.len()).enumerate().take(BLOCK) {
            let address = at + index as u64;
            match window[0] {
                b'S' if window.starts_with(b"SNOD\x01") => self.nodes.push(address),
                b'O' if window.starts_with(b"OHDR\x02") => self.headers.push(address),
                0x11 if little_endian(window) == little_endian(&OLD_GROUP) => {
                    self.headers.extend(address.checked_sub(OLD_PREFIX));
                }
                _ => {}
            }
        }
    }
}
