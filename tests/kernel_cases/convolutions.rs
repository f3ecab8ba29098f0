//! Convolutions of every kind.

use super::{Builder, Case, noise, oracle};
use resnet_verifier::plan::{Activation, Conv, Kernel};

/// One row of the table; `padding` is above, below, left, right.
struct Row {
    name: &'static str,
    input: [usize; 4],
    filters: usize,
    window: [usize; 2],
    strides: [usize; 2],
    dilation: [usize; 2],
    padding: [usize; 4],
    groups: usize,
    residual: bool,
    activation: Activation,
}

const PLAIN: Row = Row {
    name: "",
    input: [1, 5, 7, 3],
    filters: 4,
    window: [1, 1],
    strides: [1, 1],
    dilation: [1, 1],
    padding: [0; 4],
    groups: 1,
    residual: false,
    activation: Activation::Linear,
};

/// A 3×3 window, zeros all round.
const SAME: Row = Row { window: [3, 3], padding: [1; 4], ..PLAIN };
const RELU: Activation = Activation::RELU;
const LEAKY: Activation = Activation::Relu { slope: 0.1, max_value: 0.8, threshold: 0.2 };

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { name: "1×1, 3 to 4 channels", ..PLAIN },
    Row { name: "1×1, one pixel, one channel", input: [1, 1, 1, 1], filters: 1, ..PLAIN },
    Row { name: "1×1, 4 to 8", input: [1, 5, 7, 4], filters: 8, ..PLAIN },
    Row { name: "1×1, 64 to 64, nine pixels", input: [1, 3, 3, 64], filters: 64, ..PLAIN },
    Row { name: "1×1, 5 to 5", input: [1, 4, 4, 5], filters: 5, ..PLAIN },
    Row { name: "1×1, 8 to 3", input: [2, 3, 3, 8], filters: 3, ..PLAIN },
    Row { name: "1×1, 8 to 66", input: [2, 3, 3, 8], filters: 66, ..PLAIN },
    Row { name: "1×1, 8 to 100, across tiles", input: [1, 1, 19, 8], filters: 100, ..PLAIN },
    Row { name: "1×1 with strides, 8 to 8", input: [2, 7, 5, 8], filters: 8, strides: [2, 2], ..PLAIN },
    Row { name: "3×3 same, 4 to 4", input: [1, 5, 7, 4], ..SAME },
    Row { name: "3×3 same, 1 to 1", input: [1, 6, 5, 1], filters: 1, ..SAME },
    Row { name: "3×3 same, 3 to 8, batch 2", input: [2, 6, 5, 3], filters: 8, ..SAME },
    Row { name: "3×3 same, 64 to 64", input: [1, 7, 7, 64], filters: 64, ..SAME },
    Row { name: "3×3 valid, 8 to 4", input: [1, 9, 10, 8], window: [3, 3], ..PLAIN },
    Row { name: "3×3 larger than the input", input: [1, 1, 2, 4], ..SAME },
    Row { name: "7×7 stride 2, 3 to 64", input: [1, 23, 21, 3], filters: 64, window: [7, 7], strides: [2, 2], padding: [3; 4], ..PLAIN },
    Row { name: "asymmetric padding, stride 2", input: [1, 8, 10, 4], filters: 8, window: [3, 3], strides: [2, 2], padding: [0, 1, 0, 1], ..PLAIN },
    Row { name: "more padding left than above", input: [1, 4, 4, 4], window: [2, 3], padding: [0, 1, 2, 0], ..PLAIN },
    Row { name: "padding beyond the window", input: [1, 3, 3, 4], window: [2, 2], padding: [3, 2, 4, 3], ..PLAIN },
    Row { name: "strides 3 and 2, window 2×5", input: [2, 11, 13, 5], filters: 8, window: [2, 5], strides: [3, 2], padding: [1, 0, 2, 2], ..PLAIN },
    Row { name: "dilation 2", input: [1, 9, 8, 4], filters: 8, dilation: [2, 2], padding: [2; 4], ..SAME },
    Row { name: "dilation 3 and 1, odd filters", input: [1, 9, 8, 3], filters: 5, dilation: [3, 1], padding: [3, 3, 1, 1], ..SAME },
    Row { name: "2 groups, 8 to 4", input: [1, 5, 5, 8], groups: 2, ..SAME },
    Row { name: "4 groups, 8 to 64, stride 2", input: [2, 6, 5, 8], filters: 64, groups: 4, strides: [2, 2], ..SAME },
    Row { name: "32 groups, 64 to 64", input: [1, 4, 4, 64], filters: 64, groups: 32, ..SAME },
    Row { name: "3 groups, 3 to 6", input: [1, 5, 4, 3], filters: 6, groups: 3, ..SAME },
    Row { name: "depthwise, 5 channels", input: [2, 5, 6, 5], filters: 5, groups: 5, ..SAME },
    Row { name: "depthwise, 8 channels, multiplier 2", input: [1, 5, 6, 8], filters: 16, groups: 8, ..SAME },
    Row { name: "depthwise, dilation 2, asymmetric", input: [1, 8, 6, 4], groups: 4, dilation: [2, 2], padding: [1, 3, 2, 2], ..SAME },
    Row { name: "bias and relu", input: [1, 5, 5, 8], filters: 8, activation: RELU, ..SAME },
    Row { name: "residual", input: [2, 5, 5, 8], filters: 8, residual: true, ..SAME },
    Row { name: "residual and relu", input: [2, 5, 5, 4], filters: 64, residual: true, activation: RELU, ..PLAIN },
    Row { name: "residual and relu, 3 filters", input: [2, 5, 5, 4], filters: 3, residual: true, activation: RELU, ..SAME },
    Row { name: "residual and relu, depthwise", input: [2, 5, 5, 4], groups: 4, residual: true, activation: RELU, ..SAME },
    Row { name: "leaky, capped, shifted relu", input: [1, 5, 5, 4], activation: LEAKY, ..SAME },
    Row { name: "swish", input: [1, 5, 5, 4], activation: Activation::Swish, ..SAME },
    Row { name: "tanh, 5 filters", input: [1, 5, 5, 4], filters: 5, activation: Activation::Tanh, ..SAME },
    Row { name: "dense, 3 rows, 64 to 100", input: [3, 1, 1, 64], filters: 100, ..PLAIN },
    Row { name: "dense, 2048 to 10", input: [2, 1, 1, 2048], filters: 10, ..PLAIN },
    Row { name: "1×1, 20 to 68, across tiles of any size", input: [2, 9, 7, 20], filters: 68, residual: true, activation: RELU, ..PLAIN },
    Row { name: "3×3 same, 12 to 72, across tiles of any size", input: [2, 9, 7, 12], filters: 72, ..SAME },
    Row { name: "5×3 stride 2, 7 to 40, sums of 105", input: [1, 13, 18, 7], filters: 40, window: [5, 3], strides: [2, 2], padding: [2, 2, 1, 1], ..PLAIN },
    Row { name: "deep, 512 channels 3×3", input: [1, 3, 3, 512], filters: 8, ..SAME },
];

pub fn cases() -> Vec<Case> {
    TABLE.iter().map(case).collect()
}

impl Row {
    fn conv(&self) -> Conv {
        let [n, h, w, _] = self.input;
        let [above, below, left, right] = self.padding;
        let size = |axis: usize, padded: usize| {
            (padded - (self.window[axis] - 1) * self.dilation[axis] - 1) / self.strides[axis] + 1
        };
        Conv {
            input: self.input,
            output: [n, size(0, h + above + below), size(1, w + left + right), self.filters],
            window: self.window,
            strides: self.strides,
            dilation: self.dilation,
            padding: [above, left],
            groups: self.groups,
            kernel: 0,
            bias: 1,
            residual: self.residual,
            activation: self.activation,
        }
    }
}

fn case(row: &Row) -> Case {
    let mut conv = row.conv();
    let mut builder = Builder::default();
    let shape = [row.window[0], row.window[1], row.input[3] / row.groups, row.filters];
    let kernel = noise(shape.iter().product(), 1);
    let bias = noise(row.filters, 2);
    let image = noise(row.input.iter().product(), 3);
    let residual = row.residual.then(|| noise(conv.output.iter().product(), 4));
    let expected = oracle::conv(&conv, &image, &kernel, &bias, residual.as_deref());
    conv.kernel = builder.param(&shape, kernel);
    conv.bias = builder.param(&[row.filters], bias);
    let mut inputs = vec![builder.input(&row.input, image)];
    inputs.extend(residual.map(|numbers| builder.input(&conv.output, numbers)));
    let shape = conv.output;
    let output = builder.step(Kernel::Conv(conv), &inputs, &shape);
    builder.output(output);
    builder.case(&format!("convolution, {}", row.name), vec![expected])
}
