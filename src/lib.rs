//! resnet-verifier: what a Keras ResNet `.h5` is, what is wrong with it, and what it predicts.
//!
//! The modules stand in the order of their dependencies: each uses only those above it.
//! `tests/structure.rs` enforces that; `ARCHITECTURE.md` says what each one is for.

pub mod finding;
pub mod limits;
pub mod source;
pub mod archive;
pub mod tensor;
pub mod sniff;
pub mod hdf5;
pub mod keras;
pub mod ops;
pub mod graph;
pub mod zoo;
pub mod plan;
pub mod loaders;
pub mod repair;
pub mod checks;
pub mod exec;
pub mod image;
pub mod predict;
pub mod report;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
