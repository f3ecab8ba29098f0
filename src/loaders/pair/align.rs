//! Which layer of a file belongs to which layer of a model: by place, by name, or by what they hold.

use std::collections::{HashMap, HashSet};

use super::Model;
use super::roles::roles;
use crate::keras::WeightTable;
use crate::limits;
use crate::loaders::Evidence;
use crate::loaders::config::{Slot, Template};
use crate::loaders::weights::layer_and_weight;

/// By what layers were put side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Both have as many layers, which stand side by side as Keras takes them.
    Place,
    /// The numbers differ, and many names agree.
    Name,
    /// The numbers differ, and so do the names: by their shapes, in order.
    Shapes,
}

impl Pairing {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Pairing::Place => "by place",
            Pairing::Name => "by name",
            Pairing::Shapes => "by shapes",
        }
    }
}

/// Whether what is stored fits a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Fits,
    /// It fits when a kernel is turned over from Theano's order.
    Theano,
    /// A shape differs.
    Shape,
    /// There are more or fewer weights.
    Count,
    /// The file has nothing for it.
    Missing,
    /// The model has no layer for it.
    Extra,
    /// What the layer must have is not known.
    Unknown,
}

impl Verdict {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Fits => "fits",
            Verdict::Theano => "theano",
            Verdict::Shape => "shape",
            Verdict::Count => "count",
            Verdict::Missing => "missing",
            Verdict::Extra => "extra",
            Verdict::Unknown => "unknown",
        }
    }
}

/// A weight that a layer must have, beside the one that it would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightPair {
    /// Keras' name of it, or the file's.
    pub name: String,
    /// The shape it must have.
    pub expected: Option<Vec<u64>>,
    /// The shape that is stored.
    pub found: Option<Vec<u64>>,
}

/// A layer of the model beside one of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Path of the layer of the model.
    pub layer: Option<String>,
    /// What it is in the ResNet.
    pub role: Option<String>,
    /// Name of the layer of the file.
    pub stored: Option<String>,
    /// Its weights.
    pub weights: Vec<WeightPair>,
    /// Whether it fits.
    pub verdict: Verdict,
}

/// All layers side by side. A model in the model, and a group that holds one, are taken apart.
#[derive(Clone, Debug)]
pub struct Alignment {
    /// By what.
    pub pairing: Pairing,
    /// The layers.
    pub rows: Vec<Row>,
    /// Layers of the model that have weights.
    pub layers: usize,
    /// The same, models in it as one.
    pub holders: usize,
    /// Layers of the file that have weights.
    pub stored: usize,
    /// How many fit in their places.
    pub by_place: usize,
    /// How many have the same name on both sides and fit.
    pub by_name: usize,
    /// What explains it, in sentences.
    pub notes: Vec<String>,
}

/// A layer with its weights, of either side.
#[derive(Clone, Debug)]
struct Unit {
    path: String,
    name: String,
    role: Option<String>,
    /// Names and shapes; no shapes where they are not known.
    weights: Vec<(String, Option<Vec<u64>>)>,
    /// The layer of the model itself that it stands in.
    top: String,
}

/// Puts a model and a file side by side.
pub fn align(model: Model<'_>, template: &Template, weights: &Evidence<'_>) -> Alignment {
    let wanted = wanted(model, template);
    let stored = weights.model.and_then(|found| found.as_ref().ok()).map(|found| stored(&found.weights));
    let stored = stored.unwrap_or_default();
    let tops = |units: &[Unit]| units.iter().map(|unit| unit.top.clone()).collect::<HashSet<_>>().len();
    let pairing = pairing(&wanted, &stored);
    let pairs = match pairing {
        Pairing::Place => (0..wanted.len()).map(|at| (Some(at), Some(at))).collect(),
        Pairing::Name => by_name(&wanted, &stored),
        Pairing::Shapes => by_shapes(&wanted, &stored),
    };
    let mut alignment = Alignment {
        pairing,
        rows: pairs.into_iter().map(|(a, b)| row(a.map(|a| &wanted[a]), b.map(|b| &stored[b]))).collect(),
        layers: wanted.len(),
        holders: tops(&wanted),
        stored: stored.len(),
        by_place: wanted.iter().zip(&stored).filter(|(a, b)| verdict(a, b) == Verdict::Fits).count(),
        by_name: names_that_fit(&wanted, &stored),
        notes: Vec::new(),
    };
    if wanted.len() != stored.len() {
        alignment.by_place = 0;
    }
    alignment.notes = notes(&alignment, &wanted, &stored, tops(&stored));
    alignment
}

fn wanted(model: Model<'_>, template: &Template) -> Vec<Unit> {
    let graph = &model.structure.graph;
    let leaves: HashMap<&str, usize> =
        graph.leaves.iter().enumerate().map(|(id, leaf)| (leaf.path.as_str(), id)).collect();
    let (roles, mut units, mut open) = (roles(graph), Vec::new(), Vec::new());
    open.extend(template.layers.iter().rev().map(|slot| (slot, slot)));
    while let Some((slot, top)) = open.pop() {
        if let Some(inner) = &slot.inner {
            open.extend(inner.layers.iter().rev().map(|part: &Slot| (part, top)));
            continue;
        }
        let Some(leaf) = leaves.get(slot.path.as_str()) else { continue };
        let Some(specs) = &model.structure.shapes.weights[*leaf] else { continue };
        if specs.is_empty() {
            continue;
        }
        let shape = |axes: &[usize]| Some(axes.iter().map(|axis| *axis as u64).collect());
        units.push(Unit {
            path: slot.path.clone(),
            name: slot.name.clone(),
            role: roles.get(leaf).cloned(),
            weights: specs.iter().map(|spec| (spec.name.to_string(), shape(&spec.shape))).collect(),
            top: top.name.clone(),
        });
    }
    units
}

/// The layers of a file. A group of a model in the model names the layers in its weights: `conv1_conv/kernel:0`.
fn stored(table: &WeightTable) -> Vec<Unit> {
    let mut units = Vec::new();
    for group in table.weighted() {
        let tensors: Vec<_> = group.tensors.iter().filter_map(|id| table.tensors.get(*id)).collect();
        let layers: HashSet<&str> = tensors.iter().map(|tensor| layer_and_weight(&tensor.name).0).collect();
        let is_model = layers.len() > 1 && !layers.contains("");
        let mut places: HashMap<&str, usize> = HashMap::new();
        for tensor in tensors {
            let (layer, weight) = layer_and_weight(&tensor.name);
            let name = if is_model { layer } else { group.layer.as_str() };
            let place = *places.entry(name).or_insert_with(|| {
                units.push(Unit {
                    path: if is_model { format!("{}/{name}", group.layer) } else { name.to_string() },
                    name: name.to_string(),
                    role: None,
                    weights: Vec::new(),
                    top: group.layer.clone(),
                });
                units.len() - 1
            });
            units[place].weights.push((weight.to_string(), Some(tensor.dataset.shape.clone())));
        }
    }
    units
}

fn pairing(wanted: &[Unit], stored: &[Unit]) -> Pairing {
    if wanted.len() == stored.len() {
        return Pairing::Place;
    }
    let names: HashSet<&str> = wanted.iter().map(|unit| unit.name.as_str()).collect();
    let shared = stored.iter().filter(|unit| names.contains(unit.name.as_str())).count();
    let is_too_much = wanted.len().saturating_mul(stored.len()) > limits::MAX_COMPARED;
    if is_too_much || shared * 2 > wanted.len().min(stored.len()) { Pairing::Name } else { Pairing::Shapes }
}

type Places = Vec<(Option<usize>, Option<usize>)>;

fn by_name(wanted: &[Unit], stored: &[Unit]) -> Places {
    let mut rest: HashMap<&str, usize> = HashMap::new();
    for (at, unit) in stored.iter().enumerate() {
        rest.entry(unit.name.as_str()).or_insert(at);
    }
    let mut taken = HashSet::new();
    let mut pairs: Places = Vec::new();
    for (at, unit) in wanted.iter().enumerate() {
        let found = rest.get(unit.name.as_str()).copied().filter(|found| taken.insert(*found));
        pairs.push((Some(at), found));
    }
    pairs.extend((0..stored.len()).filter(|at| !taken.contains(at)).map(|at| (None, Some(at))));
    pairs
}

/// The longest row of layers with the same shapes, in order on both sides.
fn by_shapes(wanted: &[Unit], stored: &[Unit]) -> Places {
    let width = stored.len() + 1;
    let mut longest = vec![0u32; (wanted.len() + 1) * width];
    for a in (0..wanted.len()).rev() {
        for b in (0..stored.len()).rev() {
            longest[a * width + b] = if verdict(&wanted[a], &stored[b]) == Verdict::Fits {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b, mut pairs): (usize, usize, Places) = (0, 0, Vec::new());
    while a < wanted.len() && b < stored.len() {
        let here = longest[a * width + b];
        if verdict(&wanted[a], &stored[b]) == Verdict::Fits {
            pairs.push((Some(a), Some(b)));
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * width + b] == here {
            pairs.push((Some(a), None));
            a += 1;
        } else {
            pairs.push((None, Some(b)));
            b += 1;
        }
    }
    pairs.extend((a..wanted.len()).map(|a| (Some(a), None)));
    pairs.extend((b..stored.len()).map(|b| (None, Some(b))));
    pairs
}

fn verdict(wanted: &Unit, stored: &Unit) -> Verdict {
    if wanted.weights.len() != stored.weights.len() {
        return Verdict::Count;
    }
    let mut verdict = Verdict::Fits;
    for ((_, want), (_, have)) in wanted.weights.iter().zip(&stored.weights) {
        match (want, have) {
            (Some(want), Some(have)) if want == have => {}
            (Some(want), Some(have)) if is_theano(want, have) => verdict = Verdict::Theano,
            (Some(_), Some(_)) => return Verdict::Shape,
            _ => return Verdict::Unknown,
        }
    }
    verdict
}

/// A kernel in Theano's order: filters, channels, rows, columns.
fn is_theano(want: &[u64], have: &[u64]) -> bool {
    matches!((want, have), ([rows, columns, channels, filters], [a, b, c, d])
        if [a, b, c, d] == [filters, channels, rows, columns])
}

fn row(wanted: Option<&Unit>, stored: Option<&Unit>) -> Row {
    let verdict = match (wanted, stored) {
        (Some(wanted), Some(stored)) => verdict(wanted, stored),
        (Some(_), None) => Verdict::Missing,
        (None, _) => Verdict::Extra,
    };
    let (want, have) =
        (wanted.map_or(&[][..], |unit| &unit.weights), stored.map_or(&[][..], |unit| &unit.weights));
    let weight = |at: usize| {
        let (want, have) = (want.get(at), have.get(at));
        let name = want.or(have).map(|(name, _)| name.clone()).unwrap_or_default();
        let shape = |side: Option<&(String, Option<Vec<u64>>)>| side.and_then(|(_, shape)| shape.clone());
        WeightPair { name, expected: shape(want), found: shape(have) }
    };
    Row {
        layer: wanted.map(|unit| unit.path.clone()),
        role: wanted.and_then(|unit| unit.role.clone()),
        stored: stored.map(|unit| unit.path.clone()),
        weights: (0..want.len().max(have.len())).map(weight).collect(),
        verdict,
    }
}

fn names_that_fit(wanted: &[Unit], stored: &[Unit]) -> usize {
    let by_name: HashMap<&str, &Unit> = stored.iter().map(|unit| (unit.name.as_str(), unit)).collect();
    let fits = |unit: &&Unit| {
        by_name.get(unit.name.as_str()).is_some_and(|found| verdict(unit, found) == Verdict::Fits)
    };
    wanted.iter().filter(fits).count()
}

fn notes(alignment: &Alignment, wanted: &[Unit], stored: &[Unit], stored_tops: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if alignment.layers == alignment.stored
        && alignment.by_place < alignment.layers
        && same_layers(wanted, stored)
    {
        let first = alignment.rows.iter().find(|row| row.verdict != Verdict::Fits);
        let from = first.and_then(|row| row.layer.clone()).unwrap_or_default();
        notes.push(format!(
            "Both have the same {} layers in another order, so loading by place goes wrong from {from} on; in a ResNet it is the \
             convolution of the shortcut that stands before or behind its branch. Load by role instead.",
            alignment.layers
        ));
    }
    if alignment.holders != alignment.layers
        && stored_tops == alignment.stored
        && alignment.by_place == alignment.layers
    {
        notes.push("The model holds a model that the file has layer by layer: load the weights into the inner model.".into());
    }
    if alignment.holders == alignment.layers && stored_tops != alignment.stored {
        notes.push("The file has a model in the model, and the model has its layers themselves: build it nested, load, then take the inner model.".into());
    }
    let turned = alignment.rows.iter().filter(|row| row.verdict == Verdict::Theano).count();
    if turned > 0 {
        notes.push(format!("{turned} kernels are stored in Theano's order (filters, channels, rows, columns): transpose them."));
    }
    match alignment.layers.abs_diff(alignment.stored) {
        1 if differs_in_the_head(alignment) => {
            notes.push("One side has the classifier and the other has not: build the model with the same include_top.".into());
        }
        _ => {}
    }
    notes
}

fn differs_in_the_head(alignment: &Alignment) -> bool {
    let mut others = alignment.rows.iter().filter(|row| row.verdict != Verdict::Fits);
    let is_dense = |row: &Row| {
        row.weights.first().is_some_and(|weight| {
            weight.expected.as_ref().or(weight.found.as_ref()).is_some_and(|shape| shape.len() == 2)
        })
    };
    others.next().is_some_and(is_dense) && others.next().is_none()
}

/// Whether both sides have the same layers, whatever their order.
fn same_layers(wanted: &[Unit], stored: &[Unit]) -> bool {
    let shapes = |units: &[Unit]| {
        let mut all: Vec<Vec<Option<Vec<u64>>>> =
            units.iter().map(|unit| unit.weights.iter().map(|(_, shape)| shape.clone()).collect()).collect();
        all.sort();
        all
    };
    shapes(wanted) == shapes(stored)
}
