//! Reads the files of facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::stored::STORED;
use super::{Answer, Arguments, Class, Facts, Kind, Refusal, Stored, Table};

/// The lines of a runtime, those of its bases among them.
type Lines = BTreeMap<String, Value>;

/// A file.
#[derive(Deserialize)]
struct File {
    certificate: Map<String, Value>,
    #[serde(default)]
    based_on: Option<String>,
    #[serde(default)]
    without: Vec<String>,
    facts: Lines,
}

/// The line of a kind.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Shared {
    arguments: String,
    defaults: Map<String, Value>,
    refusal: Option<String>,
    missing: Option<String>,
    case_insensitive: bool,
    wrappers: Vec<String>,
    lacks: String,
}

/// The line of a class.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Own {
    class: Option<String>,
    path: Option<String>,
    arguments: String,
    required: String,
    missing: BTreeMap<String, String>,
    refusal: Option<String>,
    odd: BTreeMap<String, String>,
    defaults: Map<String, Value>,
}

/// The facts of a file. None where it is broken, which is a fault of ours that a test finds.
pub(super) fn facts(stored: &Stored) -> Option<Facts> {
    let (certificate, lines) = lines(stored)?;
    let templates = templates(&lines)?;
    let mut tables = BTreeMap::new();
    for kind in Kind::ALL {
        if lines.contains_key(kind.word()) {
            tables.insert(kind, table(kind, &lines, &templates)?);
        }
    }
    let registered = below(&lines, "registered ");
    let registered = registered.filter_map(|(name, own)| Some((name.to_string(), own.as_str()?.to_string())));
    let modules = below(&lines, "module ")
        .map(|(name, names)| (name.to_string(), taken("", names.as_str().unwrap_or(""))));
    Some(Facts { certificate, tables, registered: registered.collect(), modules: modules.collect() })
}

/// A file's lines on top of those of its base, which stands before it in the list, so that this ends.
fn lines(stored: &Stored) -> Option<(Map<String, Value>, Lines)> {
    let file: File = serde_json::from_str(stored.text).ok()?;
    let mut all = match file.based_on {
        Some(base) => {
            let before = STORED.iter().take_while(|other| other.id != stored.id);
            lines(before.into_iter().find(|other| other.id == base)?)?.1
        }
        None => Lines::new(),
    };
    for key in &file.without {
        all.remove(key);
    }
    for (key, line) in file.facts {
        match key.strip_prefix('~') {
            Some(plain) if plain.starts_with("module ") => merge(all.get_mut(plain)?, line, "arguments"),
            Some(plain) => merge(all.get_mut(plain)?, line, plain.rsplit(' ').next()?),
            None => {
                all.insert(key, line);
            }
        }
    }
    Some((file.certificate, all))
}

/// Applies a change to a line: lists of words are added to, members replaced, or removed where the change is null.
fn merge(old: &mut Value, new: Value, key: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (member, change) in new {
                if change.is_null() {
                    old.remove(&member);
                } else {
                    merge(old.entry(member.as_str()).or_insert(Value::Null), change, &member);
                }
            }
        }
        (Value::String(old), Value::String(new))
            if matches!(key, "arguments" | "functions" | "others" | "untried") =>
        {
            old.push(' ');
            old.push_str(&new);
        }
        (old, new) => *old = new,
    }
}

/// The lines whose keys start so, without that start.
fn below<'a>(lines: &'a Lines, start: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let from = lines.range(start.to_string()..);
    from.map_while(move |(key, line)| Some((key.strip_prefix(start)?, line)))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_string)
}

/// Exceptions by the name of their template.
struct Templates(BTreeMap<String, Refusal>);

fn templates(lines: &Lines) -> Option<Templates> {
    let read = |(name, line): (&str, &Value)| {
        let [exception, message]: [String; 2] = serde_json::from_value(line.clone()).ok()?;
        Some((name.to_string(), Refusal { exception, message }))
    };
    below(lines, "template ").map(read).collect::<Option<_>>().map(Templates)
}

impl Templates {
    fn get(&self, name: &str) -> Option<Refusal> {
        self.0.get(name).cloned()
    }

    fn all(&self, names: &BTreeMap<String, String>) -> Option<BTreeMap<String, Refusal>> {
        names.iter().map(|(argument, name)| Some((argument.clone(), self.get(name)?))).collect()
    }
}

fn table(kind: Kind, lines: &Lines, templates: &Templates) -> Option<Table> {
    let shared: Shared = serde_json::from_value(lines.get(kind.word())?.clone()).ok()?;
    let mut table = Table { case_insensitive: shared.case_insensitive, ..Table::default() };
    table.wrapper = shared.wrappers.iter().flat_map(|text| wrappers(text)).collect();
    for (name, line) in class_lines(kind, lines, &shared) {
        match line.as_str() {
            Some(main) => {
                table.aliases.insert(name.to_string(), main.to_string());
            }
            None => {
                let own: Own = serde_json::from_value(line.clone()).ok()?;
                table.classes.insert(name.to_string(), class(name, own, &shared, templates)?);
            }
        }
    }
    let list =
        |what: &str| lines.get(&format!("{} {what}", kind.word())).and_then(Value::as_str).unwrap_or("");
    table.functions = taken("", list("functions"));
    table.others = taken("", list("others"));
    table.classes.extend(taken("", list("untried")).into_iter().map(|name| (name.clone(), untried(name))));
    let answers = lines.get(&format!("{} unknown", kind.word()))?.as_object()?;
    table.unknown = answers
        .iter()
        .map(|(how, said)| Some((how.clone(), answer(said.as_str()?, templates)?)))
        .collect::<Option<_>>()?;
    Some(table)
}

/// The lines of a kind's classes. Layers with a `module` are as those without, but for the lines of their own.
fn class_lines<'a>(kind: Kind, lines: &'a Lines, shared: &Shared) -> BTreeMap<&'a str, &'a Value> {
    let mut all = BTreeMap::new();
    if kind == Kind::ModuleLayers {
        all.extend(below(lines, "layers class "));
        all.retain(|name, _| !shared.lacks.split_whitespace().any(|lacking| lacking == *name));
    }
    let start = match kind {
        Kind::Layers => "layers class ",
        Kind::ModuleLayers => "module_layers class ",
        Kind::Initializers => "initializers class ",
        Kind::Regularizers => "regularizers class ",
        Kind::Constraints => "constraints class ",
        Kind::Activations => "activations class ",
        Kind::Optimizers => "optimizers class ",
        Kind::LegacyOptimizers => "legacy_optimizers class ",
        Kind::Losses => "losses class ",
        Kind::Metrics => "metrics class ",
    };
    all.extend(below(lines, start));
    all
}

fn class(name: &str, own: Own, shared: &Shared, templates: &Templates) -> Option<Class> {
    let required: Vec<String> = words(&own.required).collect();
    let mut missing = templates.all(&own.missing)?;
    for argument in &required {
        let said = shared.missing.as_deref().and_then(|name| templates.get(name));
        if let (false, Some(said)) = (missing.contains_key(argument), said) {
            missing.insert(argument.clone(), said);
        }
    }
    let mut defaults = shared.defaults.clone();
    defaults.extend(own.defaults);
    let arguments = arguments(&shared.arguments, &own.arguments);
    if let Arguments::These(taken) = &arguments {
        defaults.retain(|argument, _| taken.contains(argument));
    }
    let refusal = match &arguments {
        Arguments::Any => None,
        Arguments::Unknown | Arguments::These(_) => {
            own.refusal.or(shared.refusal.clone()).and_then(|name| templates.get(&name))
        }
    };
    let odd = templates.all(&own.odd)?;
    let name = own.class.unwrap_or_else(|| name.to_string());
    Some(Class {
        path: own.path.map(|module| format!("keras.src.{module}.{name}")),
        name,
        arguments,
        required,
        missing,
        refusal,
        odd,
        defaults,
    })
}

fn arguments(shared: &str, own: &str) -> Arguments {
    if own == "*" { Arguments::Any } else { Arguments::These(taken(shared, own)) }
}

/// The common words, and then word by word those that are added, and those (`-x`) that are taken away.
fn taken(common: &str, own: &str) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for word in common.split_whitespace().chain(own.split_whitespace()) {
        match word.strip_prefix('-') {
            Some(lacking) => taken.remove(lacking),
            None => taken.insert(word.to_string()),
        };
    }
    taken
}

/// A class of which only the name is known.
fn untried(name: String) -> Class {
    Class {
        name,
        path: None,
        arguments: Arguments::Unknown,
        required: Vec::new(),
        missing: BTreeMap::new(),
        refusal: None,
        odd: BTreeMap::new(),
        defaults: Map::new(),
    }
}

fn answer(said: &str, templates: &Templates) -> Option<Answer> {
    match said.strip_prefix('=') {
        Some(returned) => Some(Answer::Returns(returned.to_string())),
        None => templates.get(said).map(Answer::Raises),
    }
}

/// `TypeError: …{message} <- TypeError: …{message}`: what is put around a message, the outermost first in the file.
fn wrappers(text: &str) -> Vec<Refusal> {
    let split = text.split(" <- ").filter_map(|part| part.split_once(": "));
    let mut all: Vec<Refusal> = split
        .map(|(exception, message)| Refusal {
            exception: exception.to_string(),
            message: message.to_string(),
        })
        .collect();
    all.reverse();
    all
}
