//! Arguments that the target's constructor doesn't take: called otherwise there, without effect, or a reason to refuse.

use serde_json::{Map, Value};

use super::Refusal;
use super::config::Work;
use super::target::is_default;
use crate::loaders::facts::{Class, Kind};

/// An argument that other versions call otherwise, with the same meaning.
struct Renamed {
    class: &'static str,
    names: [&'static str; 2],
}

const RENAMED: [Renamed; 2] = [
    // Keras 3 calls the shape with its batch `batch_shape`, all before it `batch_input_shape`.
    Renamed { class: "InputLayer", names: ["batch_shape", "batch_input_shape"] },
    // Keras 3 writes `negative_slope`, all before it `alpha`.
    Renamed { class: "LeakyReLU", names: ["negative_slope", "alpha"] },
];

/// Arguments that say how something is computed or written, and not what, at the values given; `None` stands for any.
const IDLE: [(&str, Option<&str>); 8] = [
    ("fused", None),
    ("autocast", None),
    ("seed", None),
    ("input_dtype", None),
    ("activity_regularizer", None),
    // Layers that got the argument later work on channels last.
    ("data_format", Some("channels_last")),
    ("sparse", Some("false")),
    ("ragged", Some("false")),
];

/// Takes out of a configuration what the target's class doesn't take.
pub(super) fn translate(
    work: &mut Work<'_>,
    place: &str,
    kind: Kind,
    class: (&str, &Class),
    config: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let (name, class) = class;
    let arguments: Vec<String> = config.keys().cloned().collect();
    for argument in arguments {
        match class.takes(&argument) {
            Some(true) => {}
            Some(false) => replace(work, place, kind, (name, class), &argument, config)?,
            None => {
                let what = format!("which arguments {name} takes in {} is not known", work.target.name());
                return Err(Refusal::new(place, what));
            }
        }
    }
    let is_there = |argument: &str| config.contains_key(argument);
    let is_given = |argument: &str| is_there(argument) || other_name(name, argument).is_some_and(is_there);
    match class.required.iter().find(|argument| !is_given(argument)) {
        Some(argument) => {
            Err(Refusal::new(place, format!("{name} has no {argument}, which {} needs", work.target.name())))
        }
        None => Ok(()),
    }
}

fn replace(
    work: &mut Work<'_>,
    place: &str,
    kind: Kind,
    (name, class): (&str, &Class),
    argument: &str,
    config: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let Some(value) = config.shift_remove(argument) else { return Ok(()) };
    let target = work.target.name();
    if let Some(other) = other_name(name, argument).filter(|other| class.takes(other) == Some(true)) {
        let why = format!("{target} calls {argument} {other}");
        work.change(place, argument, Some(argument.into()), Some(other.into()), why);
        config.entry(other).or_insert(value);
        return Ok(());
    }
    let why = if kind == Kind::Initializers {
        format!(
            "{name} takes no {argument} in {target}; the weights come from the file, not from an initializer"
        )
    } else if is_without_effect(kind, name, argument, &value) {
        format!("{name} takes no {argument} in {target}, and does there what this value says")
    } else {
        let what = format!(
            "{name} has {argument}={value}; {target} has no such argument, and without it the model is another"
        );
        return Err(Refusal::new(place, what));
    };
    work.change(place, argument, Some(value.to_string()), None, why);
    Ok(())
}

fn other_name(class: &str, argument: &str) -> Option<&'static str> {
    let renamed =
        RENAMED.iter().find(|renamed| renamed.class == class && renamed.names.contains(&argument))?;
    renamed.names.into_iter().find(|name| *name != argument)
}

/// Whether leaving an argument out changes nothing of what the layer computes from its weights.
fn is_without_effect(kind: Kind, class: &str, argument: &str, value: &Value) -> bool {
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_string);
    value.is_null()
        || IDLE.iter().any(|(name, idle)| *name == argument && idle.is_none_or(|idle| idle == written))
        || is_default(kind, class, argument, value)
}
