//! A command line as a value, so that tests can look at what would run.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cmd {
    /// Name or path of the program.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables to set; an empty value removes the variable.
    pub env: Vec<(String, String)>,
    /// Folder to run in, from the top of the repository.
    pub dir: PathBuf,
}

/// How many tests a program said it had run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Cmd {
    /// A program with arguments separated by single spaces.
    pub fn new(program: &str, args: &str) -> Cmd {
        let args = args.split(' ').filter(|a| !a.is_empty()).map(str::to_string).collect();
        Cmd { program: program.to_string(), args, env: Vec::new(), dir: PathBuf::from(".") }
    }

    /// Adds one argument, which may contain spaces.
    pub fn arg(mut self, arg: impl Into<String>) -> Cmd {
        self.args.push(arg.into());
        self
    }

    /// Sets a variable; an empty value removes it.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Cmd {
        self.env.push((name.to_string(), value.into()));
        self
    }

    /// Sets the folder to run in, from the top of the repository.
    pub fn dir(mut self, dir: &str) -> Cmd {
        self.dir = PathBuf::from(dir);
        self
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.env.iter().filter(|(_, value)| !value.is_empty()) {
            write!(f, "{name}={value} ")?;
        }
        f.write_str(&self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

/// Where commands run: the top of the repository, with our own tools first on `PATH`.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Top of the repository.
    pub root: PathBuf,
    path: OsString,
}

impl Shell {
    /// For the repository at `root`.
    pub fn new(root: &Path) -> Shell {
        let tools = Shell::tools_of(root);
        let ours = [tools.join("bin"), tools.join("node_modules/.bin")];
        let theirs = std::env::var_os("PATH").unwrap_or_default();
        let all = ours.into_iter().chain(std::env::split_paths(&theirs));
        // Joining fails only when a folder's name contains the separator; then the machine's PATH must do.
        let path = std::env::join_paths(all).unwrap_or(theirs);
        Shell { root: root.to_path_buf(), path }
    }

    /// Where tools go that the machine does not have.
    fn tools_of(root: &Path) -> PathBuf {
        root.join("target/tools")
    }

    /// The first file of that name on our `PATH`.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|dir| dir.join(program)).find(|file| file.is_file())
    }

    /// What a program prints, or `None` if it is missing or fails.
    pub fn output(&self, cmd: &Cmd) -> Option<String> {
        let out = self.command(cmd).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Runs a program to its end, showing the command line and what it prints.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn run(&self, cmd: &Cmd) -> Result<(), String> {
        println!("$ {cmd}");
        let status = self.command(cmd).status().map_err(|e| cannot_start(cmd, &e))?;
        if status.success() { Ok(()) } else { Err(failed(cmd, &status)) }
    }

    /// The same, counting the tests it reports on standard output.
    ///
    /// # Errors
    /// When it cannot be started or fails; the tally is what had been counted by then.
    pub fn run_tests(&self, cmd: &Cmd) -> (Tally, Result<(), String>) {
        println!("$ {cmd}");
        let mut child = match self.command(cmd).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(e) => return (Tally::default(), Err(cannot_start(cmd, &e))),
        };
        let tally = child.stdout.take().map(echo_and_count).unwrap_or_default();
        let result = match child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(failed(cmd, &status)),
            Err(e) => Err(cannot_start(cmd, &e)),
        };
        (tally, result)
    }

    fn command(&self, cmd: &Cmd) -> Command {
        let mut command = Command::new(&cmd.program);
        command.args(&cmd.args).current_dir(self.root.join(&cmd.dir));
        command.env("PATH", &self.path).stdin(Stdio::null());
        for (name, value) in &cmd.env {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        command
    }
}

fn cannot_start(cmd: &Cmd, error: &std::io::Error) -> String {
    format!("cannot run {}: {error}", cmd.program)
}

fn failed(cmd: &Cmd, status: &std::process::ExitStatus) -> String {
    format!("{status}: {cmd}")
}

/// Copies a program's output to ours and adds up what its summary lines say.
fn echo_and_count(output: impl Read) -> Tally {
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally += count(&line);
    }
    tally
}

/// Reads the summary lines of `cargo test` and of `node --test`; every other line counts nothing.
fn count(line: &str) -> Tally {
    if let Some(rest) = line.strip_prefix("test result: ") {
        return Tally { passed: number_before(rest, " passed"), failed: number_before(rest, " failed") };
    }
    let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else {
        return Tally::default();
    };
    let after = |word| rest.strip_prefix(word).and_then(|n: &str| n.trim().parse().ok()).unwrap_or(0);
    Tally { passed: after("pass "), failed: after("fail ") }
}

fn number_before(text: &str, word: &str) -> u64 {
    let Some((before, _)) = text.split_once(word) else {
        return 0;
    };
    before.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_counted() {
        let cases = [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out", 12, 0),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored", 3, 2),
            ("ℹ pass 7", 7, 0),
            ("# fail 1", 0, 1),
            ("ℹ tests 8", 0, 0),
            ("test a::b ... ok", 0, 0),
            ("# passing by 3", 0, 0),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(count(line), Tally { passed, failed }, "{line}");
        }
    }

    #[test]
    fn output_is_counted_to_the_end_even_without_a_last_newline() {
        let text: &[u8] = b"test result: ok. 1 passed; 0 failed\n\xff\ntest result: ok. 2 passed; 0 failed";
        assert_eq!(echo_and_count(text), Tally { passed: 3, failed: 0 });
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let cmd = Cmd::new("cargo", "test --lib").env("A", "1").env("RUSTFLAGS", "");
        assert_eq!(cmd.to_string(), "A=1 cargo test --lib");
    }

    #[test]
    fn a_failure_names_the_command() {
        let shell = Shell::new(Path::new("."));
        assert!(shell.run(&Cmd::new("false", "")).unwrap_err().ends_with(": false"));
        assert!(
            shell
                .run(&Cmd::new("no-such-program", ""))
                .unwrap_err()
                .starts_with("cannot run no-such-program")
        );
    }

    #[test]
    fn our_tools_come_first() {
        let shell = Shell::new(Path::new("/r"));
        let first = std::env::split_paths(&shell.path).next();
        assert_eq!(first, Some(PathBuf::from("/r/target/tools/bin")));
    }
}
