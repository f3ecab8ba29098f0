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
    wrappers: String,
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
    wrappers: Option<String>,
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

    /// Those of the names in a text; `-` stands for none.
    fn chain(&self, names: &str) -> Option<Vec<Refusal>> {
        names.split_whitespace().filter(|name| *name != "-").map(|name| self.get(name)).collect()
    }

    fn all(&self, names: &BTreeMap<String, String>) -> Option<BTreeMap<String, Refusal>> {
        names.iter().map(|(argument, name)| Some((argument.clone(), self.get(name)?))).collect()
    }
}

fn table(kind: Kind, lines: &Lines, templates: &Templates) -> Option<Table> {
    let shared: Shared = serde_json::from_value(lines.get(kind.word())?.clone()).ok()?;
    let mut table = Table { case_insensitive: shared.case_insensitive, ..Table::default() };
    table.wrappers = templates.chain(&shared.wrappers)?;
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
    let arguments = arguments(&shared.arguments, &own.arguments);
    let name = own.class.unwrap_or_else(|| name.to_string());
    let refusal = own.refusal.as_ref().or(shared.refusal.as_ref()).filter(|_| arguments != Arguments::Any);
    let required: Vec<String> = words(&own.required).collect();
    Some(Class {
        path: own.path.map(|module| format!("keras.src.{module}.{name}")),
        missing: missing(&required, &own.missing, shared, templates)?,
        refusal: refusal.and_then(|name| templates.get(name)),
        wrappers: templates.chain(own.wrappers.as_ref().unwrap_or(&shared.wrappers))?,
        odd: templates.all(&own.odd)?,
        defaults: defaults(&shared.defaults, own.defaults, &arguments),
        name,
        arguments,
        required,
    })
}

/// What is said where a required argument is missing.
fn missing(
    required: &[String],
    own: &BTreeMap<String, String>,
    shared: &Shared,
    templates: &Templates,
) -> Option<BTreeMap<String, Refusal>> {
    let common = shared.missing.as_deref().and_then(|name| templates.get(name));
    let said = required.iter().filter_map(|argument| Some((argument.clone(), common.clone()?)));
    let mut all: BTreeMap<String, Refusal> = said.collect();
    all.extend(templates.all(own)?);
    Some(all)
}

/// The defaults of most classes and a class's own, of the arguments that it takes.
fn defaults(
    shared: &Map<String, Value>,
    own: Map<String, Value>,
    arguments: &Arguments,
) -> Map<String, Value> {
    let mut all = shared.clone();
    all.extend(own);
    if let Arguments::These(taken) = arguments {
        all.retain(|argument, _| taken.contains(argument));
    }
    all
}

/// The arguments of most classes with those that a class has beside them, and without those it lacks.
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
        wrappers: Vec::new(),
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
