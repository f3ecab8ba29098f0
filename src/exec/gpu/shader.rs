//! The WGSL shaders, by name.
//!
//! All of them bind alike, in group 0: binding 0 the uniforms (a struct of [`uniforms`](super::uniforms)),
//! bindings 1 to `reads` the storage buffers they read, binding `reads + 1` the one they write.
//! The entry point is `main`.

/// Invocations per workgroup of every shader.
pub const WORKGROUP: u64 = 64;

/// A compute shader; each has a twin of the same name in `exec::cpu::reference` (`conv2d_shared` shares that of `conv2d`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shader {
    /// Ordinary convolution with a multiple of four output channels; a tile per invocation, in registers.
    Conv2d,
    /// The same; a tile per workgroup, which shares what it loads.
    Conv2dShared,
    /// Any convolution, grouped or not; one output per invocation.
    ConvGrouped,
    /// Pooling; one output per invocation.
    Pool,
    /// Scale, offset and activation; one element per invocation.
    Map,
    /// Elementwise combination of two tensors, or of the output so far and one more; one element per invocation.
    Combine,
    /// Softmax; one row per workgroup.
    Softmax,
    /// Strided copy; one element per invocation.
    Copy,
    /// Zeros; one element per invocation.
    Fill,
    /// Resampling; one output per invocation.
    Resize,
}

impl Shader {
    /// Every shader.
    pub const ALL: [Shader; 10] = [
        Shader::Conv2d,
        Shader::Conv2dShared,
        Shader::ConvGrouped,
        Shader::Pool,
        Shader::Map,
        Shader::Combine,
        Shader::Softmax,
        Shader::Copy,
        Shader::Fill,
        Shader::Resize,
    ];

    /// File name without `.wgsl`.
    pub fn name(self) -> &'static str {
        match self {
            Shader::Conv2d => "conv2d",
            Shader::Conv2dShared => "conv2d_shared",
            Shader::ConvGrouped => "conv_grouped",
            Shader::Pool => "pool",
            Shader::Map => "map",
            Shader::Combine => "combine",
            Shader::Softmax => "softmax",
            Shader::Copy => "copy",
            Shader::Fill => "fill",
            Shader::Resize => "resize",
        }
    }

    /// The WGSL to compile: the shader's file, behind `activation.wgsl` where it applies an activation and
    /// `convolution.wgsl` where it is an ordinary convolution.
    pub fn source(self) -> String {
        let convolution = include_str!("shaders/convolution.wgsl");
        let (shared, main) = match self {
            Shader::Conv2d => (convolution, include_str!("shaders/conv2d.wgsl")),
            Shader::Conv2dShared => (convolution, include_str!("shaders/conv2d_shared.wgsl")),
            Shader::ConvGrouped => ("", include_str!("shaders/conv_grouped.wgsl")),
            Shader::Pool => ("", include_str!("shaders/pool.wgsl")),
            Shader::Map => ("", include_str!("shaders/map.wgsl")),
            Shader::Combine => ("", include_str!("shaders/combine.wgsl")),
            Shader::Softmax => ("", include_str!("shaders/softmax.wgsl")),
            Shader::Copy => ("", include_str!("shaders/copy.wgsl")),
            Shader::Fill => ("", include_str!("shaders/fill.wgsl")),
            Shader::Resize => ("", include_str!("shaders/resize.wgsl")),
        };
        let activation = if self.activates() { include_str!("shaders/activation.wgsl") } else { "" };
        [activation, shared, main].concat()
    }

    /// Whether the shader applies an activation, which the override `ACTIVATION` chooses.
    pub fn activates(self) -> bool {
        matches!(
            self,
            Shader::Conv2d | Shader::Conv2dShared | Shader::ConvGrouped | Shader::Map | Shader::Combine
        )
    }

    /// Number of storage buffers it reads.
    pub fn reads(self) -> usize {
        match self {
            Shader::Fill => 0,
            Shader::Pool | Shader::Softmax | Shader::Copy | Shader::Resize => 1,
            Shader::Combine => 2,
            Shader::Map => 3,
            Shader::ConvGrouped => 4,
            Shader::Conv2d | Shader::Conv2dShared => 5,
        }
    }
}
