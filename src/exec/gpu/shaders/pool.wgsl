// Windowed and global pooling; padded positions are left out. An invocation computes one output.

struct Pool {
    input: vec4<u32>, // images, rows, columns, channels
    output: vec4<u32>,
    window: vec2<u32>, // rows, columns
    strides: vec2<u32>,
    padding: vec2<u32>,
    unused: vec2<u32>,
}

override AVERAGE: bool = false; // the mean instead of the largest

@group(0) @binding(0) var<uniform> pool: Pool;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let channel = index % pool.output.w;
    let pixel = index / pool.output.w;
    let image = pixel / pool.output.z / pool.output.y;
    if image >= pool.output.x {
        return;
    }
    let start = vec2(pixel / pool.output.z % pool.output.y, pixel % pool.output.z) * pool.strides;
    let first = max(start, pool.padding) - pool.padding;
    let end = min(start + pool.window - pool.padding, pool.input.yz);
    var best = input[((image * pool.input.y + first.x) * pool.input.z + first.y) * pool.input.w + channel];
    var sum = 0.0;
    for (var y = first.x; y < end.x; y++) {
        // A sum per row keeps the error of large windows small.
        var row_sum = 0.0;
        for (var x = first.y; x < end.y; x++) {
            let value = input[((image * pool.input.y + y) * pool.input.z + x) * pool.input.w + channel];
            best = max(best, value);
            row_sum += value;
        }
        sum += row_sum;
    }
    let count = f32((end.x - first.x) * (end.y - first.y));
    result[index] = select(best, sum / count, AVERAGE);
}
