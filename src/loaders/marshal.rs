//! `func_load`, by which Keras up to 3.11 makes a function of the code in a Lambda layer: base64, then Python's `marshal.loads`,
//! which a Python that lays out code objects otherwise stumbles in. Nothing is run.

use super::{Attempt, Runtime, Stop};
use crate::keras::python::{Function, base64};
use crate::limits;

/// Takes the text of a function apart as the runtime's Python does.
pub fn unmarshal(code: &str, runtime: &Runtime) -> Attempt<()> {
    let bytes = base64(code).ok_or_else(|| Stop::unknown("a Lambda's code is no base64"))?;
    let [major, minor, _] = runtime.python;
    load(&bytes, (major, minor))?;
    let own = format!("{major}.{minor}");
    let made_by = Function::read(code).map(|function| function.python).unwrap_or_default();
    if made_by.split(" or ").any(|version| version == own) {
        return Ok(());
    }
    Err(Stop::unknown(format!("what Python {own} does with code of Python {made_by} isn't known")))
}

/// What a code object consists of: numbers at the start, then objects, a number, and more objects.
#[derive(Clone, Copy)]
struct Layout {
    numbers: usize,
    before_line: usize,
    after_line: usize,
}

fn layout((major, minor): (u16, u16)) -> Layout {
    match (major, minor) {
        (2, _) => Layout { numbers: 4, before_line: 8, after_line: 1 },
        (3, 11..) => Layout { numbers: 5, before_line: 8, after_line: 2 },
        (3, 8..=10) => Layout { numbers: 6, before_line: 8, after_line: 1 },
        _ => Layout { numbers: 5, before_line: 8, after_line: 1 },
    }
}

/// `marshal.loads`, as far as it raises.
fn load(bytes: &[u8], python: (u16, u16)) -> Attempt<()> {
    let mut reader = Reader { bytes, layout: layout(python), marks: python.0 > 2, references: 0, objects: 0 };
    reader.object(0)
}

struct Reader<'b> {
    bytes: &'b [u8],
    layout: Layout,
    /// Whether this Python knows marked objects.
    marks: bool,
    references: usize,
    objects: usize,
}

/// The bit that marks an object as one that is referred to.
const MARK: u8 = 0x80;

fn bad(what: &str) -> Stop {
    Stop::raised("ValueError", format!("bad marshal data ({what})"))
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Attempt<&[u8]> {
        match self.bytes.split_at_checked(count) {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(taken)
            }
            None => Err(Stop::raised("EOFError", "marshal data too short")),
        }
    }

    fn long(&mut self) -> Attempt<i32> {
        let bytes = self.take(4)?;
        Ok(i32::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn size(&mut self, what: &str) -> Attempt<usize> {
        let size = self.long()?;
        usize::try_from(size).map_err(|_| bad(&format!("{what} size out of range")))
    }

    fn several(&mut self, count: usize, depth: usize) -> Attempt<()> {
        for _ in 0..count {
            self.object(depth + 1)?;
        }
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Attempt<()> {
        self.objects += 1;
        if depth > limits::MAX_CODE_DEPTH || self.objects > limits::MAX_CODE_OBJECTS {
            return Err(Stop::unknown("a Lambda's code is too large"));
        }
        let Ok(&[marked]) = <&[u8; 1]>::try_from(self.bytes.get(..1).unwrap_or_default()) else {
            return Err(Stop::raised("EOFError", "EOF read where object expected"));
        };
        self.bytes = &self.bytes[1..];
        if marked & MARK != 0 && !self.marks {
            return Err(bad("unknown type code"));
        }
        self.references += usize::from(marked & MARK != 0);
        self.content(marked & !MARK, depth)
    }

    fn content(&mut self, kind: u8, depth: usize) -> Attempt<()> {
        match kind {
            b'N' | b'F' | b'T' | b'S' | b'.' | b'0' => Ok(()),
            b'i' => self.long().map(drop),
            b'g' => self.take(8).map(drop),
            b'y' => self.take(16).map(drop),
            b'l' => {
                let digits = self.long()?.unsigned_abs() as usize;
                self.take(digits.saturating_mul(2)).map(drop)
            }
            b's' | b'u' | b't' | b'a' | b'A' => self.text("bytes object"),
            b'z' | b'Z' => {
                let size = usize::from(self.take(1)?.first().copied().unwrap_or_default());
                self.take(size).map(drop)
            }
            b')' => {
                let count = usize::from(self.take(1)?.first().copied().unwrap_or_default());
                self.several(count, depth)
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.size("tuple")?;
                self.several(count, depth)
            }
            b'r' => self.reference(),
            b'c' => self.code(depth),
            _ => Err(bad("unknown type code")),
        }
    }

    fn text(&mut self, what: &str) -> Attempt<()> {
        let size = self.size(what)?;
        self.take(size).map(drop)
    }

    fn reference(&mut self) -> Attempt<()> {
        let index = self.long()?;
        match usize::try_from(index) {
            Ok(index) if index < self.references => Ok(()),
            _ => Err(bad("invalid reference")),
        }
    }

    fn code(&mut self, depth: usize) -> Attempt<()> {
        let Layout { numbers, before_line, after_line } = self.layout;
        for _ in 0..numbers {
            self.long()?;
        }
        self.several(before_line, depth)?;
        self.long()?;
        self.several(after_line, depth)
    }
}
