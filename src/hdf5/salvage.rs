//! Finds again what a damaged listing has lost: one pass over the file for the signatures of its structures.

use std::collections::HashSet;

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::symbol_table::SymbolTableEntry;

use super::inventory::{Gap, Walk};
use super::links::{Listing, Names, Target};
use super::raw::{Header, Raw};
use super::{Attribute, Error};
use crate::limits;

/// A message of type 0x11 and 16 bytes: that of a group of the old kind.
const OLD_GROUP: [u8; 8] = [0x11, 0, 16, 0, 0, 0, 0, 0];
/// A message of type 0x10 and 16 bytes: it stands where that was before the header grew beyond its first place.
const CONTINUED: [u8; 8] = [0x10, 0, 16, 0, 0, 0, 0, 0];
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
        walk.gaps.push(Gap { path: String::new(), heap: root_heap });
    }
    let found = search(raw).unwrap_or_default();
    let mut known: HashSet<u64> = walk.nodes.iter().copied().collect();
    // A node that belongs to a group whose header is still there is not one of those that a listing has lost.
    let lost =
        found.headers.iter().filter(|at| !walk.seen.contains_key(at)).filter_map(|at| raw.header(*at).ok());
    lost.for_each(|header| known.extend(raw.links(&header).nodes));
    let gaps: Vec<(String, Names)> = walk
        .gaps
        .iter()
        .take(limits::MAX_LISTED)
        .filter_map(|gap| Some((gap.path.clone(), raw.names(gap.heap?).ok()?)))
        .collect();
    for node in found.nodes.iter().filter(|node| !known.contains(node)) {
        if let Ok(entries) = raw.table_entries(*node) {
            adopt(raw, walk, &gaps, &entries);
        }
    }
    let parent = walk.gaps.iter().map(|gap| &gap.path).find(|path| path.ends_with("/model_weights"));
    let parent = parent.or(walk.gaps.first().map(|gap| &gap.path)).cloned().unwrap_or_default();
    for address in found.headers {
        if let Some(name) =
            Some(address).filter(|at| !walk.seen.contains_key(at)).and_then(|at| layer(raw, at))
        {
            walk.visit_new(format!("{parent}/{name}"), address);
        }
    }
}

/// Takes a node of a symbol table for the first group whose heap has all its names, in their order. As short nodes of
/// other groups may fit by chance, only groups that list weights are taken in.
fn adopt(raw: &Raw, walk: &mut Walk, gaps: &[(String, Names)], entries: &[SymbolTableEntry]) {
    for (path, names) in gaps {
        let mut listing = Listing::default();
        listing.add_entries(entries, names);
        let aligned = entries.iter().all(|entry| entry.link_name_offset % 8 == 0);
        let ordered = listing.links.is_sorted_by(|a, b| a.name < b.name);
        let named = aligned && ordered && listing.damage.is_empty() && !listing.links.is_empty();
        if !named || entries.iter().any(|entry| first_weight(raw, entry.object_header_address).is_none()) {
            continue;
        }
        for link in listing.links {
            if let Target::Hard(address) = link.target {
                walk.visit_new(format!("{path}/{}", link.name), address);
            }
        }
        return;
    }
}

/// The name of the layer whose group has its header here: its weights are called after it, `conv/kernel:0` or, by Keras
/// 1, `conv_W`.
fn layer(raw: &Raw, address: u64) -> Option<String> {
    let first = first_weight(raw, address)?;
    let name = first.split_once('/').or_else(|| first.rsplit_once('_')).map(|(layer, _)| layer.to_string());
    name.filter(|name| !name.is_empty())
}

/// The first weight that a group lists as Keras does.
fn first_weight(raw: &Raw, address: u64) -> Option<String> {
    let header: Header = raw.header(address).ok()?;
    let is_group = header.sound().any(|message| {
        matches!(message, HdfMessage::SymbolTable(_) | HdfMessage::Link(_) | HdfMessage::LinkInfo(_))
    });
    let listed = raw.value(&raw.attribute(&header, "weight_names").ok()??).ok()?;
    match listed {
        Attribute::Text(text) => Some(text),
        Attribute::Texts(texts) => texts.into_iter().next(),
        // Layers without weights list no numbers.
        Attribute::Other(0) => Some(String::new()),
        Attribute::Other(_) => None,
    }
    .filter(|_| is_group)
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
                0x10 | 0x11 if window == OLD_GROUP || window == CONTINUED => {
                    self.headers.extend(address.checked_sub(OLD_PREFIX));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use crate::hdf5::{Attribute, File};
    use crate::source::MemorySource;

    const WHOLE: [&[u8]; 3] = [
        include_bytes!("../../tests/fixtures/models/cifar8v1_full__tf215.h5"),
        include_bytes!("../../tests/fixtures/models/cifar8v1_full__k122_tf.h5"),
        include_bytes!("../../tests/fixtures/models/cifar8v1_weights__tf215.h5"),
    ];

    fn open(bytes: &[u8]) -> File {
        File::open(Arc::new(MemorySource(bytes.into()))).unwrap()
    }

    /// First and last byte of every dataset by its path.
    fn runs(file: &File) -> BTreeMap<String, (u64, u64)> {
        let runs = file.inventory().datasets.iter().filter_map(|stored| stored.run());
        runs.map(|(start, end, stored)| (stored.path.clone(), (start, end))).collect()
    }

    #[test]
    fn what_survives_a_cut_has_its_own_name() {
        for whole in WHOLE {
            let all = runs(&open(whole));
            for twentieth in 1..20 {
                let cut = &whole[..whole.len() * twentieth / 20];
                for (path, run) in runs(&open(cut)) {
                    assert_eq!(all.get(&path), Some(&run), "{path} after {twentieth}/20");
                }
            }
        }
    }

    #[test]
    fn layers_are_found_though_the_list_of_them_is_lost() {
        // The root's symbol table is one of the first structures; the datasets behind it stay.
        let mut bytes = WHOLE[2].to_vec();
        let count = runs(&open(&bytes)).len();
        let at = bytes.windows(4).position(|window| window == b"TREE").unwrap();
        bytes[at..at + 4].fill(0);
        assert_eq!(runs(&open(&bytes)).len(), count);
    }

    #[test]
    fn a_damaged_attribute_costs_only_itself() {
        let mut bytes = WHOLE[0].to_vec();
        let at = bytes.windows(13).position(|window| window == b"keras_version").unwrap();
        // Eight bytes before the name is the version of the message.
        bytes[at - 8] = 77;
        let file = open(&bytes);
        let root = file.group("").unwrap();
        assert!(matches!(root.attribute("model_config"), Ok(Attribute::Text(_))));
        assert!(root.attribute("keras_version").is_err());
        assert_eq!(root.names().unwrap().0, ["model_weights", "optimizer_weights"]);
        assert!(file.is_damaged());
        assert_eq!(file.inventory().damage.len(), 1, "{:?}", file.inventory().damage);
    }

    #[test]
    fn one_damaged_member_does_not_hide_the_others() {
        let mut bytes = WHOLE[0].to_vec();
        let first = runs(&open(&bytes)).into_iter().next().unwrap().0;
        let header =
            open(&bytes).inventory().datasets.iter().find(|stored| stored.path == first).unwrap().address;
        bytes[header as usize..header as usize + 8].fill(0xee);
        let file = open(&bytes);
        let weights = file.group("model_weights").unwrap();
        let (folder, name) = first.trim_start_matches("/model_weights/").rsplit_once('/').unwrap();
        assert!(weights.dataset(&format!("{folder}/{name}")).is_err());
        let (_, others) = weights.group(folder).unwrap().names().unwrap();
        assert!(!others.is_empty() && !others.contains(&name.to_string()), "{others:?}");
    }
}
