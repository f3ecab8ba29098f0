//! One dataset: its type and shape, and its numbers in bounded blocks.

use std::sync::Arc;

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::{ByteOrder, Datatype, Hdf5File};

use super::{Error, translate};
use crate::limits;
use crate::source::ByteSource;
use crate::tensor::{self, Dtype};

/// A dataset of an HDF5 file.
#[derive(Clone)]
pub struct Dataset {
    inner: hdf5_reader::Dataset,
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
}

impl Dataset {
    pub(super) fn describe(
        file: &Hdf5File,
        source: Arc<dyn ByteSource>,
        inner: hdf5_reader::Dataset,
        path: String,
    ) -> Result<Dataset, Error> {
        let (dtype, big_endian) = dtype(&inner)?;
        let run = contiguous_run(file, &inner, source.len())?;
        Ok(Dataset { shape: inner.shape().to_vec(), inner, source, path, dtype, big_endian, run })
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
        match self.run {
            Some((start, length)) if length >= bytes => self.read_run(start, bytes, decode),
            _ => {
                let raw = self.inner.read_raw_bytes().map_err(translate)?;
                raw.chunks(limits::BLOCK_BYTES).for_each(&mut decode);
                Ok(())
            }
        }
    }

    /// All numbers as `f32`.
    ///
    /// # Errors
    /// As [`Dataset::for_each_block`].
    pub fn read(&self) -> Result<Vec<f32>, Error> {
        self.byte_length()?;
        let mut numbers = Vec::new();
        self.for_each_block(|block| numbers.extend_from_slice(block))?;
        Ok(numbers)
    }

    fn byte_length(&self) -> Result<u64, Error> {
        if self.dtype == Dtype::Other {
            return Err(Error::Unsupported(format!("{} holds no numbers", self.path)));
        }
        let bytes = self.elements()?.saturating_mul(self.dtype.size() as u64);
        if bytes > limits::MAX_TENSOR_BYTES {
            return Err(Error::TooLarge(format!(
                "{} declares {bytes} bytes, more than the {} that are read",
                self.path,
                limits::MAX_TENSOR_BYTES
            )));
        }
        Ok(bytes)
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

/// Where the numbers lie, if they lie in one allocated run inside the file.
fn contiguous_run(
    file: &Hdf5File,
    dataset: &hdf5_reader::Dataset,
    end: u64,
) -> Result<Option<(u64, u64)>, Error> {
    let header = file.get_or_parse_header(dataset.address()).map_err(translate)?;
    let base = file.superblock().base_address;
    let external = header.messages.iter().any(|m| matches!(m, HdfMessage::ExternalFiles(_)));
    let found = header.messages.iter().find_map(|message| match message {
        HdfMessage::DataLayout(layout) => match layout.layout {
            DataLayout::Contiguous { address, size } => Some((address, size)),
            _ => None,
        },
        _ => None,
    });
    // Where nothing was ever written the address is all ones, beyond any end, and the reader supplies the fill value.
    Ok(found.filter(|_| !external).and_then(|(address, size)| {
        let start = base.checked_add(address)?;
        (start.checked_add(size)? <= end).then_some((start, size))
    }))
}

fn dtype(dataset: &hdf5_reader::Dataset) -> Result<(Dtype, bool), Error> {
    let big = |order: &ByteOrder| *order == ByteOrder::BigEndian;
    Ok(match dataset.dtype() {
        Datatype::FloatingPoint { size: 2, byte_order } => {
            let brain = is_bfloat16(&dataset.raw_datatype().map_err(translate)?);
            (if brain { Dtype::BF16 } else { Dtype::F16 }, big(byte_order))
        }
        Datatype::FloatingPoint { size: 4, byte_order } => (Dtype::F32, big(byte_order)),
        Datatype::FloatingPoint { size: 8, byte_order } => (Dtype::F64, big(byte_order)),
        Datatype::FixedPoint { size: size @ (1 | 2 | 4 | 8), signed, byte_order } => {
            (if *signed { Dtype::Int(*size) } else { Dtype::Uint(*size) }, big(byte_order))
        }
        _ => (Dtype::Other, false),
    })
}

/// Byte 13 of an encoded floating-point datatype is the number of exponent bits: 8 for bfloat16, 5 for IEEE half.
fn is_bfloat16(encoded: &[u8]) -> bool {
    encoded.get(13) == Some(&8)
}
