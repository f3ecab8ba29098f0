//! `cargo xtask`: builds, serves and tests resnet-verifier, installing what that needs.

mod build;
mod card;
mod cmd;
mod serve;
mod sizes;
mod stages;
mod system;
mod tools;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use card::BuildCard;
use cmd::Shell;
use stages::Stage;

/// Builds, serves and tests resnet-verifier, installing what that needs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building and testing need
    Setup,
    /// Build the page's WebAssembly module and check its size
    Build,
    /// Build the page and serve it on this machine
    Serve {
        /// Port to listen on; 0 takes a free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Serve what is there, without building it again
        #[arg(long)]
        no_build: bool,
    },
    /// Run every test, or one stage of them
    Test {
        /// The stage
        #[arg(long)]
        only: Option<Stage>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this crate has no folder above it")?;
    let shell = Shell::new(root);
    let card = BuildCard::read(root)?;
    match task {
        Task::Setup => Stage::value_variants().iter().try_for_each(|stage| stage.prepare(&shell, &card)),
        Task::Build => build(&shell, &card),
        Task::Serve { port, no_build } => {
            if !no_build {
                build(&shell, &card)?;
            }
            serve::serve(&root.join("www"), port)
        }
        Task::Test { only: Some(stage) } => stages::run(&[stage], &shell, &card),
        Task::Test { only: None } => stages::run(Stage::value_variants(), &shell, &card),
    }
}

fn build(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    tools::for_build(shell, card)?;
    build::build(shell, card)
}
