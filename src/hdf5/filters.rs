//! The filters of chunks: what is decoded here, and what the others are called.

use hdf5_reader::FilterRegistry;
use hdf5_reader::error::Error as Reader;

use super::lzf;
use crate::limits;

/// Filters as The HDF Group registers them; those below 256 come with the library.
const NAMES: &[(u16, &str)] = &[
    (1, "Deflate"),
    (2, "Shuffle"),
    (3, "Fletcher32"),
    (4, "SZIP"),
    (5, "N-bit"),
    (6, "Scale-offset"),
    (305, "LZO"),
    (307, "BZIP2"),
    (32000, "LZF"),
    (32001, "Blosc"),
    (32002, "MAFISC"),
    (32003, "Snappy"),
    (32004, "LZ4"),
    (32005, "APAX"),
    (32006, "CBF"),
    (32007, "JPEG-XR"),
    (32008, "Bitshuffle"),
    (32009, "SPDP"),
    (32010, "LPC-Rice"),
    (32011, "CCSDS-123"),
    (32012, "JPEG-LS"),
    (32013, "ZFP"),
    (32014, "FPZIP"),
    (32015, "Zstandard"),
    (32016, "B3D"),
    (32017, "SZ"),
    (32018, "FCIDECOMP"),
    (32019, "JPEG"),
    (32020, "VBZ"),
    (32021, "FAPEC"),
    (32022, "BitGroom"),
    (32023, "Granular BitRound"),
    (32024, "SZ3"),
    (32025, "Delta-Rice"),
    (32026, "Blosc2"),
    (32027, "FLAC"),
];

/// The reader's own filters, and LZF.
pub(super) fn registry() -> FilterRegistry {
    let mut registry = FilterRegistry::new();
    registry.register(
        lzf::ID,
        Box::new(|filter, data, _| {
            // The third number is the length of the chunk before compression.
            let expected =
                filter.client_data.get(2).map_or(limits::MAX_CHUNK_BYTES, |length| *length as usize);
            lzf::decompress(data, expected)
                .ok_or_else(|| Reader::DecompressionError("LZF data is damaged".into()))
        }),
    );
    registry
}

/// Whether chunks that went through this filter can be read here.
pub(super) fn is_known(id: u16) -> bool {
    matches!(id, 1..=6 | lzf::ID)
}

/// The filter's name and number, for messages.
pub(super) fn name(id: u16) -> String {
    let known = NAMES.iter().find(|(number, _)| *number == id);
    known.map_or_else(|| format!("HDF5 filter {id}"), |(_, name)| format!("{name} (HDF5 filter {id})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_called_by_their_names() {
        assert_eq!(name(32001), "Blosc (HDF5 filter 32001)");
        assert_eq!(name(40000), "HDF5 filter 40000");
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NAMES.iter().filter(|(id, _)| is_known(*id)).count() == 7);
    }
}
