//! The variables of a model before it has the file's numbers: their names and shapes, in the order in which a runtime lists
//! them.

use std::collections::{HashMap, HashSet};

use super::Job;
use crate::graph::LeafId;
use crate::keras::config::Config;
use crate::loaders::config::{Slot, Template};
use crate::loaders::{Loader, Runtime};
use crate::ops::conv2d::KernelOrder;
use crate::ops::{DataFormat, Op};
use crate::plan::Structure;

/// A variable of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Path of its layer through the models it stands in.
    pub path: String,
    /// Name of its layer.
    pub layer: String,
    /// Keras' name of it: `kernel`; empty where it is not known.
    pub weight: String,
    /// Its shape; `None` where only the file tells that it is there.
    pub shape: Option<Vec<u64>>,
    /// Type of its numbers.
    pub dtype: String,
}

/// A layer, or a model in the model, with its variables as indices into [`Variables::all`].
#[derive(Clone, Debug)]
pub struct Holder<'t> {
    /// The layer.
    pub slot: &'t Slot,
    /// Those that are trained, in their order.
    pub trained: Vec<usize>,
    /// The others.
    pub others: Vec<usize>,
    /// All of them, layer by layer.
    pub by_layer: Vec<usize>,
    /// The layers of a model.
    pub parts: Vec<Holder<'t>>,
    /// Whether its images have the channels first.
    pub channels_first: bool,
    /// Whether what it holds was concluded from the file.
    pub assumed: bool,
}

impl Holder<'_> {
    /// Its variables in the order of `trainable_weights + non_trainable_weights`.
    pub fn weights(&self) -> Vec<usize> {
        self.trained.iter().chain(&self.others).copied().collect()
    }

    /// Number of its variables.
    pub fn count(&self) -> usize {
        self.trained.len() + self.others.len()
    }
}

/// All variables of a model.
#[derive(Debug, Default)]
pub struct Variables<'t> {
    /// The variables.
    pub all: Vec<Variable>,
    /// The layers of the model itself, those without variables too.
    pub holders: Vec<Holder<'t>>,
    /// Layer names that stand more than once among the layers of all models: what their variables are called depends on
    /// the order in which they were built.
    pub ambiguous: HashSet<String>,
}

/// Finds the variables of a template.
pub fn variables<'t>(job: &Job<'_, 't>) -> Variables<'t> {
    let leaves = job.structure.graph.leaves.iter().enumerate();
    let leaves: HashMap<&str, LeafId> = leaves.map(|(id, leaf)| (leaf.path.as_str(), id)).collect();
    let mut finder = Finder { job, leaves, found: Variables::default(), names: HashMap::new() };
    let holders = job.template.layers.iter().map(|slot| finder.holder(slot, slot)).collect();
    let Finder { mut found, names, .. } = finder;
    found.holders = holders;
    found.ambiguous = names.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
    found
}

/// Name and shape of a weight.
type Spec = (String, Option<Vec<u64>>);

/// The shapes that a runtime has built, under the names that the same weights have elsewhere; no names where their number
/// differs.
fn named(specs: Option<Vec<Spec>>, shapes: &[Vec<u64>]) -> Vec<Spec> {
    let names = specs.filter(|specs| specs.len() == shapes.len()).unwrap_or_default();
    let mut names = names.into_iter().map(|(name, _)| name);
    shapes.iter().map(|shape| (names.next().unwrap_or_default(), Some(shape.clone()))).collect()
}

struct Finder<'j, 'e, 't> {
    job: &'j Job<'e, 't>,
    leaves: HashMap<&'e str, LeafId>,
    found: Variables<'t>,
    names: HashMap<String, usize>,
}

impl<'t> Finder<'_, '_, 't> {
    /// `top` is the layer of the model itself in which `slot` stands, or which it is.
    fn holder(&mut self, slot: &'t Slot, top: &'t Slot) -> Holder<'t> {
        match &slot.inner {
            Some(inner) => self.model(slot, inner, top),
            None => self.leaf(slot, top),
        }
    }

    fn model(&mut self, slot: &'t Slot, inner: &'t Template, top: &'t Slot) -> Holder<'t> {
        let parts: Vec<Holder<'t>> = inner.layers.iter().map(|part| self.holder(part, top)).collect();
        let (mut trained, mut others, mut by_layer) = (Vec::new(), Vec::new(), Vec::new());
        for part in &parts {
            trained.extend(&part.trained);
            others.extend(&part.others);
            by_layer.extend(&part.by_layer);
        }
        let (trained, others) = self.listed(slot, trained, others, &by_layer);
        let assumed = parts.iter().any(|part| part.assumed);
        Holder { slot, trained, others, by_layer, parts, channels_first: false, assumed }
    }

    /// `trainable_weights` and `non_trainable_weights` of a model whose layers have these.
    fn listed(
        &self,
        slot: &Slot,
        trained: Vec<usize>,
        others: Vec<usize>,
        by_layer: &[usize],
    ) -> (Vec<usize>, Vec<usize>) {
        match self.job.runtime.loader {
            // Keras 3 sorts one list of all by whether they are trained.
            Loader::Keras3 => {
                if !slot.trainable {
                    return (Vec::new(), by_layer.to_vec());
                }
                let is_trained: HashSet<usize> = trained.into_iter().collect();
                by_layer.iter().copied().partition(|id| is_trained.contains(id))
            }
            Loader::Keras1 | Loader::Keras2 | Loader::TfKeras if !slot.trainable => {
                (Vec::new(), trained.into_iter().chain(others).collect())
            }
            Loader::Keras1 | Loader::Keras2 | Loader::TfKeras => (trained, others),
        }
    }

    fn leaf(&mut self, slot: &'t Slot, top: &'t Slot) -> Holder<'t> {
        let leaf = self.leaves.get(slot.path.as_str()).copied();
        let specs = leaf.and_then(|id| self.specs(id));
        let specs = match &slot.weights {
            Some(shapes) => Some(named(specs, shapes)),
            None => specs,
        };
        let assumed = specs.is_none() && !is_weightless(slot);
        let specs = match specs {
            Some(specs) => specs,
            None if assumed => self.of_file(slot, top),
            None => Vec::new(),
        };
        let first = self.found.all.len();
        if !specs.is_empty() {
            *self.names.entry(slot.name.clone()).or_default() += 1;
        }
        let dtype = leaf.map_or("float32", |id| dtype(&self.job.structure.graph.leaves[id].layer.config));
        self.found.all.extend(specs.into_iter().map(|(weight, shape)| Variable {
            path: slot.path.clone(),
            layer: slot.name.clone(),
            weight,
            shape,
            dtype: dtype.to_string(),
        }));
        let by_layer: Vec<usize> = (first..self.found.all.len()).collect();
        let trains = slot.trainable || ignores_flags(self.job.runtime);
        let is_other = |id: &usize| !trains || !is_trained(&self.found.all[*id].weight);
        let (others, trained) = by_layer.iter().copied().partition(is_other);
        let channels_first = leaf.is_some_and(|id| has_channels_first(self.job.structure, id));
        let assumed = assumed && !by_layer.is_empty();
        Holder { slot, trained, others, by_layer, parts: Vec::new(), channels_first, assumed }
    }

    /// The variables of a layer that is understood.
    fn specs(&self, id: LeafId) -> Option<Vec<Spec>> {
        let structure = self.job.structure;
        if matches!(structure.graph.leaves[id].op, Ok(Op::Input(_) | Op::Identity)) {
            return Some(Vec::new());
        }
        let specs = structure.shapes.weights[id].as_ref()?;
        let shape = |axes: &[usize]| -> Vec<u64> { axes.iter().map(|axis| *axis as u64).collect() };
        let specs = specs.iter().map(|spec| (spec.name.to_string(), shape(&spec.shape)));
        let op = structure.graph.leaves[id].op.as_ref().ok();
        let specs = specs.map(|(name, mut shape)| {
            if is_turned_over(op, &name, self.job.runtime)
                && let [filters, channels, rows, columns] = shape[..]
            {
                shape = vec![rows, columns, channels, filters];
            }
            (name, Some(shape))
        });
        Some(specs.collect())
    }

    /// The variables of a layer that is not understood, as the file has them: a layer of the model itself has a group of
    /// its own, one further inside is named by its weights.
    fn of_file(&self, slot: &Slot, top: &Slot) -> Vec<Spec> {
        let table = self.job.table;
        let Some(group) = table.weighted().find(|group| group.layer == top.name) else { return Vec::new() };
        let is_own = std::ptr::eq(slot, top);
        let names = group.tensors.iter().filter_map(|id| table.tensors.get(*id)).map(|tensor| &tensor.name);
        let parts = names.map(|name| layer_and_weight(name));
        let own = parts.filter(|(layer, _)| is_own || *layer == slot.name);
        own.map(|(_, weight)| (weight.to_string(), None)).collect()
    }
}

/// `block/conv/kernel:0` → (`conv`, `kernel`)
pub fn layer_and_weight(name: &str) -> (&str, &str) {
    let mut parts = name.rsplit('/');
    let weight = parts.next().and_then(|last| last.split(':').next()).unwrap_or(name);
    (parts.next().unwrap_or_default(), weight)
}

/// Layers that never have variables, whether or not they can be run here.
fn is_weightless(slot: &Slot) -> bool {
    const CLASSES: [&str; 8] = [
        "InputLayer",
        "Lambda",
        "Masking",
        "RepeatVector",
        "SlicingOpLambda",
        "TFOpLambda",
        "TensorFlowOpLayer",
        "ThresholdedReLU",
    ];
    CLASSES.contains(&slot.class.as_str())
}

/// Whether a layer's `trainable=False` leaves its variables trained, as in Keras 3 before 3.2.
fn ignores_flags(runtime: &Runtime) -> bool {
    runtime.loader == Loader::Keras3 && runtime.version < [3, 2, 0]
}

fn is_trained(weight: &str) -> bool {
    !["moving_", "renorm_"].iter().any(|start| weight.starts_with(start))
        && !["mean", "variance", "count"].contains(&weight)
}

/// The type of a layer's variables. Under mixed precision they are kept in single precision.
fn dtype(config: &Config) -> &str {
    config.text("dtype").filter(|name| ["float16", "float64", "bfloat16"].contains(name)).unwrap_or("float32")
}

fn has_channels_first(structure: &Structure<'_>, id: LeafId) -> bool {
    match &structure.graph.leaves[id].op {
        Ok(Op::Conv2D(conv)) => conv.window.format == DataFormat::ChannelsFirst,
        _ => false,
    }
}

/// Whether the structure has the shape of a kernel as Keras 1 has it under Theano's ordering, and the runtime as Keras 2 has.
fn is_turned_over(op: Option<&Op>, weight: &str, runtime: &Runtime) -> bool {
    matches!(op, Some(Op::Conv2D(conv)) if conv.kernel_order == KernelOrder::Oihw)
        && weight == "kernel"
        && runtime.loader != Loader::Keras1
}
