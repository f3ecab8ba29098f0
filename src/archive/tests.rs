use super::testing::{deflated, zip};
use super::*;

fn source(bytes: Vec<u8>) -> Arc<dyn ByteSource> {
    Arc::new(MemorySource(bytes))
}

fn bytes_of(archive: &Arc<dyn ByteSource>, name: &str) -> Result<Vec<u8>, Error> {
    let listed = Zip::read(&**archive).unwrap();
    let member = open(archive, listed.entry(name).unwrap())?;
    Ok(read(&*member, 0, member.len())?)
}

#[test]
fn stored_and_deflated_members_are_read() {
    let long = vec![7; 100_000];
    let archive = source(zip(&[("a.txt", b"stored", false), ("b/c.bin", &long, true)]));
    assert_eq!(bytes_of(&archive, "a.txt").unwrap(), b"stored");
    assert_eq!(bytes_of(&archive, "b/c.bin").unwrap(), long);
    let listed = Zip::read(&*archive).unwrap();
    assert!(listed.complete);
    assert_eq!(start(&*archive, &listed.entries[1], 10).unwrap(), [7; 10]);
    assert_eq!(start(&*archive, &listed.entries[0], 10).unwrap(), b"stored");
}

#[test]
fn an_archive_behind_something_else_is_read() {
    let mut bytes = b"#!/bin/sh\n".to_vec();
    bytes.extend(zip(&[("a.txt", b"stored", false)]));
    assert_eq!(bytes_of(&source(bytes), "a.txt").unwrap(), b"stored");
}

#[test]
fn zip64_fields_are_read() {
    let mut bytes = zip(&[("a", b"stored", false)]);
    let end = bytes.len() - 22;
    let directory = u64::from(u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap()));
    bytes.truncate(end);
    // The member's own lengths and offset, moved into the extra field.
    let entry = directory as usize;
    bytes[entry + 20..entry + 28].fill(0xff);
    bytes[entry + 42..entry + 46].fill(0xff);
    bytes[entry + 30] = 28;
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([6u64, 6, 0].map(u64::to_le_bytes).as_flattened());
    let (size, record) = (bytes.len() as u64 - directory, bytes.len() as u64);
    bytes.extend(b"PK\x06\x06");
    bytes.extend([0; 36]);
    bytes.extend([size, directory].map(u64::to_le_bytes).as_flattened());
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(record.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    let archive = source(bytes);
    assert!(Zip::read(&*archive).unwrap().complete);
    assert_eq!(bytes_of(&archive, "a").unwrap(), b"stored");
}

#[test]
fn zip64_records_that_are_not_needed_are_no_part_of_the_directory() {
    let mut bytes = zip(&[("net/data.pkl", b"stored", false)]);
    let end = bytes.split_off(bytes.len() - 22);
    let [size, start] = [12, 16].map(|at| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().unwrap())));
    let record = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend([0; 36]);
    bytes.extend([size, start].map(u64::to_le_bytes).as_flattened());
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(record.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(end);
    assert_eq!(bytes_of(&source(bytes), "net/data.pkl").unwrap(), b"stored");
}

#[test]
fn without_its_directory_the_local_headers_tell() {
    let whole = zip(&[("a.txt", b"stored", false), ("b.bin", &[1; 500], false)]);
    let cut = source(whole[..200].to_vec());
    let listed = Zip::read(&*cut).unwrap();
    assert!(!listed.complete);
    assert_eq!(listed.entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["a.txt", "b.bin"]);
    assert_eq!(bytes_of(&cut, "a.txt").unwrap(), b"stored");
    assert!(matches!(bytes_of(&cut, "b.bin"), Err(Error::Damaged { .. })));
}

#[test]
fn what_can_not_be_unpacked_says_why() {
    let fault = |at: usize, byte: u8| {
        let mut bytes = zip(&[("a", &[5; 1000], true)]);
        let entry = 30 + 1 + deflated(&[5; 1000]).len();
        bytes[entry + at] = byte;
        bytes_of(&source(bytes), "a").unwrap_err().to_string()
    };
    assert_eq!(fault(8, 1), "a is encrypted");
    assert_eq!(fault(10, 14), "a is compressed by method 14, which is not supported");
    assert!(fault(26, 9).ends_with("more than are unpacked"));
    assert_eq!(fault(24, 0xe9), "a can't be unpacked: it has 1000 bytes, not 1001");
    assert_eq!(fault(22, 1), "a can't be unpacked: the archive ends before it does");
}

#[test]
fn a_changed_byte_shows_in_the_checksum() {
    let verdict = |bytes: Vec<u8>| {
        let archive = source(bytes);
        let listed = Zip::read(&*archive).unwrap();
        let member = open(&archive, &listed.entries[0]).unwrap();
        verify(&listed.entries[0], &*member).map_err(|error| error.to_string())
    };
    let mut bytes = zip(&[("a", b"stored", false)]);
    assert_eq!(verdict(bytes.clone()), Ok(()));
    bytes[31] ^= 1;
    // Python 3.12's zlib.crc32 of `rtored` and `stored`.
    let expected = "a can't be unpacked: its CRC-32 is 9d1f2aae, where the archive says 5643f90b";
    assert_eq!(verdict(bytes).unwrap_err(), expected);
}

#[test]
fn the_beginning_of_a_gzip_file_is_unpacked() {
    let mut bytes = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    bytes.extend(deflated(&[9; 5000]));
    assert_eq!(gzip_start(&*source(bytes.clone()), 16), [9; 16]);
    bytes.truncate(12);
    assert!(gzip_start(&*source(bytes), 16).len() < 16);
    assert!(gzip_start(&*source(b"\x1f\x8b".to_vec()), 16).is_empty());
}
