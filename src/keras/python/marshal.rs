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
    pub since: (u16, u16),
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

/// What `marshal.loads` stumbles over; in `r_object` of CPython's `Python/marshal.c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end inside an object.
    TooShort,
    /// The bytes end where an object should begin.
    NoObject,
    /// A size below zero; of what.
    Size(&'static str),
    /// No object begins like that.
    TypeCode,
    /// A reference to no object.
    Reference,
    /// A code object of other fields than it should have.
    Fields,
    /// Larger or deeper than we read.
    Limit,
}

/// What a step of reading gives.
type Read<T> = Result<T, Fault>;

/// Reads a code object that takes all of `bytes`; `None` when they are no such thing in that layout.
pub fn decode(bytes: &[u8], layout: Layout) -> Option<Decoded> {
    let marked = bytes.first()? & MARK != 0;
    let mut reader = Reader::new(bytes, layout, true);
    let root = reader.object(0).ok()?;
    let is_whole = reader.bytes.is_empty() && matches!(root, Object::Code);
    is_whole.then_some(Decoded { marked, codes: reader.codes })
}

/// `marshal.loads` of that Python, as `(major, minor)`: what it stumbles over.
pub fn loads(bytes: &[u8], python: (u16, u16)) -> Result<(), Fault> {
    let layout = LAYOUTS.iter().find(|layout| layout.since <= python).unwrap_or(&LAYOUTS[LAYOUTS.len() - 1]);
    Reader::new(bytes, *layout, python.0 > 2).object(0).map(drop)
}

/// The bit of a type byte that lets later objects refer to this one.
const MARK: u8 = 0x80;

struct Reader<'b> {
    bytes: &'b [u8],
    layout: Layout,
    /// Whether a type byte may be marked.
    knows_marks: bool,
    references: Vec<Object>,
    interned: Vec<Object>,
    codes: Vec<RawCode>,
    objects: usize,
}

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8], layout: Layout, knows_marks: bool) -> Self {
        let (references, interned, codes) = Default::default();
        Self { bytes, layout, knows_marks, references, interned, codes, objects: 0 }
    }

    fn take(&mut self, length: usize) -> Read<&'b [u8]> {
        let (head, tail) = self.bytes.split_at_checked(length).ok_or(Fault::TooShort)?;
        self.bytes = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| Fault::TooShort)
    }

    fn byte(&mut self) -> Read<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Read<i32> {
        self.array().map(i32::from_le_bytes)
    }

    fn size(&mut self, of: &'static str) -> Read<usize> {
        usize::try_from(self.number()?).map_err(|_| Fault::Size(of))
    }

    fn float(&mut self) -> Read<f64> {
        self.array().map(f64::from_le_bytes)
    }

    fn object(&mut self, depth: usize) -> Read<Object> {
        self.objects += 1;
        if depth > limits::MAX_CODE_DEPTH || self.objects > limits::MAX_CODE_OBJECTS {
            return Err(Fault::Limit);
        }
        let kind = self.byte().map_err(|_| Fault::NoObject)?;
        let is_marked = kind & MARK != 0;
        if is_marked && !self.knows_marks {
            return Err(Fault::TypeCode);
        }
        let slot = is_marked.then(|| {
            self.references.push(plain("…"));
            self.references.len() - 1
        });
        let object = self.unmarked(kind & !MARK, depth)?;
        if let Some(place) = slot.and_then(|slot| self.references.get_mut(slot)) {
            *place = object.clone();
        }
        Ok(object)
    }

    fn unmarked(&mut self, kind: u8, depth: usize) -> Read<Object> {
        match kind {
            b'N' => Ok(plain("None")),
            b'F' => Ok(plain("False")),
            b'T' => Ok(plain("True")),
            b'S' => Ok(plain("StopIteration")),
            b'.' => Ok(plain("...")),
            b'i' => Ok(plain(&self.number()?.to_string())),
            b'I' => Ok(plain(&i64::from_le_bytes(self.array()?).to_string())),
            b'l' => self.long(),
            b'f' => self.short().map(|text| plain(&String::from_utf8_lossy(text))),
            b'g' => Ok(plain(&float(self.float()?))),
            b'y' => Ok(plain(&format!("({}+{}j)", float(self.float()?), float(self.float()?)))),
            b'r' => self.number().and_then(|at| referred(&self.references, at)),
            b'R' => self.number().and_then(|at| referred(&self.interned, at)),
            b'c' => self.code(depth),
            b's' => self.text("bytes object").map(|bytes| Object::Bytes(bytes.into())),
            b'u' | b'a' | b'A' => self.text("string").map(text),
            b't' => self.interned(),
            b'z' | b'Z' => self.short().map(text),
            b')' => self.byte().and_then(|count| self.items(count.into(), depth)),
            b'(' => self.size("tuple").and_then(|count| self.items(count, depth)),
            b'[' => self.size("list").and_then(|count| self.items(count, depth)),
            b'<' | b'>' => self.size("set").and_then(|count| self.items(count, depth)),
            _ => Err(Fault::TypeCode),
        }
    }

    fn short(&mut self) -> Read<&'b [u8]> {
        let length = usize::from(self.byte()?);
        self.take(length)
    }

    fn text(&mut self, of: &'static str) -> Read<&'b [u8]> {
        let length = self.size(of)?;
        self.take(length)
    }

    fn interned(&mut self) -> Read<Object> {
        let object = text(self.text("string")?);
        self.interned.push(object.clone());
        Ok(object)
    }

    fn items(&mut self, count: usize, depth: usize) -> Read<Object> {
        // Every object takes a byte at least, so that a wrong count can't make the list large.
        let mut items = Vec::with_capacity(count.min(self.bytes.len()).min(limits::MAX_CODE_OBJECTS));
        for _ in 0..count {
            items.push(self.object(depth + 1)?);
        }
        Ok(Object::Items(Rc::new(items)))
    }

    /// A number of any length, of 15 bits in every two bytes.
    fn long(&mut self) -> Read<Object> {
        let digits = self.number()?;
        let length = usize::try_from(digits.unsigned_abs()).ok().and_then(|count| count.checked_mul(2));
        let bytes = self.take(length.ok_or(Fault::Size("long"))?)?;
        let digit = |pair: &[u8]| u128::from(u16::from_le_bytes([pair[0], pair[1]]));
        let value = match bytes.len() / 2 {
            0..=8 => bytes.chunks_exact(2).rev().fold(0, |value, pair| value << 15 | digit(pair)).to_string(),
            more => format!("a number of {} bits", more * 15),
        };
        Ok(plain(&format!("{}{value}", if digits < 0 { "-" } else { "" })))
    }

    fn code(&mut self, depth: usize) -> Read<Object> {
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
        self.codes.push(raw(&fields, line, lines, self.layout).ok_or(Fault::Fields)?);
        Ok(Object::Code)
    }
}

fn referred(objects: &[Object], at: i32) -> Read<Object> {
    usize::try_from(at).ok().and_then(|at| objects.get(at).cloned()).ok_or(Fault::Reference)
}

/// The code object of those eight fields and what follows them; `None` where their types are others.
fn raw(fields: &[Object], line: i32, lines: Object, layout: Layout) -> Option<RawCode> {
    let [Object::Bytes(code), Object::Items(constants), Object::Items(names), ..] = fields else {
        return None;
    };
    let (filename, name) = (fields.get(layout.filename)?.clone(), fields.get(layout.filename + 1)?.clone());
    // Between the names and the file's come tuples of names, since 3.11 one of them and the kinds of those names as bytes.
    let between = fields.get(3..layout.filename)?;
    let is_new = matches!(between, [Object::Items(_), Object::Bytes(_)]);
    let is_old = between.len() == 3 && between.iter().all(|field| matches!(field, Object::Items(_)));
    (is_text(&filename) && (is_new || is_old)).then_some(())?;
    let (code, constants, names) = (code.clone(), constants.clone(), names.clone());
    Some(RawCode { code, constants, names, filename, name, line, lines })
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
