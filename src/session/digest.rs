//! Checksums of a whole file, in blocks.

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::limits;
use crate::source::{ByteSource, ReadError};

/// MD5 and SHA-256 in hexadecimal. `tell` hears the number of bytes done after every block.
pub(super) fn digests(
    source: &dyn ByteSource,
    tell: &mut dyn FnMut(u64),
) -> Result<(String, String), ReadError> {
    let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
    // The smaller of the two first: where `usize` has 32 bits, 4 GiB would become no bytes at all.
    let mut block = vec![0; source.len().min(limits::BLOCK_BYTES as u64) as usize];
    let mut done = 0;
    while done < source.len() {
        let count = (source.len() - done).min(block.len() as u64) as usize;
        source.read_at(done, &mut block[..count])?;
        md5.update(&block[..count]);
        sha256.update(&block[..count]);
        done += count as u64;
        tell(done);
    }
    Ok((hexadecimal(&md5.finalize()), hexadecimal(&sha256.finalize())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn digests_are_those_of_the_standards() {
        // RFC 1321 and FIPS 180-4 give these for "abc".
        let (md5, sha256) = digests(&MemorySource(b"abc"[..].into()), &mut |_| {}).unwrap();
        assert_eq!(md5, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
