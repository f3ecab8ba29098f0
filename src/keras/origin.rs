//! Which other program wrote an HDF5 file, by the names it leaves at the root.

use crate::hdf5::{File, Group};

/// A program, or a format on top of HDF5, other than Keras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// MATLAB's save -v7.3.
    Matlab,
    /// netCDF-4.
    NetCdf,
    /// pandas.
    Pandas,
    /// PyTables.
    PyTables,
    /// AnnData: single cells.
    AnnData,
    /// Loom: single cells.
    Loom,
    /// Cell Ranger: single cells.
    CellRanger,
    /// NeXus: measurements.
    Nexus,
    /// HDF-EOS: satellites.
    HdfEos,
    /// Julia's JLD.
    Julia,
    /// The state of a PyTorch model, written by h5py.
    TorchState,
    /// Chainer.
    Chainer,
    /// Groups of NumPy arrays for training, written by h5py.
    Arrays,
}

impl Origin {
    /// What the file is, with its article.
    pub fn what(self) -> &'static str {
        match self {
            Origin::Matlab => "a MATLAB file (version 7.3)",
            Origin::NetCdf => "a netCDF-4 file",
            Origin::Pandas => "a table of pandas",
            Origin::PyTables => "a file of PyTables",
            Origin::AnnData => "an AnnData file of single-cell data (.h5ad)",
            Origin::Loom => "a Loom file of single-cell data",
            Origin::CellRanger => "a Cell Ranger matrix of single-cell data",
            Origin::Nexus => "a NeXus file of measurements",
            Origin::HdfEos => "an HDF-EOS file of satellite data",
            Origin::Julia => "a JLD file of Julia",
            Origin::TorchState => "the weights of a PyTorch model, written to HDF5",
            Origin::Chainer => "a file of Chainer",
            Origin::Arrays => "a data set for training: arrays of examples and their labels",
        }
    }
}

/// A mark of a program at the root of its files.
enum Mark {
    /// An attribute of that name.
    Attribute(&'static str),
    /// Groups and datasets of all these names.
    Members(&'static [&'static str]),
}

/// Marks and whose they are; the first that is there counts.
const MARKS: &[(Mark, Origin)] = &[
    (Mark::Attribute("_NCProperties"), Origin::NetCdf),
    (Mark::Attribute("LOOM_SPEC_VERSION"), Origin::Loom),
    (Mark::Members(&["matrix", "row_attrs", "col_attrs"]), Origin::Loom),
    (Mark::Members(&["obs", "var", "X"]), Origin::AnnData),
    (Mark::Members(&["obs", "var", "uns"]), Origin::AnnData),
    (Mark::Attribute("PYTABLES_FORMAT_VERSION"), Origin::PyTables),
    (Mark::Attribute("NeXus_version"), Origin::Nexus),
    (Mark::Attribute("NX_class"), Origin::Nexus),
    (Mark::Members(&["HDFEOS", "HDFEOS INFORMATION"]), Origin::HdfEos),
    (Mark::Members(&["_types"]), Origin::Julia),
    (Mark::Members(&["_refs", "_creator"]), Origin::Julia),
    (Mark::Attribute("chemistry_description"), Origin::CellRanger),
    (Mark::Members(&["#refs#"]), Origin::Matlab),
    (Mark::Members(&["X_train", "y_train"]), Origin::Arrays),
    (Mark::Members(&["x_train", "y_train"]), Origin::Arrays),
    (Mark::Members(&["train_set_x", "train_set_y"]), Origin::Arrays),
    (Mark::Members(&["images", "labels"]), Origin::Arrays),
];

/// What a user block begins with, and whose it is.
const USER_BLOCKS: &[(&[u8], Origin)] = &[
    (b"MATLAB 7.3 MAT-file", Origin::Matlab),
    (b"Julia data file", Origin::Julia),
    (b"HDF5-based Julia Data", Origin::Julia),
];
/// Bytes of a user block that are looked at.
const USER_BLOCK_BYTES: usize = 32;
/// Names at the root of which one with a dot in it is looked for.
const NAMES: usize = 1000;

/// Whose file it is, where that can be told.
pub(super) fn of(file: &File, root: &Group<'_>) -> Option<Origin> {
    let begin = file.start(USER_BLOCK_BYTES);
    if let Some((_, origin)) = USER_BLOCKS.iter().find(|(magic, _)| begin.starts_with(magic)) {
        return Some(*origin);
    }
    let attributes = root.attribute_names().unwrap_or_default();
    let (groups, datasets) = root.names().unwrap_or_default();
    let is_there = |mark: &Mark| match mark {
        Mark::Attribute(name) => attributes.iter().any(|found| found == name),
        Mark::Members(names) => {
            names.iter().all(|name| groups.iter().chain(&datasets).any(|found| found == name))
        }
    };
    let origin = MARKS.iter().find(|(mark, _)| is_there(mark)).map(|(_, origin)| *origin);
    match origin {
        Some(Origin::PyTables) if is_pandas(root, &groups) => Some(Origin::Pandas),
        Some(origin) => Some(origin),
        None => of_names(&datasets),
    }
}

/// pandas writes through PyTables and marks its groups.
fn is_pandas(root: &Group<'_>, groups: &[String]) -> bool {
    let first = groups.first().and_then(|name| root.group(name).ok());
    first
        .and_then(|group| group.attribute_names().ok())
        .is_some_and(|names| names.iter().any(|n| n == "pandas_type"))
}

/// `layer1.0.conv1.weight` is how PyTorch names its tensors.
fn of_names(datasets: &[String]) -> Option<Origin> {
    let is_torch = |name: &&String| {
        name.ends_with(".weight") || name.ends_with(".running_mean") || name.ends_with(".num_batches_tracked")
    };
    datasets.iter().take(NAMES).find(is_torch).map(|_| Origin::TorchState)
}
