// What the shaders of ordinary convolutions share. The number of output channels is a multiple of four.

struct Conv {
    input: vec4<u32>, // images, rows, columns, channels
    output: vec4<u32>,
    window: vec2<u32>, // rows, columns
    strides: vec2<u32>,
    dilation: vec2<u32>,
    padding: vec2<u32>,
    group: vec2<u32>,
    unused: vec2<u32>,
    activation: vec4<f32>,
}

override RESIDUAL: bool = false; // whether `residual` is added
override VECTORS: bool = true; // whether the input has a multiple of four channels
override PADDED: bool = true; // whether any kernel element falls outside the input

@group(0) @binding(0) var<uniform> conv: Conv;
@group(0) @binding(1) var<storage, read> numbers: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>>; // the same buffer, for VECTORS
@group(0) @binding(3) var<storage, read> kernel: array<vec4<f32>>; // row, column, input channel, output channels / 4
@group(0) @binding(4) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> result: array<vec4<f32>>;

// Finishes four channels of an output pixel; those beyond the output are left alone.
fn store(pixel: u32, quad: u32, sum: vec4<f32>) {
    if pixel >= conv.output.x * conv.output.y * conv.output.z || quad >= conv.output.w / 4u {
        return;
    }
    let at = pixel * (conv.output.w / 4u) + quad;
    var total = sum + bias[quad];
    if RESIDUAL {
        total += residual[at];
    }
    result[at] = activate(total, conv.activation);
}

// One of eight pixels, which lie four by four in the columns of two matrices.
fn pixel_of(i: u32, first: mat4x4<f32>, second: mat4x4<f32>) -> vec4<f32> {
    var four = first;
    if i >= 4u {
        four = second;
    }
    switch i % 4u {
        case 0u: { return four[0]; }
        case 1u: { return four[1]; }
        case 2u: { return four[2]; }
        default: { return four[3]; }
    }
}
