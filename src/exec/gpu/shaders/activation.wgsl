// The elementwise functions. This file stands in front of every shader that applies one.
// Every form is written so that `exp` cannot overflow: WGSL may assume that there are no infinities.

// Which function: the numbers that `lower.rs` gives them.
override ACTIVATION: u32 = 0u;

// `numbers` are the constants of the function, in the order of the Rust enum.
fn activate(x: vec4<f32>, numbers: vec4<f32>) -> vec4<f32> {
    switch ACTIVATION {
        case 1u: { return relu(x, numbers.x, numbers.y, numbers.z); }
        case 2u: { return numbers.y * select(numbers.x * expm1_negative(x), x, x > vec4(0.0)); }
        case 3u: { return sigmoid(x); }
        case 4u: { return clamp(numbers.x * x + numbers.y, vec4(0.0), vec4(1.0)); }
        case 5u: { return tanh_stable(x); }
        case 6u: { return max(x, vec4(0.0)) + log1p_small(exp(-abs(x))); }
        case 7u: { return x / (1.0 + abs(x)); }
        case 8u: { return exp(x); }
        case 9u: { return x * sigmoid(x); }
        case 10u: { return x * clamp(x / 6.0 + 0.5, vec4(0.0), vec4(1.0)); }
        case 11u: { return 0.5 * x * (1.0 + erf(x * 0.7071067811865476)); }
        case 12u: { return 0.5 * x * (1.0 + tanh_stable(0.7978845608028654 * (x + 0.044715 * x * x * x))); }
        case 13u: { return mish(x); }
        default: { return x; }
    }
}

fn relu(x: vec4<f32>, slope: f32, ceiling: f32, threshold: f32) -> vec4<f32> {
    let below = select(slope * (x - threshold), vec4(0.0), slope == 0.0);
    let uncapped = select(x, below, x <= vec4(threshold));
    return select(uncapped, vec4(ceiling), x >= vec4(ceiling));
}

// 1 / (1 + e^-x)
fn sigmoid(x: vec4<f32>) -> vec4<f32> {
    let e = exp(-abs(x));
    return select(vec4(1.0), e, x < vec4(0.0)) / (1.0 + e);
}

// The built-in may overflow, and loses all digits near zero, where the series takes over.
fn tanh_stable(x: vec4<f32>) -> vec4<f32> {
    let e = exp(-2.0 * abs(x));
    let square = x * x;
    let series = x * (1.0 + square * (-0.33333334 + square * (0.13333334 - square * 0.053968254)));
    return select(sign(x) * (1.0 - e) / (1.0 + e), series, abs(x) < vec4(0.2));
}

// e^x - 1 where x is not positive; the series keeps the digits near zero.
fn expm1_negative(x: vec4<f32>) -> vec4<f32> {
    let y = min(x, vec4(0.0));
    let series = y * (1.0 + y * (0.5 + y * (0.16666667 + y * (0.041666668 + y * 0.008333334))));
    return select(exp(y) - 1.0, series, y > vec4(-0.1));
}

// ln(1 + x) for x between 0 and 1.
fn log1p_small(x: vec4<f32>) -> vec4<f32> {
    let series = x * (1.0 - x * (0.5 - x * 0.33333334));
    return select(log(1.0 + x), series, x < vec4(0.01));
}

// x tanh(ln(1 + e^x)), with the logarithm and the exponentials resolved.
fn mish(x: vec4<f32>) -> vec4<f32> {
    let e = exp(min(x, vec4(20.0)));
    let n = e * (e + 2.0);
    return select(x * n / (n + 2.0), x, x > vec4(20.0));
}

// The error function, within 1.5e-7 (Abramowitz and Stegun 7.1.26).
fn erf(x: vec4<f32>) -> vec4<f32> {
    let a = abs(x);
    let t = 1.0 / (1.0 + 0.3275911 * a);
    let sum = t * (0.2548296 + t * (-0.28449672 + t * (1.4214138 + t * (-1.4531521 + t * 1.0614054))));
    return sign(x) * (1.0 - sum * exp(-a * a));
}
