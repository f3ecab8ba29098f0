//! Layers that change height and width.

use super::geometry::{four, strides};
use super::{Flow, Lowering};
use crate::ops::Shape;
use crate::ops::image::{CenterCrop, Interpolation, Resizing};
use crate::ops::padding::Edges;
use crate::ops::pooling::{GlobalPooling2D, Pooled, Pooling2D};
use crate::plan::{Copy, CopyBox, Kernel, Pool, PoolKind, Resize, Sampling, Strided, ValueId};

impl Lowering<'_> {
    pub(super) fn pooling(&mut self, path: &str, op: &Pooling2D, input: &Flow, shape: Shape) -> Flow {
        let (value, [height, width, channels]) = self.image(input, op.window.format);
        let fitted = op.window.fit([height, width]).unwrap_or(([1, 1], [0, 0]));
        let ([out_height, out_width], padding) = fitted;
        let batch = self.plan.batch;
        let kernel = Kernel::Pool(Pool {
            kind: pool_kind(op.pooled),
            input: [batch, height, width, channels],
            output: [batch, out_height, out_width, channels],
            window: op.window.size,
            strides: op.window.strides,
            padding,
        });
        let value = self.step(path, kernel, vec![value], &[out_height, out_width, channels]);
        Flow { shape, ..self.as_flow(value, [out_height, out_width, channels], op.window.format) }
    }

    pub(super) fn global_pooling(
        &mut self,
        path: &str,
        op: &GlobalPooling2D,
        input: &Flow,
        shape: Shape,
    ) -> Flow {
        let (value, [height, width, channels]) = self.image(input, op.format);
        let batch = self.plan.batch;
        let kernel = Kernel::Pool(Pool {
            kind: pool_kind(op.pooled),
            input: [batch, height, width, channels],
            output: [batch, 1, 1, channels],
            window: [height, width],
            strides: [1, 1],
            padding: [0, 0],
        });
        let value = self.step(path, kernel, vec![value], &[1, 1, channels]);
        if op.keepdims {
            return self.as_flow(value, [1, 1, channels], op.format);
        }
        Flow { value: self.alias(value, &shape), shape, turned: false }
    }

    pub(super) fn zero_padding(&mut self, path: &str, edges: &Edges, input: &Flow, shape: Shape) -> Flow {
        let (value, [height, width, channels]) = self.image(input, edges.format);
        let image = [height + edges.top + edges.bottom, width + edges.left + edges.right, channels];
        let batch = self.plan.batch;
        let to = strides(batch, &image);
        let copied = CopyBox {
            size: four(batch, &[height, width, channels]),
            from: Strided { offset: 0, strides: strides(batch, &[height, width, channels]) },
            to: Strided { offset: edges.top * to[1] + edges.left * to[2], strides: to },
        };
        let elements = batch * image.iter().product::<usize>();
        let kernel = Kernel::Copy(Copy { elements, zero: true, boxes: vec![copied] });
        let padded = self.step(path, kernel, vec![value], &image);
        self.padded.insert(padded, (value, edges.clone()));
        Flow { shape, ..self.as_flow(padded, image, edges.format) }
    }

    /// A part of an image; gives its value and its shape.
    pub(super) fn crop(
        &mut self,
        path: &str,
        value: ValueId,
        image: [usize; 3],
        [top, left]: [usize; 2],
        [rows, columns]: [usize; 2],
    ) -> (ValueId, [usize; 3]) {
        let kept = [rows, columns, image[2]];
        if kept == image {
            return (value, image);
        }
        let batch = self.plan.batch;
        let from = strides(batch, &image);
        let copied = CopyBox {
            size: four(batch, &kept),
            from: Strided { offset: top * from[1] + left * from[2], strides: from },
            to: Strided { offset: 0, strides: strides(batch, &kept) },
        };
        let elements = batch * kept.iter().product::<usize>();
        let kernel = Kernel::Copy(Copy { elements, zero: false, boxes: vec![copied] });
        (self.step(path, kernel, vec![value], &kept), kept)
    }

    pub(super) fn resize(
        &mut self,
        path: &str,
        value: ValueId,
        [height, width, channels]: [usize; 3],
        [rows, columns]: [usize; 2],
        interpolation: Interpolation,
    ) -> ValueId {
        let sampling = match interpolation {
            Interpolation::Nearest => Sampling::Nearest,
            Interpolation::Bilinear => Sampling::Bilinear,
        };
        let batch = self.plan.batch;
        let (input, output) = ([batch, height, width, channels], [batch, rows, columns, channels]);
        self.step(
            path,
            Kernel::Resize(Resize { sampling, input, output }),
            vec![value],
            &[rows, columns, channels],
        )
    }

    pub(super) fn resizing(&mut self, path: &str, op: &Resizing, input: &Flow) -> Flow {
        let (value, image) = self.image(input, op.format);
        let value = if op.crop_to_aspect_ratio {
            self.smart_resize(path, value, image, op.size, op.interpolation)
        } else {
            self.resize(path, value, image, op.size, op.interpolation)
        };
        self.as_flow(value, [op.size[0], op.size[1], image[2]], op.format)
    }

    /// Cuts out the middle part of the target's proportions, then resizes it, with Keras' rounding.
    pub(super) fn smart_resize(
        &mut self,
        path: &str,
        value: ValueId,
        image: [usize; 3],
        size: [usize; 2],
        interpolation: Interpolation,
    ) -> ValueId {
        let [height, width, _] = image;
        let rows = proportion(width, size[0], size[1]).clamp(1, height);
        let columns = proportion(height, size[1], size[0]).clamp(1, width);
        let corner = [(height - rows) / 2, (width - columns) / 2];
        let (value, image) = self.crop(path, value, image, corner, [rows, columns]);
        self.resize(path, value, image, size, interpolation)
    }

    pub(super) fn center_crop(&mut self, path: &str, op: &CenterCrop, input: &Flow) -> Flow {
        let (value, image) = self.image(input, op.format);
        let [height, width, channels] = image;
        let [rows, columns] = op.size;
        let value = if height >= rows && width >= columns {
            self.crop(path, value, image, [(height - rows) / 2, (width - columns) / 2], op.size).0
        } else {
            self.smart_resize(path, value, image, op.size, Interpolation::Bilinear)
        };
        self.as_flow(value, [rows, columns, channels], op.format)
    }
}

/// `length · numerator / denominator`, rounded down; the product may not fit 32 bits.
fn proportion(length: usize, numerator: usize, denominator: usize) -> usize {
    let whole = length as u64 * numerator as u64 / denominator.max(1) as u64;
    usize::try_from(whole).unwrap_or(usize::MAX)
}

fn pool_kind(pooled: Pooled) -> PoolKind {
    match pooled {
        Pooled::Max => PoolKind::Max,
        Pooled::Average => PoolKind::Average,
    }
}
