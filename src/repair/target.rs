//! What is known of the runtime that a file is repaired for.

use serde_json::Value;

use super::Refusal;
use crate::loaders::facts::{Class, Facts, Kind, Named};
use crate::loaders::{self, Evidence, Loader, RUNTIMES, Runtime, Stop};

/// The runtime, and what its classes take.
pub(super) struct Target {
    pub(super) runtime: &'static Runtime,
    facts: &'static Facts,
}

impl Target {
    pub(super) fn of(runtime: &'static Runtime) -> Result<Target, Refusal> {
        let facts = Facts::of(runtime.facts);
        let missing = || Refusal::new("", format!("What {} takes is not known.", runtime.name));
        Ok(Target { runtime, facts: facts.ok_or_else(missing)? })
    }

    /// As people call it.
    pub(super) fn name(&self) -> &'static str {
        self.runtime.name
    }

    /// Whether it is Keras 1.
    pub(super) fn is_one(&self) -> bool {
        self.runtime.loader == Loader::Keras1
    }

    /// Whether it is Keras 3.
    pub(super) fn is_three(&self) -> bool {
        self.runtime.loader == Loader::Keras3
    }

    /// Whether it is the package keras 2.0 to 2.3.
    pub(super) fn is_two(&self) -> bool {
        self.runtime.loader == Loader::Keras2
    }

    /// What it writes as `keras_version`.
    pub(super) fn keras_version(&self) -> String {
        let [major, minor, patch] = self.runtime.version;
        match (self.runtime.loader, [major, minor]) {
            (Loader::Keras1 | Loader::Keras2 | Loader::Keras3, _) => format!("{major}.{minor}.{patch}"),
            (Loader::TfKeras, [1, _] | [2, 0 | 1]) => "2.2.4-tf".into(),
            (Loader::TfKeras, [2, 2]) => "2.3.0-tf".into(),
            (Loader::TfKeras, [2, 3]) => "2.4.0".into(),
            (Loader::TfKeras, _) => format!("{major}.{minor}.0"),
        }
    }

    /// Whether it reads lists that are split over several attributes, as they are since Keras 2.1.5.
    pub(super) fn joins_lists(&self) -> bool {
        !self.is_one() && (!self.is_two() || self.runtime.version >= [2, 1, 5])
    }

    /// Whether it knows the class `Functional`.
    pub(super) fn has_functional(&self) -> bool {
        self.find(Kind::Layers, "Functional").is_some()
    }

    /// Whether a Sequential's config is the list of its layers: `Sequential.from_config` takes an object since Keras 2.2.3.
    pub(super) fn wants_bare_list(&self) -> bool {
        self.is_two() && self.runtime.version < [2, 2, 3]
    }

    /// Whether it calls `.decode` on texts of the file: the guard came with TensorFlow 2.5 (`hdf5_format.py`).
    pub(super) fn decodes_texts(&self) -> bool {
        match self.runtime.loader {
            Loader::Keras1 | Loader::Keras2 => true,
            Loader::TfKeras => self.runtime.version < [2, 5, 0],
            Loader::Keras3 => false,
        }
    }

    /// Whether a model's only input or output may stand in its config without a list. Keras 3.0.5 can't read that and 3.5.0 can.
    pub(super) fn reads_single_ends(&self) -> bool {
        self.is_three() && self.runtime.version >= [3, 5, 0]
    }

    /// Whether the first call of a nested model is node 1 in the lists of inputs and outputs. Keras 3 writes it so, and forgets
    /// it when it reads in 3.0.5, but not in 3.5.0.
    pub(super) fn counts_ends_from_one(&self) -> bool {
        !self.is_three() || self.runtime.version >= [3, 5, 0]
    }

    /// Whether it refuses files with links that are paths, as Keras 3.12.1 to 3.12.4 and 3.13.2 and later do.
    pub(super) fn refuses_links(&self) -> bool {
        let version = self.runtime.version;
        self.is_three() && version >= [3, 12, 1] && !([3, 13, 0]..[3, 13, 2]).contains(&version)
    }

    /// Whether lists of names must be of fixed length: Keras 2.2.3 and 2.2.4 leave others as arrays (`H5Dict`), of which they
    /// ask `if weight_names`; 2.2.5 asks for the length.
    pub(super) fn wants_fixed_lists(&self) -> bool {
        self.is_two() && ([2, 2, 3]..[2, 2, 5]).contains(&self.runtime.version)
    }

    /// Whether h5py gives `str` for any text in a heap, as it does since version 3.
    pub(super) fn has_new_h5py(&self) -> bool {
        self.runtime.h5py >= [3, 0, 0]
    }

    /// Whether a layer's `dtype` may be a policy: `mixed_float16` and its like came to stay with TensorFlow 2.4.
    pub(super) fn has_policies(&self) -> bool {
        match self.runtime.loader {
            Loader::Keras1 | Loader::Keras2 => false,
            Loader::TfKeras => self.runtime.version >= [2, 4, 0],
            Loader::Keras3 => true,
        }
    }

    /// What a name leads to.
    pub(super) fn find(&self, kind: Kind, name: &str) -> Option<Named<'static>> {
        self.facts.find(kind, name)
    }

    /// Whether it has an activation of that name.
    pub(super) fn has_activation(&self, name: &str) -> bool {
        self.find(Kind::Activations, name).is_some()
    }

    /// Why compiling the model might fail there; nothing where it doesn't.
    pub(super) fn may_not_compile(&self, evidence: &Evidence<'_>) -> Option<String> {
        let name = self.name();
        match loaders::compiles(evidence, self.runtime) {
            Ok(()) => None,
            Err(Stop::Raised(raised)) => {
                Some(format!("{name} can't compile the model: {}: {}", raised.exception, raised.message))
            }
            Err(Stop::Unknown(_)) => Some(format!(
                "whether {name} can compile the model is not known; predictions need no compiling, so compile it \
                 again before training"
            )),
        }
    }
}

/// Whether some runtime that knows an argument has that value for it when it is left out.
pub(super) fn is_default(kind: Kind, class: &str, argument: &str, value: &Value) -> bool {
    RUNTIMES.iter().filter_map(|runtime| Facts::of(runtime.facts)).any(|facts| {
        let class: Option<&Class> = facts.class(kind, class);
        class.and_then(|class| class.defaults.get(argument)).is_some_and(|default| is_same(default, value))
    })
}

/// Whether two values are the same to Python: 1 is 1.0 there.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}
