//! Against Pillow and Keras.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;

#[test]
fn nearest_takes_the_pixel_under_the_centre() {
    let picture = Picture { width: 4, height: 1, rgb: (0..12).collect() };
    // Pillow 10: Image.fromarray(4 pixels).resize((2, 1), NEAREST) keeps the second and the fourth.
    assert_eq!(picture.resize(2, 1, Interpolation::Nearest).rgb, [3, 4, 5, 9, 10, 11]);
    assert_eq!(picture.resize(4, 1, Interpolation::Nearest), picture);
}

#[test]
fn pictures_for_channels_first_are_transposed() {
    let picture = Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] };
    assert_eq!(
        picture.tensor(&[3, 1, 2], Preprocess::None, Interpolation::Nearest).unwrap(),
        [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
    );
    assert_eq!(
        picture.tensor(&[7], Preprocess::None, Interpolation::Nearest),
        Err(PictureError::NotForPictures(vec![7]))
    );
}

#[test]
fn what_is_no_picture_is_refused() {
    assert_eq!(Picture::decode(b"hello"), Err(PictureError::NotAPicture));
    assert!(matches!(Picture::decode(b"\x89PNG\r\n\x1a\n...."), Err(PictureError::Undecodable(_))));
}

/// Compares the pictures of a folder with the hashes of what Keras and Pillow made of them; gives how many comparisons there were.
fn compare(folder: &Path, truth: &Value, hash_of: impl Fn(&Value) -> Option<&str>) -> usize {
    let mut compared = 0;
    for (name, truth) in truth["pictures"].as_object().unwrap() {
        let picture = Picture::decode(&std::fs::read(folder.join(name)).unwrap());
        let Some(decoded) = truth["decoded_rgb_sha256"].as_str() else {
            assert!(picture.is_err(), "{name}: {}", truth["decode_error"]);
            continue;
        };
        let picture = picture.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(hash(&picture.rgb), decoded, "{name}");
        for (how, truth) in truth.as_object().unwrap() {
            let Some((side, word)) = how.split_once('_') else { continue };
            let (Ok(side), Some(filter)) = (side.parse(), Interpolation::named(word)) else { continue };
            let sized = picture.resize(side, side, filter);
            assert_eq!(Some(hash(&sized.rgb).as_str()), hash_of(truth), "{name} {how}");
            compared += 1;
        }
    }
    compared
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Keras of TensorFlow 1.15.5 with Pillow 9.5.0 and libjpeg-turbo.
#[test]
fn pictures_come_out_as_from_keras() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures"));
    assert_eq!(compare(folder, &json(&folder.join("truth.json")), Value::as_str), 24);
}

/// The same, every picture of the corpus. Pillow 13.0.0 differs in one of them, by 1 here and there: it blends the rows first where
/// that is less work. TensorFlow 2.4 and Keras 2.1.6 were measured with libjpeg 9, which decodes JPEG otherwise.
#[test]
fn pictures_of_the_corpus_come_out_as_from_keras() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus"));
    if !folder.join("preproc").exists() {
        return eprintln!("skipped: the corpus is not there");
    }
    let truth = json(&folder.join("preproc/tf115.json"));
    let compared = compare(&folder.join("pictures"), &truth, |entry| entry["sha256_u8"].as_str());
    assert_eq!(compared, 17 * 8);
}
