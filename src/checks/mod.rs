//! What can be wrong with a file: one file per rule.
//!
//! A rule says what it means and what to do; its check looks at [`Facts`] and reports [`Finding`]s. Codes: `F` for
//! the file, `A` for the architecture, `S` for how the weights are stored, `W` for the weights themselves.

mod custom;
mod document;
mod initial;
mod roles;
#[cfg(test)]
pub(crate) mod testing;

pub use document::document;

use crate::finding::{Finding, Rule};
use crate::hdf5;
use crate::keras::{Layout, ModelFile, WeightTable};
use crate::limits;
use crate::loaders::{Load, imageai, pair};
use crate::plan::Structure;
use crate::plan::bind::Mismatch;
use crate::sniff::Kind;
use crate::source::ReadError;
use crate::tensor::Stats;
use crate::zoo::Recognition;

/// What is known of a file, as far as the stages before have come.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Its name, without folders.
    pub name: &'a str,
    /// MD5 in hexadecimal; present once the whole file has been read.
    pub md5: Option<&'a str>,
    /// Length in bytes.
    pub length: u64,
    /// What it is.
    pub kind: &'a Result<Kind, ReadError>,
    /// The end the superblock declares.
    pub extent: Option<hdf5::Extent>,
    /// The file around the model.
    pub container: Option<&'a hdf5::Container>,
    /// The Keras file in it, or why there is none.
    pub model: Option<&'a Result<ModelFile, hdf5::Error>>,
    /// The architecture, opened.
    pub structure: Option<&'a Structure<'a>>,
    /// Which network it is.
    pub recognition: Option<&'a Recognition>,
    /// What every runtime does with the file; present once that is predicted.
    pub loads: Option<&'a [Load]>,
    /// What every ImageAI does with the file; present once that is predicted.
    pub imageai: Option<&'a [imageai::Answer]>,
    /// The network that weights alone belong to, built by code, and what becomes of them in it.
    pub builds: Option<&'a (pair::Family, Vec<pair::Load>)>,
    /// Statistics per stored tensor; present once the weights have been read.
    pub stats: Option<&'a [Result<Stats, hdf5::Error>]>,
}

impl<'a> Facts<'a> {
    /// Of a file of which nothing is known but what it is.
    pub fn new(name: &'a str, length: u64, kind: &'a Result<Kind, ReadError>) -> Facts<'a> {
        Facts {
            name,
            length,
            kind,
            md5: None,
            extent: None,
            container: None,
            model: None,
            structure: None,
            recognition: None,
            loads: None,
            imageai: None,
            builds: None,
            stats: None,
        }
    }

    fn model(&self) -> Option<&'a ModelFile> {
        self.model?.as_ref().ok()
    }

    fn weights(&self) -> Option<&'a WeightTable> {
        self.model().map(|model| &model.weights)
    }

    /// The file around a model, whatever state that is in.
    fn container_of_model(&self) -> Option<&'a hdf5::Container> {
        self.model().filter(|model| model.layout != Layout::NotKeras).and(self.container)
    }

    /// Tensors that were not read, with their paths and why. Of those that are damaged another rule speaks.
    pub fn unread(&self) -> impl Iterator<Item = (&'a str, &'a hdf5::Error)> {
        let tensors = self.weights().map(|table| table.tensors.as_slice()).unwrap_or_default();
        let read = tensors.iter().zip(self.stats.unwrap_or_default());
        read.filter_map(|(tensor, stats)| Some((tensor.dataset.path.as_str(), stats.as_ref().err()?)))
    }

    /// Whether the file ends before the end its superblock declares, or, as a zip archive, before its directory.
    pub fn is_truncated(&self) -> bool {
        self.extent.is_some_and(|extent| extent.end > self.length)
            || self.kind.as_ref().is_ok_and(Kind::is_cut_archive)
    }

    /// The stored tensors with their statistics.
    fn measured(&self) -> impl Iterator<Item = (String, &'a Stats)> {
        let tensors = self.weights().map(|table| table.tensors.as_slice()).unwrap_or_default();
        tensors.iter().zip(self.stats.unwrap_or_default()).filter_map(|(tensor, stats)| {
            let layer = roles::layer_of(&tensor.layer, &tensor.name);
            Some((format!("{layer}/{}", short_name(&tensor.name)), stats.as_ref().ok()?))
        })
    }
}

/// Where the architecture and the stored weights disagree.
fn mismatches<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a Mismatch> + use<'a> {
    // Promises the file breaks are reported as such; the counts that follow from them would only repeat it.
    let broken = facts.is_truncated() || facts.weights().is_some_and(|table| !table.problems.is_empty());
    let structure = facts.structure.filter(|_| !broken);
    structure.map(|s| s.binding.mismatches.as_slice()).unwrap_or_default().iter()
}

/// `block/conv/kernel:0` → `conv/kernel`, so that a place reads `layer/weight`.
fn short_name(name: &str) -> &str {
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    name.rsplit_once('/').map_or(name, |(_, weight)| weight)
}

/// A rule and how it is checked.
pub struct Check {
    /// The rule.
    pub rule: &'static Rule,
    /// Reports what it finds.
    pub run: fn(&Facts<'_>) -> Vec<Finding>,
}

macro_rules! checks {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// Every check, in the order in which a person wants to read what they find.
        pub static CHECKS: &[Check] = &[$(Check { rule: &$module::RULE, run: $module::check }),*];
    };
}

checks! {
    unreadable,
    empty,
    not_hdf5,
    keras_zip,
    truncated,
    partial,
    corrupt,
    damaged_object,
    external_link,
    soft_link,
    external_data,
    shape_bomb,
    link_cycle,
    overlap,
    trailing_bytes,
    not_keras,
    broken_save,
    k3_weights,
    windows_paths,
    lambda,
    unsafe_reference,
    no_config,
    weights_only,
    not_official,
    bad_config,
    unknown_layer,
    unknown_activation,
    unknown_object,
    custom_object,
    outside_file,
    unsupported_layer,
    impossible_layer,
    not_resnet,
    departs,
    imageai_preprocess,
    no_weights,
    missing_attr,
    missing_layer,
    missing_dataset,
    layer_count,
    order,
    weight_count,
    shape_mismatch,
    not_read,
    never_written,
    theano,
    theano_flipped,
    nan,
    inf,
    huge,
    bad_bn,
    zero_all,
    zero_layer,
    constant,
    untrained,
    partly_untrained,
    bn_untrained,
    suspicious,
    swapped,
    duplicate,
    dead_channels,
    rounded,
    float64,
    functional,
    newer_kwarg,
    str_decode,
    not_utf8,
    bad_training_config,
    unknown_loss,
    unknown_metric,
    unknown_optimizer,
}

/// All findings, at most [`limits::MAX_FINDINGS_PER_RULE`] of each rule.
pub fn run_all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in CHECKS {
        let mut found = (check.run)(facts);
        let total = found.len();
        found.truncate(limits::MAX_FINDINGS_PER_RULE);
        if let Some(last) = found.last_mut().filter(|_| total > limits::MAX_FINDINGS_PER_RULE) {
            last.message =
                format!("{} (and {} more like it)", last.message, total - limits::MAX_FINDINGS_PER_RULE);
        }
        findings.extend(found);
    }
    findings
}

/// The rule with this code or name, letters in either case.
pub fn rule(code: &str) -> Option<&'static Rule> {
    CHECKS
        .iter()
        .map(|check| check.rule)
        .find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name.eq_ignore_ascii_case(code))
}
