//! Python functions in a file: what they are called, what they use, and which Python they were made for.

mod marshal;

use std::collections::HashSet;

use crate::limits;
use marshal::{Decoded, LAYOUTS, Layout, Object, RawCode};

pub use marshal::{Fault, loads};

/// A function, read from its marshalled code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The Pythons whose bytecode it is: `3.11 or 3.12`.
    pub python: &'static str,
    /// Its name, `<lambda>` for a lambda.
    pub name: String,
    /// The source file it was compiled from.
    pub filename: String,
    /// The line there.
    pub line: i32,
    /// Globals, attributes and modules that it and the functions inside it use, each once.
    pub names: Vec<String>,
    /// Its constants and those of the functions inside it, as Python writes them, each once.
    pub constants: Vec<String>,
}

/// Names by which a function reaches out of the model, or hides what it does.
const SUSPICIOUS: &[&str] = &[
    "__builtins__",
    "__class__",
    "__code__",
    "__globals__",
    "__import__",
    "__subclasses__",
    "b64decode",
    "base64",
    "builtins",
    "chmod",
    "codecs",
    "compile",
    "ctypes",
    "eval",
    "exec",
    "execv",
    "execve",
    "fork",
    "ftplib",
    "getattr",
    "import_module",
    "importlib",
    "loads",
    "marshal",
    "open",
    "os",
    "pickle",
    "popen",
    "Popen",
    "pty",
    "putenv",
    "remove",
    "requests",
    "rmtree",
    "runpy",
    "setattr",
    "shutil",
    "socket",
    "spawn",
    "ssl",
    "subprocess",
    "sys",
    "system",
    "unlink",
    "urllib",
    "urlopen",
    "webbrowser",
    "write",
    "zlib",
];

impl Function {
    /// Reads the text in which Keras keeps a function: base64 of marshalled code, or, up to Keras 2.1, the bytes themselves.
    ///
    /// # Errors
    /// Why it can't be read, as the end of a sentence.
    pub fn read(text: &str) -> Result<Function, String> {
        if text.len() > limits::MAX_CODE_BYTES {
            return Err(format!(
                "it has {} bytes, more than the {} that are read",
                text.len(),
                limits::MAX_CODE_BYTES
            ));
        }
        let bytes = base64(text).or_else(|| latin1(text)).ok_or("it is neither base64 nor bytes")?;
        LAYOUTS
            .iter()
            .find_map(|layout| Some((layout, marshal::decode(&bytes, *layout)?)))
            .and_then(|(layout, decoded)| Function::of(*layout, &decoded))
            .ok_or_else(|| "it is no code of Python 2.7 or 3.0 to 3.13".to_string())
    }

    fn of(layout: Layout, decoded: &Decoded) -> Option<Function> {
        let outer = decoded.codes.last()?;
        let collect = |field: fn(&RawCode) -> &[Object], show: fn(&Object) -> Option<String>| {
            // Many functions may share one long list.
            let all = decoded.codes.iter().rev().flat_map(field).take(limits::MAX_CODE_OBJECTS);
            unique(all.filter_map(show))
        };
        Some(Function {
            python: python(layout, decoded, outer),
            name: words(&outer.name)?,
            filename: words(&outer.filename)?,
            line: outer.line,
            names: collect(|code| &code.names, words),
            constants: collect(|code| &code.constants, constant),
        })
    }

    /// Which of its names let it reach out of the model: `os`, `system`, `eval`, …
    pub fn suspicious(&self) -> Vec<&str> {
        // A module imported inside a function is among its names, one handed to `__import__` among its constants.
        let constants = self.constants.iter().map(|constant| constant.trim_matches('\''));
        let all = self.names.iter().map(String::as_str).chain(constants);
        let found: Vec<&str> =
            all.filter(|name| name.split('.').any(|part| SUSPICIOUS.contains(&part))).collect();
        unique(found.into_iter())
    }
}

fn unique<T: Clone + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

fn words(object: &Object) -> Option<String> {
    match object {
        Object::Text(text) => Some(shortened(text)),
        Object::Bytes(bytes) => Some(shortened(&String::from_utf8_lossy(bytes))),
        Object::Plain(_) | Object::Items(_) | Object::Code => None,
    }
}

/// A constant as Python writes it; `None`, and what is made of other constants, says nothing of a function.
fn constant(object: &Object) -> Option<String> {
    match object {
        Object::Plain(text) => Some(text.to_string()).filter(|text| text != "None"),
        Object::Text(text) => Some(format!("'{}'", shortened(text))),
        Object::Bytes(bytes) => Some(format!("'{}'", shortened(&String::from_utf8_lossy(bytes)))),
        Object::Items(_) | Object::Code => None,
    }
}

/// Characters of a name or constant that are shown.
const SHOWN: usize = 60;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// The Pythons whose bytecode it is, as far as the layout and the instructions tell.
fn python(layout: Layout, decoded: &Decoded, code: &RawCode) -> &'static str {
    match layout.since {
        (2, _) => "2.7",
        (3, 0) if !decoded.marked => "3.0 to 3.3",
        // Since 3.6 every instruction takes two bytes, so that the last, RETURN_VALUE, is the last byte but one.
        (3, 0) if code.code.len() % 2 == 1 || code.code.iter().nth_back(1) != Some(&RETURN_VALUE) => {
            "3.4 or 3.5"
        }
        (3, 0) if has(decoded, LOAD_METHOD) => "3.7",
        (3, 0) => "3.6 or 3.7",
        // The table of lines covers the whole code since 3.10; before, it ends where the last line starts.
        (3, 8) if covers(code) => "3.10",
        (3, 8) => "3.8 or 3.9",
        _ => newer(decoded, code),
    }
}

const RETURN_VALUE: u8 = 83;
const LOAD_METHOD: u8 = 160;
const PRECALL: u8 = 166;
const CALL: u8 = 171;
const RETURN_CONST: u8 = 121;
/// `RESUME 0` at the start of a function, which has another number in most versions since 3.11.
const RESUMES: [(u8, &str); 2] = [(151, "3.11 or 3.12"), (149, "3.13")];

fn newer(decoded: &Decoded, code: &RawCode) -> &'static str {
    let resume = |pair: &[u8]| RESUMES.iter().find(|(op, _)| pair == [*op, 0]).map(|(_, python)| *python);
    match code.code.chunks_exact(2).find_map(resume) {
        Some("3.11 or 3.12") if has(decoded, PRECALL) || has(decoded, LOAD_METHOD) => "3.11",
        Some("3.11 or 3.12") if has(decoded, CALL) || has(decoded, RETURN_CONST) => "3.12",
        Some(python) => python,
        None => "3.11 or newer",
    }
}

/// Whether an instruction is used, where instructions take two bytes.
fn has(decoded: &Decoded, instruction: u8) -> bool {
    let mut pairs =
        decoded.codes.iter().flat_map(|code| code.code.chunks_exact(2)).take(limits::MAX_CODE_BYTES);
    pairs.any(|pair| pair[0] == instruction)
}

fn covers(code: &RawCode) -> bool {
    let Object::Bytes(lines) = &code.lines else { return false };
    lines.iter().step_by(2).map(|step| usize::from(*step)).sum::<usize>() == code.code.len()
}

/// The bytes of a base64 text, line breaks and missing padding allowed.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        bits = bits << 6 | u32::from(sextet(letter)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Bytes that were written as the characters of the same numbers.
fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<Vec<u8>>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn cases() -> Vec<Value> {
        let text = include_str!("../../../tests/fixtures/python/lambdas.json");
        let fixture: Value = serde_json::from_str(text).unwrap();
        fixture["cases"].as_array().unwrap().clone()
    }

    fn strings(value: &Value) -> HashSet<String> {
        value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_string()).collect()
    }

    #[test]
    fn functions_of_every_python_are_read() {
        let cases = cases();
        assert!(cases.len() >= 9 * 5, "{}", cases.len());
        for case in cases {
            let (python, what) = (case["python"].as_str().unwrap(), case["what"].as_str().unwrap());
            let function = Function::read(case["code"].as_str().unwrap())
                .unwrap_or_else(|e| panic!("{python} {what}: {e}"));
            let is_named = function.python.split(" or ").any(|version| version == python);
            assert!(is_named, "{python} {what}: {}", function.python);
            assert_eq!(
                (function.name.as_str(), function.filename.as_str()),
                (case["name"].as_str().unwrap(), "model.py")
            );
            assert_eq!(i64::from(function.line), case["line"].as_i64().unwrap(), "{python} {what}");
            let names: HashSet<String> = function.names.iter().cloned().collect();
            assert_eq!(names, strings(&case["names"]), "{python} {what}");
            let constants: HashSet<String> = function.constants.iter().cloned().collect();
            assert!(strings(&case["constants"]).is_subset(&constants), "{python} {what}: {constants:?}");
        }
    }

    #[test]
    fn what_reaches_out_of_the_model_is_told() {
        for case in cases() {
            let function = Function::read(case["code"].as_str().unwrap()).unwrap();
            let found = function.suspicious();
            match case["what"].as_str().unwrap() {
                "system" => assert_eq!(found, ["os", "system"]),
                "imported" => {
                    assert!(found.contains(&"__import__") && found.contains(&"subprocess"), "{found:?}")
                }
                _ => assert!(found.is_empty(), "{found:?}"),
            }
        }
    }

    #[test]
    fn damaged_code_is_refused_and_never_harms() {
        for case in cases() {
            let text = case["code"].as_str().unwrap();
            let bytes = base64(text).unwrap();
            for at in 0..bytes.len() {
                for value in [0, 0x7f, 0xff, bytes[at] ^ 0x80] {
                    let mut damaged = bytes.clone();
                    damaged[at] = value;
                    let _ = LAYOUTS.map(|layout| marshal::decode(&damaged, layout).is_some());
                }
                assert!(LAYOUTS.iter().all(|layout| marshal::decode(&bytes[..at], *layout).is_none()));
            }
        }
        // Tuples in tuples in tuples, and a list that promises two thousand million items.
        for hostile in [[b')', 1].repeat(100_000), vec![b'(', 0xff, 0xff, 0xff, 0x7f]] {
            assert!(LAYOUTS.iter().all(|layout| marshal::decode(&hostile, *layout).is_none()));
        }
        assert!(Function::read("").is_err() && Function::read("print('hello')").is_err());
    }
}
