//! Recognition of every file of the corpus that has an architecture. The corpus lies beside the checkout; where it does
//! not, these tests say so and pass.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::hdf5::File;
use resnet_verifier::keras::ModelFile;
use resnet_verifier::source::MemorySource;
use resnet_verifier::zoo::{Recognition, recognise};

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if path.join("index.json").is_file() {
        return Some(path);
    }
    println!("skipped: there is no corpus at {}", path.display());
    None
}

fn model(path: &Path) -> Option<ModelFile> {
    let bytes = std::fs::read(path).unwrap();
    let file = File::open(Arc::new(MemorySource(bytes.into()))).ok()?;
    ModelFile::read(&file).ok()
}

#[test]
fn listing() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<_> = std::fs::read_dir(corpus.join("files")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files {
        let Some(model) = model(&path) else { continue };
        let Some(network) = model.network() else { continue };
        let r = recognise(network);
        println!("{}: {}", path.file_name().unwrap().to_string_lossy(), r.summary());
        if let Recognition::ResNet(r) = r {
            println!("      {:?} weighted {} {:?} opaque {:?} naming {:?}", r.departures, r.weighted_layers, r.departure.map(|d| d.to_string()), r.opaque, r.naming);
        }
    }
}
