//! Twin of `activation.wgsl`: the elementwise functions, in `f64`.

use crate::plan::Activation;

/// Applies `activation` to one number.
pub fn apply(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Linear => x,
        Activation::Relu { slope, max_value, threshold } => {
            relu(x, f64::from(slope), f64::from(max_value), f64::from(threshold))
        }
        Activation::Elu { alpha } => elu(x, f64::from(alpha)),
        Activation::Selu => 1.050_700_987_355_480_5 * elu(x, 1.673_263_242_354_377_2),
        Activation::Sigmoid => sigmoid(x),
        Activation::HardSigmoid { slope, offset } => {
            (f64::from(slope) * x + f64::from(offset)).clamp(0.0, 1.0)
        }
        Activation::Tanh => x.tanh(),
        Activation::Softplus => softplus(x),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Exponential => x.exp(),
        Activation::Swish => x * sigmoid(x),
        Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Gelu => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Activation::GeluTanh => gelu_tanh(x),
        Activation::Mish => x * softplus(x).tanh(),
    }
}

/// A slope of zero gives zero even for −∞, as `max(x, 0)` does; NaN stays NaN.
fn relu(x: f64, slope: f64, max_value: f64, threshold: f64) -> f64 {
    if x >= max_value {
        max_value
    } else if x <= threshold {
        if slope == 0.0 { 0.0 } else { slope * (x - threshold) }
    } else {
        x
    }
}

fn elu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Written so that `exp` cannot overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn gelu_tanh(x: f64) -> f64 {
    let root = (2.0 / std::f64::consts::PI).sqrt();
    0.5 * x * (1.0 + (root * (x + 0.044715 * x * x * x)).tanh())
}

/// The error function by `2x/√π · e^(−x²) · Σ (2x²)ⁿ / (1·3·5···(2n+1))`, whose terms do not cancel
/// (Abramowitz and Stegun 7.1.6); 1 to double precision from 6 on.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x.abs() >= 6.0 {
        return if x.is_nan() { x } else { x.signum() };
    }
    let (mut term, mut sum, mut odd) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * x * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn erf_has_its_tabulated_values() {
        // Abramowitz and Stegun, table 7.1.
        for (x, expected) in
            [(0.0, 0.0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)]
        {
            assert!((erf(x) - expected).abs() < 1e-10, "erf({x}) = {}", erf(x));
            assert!((erf(-x) + expected).abs() < 1e-10);
        }
        assert_eq!(erf(7.0), 1.0);
        assert!(erf(f64::NAN).is_nan());
    }
}
