// Elementwise combination of two tensors with broadcasting, then an activation; more than two are
// combined by further launches, which read the output so far. An invocation computes one element.

struct Combine {
    shape: vec4<u32>,
    first: vec4<u32>, // steps of the first tensor per dimension, 0 where it is broadcast
    second: vec4<u32>,
    activation: vec4<f32>,
    factor: f32, // what the combination is multiplied by
    unused: f32,
    unused_too: vec2<f32>,
}

override KIND: u32 = 0u; // add, subtract, multiply, larger, smaller, PReLU
override ONWARD: bool = false; // whether the first operand is the output so far

@group(0) @binding(0) var<uniform> combine: Combine;
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

fn join(a: f32, b: f32) -> f32 {
    switch KIND {
        case 1u: { return a - b; }
        case 2u: { return a * b; }
        case 3u: { return max(a, b); }
        case 4u: { return min(a, b); }
        case 5u: { return select(a * b, a, a > 0.0); }
        default: { return a + b; }
    }
}

// Element of a tensor with these steps, for the output element at `place`.
fn element(place: vec4<u32>, steps: vec4<u32>) -> u32 {
    let parts = place * steps;
    return parts.x + parts.y + parts.z + parts.w;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let pixel = index / combine.shape.w;
    let row = pixel / combine.shape.z;
    let place = vec4(row / combine.shape.y, row % combine.shape.y, pixel % combine.shape.z, index % combine.shape.w);
    if place.x >= combine.shape.x {
        return;
    }
    var a: f32;
    if ONWARD {
        a = result[index];
    } else {
        a = first[element(place, combine.first)];
    }
    let joined = join(a, second[element(place, combine.second)]);
    result[index] = activate(vec4(joined * combine.factor), combine.activation).x;
}
