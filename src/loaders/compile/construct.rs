//! `cls.from_config(config)`: which arguments a class takes, what it says to others.

use serde_json::{Map, Value};

use super::super::facts::{Arguments, Class, Kind, Named};
use super::super::{Attempt, Loader, Raised, Stop, python};
use super::legacy::Made;
use super::{Compiling, keras3, legacy, optimizer, schedule, shown};

/// Makes an object of a class, as far as that raises.
///
/// # Errors
/// What the constructor or `from_config` raises, with what the runtime puts around it.
pub fn construct(compiling: &Compiling, kind: Kind, class: &Class, config: &Value) -> Attempt<Made> {
    let made = || Made::Object(class.name.clone());
    let Value::Object(config) = config else { return Err(no_mapping(compiling, kind, class, config)) };
    match kind {
        Kind::Optimizers | Kind::LegacyOptimizers => {
            optimizer::construct(compiling, class, config).map(|()| made())
        }
        Kind::Losses | Kind::Metrics if is_wrapper(&class.name) => wrapper(compiling, kind, class, config),
        _ => {
            let values = arguments(class, config).and_then(|()| values(compiling, kind, class, config));
            values.map(|()| made()).map_err(|stop| wrapped(compiling, kind, class, config, stop))
        }
    }
}

/// `cls()`: nothing is put around what that raises.
///
/// # Errors
/// What a constructor without arguments raises.
pub fn by_name(compiling: &Compiling, class: &Class) -> Attempt<Made> {
    let nothing = Map::new();
    if is_wrapper(&class.name) {
        let start =
            if compiling.runtime.python >= [3, 10, 0] { format!("{}.", class.name) } else { String::new() };
        let message = format!("{start}__init__() missing 1 required positional argument: 'fn'");
        return Err(shown::type_error(message));
    }
    arguments(class, &nothing).map(|()| Made::Object(class.name.clone()))
}

/// `**config` where config is no dictionary.
fn no_mapping(compiling: &Compiling, kind: Kind, class: &Class, config: &Value) -> Stop {
    let runtime = compiling.runtime;
    let found = shown::type_name(runtime, config);
    let said =
        |what: &str| shown::type_error(format!("{what} argument after ** must be a mapping, not {found}"));
    let is_optimizer = matches!(kind, Kind::Optimizers | Kind::LegacyOptimizers);
    match (runtime.loader, kind) {
        (Loader::Keras1 | Loader::Keras2, _) if runtime.python < [3, 9, 0] => said("type object"),
        (Loader::TfKeras, _) if is_optimizer && config.is_null() => {
            shown::type_error("argument of type 'NoneType' is not iterable")
        }
        (Loader::TfKeras, _) if is_optimizer && runtime.python < [3, 9, 0] => {
            // Since 2.5 the optimizers have another metaclass.
            said(if runtime.version < [2, 5, 0] { "ABCMeta object" } else { "type object" })
        }
        (Loader::Keras3, _) => said(&format!("{}()", keras3::path(kind, class))),
        _ => Stop::unknown(format!("the configuration of {} is a {found}", class.name)),
    }
}

/// What the arguments' names alone raise: those that are refused, then those that are missing.
///
/// # Errors
/// The refusal; unknown where nobody has tried the class.
pub fn arguments(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    if class.arguments == Arguments::Unknown {
        return Err(Stop::unknown(format!("nobody has tried which arguments {} takes", class.name)));
    }
    let mut refused = Vec::new();
    for name in config.keys() {
        match class.takes(name) {
            Some(true) => {}
            Some(false) => refused.push(name.as_str()),
            None => {
                return Err(Stop::unknown(format!("nobody has tried which arguments {} takes", class.name)));
            }
        }
    }
    match refused.first() {
        Some(_) => Err(refusal(class, config, &refused)),
        None => missing(class, config),
    }
}

/// What a class says to arguments it doesn't take, in the order of the configuration.
pub fn refusal(class: &Class, config: &Map<String, Value>, refused: &[&str]) -> Stop {
    let (first, last) =
        (refused.first().copied().unwrap_or_default(), refused.last().copied().unwrap_or_default());
    let Some(refusal) = class.odd.get(first).or(class.refusal.as_ref()) else {
        return Stop::unknown(format!("nobody knows what {} says to the argument {first}", class.name));
    };
    let these =
        refused.iter().filter_map(|name| Some((name.to_string(), config.get(*name)?.clone()))).collect();
    Stop::Raised(refusal.filled(&[
        ("first", first),
        ("last", last),
        ("list", &python::list(refused)),
        ("dict", &python::dict(&these)),
        ("config", &python::dict(config)),
        ("class", &class.name),
        ("qualified", class.path.as_deref().unwrap_or(&class.name)),
    ]))
}

fn missing(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let missing: Vec<&String> = class.required.iter().filter(|name| !config.contains_key(*name)).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => match class.missing.get(*one) {
            Some(refusal) => Err(Stop::Raised(refusal.filled(&[("first", one), ("class", &class.name)]))),
            None => Err(Stop::unknown(format!("{} lacks the argument {one}", class.name))),
        },
        [_, _, ..] => Err(Stop::unknown(format!("{} lacks several arguments", class.name))),
    }
}

/// Puts around an exception what the runtime puts there.
pub fn wrapped(
    compiling: &Compiling,
    kind: Kind,
    class: &Class,
    config: &Map<String, Value>,
    stop: Stop,
) -> Stop {
    let Stop::Raised(mut raised) = stop else { return stop };
    // Keras 3 puts its words around what it was given, which has more than the configuration.
    if compiling.runtime.loader == Loader::Keras3 {
        return Stop::Raised(raised);
    }
    for wrapper in compiling.facts.wrappers(kind) {
        raised = around(wrapper, class, config, &raised);
    }
    Stop::Raised(raised)
}

fn around(
    wrapper: &super::super::facts::Refusal,
    class: &Class,
    config: &Map<String, Value>,
    within: &Raised,
) -> Raised {
    wrapper.filled(&[
        ("class", &class.name),
        ("qualified", &format!("<class '{}'>", class.path.as_deref().unwrap_or(&class.name))),
        ("config", &python::dict(config)),
        ("message", &within.message),
    ])
}

/// Classes that only call a function, which their configuration names.
fn is_wrapper(name: &str) -> bool {
    matches!(name, "MeanMetricWrapper" | "SumOverBatchSizeMetricWrapper" | "LossFunctionWrapper")
}

/// `MeanMetricWrapper(metrics.get(fn), **config)`. What else there is goes to the function, which is called later.
fn wrapper(compiling: &Compiling, kind: Kind, class: &Class, config: &Map<String, Value>) -> Attempt<Made> {
    let runtime = compiling.runtime;
    let made = || Made::Object(class.name.clone());
    if runtime.loader == Loader::Keras3 {
        return keras3::wrapper(compiling, kind, class, config).map(|()| made());
    }
    if runtime.loader != Loader::TfKeras || runtime.version < [2, 2, 0] {
        return uncallable(config);
    }
    match (class.name.as_str(), config.get("fn")) {
        ("MeanMetricWrapper", None | Some(Value::Null)) => Err(no_function(compiling)),
        ("MeanMetricWrapper", Some(function)) => metric_function(compiling, kind, function).map(|()| made()),
        // Since TensorFlow 2.13 losses look their function up, too.
        ("LossFunctionWrapper", Some(Value::String(_))) if runtime.version >= [2, 13, 0] => {
            let function = config.get("fn").unwrap_or(&Value::Null);
            legacy::deserialize(compiling, kind, function)?;
            reduction(compiling, config).map(|()| made())
        }
        // These are given whatever there is, and call it when the model is trained.
        (_, Some(_)) => Ok(made()),
        (_, None) => Err(Stop::unknown(format!("{} lacks its function", class.name))),
    }
}

/// Before TensorFlow 2.2 the name of a function was taken for the function.
fn uncallable(config: &Map<String, Value>) -> Attempt<Made> {
    let found = match config.get("fn") {
        None => return Err(shown::type_error("__init__() missing 1 required positional argument: 'fn'")),
        Some(Value::Object(_)) => "_DictWrapper",
        Some(Value::String(_)) => "str",
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            return Err(Stop::unknown("what a metric calls is no function"));
        }
    };
    Ok(Made::Broken(Raised::new("TypeError", format!("'{found}' object is not callable"))))
}

/// `metrics.get(None)`
fn no_function(compiling: &Compiling) -> Stop {
    match compiling.runtime.version {
        version if version < [2, 3, 0] => Stop::raised("KeyError", "'fn'"),
        version if version < [2, 7, 0] => {
            shown::value_error("Could not interpret metric function identifier: None")
        }
        _ => shown::value_error("Could not interpret metric identifier: None"),
    }
}

fn metric_function(compiling: &Compiling, kind: Kind, function: &Value) -> Attempt<()> {
    match function {
        Value::String(name)
            if compiling.facts.find(kind, name).is_some_and(|found| found != Named::Other) =>
        {
            Ok(())
        }
        _ => legacy::deserialize(compiling, kind, function).map(|_| ()),
    }
}

/// What values raise that have the right names.
fn values(compiling: &Compiling, kind: Kind, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    match kind {
        Kind::Losses => reduction(compiling, config),
        Kind::Metrics => {
            policy(compiling, config)?;
            if class.name == "AUC" { auc(config) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// A dtype as Keras 3 writes it, which nothing before it knows.
fn policy(compiling: &Compiling, config: &Map<String, Value>) -> Attempt<()> {
    let runtime = compiling.runtime;
    let written = config.get("dtype").and_then(Value::as_object).and_then(|dtype| dtype.get("class_name"));
    let Some(name) = written.and_then(Value::as_str).filter(|_| runtime.loader == Loader::TfKeras) else {
        return Ok(());
    };
    if runtime.version < [2, 2, 0] {
        return Err(shown::type_error("unhashable type: 'dict'"));
    }
    match matches!(name, "Policy" | "PolicyV1") {
        true => Err(Stop::unknown("what a metric makes of its dtype policy is not known")),
        false => Err(schedule::unknown(compiling, "dtype policy", name)),
    }
}

/// How losses of a batch are joined. Keras 3 doesn't know `auto`, which Keras 2 writes.
fn reduction(compiling: &Compiling, config: &Map<String, Value>) -> Attempt<()> {
    let Some(found) = config.get("reduction") else { return Ok(()) };
    let runtime = compiling.runtime;
    let known: &[&str] = match runtime.loader {
        Loader::Keras3 => keras3::REDUCTIONS,
        Loader::Keras1 | Loader::Keras2 => &["none", "sum", "sum_over_batch_size"],
        Loader::TfKeras => &["auto", "none", "sum", "sum_over_batch_size"],
    };
    if found.as_str().is_some_and(|found| known.contains(&found)) {
        return Ok(());
    }
    if runtime.loader == Loader::Keras3 {
        return keras3::reduction(compiling, found);
    }
    let shown = shown::text(runtime, found)?;
    Err(shown::value_error(match runtime.loader == Loader::TfKeras && runtime.version >= [2, 7, 0] {
        true => format!(
            "Invalid Reduction Key: {shown}. Expected keys are \"('auto', 'none', 'sum', 'sum_over_batch_size')\""
        ),
        false => format!("Invalid Reduction Key {shown}."),
    }))
}

/// Keras 2.4 and later refuse labels that nothing counts.
fn auc(config: &Map<String, Value>) -> Attempt<()> {
    let has = |key: &str| config.get(key).is_some_and(|value| !value.is_null());
    let is_many = config.get("multi_label").is_some_and(shown::is_true);
    match has("num_labels") && !is_many {
        true => Err(shown::value_error("`num_labels` is needed only when `multi_label` is True.")),
        false => Ok(()),
    }
}
