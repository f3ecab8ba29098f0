//! Damaged files through the whole pipeline: whatever the bytes are, there is a report, no panic, no hang, no memory above
//! the limits, and no read beyond the end of the file. The cases are the same in every run.
//!
//! `ABUSE_CASES=1000000 ABUSE_SEED=7 cargo test --profile abuse --test abuse -- --ignored --nocapture` makes more of them
//! and tells the slowest and the most greedy; `ABUSE_FOLDER` names a folder whose files are taken as they are, too.

#![allow(clippy::panic, clippy::unwrap_used)] // A test that meets what it does not expect must stop.

mod mutate;
mod pipeline;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use resnet_verifier::limits;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Files of every era and kind of layout, the smaller the better: a mutation then rarely misses the structures.
const SEEDS: [&str; 10] = [
    "operators/k122/keras1_block.h5",
    "operators/k224/shared_conv.h5",
    "operators/tf115/inner_called_twice.h5",
    "operators/tf215/inner_partly_frozen.h5",
    "operators/tf215/float16_weights.h5",
    "operators/tf215/sequential_in_functional.h5",
    "operators/k315/small_resnet.h5",
    "operators/k315/two_levels.h5",
    "archives/branches__k33.keras",
    "archives/nested__k315.keras",
];
/// Cases of an ordinary run, over all seeds together: about a minute of two cores.
const CASES: u64 = 20_000;
/// A file that takes more processor time is a hang. An ordinary run is of code that is hardly optimised.
const HANG: Duration = Duration::from_secs(2);
const HANG_OF_A_DEV_BUILD: Duration = Duration::from_secs(10);
/// The most one file may take: a tensor with the chunk it is made of, and what else there is.
const MOST_MEMORY: usize = limits::MAX_TENSOR_BYTES as usize + limits::MAX_CHUNK_BYTES + (64 << 20);

fn seeds() -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let read =
        |name: &&str| std::fs::read(fixtures.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    SEEDS.iter().map(read).collect()
}

/// Goes through a file; says which one it was when that fails.
fn attempt(what: &dyn Fn() -> String, bytes: &[u8]) -> Duration {
    let (start, busy) = (Instant::now(), processor_time());
    let result = catch_unwind(AssertUnwindSafe(|| pipeline::go_through(bytes.to_vec())));
    if result.is_err() {
        panic!("{} failed; it is in {}", what(), keep(bytes).display());
    }
    match (busy, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    }
}

/// Processor time of this thread so far, where the system tells: a busy machine makes any file slow by the clock.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Keeps a file for whoever looks into it.
fn keep(bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join("resnet-verifier-abuse.h5");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What the worst files of a run took.
#[derive(Default)]
struct Worst {
    slowest: Vec<(Duration, String)>,
    greediest: (usize, String),
}

impl Worst {
    /// Goes through a file and takes down what that took. Only meaningful where nothing else runs.
    fn attempt(&mut self, what: &dyn Fn() -> String, bytes: &[u8]) {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let took = attempt(what, bytes);
        let memory = MEMORY.peak_usage().saturating_sub(before);
        assert!(memory <= MOST_MEMORY, "{} takes {memory} bytes; it is in {}", what(), keep(bytes).display());
        assert!(took <= HANG, "{} takes {took:?}; it is in {}", what(), keep(bytes).display());
        if memory > self.greediest.0 {
            self.greediest = (memory, what());
        }
        if self.slowest.len() < 3 || self.slowest.iter().any(|(time, _)| took > *time) {
            self.slowest.push((took, what()));
            self.slowest.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
            self.slowest.truncate(3);
        }
    }
}

#[test]
fn sound_files_go_through() {
    for (name, bytes) in SEEDS.iter().zip(seeds()) {
        attempt(&|| name.to_string(), &bytes);
    }
}

#[test]
fn damaged_files_get_a_report() {
    let seeds = seeds();
    let next = AtomicU64::new(0);
    let work = || loop {
        let case = next.fetch_add(1, Ordering::Relaxed);
        if case >= CASES {
            return;
        }
        let what = || format!("case {case} from {}", SEEDS[(case % SEEDS.len() as u64) as usize]);
        let took = attempt(&what, &mutate::mutant(&seeds, 1, case));
        assert!(took <= HANG_OF_A_DEV_BUILD, "{} takes {took:?}", what());
    };
    thread::scope(|scope| {
        (0..thread::available_parallelism().map_or(1, |n| n.get())).for_each(|_| drop(scope.spawn(work)));
    });
}

#[test]
#[ignore = "takes as long as it is told to"]
fn many_more_damaged_files_get_a_report() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |value| value.parse().expect("a whole number"))
    };
    let (cases, seed) = (number("ABUSE_CASES", 100_000), number("ABUSE_SEED", 2));
    let seeds = seeds();
    let mut worst = Worst::default();
    for case in 0..cases {
        worst.attempt(&|| format!("case {case} of seed {seed}"), &mutate::mutant(&seeds, seed, case));
    }
    let files = std::env::var_os("ABUSE_FOLDER").map(|folder| files_below(Path::new(&folder)));
    let files = files.unwrap_or_default();
    for path in &files {
        worst.attempt(&|| path.display().to_string(), &std::fs::read(path).unwrap());
    }
    let Worst { slowest, greediest } = worst;
    println!(
        "{cases} cases of seed {seed} and {} files; slowest {slowest:?}; most memory {greediest:?}",
        files.len()
    );
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
