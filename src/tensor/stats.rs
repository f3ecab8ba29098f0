//! What one pass over the numbers of a tensor tells.

use super::channels::{Channels, PerChannel};
use super::distinct::Distinct;
use super::fingerprint::Fingerprint;
use super::histogram::{self, Spread};
use super::lanes::{Four, Two};

/// Numbers that are looked at together: 16 kB stay in the fastest cache while several loops go over them. A multiple of
/// [`LANES`] and of the step of a fingerprint.
pub(super) const CHUNK: usize = 4096;
/// Elements that are looked at together for whether any is notable.
const SPAN: usize = 64;
/// Sums that are kept side by side, for vector instructions.
const LANES: usize = 8;
/// Bits of 2048: smaller whole numbers have at most eleven significant bits.
const PLAIN: u32 = 0x4500_0000;
/// Magnitudes from here on are whole numbers: a `f32` has 24 significant bits.
const WHOLE: f32 = 8_388_608.0;
/// Bits of infinity; those of a NaN are larger.
const INFINITY: u32 = 0x7f80_0000;
/// Bits of the smallest normal number.
const SMALLEST_NORMAL: u32 = 0x0080_0000;
/// The largest magnitude of a float16.
const MAX_HALF: f32 = 65_504.0;
/// The smallest normal magnitude of a float16, 2⁻¹⁴; below, its numbers are the multiples of 2⁻²⁴.
const MIN_NORMAL_HALF: f32 = 6.103_515_6e-5;

/// Statistics of a tensor. Those of its values leave non-finite elements out.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Elements seen.
    pub count: u64,
    /// Elements equal to zero.
    pub zeros: u64,
    /// Finite elements below zero.
    pub negatives: u64,
    /// Not-a-number elements.
    pub nans: u64,
    /// Infinite elements.
    pub infinities: u64,
    /// Elements too small for a normal `f32`, zero excepted.
    pub subnormals: u64,
    /// Elements that are whole numbers, zero among them.
    pub whole: u64,
    /// Elements that float16 holds exactly.
    pub float16: u64,
    /// Elements that bfloat16 holds exactly.
    pub bfloat16: u64,
    /// Smallest finite element; `+∞` where there is none.
    pub min: f32,
    /// Largest finite element; `−∞` where there is none.
    pub max: f32,
    /// The first element; `None` without any.
    pub first: Option<f32>,
    /// How many values the elements have, `0.0` and `-0.0` being one; `None` where there are more than are counted
    /// ([`crate::limits::MAX_DISTINCT`]).
    pub distinct: Option<usize>,
    /// Elements in 64 equal steps from `min` to `max`; `None` where there is no range. Exact for up to 4096 elements;
    /// in larger tensors an element may be counted in a neighbouring bin where it lies within 1/30 of a bin's width of
    /// the border.
    pub histogram: Option<Box<[u32; histogram::HISTOGRAM_BINS]>>,
    /// 128 bits of all elements in order. Equal tensors have equal ones; different tensors have different ones unless
    /// somebody wants them to be equal.
    pub fingerprint: u128,
    /// What is known of each slice along the last axis, where it was asked for.
    pub channels: Option<Channels>,
    mean: f64,
    /// Sum of the squares of the deviations from the mean.
    deviations: f64,
}

impl Stats {
    /// Statistics of numbers that lie in memory, without those of channels.
    pub fn of(numbers: &[f32]) -> Stats {
        let mut accumulator = Accumulator::new(None);
        accumulator.add(numbers);
        accumulator.finish()
    }

    /// Finite elements.
    pub fn finite(&self) -> u64 {
        self.count - self.nans - self.infinities
    }

    /// Mean of the finite elements, or `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.finite() > 0).then_some(self.mean)
    }

    /// Population standard deviation of the finite elements, or `None` without any.
    pub fn std(&self) -> Option<f64> {
        (self.finite() > 0).then(|| (self.deviations / self.finite() as f64).sqrt())
    }

    /// Kurtosis of the finite elements (3 for a normal distribution), from the histogram, so it is right to about
    /// 1 %; `None` where all are the same.
    pub fn kurtosis(&self) -> Option<f64> {
        let (counts, mean, variance) = (self.histogram.as_ref()?, self.mean, self.std()?.powi(2));
        let (min, max) = (f64::from(self.min), f64::from(self.max));
        let width = (max - min) / counts.len() as f64;
        let middle = |bin: usize| min + (bin as f64 + 0.5) * width - mean;
        let fourth: f64 = counts.iter().enumerate().map(|(bin, n)| f64::from(*n) * middle(bin).powi(4)).sum();
        Some(fourth / self.finite() as f64 / (variance * variance))
    }

    /// The largest magnitude of the finite elements, or `None` without any.
    pub fn magnitude(&self) -> Option<f32> {
        (self.finite() > 0).then(|| self.max.max(-self.min))
    }

    /// Sum of the squares of the finite elements.
    pub fn energy(&self) -> f64 {
        self.deviations + self.mean * self.mean * self.finite() as f64
    }

    /// The value that all elements have, if they all have one.
    pub fn constant(&self) -> Option<f32> {
        let is_constant = self.finite() == self.count && self.min == self.max;
        self.first.filter(|_| is_constant)
    }

    /// Whether every element is exactly `value`; an empty tensor is not.
    pub fn is_all(&self, value: f32) -> bool {
        self.constant() == Some(value)
    }

    fn empty() -> Stats {
        Stats {
            count: 0,
            zeros: 0,
            negatives: 0,
            nans: 0,
            infinities: 0,
            subnormals: 0,
            whole: 0,
            float16: 0,
            bfloat16: 0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            first: None,
            distinct: Some(0),
            histogram: None,
            fingerprint: 0,
            channels: None,
            mean: 0.0,
            deviations: 0.0,
        }
    }

    /// Takes in the counts of a chunk; gives how many of its elements are not finite.
    fn count(&mut self, chunk: &[f32]) -> u64 {
        self.first = self.first.or(chunk.first().copied());
        self.count += chunk.len() as u64;
        let (spans, rest) = chunk.as_chunks::<SPAN>();
        let non_finite: u64 = spans.iter().map(|span| self.count_span(span)).sum();
        non_finite + self.count_kinds(rest)
    }

    /// The same for a part of a chunk, quickly where all its elements are as nearly all weights are.
    fn count_span(&mut self, span: &[f32; SPAN]) -> u64 {
        let (mut notable, mut signs) = (Four::bits(0), Four::bits(0));
        for four in span.as_chunks::<4>().0 {
            let four = Four::of(four);
            notable = notable.or(is_notable(four));
            signs = signs.plus(four.signs());
        }
        if notable.any() {
            return self.count_kinds(span);
        }
        self.negatives += signs.count();
        0
    }

    /// The same for any elements.
    fn count_kinds(&mut self, part: &[f32]) -> u64 {
        let nans = tally(part, |x| magnitude(x) > INFINITY);
        let non_finite = tally(part, |x| magnitude(x) >= INFINITY);
        self.nans += nans;
        self.infinities += non_finite - nans;
        self.zeros += tally(part, |x| magnitude(x) == 0);
        self.negatives += tally(part, |x| (f32::MIN..0.0).contains(&x));
        self.subnormals += tally(part, |x| magnitude(x).wrapping_sub(1) < SMALLEST_NORMAL - 1);
        self.whole += tally(part, is_whole);
        self.float16 += tally(part, is_float16);
        self.bfloat16 += tally(part, |x| (x.to_bits() & 0xffff == 0) & (magnitude(x) < INFINITY));
        non_finite
    }

    /// Takes in the moments of a chunk of finite elements, when `before` finite ones have been taken in.
    ///
    /// Chan, Golub and LeVeque's way of joining the moments of two samples.
    fn join_moments(&mut self, before: u64, chunk: &[f32]) {
        let (old, new) = (before as f64, chunk.len() as f64);
        let mean = sum(chunk) / new;
        let deviations = sum_of_squares(chunk, mean);
        let apart = mean - self.mean;
        self.mean += apart * (new / (old + new));
        self.deviations += deviations + apart * apart * (old * new / (old + new));
    }
}

/// Statistics under way. However the numbers are cut into blocks, the result is the same to the last bit.
pub struct Accumulator {
    stats: Stats,
    /// Numbers that wait to be looked at, at most [`CHUNK`].
    pending: Vec<f32>,
    spread: Option<Spread>,
    distinct: Distinct,
    fingerprint: Fingerprint,
    channels: Option<PerChannel>,
}

impl Accumulator {
    /// Statistics of nothing yet. With the length of the last axis there will be statistics of its slices, too, unless
    /// there are more than [`crate::limits::MAX_CHANNELS`].
    pub fn new(channels: Option<u64>) -> Accumulator {
        Accumulator {
            stats: Stats::empty(),
            pending: Vec::new(),
            spread: None,
            distinct: Distinct::default(),
            fingerprint: Fingerprint::default(),
            channels: channels.and_then(PerChannel::new),
        }
    }

    /// Adds a block of elements.
    pub fn add(&mut self, mut block: &[f32]) {
        while !block.is_empty() {
            if self.pending.len() == CHUNK {
                let chunk = std::mem::take(&mut self.pending);
                self.take(&chunk, false);
                self.pending = chunk;
                self.pending.clear();
            }
            // The last chunk always waits, so that the end of a small tensor is known when its histogram is made.
            if self.pending.is_empty() && block.len() > CHUNK {
                let (chunk, rest) = block.split_at(CHUNK);
                self.take(chunk, false);
                block = rest;
            } else {
                let (more, rest) = block.split_at(block.len().min(CHUNK - self.pending.len()));
                self.pending.extend_from_slice(more);
                block = rest;
            }
        }
    }

    /// The statistics of all that was added.
    pub fn finish(mut self) -> Stats {
        let last = std::mem::take(&mut self.pending);
        self.take(&last, true);
        let Accumulator { mut stats, spread, distinct, fingerprint, channels, .. } = self;
        if let Some(spread) = spread {
            stats.histogram = spread.histogram(stats.min, stats.max);
        }
        stats.distinct = distinct.count();
        stats.fingerprint = fingerprint.finish(stats.count);
        stats.channels = channels.map(PerChannel::finish);
        stats
    }

    fn take(&mut self, chunk: &[f32], is_last: bool) {
        let before = self.stats.finite();
        let non_finite = self.stats.count(chunk);
        self.fingerprint.add(chunk);
        self.channels.iter_mut().for_each(|channels| channels.add(chunk));
        if non_finite == 0 {
            self.take_finite(chunk, before, is_last);
        } else {
            let finite: Vec<f32> = chunk.iter().copied().filter(|x| x.is_finite()).collect();
            self.take_finite(&finite, before, is_last);
        }
    }

    fn take_finite(&mut self, chunk: &[f32], before: u64, is_last: bool) {
        if chunk.is_empty() {
            return;
        }
        let (min, max) = range(chunk);
        self.stats.min = self.stats.min.min(min);
        self.stats.max = self.stats.max.max(max);
        self.stats.join_moments(before, chunk);
        self.distinct.add(chunk);
        if is_last && self.spread.is_none() {
            self.stats.histogram = histogram::exact(chunk, self.stats.min, self.stats.max);
        } else {
            self.spread.get_or_insert_with(Spread::default).add(chunk, min, max);
        }
    }
}

/// All ones where a number may count as something else than finite, normal, and negative or not: float16, bfloat16 and whole
/// numbers below [`PLAIN`] end in 13 zero bits.
#[inline(always)]
fn is_notable(four: Four) -> Four {
    let round = four.and(Four::bits(0x1fff)).equal(Four::bits(0));
    let size = four.and(Four::bits(0x7fff_ffff)).minus(Four::bits(SMALLEST_NORMAL));
    round.or(size.above(Four::bits(PLAIN - SMALLEST_NORMAL)))
}

/// How many elements are so.
fn tally(chunk: &[f32], is: impl Fn(f32) -> bool) -> u64 {
    let mut count: u32 = 0;
    for x in chunk {
        count += u32::from(is(*x));
    }
    u64::from(count)
}

/// The bits without the sign, which order magnitudes as they are.
fn magnitude(x: f32) -> u32 {
    x.to_bits() & 0x7fff_ffff
}

/// Whether a finite number has no fraction: adding 2²³ leaves no bits for one.
fn is_whole(x: f32) -> bool {
    let x = x.abs();
    (WHOLE..=f32::MAX).contains(&x) | ((x < WHOLE) & ((x + WHOLE) - WHOLE == x))
}

/// Whether float16, with its ten bits of mantissa, holds a number exactly.
fn is_float16(x: f32) -> bool {
    let size = x.abs();
    let scaled = size * (1 << 24) as f32;
    let normal = (x.to_bits() & 0x1fff == 0) & (MIN_NORMAL_HALF..=MAX_HALF).contains(&size);
    normal | ((size < MIN_NORMAL_HALF) & ((scaled + WHOLE) - WHOLE == scaled))
}

/// Smallest and largest of finite elements.
fn range(chunk: &[f32]) -> (f32, f32) {
    let (mut min, mut max) = (Four::splat(f32::INFINITY), Four::splat(f32::NEG_INFINITY));
    let (fours, rest) = chunk.as_chunks::<4>();
    for four in fours {
        let four = Four::of(four);
        (min, max) = (min.lesser(four), max.greater(four));
    }
    let smallest = min.numbers().iter().chain(rest).copied().fold(f32::INFINITY, f32::min);
    (smallest, max.numbers().iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max))
}

fn sum(chunk: &[f32]) -> f64 {
    total(chunk, |two| two, |x| x)
}

/// Sum of the squares of the elements' distances from `mean`.
fn sum_of_squares(chunk: &[f32], mean: f64) -> f64 {
    let from = Two::splat(mean);
    let square = |two: Two| two.minus(from).times(two.minus(from));
    total(chunk, square, |x| (x - mean) * (x - mean))
}

/// Sum of what becomes of each element: of two together, and of one.
#[inline(always)]
fn total(chunk: &[f32], of_two: impl Fn(Two) -> Two, of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [Two::splat(0.0); LANES / 2];
    let (groups, rest) = chunk.as_chunks::<LANES>();
    for group in groups {
        let (fours, _) = group.as_chunks::<4>();
        let [[a, b], [c, d]] = [Four::of(&fours[0]).doubles(), Four::of(&fours[1]).doubles()];
        let [sum_a, sum_b, sum_c, sum_d] = sums;
        sums = [sum_a.plus(of_two(a)), sum_b.plus(of_two(b)), sum_c.plus(of_two(c)), sum_d.plus(of_two(d))];
    }
    let sums = sums.map(Two::numbers);
    sums.as_flattened().iter().sum::<f64>() + rest.iter().map(|x| of(f64::from(*x))).sum::<f64>()
}

#[cfg(test)]
#[path = "stats/tests.rs"]
mod tests;
