//! `load_weights(path, by_name=True)`: every layer of the file goes into those of the model that have its name.

use super::assign::Assignment;
use super::rules::{Assigns, Counts};
use super::shelf::{Array, Entry, Shelf};
use super::variables::Holder;
use super::{Job, Loaded, assign, prepared};
use crate::loaders::{Attempt, Loader, Runtime, Stop, python};

/// What a runtime says of the arguments themselves.
///
/// # Errors
/// The `TypeError` of versions that don't know `skip_mismatch`.
pub fn accepts(runtime: &Runtime, skips: bool) -> Attempt<()> {
    let knows = match runtime.loader {
        Loader::Keras1 => false,
        Loader::Keras2 => runtime.version >= [2, 1, 3],
        Loader::TfKeras => runtime.version >= [2, 1, 0],
        Loader::Keras3 => true,
    };
    if skips && !knows {
        let text = "load_weights() got an unexpected keyword argument 'skip_mismatch'";
        return Err(Stop::raised("TypeError", text));
    }
    Ok(())
}

/// `load_weights_from_hdf5_group_by_name`. With `skips`, what does not fit is left out.
///
/// # Errors
/// What the runtime raises for what does not fit.
pub fn run<'t>(
    job: &Job<'_, '_>,
    shelf: &Shelf<'_>,
    mut loaded: Loaded<'t>,
    of_keras1: bool,
    skips: bool,
) -> Attempt<Loaded<'t>> {
    let mut before = 0;
    for (place, mut entry) in shelf.listed_layers()?.into_iter().enumerate() {
        shelf.open(&mut entry, place == 0)?;
        let arrays = shelf.arrays(&entry)?;
        let holders = &loaded.variables.holders;
        // A layer that stands more than once in a model is still one layer here.
        let Some(at) = holders.iter().position(|holder| holder.slot.name == entry.name) else { continue };
        let arrays = prepared(job, &loaded.variables, &holders[at], arrays, of_keras1)?;
        if !check_count(job, &holders[at], place, arrays.len(), skips)? {
            continue;
        }
        let fits = check_shapes(job, &loaded, at, place, &arrays, skips)?;
        if assigns_unchecked(job) {
            before = assign(job, &mut loaded, at, (place, before), &arrays)?;
        }
        if !arrays.is_empty() {
            loaded.pairs.push((
                at,
                Entry { weights: Vec::new(), ..entry },
                if fits { arrays } else { Vec::new() },
            ));
        }
    }
    check_top_level(job, shelf, loaded.variables.all.len(), skips)?;
    Ok(loaded)
}

/// Weights of the model itself, for which Keras 3.0 to 3.5 take all there are.
fn check_top_level(job: &Job<'_, '_>, shelf: &Shelf<'_>, all: usize, skips: bool) -> Attempt<()> {
    let takes_all = job.runtime.loader == Loader::Keras3 && job.runtime.version < [3, 6, 0];
    let expected = if takes_all { all } else { 0 };
    if skips || !job.rules.top_level {
        return Ok(());
    }
    match shelf.top_level()? {
        Some(found) if found != expected => Err(Stop::raised(
            "ValueError",
            format!(
                "Weight count mismatch for top-level weights of model. Model expects {expected} top-level weight(s). Received \
                 {found} saved top-level weight(s)"
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// Keras before 2.2 leaves the shapes to the assignment.
fn assigns_unchecked(job: &Job<'_, '_>) -> bool {
    job.runtime.loader == Loader::Keras1
        || job.runtime.loader == Loader::Keras2 && job.runtime.version < [2, 2, 0]
}

/// Whether the numbers of weights agree.
fn check_count(
    job: &Job<'_, '_>,
    holder: &Holder<'_>,
    place: usize,
    found: usize,
    skips: bool,
) -> Attempt<bool> {
    let (expected, name) = (holder.count(), &holder.slot.name);
    if expected == found {
        return Ok(true);
    }
    if holder.assumed {
        return Err(Stop::unknown(format!("how many weights {name} has can't be told")));
    }
    if skips {
        return Ok(false);
    }
    Err(Stop::raised(
        "ValueError",
        match job.rules.counts {
            Counts::Trying | Counts::TryingBare => format!(
                "Layer #{place} (named \"{name}\") expects {expected} weight(s), but the saved weights have {found} element(s)."
            ),
            Counts::Mismatch => format!(
                "Weight count mismatch for layer #{place} (named {name}). Layer expects {expected} weight(s). Received {found} \
                 saved weight(s)"
            ),
        },
    ))
}

/// Whether all shapes agree.
fn check_shapes(
    job: &Job<'_, '_>,
    loaded: &Loaded<'_>,
    at: usize,
    place: usize,
    arrays: &[Array],
    skips: bool,
) -> Attempt<bool> {
    if assigns_unchecked(job) && !skips {
        return Ok(true);
    }
    let holder = &loaded.variables.holders[at];
    let mut fits = true;
    for (id, array) in holder.weights().into_iter().zip(arrays) {
        let variable = &loaded.variables.all[id];
        let Some(expected) = variable.shape.as_ref().filter(|shape| **shape != array.shape) else { continue };
        fits = false;
        if !skips {
            let name = &holder.slot.name;
            let assignment = Assignment {
                assigns: job.rules.assigns,
                variables: &loaded.variables,
                variable,
                value: &array.shape,
                before: 0,
                layer: place,
                name,
            };
            let (want, have) = (python::shape(expected), python::shape(&array.shape));
            return Err(refusal(job, &assignment, &want, &have));
        }
    }
    Ok(fits)
}

fn refusal(job: &Job<'_, '_>, assignment: &Assignment<'_>, want: &str, have: &str) -> Stop {
    let path = match assignment.path() {
        Ok(path) => path,
        Err(stop) => return stop,
    };
    let (place, name) = (assignment.layer, assignment.name);
    let (version, loader) = (job.runtime.version, job.runtime.loader);
    let old = |variable: String| {
        format!(
            "Layer #{place} (named \"{name}\"), weight {variable} has shape {want}, but the saved weight has shape {have}."
        )
    };
    let new = |space: &str, weight: &str| {
        format!(
            "Shape mismatch in layer #{place} (named {name}){space}for weight {weight}. Weight expects shape {want}. Received \
             saved weight with shape {have}"
        )
    };
    let dtype = &assignment.variable.dtype;
    Stop::raised(
        "ValueError",
        match (job.rules.counts, job.rules.assigns) {
            (Counts::Mismatch, Assigns::Layer) => new("", &path),
            // Before 3.3 Keras 3 names a variable without its layer.
            (Counts::Mismatch, _) if loader == Loader::Keras3 && version < [3, 3, 0] => {
                new(" ", &assignment.variable.weight)
            }
            (Counts::Mismatch, _) if loader == Loader::Keras3 => new(" ", &path),
            (Counts::Mismatch, _) => new(" ", &format!("{path}:0")),
            (_, Assigns::Graph { .. }) => {
                old(format!("<tf.Variable '{path}:0' shape={want} dtype={dtype}_ref>"))
            }
            _ if job.runtime.tensorflow < [2, 0, 0] => {
                old(format!("<tf.Variable '{path}:0' shape={want} dtype={dtype}>"))
            }
            // The message goes on with the variable's values, which are random.
            _ => old(format!("<tf.Variable '{path}:0' shape={want} dtype={dtype}, numpy=...>")),
        },
    )
}
