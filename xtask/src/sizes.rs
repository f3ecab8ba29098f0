//! How much the page sends to a visitor, and whether that is within the card's budgets.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::card::BuildCard;

/// Bytes of something: as it is, and compressed at the highest level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Not compressed.
    pub raw: u64,
    /// gzip, level 9.
    pub gzip: u64,
    /// brotli, quality 11.
    pub brotli: u64,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// How large it is.
    pub size: Size,
    /// The most it may be, in bytes of brotli.
    pub budget: u64,
}

impl Row {
    /// Whether it is within its budget.
    pub fn fits(&self) -> bool {
        self.size.brotli <= self.budget
    }
}

/// Measures the build, prints the table and refuses what is over budget.
///
/// # Errors
/// When a file cannot be read or a budget is exceeded.
pub fn check(root: &Path, card: &BuildCard) -> Result<(), String> {
    let rows = measure(root, card)?;
    print!("{}", table(&rows));
    match rows.iter().find(|row| !row.fits()) {
        None => Ok(()),
        Some(row) => Err(format!(
            "{} is {} bytes over its budget in wasm-pack.toml",
            row.name,
            row.size.brotli - row.budget
        )),
    }
}

fn measure(root: &Path, card: &BuildCard) -> Result<Vec<Row>, String> {
    let one = |file: PathBuf, budget| {
        let size = size_of_file(&root.join(&file))?;
        Ok::<_, String>(Row { name: file.to_string_lossy().into_owned(), size, budget })
    };
    let mut page = Size::default();
    for file in page_files(&root.join("www"))? {
        page = add(page, size_of_file(&file)?);
    }
    let mut rows = Vec::new();
    for module in card.modules.values() {
        rows.push(one(card.wasm_file(module), module.budget.wasm)?);
        rows.push(one(card.glue_file(module), module.budget.glue)?);
    }
    rows.push(Row { name: "www, all files".into(), size: page, budget: card.budgets.page });
    Ok(rows)
}

fn add(a: Size, b: Size) -> Size {
    Size { raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }
}

/// Every file below `dir` that a browser can ask for: neither hidden nor a type declaration.
fn page_files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let error = |e: std::io::Error| format!("{}: {e}", dir.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(page_files(&path)?);
        } else if !name.starts_with('.') && !name.ends_with(".d.ts") {
            files.push(path);
        }
    }
    Ok(files)
}

fn size_of_file(path: &Path) -> Result<Size, String> {
    let error = |e: std::io::Error| format!("{}: {e}", path.display());
    let bytes = std::fs::read(path).map_err(error)?;
    size_of(&bytes).map_err(error)
}

fn size_of(bytes: &[u8]) -> std::io::Result<Size> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    brotli.write_all(bytes)?;
    Ok(Size {
        raw: bytes.len() as u64,
        gzip: gzip.finish()?.len() as u64,
        brotli: brotli.into_inner().len() as u64,
    })
}

fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<42}{:>11}{:>10}{:>10}{:>10}\n", "bytes", "raw", "gzip", "brotli", "budget");
    for Row { name, size, budget } in rows {
        let Size { raw, gzip, brotli } = size;
        text += &format!("{name:<42}{raw:>11}{gzip:>10}{brotli:>10}{budget:>10}");
        text += if brotli > budget { "  OVER BUDGET\n" } else { "\n" };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Budget;
    use crate::card::tests::card;

    /// A repository with a page of the given files, removed at the end.
    struct Repository(PathBuf);

    impl Repository {
        fn new(name: &str, files: &[(&str, usize)]) -> Repository {
            let root = std::env::temp_dir().join(format!("xtask-sizes-{name}-{}", std::process::id()));
            for (file, bytes) in files {
                let path = root.join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, noise(*bytes)).unwrap();
            }
            Repository(root)
        }
    }

    impl Drop for Repository {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }

    /// Bytes that no compressor shrinks.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    const PAGE: [(&str, usize); 7] = [
        ("www/index.html", 1000),
        ("www/pkg/resnet_verifier_engine_bg.wasm", 4000),
        ("www/pkg/resnet_verifier_engine.js", 300),
        ("www/pkg/resnet_verifier_bg.wasm", 2000),
        ("www/pkg/resnet_verifier.js", 500),
        ("www/pkg/resnet_verifier.d.ts", 9000),
        ("www/pkg/.gitignore", 9000),
    ];

    #[test]
    fn each_budget_is_held() {
        let repository = Repository::new("budgets", &PAGE);
        let budgets = [("engine", [4100, 400]), ("verifier", [2100, 600])];
        let check = |changed: Option<(usize, usize, u64)>, page| {
            let mut card = card();
            card.budgets.page = page;
            for (at, (name, mut budget)) in budgets.into_iter().enumerate() {
                if let Some((module, kind, bytes)) = changed
                    && module == at
                {
                    budget[kind] = bytes;
                }
                card.modules.get_mut(name).unwrap().budget = Budget { wasm: budget[0], glue: budget[1] };
            }
            check(&repository.0, &card)
        };
        assert_eq!(check(None, 8000), Ok(()));
        let short = [(0, 0, 3999), (0, 1, 299), (1, 0, 1999), (1, 1, 499)];
        let messages = short.map(|change| check(Some(change), 8000)).into_iter().chain([check(None, 7799)]);
        for message in messages {
            let message = message.unwrap_err();
            assert!(message.contains("over its budget"), "{message}");
        }
    }

    #[test]
    fn the_page_is_what_a_browser_can_ask_for() {
        let repository = Repository::new("page", &PAGE);
        let rows = measure(&repository.0, &card()).unwrap();
        assert_eq!(rows.iter().map(|row| row.size.raw).collect::<Vec<_>>(), [4000, 300, 2000, 500, 7800]);
    }

    #[test]
    fn a_missing_module_is_named() {
        let repository = Repository::new("missing", &PAGE[..1]);
        assert!(check(&repository.0, &card()).unwrap_err().contains("resnet_verifier_engine_bg.wasm"));
    }

    #[test]
    fn compression_compresses() {
        let size = size_of(&[b'a'; 10_000]).unwrap();
        assert_eq!(size.raw, 10_000);
        assert!(size.gzip < 100 && size.brotli < size.gzip, "{size:?}");
    }

    #[test]
    fn the_table_marks_what_is_over() {
        let size = Size { raw: 9, gzip: 8, brotli: 7 };
        let rows = [Row { name: "a".into(), size, budget: 7 }, Row { name: "b".into(), size, budget: 6 }];
        let over: Vec<bool> = table(&rows).lines().map(|line| line.ends_with("OVER BUDGET")).collect();
        assert_eq!(over, [false, false, true]);
    }
}
