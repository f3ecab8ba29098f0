//! The command: the only place that reads files, prints and exits.

#[cfg(not(target_arch = "wasm32"))]
#[path = "resnet-verifier/command.rs"]
mod command;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    command::main()
}

/// The tests for the browser build every target of the package, and there is no command there.
#[cfg(target_arch = "wasm32")]
fn main() {}
