//! Every number that protects us from a file, with its unit and its reason.

/// Bytes of one page of [`crate::source::PageCache`]: the size at which a metadata walk in Chromium was quickest.
pub const PAGE_BYTES: usize = 64 * 1024;
/// Pages kept in memory at a time: 4 MiB, enough for the metadata of a 500-layer file.
pub const PAGES: usize = 64;

/// Values of a tensor's elements that are told apart: as many as a quantised tensor of 8 bits has.
pub const MAX_DISTINCT: usize = 256;
/// Output channels of a kernel that are looked at one by one: 32 bytes each. VGG16's largest Dense has 4096, the largest
/// vocabulary behind an LSTM a few ten thousand.
pub const MAX_CHANNELS: usize = 1 << 16;
/// Bytes of one tensor that may be held in memory. A ResNet's largest is 20 MB; VGG16's first Dense is 411 MB.
pub const MAX_TENSOR_BYTES: u64 = 512 << 20;
/// How many times a file's bytes are read as numbers: several layers may have the same ones, but no file has them all often.
pub const MAX_READINGS: u64 = 4;
/// Bytes of numbers that any file may unpack to; a file of a few kB can declare any number of zeros.
pub const MAX_UNPACKED_BYTES: u64 = 64 << 20;
/// Bytes of numbers that every byte of a file may unpack to, on top of that. Deflate makes at most 1032 of one; of trained
/// weights fewer than two, of a pattern that is repeated through a whole ResNet50 fifty-five.
pub const MAX_UNPACKED_RATIO: u64 = 128;
/// Bytes of one decompressed HDF5 chunk. Keras' own files have one chunk per tensor where they have chunks at all.
pub const MAX_CHUNK_BYTES: usize = 512 << 20;
/// Bytes of decompressed chunks the HDF5 reader may keep. Every tensor is read once, so there is nothing to gain.
pub const CHUNK_CACHE_BYTES: usize = 1 << 20;
/// Bytes of one HDF5 object header. A 150-layer model_config is 250 kB.
pub const MAX_OBJECT_HEADER_BYTES: usize = 64 << 20;
/// Bytes of structures (headers, heaps, indexes) that a walk over a file reads. Those of a ResNet152 with an optimizer's
/// state take 3 MB; links may lead to the same large structure any number of times.
pub const MAX_WALKED_BYTES: u64 = 128 << 20;
/// Objects and links that a walk over a file visits. ResNet152 with an optimizer's state has 5,000.
pub const MAX_OBJECTS: usize = 200_000;
/// Damaged, dangling or otherwise notable objects that a report lists; it gives the number of all.
pub const MAX_LISTED: usize = 20;
/// Signatures of structures that a search for lost groups keeps. ResNet152 with an optimizer's state has 8,000.
pub const MAX_SIGNATURES: usize = 100_000;
/// Bytes behind the end of the HDF5 part that are looked at for whether they are all zero.
pub const MAX_TRAILING_BYTES: u64 = 16 << 20;
/// Bytes that a dataset may declare whatever it stores: Keras 3.15's limit for what it takes for a bomb.
pub const BOMB_FLOOR_BYTES: u64 = 4 << 30;
/// How many times as many bytes as it stores a larger dataset may declare: Keras 3.15's limit.
pub const BOMB_EXPANSION: u64 = 1000;
/// Bytes of a tensor that are decoded at a time.
pub const BLOCK_BYTES: usize = 4 << 20;

/// Comparisons of layers of a model with those of a file, to find which belong together: 2,000 layers each, four times
/// EfficientNetB7.
pub const MAX_COMPARED: usize = 4_000_000;

/// Bytes of a JSON attribute (model_config) that are parsed. The largest known is below 1 MB; parsed, JSON takes up to
/// thirty times as much memory.
pub const MAX_JSON_BYTES: usize = 16 << 20;
/// Lists and objects inside each other in JSON. Sixteen nested models take about 80; Python gives up at about 1000.
pub const MAX_JSON_DEPTH: usize = 200;
/// Bytes of the text of one marshalled Python function. Those in models are a few hundred bytes.
pub const MAX_CODE_BYTES: usize = 1 << 20;
/// Objects in one marshalled function.
pub const MAX_CODE_OBJECTS: usize = 20_000;
/// Marshalled objects inside each other: functions in functions, each two or three levels.
pub const MAX_CODE_DEPTH: usize = 60;
/// References to code outside Keras, and to code in the file, that are kept of one file.
pub const MAX_REFERENCES: usize = 1000;
/// Bytes of the strings of one list of names. The names of 20,000 layers have one or two million.
pub const MAX_LIST_BYTES: usize = 32 << 20;
/// Parts of a split attribute (`layer_names0`, `layer_names1`, …).
pub const MAX_ATTRIBUTE_PARTS: usize = 1000;
/// Layers of a model, nested ones included. ResNet152 has 517.
pub const MAX_LAYERS: usize = 20_000;
/// Calls of all layers together, after shared models are unrolled; calls of models count, too.
pub const MAX_CALLS: usize = 50_000;
/// Inputs of all those calls together. DenseNet-264 has fewer than 1000.
pub const MAX_LINKS: usize = 500_000;
/// Bytes of a layer's name with those of the models around it, as every call and finding repeats it.
pub const MAX_PATH_BYTES: usize = 2048;
/// Stored convolutions that are compared with every ResNet. ResNet-1001 has a thousand.
pub const MAX_TRUNK_CONVS: usize = 2048;
/// Models inside models.
pub const MAX_NESTING: usize = 16;
/// Weights that all layers together list.
pub const MAX_WEIGHTS: usize = 100_000;
/// Length of one axis, so that the product of two never overflows 64 bits.
pub const MAX_DIMENSION: usize = 1 << 24;
/// Elements of one activation tensor: 2 GiB of `f32` would not fit a 32-bit address space.
pub const MAX_ACTIVATION_ELEMENTS: usize = 1 << 28;
/// Numbers that a layer has among its arguments (Rescaling has one per channel).
pub const MAX_NUMBERS: usize = 1 << 16;
/// Axes of a tensor.
pub const MAX_RANK: usize = 8;

/// Bytes of a zip archive's directory that are read. A `.keras` has 200, an archive of 10,000 files one million.
pub const MAX_DIRECTORY_BYTES: u64 = 4 << 20;
/// Members of an archive that are listed.
pub const MAX_MEMBERS: usize = 10_000;
/// Bytes of a compressed member that are unpacked into memory, which WebAssembly has 4 GiB of. ResNet152's weights have
/// 230 MB, and Keras stores them uncompressed, which needs no memory at all.
pub const MAX_INFLATED_BYTES: u64 = 512 << 20;
/// Bytes a byte of deflated data can become at most, by the format; a directory that promises more lies.
pub const MAX_INFLATE_RATIO: u64 = 1032;
/// Bytes of opcodes of all pickles in a file that are read, and bytes of members that are unpacked for it. The arrays of
/// lists in Keras' imdb.npz have 20 MB.
pub const MAX_PICKLE_BYTES: u64 = 32 << 20;
/// Objects on a pickle's stack, and objects that it remembers. A list is put together from 1000 at a time.
pub const MAX_PICKLE_OBJECTS: usize = 1 << 18;
/// Bytes at the start of a file in which a displaced HDF5 signature is looked for. HTTP headers have one or two thousand.
pub const SIGNATURE_SEARCH_BYTES: u64 = 1 << 20;
/// Bytes of text that are looked at to say what it is.
pub const TEXT_BYTES: u64 = 64 << 10;

/// Findings of one rule that are listed; the last one says how many more there are.
pub const MAX_FINDINGS_PER_RULE: usize = 20;
/// Pixels of a picture, either side; its decoded form is at most 4 bytes a pixel.
pub const MAX_PICTURE_SIDE: u32 = 16_384;
/// Bytes a picture may take while it is decoded.
pub const MAX_PICTURE_BYTES: u64 = 512 << 20;

/// Bytes of a pasted error that are looked at, from its end. A message that quotes the config of a ResNet has 100 kB.
pub const MAX_ERROR_BYTES: usize = 256 << 10;
/// Bytes that may stand in a hole of an error's text: names, shapes and numbers are short, a variable with its numbers is not.
pub const MAX_ERROR_HOLE_BYTES: usize = 2000;
