//! What each kind of layer is: its parameters, its weights and its shape rule, without arithmetic.
//!
//! Shapes here are as Keras has them, without the batch dimension.

pub mod activation;
pub mod batch_normalization;
pub mod conv2d;
pub mod dense;
pub mod depthwise_conv2d;
pub mod flatten;
pub mod image;
pub mod merge;
pub mod padding;
pub mod pooling;
pub mod preprocessing;
pub mod reshape;

use crate::keras::config::{Config, ConfigError};
use crate::keras::network::Layer;

/// `[height, width, channels]` of an image tensor, or whatever else flows, without the batch.
pub type Shape = Vec<usize>;

/// Order of the axes of an image tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFormat {
    /// `[height, width, channels]`
    ChannelsLast,
    /// `[channels, height, width]`
    ChannelsFirst,
}

/// A weight a layer must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightSpec {
    /// Keras' name for it: `kernel`, `gamma`, …
    pub name: &'static str,
    /// Its shape.
    pub shape: Shape,
}

/// A layer whose kind and arguments are understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// `InputLayer`
    Input(Option<Shape>),
    /// `Conv2D`
    Conv2D(conv2d::Conv2D),
    /// `DepthwiseConv2D`
    DepthwiseConv2D(depthwise_conv2d::DepthwiseConv2D),
    /// `Dense`
    Dense(dense::Dense),
    /// `BatchNormalization`
    BatchNormalization(batch_normalization::BatchNormalization),
    /// `Activation`, `ReLU`, `LeakyReLU`, `ELU`, `Softmax`, …
    Activation(activation::Function),
    /// `PReLU`
    Prelu(activation::Prelu),
    /// `MaxPooling2D`, `AveragePooling2D`
    Pooling2D(pooling::Pooling2D),
    /// `GlobalMaxPooling2D`, `GlobalAveragePooling2D`
    GlobalPooling2D(pooling::GlobalPooling2D),
    /// `ZeroPadding2D`
    ZeroPadding2D(padding::Edges),
    /// `Cropping2D`
    Cropping2D(padding::Edges),
    /// `Add`, `Multiply`, `Average`, …
    Merge(merge::Merge),
    /// `Concatenate`
    Concatenate(merge::Concatenate),
    /// `Flatten`
    Flatten(flatten::Flatten),
    /// `Reshape`
    Reshape(reshape::Reshape),
    /// `Permute`
    Permute(reshape::Permute),
    /// `Rescaling`
    Rescaling(preprocessing::Rescaling),
    /// `Normalization`
    Normalization(preprocessing::Normalization),
    /// `Resizing`
    Resizing(image::Resizing),
    /// `UpSampling2D`
    UpSampling2D(image::UpSampling2D),
    /// `CenterCrop`
    CenterCrop(image::CenterCrop),
    /// `Dropout`, random augmentation and everything else that does nothing at inference
    Identity,
    /// A model inside the model
    Nested,
}
