//! Lanes as arrays, which compilers for other processors turn into vectors.

use std::array::from_fn;

/// Four `f32`, or the 32 bits of each.
#[derive(Clone, Copy)]
pub(in super::super) struct Four([u32; 4]);

/// Two `f64`.
#[derive(Clone, Copy)]
pub(in super::super) struct Two([f64; 2]);

impl Four {
    /// Four numbers.
    #[inline(always)]
    pub fn of(numbers: &[f32; 4]) -> Four {
        Four(numbers.map(f32::to_bits))
    }

    /// The same number four times.
    #[inline(always)]
    pub fn splat(number: f32) -> Four {
        Four([number.to_bits(); 4])
    }

    /// The same bits four times.
    #[inline(always)]
    pub fn bits(bits: u32) -> Four {
        Four([bits; 4])
    }

    /// The numbers.
    #[inline(always)]
    pub fn numbers(self) -> [f32; 4] {
        self.0.map(f32::from_bits)
    }

    /// Bits that both have.
    #[inline(always)]
    pub fn and(self, other: Four) -> Four {
        Four(from_fn(|at| self.0[at] & other.0[at]))
    }

    /// Bits that either has.
    #[inline(always)]
    pub fn or(self, other: Four) -> Four {
        Four(from_fn(|at| self.0[at] | other.0[at]))
    }

    /// Sums of the bits as whole numbers, wrapping.
    #[inline(always)]
    pub fn plus(self, other: Four) -> Four {
        Four(from_fn(|at| self.0[at].wrapping_add(other.0[at])))
    }

    /// Differences of the bits as whole numbers, wrapping.
    #[inline(always)]
    pub fn minus(self, other: Four) -> Four {
        Four(from_fn(|at| self.0[at].wrapping_sub(other.0[at])))
    }

    /// All ones where the bits are the same, else zero.
    #[inline(always)]
    pub fn equal(self, other: Four) -> Four {
        Four(from_fn(|at| if self.0[at] == other.0[at] { u32::MAX } else { 0 }))
    }

    /// All ones where the bits are more as a whole number, else zero.
    #[inline(always)]
    pub fn above(self, other: Four) -> Four {
        Four(from_fn(|at| if self.0[at] > other.0[at] { u32::MAX } else { 0 }))
    }

    /// The uppermost bits alone, as 0 or 1.
    #[inline(always)]
    pub fn signs(self) -> Four {
        Four(self.0.map(|bits| bits >> 31))
    }

    /// The other's numbers where they are less.
    #[inline(always)]
    pub fn lesser(self, other: Four) -> Four {
        let (ours, theirs) = (self.numbers(), other.numbers());
        Four::of(&from_fn(|at| if theirs[at] < ours[at] { theirs[at] } else { ours[at] }))
    }

    /// The other's numbers where they are more.
    #[inline(always)]
    pub fn greater(self, other: Four) -> Four {
        let (ours, theirs) = (self.numbers(), other.numbers());
        Four::of(&from_fn(|at| if theirs[at] > ours[at] { theirs[at] } else { ours[at] }))
    }

    /// Whether any bit is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0 != [0; 4]
    }

    /// Sum of the bits as whole numbers.
    #[inline(always)]
    pub fn count(self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// The numbers as `f64`, the first two and the last two.
    #[inline(always)]
    pub fn doubles(self) -> [Two; 2] {
        let [a, b, c, d] = self.numbers().map(f64::from);
        [Two([a, b]), Two([c, d])]
    }
}

impl Two {
    /// Two numbers.
    #[inline(always)]
    pub fn of(numbers: &[f64; 2]) -> Two {
        Two(*numbers)
    }

    /// The same number twice.
    #[inline(always)]
    pub fn splat(number: f64) -> Two {
        Two([number; 2])
    }

    /// The numbers.
    #[inline(always)]
    pub fn numbers(self) -> [f64; 2] {
        self.0
    }

    /// The numbers without their fractions; the nearest `i32` where there is none, 0 for NaN.
    #[inline(always)]
    pub fn whole(self) -> [i32; 2] {
        self.0.map(|number| number as i32)
    }

    /// Sums.
    #[inline(always)]
    pub fn plus(self, other: Two) -> Two {
        Two(from_fn(|at| self.0[at] + other.0[at]))
    }

    /// Differences.
    #[inline(always)]
    pub fn minus(self, other: Two) -> Two {
        Two(from_fn(|at| self.0[at] - other.0[at]))
    }

    /// Products.
    #[inline(always)]
    pub fn times(self, other: Two) -> Two {
        Two(from_fn(|at| self.0[at] * other.0[at]))
    }
}
