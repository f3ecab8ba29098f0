//! From components to RGB, with libjpeg's factors of 16 bits behind the point.

/// What the components of a JPEG are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// One of gray.
    Gray,
    /// Red, green and blue.
    Rgb,
    /// Luma and two of chroma.
    YCbCr,
    /// Cyan, magenta, yellow and black; inverted, as Adobe writes them.
    Cmyk,
    /// The first three of them as luma and chroma.
    Ycck,
}

/// Red, green and blue of every pixel, of planes of one length.
pub fn rgb(planes: &[Vec<u8>], colours: Colours) -> Vec<u8> {
    match (planes, colours) {
        ([gray], _) => gray.iter().flat_map(|value| [*value; 3]).collect(),
        ([a, b, c], _) => {
            let pixels = a.iter().zip(b).zip(c).map(|((a, b), c)| [*a, *b, *c]);
            pixels.flat_map(|pixel| if colours == Colours::Rgb { pixel } else { of_luma(pixel) }).collect()
        }
        ([a, b, c, k], _) => {
            let pixels = a.iter().zip(b).zip(c).zip(k).map(|(((a, b), c), k)| ([*a, *b, *c], *k));
            pixels.flat_map(|(pixel, black)| of_ink(pixel, black, colours)).collect()
        }
        _ => Vec::new(),
    }
}

/// A factor with 16 bits behind the point.
const fn fix(value: f64) -> i32 {
    (value * 65_536.0 + 0.5) as i32
}

fn of_luma([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let red = y + ((fix(1.402) * cr + HALF) >> 16);
    let green = y + ((-fix(0.344_14) * cb + HALF - fix(0.714_14) * cr) >> 16);
    let blue = y + ((fix(1.772) * cb + HALF) >> 16);
    [red, green, blue].map(|value| value.clamp(0, 255) as u8)
}

/// Pillow takes any four components for inverted inks; what is left of the light is what no ink takes.
fn of_ink(pixel: [u8; 3], black: u8, colours: Colours) -> [u8; 3] {
    let stored = if colours == Colours::Ycck { of_luma(pixel).map(|value| 255 - value) } else { pixel };
    stored.map(|stored| {
        let (ink, light) = (255 - i32::from(stored), i32::from(black));
        let taken = ink * light + 128;
        (light - (((taken >> 8) + taken) >> 8)).clamp(0, 255) as u8
    })
}
