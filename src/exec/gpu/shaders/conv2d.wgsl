// Ordinary convolution without workgroup memory or barriers, with which software adapters are many times slower.
//
// An invocation computes eight neighbouring output pixels by 4 · QUADS channels in registers, four by four as a matrix:
// loads are what costs most on software adapters, and large tiles need few. The quads of a tile lie apart, so that
// neighbouring invocations read neighbouring weights.

override QUADS: u32 = 2u; // output channels of a tile divided by four: 2 or 4

// Four output pixels: where the kernel's first element reads, and the first row of their images.
struct Places {
    row: vec4<u32>,
    column: vec4<u32>,
    image: vec4<u32>,
}

// Where a kernel element reads for four pixels.
struct Sources {
    start: vec4<u32>, // first element, or first vector with VECTORS
    outside: vec4<bool>, // the position is in the padding and counts as zero; `start` is then harmless
}

fn places(first: u32) -> Places {
    let at = min(first + vec4(0u, 1u, 2u, 3u), vec4(conv.output.x * conv.output.y * conv.output.z - 1u));
    let row = at / conv.output.z;
    // A position above or left of the input wraps round and is as good as one far beyond it.
    return Places(
        row % conv.output.y * conv.strides.x - conv.padding.x,
        at % conv.output.z * conv.strides.y - conv.padding.y,
        row / conv.output.y * conv.input.y,
    );
}

fn sources(places: Places, tap: vec2<u32>, depth: u32) -> Sources {
    let row = places.row + tap.x * conv.dilation.x;
    let column = places.column + tap.y * conv.dilation.y;
    let start = ((places.image + row) * conv.input.z + column) * depth;
    if PADDED {
        let outside = (row >= vec4(conv.input.y)) | (column >= vec4(conv.input.z));
        return Sources(select(start, vec4(0u), outside), outside);
    }
    return Sources(start, vec4(false));
}

// One input channel of four pixels.
fn load_numbers(at: Sources, channel: u32) -> vec4<f32> {
    let i = at.start + channel;
    let x = vec4(numbers[i.x], numbers[i.y], numbers[i.z], numbers[i.w]);
    if PADDED {
        return select(x, vec4(0.0), at.outside);
    }
    return x;
}

// Four input channels of four pixels, a column per pixel.
fn load_vectors(at: Sources, channels: u32) -> mat4x4<f32> {
    let i = at.start + channels;
    let x = mat4x4(vectors[i.x], vectors[i.y], vectors[i.z], vectors[i.w]);
    if PADDED {
        let zero = vec4(0.0);
        return mat4x4(
            select(x[0], zero, at.outside.x),
            select(x[1], zero, at.outside.y),
            select(x[2], zero, at.outside.z),
            select(x[3], zero, at.outside.w),
        );
    }
    return x;
}

// Four output channels of four input channels, a column per input channel.
fn load_kernel(at: u32, quads: u32) -> mat4x4<f32> {
    return mat4x4(kernel[at], kernel[at + quads], kernel[at + 2u * quads], kernel[at + 3u * quads]);
}

// `w` times each of four pixels.
fn outer(w: vec4<f32>, x: vec4<f32>) -> mat4x4<f32> {
    return mat4x4(w * x.x, w * x.y, w * x.z, w * x.w);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = (group.y * groups.x + group.x) * 64u + local;
    let quads = conv.output.w / 4u;
    let across = (quads + QUADS - 1u) / QUADS;
    let quad = index % across;
    let first = index / across * 8u;
    if first >= conv.output.x * conv.output.y * conv.output.z {
        return;
    }
    let p0 = places(first);
    let p1 = places(first + 4u);
    // Sums of the first and last four pixels, by quad.
    var a0: mat4x4<f32>;
    var a1: mat4x4<f32>;
    var a2: mat4x4<f32>;
    var a3: mat4x4<f32>;
    var b0: mat4x4<f32>;
    var b1: mat4x4<f32>;
    var b2: mat4x4<f32>;
    var b3: mat4x4<f32>;
    let depth = select(conv.input.w, conv.input.w / 4u, VECTORS);
    var k = quad;
    for (var row = 0u; row < conv.window.x; row++) {
        for (var column = 0u; column < conv.window.y; column++) {
            let i0 = sources(p0, vec2(row, column), depth);
            let i1 = sources(p1, vec2(row, column), depth);
            for (var c = 0u; c < depth; c++) {
                if VECTORS {
                    let x0 = load_vectors(i0, c);
                    let x1 = load_vectors(i1, c);
                    let w0 = load_kernel(k, quads);
                    a0 += w0 * x0;
                    b0 += w0 * x1;
                    let w1 = load_kernel(k + across, quads);
                    a1 += w1 * x0;
                    b1 += w1 * x1;
                    if QUADS == 4u {
                        let w2 = load_kernel(k + 2u * across, quads);
                        a2 += w2 * x0;
                        b2 += w2 * x1;
                        let w3 = load_kernel(k + 3u * across, quads);
                        a3 += w3 * x0;
                        b3 += w3 * x1;
                    }
                    k += 4u * quads;
                } else {
                    let x0 = load_numbers(i0, c);
                    let x1 = load_numbers(i1, c);
                    a0 += outer(kernel[k], x0);
                    b0 += outer(kernel[k], x1);
                    a1 += outer(kernel[k + across], x0);
                    b1 += outer(kernel[k + across], x1);
                    if QUADS == 4u {
                        a2 += outer(kernel[k + 2u * across], x0);
                        b2 += outer(kernel[k + 2u * across], x1);
                        a3 += outer(kernel[k + 3u * across], x0);
                        b3 += outer(kernel[k + 3u * across], x1);
                    }
                    k += quads;
                }
            }
        }
    }
    // A loop, because the epilogue written out sixteen times takes longer to compile than all the rest.
    for (var i = 0u; i < 8u; i++) {
        store(first + i, quad, pixel_of(i, a0, b0));
        store(first + i, quad + across, pixel_of(i, a1, b1));
        if QUADS == 4u {
            store(first + i, quad + 2u * across, pixel_of(i, a2, b2));
            store(first + i, quad + 3u * across, pixel_of(i, a3, b3));
        }
    }
}
