//! How a dataset is stored: what it declares and what of that is in the file.

use hdf5_reader::btree_v1::{BTreeV1Key, collect_btree_v1_leaves_storage};
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::external_files::ExternalFilesMessage;
use hdf5_reader::messages::layout::{ChunkIndexing, DataLayout};
use hdf5_reader::messages::shared::SharedMessage;

use super::inventory::is_virtual;
use super::raw::{Header, Raw};
use crate::limits;

/// A dataset as its header describes it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its path, from the root, with a slash before it.
    pub path: String,
    /// Where its header is, counted from the start of the HDF5 part.
    pub address: u64,
    /// Its shape; `None` where that is lost or there is none.
    pub shape: Option<Vec<u64>>,
    /// Bytes its shape and type declare; `None` where that is not known or no number of 64 bits.
    pub declared: Option<u64>,
    /// Bytes that are allocated in the file for it; `None` where that is not known.
    pub allocated: Option<u64>,
    /// Bytes of those that lie before the end of the file.
    pub present: Option<u64>,
    /// How it is stored.
    pub how: StoredAs,
    /// Registered numbers of its filters.
    pub filters: Vec<u16>,
}

/// How the numbers of a dataset are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredAs {
    /// In its header.
    Compact,
    /// In one run from the first address to the second, counted from the start of the HDF5 part.
    Run(u64, u64),
    /// In chunks.
    Chunks,
    /// Nowhere: nothing was ever written.
    Nowhere,
    /// In other files.
    External(Vec<ExternalRun>),
    /// As a view of other datasets.
    Virtual,
    /// In a way that is not known, because its description is damaged.
    Unknown,
}

/// A part of another file that holds numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalRun {
    /// Its name; empty where that is lost.
    pub file: String,
    /// First byte in it.
    pub offset: u64,
    /// How many bytes.
    pub size: u64,
}

impl Stored {
    pub(super) fn read(raw: &Raw, path: String, address: u64, header: &Header) -> Stored {
        let shape = header.sound().find_map(|message| match message {
            HdfMessage::Dataspace(space) => Some(space.dims.clone()),
            _ => None,
        });
        let declared = shape
            .as_ref()
            .zip(element_bytes(raw, header))
            .and_then(|(shape, size)| shape.iter().try_fold(size, |bytes, axis| bytes.checked_mul(*axis)));
        let filters = header.sound().find_map(|message| match message {
            HdfMessage::FilterPipeline(line) => Some(line.filters.iter().map(|filter| filter.id).collect()),
            _ => None,
        });
        let mut stored = Stored {
            path,
            address,
            shape,
            declared,
            allocated: None,
            present: None,
            how: StoredAs::Unknown,
            filters: filters.unwrap_or_default(),
        };
        stored.locate(raw, header);
        stored
    }

    /// First and last address of its numbers, where they lie in one run.
    pub fn run(&self) -> Option<(u64, u64, &Stored)> {
        match self.how {
            StoredAs::Run(start, end) if end > start => Some((start, end, self)),
            _ => None,
        }
    }

    /// Whether it declares far more than it stores, in the way Keras 3.15.1 measures it.
    pub fn is_bomb(&self) -> bool {
        let Some((declared, allocated)) = self.declared.zip(self.allocated) else {
            // More bytes than 64 bits can count.
            return self.declared.is_none() && self.shape.as_ref().is_some_and(|shape| overflows(shape));
        };
        declared > limits::BOMB_FLOOR_BYTES && declared > allocated.saturating_mul(limits::BOMB_EXPANSION)
    }

    /// Whether nothing was ever written where there should be numbers.
    pub fn is_never_written(&self) -> bool {
        self.how == StoredAs::Nowhere && self.declared.is_some_and(|bytes| bytes > 0)
    }

    fn locate(&mut self, raw: &Raw, header: &Header) {
        for message in &header.messages {
            match &message.body {
                Ok(HdfMessage::ExternalFiles(files)) => {
                    self.how = StoredAs::External(external_runs(raw, files));
                    return;
                }
                // External files are named before or behind it.
                Ok(HdfMessage::DataLayout(layout)) if !is_external(header) => {
                    return self.lay_out(raw, &layout.layout);
                }
                Err(_) if is_virtual(message.kind, &message.bytes) => {
                    self.how = StoredAs::Virtual;
                    return;
                }
                _ => {}
            }
        }
    }

    fn lay_out(&mut self, raw: &Raw, layout: &DataLayout) {
        let (how, allocated, present) = match layout {
            DataLayout::Compact { data } => {
                (StoredAs::Compact, Some(data.len() as u64), Some(data.len() as u64))
            }
            DataLayout::Contiguous { address, .. } | DataLayout::Chunked { address, .. }
                if raw.is_none(*address) =>
            {
                (StoredAs::Nowhere, Some(0), Some(0))
            }
            DataLayout::Contiguous { address, size } => {
                // Files of HDF5 before 1.6.3 keep dimensions instead of a size, which the reader multiplies.
                let size = self.declared.map_or(*size, |declared| declared.min(*size));
                let end = address.saturating_add(size);
                let there = end.min(raw.end()).saturating_sub(*address);
                (StoredAs::Run(*address, end), Some(size), Some(there))
            }
            DataLayout::Chunked { address, dims, chunk_indexing, .. } => (
                StoredAs::Chunks,
                chunk_bytes(raw, *address, dims.len(), chunk_indexing.as_ref(), self.declared),
                None,
            ),
        };
        (self.how, self.allocated, self.present) = (how, allocated, present);
    }
}

fn is_external(header: &Header) -> bool {
    header.sound().any(|message| matches!(message, HdfMessage::ExternalFiles(_)))
}

fn external_runs(raw: &Raw, files: &ExternalFilesMessage) -> Vec<ExternalRun> {
    let names = raw.names(files.heap_address).ok();
    let name = |offset: u64| names.as_ref()?.at(offset);
    let slots = files.slots.iter().take(limits::MAX_LISTED);
    slots
        .map(|slot| {
            let file = name(slot.name_offset).unwrap_or_default();
            ExternalRun { file, offset: slot.offset, size: slot.size }
        })
        .collect()
}

fn overflows(shape: &[u64]) -> bool {
    !shape.contains(&0) && shape.iter().try_fold(1u64, |product, axis| product.checked_mul(*axis)).is_none()
}

/// Bytes of one element, followed to a datatype with a name of its own where it has one.
fn element_bytes(raw: &Raw, header: &Header) -> Option<u64> {
    let size = |header: &Header| {
        header.sound().find_map(|message| match message {
            HdfMessage::Datatype(datatype) => Some(u64::from(datatype.size)),
            _ => None,
        })
    };
    size(header).or_else(|| {
        let named = header.sound().find_map(|message| match message {
            HdfMessage::Shared(SharedMessage::SharedInOhdr { message_type: 3, address }) => Some(*address),
            _ => None,
        })?;
        size(&raw.header(named).ok()?)
    })
}

/// Bytes of all chunks, looked up only where the dataset declares so much that it matters.
fn chunk_bytes(
    raw: &Raw,
    address: u64,
    rank: usize,
    index: Option<&ChunkIndexing>,
    declared: Option<u64>,
) -> Option<u64> {
    if declared.is_some_and(|bytes| bytes <= limits::BOMB_FLOOR_BYTES) {
        return None;
    }
    match index {
        None => {
            let (storage, offset, length) = (raw.storage.as_ref(), raw.offset_size, raw.length_size);
            let rank = u32::try_from(rank).ok()?;
            let leaves =
                collect_btree_v1_leaves_storage(storage, address, offset, length, Some(rank), &[], None);
            Some(leaves.ok()?.iter().fold(0, |sum: u64, (key, _)| match key {
                BTreeV1Key::RawData { chunk_size, .. } => sum.saturating_add(u64::from(*chunk_size)),
                BTreeV1Key::Group { .. } => sum,
            }))
        }
        Some(ChunkIndexing::SingleChunk { filtered_size, filters: _ }) if *filtered_size > 0 => {
            Some(*filtered_size)
        }
        // It can't be more than there is.
        Some(_) => Some(raw.end()),
    }
}
