//! The stages of `cargo xtask test`, and running them one after the other.

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::card::BuildCard;
use crate::cmd::{Cmd, Shell, Tally};
use crate::{build, system, tools};

/// A part of the tests that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Format and lints.
    Lint,
    /// Everything that runs on this machine without a browser, the GPU code on Vulkan.
    Native,
    /// The WebAssembly module in a headless browser, with WebGPU.
    Web,
    /// The built page in a headless browser.
    Page,
}

impl Stage {
    /// What it tests, for its heading.
    fn title(self) -> &'static str {
        match self {
            Stage::Lint => "lint: format and lints",
            Stage::Native => "native: unit and integration tests, WebGPU on Vulkan",
            Stage::Web => "web: the module in a headless browser",
            Stage::Page => "page: the built page in a headless browser",
        }
    }

    /// Installs what it needs.
    ///
    /// # Errors
    /// When something cannot be installed.
    pub fn prepare(self, shell: &Shell, card: &BuildCard) -> Result<(), String> {
        match self {
            Stage::Lint => tools::for_lint(shell),
            Stage::Native => tools::for_native(shell),
            Stage::Web => tools::for_web(shell),
            Stage::Page => tools::for_build(shell, card).and_then(|()| tools::for_page(shell, card)),
        }
    }

    fn run(self, shell: &Shell, card: &BuildCard) -> (Tally, Result<(), String>) {
        if let Err(error) = self.prepare(shell, card) {
            return (Tally::default(), Err(error));
        }
        if self == Stage::Page
            && let Err(error) = build::build(shell, card)
        {
            return (Tally::default(), Err(error));
        }
        let browser = system::browser(shell).unwrap_or_default();
        let driver = system::driver(shell).unwrap_or_default();
        let mut tally = Tally::default();
        for cmd in commands(self, &browser, &driver) {
            let (counted, result) = shell.run_tests(&cmd);
            tally += counted;
            if result.is_err() {
                return (tally, result);
            }
        }
        (tally, Ok(()))
    }
}

/// The command lines of a stage, once it is prepared. `--quiet` must not be among them: cargo would pass it on
/// to wasm-bindgen's runner, which refuses it.
fn commands(stage: Stage, browser: &str, driver: &str) -> Vec<Cmd> {
    match stage {
        Stage::Lint => vec![
            Cmd::new("cargo", "fmt --all --check"),
            Cmd::new("cargo", "clippy --workspace --all-targets -- -D warnings"),
            Cmd::new("cargo", "clippy --lib --test web --target wasm32-unknown-unknown -- -D warnings"),
        ],
        Stage::Native => {
            vec![Cmd::new("cargo", "test --workspace --no-fail-fast").env("RESNET_VERIFIER_REQUIRE_GPU", "1")]
        }
        // The driver is named, or the runner would take geckodriver where both are there.
        Stage::Web => vec![
            Cmd::new("cargo", "test --target wasm32-unknown-unknown --test web")
                .env("CHROMEDRIVER", driver)
                .env("RUSTFLAGS", "")
                .env("CARGO_ENCODED_RUSTFLAGS", ""),
        ],
        Stage::Page => {
            vec![
                Cmd::new("node", "--test --test-concurrency=1 --test-reporter=spec")
                    .dir("tests/browser")
                    .env("CHROMIUM", browser),
            ]
        }
    }
}

/// How a stage went.
struct Outcome {
    stage: Stage,
    time: Duration,
    tally: Tally,
    result: Result<(), String>,
}

/// Runs stages in order up to the first that fails, then says how each went.
///
/// # Errors
/// When a stage failed; the message names it.
pub fn run(stages: &[Stage], shell: &Shell, card: &BuildCard) -> Result<(), String> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for &stage in stages {
        println!("\n=== {}", stage.title());
        let start = Instant::now();
        let (tally, result) = stage.run(shell, card);
        let failed = result.is_err();
        outcomes.push(Outcome { stage, time: start.elapsed(), tally, result });
        if failed {
            break;
        }
    }
    println!("\n{}", summary(&outcomes));
    match outcomes.into_iter().find_map(|outcome| Some((outcome.stage, outcome.result.err()?))) {
        None => Ok(()),
        Some((stage, error)) => Err(format!("failed in {}\n{error}", stage.title())),
    }
}

fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut all = Tally::default();
    for Outcome { stage, time, tally, result } in outcomes {
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        text += &format!("{word:<7}{:>7.1} s  {}\n", time.as_secs_f64(), stage.title());
        all += *tally;
    }
    // A stage can fail without a failing test, by not compiling: then it counts as one.
    let broken = outcomes.iter().any(|outcome| outcome.result.is_err()) && all.failed == 0;
    text + &format!("{} passed, {} failed", all.passed, all.failed + u64::from(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stage: Stage, passed: u64, failed: u64, result: Result<(), String>) -> Outcome {
        Outcome { stage, time: Duration::from_millis(1500), tally: Tally { passed, failed }, result }
    }

    fn lines(stage: Stage) -> Vec<String> {
        commands(stage, "/b", "/d").iter().map(Cmd::to_string).collect()
    }

    #[test]
    fn no_command_is_quiet() {
        for stage in Stage::value_variants() {
            for line in lines(*stage) {
                assert!(!line.contains(" -q") && !line.contains("--quiet"), "{line}");
            }
        }
    }

    #[test]
    fn the_native_tests_may_not_skip_the_gpu() {
        assert_eq!(
            lines(Stage::Native),
            ["RESNET_VERIFIER_REQUIRE_GPU=1 cargo test --workspace --no-fail-fast"]
        );
    }

    #[test]
    fn the_browser_and_its_driver_are_passed_on() {
        assert!(lines(Stage::Web)[0].starts_with("CHROMEDRIVER=/d cargo test --target wasm32"));
        assert_eq!(lines(Stage::Page), ["CHROMIUM=/b node --test --test-concurrency=1 --test-reporter=spec"]);
    }

    #[test]
    fn the_summary_adds_up() {
        let good = [outcome(Stage::Lint, 0, 0, Ok(())), outcome(Stage::Native, 5, 0, Ok(()))];
        assert!(summary(&good).ends_with("\n5 passed, 0 failed"), "{}", summary(&good));
        let bad = [outcome(Stage::Native, 5, 2, Err("x".into()))];
        assert!(summary(&bad).starts_with("FAILED     1.5 s  native"), "{}", summary(&bad));
        assert!(summary(&bad).ends_with("\n5 passed, 2 failed"));
        let broken = [outcome(Stage::Lint, 0, 0, Err("x".into()))];
        assert!(summary(&broken).ends_with("\n0 passed, 1 failed"));
    }
}
