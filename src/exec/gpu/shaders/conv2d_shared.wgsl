// Ordinary convolution for GPUs: a product of matrices, the pixels' windows by the kernel, in tiles.
//
// A workgroup brings 16 elements of the sums at a time into its memory, for all pixels and channels of its tile. Its
// invocations form squares of SIDE by SIDE, each with up to 8 × 8 sums in registers, four by four as a matrix. With
// SIDE = 4 there are four squares, each of which adds up a quarter of every 16 elements: small outputs would
// otherwise leave most of the GPU idle.

override SIDE: u32 = 8u; // 4 or 8
override PIXEL_BLOCKS: u32 = 1u; // pixels per invocation divided by four: 1 or 2, with SIDE = 4 only 1
override QUAD_BLOCKS: u32 = 1u; // channels per invocation divided by four, likewise
override POINT: bool = false; // whether the window is a single element
override DEPTH: u32 = 1u; // input channels, or vectors of them with VECTORS; not used with POINT
override COLUMNS: u32 = 1u; // of the window; not used with POINT

var<workgroup> windows: array<vec4<f32>, 256>; // four elements of the sums per vector; pixels of the tile
var<workgroup> weights: array<vec4<f32>, 256>; // element of the sums; channels of the tile / 4

// An output pixel: where the kernel's first element reads, and the first row of its image.
struct Place {
    row: u32,
    column: u32,
    image: u32,
}

// Where an element of a sum, or a vector of them, is read.
struct Source {
    at: u32,
    inside: bool, // else it is in the padding or behind the last element, and counts as zero; `at` is then harmless
}

fn place(pixel: u32) -> Place {
    let at = min(pixel, conv.output.x * conv.output.y * conv.output.z - 1u);
    let row = at / conv.output.z;
    // A position above or left of the input wraps round and is as good as one far beyond it.
    return Place(
        row % conv.output.y * conv.strides.x - conv.padding.x,
        at % conv.output.z * conv.strides.y - conv.padding.y,
        row / conv.output.y * conv.input.y,
    );
}

fn source(place: Place, element: u32) -> Source {
    let depth = select(conv.input.w, conv.input.w / 4u, VECTORS);
    var tap = vec2(0u);
    var channel = element;
    if !POINT {
        tap = vec2(element / DEPTH / COLUMNS, element / DEPTH % COLUMNS);
        channel = element % DEPTH;
    }
    let row = place.row + tap.x * conv.dilation.x;
    let column = place.column + tap.y * conv.dilation.y;
    var inside = element < conv.window.x * conv.window.y * depth;
    if PADDED {
        inside = inside && row < conv.input.y && column < conv.input.z;
    }
    let at = ((place.image + row) * conv.input.z + column) * depth + channel;
    return Source(select(0u, at, inside), inside);
}

fn number(place: Place, element: u32) -> f32 {
    let source = source(place, element);
    return select(0.0, numbers[source.at], source.inside);
}

// Elements `4 · quad` to `4 · quad + 3` of a pixel's window.
fn window_quad(place: Place, quad: u32) -> vec4<f32> {
    if VECTORS {
        let source = source(place, quad);
        return select(vec4(0.0), vectors[source.at], source.inside);
    }
    let first = 4u * quad;
    return vec4(
        number(place, first),
        number(place, first + 1u),
        number(place, first + 2u),
        number(place, first + 3u),
    );
}

// The weights of an element for four channels.
fn weight(element: u32, quad: u32) -> vec4<f32> {
    let inside = element < conv.window.x * conv.window.y * conv.input.w && quad < conv.output.w / 4u;
    return select(vec4(0.0), kernel[select(0u, element * (conv.output.w / 4u) + quad, inside)], inside);
}

// Four pixels, a column each.
fn four_windows(at: u32) -> mat4x4<f32> {
    return mat4x4(windows[at], windows[at + 1u], windows[at + 2u], windows[at + 3u]);
}

// Four elements, a column each.
fn four_weights(at: u32, stride: u32) -> mat4x4<f32> {
    return mat4x4(weights[at], weights[at + stride], weights[at + 2u * stride], weights[at + 3u * stride]);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let tile = group.y * groups.x + group.x;
    let pixels = 4u * SIDE * PIXEL_BLOCKS;
    let quads = SIDE * QUAD_BLOCKS;
    let across = (conv.output.w / 4u + quads - 1u) / quads;
    let first_pixel = tile / across * pixels;
    let first_quad = tile % across * quads;
    let squares = 64u / (SIDE * SIDE);
    let square = local / (SIDE * SIDE);
    let row = local / SIDE % SIDE;
    let column = local % SIDE;
    // The pixels of a tile divide 64: an invocation always loads for the same one.
    let loaded = place(first_pixel + local % pixels);
    // Sums of four pixels by four channels; the second letter counts the quads.
    var aa: mat4x4<f32>;
    var ab: mat4x4<f32>;
    var ba: mat4x4<f32>;
    var bb: mat4x4<f32>;
    let length = conv.window.x * conv.window.y * conv.input.w;
    for (var start = 0u; start < length; start += 16u) {
        for (var i = local; i < 4u * pixels; i += 64u) {
            windows[i] = window_quad(loaded, start / 4u + i / pixels);
        }
        for (var i = local; i < 16u * quads; i += 64u) {
            weights[i] = weight(start + i / quads, first_quad + i % quads);
        }
        workgroupBarrier();
        for (var quarter = square; quarter < 4u; quarter += squares) {
            let x = four_windows(quarter * pixels + 4u * row);
            let w = four_weights(4u * quarter * quads + column, quads);
            aa += w * x;
            if QUAD_BLOCKS == 2u {
                ab += four_weights(4u * quarter * quads + column + SIDE, quads) * x;
            }
            if PIXEL_BLOCKS == 2u {
                let y = four_windows(quarter * pixels + 4u * (row + SIDE));
                ba += w * y;
                if QUAD_BLOCKS == 2u {
                    bb += four_weights(4u * quarter * quads + column + SIDE, quads) * y;
                }
            }
        }
        workgroupBarrier();
    }
    if SIDE == 4u {
        // The sums of the squares meet: 16 pixels by four quads, a vector for each invocation.
        windows[4u * local] = aa[0];
        windows[4u * local + 1u] = aa[1];
        windows[4u * local + 2u] = aa[2];
        windows[4u * local + 3u] = aa[3];
        workgroupBarrier();
        let pixel = local / 4u;
        let at = 16u * (pixel / 4u) + 4u * (local % 4u) + pixel % 4u;
        let sum = windows[at] + windows[64u + at] + windows[128u + at] + windows[192u + at];
        store(first_pixel + pixel, first_quad + local % 4u, sum);
    } else {
        for (var i = 0u; i < 4u * PIXEL_BLOCKS; i++) {
            let pixel = first_pixel + 4u * row + i / 4u * 4u * SIDE + i % 4u;
            store(pixel, first_quad + column, pixel_of(i, aa, ba));
            if QUAD_BLOCKS == 2u {
                store(pixel, first_quad + column + SIDE, pixel_of(i, ab, bb));
            }
        }
    }
}
