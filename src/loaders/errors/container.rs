//! What HDF5, h5py and Python say of the file itself.

use super::spans::{
    ANY_HDF5, EVERY, FIRST, HDF5_PLAIN, HDF5_SYNC, KERAS_3, NEW, ON, h5py, hdf5, keras, python, tf,
};
use super::{ANY, Moment, Part, Pattern, Span, text};

/// Keras 3 since it looks at links and sizes before it reads.
const GUARDED: &[&[Span]] = &[&[keras([3, 12, 1], [3, 12, ANY])], &[keras([3, 13, 2], ON)]];

pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "no-signature",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Unable to open file (file signature not found)", HDF5_PLAIN),
            text("Unable to open file (File signature not found)", &[&[hdf5(FIRST, [1, 8, ANY])]]),
            text(
                "Unable to open file (Unable to find a valid file signature)",
                &[&[hdf5(FIRST, [1, 8, ANY])]],
            ),
            text("Unable to synchronously open file (file signature not found)", HDF5_SYNC),
        ],
        cause: "The file is not HDF5: HDF5's signature is missing. Usually a download went wrong (it is empty, a web page, or a \
            Git LFS pointer of some 130 bytes), or another format has the name .h5 (a .keras archive, PyTorch, TFLite).",
        fix: "Check the file here to learn what it is, and download it again by the link that gives the raw file; in a clone, run \
            `git lfs pull`.",
    },
    Pattern {
        name: "no-saved-model",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "SavedModel file does not exist at: {}/{saved_model.pbtxt|saved_model.pb}",
            &[&[tf([1, 14, 0], ON)]],
        )],
        cause: "TensorFlow found no HDF5 file at {0} and so looked for a SavedModel folder. It says this both when the path is \
            wrong and when the file is there but is not HDF5: empty, a web page, a Git LFS pointer, a .keras archive.",
        fix: "Look whether the path is right and how large the file is; if it is there, check it here to learn what it is.",
    },
    Pattern {
        name: "no-file",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text(
                "unable to open file: name = '{}', errno = 2, error message = 'No such file or directory'",
                ANY_HDF5,
            ),
            text("No file or directory found at {}", &[&[tf([2, 7, 0], ON)]]),
            text("[Errno 2] No such file or directory: '{}'", &[&[python(FIRST, ON)]]),
            text("[Errno 2] No such file or directory: \"{}\"", &[&[python(FIRST, ON)]]),
        ],
        cause: "There is no file at the path {0}.",
        fix: "Print `os.path.abspath(path)` and look there. Under Windows write the path as r\"C:\\models\\net.h5\", because in an \
            ordinary string \\n and \\t are a line break and a tab.",
    },
    Pattern {
        name: "no-keras-archive",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "File not found: filepath={}. Please ensure the file is an accessible `.keras` zip file.",
            &[&[KERAS_3]],
        )],
        cause: "Keras 3 takes whatever is named .keras for a zip archive. {0} is not there, or it is HDF5 under that name.",
        fix: "If the file is there and is HDF5, rename it to .h5.",
    },
    Pattern {
        name: "format-not-supported",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "File format not supported: filepath={}. Keras 3 only supports V3 `.keras` files and legacy H5",
                &[&[KERAS_3]],
            ),
            text("File format not supported: filepath={}.", &[&[KERAS_3]]),
        ],
        cause: "Keras 3 goes by the ending of the name, and that of {0} is none of .h5, .hdf5 and .keras; or it is a SavedModel folder.",
        fix: "Rename the file to .h5 if it is HDF5. A SavedModel folder loads as a layer: `keras.layers.TFSMLayer(folder)`.",
    },
    Pattern {
        name: "truncated",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text(
                "truncated file: eof = {}, sblock->base_addr = {}, stored_eof = {}",
                &[&[hdf5([1, 10, 0], ON)]],
            ),
            text(
                "truncated file: eof = {}, sblock->base_addr = {}, stored_eoa = {}",
                &[&[hdf5(FIRST, [1, 8, ANY])]],
            ),
            text(
                "Truncated file: eof = {}, sblock->base_addr = {}, stored_eoa = {}",
                &[&[hdf5(FIRST, [1, 8, ANY])]],
            ),
        ],
        cause: "The file is cut off: {0} bytes are there, {2} should be. One byte too few is enough for this.",
        fix: "Download or copy it again and compare the length. What Keras downloads lies in ~/.keras/models: delete it there first.",
    },
    Pattern {
        name: "locked",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("unable to lock file, errno = {}", ANY_HDF5)],
        cause: "HDF5 could not lock the file: another process has it open for writing, or the network file system has no locks.",
        fix: "Set HDF5_USE_FILE_LOCKING=FALSE before Python starts, or copy the file to a local disk.",
    },
    Pattern {
        name: "disk-error",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[
            text("errno = 5, error message = 'Input/output error'", ANY_HDF5),
            text("[Errno 5] Input/output error", &[&[python(FIRST, ON)]]),
        ],
        cause: "The disk or the network could not give the bytes. What is in the file has nothing to do with it.",
        fix: "Copy the file elsewhere and compare checksums; if copying fails, too, fetch it again.",
    },
    Pattern {
        name: "damaged",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("(bad superblock version number)", ANY_HDF5),
            text("(bad byte number in an address)", ANY_HDF5),
            text("(bad object header version number)", ANY_HDF5),
            text("(bad local heap signature)", ANY_HDF5),
            text("(bad symbol table node signature)", ANY_HDF5),
            text("(wrong B-tree signature)", ANY_HDF5),
            text("(bad global heap collection signature)", ANY_HDF5),
            text("(wrong fractal heap header signature)", ANY_HDF5),
            text("(bad heap free list)", ANY_HDF5),
            text("(incorrect metadata checksum after all read attempts)", ANY_HDF5),
            text("(ran off end of input buffer while decoding)", ANY_HDF5),
            text("(message type not found)", ANY_HDF5),
            text("(unable to determine object class)", ANY_HDF5),
            text("(inflate() failed)", ANY_HDF5),
            text("(filter returned failure during read)", ANY_HDF5),
            text("(addr overflow, addr = {}", ANY_HDF5),
        ],
        cause: "Bytes in the file are wrong: HDF5 found something else where one of its structures should be.",
        fix: "Download or copy the file again (binary, not as text). Checked here, it shows which layers survived.",
    },
    Pattern {
        name: "missing-filter",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("(required filter '{}' is not registered)", ANY_HDF5),
            text("(can't open directory", ANY_HDF5),
        ],
        cause: "The numbers are packed with a filter that this HDF5 doesn't have.",
        fix: "`pip install hdf5plugin` and `import hdf5plugin` before loading; or repack: `h5repack -f NONE in.h5 out.h5`.",
    },
    Pattern {
        name: "not-utf8",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("'utf-8' codec can't decode byte {} in position {}: ", &[&[python([3, 0, 0], ON)]]),
            text("'utf8' codec can't decode byte {} in position {}: ", &[&[python(FIRST, [2, 7, ANY])]]),
        ],
        cause: "A text in the file, at its byte {1}, is not UTF-8: the file is damaged there, or the text is not Keras'.",
        fix: "Download or copy the file again; checked here, it shows which text is damaged.",
    },
    Pattern {
        name: "memory",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("Unable to allocate {} for an array with shape {} and data type {}", EVERY)],
        cause: "An array of shape {1} was to be made, which needs {0}. A file can declare any size without storing it.",
        fix: "Check the file here: it says which dataset declares more than it stores. If the size is right, use a machine with more \
            memory.",
    },
    Pattern {
        name: "external-link",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("Not allowed: H5 file with {}Link", GUARDED)],
        cause: "There is a {0}link in the file, which leads to another object or file; Keras 3 refuses such files since 3.12.1.",
        fix: "Write a copy in which everything lies in place: `h5repack in.h5 out.h5`, or read and save it with h5py.",
    },
    Pattern {
        name: "external-dataset",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[
            text("Not allowed: H5 file with external Dataset", GUARDED),
            text("Not allowed: H5 file with virtual Dataset", GUARDED),
        ],
        cause: "The numbers of a dataset lie in another file; Keras 3 refuses that since 3.12.1.",
        fix: "Copy the dataset into the file itself with h5py.",
    },
    Pattern {
        name: "shape-bomb",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text(
            "Not allowed: H5 dataset '{}' declares {} but only {} are stored on disk",
            &[&[keras([3, 12, 3], [3, 12, ANY])], &[keras([3, 15, 0], ON)]],
        )],
        cause: "The dataset {0} declares {1} and stores {2}: more than 4 GiB and a thousand times as much as is there.",
        fix: "Nothing can be loaded from such a dataset: get the file again from where it was made.",
    },
    Pattern {
        name: "header-too-large",
        moment: Moment::Saving,
        part: Part::Cause,
        texts: &[
            text("object header message is too large", ANY_HDF5),
            text(
                "The following attributes cannot be saved to HDF5 file because they are larger than {} bytes: {}",
                EVERY,
            ),
        ],
        cause: "The list of names is longer than HDF5's 64 kB for an attribute. Keras splits such lists since 2.1.5.",
        fix: "Use Keras 2.1.5 or later, or shorter layer names. The file that is left is not complete: save again.",
    },
    Pattern {
        name: "dataset-value",
        moment: Moment::Around,
        part: Part::Cause,
        texts: &[text("'Dataset' object has no attribute 'value'", &[&[h5py([3, 0, 0], ON)]])],
        cause: "Code asks a dataset for `.value`, which h5py 3 no longer has. The file is not to blame.",
        fix: "Write `dataset[()]` instead of `dataset.value`, or `pip install \"h5py<3\"`.",
    },
    Pattern {
        name: "file-exists",
        moment: Moment::Saving,
        part: Part::Cause,
        texts: &[
            text("Unable to create file (unable to {} file", HDF5_PLAIN),
            text("Unable to synchronously create file (unable to {} file", HDF5_SYNC),
        ],
        cause: "The file to be written is open elsewhere, or its folder can't be written to.",
        fix: "Close it (in notebooks: restart the kernel), or save under another name.",
    },
    Pattern {
        name: "archive-in-h5",
        moment: Moment::Loading,
        part: Part::Cause,
        texts: &[text("File is not a zip file", NEW)],
        cause: "Something named .keras is not a zip archive, so it is not in Keras 3's own format.",
        fix: "If it is HDF5, rename it to .h5; check it here to learn what it is.",
    },
];
