//! Whether a tensor still looks as its initializer made it.
//!
//! Every bound follows from the distribution. With five standard errors on each side, a tensor that was never trained
//! is missed once in a million; how likely a trained one is taken for it depends on its size, so small ones say nothing.

use super::Facts;
use super::roles::{Role, Slot};
use crate::keras::ModelFile;
use crate::keras::initializer::{Distribution, Initializer, TRUNCATED_DEVIATION};
use crate::tensor::{Dtype, Stats};

/// Fewest elements that say anything: with fewer, numbers of a trained layer may lie as an initializer's by chance.
pub(super) const FEWEST: u64 = 64;
/// Standard errors that a mean or variance may be off.
const ERRORS: f64 = 5.0;
/// Elements expected beyond the largest one found, when it is called far from the edge: e⁻⁹ is once in 8000.
const BEYOND: f64 = 9.0;
/// Share of the elements per standard deviation next to the edge of a bell cut off at two: 2·φ(2) / 0.9545.
const EDGE_DENSITY: f64 = 0.1131;
/// Elements after which a bell of the same variance has one beyond the edge of a uniform range, 1.73 standard deviations:
/// (1 − 0.083)^n = e⁻¹¹.
const ENOUGH_UNIFORM: u64 = 128;
/// The same for a bell that is cut off at 2.27 of its standard deviations: (1 − 0.023)^n.
const ENOUGH_TRUNCATED: u64 = 512;

/// Kurtosis of a distribution, and its standard error times the root of the number of elements: of 4000 samples of 64 to
/// 2000 elements drawn with NumPy 2.4.6.
struct Kurtosis(f64, f64);

const UNIFORM: Kurtosis = Kurtosis(1.8, 1.25);
const TRUNCATED: Kurtosis = Kurtosis(2.3678, 2.05);
const NORMAL: Kurtosis = Kurtosis(3.0, 4.9);

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// Elements fill the range of the initializer up to its hard edge, which training does not respect, and they are
    /// enough that those of a bell of the same variance would not do so by chance, but once in 50,000 times.
    Edged,
    /// The spread is that of the initializer, which a trained tensor may have as well.
    Spread,
}

/// Whether a tensor of this shape looks as `initializer` made it; `None` where it does not, or is too small.
pub(super) fn compare(initializer: Initializer, axes: &[u64], dtype: Dtype, stats: &Stats) -> Option<Match> {
    if stats.finite() != stats.count || stats.count < FEWEST {
        return None;
    }
    match initializer {
        // A constant kernel is a finding of its own, trained or not.
        Initializer::Constant(_) => None,
        Initializer::Orthogonal { gain } => orthogonal(gain, axes, stats).then_some(Match::Edged),
        Initializer::Random(_) | Initializer::Scaled { .. } => {
            drawn(initializer.distribution(axes)?, precision(dtype), stats)
        }
    }
}

/// Relative error of a number stored in this type, with room for how the initializer rounds.
fn precision(dtype: Dtype) -> f64 {
    match dtype {
        Dtype::F16 => 1e-3,
        Dtype::BF16 => 8e-3,
        Dtype::F32 | Dtype::F64 | Dtype::Int(_) | Dtype::Uint(_) | Dtype::Other => 1e-5,
    }
}

fn drawn(distribution: Distribution, precision: f64, stats: &Stats) -> Option<Match> {
    let count = stats.count as f64;
    match distribution {
        Distribution::Uniform { low, high } => {
            let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
            let fits = has_moments(stats, middle, half / 3f64.sqrt(), UNIFORM)
                && ends_at(stats, [low, high], 2.0 * half * BEYOND / count, precision);
            fits.then_some(with_edges(stats, ENOUGH_UNIFORM))
        }
        Distribution::Truncated { mean, deviation } => {
            // As Keras draws, and as it did before 2.2.0, when what was drawn had less than the deviation asked for.
            [1.0, TRUNCATED_DEVIATION]
                .iter()
                .find_map(|asked| cut_bell(mean, deviation * asked, precision, stats))
        }
        Distribution::Normal { mean, deviation } => {
            has_moments(stats, mean, deviation, NORMAL).then_some(Match::Spread)
        }
    }
}

fn cut_bell(mean: f64, deviation: f64, precision: f64, stats: &Stats) -> Option<Match> {
    let edges = [mean - 2.0 * deviation, mean + 2.0 * deviation];
    // Each side has half of the elements.
    let gap = deviation * 2.0 * BEYOND / (EDGE_DENSITY * stats.count as f64);
    let fits = has_moments(stats, mean, deviation * TRUNCATED_DEVIATION, TRUNCATED)
        && ends_at(stats, edges, gap, precision);
    fits.then_some(with_edges(stats, ENOUGH_TRUNCATED))
}

fn with_edges(stats: &Stats, enough: u64) -> Match {
    if stats.count >= enough { Match::Edged } else { Match::Spread }
}

/// Whether mean, variance and kurtosis are no farther from the expected ones than chance brings them.
fn has_moments(stats: &Stats, mean: f64, deviation: f64, Kurtosis(kurtosis, its_error): Kurtosis) -> bool {
    let (Some(found_mean), Some(found)) = (stats.mean(), stats.std()) else { return false };
    let root = (stats.count as f64).sqrt();
    let has_kurtosis = || {
        let found = stats.kurtosis();
        found.is_some_and(|found| (found - kurtosis).abs() <= ERRORS * its_error / root)
    };
    let of_mean = ERRORS * deviation / root;
    let of_variance = ERRORS * (kurtosis - 1.0).sqrt() / root;
    let variance = (found / deviation).powi(2);
    (found_mean - mean).abs() <= of_mean && (variance - 1.0).abs() <= of_variance && has_kurtosis()
}

/// Whether the elements end at both edges: none beyond, and none missing for more than `gap` before.
fn ends_at(stats: &Stats, [low, high]: [f64; 2], gap: f64, precision: f64) -> bool {
    let beyond = precision * low.abs().max(high.abs());
    let (min, max) = (f64::from(stats.min), f64::from(stats.max));
    min >= low - beyond && min <= low + gap && max <= high + beyond && max >= high - gap
}

/// Whether the rows or columns of the kernel, as a matrix with the outputs as columns, all have the length `gain`.
fn orthogonal(gain: f64, axes: &[u64], stats: &Stats) -> bool {
    let Some((columns, rows)) = axes.split_last() else { return false };
    let (columns, rows) = (*columns as f64, rows.iter().map(|n| *n as f64).product::<f64>());
    let expected = gain * gain * columns.min(rows);
    let is_near = |found: f64, expected: f64| (found - expected).abs() <= 1e-4 * expected;
    let norms = stats.channels.as_ref().and_then(|channels| channels.min_norm.zip(channels.max_norm));
    let columns_fit = rows < columns
        || norms.is_some_and(|(min, max)| is_near(min, gain.abs()) && is_near(max, gain.abs()));
    gain != 0.0 && is_near(stats.energy(), expected) && columns_fit
}

/// Which kernels of a file are as their initializers made them, and which are not.
#[derive(Default)]
pub(super) struct Survey<'s, 'a> {
    /// Those that are, with the initializer's name.
    pub(super) fresh: Vec<Fresh<'s, 'a>>,
    /// Those that training, or somebody, has changed.
    pub(super) changed: Vec<&'s Slot<'a>>,
}

impl Survey<'_, '_> {
    /// How well the initializers fit: kernels that are as they make them, and how many of these are sure.
    fn fit(&self) -> (usize, usize) {
        (self.fresh.len(), self.fresh.iter().filter(|fresh| fresh.how == Match::Edged).count())
    }
}

/// A kernel that is as its initializer made it.
pub(super) struct Fresh<'s, 'a> {
    pub(super) slot: &'s Slot<'a>,
    pub(super) initializer: String,
    pub(super) how: Match,
}

/// Holds every kernel against the initializer that its layer names; kernels that are too small, or of initializers that
/// are not known, are left out. Without an architecture, the one of Keras' that fits most kernels stands for all.
pub(super) fn survey<'s, 'a>(facts: &Facts<'a>, slots: &'s [Slot<'a>]) -> Survey<'s, 'a> {
    let is_old = facts.model().is_some_and(wrote_keras1);
    let kernels = || slots.iter().filter(|slot| slot.role == Role::Kernel && slot.stats.count >= FEWEST);
    let named = kernels().filter_map(|slot| Some((slot, initializer_of(slot)?)));
    let survey = collect(named, is_old);
    if slots.iter().any(|slot| slot.config.is_some()) {
        return survey;
    }
    let candidates = Initializer::scaled().map(|(name, initializer)| {
        collect(kernels().map(|slot| (slot, (name.to_string(), initializer))), is_old)
    });
    let better =
        |best: Survey<'s, 'a>, next: Survey<'s, 'a>| if next.fit() > best.fit() { next } else { best };
    candidates.reduce(better).unwrap_or_default()
}

fn collect<'s, 'a: 's>(
    kernels: impl Iterator<Item = (&'s Slot<'a>, (String, Initializer))>,
    is_old: bool,
) -> Survey<'s, 'a> {
    let mut survey = Survey::default();
    for (slot, (name, initializer)) in kernels {
        let initializer = if is_old { initializer.of_keras1() } else { initializer };
        let dataset = &slot.tensor.dataset;
        match compare(initializer, &dataset.shape, dataset.dtype, slot.stats) {
            Some(how) => survey.fresh.push(Fresh { slot, initializer: name, how }),
            None => survey.changed.push(slot),
        }
    }
    survey
}

fn wrote_keras1(model: &ModelFile) -> bool {
    model.saved_by.keras_version.as_deref().is_some_and(|version| version.starts_with("1."))
}

/// The initializer that a kernel's layer names, and its name.
fn initializer_of(slot: &Slot<'_>) -> Option<(String, Initializer)> {
    let config = slot.config?;
    // `depthwise_kernel` is made by `depthwise_initializer`, `kernel` by `kernel_initializer`.
    let argument = match slot.weight {
        "kernel" if config.get("kernel_initializer").is_none() => "depthwise_initializer".to_string(),
        "kernel" => "kernel_initializer".to_string(),
        other => format!("{}_initializer", other.trim_end_matches("_kernel")),
    };
    let initializer = Initializer::parse(config, &argument)?;
    let value = config.get(&argument)?;
    let name = value.as_str().or_else(|| value.get("class_name")?.as_str())?;
    Some((name.to_string(), initializer))
}

/// The number with which a kernel's layer says it begins.
pub(super) fn named_constant(slot: &Slot<'_>) -> Option<f32> {
    match initializer_of(slot)? {
        (_, Initializer::Constant(value)) => Some(value as f32),
        (_, Initializer::Random(_) | Initializer::Scaled { .. } | Initializer::Orthogonal { .. }) => None,
    }
}

#[cfg(test)]
#[path = "initial/tests.rs"]
mod tests;
