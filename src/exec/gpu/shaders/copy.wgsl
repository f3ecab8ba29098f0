// Strided copy of one box. An invocation copies one element.

struct Copy {
    size: vec4<u32>,
    from_strides: vec4<u32>,
    to_strides: vec4<u32>,
    from_offset: u32,
    to_offset: u32,
    unused: vec2<u32>,
}

@group(0) @binding(0) var<uniform> box: Copy;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

fn element(place: vec4<u32>, strides: vec4<u32>) -> u32 {
    let parts = place * strides;
    return parts.x + parts.y + parts.z + parts.w;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let line = index / box.size.w;
    let plane = line / box.size.z;
    let place = vec4(plane / box.size.y, plane % box.size.y, line % box.size.z, index % box.size.w);
    if place.x >= box.size.x {
        return;
    }
    result[box.to_offset + element(place, box.to_strides)] = input[box.from_offset + element(place, box.from_strides)];
}
