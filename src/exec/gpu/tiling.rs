//! How ordinary convolutions are cut into tiles, which is what makes them fast on one GPU and slow on another.

use std::collections::HashMap;

use super::shader::{Shader, WORKGROUP};
use crate::plan::Conv;

/// A tile, as output pixels × output channels, and who computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tile {
    /// 8 × 8 by one invocation in registers: for software adapters, which barriers make many times slower.
    Registers8,
    /// 8 × 16 by one invocation in registers: takes longer to compile, and less to run.
    Registers16,
    /// 16 × 16 by a workgroup, each quarter of it for a quarter of the sums.
    Shared16,
    /// 32 × 32 by a workgroup, 4 × 4 per invocation.
    Shared32,
    /// 64 × 64 by a workgroup, 8 × 8 per invocation.
    Shared64,
}

/// Workgroups that keep a GPU busy. A guess at a laptop's (16 to 64 cores, several workgroups on each), not a measurement.
const BUSY: u64 = 128;

impl Tile {
    /// Every tile.
    pub const ALL: [Tile; 5] =
        [Tile::Registers8, Tile::Registers16, Tile::Shared16, Tile::Shared32, Tile::Shared64];

    /// Those meant for GPUs, the largest first.
    pub const FOR_GPUS: [Tile; 3] = [Tile::Shared64, Tile::Shared32, Tile::Shared16];

    /// The shader that computes it.
    pub fn shader(self) -> Shader {
        match self {
            Tile::Registers8 | Tile::Registers16 => Shader::Conv2d,
            Tile::Shared16 | Tile::Shared32 | Tile::Shared64 => Shader::Conv2dShared,
        }
    }

    /// The constants that make the shader compute it.
    pub fn overrides(self) -> &'static [(&'static str, u32)] {
        match self {
            Tile::Registers8 => &[("QUADS", 2)],
            Tile::Registers16 => &[("QUADS", 4)],
            Tile::Shared16 => &[("SIDE", 4)],
            Tile::Shared32 => &[("SIDE", 8)],
            Tile::Shared64 => &[("SIDE", 8), ("PIXEL_BLOCKS", 2), ("QUAD_BLOCKS", 2)],
        }
    }

    /// Tiles that cover the output.
    fn count(self, conv: &Conv) -> u64 {
        let [pixels, channels]: [u64; 2] = match self {
            Tile::Registers8 => [8, 8],
            Tile::Registers16 => [8, 16],
            Tile::Shared16 => [16, 16],
            Tile::Shared32 => [32, 32],
            Tile::Shared64 => [64, 64],
        };
        let [images, rows, columns, filters] = conv.output.map(|size| size as u64);
        let all = images.saturating_mul(rows).saturating_mul(columns);
        all.div_ceil(pixels).saturating_mul(filters.div_ceil(channels))
    }

    /// Invocations that compute the output of `conv`.
    pub fn invocations(self, conv: &Conv) -> u64 {
        let per_tile = match self {
            Tile::Registers8 | Tile::Registers16 => 1,
            Tile::Shared16 | Tile::Shared32 | Tile::Shared64 => WORKGROUP,
        };
        self.count(conv).saturating_mul(per_tile)
    }

    /// The largest tile for GPUs that still cuts the output into enough workgroups.
    fn by_size(conv: &Conv) -> Tile {
        let busy = |tile: &Tile| tile.count(conv) >= BUSY;
        Tile::FOR_GPUS.into_iter().find(busy).unwrap_or(Tile::Shared16)
    }
}

/// What decides which tile is fastest: shape of the input and output, window, and strides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    input: [usize; 4],
    output: [usize; 4],
    window: [usize; 2],
    strides: [usize; 2],
}

impl Class {
    /// The class of a convolution.
    pub fn of(conv: &Conv) -> Class {
        Class { input: conv.input, output: conv.output, window: conv.window, strides: conv.strides }
    }
}

/// Which tile every convolution gets.
#[derive(Clone, Debug)]
pub enum Tiling {
    /// This one.
    Always(Tile),
    /// The one that was fastest for its class, or goes by the size of the output where nothing was measured.
    Measured(HashMap<Class, Tile>),
}

impl Tiling {
    /// Whether a convolution is cut into tiles at all: an ordinary one whose output channels come in vectors.
    pub fn applies(conv: &Conv) -> bool {
        conv.groups == 1 && conv.output[3].is_multiple_of(4)
    }

    /// The tile for a convolution.
    pub fn tile(&self, conv: &Conv) -> Tile {
        match self {
            Tiling::Always(tile) => *tile,
            Tiling::Measured(fastest) => {
                fastest.get(&Class::of(conv)).copied().unwrap_or_else(|| Tile::by_size(conv))
            }
        }
    }
}
