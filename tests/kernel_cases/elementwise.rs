//! Map, every activation, Combine, Softmax.

use super::{Builder, Case, noise, oracle, single};
use resnet_verifier::plan::{Activation, Combine, CombineKind, Kernel, Map, Softmax};

pub fn cases() -> Vec<Case> {
    let activations = ACTIVATIONS.iter().flat_map(|&activation| [near(activation), far(activation)]);
    let mut cases: Vec<Case> = activations.collect();
    cases.extend([affine(3), affine(8), affine(1), exponential(), many_elements()]);
    cases.extend(COMBINES.iter().map(combine));
    cases.push(same_tensor_twice());
    cases.extend(
        [(5, 1000), (1, 3), (4, 1), (2, 130), (3, 64)]
            .map(|(rows, columns)| softmax(rows, columns, 3.0, false)),
    );
    cases.push(softmax(2, 65, 2000.0, false));
    cases.push(softmax(3, 70, 30.0, true));
    cases
}

const ACTIVATIONS: &[Activation] = &[
    Activation::Linear,
    Activation::RELU,
    Activation::Relu { slope: 0.0, max_value: 6.0, threshold: 0.0 },
    Activation::Relu { slope: 0.3, max_value: f32::INFINITY, threshold: 0.0 },
    Activation::Relu { slope: 0.0, max_value: f32::INFINITY, threshold: 1.0 },
    Activation::Relu { slope: 0.2, max_value: 2.0, threshold: -0.5 },
    Activation::Elu { alpha: 1.0 },
    Activation::Elu { alpha: 0.3 },
    Activation::Selu,
    Activation::Sigmoid,
    Activation::HardSigmoid { slope: 0.2, offset: 0.5 },
    Activation::HardSigmoid { slope: 1.0 / 6.0, offset: 0.5 },
    Activation::Tanh,
    Activation::Softplus,
    Activation::Softsign,
    Activation::Swish,
    Activation::HardSwish,
    Activation::Gelu,
    Activation::GeluTanh,
    Activation::Mish,
];

/// Where the activations bend and differ.
fn near(activation: Activation) -> Case {
    let sides = [1e-4, 0.01, 0.05, 0.15, 0.25, 0.5, 0.9, 1.0, 1.5, 2.0, 2.6, 3.1, 4.5, 5.9, 6.1, 7.5];
    let numbers = sides.iter().flat_map(|&x| [x, -x]).chain([0.0]).collect();
    map(&format!("{activation:?}"), activation, 1, None, numbers)
}

/// Where a careless `exp` overflows.
fn far(activation: Activation) -> Case {
    let numbers = vec![-1e4, -120.0, -88.0, -40.0, -20.0, 20.0, 40.0, 88.0, 120.0, 1e4];
    map(&format!("{activation:?}, far out"), activation, 1, None, numbers)
}

/// On its own, because it soon outgrows every tolerance.
fn exponential() -> Case {
    map(
        "Exponential",
        Activation::Exponential,
        1,
        None,
        vec![-1e4, -20.0, -3.0, -0.1, 0.0, 0.1, 0.7, 1.0, 1.5],
    )
}

fn affine(channels: usize) -> Case {
    let affine = Some((noise(channels, 6), noise(channels, 7)));
    map(
        &format!("scale and offset, {channels} channels"),
        Activation::RELU,
        channels,
        affine,
        noise(35 * channels, 8),
    )
}

/// More workgroups than fit one dimension.
fn many_elements() -> Case {
    map("4.2 million elements", Activation::RELU, 1, None, noise(4_200_001, 9))
}

fn map(
    name: &str,
    activation: Activation,
    channels: usize,
    affine: Option<(Vec<f32>, Vec<f32>)>,
    numbers: Vec<f32>,
) -> Case {
    let elements = numbers.len();
    let expected = numbers.iter().enumerate().map(|(i, &x)| {
        let x = f64::from(x);
        let moved = affine.as_ref().map_or(x, |(scale, offset)| {
            x * f64::from(scale[i % channels]) + f64::from(offset[i % channels])
        });
        oracle::activation(activation, moved)
    });
    let expected = vec![expected.collect()];
    let mut builder = Builder::default();
    let shape = [elements / channels, channels];
    let input = builder.input(&shape, numbers);
    let affine =
        affine.map(|(scale, offset)| (builder.param(&[channels], scale), builder.param(&[channels], offset)));
    let output = builder.step(Kernel::Map(Map { elements, channels, affine, activation }), &[input], &shape);
    builder.output(output);
    builder.case(&format!("map, {name}"), expected)
}

/// How, the shapes of the inputs (a dimension of one is broadcast), the activation.
type Row = (CombineKind, &'static [[usize; 4]], Activation);

const FULL: [usize; 4] = [2, 3, 4, 5];
const COMBINES: &[Row] = &[
    (CombineKind::Add, &[FULL, FULL], Activation::RELU),
    (CombineKind::Add, &[FULL, FULL, FULL], Activation::RELU),
    (CombineKind::Add, &[FULL, [1, 1, 1, 5]], Activation::Linear),
    (CombineKind::Add, &[[1, 1, 1, 1], FULL], Activation::Linear),
    (CombineKind::Add, &[[2, 1, 4, 1], [1, 3, 1, 5]], Activation::Linear),
    (CombineKind::Subtract, &[FULL, FULL], Activation::Linear),
    (CombineKind::Subtract, &[FULL, FULL, FULL, FULL], Activation::Linear),
    (CombineKind::Multiply, &[FULL, [2, 1, 1, 5]], Activation::Linear),
    (CombineKind::Multiply, &[FULL, [2, 3, 4, 1], [1, 1, 1, 5]], Activation::Sigmoid),
    (CombineKind::Average, &[FULL, FULL], Activation::Linear),
    (CombineKind::Average, &[FULL, FULL, [1, 3, 1, 5]], Activation::RELU),
    (CombineKind::Maximum, &[FULL, FULL], Activation::Linear),
    (CombineKind::Maximum, &[FULL, FULL, FULL], Activation::Linear),
    (CombineKind::Minimum, &[FULL, FULL], Activation::Linear),
    (CombineKind::Minimum, &[FULL, [1, 1, 1, 1], FULL], Activation::Linear),
    (CombineKind::Prelu, &[FULL, [1, 3, 4, 5]], Activation::Linear),
    (CombineKind::Prelu, &[FULL, [1, 1, 1, 5]], Activation::Linear),
];

/// Elements to step per dimension, 0 where it is broadcast.
fn strides(shape: [usize; 4]) -> [usize; 4] {
    let [_, h, w, c] = shape;
    let steps = [h * w * c, w * c, c, 1];
    std::array::from_fn(|d| if shape[d] == 1 { 0 } else { steps[d] })
}

fn join(kind: CombineKind, numbers: &[f64]) -> f64 {
    let (first, rest) = numbers.split_first().expect("at least one");
    match kind {
        CombineKind::Add => numbers.iter().sum(),
        CombineKind::Subtract => first - rest.iter().sum::<f64>(),
        CombineKind::Multiply => numbers.iter().product(),
        CombineKind::Average => numbers.iter().sum::<f64>() / numbers.len() as f64,
        CombineKind::Maximum => numbers.iter().copied().fold(f64::MIN, f64::max),
        CombineKind::Minimum => numbers.iter().copied().fold(f64::MAX, f64::min),
        CombineKind::Prelu => first.max(0.0) + rest[0] * first.min(0.0),
    }
}

fn combine(&(kind, shapes, activation): &Row) -> Case {
    let tensors: Vec<Vec<f32>> =
        shapes.iter().zip(10..).map(|(shape, seed)| noise(shape.iter().product(), seed)).collect();
    let mut expected = Vec::new();
    for n in 0..FULL[0] {
        for y in 0..FULL[1] {
            for x in 0..FULL[2] {
                for c in 0..FULL[3] {
                    let read = |(tensor, &[_, h, w, d]): (&Vec<f32>, &[usize; 4])| {
                        let n = if tensor.len() == h * w * d { 0 } else { n };
                        f64::from(tensor[((n * h + y % h) * w + x % w) * d + c % d])
                    };
                    let numbers: Vec<f64> = tensors.iter().zip(shapes).map(read).collect();
                    expected.push(oracle::activation(activation, join(kind, &numbers)));
                }
            }
        }
    }
    let strides = shapes.iter().map(|&shape| strides(shape)).collect();
    let kernel = Kernel::Combine(Combine { kind, shape: FULL, strides, activation });
    let inputs = shapes.iter().map(|shape| shape.to_vec()).zip(tensors).collect();
    single(&format!("combine, {kind:?} {shapes:?}"), kernel, inputs, &FULL, expected)
}

/// Both operands are one buffer.
fn same_tensor_twice() -> Case {
    let numbers = noise(6, 20);
    let expected = numbers.iter().map(|&x| f64::from(x) * f64::from(x)).collect();
    let mut builder = Builder::default();
    let input = builder.input(&[1, 6], numbers);
    let shape = [1, 1, 1, 6];
    let kernel = Combine {
        kind: CombineKind::Multiply,
        shape,
        strides: vec![strides(shape); 2],
        activation: Activation::Linear,
    };
    let output = builder.step(Kernel::Combine(kernel), &[input, input], &[1, 6]);
    builder.output(output);
    builder.case("combine, a tensor with itself", vec![expected])
}

fn softmax(rows: usize, columns: usize, scale: f32, log: bool) -> Case {
    let numbers: Vec<f32> = noise(rows * columns, 21).iter().map(|x| x * scale).collect();
    let expected = oracle::softmax(columns, log, &numbers);
    let shape = vec![rows, columns];
    let kernel = Kernel::Softmax(Softmax { rows, columns, log });
    single(
        &format!("{}softmax, {rows}×{columns}, ±{scale}", if log { "log " } else { "" }),
        kernel,
        vec![(shape.clone(), numbers)],
        &shape,
        expected,
    )
}
