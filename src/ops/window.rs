//! Sliding windows: the arithmetic that convolution and pooling share.

use super::{DataFormat, OpError, ShapeError};
use crate::keras::config::Config;
use crate::limits;

/// What happens at the edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Windows stay inside.
    Valid,
    /// As many outputs as inputs, divided by the stride; more padding goes below and to the right.
    Same,
    /// Theano's `half`, which Keras calls `same` there: half the window at every edge, whatever the stride.
    Half,
}

/// A window over height and width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Steps inside a window.
    pub dilation: [usize; 2],
    /// What happens at the edges.
    pub padding: Padding,
    /// Order of the axes.
    pub format: DataFormat,
}

impl Window {
    /// Reads `strides`, `dilation_rate`, `padding` and `data_format`; `strides` default to `default_strides`.
    pub(super) fn parse(
        config: &Config,
        size: [usize; 2],
        default_strides: [usize; 2],
    ) -> Result<Window, OpError> {
        let padding = match config.text("padding") {
            Some("valid") | None => Padding::Valid,
            Some("same") if config.is_theanos => Padding::Half,
            Some("same") => Padding::Same,
            Some(_) => return Err(config.wrong("padding", "valid or same").into()),
        };
        let window = Window {
            size,
            strides: config.pair("strides", default_strides)?,
            dilation: config.pair("dilation_rate", [1, 1])?,
            padding,
            format: DataFormat::parse(config)?,
        };
        for (name, pair) in
            [("strides", window.strides), ("dilation_rate", window.dilation), ("kernel_size", size)]
        {
            if pair.contains(&0) {
                return Err(config.wrong(name, "numbers above zero").into());
            }
        }
        Ok(window)
    }

    /// Output height and width, and the padding above and to the left, for an input of that height and width.
    ///
    /// # Errors
    /// When the window is larger than the input and nothing is padded, or larger than any tensor.
    pub fn fit(&self, input: [usize; 2]) -> Result<([usize; 2], [usize; 2]), ShapeError> {
        let (mut output, mut before) = ([0; 2], [0; 2]);
        for axis in 0..2 {
            // Two numbers of 2²⁴ overflow 32 bits; so large a span fits nowhere anyway.
            let span = (self.size[axis] - 1).saturating_mul(self.dilation[axis]).saturating_add(1);
            if span > limits::MAX_DIMENSION {
                return Err(ShapeError(format!("a window of {span} is larger than any tensor")));
            }
            (output[axis], before[axis]) = match self.padding {
                Padding::Half if span % 2 == 1 => {
                    ((input[axis].max(1) - 1) / self.strides[axis] + 1, span / 2)
                }
                // Of an even window, Keras cuts off what Theano computes too much, so that it is like TensorFlow's.
                Padding::Same | Padding::Half => same(input[axis], span, self.strides[axis]),
                Padding::Valid if span > input[axis] => {
                    return Err(ShapeError(format!(
                        "a window of {span} does not fit into {} {}",
                        input[axis],
                        ["rows", "columns"][axis]
                    )));
                }
                Padding::Valid => ((input[axis] - span) / self.strides[axis] + 1, 0),
            };
        }
        Ok((output, before))
    }
}

fn same(input: usize, span: usize, stride: usize) -> (usize, usize) {
    let output = input.div_ceil(stride);
    let needed = (output.max(1) - 1).saturating_mul(stride).saturating_add(span);
    (output, needed.saturating_sub(input) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(size: usize, stride: usize, dilation: usize, padding: Padding) -> Window {
        Window {
            size: [size; 2],
            strides: [stride; 2],
            dilation: [dilation; 2],
            padding,
            format: DataFormat::ChannelsLast,
        }
    }

    /// Whether Theano computed a layer is not for one of its arguments to say.
    #[test]
    fn no_argument_makes_a_layer_theanos() {
        let parsed = |config: &Config| Window::parse(config, [3, 3], [1, 1]).unwrap().padding;
        let arguments = serde_json::json!({"padding": "same", "under theano": true, "is_theanos": true});
        let mut config = Config::from(arguments.as_object().unwrap().clone());
        assert_eq!(parsed(&config), Padding::Same);
        config.is_theanos = true;
        assert_eq!(parsed(&config), Padding::Half);
    }

    #[test]
    fn sizes_and_padding_follow_tensorflow() {
        // TensorFlow's rules for "SAME": ceil(n / s) outputs, the odd row of padding goes below.
        assert_eq!(window(3, 2, 1, Padding::Same).fit([224, 5]).unwrap(), ([112, 3], [0, 1]));
        assert_eq!(window(7, 2, 1, Padding::Same).fit([64, 64]).unwrap(), ([32, 32], [2, 2]));
        assert_eq!(window(1, 2, 1, Padding::Same).fit([5, 6]).unwrap(), ([3, 3], [0, 0]));
        assert_eq!(window(3, 1, 2, Padding::Valid).fit([8, 7]).unwrap(), ([4, 3], [0, 0]));
        assert!(window(3, 1, 2, Padding::Valid).fit([4, 9]).is_err());
    }

    #[test]
    fn theano_pads_both_sides_alike() {
        assert_eq!(window(3, 2, 1, Padding::Half).fit([224, 5]).unwrap(), ([112, 3], [1, 1]));
        assert_eq!(window(7, 2, 1, Padding::Half).fit([64, 63]).unwrap(), ([32, 32], [3, 3]));
    }
}
