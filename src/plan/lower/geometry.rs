//! Shapes and strides in four dimensions, the batch first.

/// Shape padded with ones behind the batch to four dimensions; `shape` has at most three axes.
pub(super) fn four(batch: usize, shape: &[usize]) -> [usize; 4] {
    let mut out = [1; 4];
    out[4 - shape.len()..].copy_from_slice(shape);
    out[0] = batch;
    out
}

/// Row-major strides of that shape.
pub(super) fn strides(batch: usize, shape: &[usize]) -> [usize; 4] {
    let sizes = four(batch, shape);
    let mut out = [1; 4];
    for axis in (0..3).rev() {
        out[axis] = out[axis + 1] * sizes[axis + 1];
    }
    out
}

/// Strides for reading a tensor as if it had the shape `target`, 0 along stretched axes.
pub(super) fn broadcast(batch: usize, shape: &[usize], target: &[usize; 4]) -> [usize; 4] {
    let (sizes, mut out) = (four(batch, shape), strides(batch, shape));
    for axis in 0..4 {
        if sizes[axis] == 1 && target[axis] != 1 {
            out[axis] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_are_row_major_behind_the_batch() {
        assert_eq!(four(2, &[5]), [2, 1, 1, 5]);
        assert_eq!(strides(2, &[3, 4, 5]), [60, 20, 5, 1]);
        assert_eq!(broadcast(2, &[1, 1, 5], &[2, 3, 4, 5]), [5, 0, 0, 1]);
        assert_eq!(broadcast(1, &[4], &[1, 1, 3, 4]), [4, 4, 0, 1]);
    }
}
