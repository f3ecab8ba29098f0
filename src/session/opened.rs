//! A file, opened once: all that loading it in a runtime, repairing it or pairing it asks of it.

use std::sync::Arc;

use serde_json::Value;

use super::{OPEN_SIDE, Shared};
use crate::graph::Graph;
use crate::hdf5;
use crate::keras::network::Network;
use crate::keras::{self, ModelFile, WeightTable, json};
use crate::loaders::Evidence;
use crate::plan::{Structure, bind, shapes};
use crate::sniff::{Kind, sniff_named};
use crate::source::{ByteSource, PageCache, ReadError};

/// A file with what reading it gave.
pub(crate) struct Opened {
    pub name: String,
    pub source: Arc<dyn ByteSource>,
    pub kind: Result<Kind, ReadError>,
    /// The file as HDF5; absent where it is none.
    pub file: Option<Result<hdf5::File, hdf5::Error>>,
    /// The Keras file in it, or in an archive.
    pub model: Option<Result<ModelFile, hdf5::Error>>,
}

impl Opened {
    /// Opens a file.
    pub fn new(name: &str, source: Arc<dyn ByteSource>) -> Opened {
        Opened::sniffed(name, source).read()
    }

    /// The first step: what the file is. HDF5 is opened, and not yet read.
    pub fn sniffed(name: &str, source: Arc<dyn ByteSource>) -> Opened {
        let source: Arc<dyn ByteSource> = Arc::new(PageCache::new(Shared(source)));
        let kind = sniff_named(name, &*source);
        let file = matches!(kind, Ok(Kind::Hdf5 { .. })).then(|| hdf5::File::open(source.clone()));
        Opened { name: name.to_string(), source, kind, file, model: None }
    }

    /// The second step: architecture and lists of weights.
    pub fn read(self) -> Opened {
        let model = match &self.file {
            Some(file) => Some(file.as_ref().map_err(Clone::clone).and_then(ModelFile::read)),
            None => self.kind.as_ref().ok().and_then(|kind| keras::in_archive(&self.source, kind)),
        };
        Opened { model, ..self }
    }

    /// The Keras file, where it could be read.
    pub fn keras(&self) -> Option<&ModelFile> {
        self.model.as_ref()?.as_ref().ok()
    }

    /// What is known of the file, for the loaders.
    pub fn with_evidence<T>(
        &self,
        structure: Option<&Structure<'_>>,
        ask: impl FnOnce(&Evidence<'_>) -> T,
    ) -> T {
        let texts = self.keras().map(|model| &model.texts);
        let value = |text: Option<&String>| -> Option<Value> { Some(json::parse(text?).ok()?.value) };
        let model_config = value(texts.and_then(|texts| texts.model_config.as_ref()));
        let training_config = value(texts.and_then(|texts| texts.training_config.as_ref()));
        ask(&Evidence {
            name: &self.name,
            length: self.source.len(),
            source: &*self.source,
            kind: &self.kind,
            file: self.file.as_ref(),
            model: self.model.as_ref(),
            structure,
            model_config: model_config.as_ref(),
            training_config: training_config.as_ref(),
        })
    }
}

/// The architecture of a file with its own weights; nothing where it has none.
pub(crate) fn of_file(model: &ModelFile) -> Option<Structure<'_>> {
    Some(structure(model.network()?, &model.weights))
}

/// Opens an architecture and finds every layer its weights.
pub(crate) fn structure<'n>(network: &'n Network, weights: &WeightTable) -> Structure<'n> {
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, [OPEN_SIDE; 2]);
    let binding = bind::bind(network, &graph, &shapes, weights);
    Structure { graph, shapes, binding }
}
