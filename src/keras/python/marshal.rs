//! Python's `marshal` format, as far as code objects use it. Code is read, never run.
//!
//! Type bytes and the order of fields are those of CPython's `Python/marshal.c` from 2.7 to 3.13.

use std::rc::Rc;

use crate::limits;

/// A marshalled object, as far as anybody asks.
#[derive(Clone, Debug)]
pub enum Object {
    /// A string.
    Text(Rc<str>),
    /// Bytes; in Python 2 also a string.
    Bytes(Rc<[u8]>),
    /// A number or one of the constants, as Python writes it.
    Plain(Rc<str>),
    /// A tuple or another collection.
    Items(Rc<Vec<Object>>),
    /// A code object; it is among [`Decoded::codes`].
    Code,
}

/// A code object's fields.
#[derive(Clone, Debug)]
pub struct RawCode {
    /// The bytecode.
    pub code: Rc<[u8]>,
    /// `co_consts`.
    pub constants: Rc<Vec<Object>>,
    /// `co_names`: globals, attributes and modules it uses.
    pub names: Rc<Vec<Object>>,
    /// `co_filename`.
    pub filename: Object,
    /// `co_name`.
    pub name: Object,
    /// `co_firstlineno`.
    pub line: i32,
    /// `co_lnotab`, or `co_linetable` since 3.10.
    pub lines: Object,
}

/// How a code object is laid out; it changed in 3.0, 3.8 and 3.11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The first Python that has it, as `(major, minor)`.
    pub since: (u8, u8),
    /// Numbers at the start.
    numbers: usize,
    /// Position of `co_filename` among the eight objects behind them; `co_name` follows it.
    filename: usize,
    /// Objects behind the line number.
    tables: usize,
}

/// Every layout, the newest first.
pub const LAYOUTS: [Layout; 4] = [
    Layout { since: (3, 11), numbers: 5, filename: 5, tables: 2 },
    Layout { since: (3, 8), numbers: 6, filename: 6, tables: 1 },
    Layout { since: (3, 0), numbers: 5, filename: 6, tables: 1 },
    Layout { since: (2, 7), numbers: 4, filename: 6, tables: 1 },
];

/// A code object and those inside it.
pub struct Decoded {
    /// Whether objects are marked for reference, as Python marshals since 3.4.
    pub marked: bool,
    /// The outermost last.
    pub codes: Vec<RawCode>,
}

/// Reads a code object that takes all of `bytes`; `None` when they are no such thing in that layout.
pub fn decode(bytes: &[u8], layout: Layout) -> Option<Decoded> {
    let marked = bytes.first()? & MARK != 0;
    let mut reader =
        Reader { bytes, layout, references: Vec::new(), interned: Vec::new(), codes: Vec::new(), objects: 0 };
    let root = reader.object(0)?;
    let is_whole = reader.bytes.is_empty() && matches!(root, Object::Code);
    is_whole.then_some(Decoded { marked, codes: reader.codes })
}

/// The bit of a type byte that lets later objects refer to this one.
const MARK: u8 = 0x80;

struct Reader<'b> {
    bytes: &'b [u8],
    layout: Layout,
    references: Vec<Object>,
    interned: Vec<Object>,
    codes: Vec<RawCode>,
    objects: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (head, tail) = self.bytes.split_at_checked(length)?;
        self.bytes = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn number(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn float(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        self.objects += 1;
        if depth > limits::MAX_CODE_DEPTH || self.objects > limits::MAX_CODE_OBJECTS {
            return None;
        }
        let kind = self.byte()?;
        let slot = (kind & MARK != 0).then(|| {
            self.references.push(plain("…"));
            self.references.len() - 1
        });
        let object = self.unmarked(kind & !MARK, depth)?;
        if let Some(place) = slot.and_then(|slot| self.references.get_mut(slot)) {
            *place = object.clone();
        }
        Some(object)
    }

    fn unmarked(&mut self, kind: u8, depth: usize) -> Option<Object> {
        match kind {
            b'N' => Some(plain("None")),
            b'F' => Some(plain("False")),
            b'T' => Some(plain("True")),
            b'.' => Some(plain("...")),
            b'i' => Some(plain(&self.number()?.to_string())),
            b'I' => Some(plain(&i64::from_le_bytes(self.take(8)?.try_into().ok()?).to_string())),
            b'l' => self.long(),
            b'f' => self.short().map(|text| plain(&String::from_utf8_lossy(text))),
            b'g' => Some(plain(&float(self.float()?))),
            b'y' => Some(plain(&format!("({}+{}j)", float(self.float()?), float(self.float()?)))),
            b'r' => self.length().and_then(|at| self.references.get(at).cloned()),
            b'R' => self.length().and_then(|at| self.interned.get(at).cloned()),
            b'c' => self.code(depth),
            _ => self.string(kind).or_else(|| self.collection(kind, depth)),
        }
    }

    fn short(&mut self) -> Option<&'b [u8]> {
        let length = usize::from(self.byte()?);
        self.take(length)
    }

    fn string(&mut self, kind: u8) -> Option<Object> {
        let bytes = match kind {
            b's' | b't' | b'u' | b'a' | b'A' => {
                let length = self.length()?;
                self.take(length)?
            }
            b'z' | b'Z' => self.short()?,
            _ => return None,
        };
        let object = if kind == b's' { Object::Bytes(bytes.into()) } else { text(bytes) };
        if kind == b't' {
            self.interned.push(object.clone());
        }
        Some(object)
    }

    fn collection(&mut self, kind: u8, depth: usize) -> Option<Object> {
        let count = match kind {
            b')' => usize::from(self.byte()?),
            b'(' | b'[' | b'<' | b'>' => self.length()?,
            _ => return None,
        };
        // Every object takes a byte at least, so that a wrong count can't make the list large.
        let mut items = Vec::with_capacity(count.min(self.bytes.len()).min(limits::MAX_CODE_OBJECTS));
        for _ in 0..count {
            items.push(self.object(depth + 1)?);
        }
        Some(Object::Items(Rc::new(items)))
    }

    /// A number of any length, of 15 bits in every two bytes.
    fn long(&mut self) -> Option<Object> {
        let digits = self.number()?;
        let bytes = self.take(usize::try_from(digits.unsigned_abs()).ok()?.checked_mul(2)?)?;
        let digit = |pair: &[u8]| u128::from(u16::from_le_bytes([pair[0], pair[1]]));
        let value = match bytes.len() / 2 {
            0..=8 => bytes.chunks_exact(2).rev().fold(0, |value, pair| value << 15 | digit(pair)).to_string(),
            more => format!("a number of {} bits", more * 15),
        };
        Some(plain(&format!("{}{value}", if digits < 0 { "-" } else { "" })))
    }

    fn code(&mut self, depth: usize) -> Option<Object> {
        for _ in 0..self.layout.numbers {
            self.number()?;
        }
        let mut fields = Vec::with_capacity(8);
        for _ in 0..8 {
            fields.push(self.object(depth + 1)?);
        }
        let line = self.number()?;
        let lines = self.object(depth + 1)?;
        for _ in 1..self.layout.tables {
            self.object(depth + 1)?;
        }
        let [Object::Bytes(code), Object::Items(constants), Object::Items(names), ..] = fields.as_slice()
        else {
            return None;
        };
        let (filename, name) = (fields.get(self.layout.filename)?, fields.get(self.layout.filename + 1)?);
        // Between the names and the file's come tuples of names, since 3.11 one of them and the kinds of those names as bytes.
        let between = fields.get(3..self.layout.filename)?;
        let is_new = matches!(between, [Object::Items(_), Object::Bytes(_)]);
        let is_old = between.len() == 3 && between.iter().all(|field| matches!(field, Object::Items(_)));
        (is_text(filename) && (is_new || is_old)).then_some(())?;
        let (code, constants, names) = (code.clone(), constants.clone(), names.clone());
        self.codes.push(RawCode {
            code,
            constants,
            names,
            filename: filename.clone(),
            name: name.clone(),
            line,
            lines,
        });
        Some(Object::Code)
    }
}

fn is_text(object: &Object) -> bool {
    matches!(object, Object::Text(_) | Object::Bytes(_))
}

fn plain(text: &str) -> Object {
    Object::Plain(text.into())
}

fn text(bytes: &[u8]) -> Object {
    Object::Text(String::from_utf8_lossy(bytes).into())
}

/// As Python writes it: `1.0`, not `1`.
fn float(value: f64) -> String {
    format!("{value:?}")
}
