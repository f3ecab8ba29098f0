//! Two files together: a model, and weights for it.

use std::sync::Arc;

use super::{OPEN_SIDE, Shared};
use crate::graph::Graph;
use crate::hdf5;
use crate::keras::network::Network;
use crate::keras::{self, ModelFile};
use crate::limits;
use crate::loaders::{Evidence, pair};
use crate::plan::{Structure, bind, shapes};
use crate::report;
use crate::sniff::{Kind, sniff_named};
use crate::source::{ByteSource, PageCache, ReadError};

/// A file of a pair, opened.
struct Half {
    name: String,
    source: Arc<dyn ByteSource>,
    kind: Result<Kind, ReadError>,
    file: Option<Result<hdf5::File, hdf5::Error>>,
    model: Option<Result<ModelFile, hdf5::Error>>,
    /// The architecture of a JSON text.
    json: Option<Network>,
}

impl Half {
    fn open(name: &str, source: Arc<dyn ByteSource>) -> Half {
        let source: Arc<dyn ByteSource> = Arc::new(PageCache::new(Shared(source)));
        let kind = sniff_named(name, &*source);
        let file = matches!(kind, Ok(Kind::Hdf5 { .. })).then(|| hdf5::File::open(source.clone()));
        let model = match &file {
            Some(file) => Some(file.as_ref().map_err(Clone::clone).and_then(ModelFile::read)),
            None => kind.as_ref().ok().and_then(|kind| keras::in_archive(&source, kind)),
        };
        let json = if model.is_none() { json(&*source) } else { None };
        Half { name: name.to_string(), source, kind, file, model, json }
    }

    fn network(&self) -> Option<&Network> {
        self.json.as_ref().or_else(|| self.model.as_ref()?.as_ref().ok()?.network())
    }

    fn has_weights(&self) -> bool {
        let model = self.model.as_ref().and_then(|model| model.as_ref().ok());
        self.file.is_some() && model.is_some_and(|model| !model.weights.groups.is_empty())
    }
}

/// The architecture in a text, as `model.to_json()` gives it.
fn json(source: &dyn ByteSource) -> Option<Network> {
    let length = usize::try_from(source.len()).ok().filter(|length| *length <= limits::MAX_JSON_BYTES)?;
    let mut bytes = vec![0; length];
    source.read_at(0, &mut bytes).ok()?;
    keras::architecture(std::str::from_utf8(&bytes).ok()?).ok()
}

/// Whether a file can be half of a pair: it has an architecture, or is HDF5.
pub fn is_half(name: &str, source: Arc<dyn ByteSource>) -> bool {
    let half = Half::open(name, source);
    half.file.is_some() || half.network().is_some()
}

/// What becomes of the weights of one file in the model of the other: `second` has the weights where both have both.
///
/// # Errors
/// Where none has an architecture, or the other no weights.
pub fn pair(
    first: (&str, Arc<dyn ByteSource>),
    second: (&str, Arc<dyn ByteSource>),
) -> Result<report::Pair, String> {
    let (first, second) = (Half::open(first.0, first.1), Half::open(second.0, second.1));
    let sides = [(&first, &second), (&second, &first)];
    let fits = sides.into_iter().find(|(model, weights)| model.network().is_some() && weights.has_weights());
    let (model, weights) = fits.ok_or_else(|| {
        format!(
            "{} and {} are no pair: one must have an architecture (model.save() or model.to_json()) and the other weights in \
             HDF5",
            first.name, second.name
        )
    })?;
    let Some(network) = model.network() else { return Err(format!("{} has no architecture", model.name)) };
    together(network, model, weights)
}

fn together(network: &Network, model: &Half, weights: &Half) -> Result<report::Pair, String> {
    let Some(Ok(found)) = &weights.model else { return Err(format!("{} has no weights", weights.name)) };
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, [OPEN_SIDE; 2]);
    let binding = bind::bind(network, &graph, &shapes, &found.weights);
    let structure = Structure { graph, shapes, binding };
    let evidence = Evidence {
        name: &weights.name,
        length: weights.source.len(),
        source: &*weights.source,
        kind: &weights.kind,
        file: weights.file.as_ref(),
        model: weights.model.as_ref(),
        structure: None,
        model_config: None,
        training_config: None,
    };
    let pair = pair::pair(pair::Model { network, structure: &structure }, &evidence)
        .map_err(|reason| format!("{}: {reason}", weights.name))?;
    Ok(report::Pair::new(&model.name, &weights.name, &pair))
}
