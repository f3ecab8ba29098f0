//! What an archive holds.

use super::{Format, HEAD_BYTES, Impostor, Kind, Pickle, bytes, pickles, quoted};
use crate::archive::{self, Entry, Zip};
use crate::source::{ByteSource, ReadError};
use crate::tensor::npy;

/// Names of an archive that are told.
const NAMES: usize = 5;
/// Arrays of an `.npz` whose headers are read.
const ARRAYS: usize = 200;

/// The parts of a `.keras` archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KerasArchive {
    /// The architecture.
    pub config: Entry,
    /// The weights.
    pub weights: Option<Entry>,
    /// The weights in the other form that Keras reads, where it finds no [`KerasArchive::weights`].
    pub npz: Option<Entry>,
    /// Pickles in it that do more than to hold arrays.
    pub pickles: Vec<Pickle>,
    /// The first names that several of its members have.
    pub repeated: Vec<String>,
    /// Who saved it and when.
    pub metadata: Option<Entry>,
    /// The folder in the archive that they lie in, with its slash; Keras looks for them at the top.
    pub folder: String,
    /// Whether the archive has its end.
    pub complete: bool,
}

impl KerasArchive {
    /// Why its architecture or its weights are not opened here although nothing may be wrong with them.
    pub fn refusal(&self) -> Option<archive::Error> {
        [Some(&self.config), self.weights.as_ref()].into_iter().flatten().find_map(archive::refusal)
    }
}

/// A zip that is no `.keras`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipContents {
    /// Names of its first members.
    pub names: Vec<String>,
    /// How many members there are.
    pub count: usize,
    /// The `.h5` or `.keras` in it, where it is the only one.
    pub model: Option<Entry>,
    /// Whether the archive has its end.
    pub complete: bool,
    /// Whether it can be opened only with a password.
    pub encrypted: bool,
}

/// What a zip is, by the names in it: `(end of a name, what it is)`, the more telling first.
const BY_NAME: &[(&str, Format)] = &[
    ("constants.pkl", Format::TorchScript),
    ("data.pkl", Format::PyTorchZip),
    ("saved_model.pb", Format::SavedModelZip),
    ("group1-shard1of1.bin", Format::TensorFlowJsZip),
    ("coefficients.bin", Format::Dl4j),
    ("Data/com.apple.CoreML/model.mlmodel", Format::CoreMlPackage),
    ("[Content_Types].xml", Format::Office),
    ("AndroidManifest.xml", Format::Java),
    ("META-INF/MANIFEST.MF", Format::Java),
];

/// Tells a `.keras`, a PyTorch checkpoint, NumPy's archives and others apart.
pub(super) fn of_zip(source: &dyn ByteSource, zip: Zip) -> Result<Kind, ReadError> {
    if let Some(archive) = keras(&zip).filter(|archive| is_keras(source, archive)) {
        let pickles = pickles::of_archive(source, &zip);
        return Ok(Kind::KerasZip(Box::new(KerasArchive { pickles, ..archive })));
    }
    let entries = &zip.entries;
    let known = BY_NAME.iter().find(|(end, _)| entries.iter().any(|entry| entry.name.ends_with(end)));
    if let Some((_, format)) = known {
        return Ok(Kind::Other(Impostor::Known(*format)));
    }
    if !entries.is_empty() && entries.iter().all(|entry| entry.name.ends_with(".npy")) {
        let arrays = entries.iter().take(ARRAYS).map(|entry| member_array(source, entry));
        return Ok(Kind::Other(Impostor::Arrays {
            archive: true,
            arrays: arrays.collect::<Result<_, _>>()?,
            pickles: pickles::of_npz(source, &zip),
        }));
    }
    Ok(Kind::Other(Impostor::Zip(contents(&zip))))
}

fn keras(zip: &Zip) -> Option<KerasArchive> {
    let config = zip.entries.iter().find(|entry| is_member(&entry.name, "config.json"))?;
    let config = zip.entry(&config.name)?;
    let folder = config.name.strip_suffix("config.json")?;
    let beside = |name: &str| zip.entry(&format!("{folder}{name}")).cloned();
    let [weights, npz, metadata] = ["model.weights.h5", "model.weights.npz", "metadata.json"].map(beside);
    // Any archive may have a config.json; Keras' has the weights or the metadata with it.
    (weights.is_some() || npz.is_some() || metadata.is_some()).then(|| KerasArchive {
        config: config.clone(),
        weights,
        npz,
        pickles: Vec::new(),
        repeated: zip.repeated(),
        metadata,
        folder: folder.to_string(),
        complete: zip.complete,
    })
}

/// Any program may write a config.json and a metadata.json; without the weights beside them, the words in them tell.
fn is_keras(source: &dyn ByteSource, archive: &KerasArchive) -> bool {
    let has = |entry: &Entry, word: &str| {
        let head = archive::start(source, entry, HEAD_BYTES).unwrap_or_default();
        head.windows(word.len()).any(|window| window == word.as_bytes())
    };
    let by_metadata = || archive.metadata.as_ref().is_some_and(|entry| has(entry, "\"keras_version\""));
    archive.weights.is_some() || by_metadata() || has(&archive.config, "\"class_name\"")
}

fn is_member(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
        && !is_of_finder(path)
}

/// What the Mac's Finder adds to archives.
fn is_of_finder(path: &str) -> bool {
    path.starts_with("__MACOSX/")
}

fn contents(zip: &Zip) -> ZipContents {
    let is_file = |entry: &&Entry| !entry.name.ends_with('/') && !is_of_finder(&entry.name);
    let files: Vec<&Entry> = zip.entries.iter().filter(is_file).collect();
    let is_model = |entry: &&&Entry| {
        [".h5", ".hdf5", ".keras"].iter().any(|end| entry.name.to_ascii_lowercase().ends_with(end))
    };
    let mut models = files.iter().filter(is_model);
    let model = models.next().filter(|_| models.next().is_none());
    ZipContents {
        names: files.iter().take(NAMES).map(|entry| quoted(&entry.name, 100)).collect(),
        count: files.len(),
        model: model.map(|entry| (*entry).clone()),
        complete: zip.complete,
        encrypted: files.iter().any(|entry| entry.encrypted),
    }
}

/// Headers of a tar archive that are read.
const TAR_HEADERS: usize = 200;

/// What the headers of a tar archive list, as far as they are whole.
pub(super) fn of_tar(source: &dyn ByteSource) -> Impostor {
    let (mut names, mut count, mut at) = (Vec::new(), 0, 0u64);
    for _ in 0..TAR_HEADERS {
        let Some((name, size, is_file)) = tar_header(source, at) else { break };
        if is_file {
            count += 1;
            names.extend((names.len() < NAMES).then(|| quoted(&name, 100)));
        }
        at = at.saturating_add(512).saturating_add(size.div_ceil(512).saturating_mul(512));
    }
    Impostor::Tar { names, count }
}

/// Name and length in bytes of what a header of tar describes, and whether that is a file.
fn tar_header(source: &dyn ByteSource, at: u64) -> Option<(String, u64, bool)> {
    let header = bytes(source, at, 512).ok()?;
    let text = |range: std::ops::Range<usize>| {
        let field = header.get(range)?.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(field).trim().to_string())
    };
    let is_header = header.get(257..262) == Some(b"ustar");
    let size = u64::from_str_radix(&text(124..136)?, 8).ok().filter(|_| is_header)?;
    Some((text(0..100)?, size, matches!(header.get(156), Some(b'0' | 0))))
}

fn member_array(source: &dyn ByteSource, entry: &Entry) -> Result<String, ReadError> {
    let name = quoted(entry.name.trim_end_matches(".npy"), 60);
    // A member whose local header lies beyond the end is listed all the same.
    let head = archive::start(source, entry, HEAD_BYTES).unwrap_or_default();
    Ok(array(&head).map_or(name.clone(), |array| format!("{name} {array}")))
}

/// Shape and type of a `.npy` file that begins like this.
pub(super) fn array(head: &[u8]) -> Option<String> {
    npy::describe(head).map(|words| quoted(&words, 60))
}
