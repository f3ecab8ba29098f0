//! Everything that is done with a file short of running it, and what must hold whatever its bytes are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use resnet_verifier::source::{ByteSource, MemorySource, ReadError};
use resnet_verifier::{exec, session};

/// A source that notices reads beyond its end.
struct Watched {
    bytes: MemorySource,
    beyond: AtomicBool,
}

impl ByteSource for Watched {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.len()) {
            self.beyond.store(true, Ordering::Relaxed);
        }
        self.bytes.read_at(offset, buffer)
    }
}

/// Checks and prepares a file.
///
/// # Panics
/// When there is no report, the report is no JSON, a plan contradicts itself, or anything reads beyond the end.
pub fn go_through(bytes: Vec<u8>) {
    let source = Arc::new(Watched { bytes: MemorySource(bytes), beyond: AtomicBool::new(false) });
    let report = session::check("abuse.h5", source.clone(), &mut |event| {
        if let session::Event::Known(known) = event {
            assert!(!known.report().summary.is_empty());
        }
    });
    // Where there is no model, no weights are read.
    assert!(matches!(
        report.complete[..],
        ["open", "structure", "digest"] | ["open", "structure", "weights", "digest"]
    ));
    assert!(!report.summary.is_empty());
    assert!(serde_json::from_str::<serde_json::Value>(&report.json()).is_ok(), "the report is no JSON");
    if let Ok(prepared) = session::prepare(source.clone(), 1, None) {
        // A plan that contradicts itself would read or write outside a buffer.
        assert_eq!(exec::check(&prepared.plan).map_err(|error| error.to_string()), Ok(()));
    }
    assert!(!source.beyond.load(Ordering::Relaxed), "a read beyond the end of the file");
}
