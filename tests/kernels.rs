//! Every executor gives what the table of cases says, and refuses what it cannot run.
#![cfg(not(target_arch = "wasm32"))]

mod kernel_cases;

use std::collections::HashMap;

use kernel_cases::Case;
use resnet_verifier::exec::cpu::{reference, simd};
use resnet_verifier::exec::gpu::engine::Gpu;
use resnet_verifier::exec::gpu::tiling::{Class, Tile, Tiling};
use resnet_verifier::exec::{ExecError, Progress};
use resnet_verifier::plan::Kernel;

/// Single precision, rounded once.
const REFERENCE_TOLERANCE: f64 = 1.2e-7;
/// Sums in single precision, in whatever order.
const TOLERANCE: f64 = 1e-5;

fn go_on(_: Progress<'_>) -> bool {
    true
}

/// Runs every case and reports all that fail.
fn run_all(tolerance: f64, mut run: impl FnMut(&Case) -> Result<Vec<Vec<f32>>, ExecError>) {
    let cases = kernel_cases::all();
    let mut check = |case: &Case| {
        let outputs = run(case).map_err(|error| format!("{}: {error}", case.name))?;
        case.compare(&outputs, tolerance)
    };
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
    println!("{} cases", cases.len());
}

fn run_reference(case: &Case) -> Result<Vec<Vec<f32>>, ExecError> {
    reference::run(&case.plan, &mut case.source(), &case.input_slices(), &mut go_on)
}

fn run_simd(case: &Case) -> Result<Vec<Vec<f32>>, ExecError> {
    let mut network = simd::Network::load(&case.plan, &mut case.source(), &mut go_on)?;
    let first = network.run(&case.input_slices(), &mut go_on)?;
    let second = network.run(&case.input_slices(), &mut go_on)?;
    assert_eq!(first, second, "{}: the second run differs", case.name);
    Ok(second)
}

/// The device, or `None` with a plain word where there is none and none is required.
fn gpu() -> Option<Gpu> {
    match pollster::block_on(Gpu::new()) {
        Ok(gpu) => {
            println!("adapter: {:?}", gpu.facts());
            Some(gpu)
        }
        Err(error) => {
            let required = std::env::var("RESNET_VERIFIER_REQUIRE_GPU").is_ok_and(|value| value == "1");
            assert!(!required, "RESNET_VERIFIER_REQUIRE_GPU=1, and there is {error}");
            println!("SKIPPED: {error}");
            None
        }
    }
}

async fn run_gpu(gpu: &mut Gpu, case: &Case) -> Result<Vec<Vec<f32>>, ExecError> {
    let network = gpu.load(&case.plan, &mut case.source(), &mut go_on).await?;
    let first = gpu.run(&network, &case.input_slices()).await?;
    let second = gpu.run(&network, &case.input_slices()).await?;
    assert_eq!(first, second, "{}: the second run differs", case.name);
    Ok(second)
}

#[test]
fn the_reference_gives_what_the_table_says() {
    run_all(REFERENCE_TOLERANCE, run_reference);
}

#[test]
fn the_fast_executor_gives_what_the_table_says() {
    run_all(TOLERANCE, run_simd);
}

#[test]
fn webgpu_gives_what_the_table_says() {
    let Some(mut gpu) = gpu() else { return };
    for tile in Tile::ALL {
        println!("{tile:?}");
        gpu.set_tiling(Tiling::Always(tile));
        run_all(TOLERANCE, |case| pollster::block_on(run_gpu(&mut gpu, case)));
    }
}

#[test]
fn tiles_are_measured_once_per_device_and_class() {
    let Some(mut gpu) = gpu() else { return };
    // A software adapter is not measured by itself: its tile is known.
    assert!(!gpu.facts().software || matches!(gpu.tiling(), Tiling::Always(Tile::Registers8)));
    gpu.set_tiling(Tiling::Measured(HashMap::new()));
    let cases = kernel_cases::all();
    let case = cases.iter().find(|case| case.name == "convolution, 3×3 same, 64 to 64").expect("the case");
    let Kernel::Conv(conv) = &case.plan.steps[0].kernel else { unreachable!("a convolution") };
    for _ in 0..2 {
        let outputs = pollster::block_on(run_gpu(&mut gpu, case)).expect("a run");
        case.compare(&outputs, TOLERANCE).expect("the right numbers");
        let Tiling::Measured(known) = gpu.tiling() else { unreachable!("measured, as set") };
        println!("measured: {known:?}");
        assert!(known.keys().all(|class| *class == Class::of(conv)) && known.len() <= 1);
    }
}

#[test]
fn a_watch_stops_every_executor() {
    let cases = kernel_cases::all();
    let case = &cases[0];
    let mut stop = |_: Progress<'_>| false;
    let stopped = reference::run(&case.plan, &mut case.source(), &case.input_slices(), &mut stop);
    assert_eq!(stopped, Err(ExecError::Cancelled));
    let stopped = simd::Network::load(&case.plan, &mut case.source(), &mut stop);
    assert_eq!(stopped.err(), Some(ExecError::Cancelled));
    let mut loaded = simd::Network::load(&case.plan, &mut case.source(), &mut go_on).expect("a network");
    assert_eq!(loaded.run(&case.input_slices(), &mut stop), Err(ExecError::Cancelled));
    let Some(mut gpu) = gpu() else { return };
    let stopped = pollster::block_on(gpu.load(&case.plan, &mut case.source(), &mut stop));
    assert_eq!(stopped.err(), Some(ExecError::Cancelled));
}

#[test]
fn wrong_inputs_and_parameters_are_named() {
    let mut case = kernel_cases::all().remove(0);
    let short = vec![0.0; 3];
    let error =
        reference::run(&case.plan, &mut case.source(), &[&short], &mut go_on).expect_err("three numbers");
    assert_eq!(error.to_string(), "input input_0: expected 105 numbers, found 3");
    let error = reference::run(&case.plan, &mut case.source(), &[], &mut go_on).expect_err("no inputs");
    assert_eq!(error.to_string(), "the model has 1 input(s), 0 given");
    case.params[1].pop();
    let error = run_reference(&case).expect_err("three of four numbers");
    assert_eq!(error.to_string(), "parameter param_1: expected 4 numbers for shape [4], found 3");
}
