//! `preprocess_weights_for_loading`: what Keras 2 and tf.keras make of arrays before they assign them. Of the arrays only the
//! shapes are followed.

use super::rules::Nested;
use super::shelf::Array;
use super::variables::{Holder, Variable};
use crate::loaders::{Attempt, Stop};

/// Classes whose first array is a kernel that may be turned over.
const CONVOLUTIONS: [&str; 5] = ["Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D"];
/// Classes that are converted from Keras 1 in ways that need more than is known of them here.
const CONVERTED: [&str; 8] =
    ["Conv1D", "Conv2DTranspose", "Conv3D", "GRU", "LSTM", "ConvLSTM2D", "TimeDistributed", "Bidirectional"];

/// What the conversion depends on.
#[derive(Clone, Copy)]
pub struct Prepare<'p> {
    /// Whether the file is taken for one of Keras 1: its version is `1` or not told.
    pub of_keras1: bool,
    /// How it goes into models.
    pub nested: Nested,
    /// All variables.
    pub all: &'p [Variable],
}

impl Prepare<'_> {
    /// The arrays that will be assigned to a layer.
    pub fn layer(&self, holder: &Holder<'_>, mut arrays: Vec<Array>) -> Attempt<Vec<Array>> {
        let class = holder.slot.class.as_str();
        if holder.slot.inner.is_some() {
            return self.model(holder, arrays);
        }
        if self.of_keras1 {
            if CONVERTED.contains(&class) {
                return Err(Stop::unknown(format!(
                    "how it converts a {class} of Keras 1 is not followed here"
                )));
            }
            if class == "Conv2D" && holder.channels_first {
                turn_over(&mut arrays, [2, 3, 1, 0])?;
            }
        }
        if CONVOLUTIONS.contains(&class)
            && let Some(expected) = holder.by_layer.first().and_then(|id| self.all.get(*id)?.shape.as_ref())
        {
            let first = arrays.first().ok_or_else(out_of_range)?;
            if *expected != first.shape {
                turn_over(&mut arrays, [3, 2, 0, 1])?;
            }
        }
        Ok(arrays)
    }

    fn model(&self, holder: &Holder<'_>, arrays: Vec<Array>) -> Attempt<Vec<Array>> {
        let sequential = holder.slot.inner.as_ref().is_some_and(|inner| inner.sequential);
        match self.nested {
            Nested::OfKeras1 if !self.of_keras1 => Ok(arrays),
            Nested::OfKeras1 | Nested::TwoPasses => self.in_two_passes(holder, arrays),
            Nested::PerLayer { functional } if !functional && !sequential => Ok(arrays),
            Nested::PerLayer { .. } => self.per_layer(holder, arrays),
        }
    }

    fn in_two_passes(&self, holder: &Holder<'_>, mut arrays: Vec<Array>) -> Attempt<Vec<Array>> {
        let mut prepared = Vec::new();
        let trained = holder.parts.iter().map(|part| (part, part.trained.len()));
        let others = holder.parts.iter().map(|part| (part, part.others.len()));
        for (part, count) in trained.chain(others).filter(|(_, count)| *count > 0) {
            prepared.extend(self.layer(part, take(&mut arrays, count))?);
        }
        Ok(prepared)
    }

    fn per_layer(&self, holder: &Holder<'_>, mut arrays: Vec<Array>) -> Attempt<Vec<Array>> {
        let mut trained = take(&mut arrays, holder.trained.len());
        let (mut others, mut prepared, mut rest) = (arrays, Vec::new(), Vec::new());
        for part in holder.parts.iter().filter(|part| part.count() > 0) {
            let mut own = take(&mut trained, part.trained.len());
            own.extend(take(&mut others, part.others.len()));
            let mut own = self.layer(part, own)?;
            prepared.extend(take(&mut own, part.trained.len()));
            rest.extend(own);
        }
        prepared.extend(rest);
        Ok(prepared)
    }
}

/// Python's `items[:count]`, which are taken away.
fn take(arrays: &mut Vec<Array>, count: usize) -> Vec<Array> {
    let rest = arrays.split_off(count.min(arrays.len()));
    std::mem::replace(arrays, rest)
}

/// `weights[0] = np.transpose(weights[0], axes)`
fn turn_over(arrays: &mut [Array], axes: [usize; 4]) -> Attempt<()> {
    let first = arrays.first_mut().ok_or_else(out_of_range)?;
    match first.shape[..] {
        [_, _, _, _] => {
            first.shape = axes.iter().filter_map(|axis| first.shape.get(*axis).copied()).collect();
            Ok(())
        }
        _ => Err(Stop::raised("ValueError", "axes don't match array")),
    }
}

fn out_of_range() -> Stop {
    Stop::raised("IndexError", "list index out of range")
}
