//! Datasets as h5py gives them to NumPy, and what Keras 3 refuses to follow.

use super::h5py::{H5, Item};
use super::words::Call;
use super::{Attempt, Loader, Stop};
use crate::hdf5::library::{Failure, Link};
use crate::hdf5::{ExternalRun, Stored, StoredAs};
use crate::limits;
use crate::loaders::{Raised, python};
use crate::tensor::Dtype;

/// More bytes than any machine gives one array, and those that all give.
const MEMORY: [u64; 2] = [1 << 40, 1 << 33];

impl H5<'_> {
    /// `np.asarray(file[path])`: whether the numbers of a dataset can be had.
    ///
    /// # Errors
    /// The `OSError` where they can't be read, the `MemoryError` where they are too many.
    pub fn read(&self, path: &str) -> Attempt<()> {
        let unknown = || Stop::unknown(format!("how {path} is stored is not known here"));
        let stored = self.stored(path)?;
        self.check_memory(path, stored)?;
        match &stored.how {
            StoredAs::Compact | StoredAs::Nowhere => Ok(()),
            StoredAs::Run(..) if stored.present == stored.allocated => Ok(()),
            StoredAs::Chunks => self.check_filters(stored),
            StoredAs::External(runs) if runs.iter().any(|run| run.size > 0) => {
                Err(self.unreadable("unable to open external raw data file"))
            }
            StoredAs::Run(..) | StoredAs::External(_) | StoredAs::Virtual | StoredAs::Unknown => {
                Err(unknown())
            }
        }
    }

    fn unreadable(&self, inner: &str) -> Stop {
        Call::ReadDataset.stop(self.runtime, Failure::Says(inner.into()))
    }

    fn stored(&self, path: &str) -> Attempt<&Stored> {
        let file = self.reader.ok_or_else(|| Stop::unknown("the file can't be read here"))?;
        file.stored(path).ok_or_else(|| Stop::unknown(format!("the description of {path} is not found here")))
    }

    /// NumPy makes room for an array before it is read.
    fn check_memory(&self, path: &str, stored: &Stored) -> Attempt<()> {
        let Some(bytes) = stored.declared else {
            return Err(Stop::unknown(format!("{path} declares more than can be counted")));
        };
        let [none, all] = MEMORY;
        if bytes <= all {
            return Ok(());
        }
        // Before NumPy 1.17, which no Python below 3.7 has here, a MemoryError had no words.
        if bytes < none || self.runtime.python < [3, 7, 0] {
            return Err(Stop::unknown(format!("{path} takes {bytes} bytes of memory")));
        }
        let dtype = self.dtype(path).ok_or_else(|| Stop::unknown(format!("{path} has an unusual type")))?;
        let shape = python::shape(stored.shape.as_deref().unwrap_or_default());
        let size = numpy_size(bytes);
        let message =
            format!("Unable to allocate {size} for an array with shape {shape} and data type {dtype}");
        Err(Stop::raised("MemoryError", message))
    }

    /// NumPy's name of the type of a dataset.
    fn dtype(&self, path: &str) -> Option<&'static str> {
        let dataset = self.reader?.group("").and_then(|root| root.dataset(path)).ok()?;
        match dataset.dtype {
            Dtype::F16 => Some("float16"),
            Dtype::F32 => Some("float32"),
            Dtype::F64 => Some("float64"),
            Dtype::BF16 | Dtype::Int(_) | Dtype::Uint(_) | Dtype::Other => None,
        }
    }

    /// HDF5 looks for filters that it lacks in a folder that the packages of h5py don't have.
    fn check_filters(&self, stored: &Stored) -> Attempt<()> {
        if stored.filters.iter().all(|id| IN_H5PY.contains(id)) {
            return Ok(());
        }
        let version = self.runtime.hdf5;
        let folder =
            if version >= [2, 0, 0] { "/usr/local/lib/plugin" } else { "/usr/local/hdf5/lib/plugin" };
        Err(self.unreadable(&match version >= [1, 14, 0] {
            true => format!("can't open directory ({folder}). Please verify its existence"),
            false => format!("can't open directory: {folder}"),
        }))
    }

    /// Keras 3's `safe_get_h5_group(file[group], name)`; in versions without it [`H5::item`].
    ///
    /// # Errors
    /// The `ValueError` for links that lead elsewhere, the `KeyError` for what is not there.
    pub fn keras3_group(&self, group: &str, name: &str) -> Attempt<()> {
        if !self.follows_no_links() {
            return self.item(group, name).map(drop);
        }
        let mut path = group.to_string();
        for part in name.split('/') {
            if part.is_empty() {
                return Err(Stop::raised("ValueError", format!("Invalid path in H5 file: {name}")));
            }
            self.refuse_link(&path, part, name)?;
            if self.item(&path, part)? != Item::Group {
                let found = "<class 'h5py._hl.dataset.Dataset'>";
                let message = format!("Invalid H5 file, expected Group but received {found}");
                return Err(Stop::raised("ValueError", message));
            }
            path = format!("{path}/{part}");
        }
        Ok(())
    }

    /// Keras 3's `safe_get_h5_dataset(file[group], name)`; in versions without it [`H5::item`].
    ///
    /// # Errors
    /// The same, and the `ValueError` for numbers in other files and for shapes without numbers.
    pub fn keras3_dataset(&self, group: &str, name: &str) -> Attempt<()> {
        if !self.follows_no_links() {
            return self.item(group, name).map(drop);
        }
        let (folder, last) =
            name.rsplit_once('/').map_or((None, name), |(folder, last)| (Some(folder), last));
        let mut path = group.to_string();
        if let Some(folder) = folder {
            self.keras3_group(group, folder)?;
            path = format!("{path}/{folder}");
        }
        self.refuse_link(&path, last, last)?;
        if self.item(&path, last)? != Item::Dataset {
            let found = "<class 'h5py._hl.group.Group'>";
            return Err(Stop::raised(
                "ValueError",
                format!("Invalid H5 file, expected Dataset, received {found}"),
            ));
        }
        self.refuse_elsewhere(last, self.stored(&format!("{path}/{last}"))?)
    }

    /// Keras 3.12.2 to 3.12.4, and from 3.14.1 on.
    fn follows_no_links(&self) -> bool {
        let version = self.runtime.version;
        let guards = ([3, 12, 2]..[3, 13, 0]).contains(&version) || version >= [3, 14, 1];
        self.runtime.loader == Loader::Keras3 && guards
    }

    fn refuse_link(&self, group: &str, part: &str, name: &str) -> Attempt<()> {
        if !self.contains(group, part)? {
            return Err(Stop::Raised(Raised::new("KeyError", python::text(name))));
        }
        let kind = match self.link(group, part) {
            Ok(Some(Link::Soft(_))) => "SoftLink",
            Ok(Some(Link::External)) => "ExternalLink",
            Ok(Some(Link::Hard(_)) | None) | Err(_) => return Ok(()),
        };
        Err(Stop::raised("ValueError", format!("Not allowed: H5 file with {kind}")))
    }

    fn refuse_elsewhere(&self, name: &str, stored: &Stored) -> Attempt<()> {
        let refused = |what: String| Err(Stop::raised("ValueError", format!("Not allowed: H5 {what}")));
        match &stored.how {
            StoredAs::External(runs) => {
                return refused(format!("file with external Dataset: {}", tuples(runs)));
            }
            StoredAs::Virtual => return refused("file with virtual Dataset".into()),
            StoredAs::Compact
            | StoredAs::Run(..)
            | StoredAs::Chunks
            | StoredAs::Nowhere
            | StoredAs::Unknown => {}
        }
        let (Some(declared), Some(there)) = (stored.declared, stored.allocated) else { return Ok(()) };
        let version = self.runtime.version;
        let measures = ([3, 12, 3]..[3, 13, 0]).contains(&version) || version >= [3, 15, 0];
        if !measures || declared <= limits::BOMB_FLOOR_BYTES || !stored.is_bomb() {
            return Ok(());
        }
        let (declared, there) = (keras_size(declared), keras_size(there));
        refused(format!(
            "dataset '{name}' declares {declared} but only {there} are stored on disk; refusing to load a potential \
             decompression/shape bomb."
        ))
    }
}

/// Filters that every h5py brings along: those of HDF5, and LZF.
const IN_H5PY: [u16; 7] = [1, 2, 3, 4, 5, 6, 32000];

/// `dataset.external`: name, offset and size of each part.
fn tuples(runs: &[ExternalRun]) -> String {
    let shown = |run: &ExternalRun| format!("({}, {}, {})", python::text(&run.file), run.offset, run.size);
    format!("[{}]", runs.iter().map(shown).collect::<Vec<_>>().join(", "))
}

/// A number of bytes as NumPy shows it: three digits and a unit.
fn numpy_size(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = (bytes.max(2).ilog2() / 10) as usize;
    let mut size = bytes as f64 / (1u64 << (10 * unit)) as f64;
    if size.round() >= 1024.0 && unit + 1 < UNITS.len() {
        (unit, size) = (unit + 1, size / 1024.0);
    }
    let name = UNITS.get(unit).copied().unwrap_or("EiB");
    let whole_digits = size.log10().floor().max(0.0) as usize + 1;
    match unit {
        0 => format!("{size:.0} bytes"),
        // "%#.3g" keeps the point of a whole number.
        _ if whole_digits == 3 && size.round() < 1000.0 => format!("{size:.0}. {name}"),
        _ => format!("{size:.*} {name}", 3usize.saturating_sub(whole_digits)),
    }
}

/// A number of bytes as Keras 3 shows it: two digits behind the point and a unit.
fn keras_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
    let (mut size, mut steps) = (bytes as f64, 0);
    while size >= 1024.0 && steps < UNITS.len() {
        (size, steps) = (size / 1024.0, steps + 1);
    }
    format!("{size:.2} {}", UNITS[steps.min(UNITS.len() - 1)])
}
