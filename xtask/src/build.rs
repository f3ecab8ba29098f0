//! Building the page's WebAssembly modules: the card as command lines, run in order.

use crate::card::{BuildCard, Module};
use crate::cmd::{Cmd, Shell};
use crate::sizes;

/// Builds the modules and their glue, shrinks the modules and holds the result against the budgets.
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
    card.modules.values().flat_map(|module| [wasm_pack(card, module), wasm_opt(card, module)]).collect()
}

/// wasm-pack must neither install tools nor run wasm-opt: both are ours to pin.
fn wasm_pack(card: &BuildCard, module: &Module) -> Cmd {
    Cmd::new("wasm-pack", "build --mode no-install --no-opt --no-pack")
        .arg("--target")
        .arg(&card.target)
        .arg("--out-dir")
        .arg(card.out_dir.to_string_lossy())
        .arg("--out-name")
        .arg(&module.out_name)
        .arg("--profile")
        .arg(&module.profile)
        .arg(".")
        .arg("--no-default-features")
        .arg("--features")
        .arg(module.features.join(","))
        // A RUSTFLAGS variable would replace the flags in .cargo/config.toml, SIMD among them.
        .env("RUSTFLAGS", "")
        .env("CARGO_ENCODED_RUSTFLAGS", "")
}

fn wasm_opt(card: &BuildCard, module: &Module) -> Cmd {
    let file = card.wasm_file(module).to_string_lossy().into_owned();
    let flags = card.wasm_opt.iter().chain(&module.wasm_opt);
    let flags = flags.fold(Cmd::new("wasm-opt", ""), |cmd, flag| cmd.arg(flag));
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
        let card = BuildCard::parse(&TEXT.replace("\"-O3\"", "\"-O2\"")).expect("a valid card");
        let lines: Vec<String> = commands(&card).iter().map(Cmd::to_string).collect();
        assert_eq!(
            lines[0],
            "wasm-pack build --mode no-install --no-opt --no-pack --target web --out-dir www/pkg \
             --out-name resnet_verifier_engine --profile engine . --no-default-features --features engine"
        );
        let file = "www/pkg/resnet_verifier_engine_bg.wasm";
        assert!(lines[1].starts_with("wasm-opt --enable-simd "), "{}", lines[1]);
        assert!(lines[1].ends_with(&format!(" -O2 {file} --output {file}")), "{}", lines[1]);
        assert!(lines[2].ends_with("--features verifier"), "{}", lines[2]);
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn every_value_of_the_card_reaches_a_command_line() {
        type Change = fn(&mut BuildCard);
        let changes: [(&str, Change); 7] = [
            ("--target deno", |card| card.target = "deno".into()),
            ("--out-dir elsewhere", |card| card.out_dir = "elsewhere".into()),
            ("wasm-opt -O1", |card| card.wasm_opt = vec!["-O1".into()]),
            ("--out-name other", |card| module(card).out_name = "other".into()),
            ("--features a,b", |card| module(card).features = vec!["a".into(), "b".into()]),
            ("--profile profiling", |card| module(card).profile = "profiling".into()),
            ("-O1 www", |card| module(card).wasm_opt = vec!["-O1".into()]),
        ];
        for (expected, change) in changes {
            assert!(!lines(|_| ()).contains(expected), "{expected} already there");
            assert!(lines(change).contains(expected), "{expected} not in\n{}", lines(change));
        }
    }

    fn module(card: &mut BuildCard) -> &mut Module {
        card.modules.get_mut("verifier").expect("a module of the card")
    }
}
