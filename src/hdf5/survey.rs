//! A look at the whole file, which is taken once and only when it is asked for.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::inventory::{Inventory, LinkKind, Walk};
use super::raw::{Metered, Raw};
use super::{Dataset, Error, File, Stored, StoredAs, salvage, translate};
use crate::limits;

/// What a walk and, in a damaged file, a search found.
pub(super) struct Survey {
    inventory: Inventory,
    /// Address of every object by its path, without a slash before it.
    addresses: BTreeMap<String, u64>,
    /// Index into the datasets by address.
    datasets: BTreeMap<u64, usize>,
}

/// An object that the ordinary way of reading did not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// What lies behind the end of the HDF5 part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailing {
    /// How many bytes.
    pub bytes: u64,
    /// Whether all that were looked at are zero.
    pub zero: bool,
}

/// The file around the model.
#[derive(Debug, Default)]
pub struct Container {
    /// Everything in it.
    pub inventory: Inventory,
    /// What lies behind its end.
    pub trailing: Option<Trailing>,
    /// The first bytes of its user block, at most 16.
    pub user_block: Option<Vec<u8>>,
}

impl File {
    /// What is to be said of the file around the model.
    pub fn into_container(self) -> Container {
        self.survey();
        let (trailing, user_block) = (self.trailing(), self.user_block());
        let inventory = self.survey.into_inner().map(|survey| survey.inventory).unwrap_or_default();
        Container { inventory, trailing, user_block }
    }

    /// Everything that is in the file.
    pub fn inventory(&self) -> &Inventory {
        &self.survey().inventory
    }

    /// How the dataset at a path is stored; none where there is none.
    pub fn stored(&self, path: &str) -> Option<&Stored> {
        self.survey().dataset(path)
    }

    /// Bytes behind the declared end, if there are any.
    fn trailing(&self) -> Option<Trailing> {
        let end = self.extent().end;
        let bytes = self.source.len().checked_sub(end).filter(|bytes| *bytes > 0)?;
        let mut block = vec![0; bytes.min(limits::MAX_TRAILING_BYTES) as usize];
        let zero = self.source.read_at(end, &mut block).is_ok() && block.iter().all(|byte| *byte == 0);
        Some(Trailing { bytes, zero })
    }

    /// The first bytes of the user block, at most 16.
    fn user_block(&self) -> Option<Vec<u8>> {
        let length = self.extent().base.min(16) as usize;
        let mut bytes = vec![0; length];
        self.source.read_at(0, &mut bytes).ok().filter(|()| length > 0).map(|()| bytes)
    }

    /// Whether something is damaged or missing anywhere in the file.
    pub(super) fn is_damaged(&self) -> bool {
        self.extent().end > self.source.len()
            || !self.setbacks().is_empty()
            || !self.inventory().damage.is_empty()
    }

    /// What the ordinary way of reading did not reach so far, each reason once.
    pub fn setbacks(&self) -> Vec<Setback> {
        self.setbacks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Paths of all datasets below a group, relative to it, in alphabetical order.
    pub(super) fn datasets_below(&self, group: &str) -> Vec<String> {
        let survey = self.survey();
        let below = survey.below(group).filter(|(_, address)| survey.datasets.contains_key(address));
        below.map(|(path, _)| path.to_string()).collect()
    }

    /// Names of the members of a group as the look at the whole file found them, its groups alone.
    pub(super) fn surviving_groups(&self, group: &str) -> Vec<String> {
        self.survey().names(group).map(|(groups, _)| groups).unwrap_or_default()
    }

    pub(super) fn survey(&self) -> &Survey {
        self.survey.get_or_init(|| Survey::take(self))
    }

    /// Looks for something in the whole file and remembers why that was necessary.
    pub(super) fn recover<T>(
        &self,
        path: &str,
        error: &Error,
        find: impl FnOnce(&Survey) -> Option<T>,
    ) -> Result<T, Error> {
        let found = find(self.survey()).ok_or_else(|| error.clone())?;
        let mut setbacks = self.setbacks.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = error.to_string();
        if setbacks.len() < limits::MAX_LISTED && setbacks.iter().all(|known| known.reason != reason) {
            setbacks.push(Setback { path: path.to_string(), reason });
        }
        Ok(found)
    }

    pub(super) fn recover_dataset(&self, path: &str, error: &Error) -> Result<Dataset, Error> {
        let stored = self.survey().dataset(path).ok_or_else(|| error.clone())?;
        let header = self.raw.header(stored.address)?;
        let dataset = Dataset::recovered(self.source.clone(), self.raw.source().1, stored, &header, path);
        // A view of other datasets is not damaged; its numbers just can't be had.
        if stored.how == StoredAs::Virtual {
            return dataset;
        }
        self.recover(path, error, |_| dataset.ok())
    }

    /// Whether there is nothing at the end of a soft link.
    fn dangles(&self, link: &str, target: &str) -> bool {
        let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = if target.starts_with('/') { target.to_string() } else { format!("{folder}/{target}") };
        let is_missing = |error| matches!(translate(error), Error::Missing(_));
        self.inner.group(&path).is_err_and(is_missing) && self.inner.dataset(&path).is_err_and(is_missing)
    }
}

impl Survey {
    fn take(file: &File) -> Survey {
        let block = file.inner.superblock();
        // A walk may read as much as everything else together.
        let raw = Raw { storage: Metered::again(&file.raw.storage), ..file.raw.clone() };
        let mut walk = Walk::new(raw.clone());
        if let Ok(root) = block.root_object_header_address() {
            walk.visit(String::new(), root);
        }
        if !walk.gaps.is_empty() || walk.inventory.groups == 0 {
            salvage::salvage(&raw, &mut walk, block.root_local_heap_address());
        }
        let mut inventory = walk.inventory;
        let soft = inventory.links.iter_mut().filter(|link| matches!(link.kind, LinkKind::Soft { .. }));
        for link in soft.take(limits::MAX_LISTED) {
            link.kind = LinkKind::Soft { dangling: file.dangles(&link.path, &link.target) };
        }
        let datasets =
            inventory.datasets.iter().enumerate().map(|(index, stored)| (stored.address, index)).collect();
        let addresses = walk
            .seen
            .into_iter()
            .map(|(address, (path, _))| (path.trim_matches('/').to_string(), address))
            .collect();
        Survey { inventory, addresses, datasets }
    }

    /// Where the object with that path is.
    pub(super) fn address(&self, path: &str) -> Option<u64> {
        self.addresses.get(path.trim_matches('/')).copied()
    }

    fn dataset(&self, path: &str) -> Option<&Stored> {
        self.inventory.datasets.get(*self.datasets.get(&self.address(path)?)?)
    }

    /// Paths, relative to a group, and addresses of everything below it.
    fn below(&self, group: &str) -> impl Iterator<Item = (&str, &u64)> {
        let group = group.trim_matches('/');
        let prefix = if group.is_empty() { String::new() } else { format!("{group}/") };
        let from = self.addresses.range(prefix.clone()..);
        from.map_while(move |(path, address)| Some((path.strip_prefix(&prefix)?, address)))
            .filter(|(path, _)| !path.is_empty())
    }

    /// Names of the groups and of the datasets in a group.
    pub(super) fn names(&self, group: &str) -> Option<(Vec<String>, Vec<String>)> {
        self.address(group)?;
        let direct = self.below(group).filter(|(path, _)| !path.contains('/'));
        let (datasets, groups): (Vec<_>, Vec<_>) = direct.partition(|(_, at)| self.datasets.contains_key(at));
        let names = |found: Vec<(&str, &u64)>| found.into_iter().map(|(path, _)| path.to_string()).collect();
        Some((names(groups), names(datasets)))
    }
}
