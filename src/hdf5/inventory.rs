//! Everything that is in a file, whether a model needs it or not: its objects, its links, and what of it is damaged.

use std::collections::{BTreeMap, HashSet};

use super::Error;
use super::links::{Link, Listing, Target, is_user_defined};
use super::raw::{Damage, Header, Raw};
use super::stored::Stored;
use crate::limits;

/// What a walk over the whole file found.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Groups.
    pub groups: usize,
    /// Datasets.
    pub datasets: Vec<Stored>,
    /// Datatypes with a name of their own.
    pub datatypes: usize,
    /// Hard links.
    pub hard_links: usize,
    /// Links that are paths, in the order of the walk.
    pub links: Vec<PathLink>,
    /// Groups that contain themselves: the path, and where it leads to.
    pub cycles: Vec<(String, String)>,
    /// Structures that are damaged.
    pub damage: Vec<Damage>,
    /// Whether there was more than [`limits`] lets a walk visit.
    pub unfinished: bool,
}

/// A link that is a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathLink {
    /// Where it is.
    pub path: String,
    /// What it says.
    pub target: String,
    /// What kind it is.
    pub kind: LinkKind,
}

/// What a link that is a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// An object of the same file.
    Soft {
        /// Whether there is none under that path.
        dangling: bool,
    },
    /// An object of another file.
    External,
    /// What only the program knows that wrote it.
    UserDefined,
}

/// A group that may have lost members.
pub(super) struct Gap {
    /// Its path.
    pub(super) path: String,
    /// Its heap of names; none where that is lost or the group is of the new kind.
    pub(super) heap: Option<u64>,
}

/// The walk: depth first, every object once.
pub(super) struct Walk {
    raw: Raw,
    /// What is found.
    pub(super) inventory: Inventory,
    /// Path of every object by its address, and whether its members are being visited.
    pub(super) seen: BTreeMap<u64, (String, bool)>,
    /// Nodes of symbol tables that have been read.
    pub(super) nodes: Vec<u64>,
    /// Groups that have lost members.
    pub(super) gaps: Vec<Gap>,
    taken: HashSet<String>,
    bytes: usize,
    steps: usize,
}

/// What is still to be done.
enum Step {
    Enter(String, u64),
    Leave(u64),
}

impl Walk {
    pub(super) fn new(raw: Raw) -> Walk {
        let (seen, nodes, gaps) = (BTreeMap::new(), Vec::new(), Vec::new());
        Walk {
            raw,
            inventory: Inventory::default(),
            seen,
            nodes,
            gaps,
            taken: HashSet::new(),
            bytes: 0,
            steps: 0,
        }
    }

    /// Visits the object at an address and everything below it.
    pub(super) fn visit(&mut self, path: String, address: u64) {
        let mut steps = vec![Step::Enter(path, address)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(path, address) if self.may_go_on(&path) => {
                    steps.extend(self.enter(path, address))
                }
                Step::Enter(..) => self.inventory.unfinished = true,
                Step::Leave(address) => {
                    self.seen.entry(address).and_modify(|(_, inside)| *inside = false);
                }
            }
        }
    }

    /// The same for an object that was found by chance; the one that has that path already keeps it.
    pub(super) fn visit_new(&mut self, path: String, address: u64) {
        if !self.taken.contains(&path) {
            self.visit(path, address);
        }
    }

    fn may_go_on(&mut self, path: &str) -> bool {
        self.steps += 1;
        self.bytes = self.bytes.saturating_add(path.len());
        self.steps <= limits::MAX_OBJECTS
            && self.bytes <= limits::MAX_LIST_BYTES
            && path.len() <= limits::MAX_PATH_BYTES
    }

    /// Takes in one object; gives the steps that follow from it.
    fn enter(&mut self, path: String, address: u64) -> Vec<Step> {
        if let Some((first, inside)) = self.seen.get(&address) {
            if *inside {
                self.inventory.cycles.push((path, first.clone()));
            }
            return Vec::new();
        }
        self.taken.insert(path.clone());
        let header = match self.raw.header(address) {
            Ok(header) => header,
            Err(error) => {
                self.damaged(&path, [(address, error.to_string())]);
                self.gaps.push(Gap { path: path.clone(), heap: None });
                self.seen.insert(address, (path, false));
                return Vec::new();
            }
        };
        self.damaged(&path, header.damage.iter().cloned());
        let bad = header.messages.iter().filter(|message| !is_known(message.kind, &message.bytes));
        let bad = bad.filter_map(|message| match &message.body {
            Err(Error::Damaged(what)) => Some((address, what.clone())),
            _ => None,
        });
        self.damaged(&path, bad);
        self.seen.insert(address, (path.clone(), true));
        match Kind::of(&header) {
            Kind::Group => self.group(path, address, &header),
            Kind::Dataset => self.dataset(path, address, &header),
            Kind::Datatype => {
                self.inventory.datatypes += 1;
                vec![Step::Leave(address)]
            }
        }
    }

    fn dataset(&mut self, path: String, address: u64, header: &Header) -> Vec<Step> {
        self.inventory.datasets.push(Stored::read(&self.raw, path, address, header));
        vec![Step::Leave(address)]
    }

    fn group(&mut self, path: String, address: u64, header: &Header) -> Vec<Step> {
        self.inventory.groups += 1;
        let listing = self.raw.links(header);
        self.nodes.extend(&listing.nodes);
        if !listing.damage.is_empty() || !header.damage.is_empty() {
            self.gaps.push(Gap { path: path.clone(), heap: listing.table.map(|(_, heap)| heap) });
        }
        self.damaged(&path, listing.damage.iter().cloned());
        let mut steps = vec![Step::Leave(address)];
        steps.extend(self.members(&path, listing));
        steps
    }

    /// The members of a group, the last first, because steps are taken from the end.
    fn members(&mut self, path: &str, listing: Listing) -> Vec<Step> {
        let mut steps = Vec::new();
        for Link { name, target } in listing.links {
            let path = format!("{path}/{name}");
            match target {
                Target::Hard(address) => {
                    self.inventory.hard_links += 1;
                    steps.push(Step::Enter(path, address));
                }
                Target::Soft(target) => self.link(path, target, LinkKind::Soft { dangling: false }),
                Target::External(file, target) => {
                    self.link(path, format!("{file}:{target}"), LinkKind::External)
                }
                Target::UserDefined(kind) => self.link(path, format!("type {kind}"), LinkKind::UserDefined),
            }
        }
        steps.reverse();
        steps
    }

    fn link(&mut self, path: String, target: String, kind: LinkKind) {
        if self.may_go_on(&path) && self.may_go_on(&target) {
            self.inventory.links.push(PathLink { path, target, kind });
        } else {
            self.inventory.unfinished = true;
        }
    }

    fn damaged(&mut self, path: &str, what: impl IntoIterator<Item = (u64, String)>) {
        let path = if path.is_empty() { "/" } else { path };
        let damage = what.into_iter().map(|(address, what)| Damage { path: path.into(), address, what });
        self.inventory.damage.extend(damage);
        self.inventory.damage.truncate(limits::MAX_OBJECTS);
    }
}

/// What an object is.
enum Kind {
    Group,
    Dataset,
    Datatype,
}

impl Kind {
    fn of(header: &Header) -> Kind {
        let mut kinds = header.messages.iter().map(|message| message.kind);
        // Link info, link, group info and symbol table; else data layout.
        if kinds.clone().any(|kind| [0x02, 0x06, 0x0a, 0x11].contains(&kind)) {
            Kind::Group
        } else if kinds.clone().any(|kind| [0x01, 0x08].contains(&kind)) {
            Kind::Dataset
        } else if kinds.any(|kind| kind == 0x03) {
            Kind::Datatype
        } else {
            Kind::Group
        }
    }
}

/// Whether a message that the reader refuses is understood nevertheless.
fn is_known(kind: u16, bytes: &[u8]) -> bool {
    is_virtual(kind, bytes) || is_user_defined(kind, bytes)
}

/// Whether a message that the reader refuses is the layout of a virtual dataset: type 8, version 4, class 3.
pub(super) fn is_virtual(kind: u16, bytes: &[u8]) -> bool {
    kind == 8 && matches!(bytes, [4 | 5, 3, ..])
}

impl Inventory {
    /// Pairs of datasets whose numbers lie in the same bytes of the file, and how many bytes.
    pub fn overlaps(&self) -> Vec<(&Stored, &Stored, u64)> {
        let mut runs: Vec<(u64, u64, &Stored)> =
            self.datasets.iter().filter_map(|stored| stored.run()).collect();
        runs.sort_by_key(|(start, end, stored)| (*start, *end, stored.address));
        let mut found = Vec::new();
        let mut widest: Option<(u64, &Stored)> = None;
        for (start, end, stored) in runs {
            if let Some((before, other)) = widest.filter(|(before, _)| *before > start) {
                found.push((other, stored, before.min(end) - start));
            }
            if widest.is_none_or(|(before, _)| end > before) {
                widest = Some((end, stored));
            }
        }
        found
    }
}
