//! The build card, `wasm-pack.toml`, as a value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The whole card. The file itself says what each value is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildCard {
    /// wasm-pack's `--target`.
    pub target: String,
    /// wasm-pack's `--out-dir`, from the top of the repository.
    pub out_dir: PathBuf,
    /// Arguments of wasm-opt for every module.
    pub wasm_opt: Vec<String>,
    /// The modules, by name.
    pub modules: BTreeMap<String, Module>,
    /// Limits of size of what is no module.
    pub budgets: Budgets,
    /// Versions of the tools.
    pub tools: Tools,
}

/// One WebAssembly module with its glue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// wasm-pack's `--out-name`.
    pub out_name: String,
    /// Cargo features.
    pub features: Vec<String>,
    /// Cargo profile.
    pub profile: String,
    /// More arguments of wasm-opt.
    pub wasm_opt: Vec<String>,
    /// Limits of size.
    pub budget: Budget,
}

/// Limits of size of a module, in bytes after brotli.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The module.
    pub wasm: u64,
    /// Its JavaScript glue.
    pub glue: u64,
}

/// Exact versions of the tools.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tools {
    /// Version of wasm-pack on crates.io.
    pub wasm_pack: String,
    /// Version of binaryen on npm.
    pub binaryen: String,
    /// Version of Node.js on npm, for machines whose own is too old.
    pub node: String,
    /// Oldest major version of Node.js that will do.
    pub node_at_least: u32,
}

/// Limits of size, in bytes after brotli.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Everything under `www/` that a browser can ask for.
    pub page: u64,
}

impl BuildCard {
    /// Parses the text of a card.
    ///
    /// # Errors
    /// When it is not TOML, a key is missing, unknown or of the wrong type.
    pub fn parse(text: &str) -> Result<BuildCard, String> {
        toml::from_str(text).map_err(|e| format!("wasm-pack.toml: {e}"))
    }

    /// Reads the card of the repository at `root`.
    ///
    /// # Errors
    /// When it cannot be read or parsed.
    pub fn read(root: &Path) -> Result<BuildCard, String> {
        let path = root.join("wasm-pack.toml");
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        BuildCard::parse(&text)
    }

    /// A WebAssembly module, from the top of the repository.
    pub fn wasm_file(&self, module: &Module) -> PathBuf {
        self.out_dir.join(format!("{}_bg.wasm", module.out_name))
    }

    /// Its JavaScript glue, from the top of the repository.
    pub fn glue_file(&self, module: &Module) -> PathBuf {
        self.out_dir.join(format!("{}.js", module.out_name))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The card in the repository.
    pub const TEXT: &str = include_str!("../../wasm-pack.toml");

    /// The card in the repository, parsed.
    pub fn card() -> BuildCard {
        BuildCard::parse(TEXT).expect("the card in the repository parses")
    }

    #[test]
    fn the_card_in_the_repository_parses() {
        let card = card();
        assert_eq!(card.modules.keys().collect::<Vec<_>>(), ["engine", "verifier"]);
        let verifier = &card.modules["verifier"];
        assert_eq!(card.wasm_file(verifier), Path::new("www/pkg/resnet_verifier_bg.wasm"));
        assert_eq!(card.glue_file(verifier), Path::new("www/pkg/resnet_verifier.js"));
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        let edits = [
            TEXT.replace("profile =", "profil = \"x\"\nprofile ="),
            TEXT.replace("glue =", "css = 1, glue ="),
            TEXT.replace("[tools]", "[tools]\nrustc = \"1\""),
            TEXT.replace("[budgets]", "[budgets]\ncss = 1"),
        ];
        for edit in edits {
            assert_ne!(edit, TEXT);
            assert!(BuildCard::parse(&edit).unwrap_err().contains("unknown field"), "{edit}");
        }
    }

    #[test]
    fn a_missing_key_is_refused_by_name() {
        let edit = TEXT.replace("profile = \"engine\"", "");
        assert!(BuildCard::parse(&edit).unwrap_err().contains("missing field `profile`"));
    }

    #[test]
    fn every_key_has_a_comment_where_it_stands_first() {
        let mut explained = Vec::new();
        let lines: Vec<&str> = TEXT.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_key = |key: &&str| key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let Some(key) = line.split_once(" = ").map(|(key, _)| key).filter(is_key) else { continue };
            assert!(explained.contains(&key) || lines[at - 1].starts_with('#'), "no comment above: {line}");
            explained.push(key);
        }
    }
}
