//! Lanes of WebAssembly's 128-bit vectors.

use core::arch::wasm32 as simd;
use core::arch::wasm32::v128;

/// Four `f32`, or the 32 bits of each.
#[derive(Clone, Copy)]
pub(in super::super) struct Four(v128);

/// Two `f64`.
#[derive(Clone, Copy)]
pub(in super::super) struct Two(v128);

impl Four {
    /// Four numbers.
    #[inline(always)]
    pub fn of(numbers: &[f32; 4]) -> Four {
        Four(bytemuck::cast(*numbers))
    }

    /// The same number four times.
    #[inline(always)]
    pub fn splat(number: f32) -> Four {
        Four(simd::f32x4_splat(number))
    }

    /// The same bits four times.
    #[inline(always)]
    pub fn bits(bits: u32) -> Four {
        Four(simd::u32x4_splat(bits))
    }

    /// The numbers.
    #[inline(always)]
    pub fn numbers(self) -> [f32; 4] {
        bytemuck::cast(self.0)
    }

    /// Bits that both have.
    #[inline(always)]
    pub fn and(self, other: Four) -> Four {
        Four(simd::v128_and(self.0, other.0))
    }

    /// Bits that either has.
    #[inline(always)]
    pub fn or(self, other: Four) -> Four {
        Four(simd::v128_or(self.0, other.0))
    }

    /// Sums of the bits as whole numbers, wrapping.
    #[inline(always)]
    pub fn plus(self, other: Four) -> Four {
        Four(simd::u32x4_add(self.0, other.0))
    }

    /// Differences of the bits as whole numbers, wrapping.
    #[inline(always)]
    pub fn minus(self, other: Four) -> Four {
        Four(simd::u32x4_sub(self.0, other.0))
    }

    /// All ones where the bits are the same, else zero.
    #[inline(always)]
    pub fn equal(self, other: Four) -> Four {
        Four(simd::u32x4_eq(self.0, other.0))
    }

    /// All ones where the bits are more as a whole number, else zero.
    #[inline(always)]
    pub fn above(self, other: Four) -> Four {
        Four(simd::u32x4_gt(self.0, other.0))
    }

    /// The uppermost bits alone, as 0 or 1.
    #[inline(always)]
    pub fn signs(self) -> Four {
        Four(simd::u32x4_shr(self.0, 31))
    }

    /// The other's numbers where they are less.
    #[inline(always)]
    pub fn lesser(self, other: Four) -> Four {
        Four(simd::f32x4_pmin(self.0, other.0))
    }

    /// The other's numbers where they are more.
    #[inline(always)]
    pub fn greater(self, other: Four) -> Four {
        Four(simd::f32x4_pmax(self.0, other.0))
    }

    /// Whether any bit is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        simd::v128_any_true(self.0)
    }

    /// Sum of the bits as whole numbers.
    #[inline(always)]
    pub fn count(self) -> u64 {
        let counts: [u32; 4] = bytemuck::cast(self.0);
        counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The numbers as `f64`, the first two and the last two.
    #[inline(always)]
    pub fn doubles(self) -> [Two; 2] {
        let high = simd::u32x4_shuffle::<2, 3, 2, 3>(self.0, self.0);
        [Two(simd::f64x2_promote_low_f32x4(self.0)), Two(simd::f64x2_promote_low_f32x4(high))]
    }
}

impl Two {
    /// Two numbers.
    #[inline(always)]
    pub fn of(numbers: &[f64; 2]) -> Two {
        Two(bytemuck::cast(*numbers))
    }

    /// The same number twice.
    #[inline(always)]
    pub fn splat(number: f64) -> Two {
        Two(simd::f64x2_splat(number))
    }

    /// The numbers.
    #[inline(always)]
    pub fn numbers(self) -> [f64; 2] {
        bytemuck::cast(self.0)
    }

    /// The numbers without their fractions; the nearest `i32` where there is none, 0 for NaN.
    #[inline(always)]
    pub fn whole(self) -> [i32; 2] {
        let [first, second, _, _] =
            bytemuck::cast::<v128, [i32; 4]>(simd::i32x4_trunc_sat_f64x2_zero(self.0));
        [first, second]
    }

    /// Sums.
    #[inline(always)]
    pub fn plus(self, other: Two) -> Two {
        Two(simd::f64x2_add(self.0, other.0))
    }

    /// Differences.
    #[inline(always)]
    pub fn minus(self, other: Two) -> Two {
        Two(simd::f64x2_sub(self.0, other.0))
    }

    /// Products.
    #[inline(always)]
    pub fn times(self, other: Two) -> Two {
        Two(simd::f64x2_mul(self.0, other.0))
    }
}
