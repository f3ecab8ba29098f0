//! Schedules of learning rates, which optimizers of TensorFlow deserialise from their own configurations.

use serde_json::{Map, Value};

use super::super::{Attempt, Stop};
use super::{Compiling, shown};

/// A schedule: its class, the arguments it must have, those it may have beside `name`.
type Schedule = (&'static str, &'static [&'static str], &'static [&'static str]);

/// `learning_rate_schedule.py` of TensorFlow 1.15 to 2.15, the same in all of them but for [`WARMUP`].
const SCHEDULES: &[Schedule] = &[
    ("ExponentialDecay", &["initial_learning_rate", "decay_steps", "decay_rate"], &["staircase"]),
    ("PiecewiseConstantDecay", &["boundaries", "values"], &[]),
    ("PolynomialDecay", &["initial_learning_rate", "decay_steps"], &["end_learning_rate", "power", "cycle"]),
    ("InverseTimeDecay", &["initial_learning_rate", "decay_steps", "decay_rate"], &["staircase"]),
    ("CosineDecay", &["initial_learning_rate", "decay_steps"], &["alpha"]),
    ("CosineDecayRestarts", &["initial_learning_rate", "first_decay_steps"], &["t_mul", "m_mul", "alpha"]),
    ("LinearCosineDecay", &["initial_learning_rate", "decay_steps"], &["num_periods", "alpha", "beta"]),
    (
        "NoisyLinearCosineDecay",
        &["initial_learning_rate", "decay_steps"],
        &["initial_variance", "variance_decay", "num_periods", "alpha", "beta"],
    ),
];

/// What `CosineDecay` takes on top since TensorFlow 2.13.
const WARMUP: &[&str] = &["warmup_target", "warmup_steps"];

/// The schedule that a dictionary stands for.
///
/// # Errors
/// What TensorFlow raises to one that it doesn't know, or that takes other arguments.
pub fn deserialize(compiling: &Compiling, written: &Map<String, Value>) -> Attempt<()> {
    let runtime = compiling.runtime;
    let whole = Value::Object(written.clone());
    let (Some(name), Some(config)) = (written.get("class_name"), written.get("config")) else {
        return Err(improper(compiling, &whole));
    };
    let Some(name) = name.as_str() else {
        return Err(Stop::unknown("a schedule's class_name is not a string"));
    };
    let Some(schedule) = SCHEDULES.iter().find(|(known, ..)| *known == name) else {
        return Err(unknown(compiling, "decay", name));
    };
    let Some(config) = config.as_object() else {
        return Err(Stop::unknown("a schedule's configuration is no object"));
    };
    arguments(schedule, config, runtime.python >= [3, 10, 0], runtime.version >= [2, 13, 0])
}

/// What TensorFlow says to a class that it doesn't know, in the words of its version.
pub fn unknown(compiling: &Compiling, what: &str, name: &str) -> Stop {
    let version = compiling.runtime.version;
    let guide = "See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";
    shown::value_error(match () {
        () if version < [2, 5, 0] => format!("Unknown {what}: {name}"),
        () if version < [2, 11, 0] => format!(
            "Unknown {what}: {name}. Please ensure this object is passed to the `custom_objects` argument. {guide}"
        ),
        () => format!(
            "Unknown {what}: '{name}'. Please ensure you are using a `keras.utils.custom_object_scope` and that this \
             object is included in the scope. {guide}"
        ),
    })
}

fn improper(compiling: &Compiling, whole: &Value) -> Stop {
    let shown = super::super::python::repr(whole);
    shown::value_error(match compiling.runtime.version >= [2, 7, 0] {
        true => format!(
            "Improper config format for {shown}. Expecting python dict contains `class_name` and `config` as keys"
        ),
        false => format!("Improper config format: {shown}"),
    })
}

/// What calling the constructor raises: for the first argument it doesn't have, or for those that are not there.
fn arguments(
    schedule: &Schedule,
    config: &Map<String, Value>,
    is_qualified: bool,
    warms_up: bool,
) -> Attempt<()> {
    let (name, required, optional) = *schedule;
    let function = if is_qualified { format!("{name}.__init__()") } else { "__init__()".to_string() };
    let warmup = if warms_up && name == "CosineDecay" { WARMUP } else { &[] };
    let takes = |key: &String| {
        key == "name" || [required, optional, warmup].iter().any(|names| names.contains(&key.as_str()))
    };
    if let Some(key) = config.keys().find(|key| !takes(key)) {
        return Err(shown::type_error(format!("{function} got an unexpected keyword argument '{key}'")));
    }
    let missing: Vec<String> =
        required.iter().filter(|key| !config.contains_key(**key)).map(|key| format!("'{key}'")).collect();
    let (count, plural) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
    let listed = match missing.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [start @ .., last] => format!("{}, and {last}", start.join(", ")),
    };
    Err(shown::type_error(format!(
        "{function} missing {count} required positional argument{plural}: {listed}"
    )))
}
