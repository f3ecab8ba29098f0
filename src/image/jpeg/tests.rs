//! Against libjpeg-turbo-rs 0.9.0, which is held to libjpeg-turbo 3 byte by byte; the pictures of the corpus are in `image::tests`.

use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling, decompress_to};

use super::*;

/// A picture of edges, slopes and noise.
fn pixels(width: usize, height: usize, channels: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9u32;
    let pixel = |at: usize, state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y, channel) = (at / channels % width, at / channels / width, at % channels);
        let edge = if (x / 5 + y / 3 + channel) % 3 == 0 { 120 } else { 0 };
        (x * 3 + y * 5 * (channel + 1) + edge + (*state >> 27) as usize) as u8
    };
    (0..width * height * channels).map(|at| pixel(at, &mut state)).collect()
}

const SUBSAMPLINGS: [Subsampling; 6] = [
    Subsampling::S444,
    Subsampling::S422,
    Subsampling::S420,
    Subsampling::S440,
    Subsampling::S411,
    Subsampling::S441,
];

const SIZES: [(usize, usize); 9] =
    [(1, 1), (2, 3), (3, 2), (5, 7), (8, 8), (16, 17), (33, 15), (40, 64), (67, 101)];

fn compare(jpeg: &[u8], what: &str) {
    let right = decompress_to(jpeg, PixelFormat::Rgb).unwrap();
    let picture = decode(jpeg).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((picture.width, picture.height), (right.width, right.height), "{what}");
    let differ = picture.rgb.iter().zip(&right.data).filter(|(one, other)| one != other).count();
    assert_eq!(differ, 0, "{what}: of {} bytes", right.data.len());
}

#[test]
fn colours_come_out_as_from_libjpeg_turbo() {
    for (width, height) in SIZES {
        let pixels = pixels(width, height, 3);
        for subsampling in SUBSAMPLINGS {
            for (quality, progressive, restart) in
                [(95, false, 0), (40, true, 0), (75, false, 2), (85, true, 3)]
            {
                let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb)
                    .quality(quality)
                    .subsampling(subsampling)
                    .progressive(progressive)
                    .restart_blocks(restart);
                let what = format!("{width}x{height} {subsampling:?} {quality} {progressive} {restart}");
                compare(&encoder.encode().unwrap(), &what);
            }
        }
    }
}

#[test]
fn gray_and_inks_come_out_as_from_libjpeg_turbo() {
    for (width, height) in SIZES {
        for (format, channels) in [(PixelFormat::Grayscale, 1), (PixelFormat::Cmyk, 4)] {
            let pixels = pixels(width, height, channels);
            let encoder = Encoder::new(&pixels, width, height, format).subsampling(Subsampling::S444);
            let jpeg = encoder.encode().unwrap();
            let what = format!("{width}x{height} {format:?}");
            compare(&jpeg, &what);
        }
    }
}

/// Whatever the bytes are, there is an answer.
#[test]
fn damage_is_an_error_or_a_picture() {
    let pixels = pixels(37, 29, 3);
    let encoder = Encoder::new(&pixels, 37, 29, PixelFormat::Rgb);
    for jpeg in [encoder.encode().unwrap(), encoder.progressive(true).encode().unwrap()] {
        for end in 0..jpeg.len() {
            assert!(decode(&jpeg[..end]).is_err(), "{end} of {}", jpeg.len());
        }
        let mut state = 1u32;
        for _ in 0..20_000 {
            let mut damaged = jpeg.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % damaged.len();
                damaged[at] = state as u8;
            }
            if let Ok(picture) = decode(&damaged) {
                assert_eq!(picture.rgb.len(), 3 * picture.width * picture.height);
            }
        }
    }
}
