// Softmax over the last axis, or its logarithm. A workgroup computes one row, its invocations every 64th column.

struct Softmax {
    rows: u32,
    columns: u32,
    log: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> shape: Softmax;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

var<workgroup> largest: array<f32, 64>;
var<workgroup> totals: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let row = group.y * groups.x + group.x;
    if row >= shape.rows {
        return;
    }
    let start = row * shape.columns;
    var best = input[start];
    for (var column = local; column < shape.columns; column += 64u) {
        best = max(best, input[start + column]);
    }
    largest[local] = best;
    workgroupBarrier();
    for (var i = 0u; i < 64u; i++) {
        best = max(best, largest[i]);
    }
    var total = 0.0;
    for (var column = local; column < shape.columns; column += 64u) {
        total += exp(input[start + column] - best);
    }
    totals[local] = total;
    workgroupBarrier();
    total = 0.0;
    for (var i = 0u; i < 64u; i++) {
        total += totals[i];
    }
    for (var column = local; column < shape.columns; column += 64u) {
        let below = input[start + column] - best;
        result[start + column] = select(exp(below) / total, below - log(total), shape.log == 1u);
    }
}
