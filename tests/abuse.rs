//! Damaged files through the whole pipeline: whatever the bytes are, there is a report, no panic, and no read beyond the
//! end of the file. The cases are the same in every run.
//!
//! `ABUSE_CASES=1000000 ABUSE_SEED=7 cargo test --release --test abuse -- --ignored --nocapture` makes more of them
//! and tells the slowest; `ABUSE_FOLDER` names a folder whose files are taken as they are, too.

#![allow(clippy::panic, clippy::unwrap_used)] // A test that meets what it does not expect must stop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use resnet_verifier::source::{ByteSource, MemorySource, ReadError};
use resnet_verifier::{exec, session};

/// One file of every era and kind of layout, the smaller the better: a mutation then rarely misses the structures.
const SEEDS: [&str; 10] = [
    "k122/keras1_block.h5",
    "k224/shared_conv.h5",
    "tf115/inner_called_twice.h5",
    "tf215/inner_partly_frozen.h5",
    "tf215/float16_weights.h5",
    "tf215/sequential_in_functional.h5",
    "k315/small_resnet.h5",
    "k315/two_levels.h5",
    "../archives/branches__k33.keras",
    "../archives/nested__k315.keras",
];
/// Cases of an ordinary run, over all seeds together.
const CASES: u64 = 3000;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/operators").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Marsaglia's xorshift64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Does one to five harmful things to a file.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(5) {
        mutate_once(bytes, random);
    }
}

fn mutate_once(bytes: &mut Vec<u8>, random: &mut Random) {
    let length = bytes.len();
    let at = random.below(length);
    match random.below(10) {
        0..3 => bytes[at] ^= 1 << random.below(8),
        3 => bytes[at] = random.next() as u8,
        4..6 => write_word(bytes, at, random),
        6 => {
            let (from, count) = (random.below(length), random.below(64));
            let block = bytes[from..(from + count).min(length)].to_vec();
            let room = block.len().min(length - at);
            bytes[at..at + room].copy_from_slice(&block[..room]);
        }
        7 => bytes[at..(at + 16).min(length)].fill(0),
        // Digits and brackets are what the architecture is made of.
        8 => change_text(bytes, at, random),
        _ if random.below(4) == 0 => bytes.truncate(at.max(1)),
        _ => {}
    }
}

/// A number that is often taken for a length, a count or an address.
fn write_word(bytes: &mut [u8], at: usize, random: &mut Random) {
    let length = bytes.len() as u64;
    let words = [
        0,
        1,
        u64::MAX,
        u64::MAX - 7,
        i64::MAX as u64,
        1 << 31,
        u64::from(u32::MAX),
        length,
        length - 1,
        1 << 16,
        96,
    ];
    let word = words[random.below(words.len())].to_le_bytes();
    let width = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
    bytes[at..at + width].copy_from_slice(&word[..width]);
}

fn change_text(bytes: &mut [u8], at: usize, random: &mut Random) {
    let is_text = |byte: &u8| b"0123456789[]{}:,\"".contains(byte);
    if let Some(found) = bytes[at..].iter().position(is_text) {
        bytes[at + found] = b"0123456789[]{}:,\"-e."[random.below(20)];
    }
}

/// A source that notices reads beyond its end.
struct Watched {
    bytes: MemorySource,
    beyond: AtomicBool,
}

impl ByteSource for Watched {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.len()) {
            self.beyond.store(true, Ordering::Relaxed);
        }
        self.bytes.read_at(offset, buffer)
    }
}

/// Everything that is done with a file short of running it.
fn go_through(bytes: Vec<u8>) {
    let source = Arc::new(Watched { bytes: MemorySource(bytes.into()), beyond: AtomicBool::new(false) });
    let report = session::check("abuse.h5", source.clone(), &mut |_| {});
    // Where there is no model, no weights are read.
    assert!(matches!(
        report.complete[..],
        ["open", "structure", "digest"] | ["open", "structure", "weights", "digest"]
    ));
    assert!(!report.summary.is_empty());
    assert!(serde_json::from_str::<serde_json::Value>(&report.json()).is_ok(), "the report is no JSON");
    if let Ok(prepared) = session::prepare(source.clone(), 1, None) {
        // A plan that contradicts itself would read or write outside a buffer.
        exec::check(&prepared.plan).unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(!source.beyond.load(Ordering::Relaxed), "a read beyond the end of the file");
}

/// Goes through a file; says which one it was when that fails.
fn attempt(what: &dyn Fn() -> String, bytes: &[u8]) -> Duration {
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| go_through(bytes.to_vec())));
    if result.is_err() {
        let path = std::env::temp_dir().join("resnet-verifier-abuse.h5");
        std::fs::write(&path, bytes).unwrap();
        panic!("{} failed; it is in {}", what(), path.display());
    }
    start.elapsed()
}

fn mutant(seeds: &[Vec<u8>], seed: u64, case: u64) -> Vec<u8> {
    let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(case));
    let mut bytes = seeds[(case % seeds.len() as u64) as usize].clone();
    mutate(&mut bytes, &mut random);
    bytes
}

#[test]
fn sound_files_go_through() {
    for name in SEEDS {
        attempt(&|| name.to_string(), &fixture(name));
    }
}

#[test]
fn damaged_files_get_a_report() {
    let seeds: Vec<Vec<u8>> = SEEDS.iter().map(|name| fixture(name)).collect();
    for case in 0..CASES {
        attempt(
            &|| format!("case {case} from {}", SEEDS[(case % SEEDS.len() as u64) as usize]),
            &mutant(&seeds, 1, case),
        );
    }
}

#[test]
#[ignore = "takes as long as it is told to"]
fn many_more_damaged_files_get_a_report() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |value| value.parse().expect("a whole number"))
    };
    let (cases, seed) = (number("ABUSE_CASES", 100_000), number("ABUSE_SEED", 2));
    let seeds: Vec<Vec<u8>> = SEEDS.iter().map(|name| fixture(name)).collect();
    let mut slowest: Vec<(Duration, String)> = Vec::new();
    for case in 0..cases {
        let took = attempt(&|| format!("case {case} of seed {seed}"), &mutant(&seeds, seed, case));
        note(&mut slowest, took, || format!("case {case}"));
    }
    let mut files = 0;
    for path in
        std::env::var_os("ABUSE_FOLDER").map(|folder| files_below(Path::new(&folder))).unwrap_or_default()
    {
        let took = attempt(&|| path.display().to_string(), &std::fs::read(&path).unwrap());
        note(&mut slowest, took, || path.display().to_string());
        files += 1;
    }
    println!("{cases} cases of seed {seed} and {files} files; the slowest: {slowest:?}");
    assert!(slowest.first().is_none_or(|(took, _)| took.as_secs() < 2), "a file takes two seconds or more");
}

fn note(slowest: &mut Vec<(Duration, String)>, took: Duration, name: impl Fn() -> String) {
    slowest.push((took, if took.as_millis() > 20 { name() } else { String::new() }));
    slowest.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    slowest.truncate(5);
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
