// Ordinary convolution with a multiple of four output channels, with bias, residual and activation.
//
// An invocation computes eight neighbouring output pixels by four channels in registers. It uses no
// workgroup memory: software adapters are many times slower with barriers.
// Neighbouring invocations share their pixels and read neighbouring weights.

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

// Where a kernel element reads for one output pixel.
struct Source {
    start: u32, // first element, or first vector with VECTORS
    outside: bool, // the position is in the padding and counts as zero; `start` is then harmless
}

// Image, row and column of an output pixel.
fn place(pixel: u32) -> vec3<u32> {
    let at = min(pixel, conv.output.x * conv.output.y * conv.output.z - 1u);
    let row = at / conv.output.z;
    return vec3(row / conv.output.y, row % conv.output.y, at % conv.output.z);
}

fn source(place: vec3<u32>, tap: vec2<u32>, depth: u32) -> Source {
    // A position above or left of the input wraps round and is as good as one far beyond it.
    let at = place.yz * conv.strides + tap * conv.dilation - conv.padding;
    let start = ((place.x * conv.input.y + at.x) * conv.input.z + at.y) * depth;
    if PADDED {
        let outside = any(at >= conv.input.yz);
        return Source(select(start, 0u, outside), outside);
    }
    return Source(start, false);
}

fn number(source: Source, channel: u32) -> f32 {
    let value = numbers[source.start + channel];
    if PADDED {
        return select(value, 0.0, source.outside);
    }
    return value;
}

fn vector(source: Source, channels: u32) -> vec4<f32> {
    let value = vectors[source.start + channels];
    if PADDED {
        return select(value, vec4(0.0), source.outside);
    }
    return value;
}

fn product(x: vec4<f32>, w0: vec4<f32>, w1: vec4<f32>, w2: vec4<f32>, w3: vec4<f32>) -> vec4<f32> {
    return x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
}

fn store(pixel: u32, quad: u32, sum: vec4<f32>) {
    if pixel >= conv.output.x * conv.output.y * conv.output.z {
        return;
    }
    let at = pixel * (conv.output.w / 4u) + quad;
    var total = sum + bias[quad];
    if RESIDUAL {
        total += residual[at];
    }
    result[at] = activate(total, conv.activation);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let quads = conv.output.w / 4u;
    let quad = index % quads;
    let first = index / quads * 8u;
    if first >= conv.output.x * conv.output.y * conv.output.z {
        return;
    }
    let p0 = place(first);
    let p1 = place(first + 1u);
    let p2 = place(first + 2u);
    let p3 = place(first + 3u);
    let p4 = place(first + 4u);
    let p5 = place(first + 5u);
    let p6 = place(first + 6u);
    let p7 = place(first + 7u);
    var s0 = vec4(0.0);
    var s1 = vec4(0.0);
    var s2 = vec4(0.0);
    var s3 = vec4(0.0);
    var s4 = vec4(0.0);
    var s5 = vec4(0.0);
    var s6 = vec4(0.0);
    var s7 = vec4(0.0);
    let depth = select(conv.input.w, conv.input.w / 4u, VECTORS);
    var k = quad;
    for (var row = 0u; row < conv.window.x; row++) {
        for (var column = 0u; column < conv.window.y; column++) {
            let tap = vec2(row, column);
            let i0 = source(p0, tap, depth);
            let i1 = source(p1, tap, depth);
            let i2 = source(p2, tap, depth);
            let i3 = source(p3, tap, depth);
            let i4 = source(p4, tap, depth);
            let i5 = source(p5, tap, depth);
            let i6 = source(p6, tap, depth);
            let i7 = source(p7, tap, depth);
            if VECTORS {
                for (var c = 0u; c < depth; c++) {
                    let w0 = kernel[k];
                    let w1 = kernel[k + quads];
                    let w2 = kernel[k + 2u * quads];
                    let w3 = kernel[k + 3u * quads];
                    k += 4u * quads;
                    s0 += product(vector(i0, c), w0, w1, w2, w3);
                    s1 += product(vector(i1, c), w0, w1, w2, w3);
                    s2 += product(vector(i2, c), w0, w1, w2, w3);
                    s3 += product(vector(i3, c), w0, w1, w2, w3);
                    s4 += product(vector(i4, c), w0, w1, w2, w3);
                    s5 += product(vector(i5, c), w0, w1, w2, w3);
                    s6 += product(vector(i6, c), w0, w1, w2, w3);
                    s7 += product(vector(i7, c), w0, w1, w2, w3);
                }
            } else {
                for (var c = 0u; c < depth; c++) {
                    let w = kernel[k];
                    k += quads;
                    s0 += number(i0, c) * w;
                    s1 += number(i1, c) * w;
                    s2 += number(i2, c) * w;
                    s3 += number(i3, c) * w;
                    s4 += number(i4, c) * w;
                    s5 += number(i5, c) * w;
                    s6 += number(i6, c) * w;
                    s7 += number(i7, c) * w;
                }
            }
        }
    }
    store(first, quad, s0);
    store(first + 1u, quad, s1);
    store(first + 2u, quad, s2);
    store(first + 3u, quad, s3);
    store(first + 4u, quad, s4);
    store(first + 5u, quad, s5);
    store(first + 6u, quad, s6);
    store(first + 7u, quad, s7);
}
