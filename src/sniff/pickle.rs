//! Python's pickles: what they import when they are loaded. Their opcodes are read and never run.
//!
//! A stack without values stands in for Python's, so that the texts `STACK_GLOBAL` takes its names from are the right ones.

use std::collections::HashMap;
use std::rc::Rc;

use super::{bytes, quoted};
use crate::limits;
use crate::source::ByteSource;

/// A pickle in a file, whose loading may run code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pickle {
    /// The member of the archive that it is or lies in; empty where the file is no archive.
    pub member: String,
    /// Whether it stands there in place of arrays.
    pub bare: bool,
    /// What it imports, as `os.system`, without the parts of NumPy and Keras that arrays and variables are made of.
    pub imports: Vec<String>,
    /// Whether it was too long to be read to its end.
    pub too_long: bool,
}

impl Pickle {
    /// Whether it does more than to hold arrays, or may.
    pub(super) fn is_suspicious(&self) -> bool {
        self.bare || self.too_long || !self.imports.is_empty()
    }
}

/// What arrays and variables are pickled as, by NumPy 1 and 2 and by Keras 3's `.npz` weights. Calling these makes arrays.
const HARMLESS: &[&str] = &[
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.core.numeric._frombuffer",
    "numpy._core.numeric._frombuffer",
    "numpy.ndarray",
    "numpy.dtype",
    "_codecs.encode",
    "collections.OrderedDict",
    "builtins.set",
    "builtins.frozenset",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.slice",
    "functools.partial",
    "keras.src.backend.tensorflow.core.Variable",
    "keras.src.backend.jax.core.Variable",
    "keras.src.backend.numpy.core.Variable",
    "tensorflow.python.ops.resource_variable_ops.ResourceVariable",
    "tensorflow.python.framework.dtypes.as_dtype",
    "jax._src.array._reconstruct_array",
    "ml_dtypes.bfloat16",
];
/// Letters of a name that is kept; longer ones are no module's.
const NAME_BYTES: u64 = 256;
/// Bytes that are read at a time.
const PIECE: u64 = 4096;

/// What lies on the stack.
#[derive(Clone)]
enum Slot {
    Mark,
    Text(Rc<str>),
    Other,
}

/// What an opcode does to the stack, after it has taken its argument.
enum Effect {
    /// Takes so many objects away and puts so many there that are no texts.
    Change(usize, usize),
    /// Takes all down to the mark, and puts so many there.
    ToMark(usize),
    Push(Slot),
    /// Imports what the two texts on top name.
    ImportNamed,
    Import(String),
    ImportToMark(String),
    Put(u64),
    PutNext,
    Get(u64),
    Duplicate,
    Stop,
}

/// What a pickle from `at` on imports. `None` where the bytes are none; `budget` is the bytes that may still be looked at.
pub(super) fn read(source: &dyn ByteSource, at: u64, budget: &mut u64) -> Option<Pickle> {
    let is_new = bytes(source, at, 2).ok()?.starts_with(&[0x80]);
    let mut machine = Machine {
        input: Input { source, at, piece: Vec::new(), begin: at, budget },
        stack: Vec::new(),
        memo: HashMap::new(),
        found: Pickle::default(),
        ended: false,
    };
    while machine.step().is_some() {}
    let Machine { input, mut found, ended, .. } = machine;
    found.too_long |= *input.budget == 0;
    // Of the older protocols there is no signature; an import is one.
    (is_new && (ended || found.is_suspicious()) || !found.imports.is_empty()).then_some(found)
}

struct Machine<'s> {
    input: Input<'s>,
    stack: Vec<Slot>,
    memo: HashMap<u64, Slot>,
    found: Pickle,
    ended: bool,
}

impl Machine<'_> {
    /// One opcode. `None` at the end, and where Python would give up.
    fn step(&mut self) -> Option<()> {
        let code = self.input.next()?;
        match self.effect(code)? {
            Effect::Change(takes, gives) => {
                self.take(takes)?;
                self.give(gives);
            }
            Effect::ToMark(gives) => {
                self.drop_to_mark()?;
                self.give(gives);
            }
            Effect::Push(slot) => self.stack.push(slot),
            Effect::ImportNamed => self.import_named()?,
            Effect::Import(name) => self.import(name),
            Effect::ImportToMark(name) => {
                self.drop_to_mark()?;
                self.import(name);
            }
            Effect::Put(key) => self.put(key)?,
            Effect::PutNext => self.put(self.memo.len() as u64)?,
            Effect::Get(key) => self.stack.push(self.memo.get(&key)?.clone()),
            Effect::Duplicate => self.stack.push(self.stack.last()?.clone()),
            Effect::Stop => {
                self.ended = true;
                return None;
            }
        }
        self.found.too_long = self.stack.len().max(self.memo.len()) > limits::MAX_PICKLE_OBJECTS;
        (!self.found.too_long).then_some(())
    }

    /// Reads an opcode's argument; the names behind the numbers are those of Python's pickletools.
    fn effect(&mut self, code: u8) -> Option<Effect> {
        let change = |takes, gives| Some(Effect::Change(takes, gives));
        match code {
            // PROTO, FRAME
            0x80 => self.input.skip(1).then(|| change(0, 0))?,
            0x95 => self.input.skip(8).then(|| change(0, 0))?,
            // NONE, NEWTRUE, NEWFALSE, EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, EMPTY_SET, NEXT_BUFFER
            b'N' | 0x88 | 0x89 | b']' | b'}' | b')' | 0x8f | 0x97 => change(0, 1),
            // BININT1, BININT2, BININT, BINFLOAT
            b'K' => self.input.skip(1).then(|| change(0, 1))?,
            b'M' => self.input.skip(2).then(|| change(0, 1))?,
            b'J' => self.input.skip(4).then(|| change(0, 1))?,
            b'G' => self.input.skip(8).then(|| change(0, 1))?,
            // INT, LONG, FLOAT, PERSID
            b'I' | b'L' | b'F' | b'P' => self.input.line().map(|_| Effect::Change(0, 1)),
            // LONG1, SHORT_BINBYTES; LONG4, BINBYTES; BINBYTES8, BYTEARRAY8
            0x8a | b'C' => self.input.skip_counted(1),
            0x8b | b'B' => self.input.skip_counted(4),
            0x8e | 0x96 => self.input.skip_counted(8),
            // SHORT_BINSTRING, SHORT_BINUNICODE; BINSTRING, BINUNICODE; BINUNICODE8
            b'U' | 0x8c => self.input.text(1).map(Effect::Push),
            b'T' | b'X' => self.input.text(4).map(Effect::Push),
            0x8d => self.input.text(8).map(Effect::Push),
            // STRING, in quotes; UNICODE
            b'S' => self.input.line().map(|text| Effect::Push(slot(text.trim().trim_matches(['\'', '"'])))),
            b'V' => self.input.line().map(|text| Effect::Push(slot(&text))),
            // TUPLE1 to TUPLE3; BUILD, APPEND; SETITEM; REDUCE, NEWOBJ; NEWOBJ_EX; BINPERSID, READONLY_BUFFER
            0x85 => change(1, 1),
            0x86 => change(2, 1),
            0x87 => change(3, 1),
            b'b' | b'a' => change(1, 0),
            b's' => change(2, 0),
            b'R' | 0x81 => change(2, 1),
            0x92 => change(3, 1),
            b'Q' | 0x98 => change(1, 1),
            _ => self.rarer(code),
        }
    }

    /// The opcodes that deal with marks, memo and imports.
    fn rarer(&mut self, code: u8) -> Option<Effect> {
        match code {
            b'(' => Some(Effect::Push(Slot::Mark)),
            // POP, which takes a mark, too
            b'0' => self.stack.pop().map(|_| Effect::Change(0, 0)),
            b'2' => Some(Effect::Duplicate),
            // APPENDS, SETITEMS, ADDITEMS change what lies below the mark; POP_MARK does not
            b'e' | b'u' | 0x90 | b'1' => Some(Effect::ToMark(0)),
            // TUPLE, LIST, DICT, FROZENSET, OBJ
            b't' | b'l' | b'd' | 0x91 | b'o' => Some(Effect::ToMark(1)),
            // GLOBAL, INST, STACK_GLOBAL, EXT1 to EXT4
            b'c' => self.input.two_lines().map(Effect::Import),
            b'i' => self.input.two_lines().map(Effect::ImportToMark),
            0x93 => Some(Effect::ImportNamed),
            0x82 => self.input.number(1).map(extension),
            0x83 => self.input.number(2).map(extension),
            0x84 => self.input.number(4).map(extension),
            // PUT, BINPUT, LONG_BINPUT, MEMOIZE
            b'p' => self.input.line()?.trim().parse().ok().map(Effect::Put),
            b'q' => self.input.number(1).map(Effect::Put),
            b'r' => self.input.number(4).map(Effect::Put),
            0x94 => Some(Effect::PutNext),
            // GET, BINGET, LONG_BINGET
            b'g' => self.input.line()?.trim().parse().ok().map(Effect::Get),
            b'h' => self.input.number(1).map(Effect::Get),
            b'j' => self.input.number(4).map(Effect::Get),
            b'.' => Some(Effect::Stop),
            _ => None,
        }
    }

    fn take(&mut self, count: usize) -> Option<()> {
        let left = self.stack.len().checked_sub(count)?;
        let is_below_mark = self.stack.iter().skip(left).any(|slot| matches!(slot, Slot::Mark));
        self.stack.truncate(left);
        (!is_below_mark).then_some(())
    }

    fn give(&mut self, count: usize) {
        self.stack.extend(std::iter::repeat_n(Slot::Other, count));
    }

    fn drop_to_mark(&mut self) -> Option<()> {
        while !matches!(self.stack.pop()?, Slot::Mark) {}
        Some(())
    }

    fn put(&mut self, key: u64) -> Option<()> {
        self.memo.insert(key, self.stack.last()?.clone());
        Some(())
    }

    fn import_named(&mut self) -> Option<()> {
        let (name, module) = (self.stack.pop()?, self.stack.pop()?);
        let word = |slot| match slot {
            Slot::Text(text) => text,
            Slot::Mark | Slot::Other => Rc::from("?"),
        };
        self.import(format!("{}.{}", word(module), word(name)));
        Some(())
    }

    fn import(&mut self, name: String) {
        self.stack.push(Slot::Other);
        let name = quoted(&name.replace("__builtin__.", "builtins."), 100);
        let is_new = !HARMLESS.contains(&name.as_str()) && !self.found.imports.contains(&name);
        if is_new && self.found.imports.len() < limits::MAX_LISTED {
            self.found.imports.push(name);
        }
    }
}

/// An object that Python's copyreg knows by number.
fn extension(number: u64) -> Effect {
    Effect::Import(format!("copyreg extension {number}"))
}

/// A text as a slot; one with escapes may be any.
fn slot(text: &str) -> Slot {
    if text.contains('\\') { Slot::Other } else { Slot::Text(Rc::from(text)) }
}

/// The bytes of a pickle, one behind the other.
struct Input<'s> {
    source: &'s dyn ByteSource,
    at: u64,
    piece: Vec<u8>,
    /// Where `piece` begins.
    begin: u64,
    budget: &'s mut u64,
}

impl Input<'_> {
    fn next(&mut self) -> Option<u8> {
        *self.budget = self.budget.checked_sub(1)?;
        if self.at < self.begin || self.at >= self.begin.saturating_add(self.piece.len() as u64) {
            self.begin = self.at;
            self.piece = bytes(self.source, self.at, PIECE).ok()?;
        }
        let byte = *self.piece.get(usize::try_from(self.at - self.begin).ok()?)?;
        self.at += 1;
        Some(byte)
    }

    /// Goes on by so many bytes; whether there are that many.
    fn skip(&mut self, count: u64) -> bool {
        self.at = self.at.saturating_add(count);
        self.at <= self.source.len()
    }

    fn number(&mut self, width: u32) -> Option<u64> {
        (0..width).try_fold(0, |value, index| Some(value | u64::from(self.next()?) << (8 * index)))
    }

    /// Goes over bytes behind their count.
    fn skip_counted(&mut self, width: u32) -> Option<Effect> {
        let count = self.number(width)?;
        self.skip(count).then_some(Effect::Change(0, 1))
    }

    /// A text behind its length; of a long one only that it is there.
    fn text(&mut self, width: u32) -> Option<Slot> {
        let count = self.number(width)?;
        if count > NAME_BYTES {
            return self.skip(count).then_some(Slot::Other);
        }
        let text: Vec<u8> = (0..count).map(|_| self.next()).collect::<Option<_>>()?;
        Some(Slot::Text(Rc::from(String::from_utf8_lossy(&text))))
    }

    /// A line without its end; of a long one the beginning.
    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            match self.next()? {
                b'\n' => return Some(String::from_utf8_lossy(&line).into_owned()),
                byte if (line.len() as u64) < NAME_BYTES => line.push(byte),
                _ => {}
            }
        }
    }

    /// The two lines of GLOBAL, as one name; `None` where they are no names, as in a text that is no pickle.
    fn two_lines(&mut self) -> Option<String> {
        let lines = [self.line()?, self.line()?];
        let is_name = |line: &String| {
            !line.is_empty() && line.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        };
        lines.iter().all(is_name).then(|| lines.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn of(bytes: &[u8]) -> Option<Pickle> {
        read(&MemorySource(bytes.into()), 0, &mut 10_000)
    }

    fn imports(bytes: &[u8]) -> Vec<String> {
        of(bytes).unwrap().imports
    }

    /// Python 3.12: `pickle.dumps(X(), protocol)` where `X.__reduce__` gives `(os.system, ("id",))`.
    #[test]
    fn what_every_protocol_imports_is_read() {
        let cases: [&[u8]; 4] = [
            b"cposix\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.",
            b"\x80\x02cposix\nsystem\nq\x00X\x02\x00\x00\x00idq\x01\x85q\x02Rq\x03.",
            b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
            b"(S'id'\niposix\nsystem\n.",
        ];
        for bytes in cases {
            assert_eq!(imports(bytes), ["posix.system"], "{bytes:x?}");
        }
    }

    /// Names that are put on the stack only to mislead are not the ones that are imported.
    #[test]
    fn names_come_from_where_python_takes_them() {
        let misled = b"\x80\x04\x8c\x02os\x8c\x06system\x8c\x05numpy\x8c\x05dtype00\x93.";
        assert_eq!(imports(misled), ["os.system"]);
        let remembered = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94000h\x00h\x01\x93.";
        assert_eq!(of(remembered), None, "Python finds its stack empty");
        let remembered = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93.";
        assert_eq!(imports(remembered), ["os.system"]);
        let unknown = b"\x80\x04NN\x93.";
        assert_eq!(imports(unknown), ["?.?"]);
    }

    #[test]
    fn arrays_import_nothing_of_note() {
        // Python 3.12, NumPy 2: the beginning of `pickle.dumps(numpy.zeros(1), 4)`.
        let array = b"\x80\x04\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94.";
        let found = of(array).unwrap();
        assert!(!found.is_suspicious(), "{found:?}");
    }

    #[test]
    fn what_is_no_pickle_and_what_never_ends_is_told() {
        for bytes in
            [&b"Not a pickle"[..], b"", b"\x93NUMPY\x01\0", b"cos.path\nnot a name\n", b"\x80\x04\xff"]
        {
            assert_eq!(of(bytes), None, "{bytes:x?}");
        }
        let mut long = vec![0x80, 4];
        long.extend([b'N', b'0'].repeat(6000));
        assert!(of(&long).unwrap().too_long);
        let huge = b"\x80\x04B\xff\xff\xff\xffabc";
        assert_eq!(of(huge), None);
    }
}
