//! Formats that are known by name: their signatures, what to call them, and the one step that helps. A table.

/// The step for pictures.
const PICTURE: &str = "Pictures go to a model that is open already: drop it on the page after the model, or run \
    `resnet-verifier run MODEL PICTURE`.";
/// The step for archives whose content is not looked at.
const UNPACK: &str = "Unpack it; the model may be inside.";
/// The step for what has nothing to do with models.
const NO_MODEL: &str =
    "Look for the file that `model.save(...)` wrote; this one has the wrong name or is the wrong download.";

macro_rules! formats {
    ($($variant:ident, $what:literal, $fix:expr, [$(($at:literal, $magic:literal)),*];)*) => {
        /// A format other than HDF5.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $(#[doc = $what] $variant,)*
        }

        impl Format {
            /// What it is, with its article.
            pub fn what(self) -> &'static str {
                match self { $(Format::$variant => $what,)* }
            }

            /// The one step that helps.
            pub fn fix(self) -> &'static str {
                match self { $(Format::$variant => $fix,)* }
            }
        }

        /// Bytes at a place that tell a format; the first row that fits counts.
        const SIGNATURES: &[(usize, &[u8], Format)] = &[$($(($at, $magic, Format::$variant),)*)*];
    };
}

formats! {
    // Models of other programs.
    TfLite, "a TensorFlow Lite model", "Run it with `tf.lite.Interpreter(model_path=...)`; Keras can't load it.", [(4, b"TFL3")];
    Onnx, "an ONNX model", "Run it with onnxruntime; Keras can't load it.", [];
    OnnxRuntime, "a model of ONNX Runtime (.ort)", "Run it with onnxruntime; Keras can't load it.", [(4, b"ORTM")];
    SavedModel, "a TensorFlow graph: the saved_model.pb of a SavedModel",
        "Load the whole folder it belongs to, with variables/, by `tf.saved_model.load(...)`; the file alone has no weights.", [];
    SavedModelZip, "a zip archive with a TensorFlow SavedModel in it",
        "Unpack it and load the folder with `tf.saved_model.load(...)`, or `keras.layers.TFSMLayer` in Keras 3.", [];
    FrozenGraph, "a TensorFlow graph: a frozen GraphDef (.pb)",
        "Load it with `tf.compat.v1.GraphDef().ParseFromString(...)`; it can't be turned back into a Keras model.", [];
    OperationList, "a list of TensorFlow's operations (an OpList, .pb)",
        "Look for the model itself; this file describes what TensorFlow can compute and holds no model.", [];
    TensorFlowCheckpoint, "a part of a TensorFlow checkpoint",
        "Keep its .index and .data files together and call `model.load_weights(prefix)` on the built model.", [];
    TensorFlowJsWeights, "a file of weights of a TensorFlow.js model",
        "Keep it beside its model.json and convert both with `tensorflowjs_converter --input_format tfjs_layers_model --output_format keras`.", [];
    TensorFlowJs, "the model.json of a TensorFlow.js model",
        "Convert it, with its .bin files beside it, by `tensorflowjs_converter --input_format tfjs_layers_model --output_format keras`.", [];
    TensorFlowJsManifest, "the list of weights of a TensorFlow.js model (weights_manifest.json)",
        "Keep it beside its weights and its model; it holds neither numbers nor an architecture.", [];
    TensorFlowJsZip, "a zip archive with a TensorFlow.js model in it",
        "Unpack it and convert model.json with `tensorflowjs_converter --input_format tfjs_layers_model --output_format keras`.", [];
    TensorBoard, "a log of TensorBoard", "Show it with `tensorboard --logdir`; it holds no model.", [];
    PyTorchZip, "a PyTorch checkpoint",
        "Load it with `torch.load(..., weights_only=True)` in PyTorch; without that, loading it runs code from it. ImageAI reads it from version 3 on. Keras can't.", [];
    PyTorchOld, "a PyTorch checkpoint, in the form before PyTorch 1.6",
        "Load it with `torch.load(..., weights_only=True)` in PyTorch; without that, loading it runs code from it. ImageAI reads it from version 3 on. Keras can't.",
        [(0, b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")];
    TorchScript, "a TorchScript model of PyTorch", "Load it with `torch.jit.load(...)` in PyTorch; Keras can't.", [];
    SafeTensors, "a safetensors file: tensors without an architecture",
        "Read it with `safetensors.numpy.load_file(...)` and assign the arrays with `layer.set_weights(...)`.", [];
    CoreMl, "a Core ML model", "Run it with coremltools on a Mac; Keras can't load it.", [];
    CoreMlPackage, "a zip archive with a Core ML model in it", "Unpack it and run it with coremltools on a Mac; Keras can't load it.", [];
    Caffe, "a Caffe model (.caffemodel)", "Convert it with its .prototxt; Keras can't load it.", [];
    Darknet, "a file of Darknet weights (.weights)",
        "Convert it with its .cfg to Keras; the file itself lists bare numbers without layers.", [];
    MxNet, "parameters of an MXNet model (.params)", "Convert it with its .json; Keras can't load it.",
        [(0, b"\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0")];
    Dl4j, "a zip archive with a Deeplearning4j model in it", "Load it in Java with `ModelSerializer`; Keras can't.", [];
    Ggml, "a GGUF model of llama.cpp", "Run it with llama.cpp; it is no Keras model.", [(0, b"GGUF")];
    // Archives and compression.
    GzipFile, "compressed with gzip", "Decompress it: `gunzip -c model.h5 > real.h5` (or `tar xzf` if it is an archive).", [(0, b"\x1f\x8b")];
    Bzip2, "compressed with bzip2", "Decompress it: `bunzip2 -c model.h5 > real.h5`.",
        [(0, b"BZh11AY&SY"), (0, b"BZh21AY&SY"), (0, b"BZh31AY&SY"), (0, b"BZh41AY&SY"), (0, b"BZh51AY&SY"),
         (0, b"BZh61AY&SY"), (0, b"BZh71AY&SY"), (0, b"BZh81AY&SY"), (0, b"BZh91AY&SY")];
    Xz, "compressed with xz", "Decompress it: `xz -dc model.h5 > real.h5`.", [(0, b"\xfd7zXZ\0")];
    Zstandard, "compressed with Zstandard", "Decompress it: `zstd -dc model.h5 > real.h5`.", [(0, b"\x28\xb5\x2f\xfd")];
    Lz4, "compressed with LZ4", "Decompress it: `lz4 -dc model.h5 > real.h5`.", [(0, b"\x04\x22\x4d\x18")];
    Compress, "compressed with compress (.Z)", "Decompress it: `uncompress -c model.h5 > real.h5`.", [(0, b"\x1f\x9d\x90")];
    SevenZip, "a 7-Zip archive", "Unpack it with 7-Zip; the model is inside.", [(0, b"7z\xbc\xaf\x27\x1c")];
    Rar, "a RAR archive", "Unpack it with `unrar x` or 7-Zip; the model is inside.", [(0, b"Rar!\x1a\x07")];
    TarFile, "a tar archive", UNPACK, [(257, b"ustar")];
    Cabinet, "a Windows cabinet archive", UNPACK, [(0, b"MSCF\0\0\0\0")];
    UnixArchive, "a Unix archive (ar, .deb)", UNPACK, [(0, b"!<arch>\n")];
    SpannedZip, "the first part of a zip archive that was split",
        "Put all parts (.z01, .z02, …, .zip) into one folder and unpack the .zip with 7-Zip.", [(0, b"PK\x07\x08PK\x03\x04")];
    EmptyZip, "a zip archive with nothing in it", "Make the archive again, or get the file from its source.", [(0, b"PK\x05\x06")];
    Java, "a Java or Android package", NO_MODEL, [(0, b"\xca\xfe\xba\xbe")];
    Office, "an Office document", NO_MODEL, [(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")];
    // Data of other programs.
    NpyFile, "one NumPy array (.npy)", "Read it with `numpy.load(...)`; a model has many arrays.", [(0, b"\x93NUMPY")];
    Matlab5, "a MATLAB file (version 5 to 7)", "Read it with `scipy.io.loadmat(...)` and assign the arrays with `layer.set_weights(...)`.",
        [(0, b"MATLAB 5.0 MAT-file")];
    Hdf4, "HDF4, an older format than HDF5 that shares only its name", "Convert it with the HDF Group's h4toh5; it is no Keras model.",
        [(0, b"\x0e\x03\x13\x01")];
    NetCdf, "a netCDF file (classic format)", NO_MODEL, [(0, b"CDF\x01"), (0, b"CDF\x02"), (0, b"CDF\x05")];
    Sqlite, "an SQLite database", NO_MODEL, [(0, b"SQLite format 3\0")];
    Parquet, "a Parquet table", NO_MODEL, [(0, b"PAR1")];
    Arrow, "an Arrow table", NO_MODEL, [(0, b"ARROW1"), (0, b"FEA1")];
    Fits, "a FITS file", NO_MODEL, [(0, b"SIMPLE  =")];
    Dicom, "a DICOM picture", NO_MODEL, [(128, b"DICM")];
    Hdf5Part, "HDF5 without its beginning: structures of HDF5 are in it, but no signature",
        "If it is one piece of several, put them together in order (`cat A B > model.h5`). Otherwise download it again.", [];
    SavedModelPart, "a part of a TensorFlow SavedModel (keras_metadata.pb)",
        "Load the whole folder it belongs to, with saved_model.pb and variables/, by `tf.saved_model.load(...)`.", [];
    // Pictures, sound and film.
    Png, "a PNG picture", PICTURE, [(0, b"\x89PNG\r\n\x1a\n")];
    Jpeg, "a JPEG picture", PICTURE, [(0, b"\xff\xd8\xff")];
    Gif, "a GIF picture", PICTURE, [(0, b"GIF87a"), (0, b"GIF89a")];
    WebP, "a WebP picture", PICTURE, [(8, b"WEBPVP8")];
    Bmp, "a BMP picture", PICTURE, [(6, b"\0\0\0\0\x36\0\0\0\x28\0\0\0"), (6, b"\0\0\0\0\x8a\0\0\0\x7c\0\0\0")];
    Icon, "an icon (.ico)", "Convert it to PNG; pictures go to a model that is open already.",
        [(0, b"\0\0\x01\0\x01\0"), (0, b"\0\0\x01\0\x02\0"), (0, b"\0\0\x01\0\x03\0"), (0, b"\0\0\x01\0\x04\0"), (0, b"\0\0\x01\0\x05\0"), (0, b"\0\0\x01\0\x06\0")];
    Tiff, "a TIFF picture", "Convert it to PNG or JPEG; pictures go to a model that is open already.",
        [(0, b"II*\0"), (0, b"MM\0*")];
    Heif, "an AVIF or HEIF picture", "Convert it to PNG or JPEG; pictures go to a model that is open already.",
        [(4, b"ftypavif"), (4, b"ftypheic"), (4, b"ftypmif1"), (4, b"ftypheix")];
    Film, "a film or sound file", NO_MODEL, [(4, b"ftyp"), (8, b"AVI LIST"), (8, b"WAVEfmt "), (0, b"\x1a\x45\xdf\xa3"), (0, b"OggS"), (0, b"ID3")];
    // Documents and programs.
    Pdf, "a PDF document", NO_MODEL, [(0, b"%PDF-")];
    Elf, "a Linux program or library (ELF)", NO_MODEL, [(0, b"\x7fELF")];
    Windows, "a Windows program or library", NO_MODEL, [(0, b"MZ\x90\0"), (0, b"MZP\0"), (0, b"MZ\0\0")];
    MachO, "a macOS program or library", NO_MODEL, [(0, b"\xcf\xfa\xed\xfe"), (0, b"\xce\xfa\xed\xfe")];
    WebAssembly, "a WebAssembly module", NO_MODEL, [(0, b"\0asm\x01\0\0\0")];
    PythonBytecode, "compiled Python (.pyc)", NO_MODEL, [];
    AppleDouble, "a macOS helper file (its name begins with `._`), which keeps attributes of the real file",
        "Use the file of the same name without `._`; this one comes along when a Mac writes to a foreign disk.", [(0, b"\0\x05\x16\x07")];
    MacMetadata, "the Finder's .DS_Store", "Use the file beside it; this one only keeps how a folder is shown.", [(0, b"\0\0\0\x01Bud1")];
    OpenSsl, "encrypted with OpenSSL", "Decrypt it with the password: `openssl enc -d ...` with the options it was encrypted with.", [(0, b"Salted__")];
    OpenSsl64, "encrypted with OpenSSL, as base64 text", "Decrypt it with the password: `openssl enc -d -a ...` with the options it was encrypted with.", [(0, b"U2FsdGVkX1")];
    Pgp, "encrypted or signed with PGP", "Decrypt it: `gpg --decrypt model.h5 > real.h5`.", [(0, b"-----BEGIN PGP")];
    Age, "encrypted with age", "Decrypt it: `age --decrypt model.h5 > real.h5`.", [(0, b"age-encryption.org/")];
    Torrent, "a torrent: it only says where the file can be had", "Open it with a BitTorrent program to download the file.",
        [(0, b"d8:announce"), (0, b"d7:comment"), (0, b"d10:created by"), (0, b"d13:announce-list")];
    // Texts, told apart by what is in them.
    Notebook, "a Jupyter notebook", "Open it in Jupyter and run it; the model is what its `model.save(...)` writes.", [];
    PythonSource, "Python source code", "Run it; the model is what its `model.save(...)` writes.", [];
    GitConflict, "a text file with a Git merge conflict in it", "Choose one side: `git checkout --theirs -- model.h5` (or `--ours`), then `git lfs pull` if it is a Git LFS pointer.", [];
    DvcPointer, "a DVC pointer: the real file is in DVC's storage", "Run `dvc pull` in the repository.", [];
    AnnexPointer, "a git-annex pointer: the real file is not in the repository", "Run `git annex get` for it in the repository.", [];
    Shortcut, "a shortcut: it only holds a web address", "Open the address in a browser and download the file there.", [(0, b"[InternetShortcut]"), (0, b"L\0\0\0\x01\x14\x02\0")];
    ClassList, "a JSON list of class names", "Keep it beside the model; the model is another file.", [];
    SafeTensorsIndex, "the index of a model in safetensors files", "The weights are in the .safetensors files beside it; Keras can't load them.", [];
    GithubContent, "an answer of GitHub's API with the file as base64 text in it",
        "Decode its `content`: `jq -r .content model.h5 | base64 --decode > real.h5`, or use the raw link.", [];
    Json, "JSON, but no model's", "Look for the file that `model.save(...)` wrote.", [];
    Yaml, "YAML, but no model's", "Look for the file that `model.save(...)` wrote.", [];
    Svg, "an SVG picture", "Convert it to PNG; pictures go to a model that is open already.", [];
    OpenVino, "the XML half of an OpenVINO model", "Run it with OpenVINO, with its .bin file beside it; Keras can't load it.", [];
    Xml, "an XML document", "Open it in a text editor to see what it is; the model is another file.", [];
    Utf16, "text in UTF-16", "Open it in a text editor to read what it says. Then download the model again.", [];
    PythonBytes, "the bytes of an HDF5 file as Python prints them", "Write the bytes themselves to a file opened with `'wb'`, not `str(...)` of them.",
        [(0, b"b'\\x89HDF"), (0, b"b\"\\x89HDF")];
    HexDump, "the bytes of an HDF5 file as hexadecimal text", "Turn it back: `xxd -r` for a dump with addresses, `xxd -r -p` for digits alone.", [];
    // Shapes without a signature.
    Floats, "a list of bare float32 numbers without any description",
        "It may be a checkpoint's .data file or weights of TensorFlow.js; look for the file that belongs to it (.index, model.json).", [];
}

/// All signatures, for tests.
#[cfg(test)]
pub(super) fn signatures() -> &'static [(usize, &'static [u8], Format)] {
    SIGNATURES
}

/// The format whose signature these first bytes of a file have.
pub(super) fn of_magic(head: &[u8]) -> Option<Format> {
    let is_at = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    let found = SIGNATURES.iter().find(|(at, magic, _)| is_at(*at, magic)).map(|(_, _, format)| *format);
    found
        .or_else(|| is_safetensors(head).then_some(Format::SafeTensors))
        .or_else(|| is_bytecode(head).then_some(Format::PythonBytecode))
}

/// safetensors: eight bytes of the header's length, then the header, an object in JSON.
fn is_safetensors(head: &[u8]) -> bool {
    let Some((length, header)) = head.split_first_chunk::<8>() else { return false };
    let has = |word: &[u8]| header.windows(word.len()).any(|window| window == word);
    u64::from_le_bytes(*length) < 1 << 32
        && header.starts_with(b"{")
        && (has(b"\"dtype\"") || has(b"__metadata__"))
}

/// Python writes `\r\n` behind the number of the bytecode's version, so that text transfers show; then flags and a time.
fn is_bytecode(head: &[u8]) -> bool {
    // Python 2.7 has 0x0d..=0xf3 with 0xf3 behind; all of 3 have 0x0c to 0x0e as the second byte.
    head.len() > 16 && head[2..4] == *b"\r\n" && (matches!(head[1], 0x0b..=0x0f) || head[..2] == [0x03, 0xf3])
}

/// What the last bytes of a file show: LevelDB's table, as TensorFlow writes it for a checkpoint's `.index`.
pub(super) fn at_end(last: &[u8]) -> Option<Format> {
    last.ends_with(b"\x57\xfb\x80\x8b\x24\x75\x47\xdb").then_some(Format::TensorFlowCheckpoint)
}

/// Formats without a signature, by what their first bytes look like.
pub(super) fn by_shape(head: &[u8]) -> Option<Format> {
    if is_darknet(head) {
        return Some(Format::Darknet);
    }
    let numbers: Vec<f32> = head.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    // Random bytes are float32 numbers of this size one time in eight.
    let likely = |x: &&f32| **x == 0.0 || (1e-9..1e4).contains(&x.abs());
    let is_varied = numbers.iter().any(|x| *x != 0.0);
    (numbers.len() >= 16 && is_varied && numbers.iter().filter(likely).count() * 100 >= numbers.len() * 98)
        .then_some(Format::Floats)
}

/// Version 0.1 or 0.2, a small revision, and then numbers.
fn is_darknet(head: &[u8]) -> bool {
    let word = |at: usize| head.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    head.len() > 64 && word(0) == Some(0) && matches!(word(4), Some(1 | 2)) && matches!(word(8), Some(0..=9))
}
