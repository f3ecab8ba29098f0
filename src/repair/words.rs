//! What a repair changes, as text and as JSON.

use serde_json::{Value, json};

use super::{Change, Repair, Way};

/// Layers named for a change that is made to many.
const NAMED: usize = 3;

impl Repair {
    /// The changes for a person: the same one on many layers is said once.
    pub fn text(&self) -> String {
        if self.changes.is_empty() {
            return format!("Nothing has to change for {}: the copy is the file.\n", self.runtime.name);
        }
        let mut text = format!("For {}:\n", self.runtime.name);
        for (change, places) in grouped(&self.changes) {
            text.push_str(&format!(
                "  {}\n    in {}\n    {}\n",
                difference(change),
                listed(&places),
                change.why
            ));
        }
        match self.way.turned() {
            0 => text.push_str("No weight is changed.\n"),
            turned => text.push_str(&format!(
                "{turned} kernels are turned, as said above; no other weight is changed.\n"
            )),
        }
        text
    }

    /// The changes for a program.
    pub fn json(&self) -> Value {
        json!({
            "schema": 1,
            "runtime": self.runtime.id,
            "changes": self.changes,
            "written_anew": matches!(self.way, Way::Rewrite { .. }),
            "weights_changed": self.way.turned() > 0,
        })
    }
}

/// Changes that differ only in their place, in the order of the first.
fn grouped(changes: &[Change]) -> Vec<(&Change, Vec<&str>)> {
    let mut index = std::collections::HashMap::new();
    let mut groups: Vec<(&Change, Vec<&str>)> = Vec::new();
    for change in changes {
        // The tensors of two calls differ, but what is done to them does not.
        let before = change.before.as_deref().filter(|_| change.what != "inbound_nodes");
        let after = change.after.as_deref().filter(|_| change.what != "inbound_nodes");
        let at = *index.entry((&change.what, before, after, &change.why)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, places)) => places.push(&change.place),
            None => groups.push((change, vec![&change.place])),
        }
    }
    groups
}

fn difference(change: &Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{}: {before} → {after}", change.what),
        (Some(before), None) => format!("{}: {before} dropped", change.what),
        (None, Some(after)) => format!("{}: {after} added", change.what),
        (None, None) => change.what.clone(),
    }
}

fn listed(places: &[&str]) -> String {
    let named =
        |place: &&&str| if place.is_empty() { "the model".to_string() } else { (**place).to_string() };
    let shown: Vec<String> = places.iter().take(NAMED).map(|place| named(&place)).collect();
    match places.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
