//! One dataset: its type and shape, and its numbers in bounded blocks.

use std::sync::Arc;

use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::superblock::Superblock;
use hdf5_reader::{ByteOrder, Datatype, Hdf5File};

use super::raw::Header;
use super::{Error, Stored, StoredAs, filters, translate};
use crate::limits;
use crate::source::ByteSource;
use crate::tensor::{self, Dtype};

/// Type of the message that holds the type of the elements.
const DATATYPE: u16 = 3;

/// A dataset of an HDF5 file.
#[derive(Clone)]
pub struct Dataset {
    /// The reader's view of it; none where only its header was found.
    inner: Option<hdf5_reader::Dataset>,
    source: Arc<dyn ByteSource>,
    /// Path from the root.
    pub path: String,
    /// Shape, outermost axis first; empty for a scalar.
    pub shape: Vec<u64>,
    /// Type of its elements.
    pub dtype: Dtype,
    big_endian: bool,
    /// First byte in the file and length, where the numbers lie in one run.
    run: Option<(u64, u64)>,
    /// Registered numbers of its filters.
    filters: Vec<u16>,
    /// Bytes that are there of those that should be, where the file ends within its numbers.
    cut: Option<(u64, u64)>,
}

impl Dataset {
    pub(super) fn describe(
        file: &Hdf5File,
        source: Arc<dyn ByteSource>,
        inner: hdf5_reader::Dataset,
        path: String,
    ) -> Result<Dataset, Error> {
        let (dtype, big_endian) = dtype(&inner)?;
        let header = file.get_or_parse_header(inner.address()).map_err(translate)?;
        let block = file.superblock();
        let (run, cut) = match contiguous_run(block, &header.messages) {
            Some((start, size)) if start.saturating_add(size) <= source.len() => (Some((start, size)), None),
            Some((start, size)) => (None, Some((source.len().saturating_sub(start), size))),
            None => (None, None),
        };
        let filters = header.messages.iter().find_map(|message| match message {
            HdfMessage::FilterPipeline(line) => Some(line.filters.iter().map(|filter| filter.id).collect()),
            _ => None,
        });
        let (shape, filters) = (inner.shape().to_vec(), filters.unwrap_or_default());
        Ok(Dataset { shape, inner: Some(inner), source, path, dtype, big_endian, run, filters, cut })
    }

    /// A dataset of which nothing but the header is reached; `base` is the length of the user block.
    pub(super) fn recovered(
        source: Arc<dyn ByteSource>,
        base: u64,
        stored: &Stored,
        header: &Header,
        path: &str,
    ) -> Result<Dataset, Error> {
        let lost = || Error::Damaged(format!("the description of {path} is damaged"));
        let datatype =
            header.messages.iter().position(|message| message.kind == DATATYPE).ok_or_else(lost)?;
        let message = &header.messages[datatype];
        let Ok(HdfMessage::Datatype(decoded)) = &message.body else { return Err(lost()) };
        let (dtype, big_endian) = number_type(&decoded.datatype, || false);
        let shape = stored.shape.clone().ok_or_else(lost)?;
        let mut dataset = Dataset {
            inner: None,
            source,
            path: path.to_string(),
            shape,
            dtype,
            big_endian,
            run: None,
            filters: stored.filters.clone(),
            cut: None,
        };
        if let (StoredAs::Run(start, end), Some(present)) = (&stored.how, stored.present) {
            let size = end - start;
            let whole = present >= size;
            dataset.run = whole.then(|| (base.saturating_add(*start), size));
            dataset.cut = (!whole).then_some((present, size));
        }
        Ok(dataset)
    }

    /// Bytes that are there of those that should be, where the file ends within its numbers.
    pub fn cut(&self) -> Option<(u64, u64)> {
        self.cut
    }

    /// Number of elements.
    ///
    /// # Errors
    /// When the product of the shape overflows.
    pub fn elements(&self) -> Result<u64, Error> {
        self.shape.iter().try_fold(1u64, |product, axis| product.checked_mul(*axis)).ok_or_else(|| {
            Error::TooLarge(format!("{} declares more elements than 64 bits can count", self.path))
        })
    }

    /// Hands over all numbers as `f32`, in order, in blocks of at most [`limits::BLOCK_BYTES`] stored bytes.
    ///
    /// # Errors
    /// When the numbers are not numbers, not all there, or too many.
    pub fn for_each_block(&self, mut each: impl FnMut(&[f32])) -> Result<(), Error> {
        let bytes = self.byte_length()?;
        let mut block = Vec::new();
        let mut decode = |raw: &[u8]| {
            block.clear();
            tensor::decode(self.dtype, self.big_endian, raw, &mut block);
            each(&block);
        };
        match self.whole_run(bytes) {
            Some(start) => self.read_run(start, bytes, decode),
            None => {
                self.refuse_large(bytes)?;
                let raw = self.read_at_once()?;
                raw.chunks(limits::BLOCK_BYTES).for_each(&mut decode);
                Ok(())
            }
        }
    }

    /// Whether its numbers lie in the file as they are, so that reading them takes no more than the file has.
    pub fn is_plain(&self) -> bool {
        self.byte_length().is_ok_and(|bytes| self.whole_run(bytes).is_some())
    }

    /// The first byte in the file of its numbers, where they lie there as they are, the lowest byte of each first.
    pub fn little_endian_run(&self) -> Option<u64> {
        let bytes = self.byte_length().ok()?;
        self.whole_run(bytes).filter(|_| !self.big_endian || self.dtype.size() == 1)
    }

    /// The bytes of all its numbers, unpacked, the lowest byte of each first.
    ///
    /// # Errors
    /// As [`Dataset::for_each_block`].
    pub fn little_endian_bytes(&self) -> Result<Vec<u8>, Error> {
        let length = self.byte_length()?;
        self.refuse_large(length)?;
        let mut bytes = Vec::new();
        match self.whole_run(length) {
            Some(start) => self.read_run(start, length, |block| bytes.extend_from_slice(block))?,
            None => bytes = self.read_at_once()?,
        }
        bytes.truncate(length as usize);
        if self.big_endian {
            bytes.chunks_exact_mut(self.dtype.size()).for_each(<[u8]>::reverse);
        }
        Ok(bytes)
    }

    /// Where the run with all numbers begins.
    fn whole_run(&self, bytes: u64) -> Option<u64> {
        self.run.filter(|(_, length)| *length >= bytes).map(|(start, _)| start)
    }

    /// All numbers as `f32`.
    ///
    /// # Errors
    /// As [`Dataset::for_each_block`].
    pub fn read(&self) -> Result<Vec<f32>, Error> {
        self.refuse_large(self.byte_length()?)?;
        let mut numbers = Vec::new();
        self.for_each_block(|block| numbers.extend_from_slice(block))?;
        Ok(numbers)
    }

    fn read_at_once(&self) -> Result<Vec<u8>, Error> {
        if let Some((there, size)) = self.cut {
            return Err(Error::Damaged(format!("the file ends after {there} of its {size} bytes")));
        }
        let Some(inner) = &self.inner else {
            return Err(Error::Unsupported("of its numbers only the description was found".into()));
        };
        inner.read_raw_bytes().map_err(|error| match (translate(error), self.unknown_filter()) {
            (Error::Unsupported(_), Some(filter)) => Error::Unsupported(format!(
                "it is stored with {}, which is not decoded here",
                filters::name(filter)
            )),
            (error, _) => error,
        })
    }

    fn unknown_filter(&self) -> Option<u16> {
        self.filters.iter().copied().find(|id| !filters::is_known(*id))
    }

    fn byte_length(&self) -> Result<u64, Error> {
        if self.dtype == Dtype::Other {
            return Err(Error::Unsupported(format!("{} holds no numbers", self.path)));
        }
        Ok(self.elements()?.saturating_mul(self.dtype.size() as u64))
    }

    /// Refuses what would take too much memory at once.
    fn refuse_large(&self, bytes: u64) -> Result<(), Error> {
        if bytes > limits::MAX_TENSOR_BYTES {
            return Err(Error::TooLarge(format!(
                "{} declares {bytes} bytes, more than the {} that are read",
                self.path,
                limits::MAX_TENSOR_BYTES
            )));
        }
        Ok(())
    }

    fn read_run(&self, start: u64, bytes: u64, mut each: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut raw = vec![0; limits::BLOCK_BYTES.min(bytes as usize)];
        let mut done = 0;
        while done < bytes {
            let count = (bytes - done).min(raw.len() as u64) as usize;
            self.source
                .read_at(start + done, &mut raw[..count])
                .map_err(|e| Error::Damaged(format!("{}: {e}", self.path)))?;
            each(&raw[..count]);
            done += count as u64;
        }
        Ok(())
    }
}

/// Where the numbers lie and how many bytes they have, if they lie in one run of this file.
fn contiguous_run(block: &Superblock, messages: &[HdfMessage]) -> Option<(u64, u64)> {
    if messages.iter().any(|message| matches!(message, HdfMessage::ExternalFiles(_))) {
        return None;
    }
    messages.iter().find_map(|message| match message {
        HdfMessage::DataLayout(layout) => match layout.layout {
            // Where nothing was ever written the address is all ones, and the reader supplies the fill value.
            DataLayout::Contiguous { address, .. }
                if Cursor::is_undefined_offset(address, block.offset_size) =>
            {
                None
            }
            DataLayout::Contiguous { address, size } => {
                Some((block.base_address.checked_add(address)?, size))
            }
            _ => None,
        },
        _ => None,
    })
}

fn dtype(dataset: &hdf5_reader::Dataset) -> Result<(Dtype, bool), Error> {
    let encoded = dataset.raw_datatype().map_err(translate)?;
    Ok(number_type(dataset.dtype(), || is_bfloat16(&encoded)))
}

/// The type of a number and whether its first byte is the highest.
fn number_type(datatype: &Datatype, is_brain: impl Fn() -> bool) -> (Dtype, bool) {
    let big = |order: &ByteOrder| *order == ByteOrder::BigEndian;
    match datatype {
        Datatype::FloatingPoint { size: 2, byte_order } => {
            (if is_brain() { Dtype::BF16 } else { Dtype::F16 }, big(byte_order))
        }
        Datatype::FloatingPoint { size: 4, byte_order } => (Dtype::F32, big(byte_order)),
        Datatype::FloatingPoint { size: 8, byte_order } => (Dtype::F64, big(byte_order)),
        Datatype::FixedPoint { size: size @ (1 | 2 | 4 | 8), signed, byte_order } => {
            (if *signed { Dtype::Int(*size) } else { Dtype::Uint(*size) }, big(byte_order))
        }
        // h5py keeps booleans as an enumeration over bytes.
        Datatype::Enum { base, .. } if matches!(**base, Datatype::FixedPoint { .. }) => {
            number_type(base, is_brain)
        }
        _ => (Dtype::Other, false),
    }
}

/// Byte 13 of an encoded floating-point datatype is the number of exponent bits: 8 for bfloat16, 5 for IEEE half.
fn is_bfloat16(encoded: &[u8]) -> bool {
    encoded.get(13) == Some(&8)
}
