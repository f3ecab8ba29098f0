//! Activations, on whole vectors where that takes a few instructions.

use pulp::Simd;

use crate::exec::cpu::reference::activation::apply;
use crate::plan::Activation;

/// An activation, sorted by what it takes to compute it.
#[derive(Clone, Copy, Debug)]
pub enum Bend {
    /// x
    None,
    /// `x` where positive, else 0.
    Positive,
    /// Every other ReLU.
    Relu {
        /// Slope below the threshold.
        slope: f32,
        /// Ceiling.
        max_value: f32,
        /// Where it starts.
        threshold: f32,
    },
    /// One number at a time, in `f64`.
    Curve(Activation),
}

impl From<Activation> for Bend {
    fn from(activation: Activation) -> Bend {
        use Activation as A;
        match activation {
            A::Linear => Bend::None,
            A::Relu { .. } if activation == A::RELU => Bend::Positive,
            A::Relu { slope, max_value, threshold } => Bend::Relu { slope, max_value, threshold },
            A::Elu { .. }
            | A::Selu
            | A::Sigmoid
            | A::HardSigmoid { .. }
            | A::Tanh
            | A::Softplus
            | A::Softsign
            | A::Exponential
            | A::Swish
            | A::HardSwish
            | A::Gelu
            | A::GeluTanh
            | A::Mish => Bend::Curve(activation),
        }
    }
}

impl Bend {
    /// Bends every number of a vector, except where that is a [`Bend::Curve`], which [`Bend::curve`] does afterwards.
    #[inline(always)]
    pub fn vector<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
        match *self {
            Bend::None | Bend::Curve(_) => x,
            // In this order NaN stays NaN on every processor: x86 gives the second where the two can't be compared.
            Bend::Positive => simd.max_f32s(simd.splat_f32s(0.0), x),
            Bend::Relu { slope, max_value, threshold } => {
                let splat = |number| simd.splat_f32s(number);
                let low = simd.mul_f32s(splat(slope), simd.sub_f32s(x, splat(threshold)));
                let low = if slope == 0.0 { splat(0.0) } else { low };
                let bent = simd.select_f32s(simd.less_than_or_equal_f32s(x, splat(threshold)), low, x);
                simd.select_f32s(simd.greater_than_or_equal_f32s(x, splat(max_value)), splat(max_value), bent)
            }
        }
    }

    /// Does what [`Bend::vector`] leaves undone.
    #[inline(always)]
    pub fn curve(&self, numbers: &mut [f32]) {
        if let Bend::Curve(activation) = *self {
            numbers.iter_mut().for_each(|x| *x = apply(activation, f64::from(*x)) as f32);
        }
    }

    /// Bends all numbers.
    #[inline]
    pub fn all(&self, numbers: &mut [f32]) {
        match *self {
            Bend::None => {}
            Bend::Positive => numbers.iter_mut().for_each(|x| *x = if *x <= 0.0 { 0.0 } else { *x }),
            Bend::Relu { slope, max_value, threshold } => {
                let activation = Activation::Relu { slope, max_value, threshold };
                numbers.iter_mut().for_each(|x| *x = apply(activation, f64::from(*x)) as f32);
            }
            Bend::Curve(_) => self.curve(numbers),
        }
    }
}
