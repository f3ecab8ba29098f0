//! `F002`: something else under the name of an `.h5`.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::{Impostor, Kind};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F002",
    name: "not-hdf5",
    severity: Severity::Error,
    meaning: "The file is not HDF5, whatever its name says. No Keras loader opens it as `.h5`.",
    fix: "Get the file again from its source, as a binary download.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Kind::Other(impostor)) = facts.kind else { return Vec::new() };
    let (what, fix) = words(impostor);
    vec![Finding::new(&RULE, Place::Byte(0), format!("The file is {what}.")).with_fix(fix)]
}

/// What it is, and the one step that helps.
fn words(impostor: &Impostor) -> (String, String) {
    let (what, fix) = match impostor {
        Impostor::GitLfsPointer { oid, size } => return lfs(oid, *size),
        Impostor::Zip(names) => return zip(names),
        Impostor::Text(start) => {
            return (
                format!("plain text that begins with “{start}”"),
                "Read the text; it may say why the model was not delivered. Then download the model again.".into(),
            );
        }
        Impostor::Html => (
            "a web page (HTML)",
            "The link led to a page about the file. Open it in a browser and use the page's own download button or raw link.",
        ),
        Impostor::Xml => (
            "an XML document, most likely a storage server's error message",
            "Open it in a text editor to read the error; the link has probably expired.",
        ),
        Impostor::Json => (
            "JSON text, perhaps an architecture saved with `model.to_json()`",
            "Build the model with `model_from_json(...)` and load its weights from their own file.",
        ),
        Impostor::MangledHdf5 => (
            "HDF5 that was transferred as text, so that line ends or bytes were rewritten",
            "Transfer it again in binary mode (in Git, mark `*.h5 binary` in .gitattributes). It can't be restored.",
        ),
        Impostor::DamagedSignature => (
            "HDF5 whose first eight bytes are damaged",
            "Download it again. If only the signature is damaged, writing \\x89HDF\\r\\n\\x1a\\n over the first eight bytes restores it.",
        ),
        Impostor::Base64Hdf5 => ("HDF5 written as base64 text", "Decode it: `base64 --decode file.h5 > model.h5`."),
        Impostor::PyTorch => (
            "a PyTorch checkpoint",
            "Load it with `torch.load(...)` in PyTorch; ImageAI reads it from version 3 on. Keras can't.",
        ),
        Impostor::Pickle => (
            "a Python pickle",
            "Only Python's pickle module reads it, and doing so runs code from the file: open it only if you trust its origin.",
        ),
        Impostor::Npz => ("an archive of NumPy arrays (.npz)", "Read it with `numpy.load(...)` and assign the arrays with `layer.set_weights(...)`."),
        Impostor::Npy => ("one NumPy array (.npy)", "Read it with `numpy.load(...)`; a model has many arrays."),
        Impostor::Gzip => ("compressed with gzip", "Decompress it: `gunzip -c model.h5 > real.h5` (or `tar xzf` if it is an archive)."),
        Impostor::SevenZip => ("a 7-Zip archive", "Unpack it with 7-Zip; the model is inside."),
        Impostor::Tar => ("a tar archive", "Unpack it: `tar xf model.h5`; the model is inside."),
        Impostor::Onnx => ("an ONNX model", "Run it with onnxruntime; Keras can't load it."),
        Impostor::TensorFlowGraph => (
            "a TensorFlow graph (saved_model.pb or a frozen graph)",
            "Load the folder it belongs to with `tf.saved_model.load(...)`; it can't be loaded as `.h5`.",
        ),
        Impostor::TfLite => ("a TensorFlow Lite model", "Run it with `tf.lite.Interpreter(model_path=...)`; Keras can't load it."),
        Impostor::TensorFlowCheckpoint => (
            "a part of a TensorFlow checkpoint",
            "Keep its .index and .data files together and call `model.load_weights(prefix)` on the built model.",
        ),
        Impostor::Unknown => ("not HDF5: its signature is nowhere in it", RULE.fix),
    };
    (what.into(), fix.into())
}

fn lfs(oid: &str, size: Option<u64>) -> (String, String) {
    let size = size.map_or("unknown size".to_string(), |size| format!("{size} bytes"));
    let what = format!("a Git LFS pointer: the real file has {size} and the SHA-256 {oid}");
    (what, "Run `git lfs pull` in the repository, or download the file through the site's download button.".into())
}

fn zip(names: &[String]) -> (String, String) {
    match names.iter().find(|name| name.ends_with(".h5") || name.ends_with(".hdf5")) {
        Some(name) => (format!("a zip archive with {name} in it"), format!("Unpack it and use {name}.")),
        None => ("a zip archive".into(), "Unpack it; the model may be inside.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sniff::sniff;
    use crate::source::MemorySource;

    fn message(bytes: &[u8]) -> Option<String> {
        let kind = sniff(&MemorySource(bytes.into()));
        let facts = Facts {
            name: "model.h5",
            md5: None,
            length: bytes.len() as u64,
            kind: &kind,
            extent: None,
            container: None,
            model: None,
            structure: None,
            recognition: None,
            stats: None,
        };
        check(&facts).pop().map(|finding| finding.message)
    }

    #[test]
    fn impostors_are_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "the real file has 12 bytes"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"{\"class_name\": \"Model\"}", "JSON"),
            (b"\x89HDX\r\n\x1a\n", "first eight bytes are damaged"),
            (b"\x89HDF\r\r\n\x1a\r\n", "transferred as text"),
            (b"Not a model", "begins with “Not a model”"),
            (b"\x80\x02}q\x00.", "a Python pickle"),
            (b"\x00\x01\x02\x03\x04\xff\xfe", "its signature is nowhere"),
        ];
        for (bytes, expected) in cases {
            let message = message(bytes).unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn hdf5_behind_a_user_block_is_no_impostor() {
        let mut bytes = vec![b'#'; 1024];
        bytes.extend(b"\x89HDF\r\n\x1a\n");
        assert_eq!(message(&bytes), None);
    }
}
