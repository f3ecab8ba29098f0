//! The two kinds of block that make a ResNet, and their two versions.

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

/// Where the normalisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Behind the convolution, with an activation after the Add.
    V1,
    /// In front of the convolution, with nothing after the Add.
    V2,
}

impl Version {
    /// `v1` or `v2`.
    pub fn word(self) -> &'static str {
        match self {
            Version::V1 => "v1",
            Version::V2 => "v2",
        }
    }
}
