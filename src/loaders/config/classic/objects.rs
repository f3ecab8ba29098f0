//! What stands among a layer's arguments: activations, initializers, regularizers, constraints.

use serde_json::{Map, Value};

use super::{Builder, Serialized};
use crate::loaders::facts::{Arguments, Class, Identifier, Kind, Named, Refusal};
use crate::loaders::{Attempt, Loader, Raised, Stop, python, python2};

/// The kinds in the order in which constructors make them, and how the arguments end that hold them.
const KINDS: [(Kind, &[&str]); 4] = [
    (Kind::Activations, &["activation"]),
    (Kind::Initializers, &["initializer", "init"]),
    (Kind::Regularizers, &["regularizer"]),
    (Kind::Constraints, &["constraint"]),
];

impl Builder<'_> {
    /// Makes all objects among the arguments of a layer.
    pub(super) fn objects(&self, config: &Map<String, Value>) -> Attempt<()> {
        for (kind, ends) in KINDS {
            let holds =
                |name: &str| ends.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
            for (_, value) in config.iter().filter(|(name, _)| holds(name)) {
                self.object(value, kind)?;
            }
        }
        Ok(())
    }

    fn object(&self, value: &Value, kind: Kind) -> Attempt<()> {
        match value {
            Value::Null => Ok(()),
            Value::String(name) => self.named(name, kind),
            Value::Object(_) if self.runtime.loader == Loader::Keras1 => Ok(()),
            Value::Object(_) => {
                let Serialized { class, config } = self.serialized(value, kind)?;
                self.known(class, kind, value)?;
                match (self.facts.class(kind, class), config) {
                    (Some(class), Value::Object(config)) => self.accepts(class, config),
                    _ => Ok(()),
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                Err(Stop::unknown("an argument that should be an object is something else"))
            }
        }
    }

    /// An object by its name alone.
    fn named(&self, name: &str, kind: Kind) -> Attempt<()> {
        let identifier = match name {
            "" => Identifier::EmptyText,
            _ if name.contains('>') => Identifier::TextRegistered,
            _ => Identifier::Text,
        };
        match self.facts.find(kind, name) {
            Some(Named::Class(_) | Named::Function(_) | Named::Other) => Ok(()),
            None => Err(self.unknown(name, kind, identifier, &Value::from(name))),
        }
    }

    /// Refuses arguments that a class does not take.
    pub(super) fn accepts(&self, class: &Class, config: &Map<String, Value>) -> Attempt<()> {
        match self.refused(class, config) {
            Some(raised) => Err(Stop::Raised(raised)),
            None => Ok(()),
        }
    }

    /// What is said to the arguments that a class does not take, if there are such.
    fn refused(&self, class: &Class, config: &Map<String, Value>) -> Option<Raised> {
        let Arguments::These(_) = class.arguments else { return None };
        let keys = self.keys(config);
        if let Some(raised) = keys.iter().find_map(|key| doubled(class.odd.get(*key)?, key, config)) {
            return Some(raised);
        }
        let unknown: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| class.takes(key) == Some(false) && !class.odd.contains_key(*key))
            .collect();
        let (first, last) = (*unknown.first()?, *unknown.last()?);
        let refused: Map<String, Value> =
            unknown.iter().filter_map(|key| Some((key.to_string(), config.get(*key)?.clone()))).collect();
        let refusal = class.refusal.as_ref()?;
        Some(refusal.filled(&[
            ("first", first),
            ("last", last),
            ("list", &python::list(&unknown)),
            ("dict", &python::dict(&refused)),
            ("class", &class.name),
            ("qualified", class.path.as_deref().unwrap_or(&class.name)),
            ("config", &python::dict(config)),
        ]))
    }

    /// The names of arguments in the order in which the runtime's Python goes through them.
    fn keys<'v>(&self, config: &'v Map<String, Value>) -> Vec<&'v str> {
        let keys: Vec<&str> = config.keys().map(String::as_str).collect();
        if self.runtime.python < [3, 0, 0] {
            return python2::order(&keys).into_iter().filter_map(|index| keys.get(index).copied()).collect();
        }
        keys
    }
}

/// What is said to an argument of Keras 1 where the argument that replaced it is there, too; else it is taken for that.
fn doubled(refusal: &Refusal, key: &str, config: &Map<String, Value>) -> Option<Raised> {
    let replaced = refusal.message.strip_prefix("For the `").and_then(|rest| rest.split_once('`'));
    let is_alone = replaced.is_some_and(|(new, _)| !config.contains_key(new));
    (!is_alone).then(|| refusal.filled(&[("first", key)]))
}
