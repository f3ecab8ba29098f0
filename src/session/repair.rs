//! From a file to a copy that a runtime loads.

use std::sync::Arc;

use super::opened::{self, Opened};
use crate::keras;
use crate::loaders::{self, Evidence, Outcome, Runtime};
use crate::repair::{self, Refusal, Repair};
use crate::source::{ByteSource, Joined};

/// A repaired copy, to be read from beginning to end.
pub struct Repaired {
    /// What changed.
    pub repair: Repair,
    /// The bytes of the copy.
    pub copy: Arc<Joined>,
    /// What to call it: as the file, and for what it is.
    pub name: String,
}

/// Repairs a file for a runtime, and reads the copy as that runtime would. Where no patch makes it one that loads, it is
/// written anew.
///
/// # Errors
/// Why there is no repair.
pub fn repair(
    name: &str,
    source: Arc<dyn ByteSource>,
    runtime: &'static Runtime,
) -> Result<Repaired, Refusal> {
    let patched = with_evidence(name, source.clone(), |evidence| repair::patch(evidence, runtime));
    let patched = patched.and_then(|repair| confirmed(name, source.clone(), repair));
    patched.or_else(|reason| {
        let repair =
            with_evidence(name, source.clone(), |evidence| repair::rewrite(evidence, runtime, &reason))?;
        confirmed(name, source, repair)
    })
}

/// The copy that a repair makes, read as the target would.
fn confirmed(name: &str, source: Arc<dyn ByteSource>, repair: Repair) -> Result<Repaired, Refusal> {
    let (copy, name) = (Arc::new(repair.way.copy(source)?), copy_name(name, repair.runtime));
    with_evidence(&name, copy.clone(), |evidence| confirm(evidence, &repair))?;
    Ok(Repaired { repair, copy, name })
}

/// Loaders ask for the ending.
fn copy_name(name: &str, runtime: &Runtime) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "h5"));
    let ending = if ending == "hdf5" { ending } else { "h5" };
    format!("{stem}-{}.{ending}", runtime.id)
}

/// Whether the copy says what it should, and its loading is not foreseen to fail.
fn confirm(evidence: &Evidence<'_>, repair: &Repair) -> Result<(), Refusal> {
    if evidence.model_config != Some(&repair.config) {
        return Err(Refusal::new("@model_config", "The copy does not hold what was written into it."));
    }
    repair::sound(evidence)?;
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
    let kind = opened.kind.as_ref().ok();
    let archived = kind.and_then(|kind| keras::config_in_archive(&opened.source, kind));
    opened.with_evidence(structure.as_ref(), |evidence| {
        let model_config = evidence.model_config.or(archived.as_ref());
        work(&Evidence { model_config, ..*evidence })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn repaired(name: &str, bytes: &[u8], runtime: &str) -> Result<Repaired, Refusal> {
        repair(name, Arc::new(MemorySource(bytes.into())), Runtime::of(runtime).unwrap())
    }

    /// The numbers of all weights of a file, layer by layer.
    fn weights(source: Arc<dyn ByteSource>) -> Vec<Vec<f32>> {
        with_evidence("a.h5", source, |evidence| {
            let Some(Ok(model)) = evidence.model else { panic!("no model") };
            model.weights.tensors.iter().map(|tensor| tensor.dataset.read().unwrap()).collect()
        })
    }

    /// The copies for Keras 2.2.4 and of what Keras 1.2.2 saved were loaded there (docs/repairs.md).
    #[test]
    fn a_new_file_has_the_weights_of_the_original() {
        let saved = include_bytes!("../../tests/fixtures/models/cifar8v1_full__tf215.h5");
        let Repaired { repair, copy, name } = repaired("a.b.h5", saved, "k224").unwrap();
        assert!(matches!(repair.way, repair::Way::Rewrite { turned: 0, .. }));
        assert_eq!(name, "a.b-k224.h5");
        assert_eq!(weights(copy), weights(Arc::new(MemorySource(saved.to_vec()))));
    }

    /// A layer that two models share is stored once in the archive, and in each of them in an `.h5`.
    #[test]
    fn an_archive_becomes_an_hdf5_file() {
        let saved = include_bytes!("../../tests/fixtures/archives/shared__k315.keras");
        let Repaired { copy, name, .. } = repaired("a.keras", saved, "tf215").unwrap();
        assert_eq!(name, "a-tf215.h5");
        assert!(!weights(copy).is_empty());
    }
}
