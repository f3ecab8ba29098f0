//! Every kind of layer, handed to the function that lowers it.

use super::{Flow, Lowering};
use crate::graph::LeafId;
use crate::ops::{DataFormat, Op, Shape, ShapeError};
use crate::plan::{PlanError, ValueId};

impl Lowering<'_> {
    pub(super) fn layer(
        &mut self,
        leaf: LeafId,
        op: &Op,
        inputs: &[Flow],
        shape: Shape,
    ) -> Result<Flow, PlanError> {
        let path = self.path(leaf);
        let wrong = |error: ShapeError| PlanError::Shape { layer: path.clone(), reason: error.0 };
        let Some(first) = inputs.first() else {
            return Err(PlanError::graph(&path, "the layer is called on nothing"));
        };
        match op {
            Op::Conv2D(conv) => self.conv2d(leaf, conv, first, shape),
            Op::DepthwiseConv2D(conv) => self.depthwise(leaf, conv, first, shape),
            Op::Dense(dense) => {
                let columns = first.shape[first.shape.len() - 1];
                let value = self.plain(first);
                let value = self.dense(leaf, value, columns, dense.units, dense.use_bias, &shape)?;
                self.apply(&path, dense.activation, Flow { value, shape, turned: false }).map_err(wrong)
            }
            Op::BatchNormalization(norm) => self.batch_normalization(leaf, norm, first),
            Op::Activation(function) => self.apply(&path, *function, first.clone()).map_err(wrong),
            Op::Prelu(_) => self.prelu(leaf, first),
            Op::Pooling2D(pooling) => Ok(self.pooling(&path, pooling, first, shape)),
            Op::GlobalPooling2D(pooling) => Ok(self.global_pooling(&path, pooling, first, shape)),
            Op::ZeroPadding2D(edges) => Ok(self.zero_padding(&path, edges, first, shape)),
            Op::Cropping2D(edges) => {
                let (value, image) = self.image(first, edges.format);
                let [height, width, _] = image;
                let kept = [height - edges.top - edges.bottom, width - edges.left - edges.right];
                let (value, image) = self.crop(&path, value, image, [edges.top, edges.left], kept);
                Ok(self.as_flow(value, image, edges.format))
            }
            Op::Merge(_) if inputs.len() < 2 => {
                Err(wrong(ShapeError("it joins one tensor with something that is no tensor".into())))
            }
            Op::Merge(merge) => Ok(self.merge(&path, *merge, inputs, shape)),
            Op::Concatenate(concatenate) => {
                let axis = concatenate.axis_in(&shape).map_err(wrong)?;
                Ok(self.concatenate(&path, axis, inputs, shape))
            }
            Op::Flatten(flatten) => {
                let is_image = flatten.format == DataFormat::ChannelsFirst && first.shape.len() == 3;
                let value = if is_image { self.image(first, flatten.format).0 } else { self.plain(first) };
                Ok(Flow { value: self.alias(value, &shape), shape, turned: false })
            }
            Op::Reshape(_) => {
                let value = self.plain(first);
                Ok(Flow { value: self.alias(value, &shape), shape, turned: false })
            }
            Op::Permute(permute) => {
                if permute.order.len() > 3 {
                    return Err(wrong(ShapeError("Permute of more than three axes is not supported".into())));
                }
                let value = self.plain(first);
                let value = self.transpose(value, &first.shape, &permute.order);
                Ok(Flow { value, shape, turned: false })
            }
            Op::Rescaling(rescaling) => Ok(self.rescaling(&path, rescaling, first)),
            Op::Normalization(norm) => self.normalization(leaf, norm, first),
            Op::Resizing(resizing) => Ok(self.resizing(&path, resizing, first)),
            Op::UpSampling2D(up) => {
                let (value, [height, width, channels]) = self.image(first, up.format);
                let size = [height * up.factors[0], width * up.factors[1]];
                let value = self.resize(&path, value, [height, width, channels], size, up.interpolation);
                Ok(self.as_flow(value, [size[0], size[1], channels], up.format))
            }
            Op::CenterCrop(crop) => Ok(self.center_crop(&path, crop, first)),
            Op::Identity => Ok(first.clone()),
            Op::Input(_) | Op::Nested => Err(PlanError::graph(&path, "the layer can't be called")),
        }
    }

    pub(super) fn as_flow(
        &self,
        value: ValueId,
        [height, width, channels]: [usize; 3],
        format: DataFormat,
    ) -> Flow {
        match format {
            DataFormat::ChannelsLast => Flow { value, shape: vec![height, width, channels], turned: false },
            DataFormat::ChannelsFirst => Flow { value, shape: vec![channels, height, width], turned: true },
        }
    }
}
