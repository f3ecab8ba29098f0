// Convolution of any shape: in groups, down to one channel per group, or with an odd number of
// output channels. An invocation computes one output.

struct Conv {
    input: vec4<u32>, // images, rows, columns, channels
    output: vec4<u32>,
    window: vec2<u32>, // rows, columns
    strides: vec2<u32>,
    dilation: vec2<u32>,
    padding: vec2<u32>,
    group: vec2<u32>, // input and output channels of one group
    unused: vec2<u32>,
    activation: vec4<f32>,
}

override RESIDUAL: bool = false; // whether `residual` is added

@group(0) @binding(0) var<uniform> conv: Conv;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> kernel: array<f32>; // row, column, input channel of the group, output channel
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

// The part of the sum that one kernel element contributes.
fn tap_sum(pixel: u32, tap: u32, channel: u32) -> f32 {
    let start = pixel * conv.input.w + channel / conv.group.y * conv.group.x;
    let weights = tap * conv.group.x * conv.output.w + channel;
    var sum = 0.0;
    for (var i = 0u; i < conv.group.x; i++) {
        sum += input[start + i] * kernel[weights + i * conv.output.w];
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let channel = index % conv.output.w;
    let pixel = index / conv.output.w;
    let image = pixel / conv.output.z / conv.output.y;
    if image >= conv.output.x {
        return;
    }
    let place = vec2(pixel / conv.output.z % conv.output.y, pixel % conv.output.z);
    var sum = 0.0;
    for (var row = 0u; row < conv.window.x; row++) {
        for (var column = 0u; column < conv.window.y; column++) {
            // A position above or left of the input wraps round and is as good as one far beyond it.
            let at = place * conv.strides + vec2(row, column) * conv.dilation - conv.padding;
            if all(at < conv.input.yz) {
                let start = (image * conv.input.y + at.x) * conv.input.z + at.y;
                sum += tap_sum(start, row * conv.window.y + column, channel);
            }
        }
    }
    sum += bias[channel];
    if RESIDUAL {
        sum += residual[index];
    }
    result[index] = activate(vec4(sum), conv.activation).x;
}
