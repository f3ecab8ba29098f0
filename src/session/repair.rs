//! From a file to a copy that a runtime loads.

use std::sync::Arc;

use super::opened::{self, Opened};
use crate::loaders::{self, Evidence, Outcome, Runtime};
use crate::repair::{self, Refusal, Repair};
use crate::source::{ByteSource, Patched};

/// A repaired copy, to be read from beginning to end.
pub struct Repaired {
    /// What changed.
    pub repair: Repair,
    /// The bytes of the copy.
    pub copy: Arc<dyn ByteSource>,
}

/// Repairs a file for a runtime, and reads the copy as that runtime would.
///
/// # Errors
/// Why there is no repair.
pub fn repair(
    name: &str,
    source: Arc<dyn ByteSource>,
    runtime: &'static Runtime,
) -> Result<Repaired, Refusal> {
    let repair = with_evidence(name, source.clone(), |evidence| repair::repair(evidence, runtime))?;
    let copy: Arc<dyn ByteSource> = Arc::new(Patched::new(source, repair.edits.clone()));
    with_evidence(name, copy.clone(), |evidence| confirm(evidence, &repair))?;
    Ok(Repaired { repair, copy })
}

/// Whether the copy says what it should, and its loading is not foreseen to fail.
fn confirm(evidence: &Evidence<'_>, repair: &Repair) -> Result<(), Refusal> {
    if evidence.model_config != Some(&repair.config) {
        return Err(Refusal::new("@model_config", "The copy does not hold what was written into it."));
    }
    let [load, _] = loaders::loads_in(evidence, repair.runtime);
    match load.outcome {
        Outcome::Loads | Outcome::Unknown(_) => Ok(()),
        Outcome::LoadsWrong(wrong) => {
            Err(Refusal::new("", format!("The copy would load and be wrong: {wrong}.")))
        }
        Outcome::Fails(raised) => {
            let what =
                format!("Even so {} would say {}: {}", repair.runtime.name, raised.exception, raised.message);
            Err(Refusal::new("", what))
        }
    }
}

/// What is known of a file, as far as loading it goes.
fn with_evidence<T>(name: &str, source: Arc<dyn ByteSource>, work: impl FnOnce(&Evidence<'_>) -> T) -> T {
    let opened = Opened::new(name, source);
    let structure = opened.keras().and_then(opened::of_file);
    opened.with_evidence(structure.as_ref(), work)
}
