// Resampling of rows and columns. An invocation computes one output.

struct Resize {
    input: vec4<u32>, // images, rows, columns, channels
    output: vec4<u32>,
}

override BILINEAR: bool = false; // linear between neighbours instead of the nearest

@group(0) @binding(0) var<uniform> resize: Resize;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

// The two input positions an output position lies between, and how far it is from the first to the second.
struct Between {
    low: u32,
    high: u32,
    part: f32,
}

// Output position `i` of `out` among `size` input positions, in whole numbers so that nothing is rounded.
fn sample(i: u32, size: u32, out: u32) -> Between {
    let centre = (2u * i + 1u) * size;
    if !BILINEAR {
        let at = min(centre / (2u * out), size - 1u);
        return Between(at, at, 0.0);
    }
    // The centre less half a pixel, in units of 1 / (2 out); below zero it is clamped to the edge.
    let position = max(centre, out) - out;
    let low = min(position / (2u * out), size - 1u);
    let part = f32(position % (2u * out)) / f32(2u * out);
    return Between(low, min(low + 1u, size - 1u), part);
}

fn element(image: u32, y: u32, x: u32, channel: u32) -> f32 {
    return input[((image * resize.input.y + y) * resize.input.z + x) * resize.input.w + channel];
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let channel = index % resize.output.w;
    let pixel = index / resize.output.w;
    let image = pixel / resize.output.z / resize.output.y;
    if image >= resize.output.x {
        return;
    }
    let down = sample(pixel / resize.output.z % resize.output.y, resize.input.y, resize.output.y);
    let across = sample(pixel % resize.output.z, resize.input.z, resize.output.z);
    let upper = mix(element(image, down.low, across.low, channel), element(image, down.low, across.high, channel), across.part);
    let lower = mix(element(image, down.high, across.low, channel), element(image, down.high, across.high, channel), across.part);
    result[index] = mix(upper, lower, down.part);
}
