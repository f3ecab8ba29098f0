//! What right looks like, as data, and recognition of ResNets by the graph alone.
//!
//! [`recognise::recognise`] flattens the network ([`crate::graph`]), reads off its trunk ([`skeleton`]), and compares that
//! with every reference ([`families`], [`expected`], [`compare`]). Names of layers decide nothing but the naming scheme.

pub mod steps;
pub mod skeleton;
pub mod families;
pub mod expected;
pub mod compare;
pub mod naming;
pub mod census;
pub mod other;
pub mod recognise;

pub use recognise::{Recognition, recognise};

#[cfg(test)]
mod tests;
