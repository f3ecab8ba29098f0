//! libFuzzer looks for bytes that the pipeline does not survive; CONTRIBUTING.md says how to start it.
#![no_main]

#[path = "../../abuse/pipeline.rs"]
mod pipeline;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pipeline::go_through(bytes.to_vec()));
