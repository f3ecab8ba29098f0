//! Chroma brought to the size of the picture, by libjpeg's triangle filter where it has one.

use super::frame::{Component, Frame};

/// How one direction grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grows {
    /// Not at all.
    Stays,
    /// Twofold, three parts of the nearer sample and one of the farther.
    Smoothly,
    /// Every sample so many times.
    Repeats(usize),
}

/// A component's samples, given in rows of whole blocks, for every pixel of the picture.
pub fn upsample(samples: &[u8], component: &Component, frame: &Frame) -> Vec<u8> {
    let (across, down) = ways(component, frame);
    let mut plane = Vec::with_capacity(frame.width * frame.height);
    for y in 0..frame.height {
        let row = row(samples, component, y, (across, down));
        match across {
            Grows::Stays => plane.extend(row.iter().map(|value| *value as u8)),
            Grows::Repeats(factor) => {
                let pixels = row.iter().flat_map(|value| std::iter::repeat_n(*value as u8, factor));
                plane.extend(pixels.take(frame.width));
            }
            Grows::Smoothly => plane.extend(smooth(&row, down).take(frame.width)),
        }
    }
    plane
}

/// libjpeg smooths twofold growth; that of the columns only where there are more than two.
fn ways(component: &Component, frame: &Frame) -> (Grows, Grows) {
    let factors = [0, 1].map(|axis| frame.sampling[axis] / component.sampling[axis]);
    let plain = |factor: usize| if factor == 1 { Grows::Stays } else { Grows::Repeats(factor) };
    match factors {
        [2, 1] if component.width > 2 => (Grows::Smoothly, Grows::Stays),
        [2, 2] if component.width > 2 => (Grows::Smoothly, Grows::Smoothly),
        [1, 2] => (Grows::Stays, Grows::Smoothly),
        [across, down] => (plain(across), plain(down)),
    }
}

/// The samples that make a row of pixels. Where rows and columns blend they are left four times as large.
fn row(samples: &[u8], component: &Component, y: usize, ways: (Grows, Grows)) -> Vec<i32> {
    let at = |row: usize| {
        let start = 8 * component.columns * row.min(component.height - 1);
        samples[start..start + component.width].iter().map(|value| i32::from(*value))
    };
    let blended = || {
        let farther = if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { y / 2 + 1 };
        at(y / 2).zip(at(farther)).map(|(near, far)| 3 * near + far)
    };
    match ways {
        (_, Grows::Stays) => at(y).collect(),
        (_, Grows::Repeats(factor)) => at(y / factor).collect(),
        (Grows::Smoothly, Grows::Smoothly) => blended().collect(),
        // libjpeg rounds the upper row down and the lower one up.
        (_, Grows::Smoothly) => blended().map(|sum| (sum + 1 + (y % 2) as i32) >> 2).collect(),
    }
}

/// Twice as many columns; what rounds down and what rounds up differs with the rows.
fn smooth(row: &[i32], down: Grows) -> impl Iterator<Item = u8> {
    let (left, right, shift) = if down == Grows::Smoothly { (8, 7, 4) } else { (1, 2, 2) };
    row.iter().enumerate().flat_map(move |(at, value)| {
        let before = row[at.saturating_sub(1)];
        let after = row[(at + 1).min(row.len() - 1)];
        [(3 * value + before + left) >> shift, (3 * value + after + right) >> shift].map(|sum| sum as u8)
    })
}
