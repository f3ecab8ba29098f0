//! The links of a group, those that can still be read.

use std::collections::HashSet;

use hdf5_reader::btree_v1::BTreeV1Node;
use hdf5_reader::btree_v2::{BTreeV2Header, BTreeV2Record, collect_btree_v2_records_storage};
use hdf5_reader::fractal_heap::{FractalHeap, FractalHeapDirectBlockCache};
use hdf5_reader::io::Cursor;
use hdf5_reader::local_heap::LocalHeap;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::link::{self, LinkMessage, LinkTarget};
use hdf5_reader::messages::link_info::LinkInfoMessage;
use hdf5_reader::symbol_table::{SymbolTableEntry, SymbolTableNode};

use super::raw::{Header, Raw, little_endian};
use super::{Error, translate};
use crate::limits;

/// Type of the message that holds one link.
const LINK: u16 = 6;
/// What a symbol table's entry says of a soft link.
const SOFT: u32 = 2;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Its name in the group.
    pub(super) name: String,
    /// What it leads to.
    pub(super) target: Target,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The object at an address.
    Hard(u64),
    /// A path in the same file.
    Soft(String),
    /// A path in another file.
    External(String, String),
    /// What only a program knows that registered this type.
    UserDefined(u8),
}

/// What a group lists.
#[derive(Default)]
pub(super) struct Listing {
    /// Its links.
    pub(super) links: Vec<Link>,
    /// What of the listing is damaged: the address and what about it.
    pub(super) damage: Vec<(u64, String)>,
    /// Nodes of the symbol table that have been read.
    pub(super) nodes: Vec<u64>,
    /// B-tree and heap, where the group is of the old kind.
    pub(super) table: Option<(u64, u64)>,
    /// Bytes of all names.
    bytes: usize,
}

/// Names of an old group.
pub(super) struct Names {
    address: u64,
    bytes: Vec<u8>,
}

impl Raw {
    /// All links of the group with this header.
    pub(super) fn links(&self, header: &Header) -> Listing {
        let mut listing = Listing::default();
        for message in &header.messages {
            match &message.body {
                Ok(HdfMessage::SymbolTable(table)) => {
                    self.old_links(&mut listing, table.btree_address, table.heap_address);
                }
                Ok(HdfMessage::Link(link)) => listing.add(Link::from_message(link.clone())),
                Ok(HdfMessage::LinkInfo(info)) if !self.is_none(info.fractal_heap_address) => {
                    self.dense_links(&mut listing, info);
                }
                Err(_) if message.kind == LINK => listing.add_encoded(&message.bytes),
                _ => {}
            }
        }
        listing
    }

    /// The names in a local heap, as many as are before the end of the file.
    pub(super) fn names(&self, heap: u64) -> Result<Names, Error> {
        let storage = self.storage.as_ref();
        let heap = LocalHeap::parse_at_storage(storage, heap, self.offset_size, self.length_size)
            .map_err(translate)?;
        let bytes = self.up_to(heap.data_segment_address, heap.data_segment_size)?.to_vec();
        Ok(Names { address: heap.data_segment_address, bytes })
    }

    fn old_links(&self, listing: &mut Listing, tree: u64, heap: u64) {
        listing.table = Some((tree, heap));
        let names = match self.names(heap) {
            Ok(names) => Some(names),
            Err(error) => {
                listing.damage.push((heap, format!("the heap of its names: {error}")));
                None
            }
        };
        let (mut open, mut seen) = (vec![tree], HashSet::new());
        while let Some(address) = open.pop().filter(|_| !self.is_none(tree)) {
            if !seen.insert(address) {
                listing.damage.push((address, "its B-tree leads round in circles".into()));
                continue;
            }
            match self.tree_node(address) {
                Ok(node) if node.level > 0 => open.extend(node.children.iter().rev()),
                Ok(node) => {
                    let new = node.children.iter().filter(|at| seen.insert(**at));
                    new.for_each(|at| self.table_node(listing, *at, names.as_ref()));
                }
                Err(error) => listing.damage.push((address, format!("a node of its B-tree: {error}"))),
            }
        }
    }

    /// A node of a group's B-tree: 8 bytes, the addresses of its neighbours, then keys and children in turn.
    pub(super) fn tree_node(&self, address: u64) -> Result<BTreeV1Node, Error> {
        let (offset, length) = (usize::from(self.offset_size), usize::from(self.length_size));
        let head = self.bytes(address, 8 + 2 * offset)?;
        let used = little_endian(&head[6..8]) as usize;
        let bytes = self.bytes(address, 8 + 2 * offset + used * (length + offset) + length)?;
        if bytes.get(4) != Some(&0) {
            return Err(Error::Damaged("it is no B-tree of a group".into()));
        }
        BTreeV1Node::parse(&mut Cursor::new(&bytes), self.offset_size, self.length_size, None)
            .map_err(translate)
    }

    /// The entries of a node of a symbol table.
    pub(super) fn table_entries(&self, address: u64) -> Result<Vec<SymbolTableEntry>, Error> {
        let head = self.bytes(address, 8)?;
        let count = little_endian(&head[6..8]) as usize;
        let bytes = self.bytes(address, 8 + count * (2 * usize::from(self.offset_size) + 24))?;
        SymbolTableNode::parse(&mut Cursor::new(&bytes), self.offset_size, self.length_size)
            .map(|node| node.entries)
            .map_err(translate)
    }

    fn table_node(&self, listing: &mut Listing, address: u64, names: Option<&Names>) {
        match self.table_entries(address) {
            Ok(entries) => {
                listing.nodes.push(address);
                names.into_iter().for_each(|names| listing.add_entries(&entries, names));
            }
            Err(error) => listing.damage.push((address, format!("a node of its symbol table: {error}"))),
        }
    }

    fn dense_links(&self, listing: &mut Listing, info: &LinkInfoMessage) {
        let at = info.fractal_heap_address;
        if let Err(error) = self.try_dense_links(listing, info) {
            listing.damage.push((at, format!("the index of its links: {error}")));
        }
    }

    fn try_dense_links(&self, listing: &mut Listing, info: &LinkInfoMessage) -> Result<(), Error> {
        let (heap, records) = self.dense(info.fractal_heap_address, info.btree_name_index_address)?;
        let mut cache = FractalHeapDirectBlockCache::default();
        for record in &records {
            let (BTreeV2Record::LinkNameHash { heap_id, .. } | BTreeV2Record::CreationOrder { heap_id, .. }) =
                record
            else {
                continue;
            };
            match self.dense_object(&heap, heap_id, &mut cache) {
                Ok(bytes) => match link::parse(
                    &mut Cursor::new(&bytes),
                    self.offset_size,
                    self.length_size,
                    bytes.len(),
                ) {
                    Ok(message) => listing.add(Link::from_message(message)),
                    Err(_) => listing.add_encoded(&bytes),
                },
                Err(error) => {
                    listing.damage.push((info.fractal_heap_address, format!("one of its links: {error}")))
                }
            }
        }
        Ok(())
    }

    /// A fractal heap and the records of the B-tree that indexes it.
    pub(super) fn dense(&self, heap: u64, tree: u64) -> Result<(FractalHeap, Vec<BTreeV2Record>), Error> {
        let (storage, offset, length) = (self.storage.as_ref(), self.offset_size, self.length_size);
        let heap = FractalHeap::parse_at_storage(storage, heap, offset, length).map_err(translate)?;
        let tree = BTreeV2Header::parse_at_storage(storage, tree, offset, length).map_err(translate)?;
        let records = collect_btree_v2_records_storage(storage, &tree, offset, length, None, &[], None);
        Ok((heap, records.map_err(translate)?))
    }

    /// An object of a fractal heap.
    pub(super) fn dense_object(
        &self,
        heap: &FractalHeap,
        id: &[u8],
        cache: &mut FractalHeapDirectBlockCache,
    ) -> Result<Vec<u8>, Error> {
        let storage = self.storage.as_ref();
        heap.get_object_storage_cached(id, storage, self.offset_size, self.length_size, cache)
            .map_err(translate)
    }
}

impl Listing {
    /// Takes in a link, as long as the names are no more than any model's.
    fn add(&mut self, link: Link) {
        self.bytes = self.bytes.saturating_add(link.name.len() + 64);
        if self.bytes <= limits::MAX_LIST_BYTES {
            self.links.push(link);
        }
    }

    /// Takes in the entries of a node of a symbol table.
    pub(super) fn add_entries(&mut self, entries: &[SymbolTableEntry], names: &Names) {
        for entry in entries {
            let Some(name) = names.at(entry.link_name_offset) else {
                let what = "the name of one of its members is lost".to_string();
                self.damage.push((names.address, what));
                continue;
            };
            let soft = || names.at(little_endian(&entry.scratch[..4])).unwrap_or_default();
            let target = match entry.cache_type {
                SOFT => Target::Soft(soft()),
                _ => Target::Hard(entry.object_header_address),
            };
            self.add(Link { name, target });
        }
    }

    /// Takes in an encoded link that the reader does not know.
    fn add_encoded(&mut self, bytes: &[u8]) {
        match user_defined(bytes) {
            Some(link) => self.add(link),
            None => self.damage.push((0, "one of its links can't be decoded".into())),
        }
    }
}

/// Whether a message is a link of a type that only programs know.
pub(super) fn is_user_defined(kind: u16, bytes: &[u8]) -> bool {
    kind == LINK && user_defined(bytes).is_some()
}

/// A link of a type above 64, which programs define: version 1, flags, the type, then what the flags announce.
fn user_defined(bytes: &[u8]) -> Option<Link> {
    let (flags, kind) = (*bytes.get(1)?, *bytes.get(2)?);
    if bytes.first() != Some(&1) || flags & 8 == 0 || kind <= 64 {
        return None;
    }
    let order = if flags & 4 != 0 { 8 } else { 0 };
    let encoding = usize::from(flags & 16 != 0);
    let (at, width) = (3 + order + encoding, 1usize << (flags & 3));
    let length = usize::try_from(little_endian(bytes.get(at..at + width)?)).ok()?;
    let start = at + width;
    let name = bytes.get(start..start.checked_add(length)?)?;
    Some(Link { name: String::from_utf8_lossy(name).into_owned(), target: Target::UserDefined(kind) })
}

impl Link {
    fn from_message(message: LinkMessage) -> Link {
        let target = match message.target {
            LinkTarget::Hard { address } => Target::Hard(address),
            LinkTarget::Soft { path } => Target::Soft(path),
            LinkTarget::External { filename, path } => Target::External(filename, path),
        };
        Link { name: message.name, target }
    }
}

impl Names {
    /// The name at an offset; `None` where it is cut or there is none.
    pub(super) fn at(&self, offset: u64) -> Option<String> {
        let rest = self.bytes.get(usize::try_from(offset).ok()?..)?;
        let end = rest.iter().take(limits::MAX_PATH_BYTES).position(|byte| *byte == 0)?;
        (end > 0).then(|| String::from_utf8_lossy(&rest[..end]).into_owned())
    }
}
