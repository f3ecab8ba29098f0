//! What right looks like, as data, and recognition of ResNets by the graph alone.
//!
//! [`recognise::recognise`] flattens the network ([`crate::graph`]), reads off its trunk ([`skeleton`]), and compares that
//! with every reference ([`families`], [`expected`], [`compare`]). Without a network, [`stored`] compares the shapes and the order of
//! the weights with the same references. Names of layers decide nothing but the naming scheme.

pub mod steps;
pub mod block;
pub mod skeleton;
pub mod families;
pub mod expected;
pub mod compare;
pub mod naming;
pub mod build;
pub mod census;
pub mod patterns;
pub mod other;
pub mod details;
pub mod official;
pub mod recognise;
pub mod stored;
mod words;

pub use recognise::{Basis, Recognition, recognise};
pub use stored::recognise_weights;

#[cfg(test)]
mod tests;
