//! The order of a dictionary's keys in Python 2.7, which decides which of several unknown arguments an exception names.
//!
//! A dictionary there is a hash table that is gone through from its first slot to its last (CPython 2.7's `Objects/dictobject.c`);
//! strings hash the same in every process unless `-R` is given.

/// Slots of the smallest table.
const SMALLEST: usize = 8;

/// Indices of `keys`, all different, in the order in which a dictionary made of them one by one shows them.
pub fn order(keys: &[&str]) -> Vec<usize> {
    let mut table: Vec<Option<usize>> = vec![None; SMALLEST];
    for (count, index) in (1..).zip(0..keys.len()) {
        insert(&mut table, keys, index);
        // Two thirds full is too full; small tables grow to the first power of two above four times their keys.
        if count * 3 >= table.len() * 2 {
            let factor = if count > 50_000 { 2 } else { 4 };
            table = rebuilt(&table, keys, (count * factor + 1).next_power_of_two().max(SMALLEST));
        }
    }
    table.into_iter().flatten().collect()
}

fn rebuilt(table: &[Option<usize>], keys: &[&str], slots: usize) -> Vec<Option<usize>> {
    let mut larger = vec![None; slots];
    table.iter().flatten().for_each(|index| insert(&mut larger, keys, *index));
    larger
}

fn insert(table: &mut [Option<usize>], keys: &[&str], index: usize) {
    let hash = hash(keys[index]);
    let mask = table.len() - 1;
    let mut at = hash as usize & mask;
    let (mut place, mut perturb) = (at as u64, hash);
    while table[at].is_some() {
        place = place.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
        at = place as usize & mask;
    }
    table[at] = Some(index);
}

/// `hash()` of a string, as the bits of a C `long`.
fn hash(key: &str) -> u64 {
    let letters = || key.chars().map(|letter| letter as u64);
    let Some(first) = letters().next() else { return 0 };
    let mixed = letters().fold(first << 7, |hash, letter| hash.wrapping_mul(1_000_003) ^ letter);
    let hash = mixed ^ letters().count() as u64;
    // -1 is an error in C.
    if hash == u64::MAX { u64::MAX - 1 } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{key: 0 for key in …}.keys()` after adding one by one, in CPython 2.7.18.
    #[test]
    fn keys_stand_as_in_python_2() {
        let cases: &[(&[&str], &[&str])] = &[
            (
                &["batch_input_shape", "dtype", "sparse", "ragged", "name"],
                &["ragged", "dtype", "batch_input_shape", "name", "sparse"],
            ),
            (
                &[
                    "name",
                    "trainable",
                    "filters",
                    "kernel_size",
                    "strides",
                    "padding",
                    "data_format",
                    "dilation_rate",
                    "activation",
                    "use_bias",
                    "kernel_initializer",
                    "bias_initializer",
                    "kernel_regularizer",
                    "bias_regularizer",
                    "activity_regularizer",
                    "kernel_constraint",
                    "bias_constraint",
                ],
                &[
                    "kernel_constraint",
                    "kernel_initializer",
                    "name",
                    "bias_regularizer",
                    "bias_constraint",
                    "activation",
                    "trainable",
                    "data_format",
                    "padding",
                    "strides",
                    "dilation_rate",
                    "kernel_regularizer",
                    "filters",
                    "bias_initializer",
                    "use_bias",
                    "activity_regularizer",
                    "kernel_size",
                ],
            ),
            (
                &["name", "trainable", "axis", "momentum", "epsilon"],
                &["epsilon", "trainable", "name", "momentum", "axis"],
            ),
            (
                &["name", "trainable", "axis", "momentum", "epsilon", "center"],
                &["center", "epsilon", "trainable", "axis", "momentum", "name"],
            ),
            (
                &[
                    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r",
                    "s", "t", "u", "v", "w", "x", "y", "z", "aa", "bb", "cc",
                ],
                &[
                    "aa", "cc", "bb", "a", "c", "b", "e", "d", "g", "f", "i", "h", "k", "j", "m", "l", "o",
                    "n", "q", "p", "s", "r", "u", "t", "w", "v", "y", "x", "z",
                ],
            ),
        ];
        for (keys, expected) in cases {
            let found: Vec<&str> = order(keys).into_iter().map(|index| keys[index]).collect();
            assert_eq!(found, *expected);
        }
    }
}
