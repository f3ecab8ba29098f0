//! An image with the zeros that a convolution reads around it.

use crate::plan::Conv;

/// What a convolution reads of one image: the image itself, or a copy of it with zeros around it.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Rows, columns and channels.
    pub size: [usize; 3],
    /// Whether a copy is needed.
    pub padded: bool,
    image: [usize; 3],
    origin: [usize; 2],
}

impl Frame {
    /// The frame of `conv` where `outputs` rows and columns are computed, which may be more than there are.
    pub fn of(conv: &Conv, outputs: [usize; 2]) -> Frame {
        let [_, height, width, channels] = conv.input;
        let reach = |axis: usize| {
            let last = outputs[axis].saturating_sub(1) * conv.strides[axis];
            last + (conv.window[axis] - 1) * conv.dilation[axis] + 1
        };
        let image = [height, width, channels];
        let padded = conv.padding != [0, 0] || reach(0) > height || reach(1) > width;
        let size = if padded { [reach(0), reach(1), channels] } else { image };
        Frame { size, padded, image, origin: conv.padding }
    }

    /// Elements of the copy; 0 where none is needed.
    pub fn copied(&self) -> usize {
        if self.padded { self.size.iter().product() } else { 0 }
    }

    /// The numbers of the frame: `image`, or the copy of it that is made in `copy`.
    pub fn numbers<'a>(&self, image: &'a [f32], copy: &'a mut [f32]) -> &'a [f32] {
        if !self.padded {
            return image;
        }
        let [height, width, channels] = self.image;
        let [_, columns, _] = self.size;
        let left = self.origin[1].min(columns);
        let inside = width.min(columns - left) * channels;
        for (y, row) in copy.chunks_exact_mut((columns * channels).max(1)).enumerate() {
            match y.checked_sub(self.origin[0]).filter(|&y| y < height) {
                None => row.fill(0.0),
                Some(y) => {
                    let (before, rest) = row.split_at_mut(left * channels);
                    let (middle, behind) = rest.split_at_mut(inside);
                    before.fill(0.0);
                    middle.copy_from_slice(&image[y * width * channels..][..inside]);
                    behind.fill(0.0);
                }
            }
        }
        copy
    }
}
