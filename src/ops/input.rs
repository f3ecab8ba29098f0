//! `InputLayer`.

use serde_json::Value;

use super::OpError;
use crate::keras::config::Config;
use crate::limits;

/// Where a tensor comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its shape without the batch, `None` where an axis is open; absent when the file does not say.
    pub shape: Option<Vec<Option<usize>>>,
}

impl Input {
    pub(super) fn parse(config: &Config) -> Result<Input, OpError> {
        let name = if config.get("batch_shape").is_some() { "batch_shape" } else { "batch_input_shape" };
        let Some(value) = config.get(name) else { return Ok(Input { shape: None }) };
        let wrong = || config.wrong(name, "a list of lengths, the batch first");
        let items =
            value.as_array().filter(|i| !i.is_empty() && i.len() <= limits::MAX_RANK).ok_or_else(wrong)?;
        let axis = |value: &Value| match value {
            Value::Null => Some(None),
            _ => usize::try_from(value.as_u64()?)
                .ok()
                .filter(|n| (1..=limits::MAX_DIMENSION).contains(n))
                .map(Some),
        };
        let shape = items[1..].iter().map(axis).collect::<Option<Vec<_>>>();
        Ok(Input { shape: Some(shape.ok_or_else(wrong)?) })
    }
}
