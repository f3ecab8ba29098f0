//! Every weight of every Keras file among the fixtures, read through our door and by another HDF5 crate, hdf5-pure,
//! which shares no code with the reader behind the door. Lists of names and numbers must be the same.
#![allow(clippy::unwrap_used)] // A test that can't read its own fixtures must stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hdf5_pure::{AttrValue, File as Other};
use resnet_verifier::hdf5::File;
use resnet_verifier::keras::{Layout, ModelFile, StoredTensor};
use resnet_verifier::source::MemorySource;
use resnet_verifier::tensor::Dtype;

/// Every `.h5` below a folder.
fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "h5") {
            out.push(path);
        }
    }
}

/// The strings of an attribute; hdf5-pure tells fixed, variable and ASCII ones apart.
fn strings(value: Option<&AttrValue>) -> Vec<String> {
    match value {
        Some(
            AttrValue::StringArray(list)
            | AttrValue::StringArraySized { values: list, .. }
            | AttrValue::AsciiStringArray(list)
            | AttrValue::AsciiStringArraySized { values: list, .. }
            | AttrValue::VarLenAsciiCharArray(list)
            | AttrValue::VarLenStringArray(list)
            | AttrValue::VarLenAsciiStringArray(list),
        ) => list.clone(),
        _ => Vec::new(),
    }
}

fn compare(tensor: &StoredTensor, other: &Other) -> Result<(), String> {
    let path = tensor.dataset.path.as_str();
    let theirs = other.dataset(path).map_err(|error| format!("{path}: {error}"))?;
    if theirs.shape().unwrap() != tensor.dataset.shape {
        return Err(format!("{path}: shapes differ"));
    }
    let ours = tensor.dataset.read().map_err(|error| format!("{path}: {error}"))?;
    let numbers: Vec<f32> = theirs.read_f64().unwrap().into_iter().map(|x| x as f32).collect();
    let same =
        ours.len() == numbers.len() && ours.iter().zip(&numbers).all(|(a, b)| a.to_bits() == b.to_bits());
    if same { Ok(()) } else { Err(format!("{path}: numbers differ")) }
}

#[test]
fn two_readers_see_the_same_weights() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"), &mut paths);
    let (mut tensors, mut lists, mut wrong) = (0, 0, Vec::new());
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(ours) = File::open(Arc::new(MemorySource(bytes.as_slice().into()))) else { continue };
        let Ok(model) = ModelFile::read(&ours) else { continue };
        // A truncated file is one that hdf5-pure may refuse.
        if ours.extent().end > bytes.len() as u64 {
            continue;
        }
        let other = Other::from_bytes(bytes).unwrap();
        // hdf5-pure 0.47 reads float16 differently; there the operator suite, with Keras' own results, is the judge.
        let shared = model.weights.tensors.iter().filter(|t| t.dataset.dtype != Dtype::F16);
        tensors += shared.clone().count();
        wrong.extend(shared.filter_map(|t| compare(t, &other).err()));
        let root = if model.layout == Layout::WholeModel { "model_weights" } else { "/" };
        if let Ok(group) = other.group(root) {
            let listed = strings(group.attrs().unwrap().get("layer_names"));
            let groups: Vec<String> = model.weights.groups.iter().map(|g| g.layer.clone()).collect();
            if !listed.is_empty() && listed != groups {
                wrong.push(format!("{}: layer_names differ", path.display()));
            }
            lists += usize::from(!listed.is_empty());
        }
    }
    println!("{tensors} tensors and {lists} lists of layers compared");
    assert!(wrong.is_empty(), "{} differ:\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(tensors > 1000 && lists > 100, "{tensors} tensors and {lists} lists are too few");
}
