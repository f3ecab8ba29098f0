//! Would it load there? What every runtime that people have does with a file, down to the words of its exception.
//!
//! What differs between runtimes is data ([`facts`], dumped from the installed runtimes by `tools/dump_runtime.py`, and the
//! rows of [`runtime`]); what is the same is code: open → parse the config → deserialise → check counts and shapes → compile.
//! The first step that raises decides, so the steps stand in the order in which the runtimes take them.

mod compile;
mod config;
pub mod errors;
mod evidence;
pub mod facts;
pub mod explain;
pub mod imageai;
mod networks;
mod open;
pub mod pair;
mod marshal;
pub mod python;
mod python2;
pub mod runtime;
#[cfg(test)]
pub(crate) mod tests;
mod weights;

pub use evidence::Evidence;
pub use runtime::{Loader, RUNTIMES, Runtime};

/// How a model is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `load_model(path)`
    LoadModel,
    /// `load_model(path, compile=False)`, which leaves `training_config` alone.
    WithoutCompile,
}

impl Call {
    /// All of them.
    pub const ALL: [Call; 2] = [Call::LoadModel, Call::WithoutCompile];

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Call::LoadModel => "load_model",
            Call::WithoutCompile => "load_model(compile=False)",
        }
    }
}

/// An exception, as Python shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// Its type: `ValueError`.
    pub exception: String,
    /// `str()` of it, object addresses as `0x...`.
    pub message: String,
}

impl Raised {
    /// An exception of a type with a message.
    pub fn new(exception: &str, message: impl Into<String>) -> Raised {
        Raised { exception: exception.to_string(), message: message.into() }
    }
}

/// Why an attempt at loading ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The runtime raises.
    Raised(Raised),
    /// What it does can't be told; why not.
    Unknown(String),
}

impl Stop {
    /// The runtime raises this.
    pub fn raised(exception: &str, message: impl Into<String>) -> Stop {
        Stop::Raised(Raised::new(exception, message))
    }

    /// What it does can't be told.
    pub fn unknown(why: impl Into<String>) -> Stop {
        Stop::Unknown(why.into())
    }
}

/// A step of loading.
pub type Attempt<T> = Result<T, Stop>;

/// What a runtime does with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It loads.
    Loads,
    /// It loads without a word, and computes something else; what is wrong.
    LoadsWrong(String),
    /// It raises.
    Fails(Raised),
    /// It can't be told; why not.
    Unknown(String),
}

/// The outcome of one call in one runtime.
#[derive(Clone, Debug)]
pub struct Load {
    /// The runtime.
    pub runtime: &'static Runtime,
    /// The call.
    pub call: Call,
    /// What happens.
    pub outcome: Outcome,
}

/// What every runtime does with a file.
pub fn loads(evidence: &Evidence<'_>) -> Vec<Load> {
    RUNTIMES.iter().flat_map(|runtime| loads_in(evidence, runtime)).collect()
}

/// Both calls in one runtime, which differ only where compiling does.
pub fn loads_in(evidence: &Evidence<'_>, runtime: &'static Runtime) -> [Load; 2] {
    let loaded = load(evidence, runtime);
    let compiled = match &loaded {
        Ok(_) => compile::compile(evidence, runtime).and_then(|()| loaded.clone()),
        Err(_) => loaded.clone(),
    };
    let without = if runtime.ignores_compile() { compiled.clone() } else { loaded };
    [(Call::LoadModel, compiled), (Call::WithoutCompile, without)].map(|(call, attempt)| Load {
        runtime,
        call,
        outcome: outcome(attempt),
    })
}

/// Whether the runtime can compile what it has loaded.
///
/// # Errors
/// What it raises, or why that can't be told.
pub fn compiles(evidence: &Evidence<'_>, runtime: &'static Runtime) -> Attempt<()> {
    compile::compile(evidence, runtime)
}

/// Everything up to the weights. What comes back is what is silently wrong.
fn load(evidence: &Evidence<'_>, runtime: &'static Runtime) -> Attempt<Option<String>> {
    open::open(evidence, runtime)?;
    let config = open::model_config(evidence, runtime)?;
    let template = config::deserialize(evidence, runtime, config)?;
    weights::load(evidence, runtime, &template)
}

fn outcome(attempt: Attempt<Option<String>>) -> Outcome {
    match attempt {
        Ok(None) => Outcome::Loads,
        Ok(Some(wrong)) => Outcome::LoadsWrong(wrong),
        Err(Stop::Raised(raised)) => Outcome::Fails(raised),
        Err(Stop::Unknown(why)) => Outcome::Unknown(why),
    }
}
