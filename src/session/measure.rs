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

impl Run<'_> {
    /// The statistics of every tensor, telling after each how far they are.
    pub(super) fn measure(&mut self, model: &ModelFile) -> Vec<Result<Stats, hdf5::Error>> {
        let total = model.weights.tensors.iter().map(bytes).fold(1, u64::saturating_add);
        let mut done: u64 = 0;
        self.enter(Stage::Weights);
        let measured = model.weights.tensors.iter().map(|tensor| {
            done = done.saturating_add(bytes(tensor));
            if done > limits::MAX_MEASURED_BYTES {
                return Err(hdf5::Error::TooLarge(
                    "the tensors before it are larger than any model's".into(),
                ));
            }
            let stats = measure(tensor);
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
