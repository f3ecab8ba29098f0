//! From a file to a plan: what inference needs, and nothing else.

use std::sync::Arc;

use crate::graph::Graph;
use crate::hdf5;
use crate::image::{Preprocess, guess};
use crate::keras::{self, ModelFile};
use crate::plan::{self, Plan, bind, shapes};
use crate::sniff::sniff;
use crate::source::{ByteSource, PageCache};
use crate::{exec, image, zoo};

use super::{OPEN_SIDE, Shared};

/// Why a model can't be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The file can't be read as a Keras model.
    #[error("the file can't be run: {0}")]
    File(String),
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
    /// The file, for the numbers of its weights.
    pub model: ModelFile,
    /// The preparation of pictures that fits this model best.
    pub preprocess: Preprocess,
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
    let model = open(&source).map_err(|error| RunError::File(error.to_string()))?;
    let network = model.network().ok_or_else(|| RunError::File("it holds no architecture".into()))?;
    let (preprocess, _) = guess(network, &zoo::recognise(network));
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, sides.unwrap_or([OPEN_SIDE; 2]));
    let binding = bind::bind(network, &graph, &shapes, &model.weights);
    if let Some(mismatch) = binding.mismatches.first() {
        return Err(RunError::File(format!("architecture and weights do not fit together: {mismatch}")));
    }
    let plan = plan::build(&graph, &shapes, &binding, batch)?;
    Ok(Prepared { plan, model, preprocess })
}

/// The model in a file, or in an archive.
fn open(source: &Arc<dyn ByteSource>) -> Result<ModelFile, hdf5::Error> {
    let kind = sniff(&**source).ok();
    let inside = kind.and_then(|kind| keras::in_archive(source, &kind));
    inside.unwrap_or_else(|| ModelFile::read(&hdf5::File::open(source.clone())?))
}

impl Prepared {
    /// Shape of an input without the batch.
    pub fn input_shape(&self, index: usize) -> Option<&[usize]> {
        let port = self.plan.inputs.get(index)?;
        Some(&self.plan.values[port.value].shape[1..])
    }
}
