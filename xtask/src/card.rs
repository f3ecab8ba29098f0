//! The build card, `wasm-pack.toml`, as a value.

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
    /// wasm-pack's `--out-name`.
    pub out_name: String,
    /// Cargo profile.
    pub profile: String,
    /// Arguments of wasm-opt.
    pub wasm_opt: Vec<String>,
    /// Versions of the tools.
    pub tools: Tools,
    /// Limits of size.
    pub budgets: Budgets,
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
    /// The WebAssembly module.
    pub wasm: u64,
    /// Its JavaScript glue.
    pub glue: u64,
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

    /// The WebAssembly module, from the top of the repository.
    pub fn wasm_file(&self) -> PathBuf {
        self.out_dir.join(format!("{}_bg.wasm", self.out_name))
    }

    /// Its JavaScript glue, from the top of the repository.
    pub fn glue_file(&self) -> PathBuf {
        self.out_dir.join(format!("{}.js", self.out_name))
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
        assert_eq!(card().wasm_file(), Path::new("www/pkg/resnet_verifier_bg.wasm"));
        assert_eq!(card().glue_file(), Path::new("www/pkg/resnet_verifier.js"));
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        let edits = [
            TEXT.replace("profile =", "profil = \"x\"\nprofile ="),
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
        let edit = TEXT.replace("profile = \"release\"", "");
        assert!(BuildCard::parse(&edit).unwrap_err().contains("missing field `profile`"));
    }

    #[test]
    fn every_key_has_a_comment_above_it() {
        let lines: Vec<&str> = TEXT.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let key = line
                .split_once(" = ")
                .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            assert!(!key || lines[at - 1].starts_with('#'), "no comment above: {line}");
        }
    }
}
