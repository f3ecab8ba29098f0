//! WebGPU: a plan is first recorded as data, then executed.
//!
//! [`record`](record::record) is pure: buffers, pipelines and dispatches, testable without a GPU.
//! [`engine`] carries a recording out, and is the only file of the project that names wgpu.

pub mod engine;
mod lower;
pub mod record;
pub mod shader;
mod signal;
pub mod tiling;
pub mod uniforms;
