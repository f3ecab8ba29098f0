//! Which objects the constructor of a layer makes of its arguments, in its order.

use crate::loaders::facts::Kind;
use Kind::{Activations, Constraints, Initializers, Regularizers};

/// An argument, and the kind of object it is turned into.
pub type Part = (&'static str, Kind);

const KERNEL: &[Part] = &[
    ("activation", Activations),
    ("kernel_initializer", Initializers),
    ("bias_initializer", Initializers),
    ("kernel_regularizer", Regularizers),
    ("bias_regularizer", Regularizers),
    ("kernel_constraint", Constraints),
    ("bias_constraint", Constraints),
];

const DEPTHWISE: &[Part] = &[
    ("activation", Activations),
    ("depthwise_initializer", Initializers),
    ("bias_initializer", Initializers),
    ("depthwise_regularizer", Regularizers),
    ("bias_regularizer", Regularizers),
    ("depthwise_constraint", Constraints),
    ("bias_constraint", Constraints),
];

const SEPARABLE: &[Part] = &[
    ("activation", Activations),
    ("depthwise_initializer", Initializers),
    ("pointwise_initializer", Initializers),
    ("bias_initializer", Initializers),
    ("depthwise_regularizer", Regularizers),
    ("pointwise_regularizer", Regularizers),
    ("bias_regularizer", Regularizers),
    ("depthwise_constraint", Constraints),
    ("pointwise_constraint", Constraints),
    ("bias_constraint", Constraints),
];

const BATCH_NORMALIZATION: &[Part] = &[
    ("beta_initializer", Initializers),
    ("gamma_initializer", Initializers),
    ("moving_mean_initializer", Initializers),
    ("moving_variance_initializer", Initializers),
    ("beta_regularizer", Regularizers),
    ("gamma_regularizer", Regularizers),
    ("beta_constraint", Constraints),
    ("gamma_constraint", Constraints),
];

const NORMALIZATION: &[Part] = &[
    ("beta_initializer", Initializers),
    ("gamma_initializer", Initializers),
    ("beta_regularizer", Regularizers),
    ("gamma_regularizer", Regularizers),
    ("beta_constraint", Constraints),
    ("gamma_constraint", Constraints),
];

const PRELU: &[Part] = &[
    ("alpha_initializer", Initializers),
    ("alpha_regularizer", Regularizers),
    ("alpha_constraint", Constraints),
];

const EMBEDDING: &[Part] = &[
    ("embeddings_initializer", Initializers),
    ("embeddings_regularizer", Regularizers),
    ("embeddings_constraint", Constraints),
];

/// The objects among a layer's arguments.
pub fn of(class: &str) -> &'static [Part] {
    match class {
        "Conv1D" | "Conv2D" | "Conv3D" | "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => KERNEL,
        "Dense" | "EinsumDense" => KERNEL,
        "DepthwiseConv1D" | "DepthwiseConv2D" => DEPTHWISE,
        "SeparableConv1D" | "SeparableConv2D" => SEPARABLE,
        "BatchNormalization" => BATCH_NORMALIZATION,
        "LayerNormalization" | "GroupNormalization" => NORMALIZATION,
        "PReLU" => PRELU,
        "Embedding" => EMBEDDING,
        "Activation" => &[("activation", Activations)],
        _ => &[],
    }
}
