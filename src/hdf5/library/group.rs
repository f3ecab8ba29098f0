//! Members of groups, as the library looks them up: through the B-tree and heap of an old group, or the link messages of a new one.

use super::header::Header;
use super::{Failure, Library, Outcome, number};
use crate::limits;

/// What a name in a group stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// An object, whose header is at this address.
    Hard(u64),
    /// Another path.
    Soft(String),
    /// A path in another file.
    External,
}

const LINK_INFO: u16 = 2;
const LINK: u16 = 6;
const SYMBOL_TABLE: u16 = 0x11;
/// HDF5 1.8 reads on behind the names.
const UNCHECKED: &str = "the name of a member is not among the names of its group";
/// Bytes of a heap that are read before its length is known.
const FIRST_READ: usize = 512;
/// Offset that ends the list of free blocks of a heap.
const NO_FREE_BLOCK: u64 = 1;
/// Kind of a symbol table entry that is a soft link, the last there is.
const SOFT: u64 = 2;

/// The names in an old group.
struct Names {
    bytes: Vec<u8>,
}

/// How a search in an old group ended.
enum Found {
    Entry(Link),
    /// Nothing of that name; what went wrong on the way, which the library only tells later.
    Nothing(Option<String>),
}

/// What the library says when nothing of a name is in a group: of the last part of a path, and of one before.
fn absent(name: &str, is_last: bool) -> Failure {
    match is_last {
        true => Failure::says(format!("object '{name}' doesn't exist")),
        false => Failure::says("component not found"),
    }
}

impl Library<'_> {
    /// The address of the object at a path below an object: `""` and `"."` are that object.
    ///
    /// # Errors
    /// What the library says when it is not there or can't be reached.
    pub fn find(&self, from: u64, path: &str) -> Outcome<u64> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let mut address = if path.starts_with('/') { self.root } else { from };
        for (index, name) in parts.iter().enumerate() {
            let header = self.header(address)?;
            address = match self.lookup(&header, name)? {
                (Some(Link::Hard(address)), _) => address,
                (Some(Link::Soft(_) | Link::External), _) => {
                    return Err(Failure::Left("a link to another place"));
                }
                (None, Some(said)) => return Err(Failure::Says(said)),
                (None, None) => return Err(absent(name, index + 1 == parts.len())),
            };
        }
        Ok(address)
    }

    /// The link of that name in the group with this header, and what the library noted on a search that found nothing.
    ///
    /// # Errors
    /// What it says where the group is damaged or none.
    pub fn lookup(&self, header: &Header, name: &str) -> Outcome<(Option<Link>, Option<String>)> {
        if let Some(info) = header.first(LINK_INFO) {
            return Ok((self.new_link(header, &info.bytes, name)?, None));
        }
        let Some(table) = header.first(SYMBOL_TABLE) else {
            return Err(Failure::says("message type not found"));
        };
        let tree = self.offset(&table.bytes, 0);
        let heap = self.offset(&table.bytes, usize::from(self.offset_size));
        let (Some(tree), Some(heap)) = (tree, heap) else {
            return Err(Failure::unclear("a symbol table message is too short"));
        };
        let names = self.names(heap)?;
        match self.search(tree, &names, name)? {
            Found::Entry(link) => Ok((Some(link), None)),
            Found::Nothing(Some(said)) if said == UNCHECKED => Err(Failure::Unclear(said)),
            Found::Nothing(said) => Ok((None, said)),
        }
    }

    /// A new group keeps links in its header, or in a heap that this module leaves to the reader.
    fn new_link(&self, header: &Header, info: &[u8], name: &str) -> Outcome<Option<Link>> {
        let tracked = info.get(1).is_some_and(|flags| flags & 1 != 0);
        let heap = self.offset(info, if tracked { 10 } else { 2 });
        if heap != Some(u64::MAX) {
            return Err(Failure::Left("the links of a group are in a heap"));
        }
        for message in header.of(LINK) {
            let (found, link) =
                self.link(&message.bytes).ok_or_else(|| Failure::unclear("a link is damaged"))?;
            if found == name.as_bytes() {
                return Ok(Some(link));
            }
        }
        Ok(None)
    }

    /// A link message: version 1, flags, then what they announce, the name and the target.
    fn link<'b>(&self, bytes: &'b [u8]) -> Option<(&'b [u8], Link)> {
        let flags = *bytes.get(1).filter(|_| bytes.first() == Some(&1))?;
        let kind = if flags & 8 != 0 { *bytes.get(2)? } else { 0 };
        let [typed, ordered, encoded] = [8, 4, 16].map(|flag| usize::from(flags & flag != 0));
        let (at, width) = (2 + typed + 8 * ordered + encoded, 1usize << (flags & 3));
        let length = usize::try_from(number(bytes, at, width)?).ok()?;
        let start = at + width;
        let end = start.checked_add(length)?;
        let name = bytes.get(start..end)?;
        let link = match kind {
            0 => Link::Hard(self.offset(bytes, end)?),
            1 => {
                let length = usize::try_from(number(bytes, end, 2)?).ok()?;
                let target = bytes.get(end + 2..(end + 2).checked_add(length)?)?;
                Link::Soft(String::from_utf8_lossy(target).into_owned())
            }
            _ => Link::External,
        };
        Some((name, link))
    }

    /// The heap with the names of an old group.
    fn names(&self, address: u64) -> Outcome<Names> {
        let (offset, length) = (usize::from(self.offset_size), usize::from(self.length_size));
        let bytes = self.speculative(address, FIRST_READ)?;
        if !bytes.starts_with(b"HEAP") {
            return Err(Failure::says("bad local heap signature"));
        }
        if bytes[4] != 0 {
            return Err(Failure::says("wrong version number in local heap"));
        }
        let field = |at: usize, width| number(&bytes, at, width).unwrap_or_default();
        let (size, free) = (field(8, length), field(8 + length, length));
        let place = self.offset(&bytes, 8 + 2 * length).unwrap_or_default();
        if free != NO_FREE_BLOCK && free >= size {
            return Err(Failure::says("bad heap free list"));
        }
        let prefix = 8 + 2 * length as u64 + offset as u64;
        // The names of a heap that has grown stand elsewhere.
        let names = if address.checked_add(prefix) == Some(place) {
            self.check_whole(address, prefix.saturating_add(size), prefix)?;
            self.read_sized(place, size)?
        } else if place.checked_add(size).is_some_and(|end| end <= self.end) {
            self.read_sized(place, size)?
        } else {
            return Err(Failure::unclear("the names of a group are behind the end"));
        };
        self.check_free_list(&names, free)?;
        Ok(Names { bytes: names })
    }

    /// Whether a structure that was begun fits before the end.
    pub(super) fn check_whole(&self, address: u64, whole: u64, first: u64) -> Outcome<()> {
        if address.checked_add(whole).is_some_and(|end| end <= self.end) {
            return Ok(());
        }
        if self.version >= [1, 10, 0] {
            return Err(Failure::says("actual len exceeds EOA"));
        }
        // HDF5 1.8 has the first bytes already.
        if whole > LARGEST_MEMORY {
            return Err(Failure::says("memory allocation failed for chunk"));
        }
        Err(self.overflow(address.saturating_add(first), whole.saturating_sub(first)))
    }

    /// Exactly so many bytes at an address.
    pub(super) fn read_sized(&self, address: u64, size: u64) -> Outcome<Vec<u8>> {
        if size == 0 {
            return Ok(Vec::new());
        }
        if size > LARGEST_MEMORY {
            let place = if self.version >= [1, 10, 0] { "on disk image buffer" } else { "chunk" };
            return Err(Failure::says(format!("memory allocation failed for {place}")));
        }
        if address.checked_add(size).is_none_or(|end| end > self.end) {
            return Err(self.overflow(address, size));
        }
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        if length > limits::MAX_LIST_BYTES {
            return Err(Failure::unclear(format!("a structure at {address} declares {size} bytes")));
        }
        self.read(address, length)
    }

    /// Blocks without names: each begins with the offset of the next and its own length.
    fn check_free_list(&self, names: &[u8], first: u64) -> Outcome<()> {
        let (width, size) = (usize::from(self.length_size), names.len() as u64);
        let (mut at, mut steps) = (first, 0u64);
        while at != NO_FREE_BLOCK {
            if at >= size {
                return Err(Failure::says("bad heap free list"));
            }
            let start = at as usize;
            let (Some(next), Some(length)) =
                (number(names, start, width), number(names, start + width, width))
            else {
                return Err(Failure::unclear("a free block of a heap does not fit into it"));
            };
            if next == 0 {
                return Err(Failure::says("free block size is zero?"));
            }
            if at.saturating_add(length) > size {
                return Err(Failure::says("bad heap free list"));
            }
            (at, steps) = (next, steps + 1);
            if steps > size {
                return Err(Failure::unclear("the free blocks of a heap lead round in circles"));
            }
        }
        Ok(())
    }

    /// Goes down the B-tree to the node that may have the name.
    fn search(&self, tree: u64, names: &Names, name: &str) -> Outcome<Found> {
        let (mut at, mut noted) = (tree, None);
        let mut depth: Option<u8> = None;
        loop {
            let node = self.tree_node(at)?;
            // Every level down is one less, so a search ends.
            if depth.is_some_and(|above| node.level >= above) {
                return Err(Failure::unclear("the levels of a B-tree are mixed up"));
            }
            depth = Some(node.level);
            let Some(child) = self.child(&node, names, name, &mut noted) else {
                return Ok(Found::Nothing(noted));
            };
            if node.level == 0 {
                return self.entry(child, names, name, noted);
            }
            at = child;
        }
    }

    /// A node of a group's B-tree; room is kept for as many children as the superblock allows.
    fn tree_node(&self, address: u64) -> Outcome<Node> {
        let (offset, length) = (usize::from(self.offset_size), usize::from(self.length_size));
        let most = 2 * usize::from(self.ranks.tree);
        let bytes = self.read(address, 8 + 2 * offset + most * (offset + length) + length)?;
        if !bytes.starts_with(b"TREE") {
            return Err(Failure::says("wrong B-tree signature"));
        }
        if bytes[4] != 0 {
            return Err(Failure::says("incorrect B-tree node type"));
        }
        let count = usize::from(u16::from_le_bytes([bytes[6], bytes[7]]));
        if count > most {
            return Err(Failure::says("number of children is greater than maximum"));
        }
        let start = 8 + 2 * offset;
        let key = |index: usize| number(&bytes, start + index * (offset + length), length);
        let child = |index: usize| self.offset(&bytes, start + index * (offset + length) + length);
        Ok(Node {
            level: bytes[5],
            keys: (0..=count).filter_map(key).collect(),
            children: (0..count).filter_map(child).collect(),
        })
    }

    /// The child whose names lie around `name`: behind the key before it, up to the one after.
    fn child(&self, node: &Node, names: &Names, name: &str, noted: &mut Option<String>) -> Option<u64> {
        let (mut low, mut high) = (0, node.children.len());
        while low < high {
            let middle = (low + high) / 2;
            let (before, behind) = (node.keys.get(middle)?, node.keys.get(middle + 1)?);
            match self.order(names, name, *before, noted) {
                None => high = middle,
                Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal) => high = middle,
                Some(std::cmp::Ordering::Greater) => match self.order(names, name, *behind, noted) {
                    Some(std::cmp::Ordering::Greater) => low = middle + 1,
                    // The library takes its own error for "before".
                    None => high = middle,
                    Some(_) => return node.children.get(middle).copied(),
                },
            }
        }
        None
    }

    /// How a name stands to that at an offset of the heap; none where the offset is outside.
    fn order(
        &self,
        names: &Names,
        name: &str,
        offset: u64,
        noted: &mut Option<String>,
    ) -> Option<std::cmp::Ordering> {
        match names.at(offset) {
            Some(other) => Some(name.as_bytes().cmp(other)),
            None if self.version < [1, 10, 0] => {
                noted.get_or_insert_with(|| UNCHECKED.to_string());
                None
            }
            None => {
                noted.get_or_insert_with(|| "unable to offset into local heap data block".to_string());
                None
            }
        }
    }

    /// The entry of that name in a node of the symbol table.
    fn entry(&self, address: u64, names: &Names, name: &str, mut noted: Option<String>) -> Outcome<Found> {
        let (offset, length) = (usize::from(self.offset_size), usize::from(self.length_size));
        let (most, width) = (2 * usize::from(self.ranks.leaf), length + offset + 24);
        let bytes = self.read(address, 8 + most * width)?;
        if !bytes.starts_with(b"SNOD") {
            return Err(Failure::says("bad symbol table node signature"));
        }
        if bytes[4] != 1 {
            return Err(Failure::says("bad symbol table node version"));
        }
        let count = usize::from(u16::from_le_bytes([bytes[6], bytes[7]]));
        if count > most {
            return Err(Failure::unclear("a node of a symbol table has more entries than fit"));
        }
        let entries: Vec<&[u8]> = bytes[8..].chunks_exact(width).take(count).collect();
        let kind = |entry: &[u8]| number(entry, length + offset, 4).unwrap_or_default();
        if entries.iter().any(|entry| kind(entry) > SOFT) {
            return Err(Failure::says("unknown symbol table entry cache type"));
        }
        let (mut low, mut high) = (0, entries.len());
        while low < high {
            let middle = (low + high) / 2;
            let entry = entries[middle];
            match self.order(names, name, number(entry, 0, length).unwrap_or_default(), &mut noted) {
                Some(std::cmp::Ordering::Equal) => return self.target(entry, names),
                Some(std::cmp::Ordering::Greater) => low = middle + 1,
                Some(std::cmp::Ordering::Less) | None => high = middle,
            }
        }
        Ok(Found::Nothing(noted))
    }

    fn target(&self, entry: &[u8], names: &Names) -> Outcome<Found> {
        let (offset, length) = (usize::from(self.offset_size), usize::from(self.length_size));
        if number(entry, length + offset, 4) == Some(SOFT) {
            let at = number(entry, length + offset + 8, 4).unwrap_or_default();
            let target = names.at(at).ok_or_else(|| Failure::unclear("the target of a link is lost"))?;
            return Ok(Found::Entry(Link::Soft(String::from_utf8_lossy(target).into_owned())));
        }
        Ok(Found::Entry(Link::Hard(self.offset(entry, length).unwrap_or(u64::MAX))))
    }
}

/// More bytes than any machine gives.
const LARGEST_MEMORY: u64 = 1 << 38;

/// A node of a group's B-tree.
struct Node {
    level: u8,
    /// Offsets of names, one more than children.
    keys: Vec<u64>,
    children: Vec<u64>,
}

impl Names {
    /// The name at an offset; none where that is outside.
    fn at(&self, offset: u64) -> Option<&[u8]> {
        let rest = self.bytes.get(usize::try_from(offset).ok()?..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len())])
    }
}
