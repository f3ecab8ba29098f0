//! Kernels of two-dimensional convolutions in another order.

/// How the elements of a kernel change their places on the way to (rows, columns, channels, filters).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Whether they are stored as (filters, channels, rows, columns), as Keras 1 does under Theano's dimension ordering.
    pub transposed: bool,
    /// Whether rows and columns are reversed, as Theano's true convolution needs them.
    pub rotated: bool,
}

impl Turn {
    /// Whether everything stays where it is.
    pub fn is_none(self) -> bool {
        self == Turn::default()
    }

    /// The shape afterwards of a kernel of that shape; nothing where it has not four axes.
    pub fn shape(self, shape: &[u64]) -> Option<[u64; 4]> {
        match *shape {
            [filters, channels, rows, columns] if self.transposed => Some([rows, columns, channels, filters]),
            [rows, columns, channels, filters] => Some([rows, columns, channels, filters]),
            _ => None,
        }
    }

    /// The bytes of a kernel in the new order, `size` bytes each element; nothing where shape and bytes don't fit together.
    pub fn apply(self, shape: &[u64], size: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let [rows, columns, channels, filters] = self.shape(shape)?.map(|axis| axis as usize);
        let mut turned = Vec::with_capacity(bytes.len());
        for row in 0..rows {
            for column in 0..columns {
                let (row, column) =
                    if self.rotated { (rows - 1 - row, columns - 1 - column) } else { (row, column) };
                for channel in 0..channels {
                    for filter in 0..filters {
                        let at = if self.transposed {
                            ((filter * channels + channel) * rows + row) * columns + column
                        } else {
                            ((row * columns + column) * channels + channel) * filters + filter
                        };
                        turned.extend_from_slice(bytes.get(at * size..(at + 1) * size)?);
                    }
                }
            }
        }
        (turned.len() == bytes.len()).then_some(turned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.arange(24).reshape(shape)`, transposed by (2, 3, 1, 0) and reversed by `[::-1, ::-1]` (numpy 2.5.5).
    #[test]
    fn kernels_are_turned_as_numpy_turns_them() {
        let bytes: Vec<u8> = (0..24).collect();
        let turned = |transposed, rotated, shape: [u64; 4]| {
            let turn = Turn { transposed, rotated };
            (turn.shape(&shape).unwrap(), turn.apply(&shape, 1, &bytes).unwrap())
        };
        let (shape, first) = turned(true, false, [2, 3, 2, 2]);
        assert_eq!((shape, &first[..8]), ([2, 2, 3, 2], &[0, 12, 4, 16, 8, 20, 1, 13][..]));
        let (shape, both) = turned(true, true, [2, 3, 2, 2]);
        assert_eq!((shape, &both[..8]), ([2, 2, 3, 2], &[3, 15, 7, 19, 11, 23, 2, 14][..]));
        let (shape, rotated) = turned(false, true, [2, 2, 3, 2]);
        assert_eq!((shape, &rotated[..8]), ([2, 2, 3, 2], &[18, 19, 20, 21, 22, 23, 12, 13][..]));
        assert_eq!(Turn::default().apply(&[5, 5], 1, &bytes), None);
        assert_eq!(Turn::default().apply(&[5, 5, 5, 5], 1, &bytes), None);
    }
}
