//! Arguments, files and exit statuses.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::{Args, Parser, Subcommand, ValueEnum};
use resnet_verifier::checks;
use resnet_verifier::image::Preprocess;
use resnet_verifier::report::text;
use resnet_verifier::session::{self, Backend, Input, RunError, Runner};
use resnet_verifier::source::{ByteSource, ReadError, check_range};
use resnet_verifier::tensor::npy;

/// Exit status when the file has findings of severity error.
const HAS_ERRORS: u8 = 1;
/// Exit status for wrong arguments.
const USAGE: u8 = 2;
/// Exit status when a file can't be read or run.
const UNREADABLE: u8 = 3;

/// Says what a Keras ResNet file is, what is wrong with it, and what it predicts.
#[derive(Parser)]
#[command(name = "resnet-verifier", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a file: what it is, which ResNet it holds, what is wrong with it.
    Check(Check),
    /// Run a model on a picture or a .npy tensor.
    Run(Run),
    /// Explain a finding by its code (W001) or name (nan).
    Explain {
        /// Code or name of the finding; without it, all are listed.
        code: Option<String>,
    },
}

#[derive(Args)]
struct Check {
    /// The file.
    model: PathBuf,
    /// How to print the report.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Args)]
struct Run {
    /// The model.
    model: PathBuf,
    /// Pictures (prepared as the model expects) or .npy tensors (used as they are).
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Where to run it: auto, gpu, cpu or reference.
    #[arg(long, default_value = "auto", value_parser = backend)]
    backend: Backend,
    /// How to prepare pictures: auto, caffe, tf, torch, unit or none.
    #[arg(long, default_value = "auto", value_parser = preprocess)]
    preprocess: Mode,
    /// How many classes to list.
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// How to print the result.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading.
    Text,
    /// For scripts.
    Json,
}

/// A preparation of pictures, or the one that fits the model.
#[derive(Clone, Copy)]
struct Mode(Option<Preprocess>);

fn backend(word: &str) -> Result<Backend, String> {
    Backend::named(word).ok_or_else(|| "expected auto, gpu, cpu or reference".to_string())
}

fn preprocess(word: &str) -> Result<Mode, String> {
    match (word, Preprocess::named(word)) {
        ("auto", _) => Ok(Mode(None)),
        (_, Some(mode)) => Ok(Mode(Some(mode))),
        _ => Err("expected auto, caffe, tf, torch, unit or none".to_string()),
    }
}

/// Runs the command; gives its exit status.
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check(&arguments),
        Command::Run(arguments) => run(&arguments),
        Command::Explain { code } => explain(code.as_deref()),
    }
}

fn check(arguments: &Check) -> ExitCode {
    let source = match FileSource::open(&arguments.model) {
        Ok(source) => source,
        Err(error) => return fail(&arguments.model, &error),
    };
    let name = arguments.model.file_name().unwrap_or_default().to_string_lossy();
    let report = session::check(&name, source, &mut |_| {});
    match arguments.format {
        Format::Text => print!("{}", text(&report)),
        Format::Json => println!("{}", report.json()),
    }
    if report.has_errors() { ExitCode::from(HAS_ERRORS) } else { ExitCode::SUCCESS }
}

fn run(arguments: &Run) -> ExitCode {
    let mut runner = None;
    for path in &arguments.inputs {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return fail(path, &error.to_string()),
        };
        match predict(arguments, &mut runner, &bytes) {
            Ok(()) => {}
            // The input is to blame for what it is, the model for everything else.
            Err(error @ (RunError::Input(_) | RunError::Picture(_))) => {
                return fail(path, &error.to_string());
            }
            Err(error) => return fail(&arguments.model, &error.to_string()),
        }
    }
    ExitCode::SUCCESS
}

/// Predicts for one input, opening the model first where that has not been done.
fn predict(arguments: &Run, opened: &mut Option<(Runner, [f64; 2])>, bytes: &[u8]) -> Result<(), RunError> {
    let (runner, [read, upload]) = match opened {
        Some(opened) => opened,
        None => {
            let shape = npy::parse(bytes).ok().map(|array| array.shape);
            opened.insert(open(arguments, shape.as_deref())?)
        }
    };
    let input = Input::of_bytes(bytes, arguments.preprocess.0);
    let started = Instant::now();
    let clock = move || started.elapsed().as_secs_f64() * 1e3;
    let mut report = pollster::block_on(runner.predict(input, arguments.top, &clock, &mut |_| true))?;
    (report.millis.read, report.millis.upload) = (*read, *upload);
    match arguments.format {
        Format::Text => print!("{}", report.text()),
        Format::Json => println!("{}", report.json()),
    }
    Ok(())
}

/// Opens the model; gives it with the milliseconds for reading and for uploading.
fn open(arguments: &Run, shape: Option<&[usize]>) -> Result<(Runner, [f64; 2]), RunError> {
    let started = Instant::now();
    let source = FileSource::open(&arguments.model).map_err(RunError::File)?;
    // A model that takes any size gets that of the tensor.
    let sides = shape.and_then(|shape| match shape {
        [_, first, second, third] if [1, 3].contains(first) && ![1, 3].contains(third) => {
            Some([*second, *third])
        }
        [_, first, second, _] => Some([*first, *second]),
        _ => None,
    });
    let prepared = session::prepare(source, 1, sides)?;
    let read = started.elapsed().as_secs_f64() * 1e3;
    let runner = pollster::block_on(Runner::new(prepared, arguments.backend, &mut |_| true))?;
    Ok((runner, [read, started.elapsed().as_secs_f64() * 1e3 - read]))
}

fn explain(code: Option<&str>) -> ExitCode {
    let Some(code) = code else {
        for check in checks::CHECKS {
            println!("{}  {:<18}{}", check.rule.code, check.rule.name, check.rule.severity.word());
        }
        return ExitCode::SUCCESS;
    };
    match checks::rule(code) {
        Some(rule) => {
            println!(
                "{} {} ({})\n\n{}\n\n{}",
                rule.code,
                rule.name,
                rule.severity.word(),
                rule.meaning,
                rule.fix
            );
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("resnet-verifier: there is no finding {code}; `resnet-verifier explain` lists them");
            ExitCode::from(USAGE)
        }
    }
}

fn fail(path: &Path, reason: &str) -> ExitCode {
    eprintln!("resnet-verifier: {}: {reason}", path.display());
    ExitCode::from(UNREADABLE)
}

/// A file on disk.
struct FileSource {
    file: Mutex<File>,
    length: u64,
}

impl FileSource {
    fn open(path: &Path) -> Result<Arc<dyn ByteSource>, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let facts = file.metadata().map_err(|error| error.to_string())?;
        if facts.is_dir() {
            return Err("this is a folder; name the .h5 file in it".to_string());
        }
        Ok(Arc::new(FileSource { file: Mutex::new(file), length: facts.len() }))
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        use std::io::{Read, Seek, SeekFrom};
        check_range(offset, buffer.len(), self.length)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(buffer));
        read.map_err(|error| ReadError::System(error.to_string()))
    }
}
