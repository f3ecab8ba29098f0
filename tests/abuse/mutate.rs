//! What can happen to a file, on purpose or not.

use crate::random::Random;

/// Most bytes a mutation may make of a file.
const LONGEST: usize = 1 << 20;

/// One of `seeds` after one to five harmful things; the same for the same `seed` and `case`.
pub fn mutant(seeds: &[Vec<u8>], seed: u64, case: u64) -> Vec<u8> {
    let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(case));
    let mut bytes = seeds[(case % seeds.len() as u64) as usize].clone();
    for _ in 0..1 + random.below(5) {
        harm(&mut bytes, seeds, &mut random);
    }
    bytes
}

fn harm(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let length = bytes.len().max(1);
    bytes.resize(length, 0);
    let at = random.below(length);
    match random.below(24) {
        0..5 => bytes[at] ^= 1 << random.below(8),
        5 | 6 => bytes[at] = random.next() as u8,
        7..10 => write_word(bytes, at, random),
        10 | 11 => nudge_word(bytes, at, random),
        12 | 13 => copy_block(bytes, at, random),
        14 => bytes[at..(at + 16).min(length)].fill(0),
        15..18 => change_text(bytes, at, random),
        18 | 19 => swap_words(bytes, at, random),
        20 => splice(bytes, &seeds[random.below(seeds.len())], random),
        21 => repeat(bytes, at, random),
        22 => bytes.truncate(at),
        _ => drop(bytes.drain(at..(at + random.below(64)).min(length))),
    }
}

/// A number that is often taken for a length, a count or an address.
fn write_word(bytes: &mut [u8], at: usize, random: &mut Random) {
    let length = bytes.len() as u64;
    let words = [
        0,
        1,
        u64::MAX,
        u64::MAX - 7,
        i64::MAX as u64,
        1 << 31,
        u64::from(u32::MAX),
        length,
        length - 1,
        1 << 16,
        96,
    ];
    let word = words[random.below(words.len())].to_le_bytes();
    let width = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
    bytes[at..at + width].copy_from_slice(&word[..width]);
}

/// Adds a little to a number, as an address or a count that is nearly right does the most harm.
fn nudge_word(bytes: &mut [u8], at: usize, random: &mut Random) {
    let width = [1, 2, 4, 8][random.below(4)];
    let start = at / width * width;
    let Some(word) = bytes.get_mut(start..start + width) else { return };
    let mut number = [0; 8];
    number[..width].copy_from_slice(word);
    let by = [1, u64::MAX, 8, 8u64.wrapping_neg(), 256, 2][random.below(6)];
    let changed = u64::from_le_bytes(number).wrapping_add(by).to_le_bytes();
    word.copy_from_slice(&changed[..width]);
}

fn copy_block(bytes: &mut [u8], at: usize, random: &mut Random) {
    let (from, count) = (random.below(bytes.len()), random.below(64));
    let block = bytes[from..(from + count).min(bytes.len())].to_vec();
    let room = block.len().min(bytes.len() - at);
    bytes[at..at + room].copy_from_slice(&block[..room]);
}

/// One address in another's place.
fn swap_words(bytes: &mut [u8], at: usize, random: &mut Random) {
    let words = bytes.len() / 8;
    let (a, b) = (at / 8, random.below(words));
    if a < words {
        (0..8).for_each(|byte| bytes.swap(a * 8 + byte, b * 8 + byte));
    }
}

/// The rest of another file behind the beginning of this one.
fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let (keep, from) = (random.below(bytes.len()), random.below(other.len()));
    bytes.truncate(keep);
    bytes.extend_from_slice(&other[from..]);
    bytes.truncate(LONGEST);
}

/// A piece of the file many times over.
fn repeat(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let piece = bytes[at..(at + 1 + random.below(128)).min(bytes.len())].to_vec();
    let tail = bytes.split_off(at);
    (0..random.below(64)).for_each(|_| bytes.extend_from_slice(&piece));
    bytes.extend_from_slice(&tail);
    bytes.truncate(LONGEST);
}

/// Digits, brackets and words are what the architecture is made of.
fn change_text(bytes: &mut [u8], at: usize, random: &mut Random) {
    let is_text = |byte: &u8| b"0123456789[]{}:,\"".contains(byte);
    let Some(found) = bytes[at..].iter().position(is_text).map(|found| at + found) else { return };
    let words: [&[u8]; 8] = [b"null", b"true", b"-1", b"1e99", b"NaN", b"[]", b"{}", b"\"\""];
    if random.below(3) > 0 {
        bytes[found] = b"0123456789[]{}:,\"-e."[random.below(20)];
    } else {
        let word = words[random.below(words.len())];
        let room = word.len().min(bytes.len() - found);
        bytes[found..found + room].copy_from_slice(&word[..room]);
    }
}
