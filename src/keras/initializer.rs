//! How a layer's numbers were drawn before any training, as its arguments say.

use serde_json::Value;

use super::config::Config;

/// Standard deviation of a normal distribution that is cut off at two of its own, in units of it; Keras (since 2.2.0,
/// tf.keras always) divides by it, so that what is drawn has the deviation that was asked for.
pub const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

/// A rule to fill a tensor with numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// One number throughout.
    Constant(f64),
    /// Independent numbers.
    Random(Distribution),
    /// Numbers whose spread follows from the tensor's shape.
    Scaled {
        /// Variance times the number of connections.
        scale: f64,
        /// Which connections.
        fan: Fan,
        /// How they are drawn.
        shape: Shape,
    },
    /// Orthogonal rows or columns, each of this length.
    Orthogonal {
        /// The length.
        gain: f64,
    },
}

/// Which connections of a layer count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// Those into a unit.
    In,
    /// Those out of it.
    Out,
    /// The mean of both.
    Average,
}

/// How random numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any of a range.
    Uniform,
    /// A bell, cut off at two standard deviations.
    Truncated,
    /// A whole bell.
    Normal,
}

/// Independent random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Any from `low` to `high`.
    Uniform {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// A bell, cut off at two of its standard deviations.
    Truncated {
        /// Its middle.
        mean: f64,
        /// Its standard deviation before it is cut.
        deviation: f64,
    },
    /// A whole bell.
    Normal {
        /// Its middle.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
}

/// `VarianceScaling` by its other names: class, function, scale, fan, shape. Keras 2 and 3, `initializers`.
const SCALED: &[(&str, &str, f64, Fan, Shape)] = &[
    ("GlorotUniform", "glorot_uniform", 1.0, Fan::Average, Shape::Uniform),
    ("GlorotNormal", "glorot_normal", 1.0, Fan::Average, Shape::Truncated),
    ("HeNormal", "he_normal", 2.0, Fan::In, Shape::Truncated),
    ("HeUniform", "he_uniform", 2.0, Fan::In, Shape::Uniform),
    ("LecunNormal", "lecun_normal", 1.0, Fan::In, Shape::Truncated),
    ("LecunUniform", "lecun_uniform", 1.0, Fan::In, Shape::Uniform),
];

impl Initializer {
    /// The initializer that the argument `name` (`kernel_initializer`) names; `None` for one we don't know.
    pub fn parse(config: &Config, name: &str) -> Option<Initializer> {
        match config.get(name)? {
            Value::String(word) => Initializer::named(word, &Config::default()),
            Value::Object(object) => {
                let class = object.get("class_name")?.as_str()?;
                let arguments = object.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
                Initializer::named(class, &Config::from(arguments))
            }
            _ => None,
        }
    }

    /// Every initializer of a variance that follows from the shape, with the name Keras uses for it.
    pub fn scaled() -> impl Iterator<Item = (&'static str, Initializer)> {
        SCALED.iter().map(|(class, _, scale, fan, shape)| {
            (*class, Initializer::Scaled { scale: *scale, fan: *fan, shape: *shape })
        })
    }

    fn named(name: &str, arguments: &Config) -> Option<Initializer> {
        let plain = name.rsplit(['.', '>']).next().unwrap_or(name);
        if let Some((_, _, scale, fan, shape)) = SCALED.iter().find(|row| row.0 == plain || row.1 == plain) {
            return Some(Initializer::Scaled { scale: *scale, fan: *fan, shape: *shape });
        }
        let number = |name: &str, default: f64| arguments.number(name, default).ok();
        Some(match plain {
            "Zeros" | "zeros" | "zero" => Initializer::Constant(0.0),
            "Ones" | "ones" | "one" => Initializer::Constant(1.0),
            "Constant" | "constant" => Initializer::Constant(number("value", 0.0)?),
            "Orthogonal" | "OrthogonalInitializer" | "orthogonal" => {
                Initializer::Orthogonal { gain: number("gain", 1.0)? }
            }
            "RandomUniform" | "random_uniform" | "uniform" => Initializer::Random(Distribution::Uniform {
                low: number("minval", -0.05)?,
                high: number("maxval", 0.05)?,
            }),
            "RandomNormal" | "random_normal" | "normal" => Initializer::Random(Distribution::Normal {
                mean: number("mean", 0.0)?,
                deviation: number("stddev", 0.05)?,
            }),
            "TruncatedNormal" | "truncated_normal" => Initializer::Random(Distribution::Truncated {
                mean: number("mean", 0.0)?,
                deviation: number("stddev", 0.05)?,
            }),
            "VarianceScaling" | "variance_scaling" => Initializer::variance_scaling(arguments)?,
            _ => return None,
        })
    }

    fn variance_scaling(arguments: &Config) -> Option<Initializer> {
        let fan = match arguments.text("mode").unwrap_or("fan_in") {
            "fan_in" => Fan::In,
            "fan_out" => Fan::Out,
            "fan_avg" => Fan::Average,
            _ => return None,
        };
        let shape = match arguments.text("distribution").unwrap_or("truncated_normal") {
            "uniform" => Shape::Uniform,
            "normal" | "truncated_normal" => Shape::Truncated,
            "untruncated_normal" => Shape::Normal,
            _ => return None,
        };
        Some(Initializer::Scaled { scale: arguments.number("scale", 1.0).ok()?, fan, shape })
    }

    /// What Keras 1 does under this name: it drew its normal numbers from whole bells.
    pub fn of_keras1(self) -> Initializer {
        match self {
            Initializer::Scaled { scale, fan, shape: Shape::Truncated } => {
                Initializer::Scaled { scale, fan, shape: Shape::Normal }
            }
            other @ (Initializer::Constant(_)
            | Initializer::Random(_)
            | Initializer::Scaled { .. }
            | Initializer::Orthogonal { .. }) => other,
        }
    }

    /// How the numbers of a tensor of this shape are drawn; `None` where they are not independent random numbers.
    pub fn distribution(self, axes: &[u64]) -> Option<Distribution> {
        match self {
            Initializer::Constant(_) | Initializer::Orthogonal { .. } => None,
            Initializer::Random(distribution) => Some(distribution),
            Initializer::Scaled { scale, fan, shape } => {
                let variance = scale / fan.connections(axes)?;
                Some(match shape {
                    Shape::Uniform => {
                        let limit = (3.0 * variance).sqrt();
                        Distribution::Uniform { low: -limit, high: limit }
                    }
                    Shape::Truncated => {
                        let deviation = variance.sqrt() / TRUNCATED_DEVIATION;
                        Distribution::Truncated { mean: 0.0, deviation }
                    }
                    Shape::Normal => Distribution::Normal { mean: 0.0, deviation: variance.sqrt() },
                })
            }
        }
    }
}

impl Fan {
    /// How many connections, as Keras' `compute_fans` counts them for kernels with the output last; at least 1.
    fn connections(self, axes: &[u64]) -> Option<f64> {
        let [window @ .., inputs, outputs] = axes else { return None };
        let window: f64 = window.iter().map(|n| *n as f64).product();
        let (inputs, outputs) = (*inputs as f64 * window, *outputs as f64 * window);
        let connections = match self {
            Fan::In => inputs,
            Fan::Out => outputs,
            Fan::Average => (inputs + outputs) / 2.0,
        };
        Some(connections.max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: Value) -> Option<Initializer> {
        let mut config = Config::default();
        config.arguments.insert("kernel_initializer".into(), value);
        Initializer::parse(&config, "kernel_initializer")
    }

    #[test]
    fn names_of_all_eras_are_understood() {
        let glorot = Initializer::Scaled { scale: 1.0, fan: Fan::Average, shape: Shape::Uniform };
        let he = Initializer::Scaled { scale: 2.0, fan: Fan::In, shape: Shape::Truncated };
        let scaling = |mode: &str, distribution: &str, scale: f64| {
            json!({"class_name": "VarianceScaling", "config":
                {"scale": scale, "mode": mode, "distribution": distribution, "seed": null}})
        };
        let cases = [
            (json!("glorot_uniform"), Some(glorot)),
            (json!({"class_name": "GlorotUniform", "config": {"seed": null}}), Some(glorot)),
            (scaling("fan_avg", "uniform", 1.0), Some(glorot)),
            (scaling("fan_in", "normal", 2.0), Some(he)),
            (json!({"module": "keras.initializers", "class_name": "HeNormal", "config": {}}), Some(he)),
            (json!("zero"), Some(Initializer::Constant(0.0))),
            (
                json!({"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.01}}),
                Some(Initializer::Random(Distribution::Normal { mean: 0.0, deviation: 0.01 })),
            ),
            (
                json!({"class_name": "OrthogonalInitializer", "config": {"gain": 2.0}}),
                Some(Initializer::Orthogonal { gain: 2.0 }),
            ),
            (json!({"class_name": "MyOwn", "config": {}}), None),
            (scaling("fan_sideways", "normal", 1.0), None),
            (json!(7), None),
        ];
        for (value, expected) in cases {
            assert_eq!(parse(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn spreads_are_those_keras_draws_with() {
        // Keras 3.15.1: GlorotUniform()(shape=(3, 3, 16, 32)) has the limit sqrt(6 / (144 + 288)); HeNormal draws from
        // a normal distribution of deviation sqrt(2 / 144) / 0.87962566, cut off at twice that.
        let axes = [3, 3, 16, 32];
        let limit = (6.0f64 / 432.0).sqrt();
        let Some(Distribution::Uniform { low, high }) =
            parse(json!("glorot_uniform")).unwrap().distribution(&axes)
        else {
            unreachable!("uniform")
        };
        assert!((high - limit).abs() < 1e-12 && (low + limit).abs() < 1e-12);
        let Some(Distribution::Truncated { deviation, .. }) =
            parse(json!("he_normal")).unwrap().distribution(&axes)
        else {
            unreachable!("truncated")
        };
        assert!((deviation - 0.133_978_73).abs() < 1e-6, "{deviation}");
        assert_eq!(parse(json!("ones")).unwrap().distribution(&axes), None);
        assert_eq!(parse(json!("he_normal")).unwrap().distribution(&[7]), None);
    }
}
