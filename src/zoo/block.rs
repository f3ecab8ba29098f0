//! The two kinds of block that make a ResNet.

/// How most blocks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// Two 3×3 convolutions.
    Basic,
    /// 1×1, 3×3, 1×1.
    Bottleneck,
}

impl BlockKind {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            BlockKind::Basic => "basic",
            BlockKind::Bottleneck => "bottleneck",
        }
    }

    /// Rows and columns of the kernels.
    pub fn kernels(self) -> &'static [usize] {
        match self {
            BlockKind::Basic => &[3, 3],
            BlockKind::Bottleneck => &[1, 3, 1],
        }
    }
}
