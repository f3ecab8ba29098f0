//! A number that tells tensors apart.

/// Elements that are mixed in at a time, two per lane.
const STEP: usize = 8;
/// Odd, with its bits well spread: the golden ratio's and its relatives used by multiplicative hashes.
const FACTORS: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93];

/// 256 bits of state, for 128 bits of result. Not made against somebody who wants two tensors to look equal.
#[derive(Default)]
pub(super) struct Fingerprint([u64; 4]);

impl Fingerprint {
    /// Adds elements; only the last time their number may be other than a multiple of 8.
    pub(super) fn add(&mut self, chunk: &[f32]) {
        let (groups, rest) = chunk.as_chunks::<STEP>();
        groups.iter().for_each(|group| self.mix(group));
        if !rest.is_empty() {
            let mut padded = [0.0; STEP];
            padded[..rest.len()].copy_from_slice(rest);
            self.mix(&padded);
        }
    }

    fn mix(&mut self, group: &[f32; STEP]) {
        let [a, b, c, d, e, f, g, h] = *group;
        let [first, second, third, fourth] = self.0;
        self.0 = [
            mixed::<0>(first, a, b),
            mixed::<1>(second, c, d),
            mixed::<2>(third, e, f),
            mixed::<3>(fourth, g, h),
        ];
    }

    /// The fingerprint of `count` elements.
    pub(super) fn finish(self, count: u64) -> u128 {
        let [a, b, c, d] = self.0.map(spread);
        let high = spread(a ^ b.rotate_left(17) ^ count);
        let low = spread(c.wrapping_add(high) ^ d.rotate_left(31));
        u128::from(spread(high ^ low.rotate_left(7))) << 64 | u128::from(low)
    }
}

/// A lane with two more elements.
#[inline(always)]
fn mixed<const LANE: usize>(state: u64, high: f32, low: f32) -> u64 {
    let pair = u64::from(high.to_bits()) << 32 | u64::from(low.to_bits());
    // A factor carries bits only upwards; turned and multiplied again, the uppermost reach the others, too.
    (state ^ pair).wrapping_mul(FACTORS[LANE]).rotate_left(29).wrapping_mul(FACTORS[3 - LANE])
}

/// Lets every bit act on all others.
fn spread(mut x: u64) -> u64 {
    x ^= x >> 32;
    x = x.wrapping_mul(FACTORS[1]);
    x ^= x >> 29;
    x = x.wrapping_mul(FACTORS[2]);
    x ^ (x >> 32)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn of(numbers: &[f32]) -> u128 {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(numbers);
        fingerprint.finish(numbers.len() as u64)
    }

    #[test]
    fn every_change_of_one_bit_or_of_the_length_is_seen() {
        let numbers: Vec<f32> = (0..40).map(|i| i as f32 / 7.0).collect();
        let mut seen = HashSet::from([of(&numbers)]);
        for at in 0..numbers.len() {
            for bit in 0..32 {
                let mut other = numbers.clone();
                other[at] = f32::from_bits(other[at].to_bits() ^ (1 << bit));
                assert!(seen.insert(of(&other)), "bit {bit} of element {at}");
            }
        }
        assert!((0..40).all(|length| seen.insert(of(&vec![0.0; length]))));
        let mut swapped = numbers.clone();
        swapped.swap(3, 11);
        assert!(seen.insert(of(&swapped)));
    }
}
