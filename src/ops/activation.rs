//! Activation functions, by argument and as layers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OpError, Shape, ShapeError, WeightSpec};
use crate::keras::config::Config;

/// Elementwise functions. [`Function::Softmax`] stands apart, because it needs a whole row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// x
    Linear,
    /// `max_value` where `x ≥ max_value`, `x` where `x > threshold`, else `slope · (x − threshold)`.
    Relu {
        /// Slope below the threshold.
        slope: f32,
        /// Ceiling; `f32::INFINITY` for none.
        max_value: f32,
        /// Where it starts.
        threshold: f32,
    },
    /// `x` where `x > 0`, else `alpha · (eˣ − 1)`
    Elu {
        /// Factor of the negative side.
        alpha: f32,
    },
    /// Elu with its fixed scale 1.0507009873554805 and alpha 1.6732632423543772.
    Selu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// `clip(slope · x + offset, 0, 1)`: 0.2 and 0.5 in Keras 1 and 2, 1/6 and 0.5 in Keras 3.
    HardSigmoid {
        /// Factor.
        slope: f32,
        /// Value at zero.
        offset: f32,
    },
    /// tanh x
    Tanh,
    /// ln(1 + eˣ)
    Softplus,
    /// x / (1 + |x|)
    Softsign,
    /// eˣ
    Exponential,
    /// x · sigmoid(x), also called SiLU
    Swish,
    /// x · clip(x/6 + 0.5, 0, 1), also called hard SiLU
    HardSwish,
    /// x · Φ(x), with the error function
    Gelu,
    /// The tanh approximation of [`Activation::Gelu`]
    GeluTanh,
    /// x · tanh(softplus(x))
    Mish,
}

impl Activation {
    /// Keras' name of the function, whatever its constants.
    pub fn word(&self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Relu { slope, max_value, .. } => match (*slope == 0.0, *max_value) {
                (true, 6.0) => "relu6",
                (true, _) => "relu",
                (false, _) => "leaky_relu",
            },
            Activation::Elu { .. } => "elu",
            Activation::Selu => "selu",
            Activation::Sigmoid => "sigmoid",
            Activation::HardSigmoid { .. } => "hard_sigmoid",
            Activation::Tanh => "tanh",
            Activation::Softplus => "softplus",
            Activation::Softsign => "softsign",
            Activation::Exponential => "exponential",
            Activation::Swish => "swish",
            Activation::HardSwish => "hard_swish",
            Activation::Gelu | Activation::GeluTanh => "gelu",
            Activation::Mish => "mish",
        }
    }

    /// The ordinary rectifier.
    pub const RELU: Activation = Activation::Relu { slope: 0.0, max_value: f32::INFINITY, threshold: 0.0 };
}

/// What a layer applies to its result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// A function of each element.
    Elementwise(Activation),
    /// `exp(x) / Σ exp(x)` along one axis.
    Softmax {
        /// The axis, counted with the batch as 0; negative from the end.
        axis: i64,
        /// Whether the logarithm of it is taken.
        log: bool,
    },
}

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Function::Softmax { log: false, .. } => "softmax",
            Function::Softmax { log: true, .. } => "log_softmax",
            Function::Elementwise(activation) => activation.word(),
        })
    }
}

const SLOPE_OF_LEAKY_RELU_FUNCTION: f32 = 0.2;

impl Function {
    /// The function an `activation` argument names; absent is linear.
    pub(super) fn of_argument(config: &Config) -> Result<Function, OpError> {
        match config.get("activation") {
            None => Ok(Function::Elementwise(Activation::Linear)),
            Some(Value::String(name)) => Function::named(name),
            Some(Value::Object(layer)) => Function::of_object(layer),
            Some(_) => Err(config.wrong("activation", "the name of a function").into()),
        }
    }

    /// An activation layer given as the argument of another layer.
    fn of_object(object: &serde_json::Map<String, Value>) -> Result<Function, OpError> {
        let class = object.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let config = match object.get("config") {
            Some(Value::Object(map)) => Config::from(map.clone()),
            _ => Config::default(),
        };
        Function::of_layer(class, &config)?.ok_or_else(|| OpError::UnknownActivation(class.to_string()))
    }

    /// The function that a layer of this class is; `None` when the class is no activation layer.
    pub(super) fn of_layer(class: &str, config: &Config) -> Result<Option<Function>, OpError> {
        let number = |name: &str, default: f64| config.number(name, default).map(|n| n as f32);
        let activation = match class {
            "Activation" => return Function::of_argument(config).map(Some),
            "Softmax" => {
                let axis = config.number("axis", -1.0)? as i64;
                return Ok(Some(Function::Softmax { axis, log: false }));
            }
            "ReLU" => Activation::Relu {
                slope: number("negative_slope", 0.0)?,
                max_value: number("max_value", f64::INFINITY)?,
                threshold: number("threshold", 0.0)?,
            },
            "LeakyReLU" => {
                let slope = number("negative_slope", config.number("alpha", 0.3)?)?;
                Activation::Relu { slope, max_value: f32::INFINITY, threshold: 0.0 }
            }
            "ThresholdedReLU" => {
                Activation::Relu { slope: 0.0, max_value: f32::INFINITY, threshold: number("theta", 1.0)? }
            }
            "ELU" => Activation::Elu { alpha: number("alpha", 1.0)? },
            _ => return Ok(None),
        };
        Ok(Some(Function::Elementwise(activation)))
    }

    /// The function Keras has under that name.
    fn named(name: &str) -> Result<Function, OpError> {
        let activation = match name {
            "softmax" | "log_softmax" => {
                return Ok(Function::Softmax { axis: -1, log: name == "log_softmax" });
            }
            "linear" => Activation::Linear,
            "relu" => Activation::RELU,
            "relu6" => Activation::Relu { slope: 0.0, max_value: 6.0, threshold: 0.0 },
            "leaky_relu" => Activation::Relu {
                slope: SLOPE_OF_LEAKY_RELU_FUNCTION,
                max_value: f32::INFINITY,
                threshold: 0.0,
            },
            "elu" => Activation::Elu { alpha: 1.0 },
            "selu" => Activation::Selu,
            "sigmoid" => Activation::Sigmoid,
            "hard_sigmoid" => Activation::HardSigmoid { slope: 0.2, offset: 0.5 },
            "hard_sigmoid_keras3" => Activation::HardSigmoid { slope: 1.0 / 6.0, offset: 0.5 },
            "tanh" => Activation::Tanh,
            "softplus" => Activation::Softplus,
            "softsign" => Activation::Softsign,
            "exponential" => Activation::Exponential,
            "swish" | "silu" => Activation::Swish,
            "hard_swish" | "hard_silu" => Activation::HardSwish,
            "gelu" => Activation::Gelu,
            "mish" => Activation::Mish,
            _ => return Err(OpError::UnknownActivation(name.to_string())),
        };
        Ok(Function::Elementwise(activation))
    }
}

/// `PReLU`: a trained slope for the negative side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prelu {
    /// Axes that share their slopes, counted with the batch as 0.
    pub shared_axes: Vec<usize>,
}

impl Prelu {
    pub(super) fn parse(config: &Config) -> Result<Prelu, OpError> {
        let axes = match config.get("shared_axes") {
            None => Some(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|v| usize::try_from(v.as_u64()?).ok()).collect(),
            Some(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()).map(|n| vec![n]),
        };
        let axes = axes.filter(|axes| axes.len() <= crate::limits::MAX_RANK);
        Ok(Prelu { shared_axes: axes.ok_or_else(|| config.wrong("shared_axes", "a list of axes"))? })
    }

    pub(super) fn weights(&self, input: &Shape) -> Result<Vec<WeightSpec>, ShapeError> {
        let mut shape = input.clone();
        for axis in &self.shared_axes {
            match axis.checked_sub(1).and_then(|index| shape.get_mut(index)) {
                Some(length) => *length = 1,
                None => return Err(ShapeError(format!("PReLU shares axis {axis}, which {input:?} has not"))),
            }
        }
        Ok(vec![WeightSpec::new("alpha", &shape)])
    }
}
