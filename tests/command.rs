//! The command as a person or a script calls it: its words, its exit status, and that nothing from a file steers a terminal.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)] // A test that meets what it does not expect must stop.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models").join(name)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_resnet-verifier"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A file of its own for a test.
fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn checked(path: &Path) -> (i32, String, String) {
    output(&["check", path.to_str().unwrap()])
}

#[test]
fn the_answer_comes_first_then_the_findings_then_the_facts() {
    let (status, text, _) = checked(&model("many_faults.h5"));
    assert_eq!(status, 1);
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words:?} in:\n{text}"));
    assert_eq!(at("ResNet8 v1 for 10 classes: 2 problems found.\n"), 0);
    assert!(at("error[W001]") < at("  do   ") && at("note[A008]") < at("Where it loads"), "{text}");
    assert!(at("Where it loads") < at("  File  "), "{text}");
    for once in ["1 of 32 numbers", "expected relu, found tanh", "Saved by", "88 groups, 117 datasets"] {
        assert_eq!(text.matches(once).count(), 1, "{once}:\n{text}");
    }
    for never in ["Nothing found", "Release", "Departs at"] {
        assert!(!text.contains(never), "{never}:\n{text}");
    }
}

#[test]
fn a_good_file_is_good_in_one_line() {
    let (status, text, _) = checked(&model("cifar8v1_full__tf215.h5"));
    assert_eq!(status, 0);
    assert!(text.starts_with("ResNet8 v1 for 10 classes: no problems found.\n\nWhere it loads\n"), "{text}");
}

#[test]
fn a_reason_that_is_a_finding_is_not_said_again() {
    let (_, text, _) = checked(&model("html_404.h5"));
    assert!(text.starts_with("Not a Keras model.\n\nerror[F002] The file is a web page"), "{text}");
    assert_eq!(text.matches("404 Not Found").count(), 1, "{text}");
    assert!(!text.contains("be run here"), "{text}");
}

#[cfg(unix)]
#[test]
fn names_in_a_file_neither_steer_the_terminal_nor_forge_lines() {
    let page = b"<!DOCTYPE html><html><title>x \x1b]0;owned\x07 \xe2\x80\xae y</title></html>";
    let path = written("a\nerror[X] forged \u{1b}[2J.h5", page);
    let arguments = |first| vec![first, path.to_str().unwrap()];
    let run = [arguments("run"), arguments("run").split_off(1)].concat();
    for said in [output(&arguments("check")), output(&run), output(&["explain", "a\u{1b}[2J\u{9b}\nb"])] {
        let text = said.1 + &said.2;
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("error[X]") || line == "b"), "{text}");
    }
}

#[test]
fn the_command_to_run_it_can_be_pasted() {
    let bytes = std::fs::read(model("transfer_full__k315.h5")).unwrap();
    let path = written("a b;id.h5", &bytes);
    let (_, text, _) = checked(&path);
    assert!(text.contains(&format!("resnet-verifier run '{}' PICTURE", path.display())), "{text}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused() {
    let picture = model("html_404.h5");
    for path in ["/dev/zero", "/dev/null", "-"] {
        for arguments in
            [vec!["check", path], vec!["run", path, picture.to_str().unwrap()], vec!["run", "x.h5", path]]
        {
            let (status, out, error) = output(&arguments);
            assert_eq!((status, out.as_str()), (3, ""), "{arguments:?}");
            assert_eq!(
                error,
                format!("resnet-verifier: {path}: that is a pipe or device; save it to a file first\n")
            );
        }
    }
    let mut child = command(&["check", "/dev/stdin"]);
    let child = child.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("that is a pipe or device"));
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let good = model("transfer_full__k315.h5");
    for arguments in
        [vec!["check", good.to_str().unwrap(), "--format", "json"], vec!["explain"], vec!["--help"]]
    {
        let mut child = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{arguments:?}");
    }
}

/// A disk that is full is no reader that left.
#[cfg(target_os = "linux")]
#[test]
fn what_can_not_be_printed_is_said() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = command(&["explain"]).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&ended.stderr).starts_with("resnet-verifier: standard output: "));
}

/// The kernel says that this file has 4096 bytes, and ends after a few.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_can_not_be_read_to_its_end_is_unreadable() {
    let path = Path::new("/sys/kernel/mm/transparent_hugepage/enabled");
    let Ok(facts) = std::fs::metadata(path) else { return };
    assert!(facts.len() > 0);
    let (status, text, error) = checked(path);
    assert_eq!(status, 3, "{text}{error}");
    assert!(text.starts_with("The file can't be read to its end.\n\nerror[F000]"), "{text}");
    let (status, text, _) = output(&["check", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(status, 3);
    assert!(
        text.contains("\"summary\":\"The file can't be read to its end. The file could not be read: "),
        "{text}"
    );
}

#[test]
fn missing_files_and_folders_are_told() {
    let (status, out, error) = output(&["check", "no such file.h5"]);
    assert_eq!((status, out.as_str()), (3, ""));
    assert!(error.starts_with("resnet-verifier: no such file.h5: "), "{error}");
    let (status, _, error) = output(&["run", env!("CARGO_MANIFEST_DIR"), "x.png"]);
    assert_eq!(status, 3, "{error}");
    let (status, _, error) = output(&["check", env!("CARGO_MANIFEST_DIR")]);
    assert!(status == 3 && error.ends_with("this is a folder; name the file in it\n"), "{error}");
}

#[test]
fn run_says_what_a_file_is_that_is_no_model() {
    let (page, tensor) = (model("html_404.h5"), model("in_32_unit.npy"));
    let (status, _, error) = output(&["run", page.to_str().unwrap(), tensor.to_str().unwrap()]);
    assert_eq!(status, 3);
    assert!(error.contains(": The file is a web page (HTML), with the title “404 Not Found”"), "{error}");
    let cut = written("it's cut.h5", &std::fs::read(model("truncated_s2.h5")).unwrap());
    let (status, _, error) = output(&["run", cut.to_str().unwrap(), tensor.to_str().unwrap()]);
    assert_eq!(status, 3);
    assert!(error.contains(r"it'\''s cut.h5'` says what is in the file"), "{error}");
}

#[test]
fn findings_are_listed_in_columns() {
    let (status, text, _) = output(&["explain"]);
    assert_eq!(status, 0);
    for line in text.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        assert!(matches!(columns[..], [_, _, "error" | "warning" | "note"]), "{line}");
    }
}

#[test]
fn findings_are_explained_with_what_to_do() {
    let (status, text, _) = output(&["explain", "W001", "not-HDF5"]);
    assert_eq!(status, 0);
    assert!(
        text.starts_with("W001 nan (error)\n\n") && text.contains("\n\nF002 not-hdf5 (error)\n\n"),
        "{text}"
    );
    assert_eq!(text.matches("\nWhat to do: ").count(), 2, "{text}");
    let (status, text, error) = output(&["explain", "W001", "X999"]);
    assert_eq!((status, text.as_str()), (2, ""));
    assert!(error.contains("there is no finding X999"), "{error}");
}

#[test]
fn help_says_what_the_command_does_with_an_example() {
    for (arguments, about) in [
        (vec!["--help"], "Says what a Keras ResNet file is"),
        (vec!["-h"], "Says what a Keras ResNet file is"),
        (vec!["check", "-h"], "Check a file"),
        (vec!["run", "-h"], "Run a model"),
        (vec!["repair", "-h"], "Write a copy"),
        (vec!["explain", "-h"], "Explain findings"),
    ] {
        let (status, text, _) = output(&arguments);
        assert_eq!(status, 0);
        assert!(
            text.starts_with(about) && text.contains("Example") && text.contains("resnet-verifier "),
            "{arguments:?}: {text}"
        );
    }
}

fn pair_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pairs").join(name)
}

/// TensorFlow 2.15 saved both; `tests/fixtures/pairs/expected.json` has what real runtimes said.
#[test]
fn a_pair_is_told_in_either_order() {
    let (weights, network) = (pair_file("modern__tf215.h5"), pair_file("classic__tf215.json"));
    let (weights, network) = (weights.to_str().unwrap(), network.to_str().unwrap());
    let (_, text, _) = output(&["check", weights, "--with", network]);
    for words in [
        "The weights of modern__tf215.h5 in the model of classic__tf215.json:",
        "Both have the same 7 layers in another order",
        "load_weights in Keras 2.3.1, TensorFlow 1.15.5: loads-wrong",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    let (_, other, _) = output(&["check", network, "--with", weights]);
    let pair = |text: &str| text[text.find("The weights of").unwrap()..].to_string();
    assert_eq!(pair(&text), pair(&other));
}

#[test]
fn weights_are_tried_on_a_network_by_its_call() {
    let weights = model("cifar8v1_weights__tf215.h5");
    let weights = weights.to_str().unwrap();
    let (_, text, _) = output(&["check", weights, "--with", "resnet50(classes=10)"]);
    for words in [
        "in the model of ResNet50(weights=None, classes=10):",
        "Model expected 107 layers, found 17 saved layers.",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    let (_, other, _) = output(&["check", "ResNet50(classes=10)", "--with", weights]);
    assert_eq!(text, other);
    let (status, _, told) = output(&["check", weights, "--with", "ResNet50(pooling=max)"]);
    assert_eq!(status, 2, "{told}");
    assert!(told.contains("pooling=max is none of include_top=, classes= and weights=None"), "{told}");
}
