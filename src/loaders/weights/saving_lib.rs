//! `load_weights` of a name that ends in `.weights.h5`: Keras' `saving_lib`, which finds the variables of a layer by a path made of
//! the attribute that holds it and its class (`layers/conv2d_1/vars/0`), and not by its name.
//!
//! Sources: `saving_lib.py` and `load_own_variables` of Keras 2.12 to 2.15, `tf_keras` 2.16 and 2.21, Keras 3.0.5, 3.5.0 and 3.15.1.

use std::collections::HashMap;

use super::assign::Assignment;
use super::rules::Assigns;
use super::variables::{Holder, Variables, variables};
use super::{Job, Match};
use crate::keras::snake_case;
use crate::limits;
use crate::loaders::open::h5py::H5;
use crate::loaders::{Attempt, Loader, Raised, Runtime, Stop, python};

/// Group of the layers of a model.
const LAYERS: &str = "layers";
/// The same in Keras 2.12 to 2.14.
const CHECKPOINT_LAYERS: &str = "_layer_checkpoint_dependencies";
/// Group of an object's variables.
const VARS: &str = "vars";

/// Whether a runtime reads a file of that name so.
pub fn reads(runtime: &Runtime, name: &str) -> bool {
    let knows = match runtime.loader {
        Loader::Keras1 | Loader::Keras2 => false,
        Loader::TfKeras => runtime.version >= [2, 12, 0],
        Loader::Keras3 => true,
    };
    knows && name.ends_with(".weights.h5")
}

/// How many layers with variables got them, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Layers that got all their variables, models in the model taken apart.
    pub loaded: usize,
    /// Layers with variables.
    pub layers: usize,
}

/// Loads the weights of a file of that name into a model of that class and name.
///
/// # Errors
/// What the runtime raises.
pub fn load(job: &Job<'_, '_>, h5: H5<'_>, (model, file): ((&str, &str), &str), by: Match) -> Attempt<Found> {
    let skips = match by {
        Match::Place => false,
        Match::Name { skips } => {
            refuses_names(job.runtime, file)?;
            skips
        }
    };
    let variables = variables(job);
    let mut walk = Walk {
        job,
        h5,
        variables: &variables,
        skips,
        failures: Vec::new(),
        found: Found { loaded: 0, layers: 0 },
    };
    walk.root(model)?;
    walk.model("", &variables.holders)?;
    match walk.failures.first() {
        Some((first, why)) if !skips => Err(could_not(&walk.failures, first, why)),
        _ => Ok(walk.found),
    }
}

/// What Keras 3 says of `by_name`; tf.keras does not look at it.
fn refuses_names(runtime: &Runtime, file: &str) -> Attempt<()> {
    let text = match (runtime.loader, runtime.version) {
        (Loader::Keras3, version) if version >= [3, 6, 0] => {
            format!("`by_name` only supports loading legacy '.h5' or '.hdf5' files. Received: {file}")
        }
        (Loader::Keras3, _) => "Invalid keyword arguments: {'by_name': True}".to_string(),
        (Loader::Keras1 | Loader::Keras2 | Loader::TfKeras, _) => return Ok(()),
    };
    Err(Stop::raised("ValueError", text))
}

fn could_not(failures: &[(String, Raised)], first: &str, why: &Raised) -> Stop {
    let all: Vec<&str> = failures.iter().map(|(object, _)| object.as_str()).collect();
    Stop::raised(
        "ValueError",
        format!(
            "A total of {} objects could not be loaded. Example error message for object {first}:\n\n{}\n\nList of objects that \
             could not be loaded:\n[{}]",
            all.len(),
            why.message,
            all.join(", ")
        ),
    )
}

struct Walk<'w, 'e, 't> {
    job: &'w Job<'e, 't>,
    h5: H5<'w>,
    variables: &'w Variables<'t>,
    /// `skip_mismatch=True`
    skips: bool,
    /// What Keras 3 could not load, as it writes it, and why.
    failures: Vec<(String, Raised)>,
    found: Found,
}

impl Walk<'_, '_, '_> {
    fn is_keras3(&self) -> bool {
        self.job.runtime.loader == Loader::Keras3
    }

    /// The model's own variables, of which there are none; before Keras 3.6 their group must be there all the same.
    fn root(&mut self, (class, model): (&str, &str)) -> Attempt<()> {
        if self.is_keras3() && self.job.runtime.version >= [3, 6, 0] {
            return Ok(());
        }
        let done = self.h5.item("", VARS).map(drop);
        self.noted(done, || format!("<{class} name={model}, built=True>"))
    }

    /// Keras 3 goes on behind what fails, and `skip_mismatch` makes everyone.
    fn noted(&mut self, done: Attempt<()>, object: impl FnOnce() -> String) -> Attempt<()> {
        match done {
            Err(Stop::Raised(raised)) if self.is_keras3() || self.skips => {
                self.failures.push((object(), raised));
                Ok(())
            }
            done => done,
        }
    }

    fn model(&mut self, path: &str, holders: &[Holder<'_>]) -> Attempt<()> {
        let (container, counts_twice) = container(self.job.runtime);
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut counts: HashMap<String, usize> = HashMap::new();
        for holder in holders {
            let name = class_name(holder);
            let count = counts.entry(name.clone()).or_default();
            let own = if *count == 0 { name } else { format!("{name}_{count}") };
            *count += if counts_twice && holder.count() > 0 { 2 } else { 1 };
            self.object(&format!("{prefix}{container}/{own}"), holder)?;
        }
        Ok(())
    }

    fn object(&mut self, path: &str, holder: &Holder<'_>) -> Attempt<()> {
        if holder.slot.inner.is_some() {
            return self.model(path, &holder.parts);
        }
        self.has_no_others(path, holder)?;
        if holder.count() == 0 {
            return Ok(());
        }
        self.found.layers += 1;
        let before = self.failures.len();
        let done = self.layer(path, holder);
        let slot = holder.slot;
        self.noted(done, || format!("<{} name={}, built=True>", slot.class, slot.name))?;
        self.found.loaded += usize::from(self.failures.len() == before);
        Ok(())
    }

    /// Layers that hold further objects are not known here, but for the seeds of Keras 3 that the file has.
    fn has_no_others(&self, path: &str, holder: &Holder<'_>) -> Attempt<()> {
        let class = holder.slot.class.as_str();
        let draws = ["Dropout", "Noise", "Random"].iter().any(|word| class.contains(word));
        let is_there = || self.h5.contains("", &format!("{path}/seed_generator"));
        if holder.assumed || draws && self.is_keras3() && !is_there()? {
            let name = &holder.slot.name;
            return Err(Stop::unknown(format!("what {class} {name} looks for in the file can't be told")));
        }
        Ok(())
    }

    fn layer(&self, path: &str, holder: &Holder<'_>) -> Attempt<()> {
        let group = self.group(path)?;
        let stored = match &group {
            Some(group) => self.names(group)?,
            None => Vec::new(),
        };
        let weights = holder.weights();
        if stored.len() != weights.len() {
            return Err(self.count(holder, &weights, stored.len()));
        }
        for (index, id) in weights.into_iter().enumerate() {
            let Some(group) = &group else { continue };
            let dataset = self.job.file.group(group).and_then(|group| group.dataset(&index.to_string()));
            let shape = dataset.map_err(|error| Stop::unknown(error.to_string()))?.shape;
            self.assign(holder, id, &shape, index)?;
        }
        Ok(())
    }

    /// Where the variables of an object lie.
    fn group(&self, path: &str) -> Attempt<Option<String>> {
        let has_vars = |path: &str| -> Attempt<bool> {
            Ok(self.h5.contains("", path)? && self.h5.contains(path, VARS)?)
        };
        if has_vars(path)? {
            return Ok(Some(format!("{path}/{VARS}")));
        }
        if self.is_keras3() && self.h5.contains("", CHECKPOINT_LAYERS)? {
            let old = path.replace(LAYERS, CHECKPOINT_LAYERS);
            return Ok(has_vars(&old)?.then(|| format!("{old}/{VARS}")));
        }
        Ok(None)
    }

    fn names(&self, group: &str) -> Attempt<Vec<String>> {
        let names = self.job.file.group(group).and_then(|group| group.names());
        let (groups, datasets) = names.map_err(|error| Stop::unknown(error.to_string()))?;
        match groups.len() + datasets.len() {
            count if count > limits::MAX_WEIGHTS => {
                Err(Stop::unknown("a layer has more weights than are read here"))
            }
            _ => Ok([groups, datasets].concat()),
        }
    }

    fn count(&self, holder: &Holder<'_>, weights: &[usize], found: usize) -> Stop {
        let variable = |id: &usize| &self.variables.all[*id];
        let names = weights.iter().map(variable).map(|variable| match self.is_keras3() {
            true => python::text(&variable.weight),
            false => python::text(&format!("{}/{}:0", variable.layer, variable.weight)),
        });
        let names: Vec<String> = names.collect();
        Stop::raised(
            "ValueError",
            format!(
                "Layer '{}' expected {} variables, but received {found} variables during loading. Expected: [{}]",
                holder.slot.name,
                weights.len(),
                names.join(", ")
            ),
        )
    }

    fn assign(&self, holder: &Holder<'_>, id: usize, value: &[u64], index: usize) -> Attempt<()> {
        let assigns = match (self.is_keras3(), self.job.runtime.version) {
            (true, version) if version >= [3, 6, 0] => Assigns::Variable,
            (true, _) => Assigns::Target,
            (false, _) => self.job.rules.assigns,
        };
        let (variable, name) = (&self.variables.all[id], &holder.slot.name);
        let assignment =
            Assignment { assigns, variables: self.variables, variable, value, before: index, layer: 0, name };
        assignment.make().map(drop)
    }
}

/// Where a model has its layers, and whether it counts one with weights twice: as that and as a layer.
fn container(runtime: &Runtime) -> (&'static str, bool) {
    match (runtime.loader, runtime.version) {
        (Loader::TfKeras, version) if version < [2, 14, 0] => (CHECKPOINT_LAYERS, true),
        (Loader::TfKeras, version) if version < [2, 15, 0] => (CHECKPOINT_LAYERS, false),
        (Loader::Keras1 | Loader::Keras2 | Loader::TfKeras | Loader::Keras3, _) => (LAYERS, false),
    }
}

/// The class of a layer as it stands in a path.
fn class_name(holder: &Holder<'_>) -> String {
    match (&holder.slot.inner, holder.slot.class.as_str()) {
        (Some(_), "Model" | "Graph") => "functional".to_string(),
        (_, class) => snake_case(class),
    }
}
