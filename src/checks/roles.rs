//! What each stored tensor is to its layer: a kernel, a gamma, a moving variance, …

use std::collections::{HashMap, HashSet};

use super::Facts;
use crate::graph::Leaf;
use crate::keras::config::Config;
use crate::keras::{LayerGroup, Layout, StoredTensor, WeightId, WeightTable};
use crate::tensor::Stats;

/// What a tensor is to its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// Multiplied with the input: `kernel`, `depthwise_kernel`, `recurrent_kernel`, …
    Kernel,
    /// Added to the result.
    Bias,
    /// Scale of a normalization.
    Gamma,
    /// Offset of a normalization.
    Beta,
    /// Mean of a normalization.
    Mean,
    /// Variance of a normalization.
    Variance,
}

/// A tensor that has been read, and what it is to its layer.
pub(super) struct Slot<'a> {
    /// `layer/weight`, for a person.
    pub(super) place: String,
    /// The layer, as [`Slot::place`] has it.
    pub(super) layer: String,
    /// Name of the weight: Keras' where known.
    pub(super) weight: &'a str,
    pub(super) role: Role,
    pub(super) tensor: &'a StoredTensor,
    pub(super) stats: &'a Stats,
    /// Arguments of the layer, where the file has them.
    pub(super) config: Option<&'a Config>,
}

impl Slot<'_> {
    /// Whether the file says that training leaves the layer alone.
    pub(super) fn is_frozen(&self) -> bool {
        self.config.is_some_and(|config| !config.flag("trainable", true))
    }
}

/// The tensors of known roles that have been read, in the order of the file.
pub(super) fn slots<'a>(facts: &Facts<'a>) -> Vec<Slot<'a>> {
    let (Some(table), Some(stats)) = (facts.weights(), facts.stats) else { return Vec::new() };
    let owners = owners(facts);
    let numbered = numbered(facts, table);
    let tensors = table.tensors.iter().zip(stats).enumerate();
    tensors
        .filter_map(|(id, (tensor, stats))| {
            let owner = owners.get(&id);
            let role =
                named(&tensor.name).or_else(|| named(owner?.1)).or_else(|| numbered.get(&id).copied())?;
            let weight = owner.map_or_else(|| super::short_name(&tensor.name), |owner| owner.1);
            let layer =
                owner.map_or_else(|| layer_of(&tensor.layer, &tensor.name), |owner| owner.0.path.clone());
            let config = owner.map(|owner| &owner.0.layer.config);
            let place = format!("{layer}/{weight}");
            Some(Slot { place, layer, weight, role, tensor, stats: stats.as_ref().ok()?, config })
        })
        .collect()
}

/// Per tensor, the layer of the architecture it belongs to and its name there.
fn owners<'a>(facts: &Facts<'a>) -> HashMap<WeightId, (&'a Leaf<'a>, &'static str)> {
    let Some(structure) = facts.structure else { return HashMap::new() };
    let mut owners = HashMap::new();
    for (leaf, ids) in &structure.binding.weights {
        let specs = structure.shapes.weights.get(*leaf).and_then(Option::as_deref).unwrap_or_default();
        let Some(leaf) = structure.graph.leaves.get(*leaf) else { continue };
        owners.extend(ids.iter().zip(specs).map(|(id, spec)| (*id, (leaf, spec.name))));
    }
    owners
}

/// The layer of a tensor by its own name: a model stored as one layer has those of its parts in them.
pub(super) fn layer_of(group: &str, name: &str) -> String {
    match name.rsplit_once('/') {
        Some((inner, _)) if inner.split('/').next_back() != group.split('/').next_back() => {
            format!("{group}/{inner}")
        }
        _ => group.to_string(),
    }
}

/// The role by the name of a weight: `bn/gamma:0`, Keras 1's `bn_gamma`.
fn named(name: &str) -> Option<Role> {
    let plain = super::short_name(name);
    let ends = |word: &str| plain == word || plain.strip_suffix(word).is_some_and(|rest| rest.ends_with('_'));
    ENDINGS.iter().find(|(ending, _)| ends(ending)).map(|(_, role)| *role)
}

/// Last words of weights' names. Keras 1's `running_std` holds the variance; its kernels are `_W`, its biases `_b`.
const ENDINGS: &[(&str, Role)] = &[
    ("moving_mean", Role::Mean),
    ("running_mean", Role::Mean),
    ("moving_variance", Role::Variance),
    ("running_std", Role::Variance),
    ("kernel", Role::Kernel),
    ("W", Role::Kernel),
    ("bias", Role::Bias),
    ("b", Role::Bias),
    ("gamma", Role::Gamma),
    ("beta", Role::Beta),
];

/// The roles in Keras 3's `.weights.h5`, where weights are only numbered: a layer of four vectors of one length is a
/// normalization, a layer of one tensor of more axes and at most one vector has a kernel and a bias.
fn numbered(facts: &Facts<'_>, table: &WeightTable) -> HashMap<WeightId, Role> {
    let is_numbered = facts.model().is_some_and(|model| model.layout == Layout::Keras3Weights);
    let groups = table.groups.iter().filter(|_| is_numbered);
    groups
        .flat_map(|group| group.tensors.iter().copied().zip(by_shapes(table, group).iter().copied()))
        .collect()
}

fn by_shapes(table: &WeightTable, group: &LayerGroup) -> &'static [Role] {
    let shape = |id: &WeightId| table.tensors.get(*id).map(|tensor| tensor.dataset.shape.as_slice());
    let shapes: Vec<&[u64]> = group.tensors.iter().filter_map(shape).collect();
    match shapes[..] {
        [[a], [b], [c], [d]] if HashSet::from([a, b, c, d]).len() == 1 => {
            &[Role::Gamma, Role::Beta, Role::Mean, Role::Variance]
        }
        [[.., _, outputs], [bias]] if outputs == bias => &[Role::Kernel, Role::Bias],
        [[_, _, ..]] => &[Role::Kernel],
        _ => &[],
    }
}

/// The normalizations of a file: layers that have both statistics.
pub(super) struct Normalization<'s, 'a> {
    pub(super) gamma: Option<&'s Slot<'a>>,
    pub(super) beta: Option<&'s Slot<'a>>,
    pub(super) mean: &'s Slot<'a>,
    pub(super) variance: &'s Slot<'a>,
}

/// Gathers the normalizations among the tensors, in the order of their variances.
pub(super) fn normalizations<'s, 'a>(slots: &'s [Slot<'a>]) -> Vec<Normalization<'s, 'a>> {
    let of: HashMap<(&str, Role), &Slot<'a>> =
        slots.iter().map(|slot| ((slot.layer.as_str(), slot.role), slot)).collect();
    let find = |slot: &Slot<'a>, role: Role| of.get(&(slot.layer.as_str(), role)).copied();
    let variances = slots.iter().filter(|slot| slot.role == Role::Variance);
    variances
        .filter_map(|variance| {
            let (gamma, beta) = (find(variance, Role::Gamma), find(variance, Role::Beta));
            Some(Normalization { gamma, beta, mean: find(variance, Role::Mean)?, variance })
        })
        .collect()
}

impl Normalization<'_, '_> {
    /// Whether its statistics are those of a new layer: mean 0, variance 1.
    pub(super) fn is_unused(&self) -> bool {
        self.mean.stats.is_all(0.0) && self.variance.stats.is_all(1.0)
    }

    /// Whether nothing of it has moved since it was built.
    pub(super) fn is_new(&self) -> bool {
        self.is_unused() && self.is_unscaled()
    }

    /// Whether gamma and beta are those of a new layer. Blocks may begin with a gamma of 0.
    pub(super) fn is_unscaled(&self) -> bool {
        let gamma = self.gamma.is_none_or(|gamma| gamma.stats.is_all(1.0) || gamma.stats.is_all(0.0));
        gamma && self.beta.is_none_or(|beta| beta.stats.is_all(0.0))
    }
}

/// Whether freezing a kernel says something about it, as of a fixed filter: not where most are, as in transfer learning.
pub(super) fn are_few_frozen(kernels: &[&Slot<'_>]) -> bool {
    2 * kernels.iter().filter(|slot| slot.is_frozen()).count() <= kernels.len()
}

/// `a`, `a and b`, `a, b and 5 more`.
pub(super) fn some_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names[..] {
        [] => String::new(),
        [one] => one.to_string(),
        [one, two] => format!("{one} and {two}"),
        [one, two, ..] => format!("{one}, {two} and {} more", names.len() - 2),
    }
}

/// `1 kernel`, `2 kernels`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, with_facts};

    #[test]
    fn roles_follow_the_names_of_all_eras() {
        for (name, role) in [
            ("conv/kernel:0", Some(Role::Kernel)),
            ("conv/kernel", Some(Role::Kernel)),
            ("sep/depthwise_kernel:0", Some(Role::Kernel)),
            ("convolution2d_1_W:0", Some(Role::Kernel)),
            ("convolution2d_1_b", Some(Role::Bias)),
            ("bn_running_std:0", Some(Role::Variance)),
            ("bn/moving_mean:0", Some(Role::Mean)),
            ("res2a/gamma:0", Some(Role::Gamma)),
            ("prelu/alpha:0", None),
            ("seed_generator_state", None),
            ("0", None),
            ("orb", None),
        ] {
            assert_eq!(named(name), role, "{name}");
        }
    }

    #[test]
    fn tensors_are_found_with_and_without_an_architecture() {
        let roles = |file: &File| {
            with_facts(&file.bytes(), |facts| {
                slots(facts).iter().map(|s| (s.place.clone(), s.role)).collect::<Vec<_>>()
            })
        };
        let expected = vec![
            ("hidden/kernel".to_string(), Role::Kernel),
            ("hidden/bias".to_string(), Role::Bias),
            ("out/kernel".to_string(), Role::Kernel),
            ("out/bias".to_string(), Role::Bias),
        ];
        assert_eq!(roles(&File::small()), expected);
        assert_eq!(roles(&File { config: None, group: Some(""), ..File::small() }), expected);
    }

    #[test]
    fn parts_of_a_model_stored_as_one_layer_are_told_apart() {
        assert_eq!(layer_of("base", "conv1/kernel:0"), "base/conv1");
        assert_eq!(layer_of("conv1", "conv1/kernel:0"), "conv1");
        assert_eq!(layer_of("conv1", "conv1_W"), "conv1");
        assert_eq!(layer_of("inner/conv1", "conv1/kernel"), "inner/conv1");
    }

    #[test]
    fn normalizations_are_gathered_by_their_layer() {
        with_facts(&File::normalized(4).bytes(), |facts| {
            let slots = slots(facts);
            let found = normalizations(&slots);
            assert_eq!(found.iter().map(|n| n.variance.layer.as_str()).collect::<Vec<_>>(), ["bn"]);
            assert!(found[0].gamma.is_some() && found[0].beta.is_some());
            assert!(!found[0].is_unused() && !found[0].is_unscaled());
        });
    }

    #[test]
    fn of_many_names_two_are_told() {
        let told = |names: &[&'static str]| some_of(names.iter().copied());
        assert_eq!([told(&[]), told(&["a"]), told(&["a", "b"])], ["", "a", "a and b"]);
        assert_eq!(told(&["a", "b", "c", "d"]), "a, b and 2 more");
    }
}
