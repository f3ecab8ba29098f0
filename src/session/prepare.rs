//! From a file to a plan: what inference needs, and nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::checks::{self, Facts};
use crate::exec::{self, ParamSource};
use crate::graph::Graph;
use crate::hdf5;
use crate::image::{Preprocess, guess};
use crate::keras::network::Network;
use crate::keras::{self, Architecture, Layout, ModelFile, WeightTable};
use crate::plan::{self, Param, ParamId, Plan, bind, materialise, shapes};
use crate::report::sentence;
use crate::sniff::{Kind, sniff};
use crate::source::{ByteSource, PageCache, ReadError};
use crate::{image, zoo};

use super::{OPEN_SIDE, Shared};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a model can't be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The file can't be read as a Keras model.
    #[error("the file can't be run: {0}")]
    File(String),
    /// There is no model in the file: what it is instead, and what to do.
    #[error("{0}")]
    NoModel(String),
    /// The graph can't be run.
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
    /// The input does not fit the model.
    #[error("{0}")]
    Input(String),
    /// The picture can't be used.
    #[error(transparent)]
    Picture(#[from] image::PictureError),
    /// The executor failed.
    #[error(transparent)]
    Exec(#[from] exec::ExecError),
}

/// A model ready for an executor.
pub struct Prepared {
    /// The work.
    pub plan: Plan,
    /// The preparation of pictures that fits this model best.
    pub preprocess: Preprocess,
    /// The numbers of its parameters.
    pub params: Box<dyn ParamSource>,
}

/// Opens a file and plans it.
///
/// `sides` are the lengths of open axes of the input (height and width of a model that takes any); without them
/// [`OPEN_SIDE`] is taken.
///
/// # Errors
/// When there is no architecture, or it can't be run with the weights stored.
pub fn prepare(
    source: Arc<dyn ByteSource>,
    batch: usize,
    sides: Option<[usize; 2]>,
) -> Result<Prepared, RunError> {
    let source: Arc<dyn ByteSource> = Arc::new(PageCache::new(Shared(source)));
    let model = open(&source)?;
    let network = network(&model)?;
    let (preprocess, _) = guess(network, &zoo::recognise(network));
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, sides.unwrap_or([OPEN_SIDE; 2]));
    let binding = bind::bind(network, &graph, &shapes, &model.weights);
    if let Some(mismatch) = binding.mismatches.first() {
        return Err(RunError::File(format!("architecture and weights do not fit together: {mismatch}")));
    }
    let plan = plan::build(&graph, &shapes, &binding, batch)?;
    Ok(Prepared { plan, preprocess, params: Box::new(Stored(model.weights)) })
}

/// The parameters of a plan, made from the stored weights as they are asked for.
struct Stored(WeightTable);

impl ParamSource for Stored {
    fn read(&mut self, _id: ParamId, param: &Param) -> Result<Vec<f32>, String> {
        materialise(param, &self.0).map_err(|error| error.to_string())
    }
}

/// The model in a file, or in an archive.
fn open(source: &Arc<dyn ByteSource>) -> Result<ModelFile, RunError> {
    let kind = sniff(&**source);
    let inside = kind.as_ref().ok().and_then(|kind| keras::in_archive(source, kind));
    if inside.is_none()
        && let Some(what) = no_model(&kind, source.len())
    {
        return Err(RunError::NoModel(what));
    }
    let model = inside.unwrap_or_else(|| ModelFile::read(&hdf5::File::open(source.clone())?));
    model.map_err(|error| RunError::File(error.to_string()))
}

/// What the checks say of a file that is no HDF5.
fn no_model(kind: &Result<Kind, ReadError>, length: u64) -> Option<String> {
    if matches!(kind, Ok(Kind::Hdf5 { .. })) {
        return None;
    }
    let facts = Facts::new("", length, kind);
    let finding = checks::run_all(&facts).into_iter().next()?;
    Some(format!("{} {}", sentence(&finding.message), finding.fix))
}

/// The graph, or why there is none.
fn network(model: &ModelFile) -> Result<&Network, RunError> {
    let why = match (&model.architecture, model.layout) {
        (Architecture::Network(network), _) => return Ok(network),
        (Architecture::Broken(reason), _) => format!("its architecture can't be read: {reason}"),
        (Architecture::Absent, Layout::NotKeras) => "it is HDF5, but Keras did not write it".into(),
        (Architecture::Absent, Layout::WeightsOnly | Layout::Keras3Weights) => {
            "it holds weights without an architecture".into()
        }
        (Architecture::Absent, Layout::WholeModel | Layout::KerasArchive) => {
            "it holds no architecture".into()
        }
    };
    Err(RunError::File(why))
}

/// What a planned model looks like to another program: only a program of the same version reads it.
#[derive(Serialize, Deserialize)]
struct Packed<P> {
    version: Cow<'static, str>,
    plan: P,
    preprocess: Preprocess,
}

impl Prepared {
    /// The model without the numbers of its parameters, for another program of this version.
    ///
    /// # Errors
    /// Never, short of an exhausted memory.
    pub fn bytes(&self) -> Result<Vec<u8>, RunError> {
        let packed = Packed { version: VERSION.into(), plan: &self.plan, preprocess: self.preprocess };
        postcard::to_allocvec(&packed)
            .map_err(|error| RunError::Input(format!("the plan can't be packed: {error}")))
    }

    /// The model in such bytes, which gets the numbers from `params`.
    ///
    /// # Errors
    /// When the bytes are not those of this version.
    pub fn of_bytes(bytes: &[u8], params: Box<dyn ParamSource>) -> Result<Prepared, RunError> {
        let packed: Option<Packed<Plan>> = postcard::from_bytes(bytes).ok();
        let packed = packed.filter(|packed| packed.version == VERSION);
        let Packed { plan, preprocess, .. } = packed.ok_or_else(|| {
            RunError::Input("the parts of this program are of different versions; load it anew".into())
        })?;
        Ok(Prepared { plan, preprocess, params })
    }

    /// The numbers of a parameter of the plan, row-major.
    ///
    /// # Errors
    /// When there is no such parameter, or its weights can't be read; in words.
    pub fn param(&mut self, id: ParamId) -> Result<Vec<f32>, String> {
        let param = self.plan.params.get(id).ok_or_else(|| format!("there is no parameter {id}"))?;
        self.params.read(id, param)
    }

    /// Shape of an input without the batch.
    pub fn input_shape(&self, index: usize) -> Option<&[usize]> {
        let port = self.plan.inputs.get(index)?;
        Some(&self.plan.values[port.value].shape[1..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::File;
    use crate::source::MemorySource;

    fn refusal(bytes: &[u8]) -> String {
        match prepare(Arc::new(MemorySource(bytes.into())), 1, None) {
            Ok(_) => "it can be run".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_model_is_said_and_what_to_do() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
        let found = refusal(pointer);
        assert!(found.starts_with("The file is a Git LFS pointer: the real file has 12345 bytes"), "{found}");
        assert!(found.contains("git lfs pull"), "{found}");
        let page = refusal(b"<!DOCTYPE html><html><title>Sign in</title></html>");
        assert!(page.starts_with("The file is a web page (HTML), with the title “Sign in”"), "{page}");
        let archive = crate::archive::testing::zip(&[("notes.txt", b"hello".as_slice(), false)]);
        let archive = refusal(&archive);
        assert!(archive.starts_with("The file is a zip archive of notes.txt."), "{archive}");
        assert!(!refusal(b"").contains("invalid HDF5 magic bytes"), "{}", refusal(b""));
    }

    #[test]
    fn a_plan_of_another_version_is_refused() {
        let prepared = prepare(Arc::new(MemorySource(File::small().bytes())), 1, None).unwrap();
        let bytes = prepared.bytes().unwrap();
        let none = || Box::new(|_: ParamId, _: &Param| Err("none".to_string()));
        assert!(Prepared::of_bytes(&bytes, none()).is_ok());
        let mut other = bytes.clone();
        other[1] ^= 1;
        for damaged in [&bytes[..bytes.len() - 1], &other, b""] {
            assert!(Prepared::of_bytes(damaged, none()).is_err());
        }
    }

    #[test]
    fn a_file_without_an_architecture_says_which_it_is() {
        let weights = File { config: None, group: Some(""), ..File::small() };
        assert_eq!(
            refusal(&weights.bytes()),
            "the file can't be run: it holds weights without an architecture"
        );
        let lost = File { config: None, ..File::small() };
        assert_eq!(refusal(&lost.bytes()), "the file can't be run: it holds no architecture");
    }
}
