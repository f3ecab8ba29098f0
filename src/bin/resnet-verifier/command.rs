//! Arguments and exit statuses.

// A closed pipe makes these panic.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod output;
mod repair;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, Parser, Subcommand, ValueEnum};
use output::{Reader, complain, print};
use resnet_verifier::checks;
use resnet_verifier::finding::Rule;
use resnet_verifier::image::{Interpolation, Preparation, Preprocess};
use resnet_verifier::report::{PastedError, Report, shell_word, text};
use resnet_verifier::session::{self, Backend, Family, Input, RunError, Runner};
use resnet_verifier::tensor::npy;
use source::FileSource;

/// Exit status when the file has findings of severity error.
const HAS_ERRORS: u8 = 1;
/// Exit status for wrong arguments.
const USAGE: u8 = 2;
/// Exit status when a file can't be read or run.
const UNREADABLE: u8 = 3;

/// Says what a Keras ResNet file is, what is wrong with it, and what it predicts.
///
/// The exit status is 0 when nothing is wrong, 1 when the file has errors, 2 for wrong arguments, and 3 when a file can't be
/// read or run.
#[derive(Parser)]
#[command(name = "resnet-verifier", version, after_help = "Example: resnet-verifier check resnet50.h5")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a file: what it is, which ResNet it holds, what is wrong with it.
    #[command(after_help = "Example: resnet-verifier check resnet50.h5 --format json")]
    Check(Check),
    /// Run a model on pictures or .npy tensors.
    #[command(after_help = "Example: resnet-verifier run resnet50.h5 cat.jpg --top 3")]
    Run(Run),
    /// Write a copy that a runtime loads, and say what had to change in it.
    ///
    /// Weights stay as they are; kernels that Theano saved are turned, which is said. The exit status is 1 when there is no repair: the reason is said.
    #[command(after_help = "Example: resnet-verifier repair resnet50.h5 --for tf115 -o resnet50-tf115.h5")]
    Repair(repair::Arguments),
    /// Explain findings by their codes (W001) or names (nan), or an error by its text.
    #[command(
        after_help = "Examples:\n  resnet-verifier explain W001 truncated\n  resnet-verifier explain \"ValueError: Unknown layer: Functional\"\n  python load.py 2>&1 | resnet-verifier explain -"
    )]
    Explain {
        /// Codes or names of findings, or the text of an error, or - to read that; without them, all findings are listed.
        codes: Vec<String>,
    },
}

#[derive(Args)]
struct Check {
    /// The file.
    model: PathBuf,
    /// The other half of a pair (weights for a model, a model for weights, an architecture as JSON), a network of
    /// keras.applications by its call ("ResNet50(classes=10)", ResNet101V2, ImageAI), or a list of the model's classes, as
    /// ImageAI's model_class.json.
    #[arg(long, value_name = "OTHER")]
    with: Option<PathBuf>,
    /// An error that you saw with this file, or - to read it: who says that, why, and whether it is true of this file.
    #[arg(long, allow_hyphen_values = true)]
    error: Option<String>,
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
    /// How to bring pictures to size, as Keras' load_img: nearest, box, bilinear, hamming, bicubic or lanczos.
    #[arg(long, default_value = "nearest", value_parser = interpolation)]
    interpolation: Interpolation,
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

fn interpolation(word: &str) -> Result<Interpolation, String> {
    let expected = || Interpolation::ALL.map(Interpolation::word).join(", ");
    Interpolation::named(word).ok_or_else(|| format!("expected one of {}", expected()))
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
        Command::Repair(arguments) => repair::main(&arguments),
        Command::Explain { codes } => explain(&codes),
    }
}

fn check(arguments: &Check) -> ExitCode {
    let (model, family) = match sides(arguments) {
        Ok(sides) => sides,
        Err(reason) => return usage(&reason),
    };
    let source = match FileSource::open(model) {
        Ok(source) => source,
        Err(error) => return fail(model, &error),
    };
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let report = session::check(&name, source.clone(), &mut |_| {});
    let report = match (&arguments.with, family) {
        (None, _) => Ok(report),
        (Some(_), Some(family)) => with_family(report, (&name, source.clone()), &family),
        (Some(other), None) => with_other(report, (&name, source.clone()), other),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => return fail(arguments.with.as_deref().unwrap_or(model), &error),
    };
    let report = match arguments.error.as_deref().map(source::given).transpose() {
        Ok(None) => report,
        Ok(Some(error)) => report.with_error(&error),
        Err(reason) => return fail(Path::new("standard input"), &reason),
    };
    let printed = print(&match arguments.format {
        Format::Text => text(&report, model.to_str()),
        Format::Json => report.json() + "\n",
    });
    match (printed, source.failure()) {
        (Err(reason), _) => fail(Path::new("standard output"), &reason),
        (Ok(_), Some(reason)) => fail(model, &format!("not all of it can be read: {reason}")),
        (Ok(_), None) => status(&report),
    }
}

/// The file to check, and the network by whose name the other side was given; a file of that name goes first.
fn sides(arguments: &Check) -> Result<(&Path, Option<Family>), String> {
    let family = |path: &Path| match path.exists() {
        true => Ok(None),
        false => path.to_str().and_then(Family::named).transpose(),
    };
    let model = arguments.model.as_path();
    let Some(other) = arguments.with.as_deref() else { return Ok((model, None)) };
    match (family(model)?, family(other)?) {
        (Some(model), None) => Ok((other, Some(model))),
        (Some(_), Some(_)) => Err("one of the two must be a file of weights".into()),
        (None, other) => Ok((model, other)),
    }
}

/// Adds what becomes of the weights in a network that code builds.
fn with_family(mut report: Report, file: (&str, Arc<FileSource>), family: &Family) -> Result<Report, String> {
    report.pair = Some(session::pair_with_family((file.0, file.1), family)?);
    Ok(report)
}

/// Adds what another file tells: the other half of a pair, or a list of classes.
fn with_other(mut report: Report, first: (&str, Arc<FileSource>), other: &Path) -> Result<Report, String> {
    let source = FileSource::open(other)?;
    let name = other.file_name().unwrap_or_default().to_string_lossy();
    if !session::is_half(&name, source.clone()) {
        return Ok(report.with_labels(&String::from_utf8_lossy(&source::read(other)?)));
    }
    report.pair = Some(session::pair((first.0, first.1), (&name, source))?);
    Ok(report)
}

fn status(report: &Report) -> ExitCode {
    match (report.is_unreadable(), report.has_errors()) {
        (true, _) => ExitCode::from(UNREADABLE),
        (false, true) => ExitCode::from(HAS_ERRORS),
        (false, false) => ExitCode::SUCCESS,
    }
}

fn run(arguments: &Run) -> ExitCode {
    let mut runner = None;
    for path in &arguments.inputs {
        let bytes = match source::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return fail(path, &error),
        };
        match predict(arguments, &mut runner, &bytes).map(|text| print(&text)) {
            Ok(Ok(Reader::Listens)) => {}
            Ok(Ok(Reader::Left)) => break,
            Ok(Err(reason)) => return fail(Path::new("standard output"), &reason),
            Err(error) => return refuse(arguments, path, &error),
        }
    }
    ExitCode::SUCCESS
}

/// Says why there is no prediction.
fn refuse(arguments: &Run, input: &Path, error: &RunError) -> ExitCode {
    let model = &arguments.model;
    match error {
        // The input is to blame for what it is, the model for everything else.
        RunError::Input(_) | RunError::Picture(_) => fail(input, &error.to_string()),
        RunError::NoModel(_) | RunError::Exec(_) => fail(model, &error.to_string()),
        RunError::File(_) | RunError::Plan(_) => {
            let status = fail(model, &error.to_string());
            let word = model.to_str().and_then(shell_word).unwrap_or("MODEL".into());
            complain(&format!("`resnet-verifier check {word}` says what is in the file"));
            status
        }
    }
}

/// Predicts for one input, opening the model first where that has not been done; gives the text to print.
fn predict(
    arguments: &Run,
    opened: &mut Option<(Runner, [f64; 2])>,
    bytes: &[u8],
) -> Result<String, RunError> {
    let (runner, [read, upload]) = match opened {
        Some(opened) => opened,
        None => {
            let shape = npy::parse(bytes).ok().map(|array| array.shape);
            opened.insert(open(arguments, shape.as_deref())?)
        }
    };
    let preparation = Preparation { mode: arguments.preprocess.0, interpolation: arguments.interpolation };
    let input = Input::of_bytes(bytes, preparation);
    let started = Instant::now();
    let clock = move || started.elapsed().as_secs_f64() * 1e3;
    let mut report = pollster::block_on(runner.predict(input, arguments.top, &clock, &mut |_| true))?;
    (report.millis.read, report.millis.upload) = (*read, *upload);
    Ok(match arguments.format {
        Format::Text => report.text(),
        Format::Json => report.json() + "\n",
    })
}

/// Opens the model; gives it with the milliseconds for reading and for uploading.
fn open(arguments: &Run, shape: Option<&[usize]>) -> Result<(Runner, [f64; 2]), RunError> {
    let started = Instant::now();
    let source = FileSource::open(&arguments.model).map_err(RunError::NoModel)?;
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

fn explain(codes: &[String]) -> ExitCode {
    match codes {
        [text] if is_error(text) => explain_error(text),
        codes => explain_codes(codes),
    }
}

/// Whether an argument is an error's text and not the name of a finding.
fn is_error(text: &str) -> bool {
    text == "-" || text.contains(char::is_whitespace) || text.contains(':')
}

fn explain_error(text: &str) -> ExitCode {
    match source::given(text).and_then(|text| print(&PastedError::new(&text, None).text())) {
        Ok(_) => ExitCode::SUCCESS,
        Err(reason) => fail(Path::new("standard input or output"), &reason),
    }
}

fn explain_codes(codes: &[String]) -> ExitCode {
    let rules: Result<Vec<&Rule>, &String> =
        codes.iter().map(|code| checks::rule(code).ok_or(code)).collect();
    let text = match rules {
        Ok(rules) if rules.is_empty() => list(),
        Ok(rules) => rules.into_iter().map(explained).collect::<Vec<_>>().join("\n"),
        Err(code) => {
            return usage(&format!("there is no finding {code}; `resnet-verifier explain` lists them"));
        }
    };
    match print(&text) {
        Ok(_) => ExitCode::SUCCESS,
        Err(reason) => fail(Path::new("standard output"), &reason),
    }
}

/// Every rule on a line.
fn list() -> String {
    let rules = checks::CHECKS.iter().map(|check| check.rule);
    let width = rules.clone().map(|rule| rule.name.len()).max().unwrap_or_default();
    rules.map(|rule| format!("{}  {:<width$}  {}\n", rule.code, rule.name, rule.severity.word())).collect()
}

fn explained(rule: &Rule) -> String {
    let Rule { code, name, severity, meaning, fix } = rule;
    format!("{code} {name} ({})\n\n{meaning}\n\nWhat to do: {fix}\n", severity.word())
}

fn usage(reason: &str) -> ExitCode {
    complain(reason);
    ExitCode::from(USAGE)
}

fn fail(path: &Path, reason: &str) -> ExitCode {
    complain(&format!("{}: {reason}", path.display()));
    ExitCode::from(UNREADABLE)
}
