//! `model_class.json` beside a model: whether ImageAI finds a name in it for every class.
//!
//! Sources: `json.load`, then `CLASS_INDEX[str(i)]` in ImageAI 2.0.3 `Prediction/Custom/custom_utils.py` and
//! `self.__model_classes[str(i)]` in 2.1.6 `Classification/Custom/__init__.py`; how the trainers of both write it: `json.dump` of
//! `{"0": folder, …}`, folders by the alphabet. ImageAI 3 comes to it only with models of PyTorch.

use serde_json::{Map, Value};

use crate::keras::json;
use crate::limits;
use crate::loaders::{Raised, python};

/// What a list of classes is worth beside a model.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Entries it has.
    pub entries: Option<usize>,
    /// Classes of the model, where that is known.
    pub classes: Option<usize>,
    /// What is wrong with it, in sentences.
    pub problems: Vec<String>,
    /// What is unusual about it, in sentences.
    pub notes: Vec<String>,
    /// What each ImageAI says because of it.
    pub says: Vec<Saying>,
}

/// What an ImageAI says because of a list of classes.
#[derive(Clone, Debug)]
pub struct Saying {
    /// `imageai216`
    pub edition: &'static str,
    /// The call that fails.
    pub call: &'static str,
    /// What a person sees.
    pub shown: Raised,
    /// What is behind it.
    pub hidden: Option<Raised>,
}

/// Where a list makes ImageAI fail.
enum Trouble {
    /// `json.load` fails, with this message.
    Text(String),
    /// Looking a class up fails.
    Lookup(Raised),
}

impl Labels {
    /// Judges the text of a list of classes.
    pub fn judge(text: &str, classes: Option<usize>) -> Labels {
        let labels = Labels { classes, ..Labels::default() };
        let none = |problem: &str, why: &str| {
            labels.clone().with_problem(problem.into(), Trouble::Lookup(Raised::new("TypeError", why)))
        };
        match json::parse(text).map(|parsed| parsed.value) {
            Ok(Value::Object(map)) => labels.with_names(&map),
            Ok(Value::Array(items)) => Labels {
                entries: Some(items.len()),
                ..none(
                    "It is a list. ImageAI looks a name up by its number as text: {\"0\": \"cat\", \"1\": \"dog\"}.",
                    "list indices must be integers or slices, not str",
                )
            },
            Ok(Value::String(_)) => none("It is a text, not an object.", "string indices must be integers"),
            Ok(Value::Null) => none("It is null, not an object.", "'NoneType' object is not subscriptable"),
            Ok(Value::Bool(_)) => {
                none("It is true or false, not an object.", "'bool' object is not subscriptable")
            }
            Ok(Value::Number(value)) => {
                let kind = if value.is_f64() { "float" } else { "int" };
                none("It is a number, not an object.", &format!("'{kind}' object is not subscriptable"))
            }
            Err(why) => labels.with_problem(format!("It is not JSON: {why}."), Trouble::Text(why)),
        }
    }

    fn with_names(mut self, map: &Map<String, Value>) -> Labels {
        self.entries = Some(map.len());
        let numbers: Vec<Option<usize>> = map.keys().map(|key| number(key)).collect();
        if numbers.iter().all(Option::is_none) && !map.is_empty() {
            let first = map.keys().next().cloned().unwrap_or_default();
            let problem = format!(
                "Its keys are names ({}), not numbers as text: names and numbers stand the wrong way round.",
                python::text(&first)
            );
            return self.with_problem(problem, Trouble::Lookup(key_error(0)));
        }
        let classes = self
            .classes
            .unwrap_or_else(|| numbers.iter().flatten().max().map_or(0, |last| last.saturating_add(1)));
        let known: std::collections::HashSet<usize> = numbers.iter().flatten().copied().collect();
        let missing: Vec<usize> =
            (0..classes.min(limits::MAX_LAYERS)).filter(|class| !known.contains(class)).collect();
        self.note_order(map);
        self.note_surplus(map, classes);
        match missing.first() {
            None => self,
            Some(first) => {
                let problem = format!(
                    "The network has {classes} classes, and there is no name for {}.",
                    listed(&missing)
                );
                // Which of them a picture meets first can't be known.
                let raised = match missing.len() {
                    1 => key_error(*first),
                    _ => Raised::new("KeyError", format!("... (one of {})", listed(&missing))),
                };
                self.with_problem(problem, Trouble::Lookup(raised))
            }
        }
    }

    /// Names beyond the last class, and values that are none.
    fn note_surplus(&mut self, map: &Map<String, Value>, classes: usize) {
        let beyond: Vec<&String> =
            map.keys().filter(|key| number(key).is_none_or(|number| number >= classes)).collect();
        if let Some(first) = beyond.first().filter(|_| self.classes.is_some()) {
            self.notes.push(format!(
                "The network has {classes} classes; {} of the entries belong to none, the first is {}. The list may be another model's.",
                beyond.len(),
                python::text(first)
            ));
        }
        if let Some((key, value)) = map.iter().find(|(_, value)| !value.is_string()) {
            self.notes.push(format!("The name of class {key} is {}, not a text.", python::repr(value)));
        }
    }

    /// ImageAI's trainers number the folders by the alphabet.
    fn note_order(&mut self, map: &Map<String, Value>) {
        let mut by_number: Vec<(usize, &str)> =
            map.iter().filter_map(|(key, value)| Some((number(key)?, value.as_str()?))).collect();
        by_number.sort_unstable();
        if let Some(pair) = by_number.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            self.notes.push(format!(
                "The names are not in alphabetical order ({} is followed by {}), in which ImageAI's trainers number the folders. If the list was \
                 written by hand, compare it with the folders.",
                python::text(pair[0].1),
                python::text(pair[1].1)
            ));
        }
    }

    /// Something that makes ImageAI fail. A class that has no name does so when it is among the results for a picture.
    fn with_problem(mut self, problem: String, trouble: Trouble) -> Labels {
        let value = |message: &str| Raised::new("ValueError", message);
        let says = |edition, call, shown, hidden| Saying { edition, call, shown, hidden };
        let (first, second) = match trouble {
            Trouble::Text(why) => {
                let raised = Raised::new("JSONDecodeError", why);
                (raised.clone(), says("imageai216", "loadModel", raised, None))
            }
            Trouble::Lookup(raised) => {
                let shown = value("Error. Ensure your input image is valid");
                (raised.clone(), says("imageai216", "classifyImage", shown, Some(raised)))
            }
        };
        self.problems.push(problem);
        self.says = vec![
            says("imageai203", "predictImage", value("An error occured! Try again."), Some(first)),
            second,
        ];
        self
    }
}

/// The number in a key, written as Python's `str` writes it.
fn number(key: &str) -> Option<usize> {
    key.parse().ok().filter(|number: &usize| number.to_string() == key)
}

fn key_error(class: usize) -> Raised {
    Raised::new("KeyError", python::text(&class.to_string()))
}

/// The first few numbers, and how many more there are.
fn listed(numbers: &[usize]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = numbers.iter().take(SHOWN).map(usize::to_string).collect();
    match numbers.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str, classes: usize) -> Vec<String> {
        let shown = |raised: &Raised| format!("{}: {}", raised.exception, raised.message);
        let says = Labels::judge(text, Some(classes)).says;
        says.iter().map(|saying| shown(saying.hidden.as_ref().unwrap_or(&saying.shown))).collect()
    }

    fn names(numbers: impl Iterator<Item = usize>) -> String {
        format!("{{{}}}", numbers.map(|n| format!("\"{n}\": \"class_{n}\"")).collect::<Vec<_>>().join(", "))
    }

    /// ImageAI 2.0.3 with model_class_gap.json swallowed `KeyError: '4'`, and with model_class_5.json `KeyError: '7'`, as the picture
    /// was of class 7.
    #[test]
    fn a_gap_is_a_key_error() {
        let gap = names((0..10).filter(|n| *n != 4));
        assert_eq!(hidden(&gap, 10), ["KeyError: '4'", "KeyError: '4'"]);
        assert_eq!(
            Labels::judge(&gap, Some(10)).problems,
            ["The network has 10 classes, and there is no name for 4."]
        );
        assert_eq!(hidden(&names(0..5), 10)[0], "KeyError: ... (one of 5, 6, 7, 8, 9)");
    }

    #[test]
    fn a_list_that_fits_is_no_problem() {
        let labels = Labels::judge(&names(0..10), Some(10));
        assert!(labels.problems.is_empty() && labels.notes.is_empty() && labels.says.is_empty());
        assert_eq!(labels.entries, Some(10));
    }

    #[test]
    fn other_forms_are_told() {
        assert!(Labels::judge("[\"a\", \"b\"]", Some(2)).problems[0].starts_with("It is a list."));
        assert!(
            Labels::judge("{\"cat\": 0, \"dog\": 1}", Some(2)).problems[0].contains("the wrong way round")
        );
        // The same text gave `JSONDecodeError: Extra data: line 1 column 2 (char 1)` in ImageAI 2.1.6's loadModel.
        let text = Labels::judge("0: cat\n1: dog", Some(2));
        assert!(text.problems[0].starts_with("It is not JSON"));
        assert_eq!(text.says[1].call, "loadModel");
        assert_eq!(
            text.says[1].shown,
            Raised::new("JSONDecodeError", "Extra data: line 1 column 2 (char 1)")
        );
    }

    #[test]
    fn surplus_and_order_are_noted() {
        let notes = |text: &str| Labels::judge(text, Some(2)).notes.join(" ");
        assert!(notes(&names(0..3)).contains("1 of the entries belong to none"));
        assert!(notes("{\"0\": \"dog\", \"1\": \"cat\"}").contains("'dog' is followed by 'cat'"));
        assert!(notes("{\"0\": 1, \"1\": \"b\"}").contains("is 1, not a text"));
    }
}
