//! A layer that is no model, from its arguments.

use serde_json::{Map, Value};

use super::{Builder, arguments, values};
use crate::loaders::facts::{Class, Kind};
use crate::loaders::{Attempt, Loader, Raised, Stop, python};

/// Arguments that `from_config` takes for itself, or that the constructor replaces together, by class.
const CONSUMED: [(&str, &[&str]); 4] = [
    (
        "Lambda",
        &["module", "function_type", "output_shape_module", "output_shape_type", "mask_module", "mask_type"],
    ),
    ("Merge", &["mode_type", "output_shape_type", "output_mask_type"]),
    ("Convolution2D", &["nb_row", "nb_col"]),
    ("Convolution3D", &["kernel_dim1", "kernel_dim2", "kernel_dim3"]),
];

/// Refuses a call that lacks a positional argument, which Python says before anything else happens. Where an argument of an
/// older Keras stands among them, it may be the one that is missing.
fn complete(class: &Class, config: &Map<String, Value>) -> Attempt<()> {
    let is_positional = |name: &&String| {
        class
            .missing
            .get(*name)
            .is_some_and(|refusal| refusal.message.contains("required positional argument"))
    };
    let missing: Vec<&String> =
        class.required.iter().filter(|name| !config.contains_key(*name)).filter(is_positional).collect();
    let is_old = config.keys().any(|name| class.odd.contains_key(name));
    let Some(refusal) = missing.first().filter(|_| !is_old).and_then(|name| class.missing.get(*name)) else {
        return Ok(());
    };
    let Raised { exception, message } = refusal.filled(&[("first", missing[0]), ("class", &class.name)]);
    let one = format!("1 required positional argument: '{}'", missing[0]);
    Err(Stop::raised(&exception, message.replace(&one, &required(&missing))))
}

/// `a`, `a and b`, `a, b, and c`
fn enumeration(words: &[String]) -> String {
    match words {
        [one, last] => format!("{one} and {last}"),
        [rest @ .., last] if !rest.is_empty() => format!("{}, and {last}", rest.join(", ")),
        _ => words.join(""),
    }
}

/// `1 required positional argument: 'a'`, `2 required positional arguments: 'a' and 'b'`
fn required(names: &[&String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let (count, listed) = (quoted.len(), enumeration(&quoted));
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} required positional argument{ending}: {listed}")
}

impl Builder<'_> {
    /// Makes a layer of a class that the runtime knows.
    pub(super) fn leaf(&self, class: &str, config: &Value) -> Attempt<()> {
        if class == "Lambda" {
            self.lambda(config)?;
        }
        let mut config = arguments(config)?.clone();
        self.consumed(class).for_each(|name| drop(config.shift_remove(name)));
        self.construct(class, &config).map_err(|stop| self.wrapped(stop, class, &config))
    }

    fn consumed(&self, class: &str) -> impl Iterator<Item = &'static str> {
        // Keras 1 itself has the arguments of its convolutions.
        let is_own = self.runtime.loader == Loader::Keras1 && class.starts_with("Convolution");
        let lists = CONSUMED.iter().filter(move |(own, _)| *own == class && !is_own);
        lists.flat_map(|(_, names)| names.iter().copied())
    }

    fn construct(&self, class: &str, config: &Map<String, Value>) -> Attempt<()> {
        let known = self.facts.class(Kind::Layers, class);
        known.map_or(Ok(()), |class| complete(class, config))?;
        let accepts = || {
            known.map_or(Ok(()), |class| self.accepts(class, config))?;
            values::check(self.runtime, known.map_or(class, |class| &class.name), config)
        };
        if self.makes_objects_first(class) {
            self.objects(config)?;
            return accepts();
        }
        accepts()?;
        self.objects(config)
    }

    /// Whether the objects among the arguments are made before the arguments are looked at: the convolutions inside TensorFlow
    /// make them where they call the constructor they inherit, which refuses what it does not know.
    fn makes_objects_first(&self, class: &str) -> bool {
        self.runtime.loader == Loader::TfKeras
            && ["Conv", "SeparableConv"].iter().any(|start| class.starts_with(start))
    }

    /// What the constructor raises, with what the runtime puts around it.
    fn wrapped(&self, stop: Stop, class: &str, config: &Map<String, Value>) -> Stop {
        let Stop::Raised(mut raised) = stop else { return stop };
        let own = self.facts.class(Kind::Layers, class).map_or(class, |class| &class.name);
        for wrapper in self.facts.wrappers(Kind::Layers) {
            raised = wrapper.filled(&[
                ("class", own),
                ("config", &python::dict(config)),
                ("message", &raised.message),
            ]);
        }
        Stop::Raised(raised)
    }
}
