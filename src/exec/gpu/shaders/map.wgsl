// Per-channel scale and offset, then an activation. An invocation computes one element.

struct Map {
    activation: vec4<f32>,
    elements: u32,
    channels: u32,
    unused: vec2<u32>,
}

override AFFINE: bool = false; // whether there are a scale and an offset

@group(0) @binding(0) var<uniform> shape: Map;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> offset: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    if index >= shape.elements {
        return;
    }
    var value = input[index];
    if AFFINE {
        let channel = index % shape.channels;
        value = value * scale[channel] + offset[channel];
    }
    result[index] = activate(vec4(value), shape.activation).x;
}
