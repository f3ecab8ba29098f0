//! A recognition in words.

use super::census::Census;
use super::compare::Comparison;
use super::families::{Variant, Version};
use super::recognise::{Basis, Recognition, ResNet};
use super::skeleton::{BlockKind, Skeleton};
use super::steps::{Step, What, convs};
use crate::finding::{capitalised, counted};
use crate::ops::pooling::Pooled;

impl Recognition {
    /// One sentence a person can repeat.
    pub fn summary(&self) -> String {
        match self {
            Recognition::ResNet(resnet) => resnet.summary(),
            Recognition::Other(other) if other.residual => {
                format!("{}: {}.", capitalised(&other.name), other.why)
            }
            Recognition::Other(other) => format!("Not a ResNet: {}; {}.", other.name, other.why),
            Recognition::Unknown(unknown) => format!("Unknown architecture: {}.", unknown.facts.join("; ")),
        }
    }

    /// What it was recognised from.
    pub fn basis(&self) -> Basis {
        match self {
            Recognition::ResNet(resnet) => resnet.basis,
            Recognition::Other(other) => other.basis,
            Recognition::Unknown(unknown) => unknown.basis,
        }
    }

    /// What led to it, in sentences.
    pub fn evidence(&self) -> Vec<String> {
        match self {
            Recognition::ResNet(resnet) => resnet.evidence.clone(),
            Recognition::Other(other) => vec![format!("{}.", capitalised(&other.why))],
            Recognition::Unknown(unknown) => {
                unknown.facts.iter().map(|fact| format!("{}.", capitalised(fact))).collect()
            }
        }
    }

    /// The ResNet, if it is one.
    pub fn resnet(&self) -> Option<&ResNet> {
        match self {
            Recognition::ResNet(resnet) => Some(resnet),
            Recognition::Other(_) | Recognition::Unknown(_) => None,
        }
    }
}

impl ResNet {
    /// Whether no ResNet with a name has these numbers of blocks.
    pub fn is_unusual(&self) -> bool {
        self.family != self.nearest
    }

    /// Whether it is narrower or wider than the reference.
    pub fn is_rescaled(&self) -> bool {
        self.base_width != self.usual_width
    }

    /// One sentence: family, version, variant, classes, input, top, and what is not usual.
    pub fn summary(&self) -> String {
        let version = if self.family.ends_with("V2") { "" } else { self.version.word() };
        let name = [self.family.as_str(), version].join(" ");
        let mut parts = vec![match (self.basis, self.variant) {
            (Basis::Weights, Variant::Open) => format!("Weights of {}", name.trim_end()),
            (Basis::Weights, variant) => format!("Weights of {} ({})", name.trim_end(), variant.words()),
            (Basis::Architecture, variant) => format!("{} ({})", name.trim_end(), variant.words()),
        }];
        parts.extend(self.classes.map(|classes| counted(classes as u64, "class", "classes")));
        parts.extend(self.input_shape.as_deref().map(shape_words));
        parts.extend(self.nested_at.as_deref().map(|path| format!("inside the model {path}")));
        parts.push(if self.top { "with top" } else { "without top" }.into());
        format!("{}{}.", parts.join(", "), self.oddities())
    }

    /// What distinguishes it from the named ResNet besides departures, each behind a semicolon.
    fn oddities(&self) -> String {
        let mut out = String::new();
        if self.is_unusual() {
            let blocks: Vec<String> = self.stages.iter().map(|s| s.blocks.to_string()).collect();
            out += &format!("; unusual block counts {}, nearest {}", blocks.join("-"), self.nearest);
        }
        if self.is_rescaled() {
            let word = if self.base_width < self.usual_width { "narrow" } else { "wide" };
            out += &format!("; {word}: base width {} instead of {}", self.base_width, self.usual_width);
        }
        if let Some((path, class)) = self.opaque.first() {
            let more = self.opaque.len() - 1;
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            out += &format!("; passed over without understanding it: {path} ({class}){others}");
        }
        out
    }
}

/// `1 layer`, `2 layers`.
pub(super) fn many(count: usize, what: &str) -> String {
    counted(count as u64, what, &format!("{what}s"))
}

/// `224×224×3`, with `?` for an open axis.
fn shape_words(shape: &[Option<usize>]) -> String {
    let axes: Vec<String> = shape.iter().map(|axis| axis.map_or("?".into(), |n| n.to_string())).collect();
    axes.join("×")
}

/// What led to a ResNet, in sentences.
pub(super) fn evidence(
    skeleton: &Skeleton,
    census: &Census,
    nearest: &Comparison,
    kind: BlockKind,
) -> Vec<String> {
    let blocks: Vec<String> = nearest.blocks.iter().map(usize::to_string).collect();
    let projected = skeleton.blocks.iter().filter(|block| block.is_projected()).count();
    let first = convs(&skeleton.stem).next().map(|(_, conv)| conv);
    let mut facts = vec![
        format!("{} and {}.", many(census.convs, "convolution"), many(census.norms, "batch normalization")),
        format!(
            "Stages of {} {} blocks, {projected} of them with a convolution on the shortcut.",
            blocks.join(", "),
            kind.word()
        ),
    ];
    facts.extend(first.map(|conv| {
        let [rows, columns] = conv.kernel;
        format!(
            "The first convolution has {} filters of {rows}×{columns}, strides {}×{}, padding {}.",
            conv.filters, conv.strides[0], conv.strides[1], conv.padding
        )
    }));
    let order = match (nearest.blueprint.version, census.norms) {
        (Version::V1, 0) => "There are no normalizations; an activation stands behind the addition: v1.",
        (Version::V2, 0) => {
            "There are no normalizations; the shortcut leaves in front of the activations: v2."
        }
        (Version::V1, _) => {
            "Normalizations stand behind their convolutions and an activation behind the addition: v1."
        }
        (Version::V2, _) => "Normalizations stand in front of their convolutions: v2.",
    };
    facts.push(order.to_string());
    let like = nearest.blueprint.variant.words();
    facts.push(match nearest.differences.len() {
        0 => format!("Nothing differs from the nearest reference ({like})."),
        1 => format!("One thing differs from the nearest reference ({like})."),
        more => format!("{more} things differ from the nearest reference ({like})."),
    });
    facts.extend(is_deep_stemmed(skeleton).then(|| {
        "Three 3×3 convolutions in front and average poolings on the shortcuts: ResNet-D.".to_string()
    }));
    facts
}

/// What He et al. (arXiv 1812.01187) call ResNet-D.
fn is_deep_stemmed(skeleton: &Skeleton) -> bool {
    let stem = convs(&skeleton.stem).map(|(_, conv)| conv.kernel).eq([[3, 3]; 3]);
    let averaged = |step: &Step| matches!(step.what, What::Pool { pooled: Pooled::Average, .. });
    let shortcuts = skeleton.blocks.iter().filter_map(|block| block.shortcut.as_deref());
    stem && shortcuts.flatten().any(averaged)
}
