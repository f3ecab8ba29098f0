//! Printing, where nobody may be listening.

use std::io::{ErrorKind, Write};

use resnet_verifier::report::printable;

/// Whether anybody still reads what is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// As far as is known.
    Listens,
    /// It has read enough, as `head` has.
    Left,
}

/// Prints a text to the standard output.
///
/// # Errors
/// When it can't be written for another reason than that the reader left; the reason.
pub fn print(text: &str) -> Result<Reader, String> {
    let mut out = std::io::stdout().lock();
    told(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

fn told(written: std::io::Result<()>) -> Result<Reader, String> {
    match written {
        Ok(()) => Ok(Reader::Listens),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Left),
        Err(error) => Err(error.to_string()),
    }
}

/// Says what went wrong, in one line of the standard error. Where that is closed, there is nobody to tell.
pub fn complain(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "resnet-verifier: {}", printable(message));
}
