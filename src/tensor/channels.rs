//! The slices of a tensor along its last axis: a kernel's output channels.

use crate::limits;

/// What is known of the slices.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// How many there are.
    pub count: usize,
    /// How many hold nothing but zeros.
    pub dead: usize,
    /// How many hold one number other than zero throughout; 0 where a slice has only one element.
    pub constant: usize,
    /// The smallest Euclidean norm of a slice; `None` where a number is not finite.
    pub min_norm: Option<f64>,
    /// The largest.
    pub max_norm: Option<f64>,
}

/// The slices under way; elements come row by row, one of each slice.
pub(super) struct PerChannel {
    slices: Vec<Slice>,
    /// The slice of the next element.
    next: usize,
    rows: u64,
}

#[derive(Clone, Copy, Default)]
struct Slice {
    squares: f64,
    first: u32,
    /// Bits in which any element differs from the first.
    differing: u32,
    /// Bits of any element, without the signs.
    magnitudes: u32,
}

impl PerChannel {
    pub(super) fn new(channels: u64) -> Option<PerChannel> {
        let channels = usize::try_from(channels).ok().filter(|n| (1..=limits::MAX_CHANNELS).contains(n))?;
        Some(PerChannel { slices: vec![Slice::default(); channels], next: 0, rows: 0 })
    }

    pub(super) fn add(&mut self, mut chunk: &[f32]) {
        while !chunk.is_empty() {
            let (row, rest) = chunk.split_at(chunk.len().min(self.slices.len() - self.next));
            let slices = &mut self.slices[self.next..];
            if self.rows == 0 {
                slices.iter_mut().zip(row).for_each(|(slice, x)| slice.first = x.to_bits());
            }
            slices.iter_mut().zip(row).for_each(|(slice, x)| slice.add(*x));
            self.next += row.len();
            if self.next == self.slices.len() {
                (self.next, self.rows) = (0, self.rows + 1);
            }
            chunk = rest;
        }
    }

    pub(super) fn finish(self) -> Channels {
        let norms = || self.slices.iter().map(|slice| slice.squares.sqrt());
        let is_finite = norms().all(f64::is_finite) && self.rows > 0;
        let is_dead = |slice: &&Slice| self.rows > 0 && slice.magnitudes == 0;
        let is_constant = |slice: &&Slice| self.rows > 1 && slice.differing == 0 && slice.magnitudes != 0;
        Channels {
            count: self.slices.len(),
            dead: self.slices.iter().filter(is_dead).count(),
            constant: self.slices.iter().filter(is_constant).count(),
            min_norm: is_finite.then(|| norms().fold(f64::INFINITY, f64::min)),
            max_norm: is_finite.then(|| norms().fold(0.0, f64::max)),
        }
    }
}

impl Slice {
    fn add(&mut self, x: f32) {
        let bits = x.to_bits();
        self.squares += f64::from(x) * f64::from(x);
        self.differing |= bits ^ self.first;
        self.magnitudes |= bits & 0x7fff_ffff;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(count: u64, blocks: &[&[f32]]) -> Channels {
        let mut channels = PerChannel::new(count).unwrap();
        blocks.iter().for_each(|block| channels.add(block));
        channels.finish()
    }

    #[test]
    fn slices_that_are_zero_or_constant_are_counted_across_blocks() {
        let found = channels(4, &[&[0.0, 3.0, 1.0], &[2.0, -0.0, 3.0, 2.0, 2.5, 0.0], &[3.0, 2.0, 2.0]]);
        let expected =
            Channels { count: 4, dead: 1, constant: 1, min_norm: Some(0.0), max_norm: Some(27f64.sqrt()) };
        assert_eq!(found, expected);
    }

    #[test]
    fn one_element_per_slice_is_no_constant_and_nan_has_no_norm() {
        let found = channels(2, &[&[1.0, f32::NAN]]);
        assert_eq!((found.dead, found.constant, found.min_norm), (0, 0, None));
    }

    #[test]
    fn there_may_be_too_many() {
        assert!(PerChannel::new(0).is_none());
        assert!(PerChannel::new(u64::MAX).is_none());
    }
}
