//! What a file is, from its first and last bytes, before anything is parsed.

mod zip;

use crate::source::{ByteSource, ReadError};

/// Bytes at the start that are looked at.
const HEAD_BYTES: u64 = 4096;
/// The signature of HDF5.
const HDF5: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Signatures are looked for at 0, 512, 1024, 2048, … up to here, as libhdf5 does.
const LAST_USER_BLOCK: u64 = 1 << 30;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HDF5; its signature is at this byte.
    Hdf5 {
        /// Length of the user block in front.
        offset: u64,
    },
    /// No bytes at all.
    Empty,
    /// Keras' newer format, a zip of `config.json` and `model.weights.h5`.
    KerasZip,
    /// Anything else.
    Other(Impostor),
}

/// What carries the name of an HDF5 file without being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impostor {
    /// A pointer that Git LFS left in place of the file.
    GitLfsPointer {
        /// SHA-256 of the real file.
        oid: String,
        /// Bytes of the real file.
        size: Option<u64>,
    },
    /// A web page.
    Html,
    /// An XML document, such as a storage server's error message.
    Xml,
    /// JSON; perhaps an architecture without weights.
    Json,
    /// HDF5 whose line ends were rewritten as if it were text.
    MangledHdf5,
    /// HDF5 whose first bytes are damaged.
    DamagedSignature,
    /// HDF5 written as base64 text.
    Base64Hdf5,
    /// A PyTorch checkpoint.
    PyTorch,
    /// A Python pickle.
    Pickle,
    /// NumPy arrays in a zip.
    Npz,
    /// One NumPy array.
    Npy,
    /// A zip with something else in it; the names of the first entries.
    Zip(Vec<String>),
    /// gzip.
    Gzip,
    /// 7-Zip.
    SevenZip,
    /// tar.
    Tar,
    /// An ONNX model.
    Onnx,
    /// TensorFlow's `saved_model.pb` or a frozen graph.
    TensorFlowGraph,
    /// TensorFlow Lite.
    TfLite,
    /// A part of a TensorFlow checkpoint.
    TensorFlowCheckpoint,
    /// Plain text; how it begins.
    Text(String),
    /// Nothing known.
    Unknown,
}

/// Looks at a file.
///
/// # Errors
/// When its bytes can't be read.
pub fn sniff(source: &dyn ByteSource) -> Result<Kind, ReadError> {
    if source.is_empty() {
        return Ok(Kind::Empty);
    }
    if let Some(offset) = signature(source)? {
        return Ok(Kind::Hdf5 { offset });
    }
    let mut head = vec![0; source.len().min(HEAD_BYTES) as usize];
    source.read_at(0, &mut head)?;
    if head.starts_with(b"PK\x03\x04") {
        return Ok(of_zip(zip::names(source)?));
    }
    Ok(Kind::Other(impostor(&head)))
}

/// Where the HDF5 signature is: at 0, or behind a user block of 512 · 2ⁿ bytes.
fn signature(source: &dyn ByteSource) -> Result<Option<u64>, ReadError> {
    let mut offset = 0;
    while offset + 8 <= source.len() && offset <= LAST_USER_BLOCK {
        let mut found = [0; 8];
        source.read_at(offset, &mut found)?;
        if &found == HDF5 {
            return Ok(Some(offset));
        }
        offset = if offset == 0 { 512 } else { offset * 2 };
    }
    Ok(None)
}

fn of_zip(names: Vec<String>) -> Kind {
    let has = |end: &str| names.iter().any(|name| name.ends_with(end));
    if has("config.json") && has("model.weights.h5") {
        return Kind::KerasZip;
    }
    Kind::Other(if has("data.pkl") {
        Impostor::PyTorch
    } else if !names.is_empty() && names.iter().all(|name| name.ends_with(".npy")) {
        Impostor::Npz
    } else {
        Impostor::Zip(names)
    })
}

fn impostor(head: &[u8]) -> Impostor {
    of_magic(head).or_else(|| of_text(head)).unwrap_or_else(|| of_protobuf(head))
}

fn of_magic(head: &[u8]) -> Option<Impostor> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(
        if at(0, b"\x89HDF\r\r\n")
            || at(0, b"\x89HDF\n")
            || at(0, b"\xef\xbf\xbdHDF")
            || at(0, b"\xc2\x89HDF")
        {
            Impostor::MangledHdf5
        } else if looks_like_signature(head) {
            Impostor::DamagedSignature
        } else if at(0, b"\x1f\x8b") {
            Impostor::Gzip
        } else if at(0, b"7z\xbc\xaf\x27\x1c") {
            Impostor::SevenZip
        } else if at(257, b"ustar") {
            Impostor::Tar
        } else if at(4, b"TFL3") {
            Impostor::TfLite
        } else if at(0, b"\x93NUMPY") {
            Impostor::Npy
        } else if head.len() > 2 && head[0] == 0x80 && (2..=5).contains(&head[1]) {
            if head.windows(5).any(|w| w == b"torch") { Impostor::PyTorch } else { Impostor::Pickle }
        } else {
            return None;
        },
    )
}

/// One byte of the signature wrong, or a superblock's own fields behind a wrong one.
fn looks_like_signature(head: &[u8]) -> bool {
    head.len() >= 8 && head.iter().zip(HDF5).filter(|(found, wanted)| found == wanted).count() >= 6
}

fn of_text(head: &[u8]) -> Option<Impostor> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut at the end of what was read.
        Err(error) if error.valid_up_to() + 4 > head.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = start.chars().take(200).collect::<String>().to_ascii_lowercase();
    Some(if start.starts_with("version https://git-lfs.github.com/spec/") {
        let field =
            |name: &str| start.lines().find_map(|line| line.strip_prefix(name)).map(|v| v.trim().to_string());
        let size = field("size ").and_then(|size| size.parse().ok());
        Impostor::GitLfsPointer { oid: field("oid sha256:").unwrap_or_default(), size }
    } else if lower.starts_with("<!doctype html") || lower.starts_with("<html") || lower.contains("<head>") {
        Impostor::Html
    } else if lower.starts_with("<?xml") || lower.starts_with("<error") {
        Impostor::Xml
    } else if start.starts_with("iUhERg0KGgo") {
        Impostor::Base64Hdf5
    } else if start.starts_with('{') || start.starts_with('[') {
        Impostor::Json
    } else {
        Impostor::Text(start.chars().take(60).collect())
    })
}

/// Formats without a signature, by the strings they always hold near their beginning.
fn of_protobuf(head: &[u8]) -> Impostor {
    let has = |wanted: &[u8]| head.windows(wanted.len()).any(|window| window == wanted);
    let starts_with_version = head.len() > 2 && head[0] == 0x08 && head[1] < 0x20;
    let any = |words: &[&str]| words.iter().any(|word| has(word.as_bytes()));
    if any(&["_CHECKPOINTABLE_OBJECT_GRAPH", "VARIABLE_VALUE", ".ATTRIBUTES/"]) {
        Impostor::TensorFlowCheckpoint
    } else if any(&["AssignVariableOp", "VarHandleOp", "Placeholder", "serving_default", "dtype"]) {
        Impostor::TensorFlowGraph
    } else if starts_with_version && any(&["onnx", "Conv", "Relu", "Gemm", "pytorch"]) {
        Impostor::Onnx
    } else {
        Impostor::Unknown
    }
}
