//! The networks that code builds before it loads weights into them, kept for the next file.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::config::{Template, ordered};
use crate::graph::Graph;
use crate::keras::network::Network;
use crate::keras::{WeightTable, parse};
use crate::plan::{Structure, bind, shapes};
use crate::zoo::build::Building;

/// A network as the weights' loading takes it.
pub struct Prepared<'n> {
    /// Its layers.
    pub network: &'n Network,
    /// The same in the order of their weights.
    pub template: Template,
    /// The same, opened, with the shapes of their weights.
    pub structure: Structure<'n>,
}

/// How many networks are kept; a file asks for two designs of ImageAI with its own number of classes and with ImageNet's.
const KEPT: usize = 16;

/// A network that is kept, and what it was built of.
type Kept = (Building, &'static Prepared<'static>);

/// The networks built so far, since every file is tried on one with its own number of classes.
static BUILT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Gives `ask` the layers of a network.
///
/// # Errors
/// Why its config can't be read, which would be a mistake of ours.
pub fn with_network<T>(building: &Building, ask: impl FnOnce(&Prepared<'_>) -> T) -> Result<T, String> {
    if let Some(prepared) = kept(building) {
        return Ok(ask(prepared));
    }
    let config = building.config().ok_or_else(|| format!("there is no ResNet{}", building.depth))?;
    let network = parse::network(&config, false)?;
    let mut built = built();
    if built.len() >= KEPT {
        drop(built);
        return Ok(ask(&prepare(&network)));
    }
    let prepared: &'static _ = Box::leak(Box::new(prepare(Box::leak(Box::new(network)))));
    built.push((*building, prepared));
    drop(built);
    Ok(ask(prepared))
}

fn kept(building: &Building) -> Option<&'static Prepared<'static>> {
    built().iter().find(|(of, _)| of == building).map(|(_, prepared)| *prepared)
}

fn built() -> MutexGuard<'static, Vec<Kept>> {
    BUILT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn prepare(network: &Network) -> Prepared<'_> {
    let graph = Graph::flatten(network);
    let shapes = shapes::infer(&graph, [224, 224]);
    let binding = bind::bind(network, &graph, &shapes, &WeightTable::default());
    Prepared { network, template: ordered(network, ""), structure: Structure { graph, shapes, binding } }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::zoo::build::Design;

    type Layers = Vec<(String, Vec<Vec<u64>>)>;
    type Named = Vec<(String, Vec<u64>)>;

    /// The layers with weights of a built network: name, and the shapes of its weights.
    fn layers(built: &Prepared<'_>) -> Layers {
        let Prepared { template, structure, .. } = built;
        let leaf = |path: &str| structure.graph.leaves.iter().position(|leaf| leaf.path == path).unwrap();
        let weights = |path: &str| -> Vec<Vec<u64>> {
            let specs = structure.shapes.weights[leaf(path)].iter().flatten();
            specs.map(|spec| spec.shape.iter().map(|n| *n as u64).collect()).collect()
        };
        let all = template.layers.iter().map(|slot| (slot.name.clone(), weights(&slot.path)));
        all.filter(|(_, weights)| !weights.is_empty()).collect()
    }

    /// The same of a network that a real runtime has built.
    fn real(name: &str) -> Option<Layers> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/fullsize/specs");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).ok()?;
        let spec: Value = serde_json::from_str(&text).unwrap();
        let all: Vec<(String, Named)> = serde_json::from_value(spec["layers"].clone()).unwrap();
        let shapes = |weights: Named| weights.into_iter().map(|(_, shape)| shape).collect();
        Some(
            all.into_iter()
                .filter(|(_, weights)| !weights.is_empty())
                .map(|(name, w)| (name, shapes(w)))
                .collect(),
        )
    }

    fn built(design: Design, depth: usize, classes: Option<usize>, classifier: &'static str) -> Layers {
        with_network(&Building { design, depth, classes, classifier }, layers).unwrap()
    }

    /// Keras 2.2.4, 3.15.1, TensorFlow 1.15.5 and 2.15.1, and ImageAI 2.0.3: the same layers, of the same names and shapes, in the
    /// same order.
    #[test]
    fn the_networks_are_those_of_the_real_ones() {
        use Design::{Classic, ImageAi, Modern, ModernV2};
        for (name, ours) in [
            ("imageai50_10__tf115", built(ImageAi, 50, Some(10), "dense")),
            ("resnet50__k224", built(Classic, 50, Some(1000), "fc1000")),
            ("resnet50__tf115", built(Modern, 50, Some(1000), "probs")),
            ("resnet50_10__tf215", built(Modern, 50, Some(10), "predictions")),
            ("resnet50_notop__tf215", built(Modern, 50, None, "predictions")),
            ("resnet152__tf215", built(Modern, 152, Some(1000), "predictions")),
            ("resnet50v2__tf215", built(ModernV2, 50, Some(1000), "predictions")),
            ("resnet50__k315", built(Modern, 50, Some(1000), "predictions")),
        ] {
            let Some(real) = real(name) else { continue };
            assert_eq!(ours.len(), real.len(), "{name}");
            let first = ours.iter().zip(&real).find(|(ours, real)| ours != real);
            assert_eq!(first, None, "{name}");
        }
    }
}
