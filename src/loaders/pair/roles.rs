//! What a layer is in a ResNet: where it stands, whatever it is called.

use std::collections::HashMap;

use crate::graph::{Graph, LeafId};
use crate::zoo::skeleton::Skeleton;
use crate::zoo::steps::Step;

/// The roles of the layers of a graph: `stem`, `stage 2, block 1, shortcut`, `head`. Nothing where it is no ResNet.
pub fn roles(graph: &Graph<'_>) -> HashMap<LeafId, String> {
    let mut roles = HashMap::new();
    let Some(skeleton) = Skeleton::trace(graph) else { return roles };
    let mut give = |steps: &[Step], role: &str| {
        for step in steps {
            roles.insert(graph.node(step.node).leaf, role.to_string());
        }
    };
    give(&skeleton.stem, "stem");
    give(&skeleton.tail, "head");
    let mut blocks = skeleton.blocks.iter();
    for (stage, count) in skeleton.stages().into_iter().enumerate() {
        for (number, block) in blocks.by_ref().take(count).enumerate() {
            let place = format!("stage {}, block {}", stage + 1, number + 1);
            give(&block.path, &format!("{place}, branch"));
            give(block.shortcut.as_deref().unwrap_or_default(), &format!("{place}, shortcut"));
        }
    }
    roles
}
