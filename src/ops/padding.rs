//! `ZeroPadding2D` and `Cropping2D`.

use serde_json::Value;

use super::{DataFormat, OpError, Shape, ShapeError, image_shape, spatial};
use crate::keras::config::Config;
use crate::limits;

/// Rows and columns at each edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edges {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the left.
    pub left: usize,
    /// Columns to the right.
    pub right: usize,
    /// Order of the axes.
    pub format: DataFormat,
}

impl Edges {
    /// Reads `((top, bottom), (left, right))`, `(rows, columns)`, one number, or Keras 1's four numbers or names.
    pub(super) fn parse(argument: &str, config: &Config) -> Result<Edges, OpError> {
        let format = DataFormat::parse(config)?;
        let value = config.get(argument);
        let found =
            value.map_or(Some([1, 1, 1, 1]), edges).filter(|e| e.iter().all(|n| *n <= limits::MAX_DIMENSION));
        let [top, bottom, left, right] =
            found.ok_or_else(|| config.wrong(argument, "numbers of rows and columns for the edges"))?;
        Ok(Edges { top, bottom, left, right, format })
    }

    pub(super) fn padded_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.format, input)?;
        Ok(image_shape(
            self.format,
            [height + self.top + self.bottom, width + self.left + self.right, channels],
        ))
    }

    pub(super) fn cropped_shape(&self, input: &Shape) -> Result<Shape, ShapeError> {
        let [height, width, channels] = spatial(self.format, input)?;
        let rest = |length: usize, cut: usize| {
            length
                .checked_sub(cut)
                .filter(|rest| *rest > 0)
                .ok_or_else(|| ShapeError(format!("nothing is left of {length} after cropping {cut}")))
        };
        Ok(image_shape(
            self.format,
            [rest(height, self.top + self.bottom)?, rest(width, self.left + self.right)?, channels],
        ))
    }
}

/// `[top, bottom, left, right]`
fn edges(value: &Value) -> Option<[usize; 4]> {
    let number = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
    match value {
        Value::Array(items) => match items.as_slice() {
            [Value::Array(rows), Value::Array(columns)] => match (rows.as_slice(), columns.as_slice()) {
                ([top, bottom], [left, right]) => {
                    Some([number(top)?, number(bottom)?, number(left)?, number(right)?])
                }
                _ => None,
            },
            [rows, columns] => Some([number(rows)?, number(rows)?, number(columns)?, number(columns)?]),
            [top, bottom, left, right] => {
                Some([number(top)?, number(bottom)?, number(left)?, number(right)?])
            }
            _ => None,
        },
        Value::Object(map) => {
            let side = |name: &str| map.get(name).map_or(Some(0), number);
            Some([side("top_pad")?, side("bottom_pad")?, side("left_pad")?, side("right_pad")?])
        }
        _ => number(value).map(|n| [n; 4]),
    }
}
