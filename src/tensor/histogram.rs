//! How the elements of a tensor are spread, without knowing their range before.

use super::lanes::{Four, Two};
use super::stats::CHUNK;

/// Bins of a histogram.
pub const HISTOGRAM_BINS: usize = 64;
/// Fine bins a spread is kept in: at least half of them lie in the range of the elements, so a bin of the histogram is
/// made of 31 or more.
const FINE: usize = 4096;
/// No element is a multiple of a smaller power of two than 2⁻¹⁴⁹.
const SMALLEST_EXPONENT: i32 = -149;
/// Indices of fine bins stay below this, so that `f64` holds them exactly.
const LARGEST_INDEX: f64 = (1u64 << 52) as f64;

/// The histogram of elements that are all at hand; `None` where they have no range.
pub(super) fn exact(numbers: &[f32], min: f32, max: f32) -> Option<Box<[u32; HISTOGRAM_BINS]>> {
    let bins = Bins::new(min, max)?;
    let mut counts = Box::new([0; HISTOGRAM_BINS]);
    numbers.iter().for_each(|x| counts[bins.of(f64::from(*x))] += 1);
    Some(counts)
}

/// Equal steps from `min` to `max`; the last one includes its upper border.
struct Bins {
    min: f64,
    per_unit: f64,
}

impl Bins {
    fn new(min: f32, max: f32) -> Option<Bins> {
        let (min, max) = (f64::from(min), f64::from(max));
        (min < max).then(|| Bins { min, per_unit: HISTOGRAM_BINS as f64 / (max - min) })
    }

    fn of(&self, x: f64) -> usize {
        (((x - self.min) * self.per_unit).max(0.0) as usize).min(HISTOGRAM_BINS - 1)
    }
}

/// Counts in fine bins whose width is a power of two, and grows with the range of the elements.
pub(super) struct Spread {
    /// A fine bin is 2 to this wide.
    exponent: i32,
    /// The first bin begins at this many widths.
    first: f64,
    min: f32,
    max: f32,
    counts: Vec<u32>,
}

impl Default for Spread {
    fn default() -> Self {
        Spread {
            exponent: SMALLEST_EXPONENT,
            first: 0.0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            counts: vec![0; FINE],
        }
    }
}

impl Spread {
    /// Adds finite elements, which lie from `min` to `max`.
    pub(super) fn add(&mut self, chunk: &[f32], min: f32, max: f32) {
        debug_assert!(chunk.len() <= CHUNK);
        if min < self.min || max > self.max {
            self.widen(self.min.min(min), self.max.max(max));
        }
        let per_width = power_of_two(-self.exponent);
        let low = self.first * power_of_two(self.exponent);
        let (fours, rest) = chunk.as_chunks::<4>();
        for four in fours {
            let [a, b] = Four::of(four).doubles();
            let bin = |two: Two| two.minus(Two::splat(low)).times(Two::splat(per_width)).whole();
            let (a, b) = (bin(a), bin(b));
            [a[0], a[1], b[0], b[1]].into_iter().for_each(|bin| self.count(bin));
        }
        rest.iter().for_each(|x| self.count(((f64::from(*x) - low) * per_width) as i32));
    }

    #[inline(always)]
    fn count(&mut self, bin: i32) {
        if let Some(count) = self.counts.get_mut(bin as usize) {
            *count += 1;
        }
    }

    /// Makes room for elements from `min` to `max`.
    fn widen(&mut self, min: f32, max: f32) {
        (self.min, self.max) = (min, max);
        let (min, max) = (f64::from(min), f64::from(max));
        let old = self.exponent;
        let (mut low, mut high) = bounds(min, max, old);
        while high - low >= FINE as f64 || low.abs().max(high.abs()) >= LARGEST_INDEX {
            self.exponent += 1;
            (low, high) = bounds(min, max, self.exponent);
        }
        let slack = ((FINE as f64 - (high - low) - 1.0) / 2.0).floor();
        self.move_counts(old, low - slack);
    }

    /// Brings counts from bins of the width 2^`old` to the present ones, the first of which begins at `first`.
    fn move_counts(&mut self, old: i32, first: f64) {
        let was = std::mem::replace(&mut self.first, first);
        let narrower = power_of_two(old - self.exponent);
        let counts = std::mem::replace(&mut self.counts, vec![0; FINE]);
        for (index, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let bin = ((was + index as f64) * narrower).floor() - first;
            if let Some(place) = self.counts.get_mut(bin as usize) {
                *place += count;
            }
        }
    }

    /// The histogram from `min` to `max`, each fine bin counted where its middle is.
    pub(super) fn histogram(&self, min: f32, max: f32) -> Option<Box<[u32; HISTOGRAM_BINS]>> {
        let bins = Bins::new(min, max)?;
        let mut counts = Box::new([0; HISTOGRAM_BINS]);
        let width = power_of_two(self.exponent);
        for (index, count) in self.counts.iter().enumerate() {
            counts[bins.of((self.first + index as f64 + 0.5) * width)] += count;
        }
        Some(counts)
    }
}

/// The fine bins that `min` and `max` lie in.
fn bounds(min: f64, max: f64, exponent: i32) -> (f64, f64) {
    let per_width = power_of_two(-exponent);
    ((min * per_width).floor(), (max * per_width).floor())
}

/// 2 to a power between -1000 and 1000, exactly.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(exponent.clamp(-1000, 1000))) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(numbers: &[f32]) -> Vec<u32> {
        let mut spread = Spread::default();
        let range = |part: &[f32]| {
            part.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)))
        };
        for part in numbers.chunks(100) {
            let (min, max) = range(part);
            spread.add(part, min, max);
        }
        let (min, max) = range(numbers);
        spread.histogram(min, max).map(|counts| counts.to_vec()).unwrap_or_default()
    }

    #[test]
    fn equal_steps_are_counted_equally_wherever_they_lie() {
        for (start, step) in [(-1.0, 1.0 / 3200.0), (1e-30, 1e-33), (1e6, 1.0), (-3e38, 1e34)] {
            let numbers: Vec<f32> = (0..6400).map(|i| (start + f64::from(i) * step) as f32).collect();
            let counts = spread(&numbers);
            assert_eq!(counts.iter().sum::<u32>(), 6400);
            assert!(counts.iter().all(|count| (96..=104).contains(count)), "{start}: {counts:?}");
        }
    }

    #[test]
    fn a_range_that_grows_keeps_what_was_counted() {
        let numbers: Vec<f32> = (0..2000).map(|i| if i < 1000 { 0.0 } else { 2f32.powi(i % 100) }).collect();
        let counts = spread(&numbers);
        assert_eq!(counts.iter().sum::<u32>(), 2000);
        // 2⁹³ to 2⁹⁹ lie above the 64th part of 2⁹⁹; ten of each.
        assert_eq!(counts[0], 2000 - 70);
        assert_eq!(counts[63], 10);
    }

    #[test]
    fn one_value_has_no_range() {
        assert!(spread(&[0.0; 300]).is_empty());
        assert!(exact(&[2.5], 2.5, 2.5).is_none());
    }

    #[test]
    fn few_elements_are_counted_exactly() {
        let counts = exact(&[0.0, 0.5, 0.99, 1.0, 64.0], 0.0, 64.0).unwrap();
        assert_eq!((counts[0], counts[1], counts[63]), (3, 1, 1));
    }
}
