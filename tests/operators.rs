//! Small models saved by five real Keras versions, run on every executor.
//!
//! `tests/fixtures/operators/<runtime>/cases.json` says what each file is, and what that Keras computed for it;
//! `tools/make_operator_cases.py` made them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnet_verifier::exec::gpu::engine::Gpu;
use resnet_verifier::exec::gpu::tiling::{Tile, Tiling};
use resnet_verifier::plan::{Kernel, Param, Plan};
use resnet_verifier::session::{self, Backend, Prepared, RunError, Runner};
use resnet_verifier::source::MemorySource;
use resnet_verifier::tensor::npy;
use serde_json::Value;

/// Largest difference allowed, relative to the largest value of the output (or to 1, where that is more).
const TOLERANCE: f32 = 1e-5;

const RUNTIMES: [&str; 5] = ["k122", "k224", "tf115", "tf215", "k315"];

fn folder(runtime: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/operators").join(runtime)
}

/// A runtime's cases and the numbers they point into.
struct Suite {
    folder: PathBuf,
    index: Value,
    numbers: Vec<f32>,
}

impl Suite {
    fn read(runtime: &str) -> Suite {
        let folder = folder(runtime);
        let read = |name: &str| std::fs::read(folder.join(name)).expect("a fixture of the repository");
        let index = serde_json::from_slice(&read("cases.json")).expect("JSON");
        let numbers = npy::parse(&read("tensors.npy")).expect("a .npy file").data;
        Suite { folder, index, numbers }
    }

    fn list(&self, name: &str) -> &[Value] {
        self.index[name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn tensor(&self, entry: &Value) -> (Vec<usize>, &[f32]) {
        let shape: Vec<usize> = entry["shape"].as_array().expect("a shape").iter().map(size).collect();
        let start = size(&entry["offset"]);
        let end = start + shape.iter().product::<usize>();
        (shape, &self.numbers[start..end])
    }

    fn tensors(&self, case: &Value, name: &str) -> Vec<(Vec<usize>, &[f32])> {
        case[name].as_array().expect("a list of tensors").iter().map(|entry| self.tensor(entry)).collect()
    }

    fn prepare(&self, case: &Value) -> Result<Prepared, String> {
        let bytes =
            std::fs::read(self.folder.join(case["file"].as_str().expect("a name"))).expect("a fixture");
        let shape = case["inputs"].as_array().map(|_| self.tensors(case, "inputs").remove(0).0);
        let (batch, sides) = match shape.as_deref() {
            Some(&[batch, height, width, _]) => (batch, Some([height, width])),
            Some(&[batch, ..]) => (batch, None),
            _ => (1, None),
        };
        let prepared = session::prepare(Arc::new(MemorySource(bytes)), batch, sides);
        prepared.and_then(handed_over).map_err(|error| error.to_string())
    }
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a whole number")).expect("a size")
}

/// The model as the page's engine has it, in another module than the file.
fn handed_over(mut prepared: Prepared) -> Result<Prepared, RunError> {
    let bytes = prepared.bytes()?;
    Prepared::of_bytes(&bytes, Box::new(move |id: usize, _: &Param| prepared.param(id)))
}

/// Where the cases run.
#[derive(Clone, Copy)]
enum Place {
    /// On what the backend chooses.
    Backend(Backend),
    /// On WebGPU, with convolutions cut like this; cases without one are left out.
    Tiles(Tile),
}

impl Place {
    fn takes(self, plan: &Plan) -> bool {
        let tiled = |kernel: &Kernel| matches!(kernel, Kernel::Conv(conv) if Tiling::applies(conv));
        match self {
            Place::Backend(_) => true,
            Place::Tiles(_) => plan.steps.iter().any(|step| tiled(&step.kernel)),
        }
    }

    async fn runner(self, prepared: Prepared) -> Result<Runner, RunError> {
        match self {
            Place::Backend(backend) => Runner::new(prepared, backend, &mut |_| true).await,
            Place::Tiles(tile) => {
                let mut gpu = Gpu::new().await?;
                gpu.set_tiling(Tiling::Always(tile));
                Runner::on_gpu(prepared, gpu, &mut |_| true).await
            }
        }
    }
}

fn run(prepared: Prepared, inputs: &[&[f32]], place: Place) -> Result<Vec<Vec<f32>>, String> {
    pollster::block_on(async {
        let mut runner = place.runner(prepared).await.map_err(|error| error.to_string())?;
        runner.run(inputs, &mut |_| true).await.map_err(|error| error.to_string())
    })
}

/// What is wrong with the outputs of a case, if anything.
fn compare(plan: &Plan, expected: &[(Vec<usize>, &[f32])], found: &[Vec<f32>]) -> Result<(), String> {
    if expected.len() != found.len() {
        return Err(format!("{} outputs, expected {}", found.len(), expected.len()));
    }
    for (index, ((shape, wanted), got)) in expected.iter().zip(found).enumerate() {
        let port = &plan.outputs[index];
        if plan.values[port.value].shape != *shape {
            return Err(format!(
                "{}: shape {:?}, expected {shape:?}",
                port.name, plan.values[port.value].shape
            ));
        }
        let scale = wanted.iter().fold(1f32, |largest, x| largest.max(x.abs()));
        let off = wanted.iter().zip(got).map(|(a, b)| (a - b).abs() / scale).fold(0f32, f32::max);
        if off > TOLERANCE || off.is_nan() || got.iter().any(|x| x.is_nan()) {
            return Err(format!("{}: off by {off:.1e}", port.name));
        }
    }
    Ok(())
}

/// Cases that are left out, and why.
fn is_left_out(runtime: &str, name: &str) -> bool {
    match (runtime, name) {
        // TensorFlow 1.13 samples bilinear images from their corners, every later one from pixel centres: the truth
        // depends on the TensorFlow that loads the file.
        ("k224", "up_sampling_bilinear") => true,
        // Branches inside a Merge layer, which no Keras after 1 reads; they are refused.
        ("k122", "keras1_merge_sequential") => true,
        _ => false,
    }
}

/// What is wrong with a runtime's cases.
fn check(runtime: &str, place: Place) -> Vec<String> {
    let suite = Suite::read(runtime);
    let (mut wrong, mut refused, mut right) = (Vec::new(), Vec::new(), 0);
    for case in suite.list("cases") {
        let name = case["name"].as_str().expect("a name");
        if is_left_out(runtime, name) {
            continue;
        }
        let prepared = match suite.prepare(case) {
            Ok(prepared) => prepared,
            Err(reason) if case["optional"].is_null() => {
                wrong.push(format!("{name}: {reason}"));
                continue;
            }
            Err(reason) => {
                refused.push(format!("{name}: {reason}"));
                continue;
            }
        };
        let plan = prepared.plan.clone();
        if !place.takes(&plan) {
            continue;
        }
        let inputs: Vec<&[f32]> = suite.tensors(case, "inputs").into_iter().map(|(_, data)| data).collect();
        let result = run(prepared, &inputs, place);
        match result.and_then(|found| compare(&plan, &suite.tensors(case, "outputs"), &found)) {
            Ok(()) => right += 1,
            Err(reason) => wrong.push(format!("{name}: {reason}")),
        }
    }
    println!(
        "{runtime}: {right} right, {} refused as they may be:\n  {}",
        refused.len(),
        refused.join("\n  ")
    );
    assert!(right > 0, "{runtime} ran no case");
    wrong.into_iter().map(|reason| format!("{runtime}/{reason}")).collect()
}

fn check_all(place: Place) {
    let wrong: Vec<String> = RUNTIMES.iter().flat_map(|runtime| check(runtime, place)).collect();
    assert!(wrong.is_empty(), "{} wrong:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn the_reference_computes_what_keras_computed() {
    check_all(Place::Backend(Backend::Reference));
}

#[test]
fn the_fast_executor_computes_what_keras_computed() {
    check_all(Place::Backend(Backend::Cpu));
}

#[test]
fn webgpu_computes_what_keras_computed() {
    let required = std::env::var_os("RESNET_VERIFIER_REQUIRE_GPU").is_some();
    match pollster::block_on(Gpu::new()) {
        Ok(_) => {
            check_all(Place::Backend(Backend::Gpu));
            Tile::ALL.map(Place::Tiles).into_iter().for_each(check_all);
        }
        Err(error) if !required => println!("SKIPPED: no WebGPU adapter ({error})"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_can_not_be_run_is_refused_by_class_and_name() {
    for runtime in RUNTIMES {
        let suite = Suite::read(runtime);
        for case in suite.list("refused") {
            let text = |key: &str| case[key].as_str().expect("a text");
            let reason = suite
                .prepare(case)
                .err()
                .unwrap_or_else(|| panic!("{runtime}/{} was accepted", text("name")));
            for part in ["layer_class", "layer_name"] {
                assert!(
                    reason.contains(text(part)),
                    "{runtime}/{}: {reason} lacks {}",
                    text("name"),
                    text(part)
                );
            }
        }
    }
}
