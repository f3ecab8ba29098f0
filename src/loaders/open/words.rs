//! The words of h5py: those of HDF5's outermost function, and in parentheses those of the innermost.

use super::{Runtime, Stop};
use crate::hdf5::library::Failure;
use crate::loaders::{Raised, python};

/// The outermost functions of HDF5, in whose name h5py speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `H5Fopen`
    OpenFile,
    /// `H5Oopen`
    OpenObject,
    /// `H5Aopen`
    OpenAttribute,
    /// `H5Lexists`
    HasLink,
    /// `H5Aexists_by_name`
    HasAttribute,
    /// `H5Aread`
    ReadAttribute,
    /// `H5Dread`
    ReadDataset,
}

impl Call {
    /// The exception and the words; since 1.14 those tell synchronous functions from asynchronous ones.
    fn words(self, runtime: &Runtime) -> (&'static str, &'static str) {
        let new = runtime.hdf5 >= [1, 14, 0];
        let file = if runtime.python < [3, 0, 0] { "IOError" } else { "OSError" };
        match self {
            Call::OpenFile if new => (file, "Unable to synchronously open file"),
            Call::OpenFile => (file, "Unable to open file"),
            Call::OpenObject if new => ("KeyError", "Unable to synchronously open object"),
            Call::OpenObject => ("KeyError", "Unable to open object"),
            Call::OpenAttribute if new => ("KeyError", "Unable to synchronously open attribute"),
            Call::OpenAttribute => ("KeyError", "Can't open attribute"),
            Call::HasLink if new => ("RuntimeError", "Unable to synchronously check link existence"),
            Call::HasLink if runtime.hdf5 < [1, 10, 0] => ("KeyError", "Unable to get link info"),
            Call::HasLink => ("RuntimeError", "Unable to get link info"),
            Call::HasAttribute if new => {
                ("RuntimeError", "Can't synchronously determine if attribute exists by name")
            }
            Call::HasAttribute => ("RuntimeError", "Unable to determine if attribute exists"),
            Call::ReadAttribute | Call::ReadDataset if new => (file, "Can't synchronously read data"),
            Call::ReadDataset => (file, "Can't read data"),
            Call::ReadAttribute => (file, "Unable to read attribute"),
        }
    }

    /// The exception that h5py makes of a failure.
    pub(super) fn stop(self, runtime: &Runtime, failure: Failure) -> Stop {
        match failure {
            Failure::Says(inner) => Stop::Raised(self.raised(runtime, &inner)),
            Failure::Left(why) => Stop::unknown(why),
            Failure::Unclear(why) => Stop::Unknown(why),
        }
    }

    /// The exception with these words of the innermost function.
    pub(super) fn raised(self, runtime: &Runtime, inner: &str) -> Raised {
        let (exception, words) = self.words(runtime);
        let said = format!("{words} ({inner})");
        // `str()` of a KeyError is the `repr()` of its message.
        let message = match exception {
            "KeyError" if runtime.python < [3, 0, 0] => python2(&said),
            "KeyError" => python::text(&said),
            _ => said,
        };
        Raised::new(exception, message)
    }
}

/// `repr()` of a message in Python 2, which shows the bytes of letters beyond ASCII.
fn python2(said: &str) -> String {
    let shown = python::text(said);
    let mut out = String::new();
    for letter in shown.chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            let bytes =
                letter.encode_utf8(&mut [0; 4]).bytes().map(|b| format!("\\x{b:02x}")).collect::<String>();
            out.push_str(&bytes);
        }
    }
    out
}

/// `KeyError` for an object that is not in its group.
pub fn missing(runtime: &Runtime, name: &str) -> Raised {
    Call::OpenObject.raised(runtime, &format!("object '{name}' doesn't exist"))
}

/// `KeyError` for an attribute that is not there.
pub fn missing_attribute(runtime: &Runtime, name: &str) -> Raised {
    Call::OpenAttribute.raised(runtime, &format!("can't locate attribute: '{name}'"))
}
