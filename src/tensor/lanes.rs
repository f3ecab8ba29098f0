//! A few numbers at a time, by the vector instructions that are always there: so the pass over all weights is quick even
//! where the compiler is told to make code small, and computes the same to the last bit everywhere.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::{Four, Two};
#[cfg(target_arch = "wasm32")]
pub(super) use wasm::{Four, Two};

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: [f32; 4] = [1.5, -2.0, f32::INFINITY, 0.0];

    fn four(numbers: [f32; 4]) -> Four {
        Four::of(&numbers)
    }

    #[test]
    fn four_numbers_are_looked_at_as_numbers_and_as_bits() {
        assert_eq!(four(NUMBERS).numbers(), NUMBERS);
        assert_eq!(four(NUMBERS).lesser(four([2.0, -3.0, 5.0, -0.5])).numbers(), [1.5, -3.0, 5.0, -0.5]);
        assert_eq!(
            four(NUMBERS).greater(four([2.0, -3.0, 5.0, -0.5])).numbers(),
            [2.0, -2.0, f32::INFINITY, 0.0]
        );
        assert_eq!(Four::bits(0xf0f0).and(Four::bits(0xff00)).count(), 4 * 0xf000);
        assert_eq!(Four::bits(7).minus(Four::bits(9)).plus(Four::bits(3)).count(), 4);
        assert_eq!(four(NUMBERS).signs().count(), 1);
        assert!(four(NUMBERS).equal(Four::bits(0)).any() && !four([1.0; 4]).equal(Four::bits(0)).any());
        assert!(Four::bits(u32::MAX).above(Four::bits(1)).any() && !Four::bits(1).above(Four::bits(1)).any());
        assert!(Four::bits(0).or(Four::bits(1)).any());
    }

    #[test]
    fn four_numbers_become_twice_two() {
        let [low, high] = four(NUMBERS).doubles();
        assert_eq!([low.numbers(), high.numbers()], [[1.5, -2.0], [f64::INFINITY, 0.0]]);
        let sum = low.plus(Two::splat(1.0)).times(Two::of(&[2.0, 3.0])).minus(Two::splat(0.5));
        assert_eq!(sum.numbers(), [4.5, -3.5]);
        assert_eq!(sum.whole(), [4, -3]);
        assert_eq!(Two::of(&[f64::NAN, 1e300]).whole(), [0, i32::MAX]);
    }
}
