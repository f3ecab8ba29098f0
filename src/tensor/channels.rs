//! The slices of a tensor along its last axis: a kernel's output channels.

use super::lanes::{Four, Two};
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
    /// Sum of the squares of each slice.
    squares: Vec<f64>,
    /// Bits of the first element of each slice.
    first: Vec<u32>,
    /// Bits in which any element of a slice differs from its first, as long as there is a slice without any.
    differing: Vec<u32>,
    /// Whether there is.
    some_alike: bool,
    /// The slice of the next element.
    next: usize,
    rows: u64,
}

impl PerChannel {
    pub(super) fn new(channels: u64) -> Option<PerChannel> {
        let channels = usize::try_from(channels).ok().filter(|n| (1..=limits::MAX_CHANNELS).contains(n))?;
        Some(PerChannel {
            squares: vec![0.0; channels],
            first: vec![0; channels],
            differing: vec![0; channels],
            some_alike: true,
            next: 0,
            rows: 0,
        })
    }

    pub(super) fn add(&mut self, mut chunk: &[f32]) {
        while !chunk.is_empty() {
            let (row, rest) = chunk.split_at(chunk.len().min(self.squares.len() - self.next));
            add_squares(&mut self.squares[self.next..], row);
            if self.some_alike {
                self.compare(row);
            }
            self.next += row.len();
            if self.next == self.squares.len() {
                (self.next, self.rows) = (0, self.rows + 1);
                self.some_alike = self.some_alike && self.differing.contains(&0);
            }
            chunk = rest;
        }
    }

    /// Notes where a row, or the next part of it, differs from the first.
    fn compare(&mut self, row: &[f32]) {
        let first = &mut self.first[self.next..];
        if self.rows == 0 {
            first.iter_mut().zip(row).for_each(|(first, x)| *first = x.to_bits());
        }
        let differing = self.differing[self.next..].iter_mut();
        differing.zip(first).zip(row).for_each(|((differing, first), x)| *differing |= x.to_bits() ^ *first);
    }

    pub(super) fn finish(self) -> Channels {
        let norms = || self.squares.iter().map(|squares| squares.sqrt());
        let is_finite = norms().all(f64::is_finite) && self.rows > 0;
        // Not even the square of the smallest `f32` is zero.
        let is_dead = |squares: &f64| self.rows > 0 && *squares == 0.0;
        let is_constant =
            |(differing, squares): &(&u32, &f64)| self.rows > 1 && **differing == 0 && **squares != 0.0;
        Channels {
            count: self.squares.len(),
            dead: self.squares.iter().filter(|squares| is_dead(squares)).count(),
            constant: self.differing.iter().zip(&self.squares).filter(is_constant).count(),
            min_norm: is_finite.then(|| norms().fold(f64::INFINITY, f64::min)),
            max_norm: is_finite.then(|| norms().fold(0.0, f64::max)),
        }
    }
}

/// Adds the squares of a row to the first of `sums`.
fn add_squares(sums: &mut [f64], row: &[f32]) {
    let (fours, rest) = row.as_chunks::<4>();
    let (pairs, _) = sums.as_chunks_mut::<2>();
    for (four, sums) in fours.iter().zip(pairs.as_chunks_mut::<2>().0) {
        let [low, high] = Four::of(four).doubles();
        sums[0] = Two::of(&sums[0]).plus(low.times(low)).numbers();
        sums[1] = Two::of(&sums[1]).plus(high.times(high)).numbers();
    }
    let sums = &mut sums[row.len() - rest.len()..];
    sums.iter_mut().zip(rest).for_each(|(sum, x)| *sum += f64::from(*x) * f64::from(*x));
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
