//! A model and a file of weights, for scripts and for reading.

use serde::Serialize;

use super::Load;
use super::terminal::Lines;
use crate::loaders::pair::{self, Row, WeightPair};
use crate::ops::tuple;

/// What becomes of a model and the weights of another file.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// Name of the file with the architecture.
    pub model: String,
    /// Name of the file with the weights.
    pub weights: String,
    /// Layers of the model with weights, models in it taken apart.
    pub layers: usize,
    /// Layers of the file with weights.
    pub stored: usize,
    /// How the rows came about: `by place`, `by name` or `by shapes`.
    pub pairing: &'static str,
    /// Layers that fit in their places; 0 where the numbers of layers differ, as then nothing is loaded.
    pub by_place: usize,
    /// Layers that have the same name on both sides and fit.
    pub by_name: usize,
    /// The same in sentences.
    pub summary: [String; 2],
    /// What explains it.
    pub notes: Vec<String>,
    /// What every call does in every runtime.
    pub loads: Vec<PairLoad>,
    /// Layer beside layer.
    pub alignment: Vec<PairRow>,
}

/// What one call of `load_weights` does in one runtime.
#[derive(Clone, Debug, Serialize)]
pub struct PairLoad {
    /// Short name of the runtime and the rest, as for whole models.
    #[serde(flatten)]
    pub load: super::Load,
    /// Layers of the model that get weights, where nothing is raised; models in it count as one.
    pub loaded: Option<usize>,
}

/// A layer of the model beside one of the file.
#[derive(Clone, Debug, Serialize)]
pub struct PairRow {
    /// Path of the layer of the model.
    pub layer: Option<String>,
    /// What it is in the ResNet: `stage 2, block 1, shortcut`.
    pub role: Option<String>,
    /// Name of the layer of the file.
    pub stored: Option<String>,
    /// `fits`, `theano`, `shape`, `count`, `missing`, `extra` or `unknown`.
    pub verdict: &'static str,
    /// Its weights.
    pub weights: Vec<PairWeight>,
}

/// A weight of a row.
#[derive(Clone, Debug, Serialize)]
pub struct PairWeight {
    /// Its name.
    pub name: String,
    /// The shape it must have.
    pub expected: Option<Vec<u64>>,
    /// The shape that is stored.
    pub found: Option<Vec<u64>>,
}

impl Pair {
    /// Puts it together; `model` and `weights` are the names of the files.
    pub fn new(model: &str, weights: &str, pair: &pair::Pair) -> Pair {
        let found = &pair.alignment;
        Pair {
            model: model.to_string(),
            weights: weights.to_string(),
            layers: found.layers,
            stored: found.stored,
            pairing: found.pairing.word(),
            by_place: found.by_place,
            by_name: found.by_name,
            summary: summary(found),
            notes: found.notes.clone(),
            loads: pair.loads.iter().map(load).collect(),
            alignment: found.rows.iter().map(row).collect(),
        }
    }

    /// For a terminal: the sums, what explains them, the layers that don't fit, and every runtime.
    pub fn text(&self) -> String {
        let mut out = Lines::default();
        out.line("");
        out.line(&format!("The weights of {} in the model of {}:", self.weights, self.model));
        self.summary.iter().for_each(|sentence| out.line(&format!("  {sentence}")));
        self.notes.iter().for_each(|note| out.line(&format!("  {note}")));
        let misfits: Vec<&PairRow> = self.alignment.iter().filter(|row| row.verdict != "fits").collect();
        if !misfits.is_empty() {
            out.line("");
            out.line(&format!("Layers side by side {}, those that don't fit:", self.pairing));
        }
        misfits.iter().take(MAX_SHOWN).for_each(|row| out.line(&line(row)));
        if misfits.len() > MAX_SHOWN {
            out.line(&format!("  … and {} more", misfits.len() - MAX_SHOWN));
        }
        out.line("");
        self.outcomes().iter().for_each(|line| out.line(line));
        out.text()
    }

    /// Every call, and what happens in which runtimes; those where the same happens stand together.
    fn outcomes(&self) -> Vec<String> {
        let mut groups: Vec<(&str, String, Vec<&str>)> = Vec::new();
        for load in &self.loads {
            let (call, what) = (load.load.call.as_str(), said(load));
            match groups.iter_mut().find(|group| group.0 == call && group.1 == what) {
                Some(group) => group.2.push(load.load.name),
                None => groups.push((call, what, vec![load.load.name])),
            }
        }
        groups.sort_by_key(|group| group.0);
        groups
            .into_iter()
            .map(|(call, what, names)| format!("  {call} in {}: {what}", names.join(", ")))
            .collect()
    }
}

fn summary(found: &pair::Alignment) -> [String; 2] {
    let pair::Alignment { by_place, by_name, layers, stored, .. } = found;
    [
        format!("By place, {by_place} of {layers} layers fit; {stored} are stored."),
        format!("By name, {by_name} of {layers} layers would be loaded."),
    ]
}

/// Layers shown in a terminal.
const MAX_SHOWN: usize = 12;

fn load(load: &pair::Load) -> PairLoad {
    PairLoad {
        load: Load::new((load.runtime.id, load.runtime.name), load.call.word().to_string(), &load.outcome),
        loaded: load.loaded,
    }
}

fn row(row: &Row) -> PairRow {
    let weight = |WeightPair { name, expected, found }: &WeightPair| PairWeight {
        name: name.clone(),
        expected: expected.clone(),
        found: found.clone(),
    };
    PairRow {
        layer: row.layer.clone(),
        role: row.role.clone(),
        stored: row.stored.clone(),
        verdict: row.verdict.word(),
        weights: row.weights.iter().map(weight).collect(),
    }
}

fn line(row: &PairRow) -> String {
    let name = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".into());
    let role = row.role.as_ref().map(|role| format!(" ({role})")).unwrap_or_default();
    let differs = row.weights.iter().find(|weight| weight.expected != weight.found);
    let shape = |shape: &Option<Vec<u64>>| shape.as_ref().map_or("nothing".to_string(), |axes| tuple(axes));
    let shapes = differs.map(|weight| {
        format!(": {} expected {}, found {}", weight.name, shape(&weight.expected), shape(&weight.found))
    });
    format!("  {}{role} ← {}{}", name(&row.layer), name(&row.stored), shapes.unwrap_or_default())
}

fn said(load: &PairLoad) -> String {
    let super::Load { name, outcome, exception, message, reason, .. } = &load.load;
    let why = match (exception, message, reason) {
        (Some(exception), Some(message), _) => {
            format!(": {exception}: {}", message.lines().next().unwrap_or_default())
        }
        // A reason may name the runtime, which stands before it already.
        (_, _, Some(reason)) => {
            format!(": {}", reason.strip_prefix(name).map_or(reason.as_str(), str::trim_start))
        }
        _ => String::new(),
    };
    format!("{outcome}{why}")
}
