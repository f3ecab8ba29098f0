//! Executors that need nothing but a processor: one that defines what is right, and one that is fast.

mod memory;
pub mod reference;
pub mod simd;
