//! In a browser: the table of kernel cases on its WebGPU and on the CPU, and damaged files where `usize` has 32 bits.
#![cfg(target_arch = "wasm32")]

mod kernel_cases;
#[path = "abuse/mutate.rs"]
mod mutate;
#[path = "abuse/pipeline.rs"]
mod pipeline;
#[path = "abuse/random.rs"]
mod random;

use resnet_verifier::exec::Progress;
use resnet_verifier::exec::cpu::simd;
use resnet_verifier::exec::gpu::engine::Gpu;
use resnet_verifier::exec::gpu::tiling::{Tile, Tiling};
use resnet_verifier::plan::Kernel;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn go_on(_: Progress<'_>) -> bool {
    true
}

/// Whether the tile makes a difference to a case; every case goes through the first one.
fn is_told_apart(tile: &Tile, case: &kernel_cases::Case) -> bool {
    let is_tiled = |kernel: &Kernel| matches!(kernel, Kernel::Conv(conv) if Tiling::applies(conv));
    *tile == Tile::ALL[0] || case.plan.steps.iter().any(|step| is_tiled(&step.kernel))
}

#[wasm_bindgen_test]
async fn webgpu_gives_what_the_table_says() {
    let mut gpu = Gpu::new().await.expect("a device");
    console_log!("adapter: {:?} {:?}", gpu.facts(), gpu.limits());
    let mut failures = Vec::new();
    let cases = kernel_cases::all();
    let of_tile =
        |tile| cases.iter().filter(move |case| is_told_apart(tile, case)).map(move |case| (tile, case));
    for (tile, case) in Tile::ALL.iter().flat_map(of_tile) {
        gpu.set_tiling(Tiling::Always(*tile));
        let network = gpu.load(&case.plan, &mut case.source(), &mut go_on).await;
        let outputs = match network {
            Ok(network) => gpu.run(&network, &case.input_slices()).await,
            Err(error) => Err(error),
        };
        let outcome = outputs.map_err(|error| format!("{}, {tile:?}: {error}", case.name));
        failures.extend(outcome.and_then(|outputs| case.compare(&outputs, 1e-5)).err());
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
    console_log!("{} cases", cases.len());
}

#[wasm_bindgen_test]
fn the_fast_executor_gives_what_the_table_says() {
    let cases = kernel_cases::all();
    let run = |case: &kernel_cases::Case| {
        let mut network = simd::Network::load(&case.plan, &mut case.source(), &mut go_on)?;
        network.run(&case.input_slices(), &mut go_on)
    };
    let check = |case| {
        let outputs = run(case).map_err(|error| format!("{}: {error}", case.name))?;
        case.compare(&outputs, 1e-5)
    };
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// Damaged files in a run: some seconds.
const CASES: u64 = 5_000;

#[wasm_bindgen_test]
fn damaged_files_get_a_report_where_lengths_have_32_bits() {
    let seeds = [
        include_bytes!("fixtures/operators/k122/keras1_block.h5").to_vec(),
        include_bytes!("fixtures/operators/tf115/inner_called_twice.h5").to_vec(),
        include_bytes!("fixtures/operators/tf215/float16_weights.h5").to_vec(),
        include_bytes!("fixtures/operators/k315/two_levels.h5").to_vec(),
    ];
    for seed in &seeds {
        pipeline::go_through(seed.clone());
    }
    // A panic is a trap here, and the console tells the last case that was begun.
    for case in 0..CASES {
        if case % 500 == 0 {
            console_log!("{case} damaged files");
        }
        pipeline::go_through(mutate::mutant(&seeds, 3, case));
    }
}
