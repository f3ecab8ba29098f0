//! `func_load`, by which Keras up to 3.11 makes a function of the code in a Lambda layer: base64, then Python's `marshal.loads`,
//! which a Python that lays out code objects otherwise stumbles in. Nothing is run.

use super::{Attempt, Runtime, Stop};
use crate::keras::python::{Fault, Function, base64, loads};

/// Takes the text of a function apart as the runtime's Python does.
pub fn unmarshal(code: &str, runtime: &Runtime) -> Attempt<()> {
    let bytes = base64(code).ok_or_else(|| Stop::unknown("a Lambda's code is no base64"))?;
    let [major, minor, _] = runtime.python;
    loads(&bytes, (major, minor)).map_err(raised)?;
    let own = format!("{major}.{minor}");
    let made_by = Function::read(code).map(|function| function.python).unwrap_or_default();
    if made_by.split(" or ").any(|version| version == own) {
        return Ok(());
    }
    Err(Stop::unknown(format!("what Python {own} does with code of Python {made_by} isn't known")))
}

/// What `marshal.loads` raises.
fn raised(fault: Fault) -> Stop {
    let bad = |what: &str| Stop::raised("ValueError", format!("bad marshal data ({what})"));
    match fault {
        Fault::TooShort => Stop::raised("EOFError", "marshal data too short"),
        Fault::NoObject => Stop::raised("EOFError", "EOF read where object expected"),
        Fault::Size(of) => bad(&format!("{of} size out of range")),
        Fault::TypeCode => bad("unknown type code"),
        Fault::Reference => bad("invalid reference"),
        Fault::Fields => {
            Stop::unknown("a Lambda's code object has other fields than the runtime's Python expects")
        }
        Fault::Limit => Stop::unknown("a Lambda's code is too large"),
    }
}
