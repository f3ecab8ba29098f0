//! Building the page's WebAssembly module: the card as command lines, run in order.

use crate::card::BuildCard;
use crate::cmd::{Cmd, Shell};
use crate::sizes;

/// Builds the module and its glue, shrinks the module and holds the result against the budgets.
///
/// # Errors
/// When a tool fails or a budget is exceeded.
pub fn build(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    for cmd in commands(card) {
        shell.run(&cmd)?;
    }
    sizes::check(&shell.root, card)
}

/// The command lines of a build, in order.
pub fn commands(card: &BuildCard) -> Vec<Cmd> {
    vec![wasm_pack(card), wasm_opt(card)]
}

/// wasm-pack must neither install tools nor run wasm-opt: both are ours to pin.
fn wasm_pack(card: &BuildCard) -> Cmd {
    Cmd::new("wasm-pack", "build --mode no-install --no-opt --no-pack")
        .arg("--target")
        .arg(&card.target)
        .arg("--out-dir")
        .arg(card.out_dir.to_string_lossy())
        .arg("--out-name")
        .arg(&card.out_name)
        .arg("--profile")
        .arg(&card.profile)
        .arg(".")
        // A RUSTFLAGS variable would replace the flags in .cargo/config.toml, SIMD among them.
        .env("RUSTFLAGS", "")
        .env("CARGO_ENCODED_RUSTFLAGS", "")
}

fn wasm_opt(card: &BuildCard) -> Cmd {
    let file = card.wasm_file().to_string_lossy().into_owned();
    let flags = card.wasm_opt.iter().fold(Cmd::new("wasm-opt", ""), |cmd, flag| cmd.arg(flag));
    flags.arg(&file).arg("--output").arg(&file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::{TEXT, card};

    /// The command lines of the card in the repository after a change to it.
    fn lines(change: impl Fn(&mut BuildCard)) -> String {
        let mut card = card();
        change(&mut card);
        commands(&card).iter().map(|cmd| format!("{cmd}\n")).collect()
    }

    #[test]
    fn the_card_becomes_these_commands() {
        let card = BuildCard::parse(&TEXT.replace("\"-O3\",", "\"-Oz\",")).expect("a valid card");
        let lines: Vec<String> = commands(&card).iter().map(Cmd::to_string).collect();
        assert_eq!(
            lines[0],
            "wasm-pack build --mode no-install --no-opt --no-pack --target web --out-dir www/pkg \
             --out-name resnet_verifier --profile release ."
        );
        let file = "www/pkg/resnet_verifier_bg.wasm";
        assert!(lines[1].starts_with("wasm-opt -Oz --enable-simd "), "{}", lines[1]);
        assert!(lines[1].ends_with(&format!(" {file} --output {file}")), "{}", lines[1]);
    }

    #[test]
    fn every_value_of_the_card_reaches_a_command_line() {
        type Change = fn(&mut BuildCard);
        let changes: [(&str, Change); 5] = [
            ("--target deno", |card| card.target = "deno".into()),
            ("--out-dir elsewhere", |card| card.out_dir = "elsewhere".into()),
            ("--out-name other", |card| card.out_name = "other".into()),
            ("--profile profiling", |card| card.profile = "profiling".into()),
            ("wasm-opt -O1 www", |card| card.wasm_opt = vec!["-O1".into()]),
        ];
        for (expected, change) in changes {
            assert!(!lines(|_| ()).contains(expected), "{expected} already there");
            assert!(lines(change).contains(expected), "{expected} not in\n{}", lines(change));
        }
    }
}
