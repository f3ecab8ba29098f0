//! Holds the code to `ARCHITECTURE.md`: the order of the modules, the doors to the outside, the sizes.
//!
//! Files are read as text, so a file counts from the moment it exists, whatever the target or features.
//! Items under `#[cfg(test)]` are exempt from all of it.

#[path = "structure/scan.rs"]
mod scan;

use std::path::{Path, PathBuf};

use scan::{functions, modules, paths, tokens, without_tests};

/// Most lines of a file, without its tests.
const MAX_FILE: usize = 400;
/// Most lines of a function.
const MAX_FUNCTION: usize = 80;

/// Names that only some files may use.
struct Door {
    /// What stands behind it, for messages.
    what: &'static str,
    /// The names: paths or parts of paths.
    names: &'static [&'static str],
    /// Who may use them: starts of paths below `src/`.
    keepers: &'static [&'static str],
}

const DOORS: [Door; 8] = [
    Door {
        what: "JavaScript",
        names: &["wasm_bindgen", "wasm_bindgen_futures", "serde_wasm_bindgen", "web_sys", "js_sys"],
        keepers: &["wasm.rs", "wasm/"],
    },
    Door { what: "the GPU", names: &["wgpu"], keepers: &["exec/gpu/engine"] },
    Door { what: "the processor's vectors", names: &["pulp"], keepers: &["exec/cpu/simd"] },
    Door { what: "the inflater", names: &["flate2"], keepers: &["archive/"] },
    Door {
        what: "the HDF5 reader and writer",
        names: &["hdf5_reader", "hdf5_pure"],
        keepers: &["hdf5.rs", "hdf5/", "checks/testing.rs"],
    },
    Door {
        what: "files, processes, the network and the environment",
        names: &["std::fs", "std::net", "std::env", "std::process"],
        keepers: &["bin/"],
    },
    Door {
        what: "the terminal",
        names: &["print!", "println!", "eprint!", "eprintln!", "dbg!", "stdin", "stdout", "stderr"],
        keepers: &["bin/"],
    },
    Door { what: "the clock", names: &["Instant", "SystemTime", "UNIX_EPOCH"], keepers: &["bin/"] },
];

/// A file below some folder.
struct Source {
    /// Its path below that folder, with `/`.
    name: String,
    text: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below the folder").to_string_lossy().replace('\\', "/");
        Source { name, text: std::fs::read_to_string(&path).expect("a readable source file") }
    };
    files.into_iter().map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// `["keras", "config"]` for `keras/config.rs`; `mod.rs` and `lib.rs` add nothing.
fn module_path(name: &str) -> Vec<&str> {
    let parts = name.trim_end_matches(".rs").split('/');
    parts.filter(|part| !matches!(*part, "mod" | "lib")).collect()
}

/// The top-level module that a path in the file `name` leads to, if it leads to one.
fn target<'a>(name: &'a str, path: &'a scan::Path) -> Option<&'a str> {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    if let Some(at) = segments.iter().position(|segment| *segment == "crate") {
        return segments.get(at + 1).copied();
    }
    let supers = segments.iter().take_while(|segment| **segment == "super").count();
    let mut absolute = module_path(name);
    absolute.truncate(absolute.len().checked_sub(supers).filter(|_| supers > 0)?);
    absolute.extend(&segments[supers..]);
    absolute.first().copied()
}

/// The uses in a file of modules that stand below its own.
fn wrong_uses(order: &[String], source: &Source) -> Vec<String> {
    let place = |module: &str| order.iter().position(|m| m == module);
    let Some(own) = module_path(&source.name).first().copied().and_then(place) else {
        return Vec::new();
    };
    let (code, _) = without_tests(&tokens(&source.text));
    let wrong = paths(&code)
        .into_iter()
        .filter(|path| target(&source.name, path).and_then(place).is_some_and(|used| used > own));
    wrong.map(|path| format!("src/{}:{}: {}", source.name, path.line, path.segments.join("::"))).collect()
}

/// The names in a file that it may not use.
fn wrong_names(source: &Source) -> Vec<String> {
    let (code, _) = without_tests(&tokens(&source.text));
    let mut wrong = Vec::new();
    for door in DOORS.iter().filter(|door| !door.keepers.iter().any(|keeper| source.name.starts_with(keeper)))
    {
        for path in paths(&code).iter().filter(|path| door.names.iter().any(|name| path.contains(name))) {
            let Door { what, keepers, .. } = door;
            let used = path.segments.join("::");
            wrong.push(format!("src/{}:{}: {used} ({what}: only in {keepers:?})", source.name, path.line));
        }
    }
    wrong
}

/// What is too long in a file.
fn too_long(source: &Source) -> Vec<String> {
    let (code, test_lines) = without_tests(&tokens(&source.text));
    let lines = source.text.lines().count() - test_lines;
    let mut long: Vec<String> = functions(&code)
        .into_iter()
        .filter(|f| f.lines > MAX_FUNCTION)
        .map(|f| {
            format!("{}:{}: fn {} has {} lines, at most {MAX_FUNCTION}", source.name, f.line, f.name, f.lines)
        })
        .collect();
    if lines > MAX_FILE {
        long.push(format!("{}: {lines} lines without tests, at most {MAX_FILE}", source.name));
    }
    long
}

fn assert_none(wrong: Vec<String>, what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

fn order() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    modules(&tokens(&std::fs::read_to_string(path).expect("src/lib.rs is readable")))
}

#[test]
fn a_module_uses_only_those_above_it() {
    let order = order();
    let wrong = sources("src").iter().flat_map(|source| wrong_uses(&order, source)).collect();
    assert_none(wrong, "uses of modules that stand below in src/lib.rs");
}

#[test]
fn every_file_belongs_to_a_declared_module() {
    let order = order();
    let declared = |source: &Source| {
        module_path(&source.name)
            .first()
            .is_none_or(|module| *module == "bin" || order.iter().any(|m| m == module))
    };
    let strays =
        sources("src").into_iter().filter(|source| !declared(source)).map(|source| source.name).collect();
    assert_none(strays, "files of modules that src/lib.rs does not declare");
}

#[test]
fn only_the_doors_touch_the_outside() {
    let wrong = sources("src").iter().flat_map(wrong_names).collect();
    assert_none(wrong, "names used outside their door");
}

#[test]
fn files_and_functions_stay_short() {
    let wrong = sources("src").iter().chain(&sources("xtask/src")).flat_map(too_long).collect();
    assert_none(wrong, "too long");
}

/// The scanner and the rules themselves, on small texts: each must be able to fail.
mod the_rules {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    fn spelt(source: &str) -> Vec<String> {
        paths(&tokens(source)).iter().map(|path| path.segments.join("::")).collect()
    }

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_string(), text: text.to_string() }
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        assert_eq!(texts("a // b\nc /* d /* e */ f */ g"), ["a", "c", "g"]);
        assert_eq!(texts(r#"a "b \" c \\" d"#), ["a", "d"]);
        assert_eq!(texts("a r#\"b \" c\"# d br\"e\" f"), ["a", "d", "f"]);
        assert_eq!(texts(r"a '\'' b '{' c '\\' d '\u{7b}' e 'é' f"), ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(texts("<'a, 'static>x"), ["<", ",", ">", "x"]);
    }

    #[test]
    fn lines_are_counted_through_everything() {
        let lines: Vec<usize> = tokens("a\n/*\n*/ b \"\n\" c r\"\n\" d\ne").iter().map(|t| t.line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 6]);
    }

    #[test]
    fn groups_are_spelt_out() {
        assert_eq!(
            spelt("use crate::{a, b::{c as d, self}, e::*};"),
            ["crate::a", "crate::b::c", "crate::b::self", "crate::e::*"]
        );
        assert_eq!(spelt("pub use ::std::fs;"), ["pub", "std::fs"]);
        assert_eq!(spelt("x::<u8>::new(y)"), ["x", "u8", "new", "y"]);
    }

    #[test]
    fn macros_are_told_from_inequality() {
        assert_eq!(spelt("std::println!(a != b, !c)"), ["std::println!", "a", "b", "c"]);
    }

    #[test]
    fn test_items_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n fn b() { ; }\n}\nfn c() {}\n\
                    #[cfg(test)] use d;\n#[cfg(all(test, unix))] fn e(x: [u8; 2]) {}\n#[cfg(unix)] fn f() {}";
        let (code, lines) = without_tests(&tokens(text));
        assert_eq!(functions(&code).iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a", "c", "f"]);
        assert_eq!(lines, 5 + 1 + 1);
    }

    #[test]
    fn functions_are_measured() {
        let text = "trait T {\n fn a(&self) -> [u8; 2];\n fn b() {\n  if x { '}' }\n }\n}\ntype F = fn(u8);";
        let found = functions(&tokens(text));
        assert_eq!(found, [scan::Function { name: "b".into(), line: 3, lines: 3 }]);
    }

    #[test]
    fn declared_modules_keep_their_order() {
        let text = "pub mod b;\n#[cfg(x)]\npub mod a;\nmod c { mod d; }";
        assert_eq!(modules(&tokens(text)), ["b", "a", "d"]);
    }

    #[test]
    fn a_use_of_a_lower_module_is_found_however_it_is_written() {
        let order = ["low".to_string(), "mid".to_string(), "top".to_string()];
        let wrong = |name: &str, text: &str| wrong_uses(&order, &source(name, text)).len();
        assert_eq!(wrong("mid/x.rs", "use crate::top::T;"), 1);
        assert_eq!(wrong("mid/x.rs", "fn f() { let y = crate::top::g(); }"), 1);
        assert_eq!(wrong("mid/x.rs", "use crate::{low, top::{A, B}};"), 2);
        assert_eq!(wrong("mid/x.rs", "use super::super::top::T;"), 1);
        assert_eq!(wrong("mid/mod.rs", "use super::top::T;"), 1);
        assert_eq!(wrong("mid.rs", "pub(in crate::top) fn f() {}"), 1);
        assert_eq!(wrong("mid/x.rs", "use crate::low::L; use super::y; use crate::mid::z; use top::T;"), 0);
        assert_eq!(wrong("mid/x.rs", "// crate::top\nconst T: &str = \"crate::top\";"), 0);
        assert_eq!(wrong("mid/x.rs", "#[cfg(test)] mod tests { use crate::top::T; }"), 0);
        assert_eq!(wrong("lib.rs", "use crate::top::T;") + wrong("bin/c.rs", "use low::top;"), 0);
    }

    #[test]
    fn a_name_outside_its_door_is_found() {
        let wrong = |name: &str, text: &str| wrong_names(&source(name, text)).len();
        assert_eq!(wrong("keras.rs", "use std::{fmt, fs};"), 1);
        assert_eq!(wrong("keras.rs", "fn f() { println!(\"x\"); std::process::exit(1) }"), 2);
        assert_eq!(wrong("exec/gpu/record.rs", "fn f(d: &wgpu::Device) {}"), 1);
        assert_eq!(wrong("exec/gpu/engine.rs", "use wgpu::Device;"), 0);
        assert_eq!(wrong("exec/gpu/engine/buffers.rs", "use wgpu::Device;"), 0);
        assert_eq!(wrong("exec/gpu/engine.rs", "use js_sys::Array;"), 1);
        assert_eq!(wrong("wasm/file.rs", "use web_sys::File; use std::time::Instant;"), 1);
        assert_eq!(wrong("bin/resnet-verifier.rs", "use std::time::Instant; fn f() { println!() }"), 0);
        assert_eq!(wrong("keras.rs", "use hdf5_reader::File;"), 1);
        assert_eq!(wrong("hdf5/mod.rs", "use hdf5_reader::File;"), 0);
        assert_eq!(wrong("keras.rs", "use std::fmt; fn prints() {} // wgpu"), 0);
    }

    #[test]
    fn what_is_too_long_is_found() {
        let body = |lines: usize| format!("fn f() {{\n{}}}\n", "x;\n".repeat(lines));
        assert_eq!(too_long(&source("a.rs", &body(MAX_FUNCTION - 2))).len(), 0);
        assert_eq!(too_long(&source("a.rs", &body(MAX_FUNCTION - 1))).len(), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "x;\n".repeat(MAX_FILE));
        assert_eq!(too_long(&source("a.rs", &tests)).len(), 0);
        assert_eq!(too_long(&source("a.rs", &"x;\n".repeat(MAX_FILE))).len(), 0);
        assert_eq!(too_long(&source("a.rs", &"x;\n".repeat(MAX_FILE + 1))).len(), 1);
    }
}
