//! What each kind of layer is: its parameters, its weights and its shape rule, without arithmetic.
//!
//! Shapes here are as Keras has them, without the batch dimension.

pub mod activation;
pub mod batch_normalization;
pub mod classes;
pub mod conv2d;
pub mod dense;
pub mod depthwise_conv2d;
pub mod flatten;
pub mod image;
pub mod input;
pub mod merge;
pub mod padding;
pub mod pooling;
pub mod preprocessing;
pub mod reshape;
pub mod window;

use crate::keras::config::{Config, ConfigError};
use crate::keras::network::Layer;
use pooling::Pooled;

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
    Input(input::Input),
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

/// Why a layer is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// The class is none of Keras'.
    #[error("{0} is not a Keras layer")]
    UnknownClass(String),
    /// The class is one of Keras', but not one that can be run here.
    #[error("{0} can't be run here")]
    Unsupported(String),
    /// The activation is none of Keras', or can't be run here.
    #[error("the activation {0} can't be run here")]
    UnknownActivation(String),
    /// An argument makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Why a layer can't be called on what flows into it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(pub String);

impl Op {
    /// The operator that a layer is.
    ///
    /// # Errors
    /// When its class is unknown or can't be run, or an argument makes no sense.
    pub fn parse(layer: &Layer) -> Result<Op, OpError> {
        if layer.inner.is_some() {
            return Ok(Op::Nested);
        }
        let config = &layer.config;
        if let Some(function) = activation::Function::of_layer(&layer.class, config)? {
            return Ok(Op::Activation(function));
        }
        Ok(match layer.class.as_str() {
            "InputLayer" => Op::Input(input::Input::parse(config)?),
            "Conv2D" => Op::Conv2D(conv2d::Conv2D::parse(config)?),
            "DepthwiseConv2D" => Op::DepthwiseConv2D(depthwise_conv2d::DepthwiseConv2D::parse(config)?),
            "Dense" => Op::Dense(dense::Dense::parse(config)?),
            "BatchNormalization" => {
                Op::BatchNormalization(batch_normalization::BatchNormalization::parse(config)?)
            }
            "PReLU" => Op::Prelu(activation::Prelu::parse(config)?),
            "MaxPooling2D" => Op::Pooling2D(pooling::Pooling2D::parse(Pooled::Max, config)?),
            "AveragePooling2D" => Op::Pooling2D(pooling::Pooling2D::parse(Pooled::Average, config)?),
            "GlobalMaxPooling2D" => {
                Op::GlobalPooling2D(pooling::GlobalPooling2D::parse(Pooled::Max, config)?)
            }
            "GlobalAveragePooling2D" => {
                Op::GlobalPooling2D(pooling::GlobalPooling2D::parse(Pooled::Average, config)?)
            }
            "ZeroPadding2D" => Op::ZeroPadding2D(padding::Edges::parse("padding", config)?),
            "Cropping2D" => Op::Cropping2D(padding::Edges::parse("cropping", config)?),
            "Add" => Op::Merge(merge::Merge::Add),
            "Subtract" => Op::Merge(merge::Merge::Subtract),
            "Multiply" => Op::Merge(merge::Merge::Multiply),
            "Average" => Op::Merge(merge::Merge::Average),
            "Maximum" => Op::Merge(merge::Merge::Maximum),
            "Minimum" => Op::Merge(merge::Merge::Minimum),
            "Concatenate" => Op::Concatenate(merge::Concatenate::parse(config)?),
            "Flatten" => Op::Flatten(flatten::Flatten::parse(config)?),
            "Reshape" => Op::Reshape(reshape::Reshape::parse(config)?),
            "Permute" => Op::Permute(reshape::Permute::parse(config)?),
            "Rescaling" => Op::Rescaling(preprocessing::Rescaling::parse(config)?),
            "Normalization" => Op::Normalization(preprocessing::Normalization::parse(config)?),
            "Resizing" => Op::Resizing(image::Resizing::parse(config)?),
            "UpSampling2D" => Op::UpSampling2D(image::UpSampling2D::parse(config)?),
            "CenterCrop" => Op::CenterCrop(image::CenterCrop::parse(config)?),
            class if classes::IDENTITIES.contains(&class) => Op::Identity,
            class if classes::UNSUPPORTED.contains(&class) => {
                return Err(OpError::Unsupported(class.to_string()));
            }
            _ => return Err(OpError::UnknownClass(layer.written_class.clone())),
        })
    }

    /// Whether Keras has a layer class of that name, whether or not it can be run here.
    pub fn is_class(class: &str) -> bool {
        let (class, config) = (class.to_string(), Config::default());
        let (written_class, name) = (class.clone(), class.clone());
        let layer =
            Layer { name, class, written_class, is_operation: false, config, inner: None, calls: Vec::new() };
        !matches!(Op::parse(&layer), Err(OpError::UnknownClass(_)))
    }

    /// Shape of the result, for inputs of these shapes.
    ///
    /// # Errors
    /// When the layer can't be called on them. [`Op::Input`] and [`Op::Nested`] have no rule of their own.
    pub fn output_shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let first = inputs.first().ok_or_else(|| ShapeError("the layer is called on nothing".into()))?;
        match self {
            Op::Conv2D(op) => op.output_shape(first),
            Op::DepthwiseConv2D(op) => op.output_shape(first),
            Op::Dense(op) => op.output_shape(first),
            Op::BatchNormalization(op) => op.axis_in(first).map(|_| first.clone()),
            Op::Pooling2D(op) => op.output_shape(first),
            Op::GlobalPooling2D(op) => op.output_shape(first),
            Op::ZeroPadding2D(op) => op.padded_shape(first),
            Op::Cropping2D(op) => op.cropped_shape(first),
            Op::Merge(_) => merge::Merge::output_shape(inputs),
            Op::Concatenate(op) => op.output_shape(inputs),
            Op::Flatten(_) => Ok(flatten::Flatten::output_shape(first)),
            Op::Reshape(op) => op.output_shape(first),
            Op::Permute(op) => op.output_shape(first),
            Op::Resizing(op) => op.output_shape(first),
            Op::UpSampling2D(op) => op.output_shape(first),
            Op::CenterCrop(op) => op.output_shape(first),
            Op::Normalization(op) => op.length(first).map(|_| first.clone()),
            Op::Activation(_) | Op::Prelu(_) | Op::Rescaling(_) | Op::Identity => Ok(first.clone()),
            Op::Input(_) | Op::Nested => Err(ShapeError("the layer has no shape rule of its own".into())),
        }
    }

    /// The weights the layer must have, in Keras' order, for a first input of this shape.
    ///
    /// # Errors
    /// When the layer can't be called on it.
    pub fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        match self {
            Op::Conv2D(op) => op.weights(input),
            Op::DepthwiseConv2D(op) => op.weights(input),
            Op::Dense(op) => op.weights(input),
            Op::BatchNormalization(op) => op.weights(input),
            Op::Prelu(op) => op.weights(input),
            Op::Normalization(op) => op.weights(input),
            Op::Input(_)
            | Op::Activation(_)
            | Op::Pooling2D(_)
            | Op::GlobalPooling2D(_)
            | Op::ZeroPadding2D(_)
            | Op::Cropping2D(_)
            | Op::Merge(_)
            | Op::Concatenate(_)
            | Op::Flatten(_)
            | Op::Reshape(_)
            | Op::Permute(_)
            | Op::Rescaling(_)
            | Op::Resizing(_)
            | Op::UpSampling2D(_)
            | Op::CenterCrop(_)
            | Op::Identity
            | Op::Nested => Ok(Vec::new()),
        }
    }
}

impl WeightSpec {
    fn new(name: &'static str, shape: &[usize]) -> WeightSpec {
        WeightSpec { name, shape: shape.to_vec() }
    }
}

impl DataFormat {
    fn parse(config: &Config) -> Result<DataFormat, ConfigError> {
        match config.text("data_format") {
            None | Some("channels_last" | "default") => Ok(DataFormat::ChannelsLast),
            Some("channels_first") => Ok(DataFormat::ChannelsFirst),
            Some(_) => Err(config.wrong("data_format", "channels_last or channels_first")),
        }
    }
}

/// `[height, width, channels]` of an image tensor.
fn spatial(format: DataFormat, shape: &Shape) -> Result<[usize; 3], ShapeError> {
    match (shape.as_slice(), format) {
        (&[height, width, channels], DataFormat::ChannelsLast)
        | (&[channels, height, width], DataFormat::ChannelsFirst) => Ok([height, width, channels]),
        _ => Err(ShapeError(format!("an image of three axes is expected, found {shape:?}"))),
    }
}

/// The shape of an image of `[height, width, channels]`.
fn image_shape(format: DataFormat, [height, width, channels]: [usize; 3]) -> Shape {
    match format {
        DataFormat::ChannelsLast => vec![height, width, channels],
        DataFormat::ChannelsFirst => vec![channels, height, width],
    }
}

fn last(shape: &Shape) -> Result<usize, ShapeError> {
    shape.last().copied().ok_or_else(|| ShapeError("at least one axis besides the batch is expected".into()))
}

/// Index, in a shape without the batch, of an axis counted with the batch as 0 or from the end.
pub fn axis_of(axis: i64, shape: &Shape) -> Result<usize, ShapeError> {
    let rank = shape.len() as i64;
    let index = if axis < 0 { rank + axis } else { axis - 1 };
    usize::try_from(index)
        .ok()
        .filter(|index| *index < shape.len())
        .ok_or_else(|| ShapeError(format!("there is no axis {axis} in {shape:?}")))
}

/// A shape as Python writes it.
pub fn tuple<T: ToString>(shape: &[T]) -> String {
    let axes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    match axes.as_slice() {
        [only] => format!("({only},)"),
        _ => format!("({})", axes.join(", ")),
    }
}
