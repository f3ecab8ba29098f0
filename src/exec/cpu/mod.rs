//! Executors that need nothing but a processor.

pub mod reference;
