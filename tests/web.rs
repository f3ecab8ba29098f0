//! The table of kernel cases on the browser's WebGPU.
#![cfg(target_arch = "wasm32")]

mod kernel_cases;

use resnet_verifier::exec::Progress;
use resnet_verifier::exec::gpu::engine::Gpu;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn go_on(_: Progress<'_>) -> bool {
    true
}

#[wasm_bindgen_test]
async fn webgpu_gives_what_the_table_says() {
    let mut gpu = Gpu::new().await.expect("a device");
    console_log!("adapter: {:?} {:?}", gpu.facts(), gpu.limits());
    let mut failures = Vec::new();
    let cases = kernel_cases::all();
    for case in &cases {
        let network = gpu.load(&case.plan, &mut case.source(), &mut go_on).await;
        let outputs = match network {
            Ok(network) => gpu.run(&network, &case.input_slices()).await,
            Err(error) => Err(error),
        };
        let outcome = outputs.map_err(|error| format!("{}: {error}", case.name));
        failures.extend(outcome.and_then(|outputs| case.compare(&outputs, 1e-5)).err());
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
    console_log!("{} cases", cases.len());
}
