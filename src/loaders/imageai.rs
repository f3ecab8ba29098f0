//! placeholder
use super::errors::Environment;
use super::runtime::Runtime;
/// The ImageAIs, with the TensorFlow below them.
pub fn environments() -> impl Iterator<Item = Environment> {
    [
        ("imageai203", "ImageAI 2.0.3", [2, 0, 3], "tf115"),
        ("imageai216", "ImageAI 2.1.6", [2, 1, 6], "tf24"),
        ("imageai303", "ImageAI 3.0.3", [3, 0, 3], ""),
    ]
    .into_iter()
    .map(|(id, name, version, runtime)| Environment {
        id,
        name,
        runtime: Runtime::of(runtime),
        imageai: Some(version),
    })
}
