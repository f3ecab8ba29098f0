//! Bringing a picture to size as Pillow's `Image.resize` does, to the last bit.
//!
//! Source of the method: Pillow's `libImaging/Resample.c` and `Geometry.c`; measured with 9.5.0. Since 13.0 Pillow blends the rows
//! first where that is less work, which changes some values by 1.

use std::f64::consts::PI;

use super::Picture;

/// Pillow's filters, by the names that `load_img(interpolation=…)` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// The pixel under the centre; Keras' default.
    #[default]
    Nearest,
    /// The mean of what a pixel covers.
    Box,
    /// A triangle.
    Bilinear,
    /// A Hamming window.
    Hamming,
    /// A cubic with a = −1/2.
    Bicubic,
    /// A sinc with three lobes.
    Lanczos,
}

/// Bits behind the point of Pillow's weights: 32 for the sum, less 8 for the value and 2 for its overshoot.
const PRECISION: u32 = 32 - 8 - 2;

impl Interpolation {
    /// All of them.
    pub const ALL: [Interpolation; 6] = [
        Interpolation::Nearest,
        Interpolation::Box,
        Interpolation::Bilinear,
        Interpolation::Hamming,
        Interpolation::Bicubic,
        Interpolation::Lanczos,
    ];

    /// The word that Keras takes.
    pub fn word(self) -> &'static str {
        match self {
            Interpolation::Nearest => "nearest",
            Interpolation::Box => "box",
            Interpolation::Bilinear => "bilinear",
            Interpolation::Hamming => "hamming",
            Interpolation::Bicubic => "bicubic",
            Interpolation::Lanczos => "lanczos",
        }
    }

    /// The filter of that word.
    pub fn named(word: &str) -> Option<Interpolation> {
        Interpolation::ALL.into_iter().find(|filter| filter.word() == word)
    }

    /// How far the filter reaches to either side, in pixels of the smaller picture.
    fn support(self) -> f64 {
        match self {
            Interpolation::Nearest | Interpolation::Box => 0.5,
            Interpolation::Bilinear | Interpolation::Hamming => 1.0,
            Interpolation::Bicubic => 2.0,
            Interpolation::Lanczos => 3.0,
        }
    }

    /// The weight at that distance from the centre.
    fn weight(self, x: f64) -> f64 {
        let far = x.abs();
        match self {
            Interpolation::Nearest | Interpolation::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
            Interpolation::Bilinear => (1.0 - far).max(0.0),
            Interpolation::Hamming => hamming(far),
            Interpolation::Bicubic => bicubic(far),
            Interpolation::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Interpolation::Lanczos => 0.0,
        }
    }
}

fn hamming(x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        x if x >= 1.0 => 0.0,
        x => (x * PI).sin() / (x * PI) * (0.54 + 0.46 * (x * PI).cos()),
    }
}

fn bicubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    match x {
        x if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        _ => 0.0,
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) }
}

/// Which pixels of a line a new pixel is made of, and their weights.
struct Window {
    first: usize,
    weights: Vec<i32>,
}

/// The windows of a line of `from` pixels that becomes one of `to`.
fn windows(from: usize, to: usize, filter: Interpolation) -> Vec<Window> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let window = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        let weight = |pixel: usize| filter.weight((pixel as f64 - centre + 0.5) * (1.0 / stretch));
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        Window { first, weights: weights.into_iter().map(|weight| fixed(weight, sum)).collect() }
    };
    (0..to).map(window).collect()
}

/// A weight's share of the sum with [`PRECISION`] bits behind the point, rounded away from 0.
fn fixed(weight: f64, sum: f64) -> i32 {
    let share = if sum == 0.0 { weight } else { weight / sum };
    let scaled = share * f64::from(1u32 << PRECISION);
    (if share < 0.0 { scaled - 0.5 } else { scaled + 0.5 }) as i32
}

/// The weighted sum of every third number from `start` on, or of those `step` apart.
fn blend(numbers: &[u8], start: usize, step: usize, weights: &[i32]) -> u8 {
    let values = numbers[start..].iter().step_by(step);
    let sum = values.zip(weights).fold(1i32 << (PRECISION - 1), |sum, (value, weight)| {
        sum.wrapping_add(i32::from(*value).wrapping_mul(*weight))
    });
    (sum >> PRECISION).clamp(0, 255) as u8
}

impl Picture {
    /// The picture at another size: what `load_img(target_size=(height, width), interpolation=…)` gives.
    pub fn resize(&self, width: usize, height: usize, filter: Interpolation) -> Picture {
        match filter {
            Interpolation::Nearest => self.nearest(width, height),
            // Pillow leaves alone the direction in which nothing changes, and rounds between the two.
            filter => self.resize_rows(width, filter).resize_columns(height, filter),
        }
    }

    fn nearest(&self, width: usize, height: usize) -> Picture {
        let source = |to: usize, from: usize, n: usize| ((2 * n + 1) * from / (2 * to)).min(from - 1);
        let columns: Vec<usize> = (0..width).map(|x| 3 * source(width, self.width, x)).collect();
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            let row = &self.rgb[3 * self.width * source(height, self.height, y)..];
            columns.iter().for_each(|x| rgb.extend_from_slice(&row[*x..*x + 3]));
        }
        Picture { width, height, rgb }
    }

    fn resize_rows(&self, width: usize, filter: Interpolation) -> Picture {
        if width == self.width {
            return self.clone();
        }
        let windows = windows(self.width, width, filter);
        let mut rgb = Vec::with_capacity(3 * width * self.height);
        for row in self.rgb.chunks_exact(3 * self.width) {
            for Window { first, weights } in &windows {
                rgb.extend((0..3).map(|colour| blend(row, 3 * first + colour, 3, weights)));
            }
        }
        Picture { width, height: self.height, rgb }
    }

    fn resize_columns(&self, height: usize, filter: Interpolation) -> Picture {
        if height == self.height {
            return self.clone();
        }
        let row = 3 * self.width;
        let mut rgb = Vec::with_capacity(row * height);
        for Window { first, weights } in windows(self.height, height, filter) {
            rgb.extend((0..row).map(|at| blend(&self.rgb, first * row + at, row, &weights)));
        }
        Picture { width: self.width, height, rgb }
    }
}
