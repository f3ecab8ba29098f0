//! `repair`: a copy of a file that a runtime loads.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use resnet_verifier::loaders::{RUNTIMES, Runtime};
use resnet_verifier::repair::{Repair, snippet};
use resnet_verifier::session;
use resnet_verifier::source::ByteSource;

use super::output::{complain, print};
use super::source::FileSource;
use super::{HAS_ERRORS, fail};

/// Bytes copied at a time.
const BLOCK: u64 = 1 << 20;

/// What `repair` takes.
#[derive(Args)]
pub struct Arguments {
    /// The file.
    model: PathBuf,
    /// The runtime that should load the copy, as `check` names it: tf115, tf215, k224, k315, …
    #[arg(long = "for", value_name = "RUNTIME", value_parser = runtime)]
    target: &'static Runtime,
    /// Where to write the copy.
    #[arg(short, long = "out")]
    out: Option<PathBuf>,
    /// What to print: the changes as text or json, the repaired model_config as config, or Python that builds the model and
    /// loads the weights as python.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The changes, for reading.
    Text,
    /// The changes, for scripts.
    Json,
    /// The repaired `model_config`.
    Config,
    /// Python that builds the model and loads the weights.
    Python,
}

fn runtime(id: &str) -> Result<&'static Runtime, String> {
    let ids = || RUNTIMES.iter().map(|runtime| runtime.id).collect::<Vec<_>>().join(", ");
    Runtime::of(id).ok_or_else(|| format!("expected one of {}", ids()))
}

/// Repairs a file; gives the exit status.
pub fn main(arguments: &Arguments) -> ExitCode {
    let source = match FileSource::open(&arguments.model) {
        Ok(source) => source,
        Err(error) => return fail(&arguments.model, &error),
    };
    let name = arguments.model.file_name().unwrap_or_default().to_string_lossy();
    let repaired = match session::repair(&name, source, arguments.target) {
        Ok(repaired) => repaired,
        Err(refusal) => {
            let target = arguments.target.name;
            complain(&format!("{}: no repair for {target}: {refusal}", arguments.model.display()));
            return ExitCode::from(HAS_ERRORS);
        }
    };
    if let Some(out) = &arguments.out
        && let Err(error) = write(&arguments.model, out, &*repaired.copy)
    {
        return fail(out, &error);
    }
    let copy = arguments.out.as_ref().and_then(|out| out.file_name()).map(|name| name.to_string_lossy());
    let copy = copy.as_deref().unwrap_or(&repaired.name);
    match print(&printed(arguments.format, &repaired.repair, &name, copy)) {
        Ok(_) => ExitCode::SUCCESS,
        Err(reason) => fail(Path::new("standard output"), &reason),
    }
}

fn printed(format: Format, repair: &Repair, name: &str, copy: &str) -> String {
    match format {
        Format::Text => repair.text(),
        Format::Json => repair.json().to_string() + "\n",
        Format::Config => repair.config.to_string() + "\n",
        Format::Python => snippet(repair, name, copy),
    }
}

/// Writes the copy, which must not be the file itself: what is read would be overwritten before it is read.
fn write(model: &Path, out: &Path, copy: &dyn ByteSource) -> Result<(), String> {
    let same = std::fs::canonicalize(out)
        .is_ok_and(|out| std::fs::canonicalize(model).is_ok_and(|model| model == out));
    if same {
        return Err("this is the file itself; name another one for the copy".into());
    }
    let mut file = File::create(out).map_err(|error| error.to_string())?;
    let mut at = 0;
    while at < copy.len() {
        let mut block = vec![0; BLOCK.min(copy.len() - at) as usize];
        copy.read_at(at, &mut block).map_err(|error| error.to_string())?;
        file.write_all(&block).map_err(|error| error.to_string())?;
        at += block.len() as u64;
    }
    file.sync_all().map_err(|error| error.to_string())
}
