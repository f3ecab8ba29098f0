//! Two files together: a model, and weights for it.

use std::sync::Arc;

use super::opened::{self, Opened};
use crate::keras;
use crate::keras::network::Network;
use crate::limits;
use crate::loaders::pair::{self, Family};
use crate::report;
use crate::source::ByteSource;

/// A file of a pair: HDF5, an archive, or the JSON text of an architecture.
struct Half {
    opened: Opened,
    json: Option<Network>,
}

impl Half {
    fn open(name: &str, source: Arc<dyn ByteSource>) -> Half {
        let opened = Opened::new(name, source);
        let json = if opened.model.is_none() { json(&*opened.source) } else { None };
        Half { opened, json }
    }

    fn network(&self) -> Option<&Network> {
        self.json.as_ref().or_else(|| self.opened.keras()?.network())
    }
}

/// The architecture in a text, as `model.to_json()` gives it.
fn json(source: &dyn ByteSource) -> Option<Network> {
    let length = usize::try_from(source.len()).ok().filter(|length| *length <= limits::MAX_JSON_BYTES)?;
    let mut bytes = vec![0; length];
    source.read_at(0, &mut bytes).ok()?;
    keras::architecture(std::str::from_utf8(&bytes).ok()?).ok()
}

/// Whether a file can be half of a pair: it has an architecture, or is HDF5.
pub fn is_half(name: &str, source: Arc<dyn ByteSource>) -> bool {
    let half = Half::open(name, source);
    half.opened.file.is_some() || half.network().is_some()
}

/// What becomes of the weights of a file in a network that code builds.
///
/// # Errors
/// Where the file has no weights.
pub fn pair_with_family(
    (name, source): (&str, Arc<dyn ByteSource>),
    family: &Family,
) -> Result<report::Pair, String> {
    let weights = Opened::new(name, source);
    if !has_weights(&weights) {
        return Err(format!("{name} has no weights in HDF5 for {}", family.call()));
    }
    let pair = weights.with_evidence(None, |evidence| pair::pair_with_family(family, evidence));
    let pair = pair.map_err(|reason| format!("{name}: {reason}"))?;
    Ok(report::Pair::new(&family.call(), name, &pair))
}

fn has_weights(opened: &Opened) -> bool {
    opened.file.is_some() && opened.keras().is_some_and(|model| !model.weights.groups.is_empty())
}

/// What becomes of the weights of one file in the model of the other: `second` has the weights where both have both.
///
/// # Errors
/// Where none has an architecture, or the other no weights.
pub fn pair(
    first: (&str, Arc<dyn ByteSource>),
    second: (&str, Arc<dyn ByteSource>),
) -> Result<report::Pair, String> {
    let (first, second) = (Half::open(first.0, first.1), Half::open(second.0, second.1));
    let sides = [(&first, &second), (&second, &first)];
    let fits =
        sides.into_iter().find(|(model, weights)| model.network().is_some() && has_weights(&weights.opened));
    let (model, weights) = fits.ok_or_else(|| {
        format!(
            "{} and {} are no pair: one must have an architecture (model.save() or model.to_json()) and the other weights in \
             HDF5",
            first.opened.name, second.opened.name
        )
    })?;
    let Some(network) = model.network() else {
        return Err(format!("{} has no architecture", model.opened.name));
    };
    together(network, model, weights)
}

fn together(network: &Network, model: &Half, weights: &Half) -> Result<report::Pair, String> {
    let weights = &weights.opened;
    let found = weights.keras().ok_or_else(|| format!("{} has no weights", weights.name))?;
    let structure = opened::structure(network, &found.weights);
    let model_side = pair::Model { network, structure: &structure };
    let pair = weights.with_evidence(None, |evidence| pair::pair(model_side, evidence));
    let pair = pair.map_err(|reason| format!("{}: {reason}", weights.name))?;
    Ok(report::Pair::new(&model.opened.name, &weights.name, &pair))
}
