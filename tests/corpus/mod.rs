//! The corpus of real files, which lies beside the checkout.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::hdf5::File;
use resnet_verifier::keras::ModelFile;
use resnet_verifier::source::MemorySource;

/// Its folder; where it is not there, says that the test is skipped.
pub fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if path.join("index.json").is_file() {
        return Some(path);
    }
    println!("skipped: there is no corpus at {}", path.display());
    None
}

/// The Keras file at `path`, if there is one.
pub fn model(path: &Path) -> Option<ModelFile> {
    let bytes = std::fs::read(path).expect("a readable file");
    let file = File::open(Arc::new(MemorySource(bytes))).ok()?;
    ModelFile::read(&file).ok()
}
