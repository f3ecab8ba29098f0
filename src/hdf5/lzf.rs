//! The LZF filter, which h5py registers under 32000 and no HDF5 library brings along.

use crate::limits;

/// The filter's registered number.
pub(super) const ID: u16 = 32000;

/// Decompresses a chunk to at most `expected` bytes; `None` when it is damaged.
///
/// A control byte below 32 announces that many literals and one more. Any other is a copy of `(control >> 5) + 2`
/// bytes, where 7 becomes 7 and the next byte, from `((control & 31) << 8) + next + 1` bytes before.
pub(super) fn decompress(mut input: &[u8], expected: usize) -> Option<Vec<u8>> {
    if expected > limits::MAX_CHUNK_BYTES {
        return None;
    }
    let mut out = Vec::new();
    while let Some(control) = take(&mut input) {
        if control < 32 {
            let (literals, rest) = input.split_at_checked(control + 1)?;
            out.extend_from_slice(literals);
            input = rest;
        } else {
            let length = match control >> 5 {
                7 => 7 + take(&mut input)?,
                length => length,
            };
            let distance = ((control & 31) << 8) + take(&mut input)? + 1;
            let start = out.len().checked_sub(distance)?;
            // The copy may run into what it writes, so it goes byte by byte.
            (start..start + length + 2).for_each(|at| out.push(out[at]));
        }
        if out.len() > expected {
            return None;
        }
    }
    Some(out)
}

fn take(input: &mut &[u8]) -> Option<usize> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(usize::from(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_overlapping_copies_are_expanded() {
        // "abc", then 5 bytes from 3 before, then a long copy of 7 + 1 + 2 bytes from 1 before.
        let packed = [2, b'a', b'b', b'c', 3 << 5, 2, 7 << 5, 1, 0];
        assert_eq!(decompress(&packed, 18).unwrap(), b"abcabcabbbbbbbbbbb");
    }

    #[test]
    fn damage_is_noticed() {
        for packed in [&[5, b'a'][..], &[1 << 5, 9], &[7 << 5], &[0, b'a', 7 << 5, 255, 0]] {
            assert_eq!(decompress(packed, 16), None, "{packed:?}");
        }
    }
}
