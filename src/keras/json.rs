//! JSON as Python's `json.loads` reads it, down to the words of its errors.
//!
//! Keras writes its configs with Python's `json`, which has `NaN` and `Infinity`, escapes lone surrogates, and lets the last of
//! two equal keys win. Messages and positions are those of CPython 3.6 to 3.12 (`Modules/_json.c`).

use serde_json::{Map, Number, Value};

use crate::limits;

/// A JSON text, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Its value. `Infinity` is the largest `f64`, which is infinite as `f32`; `NaN` is the string `NaN`, as no number fits.
    pub value: Value,
    /// Keys that an object has twice, in the order of the text. Python's `json.dumps` never writes such.
    pub repeated: Vec<String>,
}

/// Reads a JSON text.
///
/// # Errors
/// What Python's `JSONDecodeError` says: `Expecting value: line 1 column 1 (char 0)`.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let mut parser = Parser { text: text.as_bytes(), at: 0, depth: 0, repeated: Vec::new() };
    let value = parser.document().map_err(|fault| fault.describe(text))?;
    Ok(Parsed { value, repeated: parser.repeated })
}

/// An error at a byte of the text.
struct Fault {
    message: &'static str,
    at: usize,
}

impl Fault {
    /// The message with line, column and character as Python counts them.
    fn describe(&self, text: &str) -> String {
        let before = text.get(..self.at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}: line {line} column {column} (char {})", self.message, before.chars().count())
    }
}

type Outcome<T> = Result<T, Fault>;

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    repeated: Vec<String>,
}

impl Parser<'_> {
    fn document(&mut self) -> Outcome<Value> {
        if self.text.starts_with("\u{feff}".as_bytes()) {
            return Err(Fault { message: "Unexpected UTF-8 BOM (decode using utf-8-sig)", at: 0 });
        }
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() { self.fail("Extra data") } else { Ok(value) }
    }

    fn fail<T>(&self, message: &'static str) -> Outcome<T> {
        Err(Fault { message, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `word` if it stands here.
    fn take(&mut self, word: &str) -> bool {
        let is_here = self.text[self.at..].starts_with(word.as_bytes());
        self.at += if is_here { word.len() } else { 0 };
        is_here
    }

    fn value(&mut self) -> Outcome<Value> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            _ => self.constant().or_else(|| self.number()).map_or_else(|| self.fail("Expecting value"), Ok),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Outcome<Value>) -> Outcome<Value> {
        if self.depth == limits::MAX_JSON_DEPTH {
            return self.fail("maximum recursion depth exceeded while decoding a JSON array or object");
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn constant(&mut self) -> Option<Value> {
        let infinity = |sign: f64| Number::from_f64(sign * f64::MAX).map(Value::Number);
        match self.peek()? {
            b'n' if self.take("null") => Some(Value::Null),
            b't' if self.take("true") => Some(Value::Bool(true)),
            b'f' if self.take("false") => Some(Value::Bool(false)),
            b'N' if self.take("NaN") => Some("NaN".into()),
            b'I' if self.take("Infinity") => infinity(1.0),
            b'-' if self.take("-Infinity") => infinity(-1.0),
            _ => None,
        }
    }

    fn array(&mut self) -> Outcome<Value> {
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.take("]") {
                return Ok(Value::Array(items));
            }
            self.comma()?;
        }
    }

    fn comma(&mut self) -> Outcome<()> {
        if !self.take(",") {
            return self.fail("Expecting ',' delimiter");
        }
        self.skip_space();
        Ok(())
    }

    fn object(&mut self) -> Outcome<Value> {
        let mut map = Map::new();
        if self.take("}") {
            return Ok(Value::Object(map));
        }
        loop {
            let key = self.key()?;
            let value = self.value()?;
            if map.contains_key(&key) && self.repeated.len() < limits::MAX_FINDINGS_PER_RULE {
                self.repeated.push(key.clone());
            }
            map.insert(key, value);
            self.skip_space();
            if self.take("}") {
                return Ok(Value::Object(map));
            }
            self.comma()?;
        }
    }

    /// A key and the colon behind it.
    fn key(&mut self) -> Outcome<String> {
        if self.peek() != Some(b'"') {
            return self.fail("Expecting property name enclosed in double quotes");
        }
        let key = self.string()?;
        self.skip_space();
        if !self.take(":") {
            return self.fail("Expecting ':' delimiter");
        }
        self.skip_space();
        Ok(key)
    }

    fn string(&mut self) -> Outcome<String> {
        let begin = self.at;
        let unterminated = Fault { message: "Unterminated string starting at", at: begin };
        let mut out = Vec::new();
        self.at += 1;
        loop {
            let Some(byte) = self.peek() else { return Err(unterminated) };
            match byte {
                b'"' => break,
                b'\\' if self.at + 1 == self.text.len() => return Err(unterminated),
                b'\\' => {
                    let escaped = self.escape()?;
                    out.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..=0x1f => return self.fail("Invalid control character at"),
                _ => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        // The text was UTF-8, and so is every piece of it between ASCII characters.
        Ok(String::from_utf8(out).unwrap_or_default())
    }

    /// The character of an escape, from its backslash on. A lone surrogate, which Rust's strings can't hold, becomes U+FFFD.
    fn escape(&mut self) -> Outcome<char> {
        let plain = match self.text.get(self.at + 1) {
            Some(b'u') => return self.unicode(),
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return self.fail("Invalid \\escape"),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Outcome<char> {
        let Some(first) = self.hex(self.at) else {
            return Err(Fault { message: "Invalid \\uXXXX escape", at: self.at + 1 });
        };
        self.at += 6;
        let second = self.hex(self.at).filter(|low| (0xdc00..0xe000).contains(low));
        if let Some(low) = second.filter(|_| (0xd800..0xdc00).contains(&first)) {
            self.at += 6;
            let joined = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The number of `\uXXXX` at a byte. Like CPython, not at the very end of the text, where a quote is missing anyway.
    fn hex(&self, at: usize) -> Option<u32> {
        let escape = self.text.get(at..at + 6).filter(|_| at + 6 < self.text.len())?;
        let digits = escape.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Option<Value> {
        let (end, is_whole) = number_end(self.text, self.at)?;
        let text = std::str::from_utf8(&self.text[self.at..end]).ok()?;
        let whole =
            || text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
        let number = is_whole.then(whole).flatten().or_else(|| {
            // Python's integers have no end; beyond 64 bits the nearest fraction serves.
            Number::from_f64(text.parse::<f64>().ok()?.clamp(-f64::MAX, f64::MAX))
        })?;
        self.at = end;
        Some(Value::Number(number))
    }
}

/// Where a number that starts at a byte ends, and whether it is whole: what Python's `-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?`
/// matches.
fn number_end(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let digits = |from: usize| from + text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let first = start + usize::from(text.get(start) == Some(&b'-'));
    let whole = if text.get(first) == Some(&b'0') { first + 1 } else { digits(first) };
    if whole == first {
        return None;
    }
    let mut end = whole;
    if text.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + usize::from(matches!(text.get(end + 1), Some(b'-' | b'+')));
        end = if digits(exponent) > exponent { digits(exponent) } else { end };
    }
    Some((end, end == whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn value(text: &str) -> Value {
        parse(text).unwrap().value
    }

    #[test]
    fn what_python_reads_is_read() {
        for (text, expected) in [
            (" {} ", json!({})),
            ("[1, -2, 0.5, 1e3, -0]", json!([1, -2, 0.5, 1000.0, 0])),
            (
                r#"{"a": [true, false, null], "b": {"c": "d"}}"#,
                json!({"a": [true, false, null], "b": {"c": "d"}}),
            ),
            (r#""\u00e9\ud83d\ude00\n\/é""#, json!("é😀\n/é")),
            (r#""\ud83d""#, json!("\u{fffd}")),
            (r#""\ud83d\u0041""#, json!("\u{fffd}A")),
            ("18446744073709551615", json!(18446744073709551615u64)),
            ("[NaN]", json!(["NaN"])),
            ("[Infinity, -Infinity]", json!([f64::MAX, -f64::MAX])),
            ("1e999", json!(f64::MAX)),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        assert_eq!(value("123456789012345678901234567890").as_f64(), Some(1.2345678901234568e29));
    }

    #[test]
    fn of_equal_keys_the_last_wins_and_is_told() {
        let parsed = parse(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!((parsed.value, parsed.repeated), (json!({"a": 3, "b": 2}), vec!["a".to_string()]));
    }

    /// Messages of Python 3.11.7's `json.loads` for these texts.
    #[test]
    fn errors_are_told_in_pythons_words() {
        let expected = include_str!("../../tests/fixtures/python/json_errors.json");
        let cases: Value = serde_json::from_str(expected).unwrap();
        let cases = cases["cases"].as_array().unwrap();
        assert!(cases.len() > 40, "{}", cases.len());
        for case in cases {
            let (text, message) = (case[0].as_str().unwrap(), case[1].as_str());
            assert_eq!(parse(text).err().as_deref(), message, "{text}");
        }
    }

    #[test]
    fn depth_has_a_bound() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(&deep(limits::MAX_JSON_DEPTH)).is_ok());
        assert!(parse(&deep(100_000)).unwrap_err().starts_with("maximum recursion depth exceeded"));
    }
}
