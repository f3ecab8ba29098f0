//! Files on disk, and what is piped in.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use resnet_verifier::source::{ByteSource, ReadError, check_range};

/// Bytes of a piped text that are read: many times what is looked at.
const MAX_PIPED_BYTES: u64 = 16 << 20;

/// A text given as an argument; what is piped in where that is `-`.
///
/// # Errors
/// When it can't be read; the reason.
pub fn given(text: &str) -> Result<String, String> {
    if text != "-" {
        return Ok(text.to_string());
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_PIPED_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file on disk.
pub struct FileSource {
    file: Mutex<File>,
    length: u64,
    /// The first read that failed.
    failure: OnceLock<String>,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// When that is impossible or it is no regular file; the reason.
    pub fn open(path: &Path) -> Result<Arc<FileSource>, String> {
        let length = regular(path)?;
        let file = File::open(path).map_err(|error| error.to_string())?;
        Ok(Arc::new(FileSource { file: Mutex::new(file), length, failure: OnceLock::new() }))
    }

    /// Why a part of the file could not be read, if that happened.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        check_range(offset, buffer.len(), self.length)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(buffer));
        read.map_err(|error| {
            let reason = error.to_string();
            let _ = self.failure.set(reason.clone());
            ReadError::System(reason)
        })
    }
}

/// All bytes of a file.
///
/// # Errors
/// When it can't be read or is no regular file; the reason.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    regular(path)?;
    std::fs::read(path).map_err(|error| error.to_string())
}

/// The length of a regular file: only there is a length, and a byte at every offset. A pipe is not even opened, which
/// could wait for ever.
fn regular(path: &Path) -> Result<u64, String> {
    const ENDLESS: &str = "that is a pipe or device; save it to a file first";
    if path == Path::new("-") {
        return Err(ENDLESS.into());
    }
    let facts = std::fs::metadata(path).map_err(|error| error.to_string())?;
    match (facts.is_dir(), facts.is_file()) {
        (true, _) => Err("this is a folder; name the file in it".into()),
        (_, true) => Ok(facts.len()),
        (false, false) => Err(ENDLESS.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_fails_is_remembered() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let source = FileSource::open(&path).unwrap();
        assert!(source.read_at(0, &mut [0; 4]).is_ok());
        assert!(source.read_at(source.len(), &mut [0]).is_err());
        assert_eq!(source.failure(), None, "what is asked for beyond the end is not the system's fault");
        // The file as it would be if it had shrunk since it was opened.
        let file = File::open(&path).unwrap();
        let shrunk = FileSource { file: Mutex::new(file), length: 1 << 40, failure: OnceLock::new() };
        assert!(shrunk.read_at(1 << 39, &mut [0]).is_err());
        assert!(shrunk.failure().is_some());
    }
}
