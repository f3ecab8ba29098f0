//! `Flatten`.

use super::{DataFormat, OpError, Shape};
use crate::keras::config::Config;

/// All axes in one; under `channels_first` the channels are moved last before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten {
    /// Order of the axes of what comes in.
    pub format: DataFormat,
}

impl Flatten {
    pub(super) fn parse(config: &Config) -> Result<Flatten, OpError> {
        Ok(Flatten { format: DataFormat::parse(config)? })
    }

    pub(super) fn output_shape(input: &Shape) -> Shape {
        vec![input.iter().product()]
    }
}
