//! Every number of a file, read once.

use super::{Event, Run, Stage};
use crate::hdf5;
use crate::keras::{ModelFile, StoredTensor};
use crate::limits;
use crate::tensor::{Accumulator, Stats};

/// The statistics of one stored tensor.
///
/// # Errors
/// When its numbers can't be read.
fn measure(tensor: &StoredTensor) -> Result<Stats, hdf5::Error> {
    let mut accumulator = Accumulator::new(tensor.channels());
    tensor.dataset.for_each_block(|block| accumulator.add(block))?;
    Ok(accumulator.finish())
}

/// Bytes of numbers that may still be read.
struct Budget {
    /// Of those that lie in the file as they are.
    plain: u64,
    /// Of those that are unpacked or were never written.
    unpacked: u64,
}

impl Budget {
    fn of(length: u64) -> Budget {
        let unpacked = length.saturating_mul(limits::MAX_UNPACKED_RATIO);
        Budget {
            plain: length.saturating_mul(limits::MAX_READINGS),
            unpacked: unpacked.saturating_add(limits::MAX_UNPACKED_BYTES),
        }
    }

    /// Takes a tensor's bytes off what is left; one that is refused for its own size takes none.
    fn take(&mut self, tensor: &StoredTensor) -> Result<(), hdf5::Error> {
        let (bytes, is_plain) = (bytes(tensor), tensor.dataset.is_plain());
        if !is_plain && bytes > limits::MAX_TENSOR_BYTES {
            return Ok(());
        }
        let left = if is_plain { &mut self.plain } else { &mut self.unpacked };
        let too_large = "all weights together declare more numbers than the file can have";
        *left = left.checked_sub(bytes).ok_or_else(|| hdf5::Error::TooLarge(too_large.into()))?;
        Ok(())
    }
}

impl Run<'_> {
    /// The statistics of every tensor of a file of that length, telling after each how far they are.
    pub(super) fn measure(&mut self, model: &ModelFile, length: u64) -> Vec<Result<Stats, hdf5::Error>> {
        let total = model.weights.tensors.iter().map(bytes).fold(1, u64::saturating_add);
        let mut budget = Budget::of(length);
        let mut done: u64 = 0;
        self.enter(Stage::Weights);
        let measured = model.weights.tensors.iter().map(|tensor| {
            done = done.saturating_add(bytes(tensor));
            let stats = budget.take(tensor).and_then(|()| measure(tensor));
            (self.on_event)(Event::Progress { stage: Stage::Weights, done, total });
            stats
        });
        let measured = measured.collect();
        self.complete(Stage::Weights);
        measured
    }
}

fn bytes(tensor: &StoredTensor) -> u64 {
    let elements = tensor.dataset.elements().unwrap_or(0);
    elements.saturating_mul(tensor.dataset.dtype.size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, with_facts};

    #[test]
    fn numbers_are_read_a_few_times_and_no_more() {
        with_facts(&File::small().bytes(), |facts| {
            let tensors = &facts.model.unwrap().as_ref().unwrap().weights.tensors;
            let all: u64 = tensors.iter().map(bytes).sum();
            let mut budget = Budget { plain: all, unpacked: 0 };
            assert!(tensors.iter().all(|tensor| budget.take(tensor).is_ok()));
            assert!(matches!(budget.take(&tensors[0]), Err(hdf5::Error::TooLarge(_))));
        });
    }
}
