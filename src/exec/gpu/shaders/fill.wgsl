// Zeros. An invocation writes one element.

struct Fill {
    elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Fill;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    if index < shape.elements {
        result[index] = 0.0;
    }
}
