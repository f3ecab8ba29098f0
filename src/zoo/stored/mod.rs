//! Which network stored weights belong to, where a file has no architecture: by their shapes and order.
//!
//! What shapes do not show stays open: strides, padding, activations, epsilon, and which layer feeds which.

pub mod layers;
pub mod trunk;
mod prints;
#[cfg(test)]
mod tests;

use super::families::{Variant, Version, WIDE_SHORTCUTS, depth, widening};
use super::naming::Naming;
use super::recognise::{Basis, Departure, Recognition, ResNet, Unknown, family, stages};
use crate::finding::Place;
use crate::keras::ModelFile;
use layers::{Kind, Layer, Listed};
use trunk::{Found, Order, Trunk};

/// Recognises a network by the weights a file stores of it; `None` where there are none.
pub fn recognise_weights(model: &ModelFile) -> Option<Recognition> {
    recognise_listed(&layers::listed(model))
}

/// The same of any list of tensors.
pub fn recognise_listed(listed: &[Listed]) -> Option<Recognition> {
    let layers = layers::layers(listed, layers::kernel_order(listed));
    if layers.is_empty() {
        return None;
    }
    let found = Found::new(&layers);
    let trunk = if prints::is_made_of_other(&layers) { None } else { found.nearest() };
    let convs = count_of(&layers, |kind| matches!(kind, Kind::Conv(_) | Kind::Transposed(_)));
    Some(match trunk {
        Some(trunk) => match prints::around_resnet(&layers, &trunk, convs) {
            Some(other) => Recognition::Other(other),
            None => Recognition::ResNet(Box::new(resnet(listed, &layers, &trunk))),
        },
        None => prints::name(&layers).map_or_else(|| unknown(&layers, listed.len()), Recognition::Other),
    })
}

/// How many layers with weights a file stores, and in how many groups, where that is another number: `2 layers with
/// weights`, `29 layers with weights in 2 groups`.
pub fn words(model: &ModelFile) -> String {
    in_groups(layers::count(model), layers::listed(model).len())
}

fn in_groups(count: usize, groups: usize) -> String {
    match groups {
        groups if groups == count => format!("{count} layers with weights"),
        groups => format!("{count} layers with weights in {groups} groups"),
    }
}

fn count_of(layers: &[Layer], is: impl Fn(&Kind) -> bool) -> usize {
    layers.iter().filter(|layer| is(&layer.kind)).count()
}

fn unknown(layers: &[Layer], groups: usize) -> Recognition {
    let convs = count_of(layers, |kind| matches!(kind, Kind::Conv(_)));
    let norms = count_of(layers, |kind| matches!(kind, Kind::Norm { .. }));
    let dense = count_of(layers, |kind| matches!(kind, Kind::Dense { .. }));
    let fact = format!(
        "{}, by their shapes {convs} Conv2D, {norms} BatchNormalization and {dense} Dense",
        in_groups(layers.len(), groups)
    );
    Recognition::Unknown(Unknown { facts: vec![fact], basis: Basis::Weights })
}

fn resnet(listed: &[Listed], layers: &[Layer], trunk: &Trunk) -> ResNet {
    let convs =
        || layers.iter().filter_map(|l| if let Kind::Conv(conv) = l.kind { Some((l, conv)) } else { None });
    let naming = Naming::of_most(convs().map(|(layer, _)| layer.name.rsplit('/').next().unwrap_or_default()));
    let dense: Vec<u64> = layers
        .iter()
        .filter_map(|l| if let Kind::Dense { units, .. } = l.kind { Some(units) } else { None })
        .collect();
    let variant = variant(trunk, naming);
    let suffix = if is_applications_v2(trunk) { "V2" } else { "" };
    let stem = convs().next().map(|(_, conv)| conv);
    let classes = dense.last().and_then(|units| usize::try_from(*units).ok());
    let channels = stem.and_then(|conv| usize::try_from(conv.inputs).ok());
    let filters = stem.and_then(|conv| usize::try_from(conv.filters).ok()).unwrap_or_default();
    let (family, nearest) =
        family(trunk.kind, trunk.blueprint, &trunk.blocks, &trunk.widths, filters, suffix);
    let factor = widening(trunk.kind, trunk.blueprint.version, &trunk.widths, filters);
    ResNet {
        family,
        depth: depth(trunk.kind, &trunk.blocks) + factor.map_or(0, |_| WIDE_SHORTCUTS),
        version: trunk.blueprint.version,
        variant,
        block: trunk.kind,
        nearest,
        stages: stages(&trunk.blocks, &trunk.widths),
        base_width: trunk.widths.first().copied().unwrap_or_default(),
        usual_width: trunk.blueprint.widths.first().copied().unwrap_or_default() * factor.unwrap_or(1),
        top: !dense.is_empty(),
        classes,
        head: dense.iter().map(|units| format!("Dense {units}")).collect(),
        naming,
        input_shape: channels.map(|channels| vec![None, None, Some(channels)]),
        nested_at: nested_at(listed),
        weighted_layers: layers.len(),
        departure: departure(layers, trunk),
        departures: trunk.differences.len(),
        opaque: Vec::new(),
        basis: Basis::Weights,
        evidence: evidence(layers, trunk, naming),
        details: super::details::Details::of_weights(&convs().map(|(_, conv)| conv).collect::<Vec<_>>()),
    }
}

/// Whose it is, as far as its names or a structure of its own tell.
fn variant(trunk: &Trunk, naming: Naming) -> Variant {
    match (trunk.blueprint.variant, naming) {
        (own @ (Variant::Cifar | Variant::ClassificationModels), _) => own,
        (Variant::Modern, Naming::Modern) => Variant::Modern,
        (Variant::Modern | Variant::Classic, Naming::Classic) => Variant::Classic,
        _ => Variant::Open,
    }
}

/// Whether it is built as `keras.applications.resnet_v2`.
fn is_applications_v2(trunk: &Trunk) -> bool {
    trunk.blueprint.variant == Variant::Modern && trunk.blueprint.version == Version::V2
}

/// The one entry that everything is listed under.
fn nested_at(listed: &[Listed]) -> Option<String> {
    const WEIGHTS_OF_ONE_LAYER: usize = 12;
    let inner = listed.iter().max_by_key(|entry| entry.weights.len())?;
    (inner.weights.len() > WEIGHTS_OF_ONE_LAYER).then(|| inner.layer.clone())
}

fn departure(layers: &[Layer], trunk: &Trunk) -> Option<Departure> {
    let first = trunk.differences.first()?;
    let same = |d: &&trunk::Difference| {
        (d.attribute, &d.expected, &d.found) == (first.attribute, &first.expected, &first.found)
    };
    Some(Departure {
        place: Place::Layer(layers.get(first.layer)?.name.clone()),
        within: first.within.clone(),
        attribute: first.attribute,
        expected: first.expected.clone(),
        found: first.found.clone(),
        alike: trunk.differences.iter().filter(same).count() - 1,
    })
}

/// What led there, in sentences.
fn evidence(layers: &[Layer], trunk: &Trunk, naming: Naming) -> Vec<String> {
    let blocks: Vec<String> = trunk.blocks.iter().map(usize::to_string).collect();
    let norms = count_of(layers, |kind| matches!(kind, Kind::Norm { .. }));
    let mut facts = vec![
        format!(
            "Weights alone: {} convolutions and {norms} normalizations, told by their shapes.",
            trunk.convs
        ),
        format!("Stages of {} {} blocks.", blocks.join(", "), trunk.kind.word()),
        trunk.order.words().to_string(),
    ];
    facts.push(format!("The layers are named like {}.", naming.example()));
    facts.push("Strides, padding, activations and epsilon can't be seen in weights.".to_string());
    facts
}

impl Order {
    /// Which networks this order fits.
    fn words(self) -> &'static str {
        match self {
            Order::BeforeLast => {
                "Each stage's shortcut is stored in front of its block's last convolution, as in the modern \
                 keras.applications: by position it does not fit the classic ResNet nor ImageAI's own."
            }
            Order::Behind => {
                "Each stage's shortcut is stored behind its block's last convolution, as in the classic \
                 keras.applications, ImageAI and Keras' CIFAR example: by position it does not fit the modern \
                 keras.applications."
            }
            Order::InFront => "Each stage's shortcut is stored in front of its block.",
        }
    }
}
