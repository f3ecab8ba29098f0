//! The versions that occur again and again.

use super::{ANY, Software, Span};
use crate::loaders::runtime::Version;

const fn span(software: Software, from: Version, to: Version) -> Span {
    Span { software, from, to }
}

pub const fn keras(from: Version, to: Version) -> Span {
    span(Software::Keras, from, to)
}

pub const fn tf(from: Version, to: Version) -> Span {
    span(Software::TfKeras, from, to)
}

pub const fn tensorflow(from: Version, to: Version) -> Span {
    span(Software::TensorFlow, from, to)
}

pub const fn hdf5(from: Version, to: Version) -> Span {
    span(Software::Hdf5, from, to)
}

pub const fn h5py(from: Version, to: Version) -> Span {
    span(Software::H5py, from, to)
}

pub const fn python(from: Version, to: Version) -> Span {
    span(Software::Python, from, to)
}

pub const fn imageai(from: Version, to: Version) -> Span {
    span(Software::ImageAi, from, to)
}

/// The beginning of time.
pub const FIRST: Version = [0; 3];
/// Every later release.
pub const ON: Version = [ANY; 3];

pub const KERAS_1: Span = keras([1, 0, 0], [1, 2, ANY]);
pub const KERAS_2: Span = keras([2, 0, 0], [2, 3, ANY]);
pub const KERAS_1_2: Span = keras([1, 0, 0], [2, 3, ANY]);
pub const KERAS_3: Span = keras([3, 0, 0], ON);
/// Keras and tf.keras before the texts were written anew in 2.7.
pub const OLD: &[&[Span]] = &[&[KERAS_1_2], &[tf([1, 4, 0], [2, 6, ANY])]];
/// Keras and tf.keras since.
pub const NEW: &[&[Span]] = &[&[tf([2, 7, 0], ON)], &[KERAS_3]];
/// Whatever Keras.
pub const EVERY: &[&[Span]] = &[&[keras(FIRST, ON)], &[tf(FIRST, ON)]];
/// Whatever h5py there is.
pub const ANY_HDF5: &[&[Span]] = &[&[hdf5(FIRST, ON)]];
/// HDF5 before it tells synchronous calls from others.
pub const HDF5_PLAIN: &[&[Span]] = &[&[hdf5(FIRST, [1, 13, ANY])]];
/// HDF5 since: `Unable to synchronously open file`.
pub const HDF5_SYNC: &[&[Span]] = &[&[hdf5([1, 14, 0], ON)]];
