//! The uniform structs of the shaders, laid out as WGSL lays out the structs of the same names.
//!
//! `tests/shaders.rs` compares every member's offset with the parsed shader.

use bytemuck::{Pod, Zeroable};

/// Geometry of `convolution.wgsl` and `conv_grouped.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Conv {
    /// Images, rows, columns, channels.
    pub input: [u32; 4],
    /// Images, rows, columns, channels.
    pub output: [u32; 4],
    /// Rows and columns of the kernel.
    pub window: [u32; 2],
    /// Steps between outputs.
    pub strides: [u32; 2],
    /// Steps between kernel elements.
    pub dilation: [u32; 2],
    /// Zeros above and to the left.
    pub padding: [u32; 2],
    /// Input and output channels of one group.
    pub group: [u32; 2],
    /// Fills up to the alignment of the next member.
    pub unused: [u32; 2],
    /// Numbers of the activation.
    pub activation: [f32; 4],
}

/// Geometry of `pool.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Pool {
    /// Images, rows, columns, channels.
    pub input: [u32; 4],
    /// Images, rows, columns, channels.
    pub output: [u32; 4],
    /// Rows and columns of the window.
    pub window: [u32; 2],
    /// Steps between outputs.
    pub strides: [u32; 2],
    /// Positions above and to the left that lie outside the input.
    pub padding: [u32; 2],
    /// Fills up to the size of the struct.
    pub unused: [u32; 2],
}

/// Geometry of `map.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Map {
    /// Numbers of the activation.
    pub activation: [f32; 4],
    /// Elements in all.
    pub elements: u32,
    /// Length of the last axis.
    pub channels: u32,
    /// Fills up to the size of the struct.
    pub unused: [u32; 2],
}

/// Geometry of `combine.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Combine {
    /// Output shape.
    pub shape: [u32; 4],
    /// Steps of the first tensor.
    pub first: [u32; 4],
    /// Steps of the second tensor.
    pub second: [u32; 4],
    /// Numbers of the activation.
    pub activation: [f32; 4],
    /// What the result is multiplied by before the activation.
    pub factor: f32,
    /// Fills up to the alignment of the next member.
    pub unused: f32,
    /// Fills up to the size of the struct.
    pub unused_too: [f32; 2],
}

/// Geometry of `softmax.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Softmax {
    /// Product of all axes but the last.
    pub rows: u32,
    /// Length of the last axis.
    pub columns: u32,
    /// 1 where the logarithm is taken, else 0.
    pub log: u32,
    /// Fills the struct to 16 bytes.
    pub unused: u32,
}

/// Geometry of `copy.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Copy {
    /// Elements per dimension.
    pub size: [u32; 4],
    /// Steps of the source.
    pub from_strides: [u32; 4],
    /// Steps of the destination.
    pub to_strides: [u32; 4],
    /// First element of the source.
    pub from_offset: u32,
    /// First element of the destination.
    pub to_offset: u32,
    /// Fills up to the size of the struct.
    pub unused: [u32; 2],
}

/// Geometry of `fill.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Fill {
    /// Elements to set to zero.
    pub elements: u32,
}

/// Geometry of `resize.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Resize {
    /// Images, rows, columns, channels.
    pub input: [u32; 4],
    /// Images, rows, columns, channels.
    pub output: [u32; 4],
}
