//! How many values the elements of a tensor have, as long as they are few.

use crate::limits;

/// Places of the table; a power of two, four times as many as values are counted.
const PLACES: usize = 1024;
const _: () = assert!(PLACES >= 2 * limits::MAX_DISTINCT && PLACES.is_power_of_two());

/// The values seen so far: a table with open addressing, `None` once they are too many.
pub(super) struct Distinct(Option<Seen>);

struct Seen {
    table: Vec<Option<u32>>,
    count: usize,
    last: Option<u32>,
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct(Some(Seen { table: Vec::new(), count: 0, last: None }))
    }
}

impl Distinct {
    /// Adds finite elements.
    pub(super) fn add(&mut self, chunk: &[f32]) {
        let Some(seen) = &mut self.0 else { return };
        if !chunk.iter().all(|x| seen.insert(*x)) {
            self.0 = None;
        }
    }

    /// How many there are; `None` for more than [`limits::MAX_DISTINCT`].
    pub(super) fn count(&self) -> Option<usize> {
        self.0.as_ref().map(|seen| seen.count)
    }
}

impl Seen {
    /// Whether there is still room after `x`.
    fn insert(&mut self, x: f32) -> bool {
        // −0.0 + 0.0 is 0.0.
        let bits = (x + 0.0).to_bits();
        if self.last == Some(bits) {
            return true;
        }
        self.last = Some(bits);
        if self.table.is_empty() {
            self.table = vec![None; PLACES];
        }
        let mut place = (bits.wrapping_mul(0x9e37_79b1) >> 22) as usize;
        while let Some(other) = self.table[place % PLACES] {
            if other == bits {
                return true;
            }
            place += 1;
        }
        self.table[place % PLACES] = Some(bits);
        self.count += 1;
        self.count <= limits::MAX_DISTINCT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct(numbers: impl Iterator<Item = f32>) -> Option<usize> {
        let mut distinct = Distinct::default();
        numbers.collect::<Vec<_>>().chunks(100).for_each(|chunk| distinct.add(chunk));
        distinct.count()
    }

    #[test]
    fn values_are_counted_up_to_the_bound() {
        assert_eq!(distinct([0.0, -0.0, 1.5, 1.5].into_iter()), Some(2));
        assert_eq!(distinct((0..1000).map(|i| (i % 256) as f32)), Some(256));
        assert_eq!(distinct((0..1000).map(|i| (i % 257) as f32)), None);
        assert_eq!(distinct(std::iter::empty()), Some(0));
    }
}
