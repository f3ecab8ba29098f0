//! What each runtime's tables and constructors know, dumped from the installed runtime: names, arguments, refusals, defaults.
//!
//! `tools/dump_runtime.py` asks a runtime, `tools/pack_runtimes.py` writes `facts/ID.json`. A file has a `certificate`, perhaps
//! the file it is `based_on` and the lines of that it is `without`, and `facts`, one line each:
//!
//! | key | line |
//! |---|---|
//! | `KIND` | what holds for most of its classes: `arguments`, `defaults`, `refusal`, `missing`; `wrappers`, `case_insensitive` |
//! | `KIND class NAME` | where a class differs from that (`-x`: takes no argument x), or the name that NAME is an alias of |
//! | `KIND functions`, `KIND untried`, `KIND others` | functions; classes not tried; what else the table has |
//! | `KIND unknown` | what it says to identifiers it doesn't know: a template, or `=TYPE` of what it returns |
//! | `registered NAME` | the class that the runtime itself has registered under that name |
//! | `module MODULE` | the names of classes and functions that Keras 3 has under that public name |
//! | `template NAME` | an exception and its message with `{placeholders}` |
//! | `~KEY` | a change of the base's line: words added, or (`-x`) taken away; members replaced, or (null) taken away |

mod read;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::Raised;

/// A kind of objects, each with a deserialiser and a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Layers and models, as `load_model` of an .h5 makes them.
    Layers,
    /// Layers that carry a `module` in Keras 3, which it deserialises another way. Elsewhere as [`Kind::Layers`].
    ModuleLayers,
    /// Initializers.
    Initializers,
    /// Regularizers.
    Regularizers,
    /// Constraints.
    Constraints,
    /// Activations: functions, mostly.
    Activations,
    /// Optimizers; in TensorFlow 2.11 and later those of configurations with `is_legacy_optimizer: false`.
    Optimizers,
    /// What TensorFlow 2.11 and later make of every other configuration that isn't empty. Elsewhere as [`Kind::Optimizers`].
    LegacyOptimizers,
    /// Losses.
    Losses,
    /// Metrics.
    Metrics,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Layers,
        Kind::ModuleLayers,
        Kind::Initializers,
        Kind::Regularizers,
        Kind::Constraints,
        Kind::Activations,
        Kind::Optimizers,
        Kind::LegacyOptimizers,
        Kind::Losses,
        Kind::Metrics,
    ];

    /// As the files have it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Layers => "layers",
            Kind::ModuleLayers => "module_layers",
            Kind::Initializers => "initializers",
            Kind::Regularizers => "regularizers",
            Kind::Constraints => "constraints",
            Kind::Activations => "activations",
            Kind::Optimizers => "optimizers",
            Kind::LegacyOptimizers => "legacy_optimizers",
            Kind::Losses => "losses",
            Kind::Metrics => "metrics",
        }
    }

    /// The kind that a runtime without this one treats its objects as.
    fn plain(self) -> Kind {
        match self {
            Kind::ModuleLayers => Kind::Layers,
            Kind::LegacyOptimizers => Kind::Optimizers,
            other => other,
        }
    }
}

/// An exception and its message, with placeholders for what varies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The exception's type: `TypeError`.
    pub exception: String,
    /// Its message. Placeholders: `{first}` and `{last}` of the refused arguments, `{list}` and `{dict}` of all of them, as
    /// Python shows them; `{name}` that isn't known; `{class}` by its own name, `{qualified}` with its module; `{config}` as
    /// Python shows it; `{message}` of the exception within.
    pub message: String,
}

impl Refusal {
    /// The exception with the placeholders filled in: `[("first", "groups")]`. What is filled in is not searched again.
    pub fn filled(&self, values: &[(&str, &str)]) -> Raised {
        let (mut message, mut rest) = (String::new(), self.message.as_str());
        while let Some((before, found)) = rest.split_once('{') {
            message.push_str(before);
            let known = values.iter().find_map(|(name, value)| {
                let after = found.strip_prefix(name)?.strip_prefix('}')?;
                Some((*value, after))
            });
            let (value, after) = known.unwrap_or(("{", found));
            message.push_str(value);
            rest = after;
        }
        Raised::new(&self.exception, message + rest)
    }
}

/// Which arguments a class takes in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// It couldn't be made by itself, so nobody knows.
    Unknown,
    /// Whatever is given.
    Any,
    /// These.
    These(BTreeSet<String>),
}

/// A class, or a function that is called with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its own name, as messages have it; tables may list it under another: `Adam` under `adam`.
    pub name: String,
    /// Its name with its module, where messages have that: `keras.src.layers.core.dense.Dense`.
    pub path: Option<String>,
    /// The arguments it takes.
    pub arguments: Arguments,
    /// The arguments it can't be made without, in the constructor's order.
    pub required: Vec<String>,
    /// What is said where one of them is missing.
    pub missing: BTreeMap<String, Refusal>,
    /// What is said to arguments it doesn't take.
    pub refusal: Option<Refusal>,
    /// What is put around its refusals, the innermost first; few classes differ in that from their kind.
    pub wrappers: Vec<Refusal>,
    /// Arguments that are refused in words of their own beside the configuration that the runtime itself writes. Keras 2 takes
    /// some of Keras 1 (`nb_filter`) where the argument that replaced them is not there, too.
    pub odd: BTreeMap<String, Refusal>,
    /// Values of arguments left out, where they are plain data and not None.
    pub defaults: Map<String, Value>,
}

impl Class {
    /// Whether it takes an argument; None where that isn't known.
    pub fn takes(&self, argument: &str) -> Option<bool> {
        match &self.arguments {
            Arguments::Unknown => None,
            Arguments::Any => Some(true),
            Arguments::These(names) => Some(names.contains(argument)),
        }
    }
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Named<'a> {
    /// A class.
    Class(&'a Class),
    /// A function, and its own name: `mean_squared_error` for `mse`.
    Function(&'a str),
    /// Something else that happens to stand in the table, such as a module.
    Other,
}

/// What comes of an identifier that isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An exception.
    Raises(Refusal),
    /// An object of this Python type; usually a `str`, the name itself.
    Returns(String),
}

/// An identifier that isn't known, or isn't one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// `{"class_name": …, "config": {}}`
    Class,
    /// The same with the public `module` of its kind.
    ClassWithModule,
    /// The same with a `module` that is not Keras', and a registered name.
    ClassOfCustomModule,
    /// The same with `"module": null` and a registered name.
    ClassWithoutModule,
    /// `{"class_name": …}`
    ClassWithoutConfig,
    /// `{"class_name": …, "config": null}`
    ConfigNone,
    /// `{"class_name": null, "config": {}}`
    ClassNameNone,
    /// `{"class_name": "function", "config": …, "module": "builtins", "registered_name": …}`
    FunctionWithModule,
    /// `{"class_name": "Custom>…", "config": {}}`
    Registered,
    /// A name.
    Text,
    /// `Custom>…`
    TextRegistered,
    /// An empty name.
    EmptyText,
    /// The number 5.
    Number,
    /// An empty list.
    List,
    /// `{}`
    Dict,
    /// None.
    None,
}

impl Identifier {
    fn word(self) -> &'static str {
        match self {
            Identifier::Class => "class",
            Identifier::ClassWithModule => "class_with_module",
            Identifier::ClassOfCustomModule => "class_of_custom_module",
            Identifier::ClassWithoutModule => "class_without_module",
            Identifier::ClassWithoutConfig => "class_without_config",
            Identifier::ConfigNone => "config_none",
            Identifier::ClassNameNone => "class_name_none",
            Identifier::FunctionWithModule => "function_with_module",
            Identifier::Registered => "registered",
            Identifier::Text => "string",
            Identifier::TextRegistered => "string_registered",
            Identifier::EmptyText => "empty_string",
            Identifier::Number => "number",
            Identifier::List => "list",
            Identifier::Dict => "dict",
            Identifier::None => "none",
        }
    }
}

/// What is known of one kind in one runtime.
#[derive(Debug, Default)]
struct Table {
    classes: BTreeMap<String, Class>,
    aliases: BTreeMap<String, String>,
    functions: BTreeSet<String>,
    others: BTreeSet<String>,
    case_insensitive: bool,
    wrappers: Vec<Refusal>,
    unknown: BTreeMap<String, Answer>,
}

impl Table {
    fn find(&self, name: &str) -> Option<Named<'_>> {
        let main = self.aliases.get(name).map_or(name, String::as_str);
        if let Some(class) = self.classes.get(main) {
            return Some(Named::Class(class));
        }
        let function = self.functions.get(main).map(|function| Named::Function(function));
        function.or_else(|| self.others.contains(main).then_some(Named::Other))
    }
}

/// What is known of one runtime.
#[derive(Debug)]
pub struct Facts {
    /// Which versions answered.
    pub certificate: Map<String, Value>,
    tables: BTreeMap<Kind, Table>,
    registered: BTreeMap<String, String>,
    modules: BTreeMap<String, BTreeSet<String>>,
}

impl Facts {
    /// The facts that a runtime's row names; parsed once. None where there are none of that name.
    pub fn of(id: &str) -> Option<&'static Facts> {
        let stored = stored::STORED.iter().find(|stored| stored.id == id)?;
        stored.parsed.get_or_init(|| read::facts(stored)).as_ref()
    }

    fn table(&self, kind: Kind) -> Option<&Table> {
        self.tables.get(&kind).or_else(|| self.tables.get(&kind.plain()))
    }

    /// What a name leads to: its table's entry, or a class that the runtime has registered itself (`Custom>Adam`).
    pub fn find(&self, kind: Kind, name: &str) -> Option<Named<'_>> {
        if let Some(own) = self.registered.get(name) {
            return Some(self.named(own).map_or(Named::Other, Named::Class));
        }
        let table = self.table(kind)?;
        table.find(name).or_else(|| table.case_insensitive.then(|| table.find(&name.to_lowercase()))?)
    }

    /// The class of any kind that has this name of its own.
    fn named(&self, own: &str) -> Option<&Class> {
        self.tables.values().flat_map(|table| table.classes.values()).find(|class| class.name == own)
    }

    /// The class that a name leads to, if it leads to one.
    pub fn class(&self, kind: Kind, name: &str) -> Option<&Class> {
        match self.find(kind, name)? {
            Named::Class(class) => Some(class),
            Named::Function(_) | Named::Other => None,
        }
    }

    /// Whether Keras 3 has a class or function under the public name `module.name`.
    pub fn exports(&self, module: &str, name: &str) -> bool {
        self.modules.get(module).is_some_and(|names| names.contains(name))
    }

    /// What is put around the exceptions of most constructors of a kind, the innermost first. Keras 2.12 and later do that;
    /// what shows a `{qualified}` class is put around a TypeError alone.
    pub fn wrappers(&self, kind: Kind) -> &[Refusal] {
        self.table(kind).map_or(&[], |table| &table.wrappers)
    }

    /// What comes of an identifier that isn't known. Placeholders: `{name}`, the name as it is, be it empty, `Custom>Mine`,
    /// `function`, or `None` where there is none; `{config}`.
    pub fn unknown(&self, kind: Kind, identifier: Identifier) -> Option<&Answer> {
        let unknown = &self.table(kind)?.unknown;
        let text = [Identifier::TextRegistered, Identifier::EmptyText].contains(&identifier);
        let alike = if text { Identifier::Text } else { Identifier::Class };
        [identifier, alike, Identifier::Class].iter().find_map(|identifier| unknown.get(identifier.word()))
    }
}

/// A runtime's facts as they are stored.
struct Stored {
    id: &'static str,
    text: &'static str,
    parsed: OnceLock<Option<Facts>>,
}

impl Stored {
    const fn new(id: &'static str, text: &'static str) -> Stored {
        Stored { id, text, parsed: OnceLock::new() }
    }
}

#[cfg(test)]
mod tests;
