//! One function per kind of layer.

use super::geometry::{broadcast, four, strides};
use super::{Flow, Lowering};
use crate::ops::activation::{Activation, Function};
use crate::ops::batch_normalization::BatchNormalization;
use crate::ops::conv2d::Conv2D;
use crate::ops::depthwise_conv2d::DepthwiseConv2D;
use crate::ops::image::{CenterCrop, Interpolation, Resizing};
use crate::ops::merge::Merge;
use crate::ops::padding::Edges;
use crate::ops::pooling::{GlobalPooling2D, Pooled, Pooling2D};
use crate::ops::preprocessing::{Normalization, Rescaling};
use crate::ops::window::Window;
use crate::ops::{DataFormat, Op, Shape, ShapeError, axis_of};
use crate::plan::unroll::LeafId;
use crate::plan::{
    Combine, CombineKind, Conv, Copy, CopyBox, Kernel, Map, Norm, ParamId, PlanError, Pool, PoolKind, Recipe,
    Resize, Sampling, Softmax, Strided, ValueId,
};

/// Keras' Normalization never divides by less.
const SMALLEST_DEVIATION: f64 = 1e-7;

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
                let (value, [height, width, _]) = self.image(first, edges.format);
                let kept = [height - edges.top - edges.bottom, width - edges.left - edges.right];
                let (value, image) =
                    self.crop(&path, value, first, edges.format, [edges.top, edges.left], kept);
                Ok(self.as_flow(value, image, edges.format))
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

    fn as_flow(&self, value: ValueId, [height, width, channels]: [usize; 3], format: DataFormat) -> Flow {
        match format {
            DataFormat::ChannelsLast => Flow { value, shape: vec![height, width, channels], turned: false },
            DataFormat::ChannelsFirst => Flow { value, shape: vec![channels, height, width], turned: true },
        }
    }

    fn conv2d(&mut self, leaf: LeafId, conv: &Conv2D, input: &Flow, shape: Shape) -> Result<Flow, PlanError> {
        let channels = channels_of(conv.window.format, &input.shape);
        let [rows, columns] = conv.window.size;
        let kernel =
            self.stored(leaf, "kernel", vec![rows, columns, channels / conv.groups, conv.filters])?;
        let bias = self.bias(leaf, conv.use_bias, conv.filters)?;
        self.convolve(leaf, &conv.window, input, shape, (kernel, bias, conv.groups, conv.activation))
    }

    /// A depthwise kernel `[rows, columns, channels, multiplier]` has the memory order of a grouped one.
    fn depthwise(
        &mut self,
        leaf: LeafId,
        conv: &DepthwiseConv2D,
        input: &Flow,
        shape: Shape,
    ) -> Result<Flow, PlanError> {
        let channels = channels_of(conv.window.format, &input.shape);
        let [rows, columns] = conv.window.size;
        let filters = channels * conv.multiplier;
        let kernel = self.stored(leaf, "depthwise_kernel", vec![rows, columns, 1, filters])?;
        let bias = self.bias(leaf, conv.use_bias, filters)?;
        self.convolve(leaf, &conv.window, input, shape, (kernel, bias, channels, conv.activation))
    }

    fn convolve(
        &mut self,
        leaf: LeafId,
        window: &Window,
        input: &Flow,
        shape: Shape,
        (kernel, bias, groups, function): (ParamId, ParamId, usize, Function),
    ) -> Result<Flow, PlanError> {
        let path = self.path(leaf);
        let wrong = |error: ShapeError| PlanError::Shape { layer: path.clone(), reason: error.0 };
        let (value, [height, width, channels]) = self.image(input, window.format);
        let ([out_height, out_width], mut padding) = window.fit([height, width]).map_err(wrong)?;
        let filters = channels_of(window.format, &shape);
        let (mut source, mut size) = (value, [height, width]);
        if let Some((inner, edges)) = self.padded.get(&value) {
            source = *inner;
            size = [height - edges.top - edges.bottom, width - edges.left - edges.right];
            padding = [padding[0] + edges.top, padding[1] + edges.left];
        }
        let batch = self.plan.batch;
        let kernel = Kernel::Conv(Conv {
            input: [batch, size[0], size[1], channels],
            output: [batch, out_height, out_width, filters],
            window: window.size,
            strides: window.strides,
            dilation: window.dilation,
            padding,
            groups,
            kernel,
            bias,
            residual: false,
            activation: Activation::Linear,
        });
        let image = [out_height, out_width, filters];
        let value = self.step(&path, kernel, vec![source], &image);
        let flow = self.as_flow(value, image, window.format);
        self.apply(&path, function, flow).map_err(wrong)
    }

    /// A matrix product over the last axis, as a 1×1 convolution of rows.
    fn dense(
        &mut self,
        leaf: LeafId,
        value: ValueId,
        inputs: usize,
        units: usize,
        use_bias: bool,
        shape: &[usize],
    ) -> Result<ValueId, PlanError> {
        let rows = self.plan.batch * shape.iter().product::<usize>() / units.max(1);
        let kernel = self.stored(leaf, "kernel", vec![1, 1, inputs, units])?;
        let bias = self.bias(leaf, use_bias, units)?;
        let conv = Conv {
            input: [rows, 1, 1, inputs],
            output: [rows, 1, 1, units],
            window: [1, 1],
            strides: [1, 1],
            dilation: [1, 1],
            padding: [0, 0],
            groups: 1,
            kernel,
            bias,
            residual: false,
            activation: Activation::Linear,
        };
        let path = self.path(leaf);
        Ok(self.step(&path, Kernel::Conv(conv), vec![value], shape))
    }

    fn stored(&mut self, leaf: LeafId, name: &str, shape: Vec<usize>) -> Result<ParamId, PlanError> {
        let weight = self.weight(leaf, name)?;
        Ok(self.param(format!("{}/{name}", self.path(leaf)), shape, Recipe::Stored(weight)))
    }

    fn bias(&mut self, leaf: LeafId, there: bool, length: usize) -> Result<ParamId, PlanError> {
        if there {
            return self.stored(leaf, "bias", vec![length]);
        }
        Ok(self.param(
            format!("{}/no bias", self.path(leaf)),
            vec![length],
            Recipe::Values(vec![0.0; length]),
        ))
    }

    fn batch_normalization(
        &mut self,
        leaf: LeafId,
        op: &BatchNormalization,
        input: &Flow,
    ) -> Result<Flow, PlanError> {
        let path = self.path(leaf);
        let wrong = |error: ShapeError| PlanError::Shape { layer: path.clone(), reason: error.0 };
        let axis = op.axis_in(&input.shape).map_err(wrong)?;
        let (value, flow) = match (input.shape.len(), axis) {
            (rank, axis) if axis + 1 == rank => (self.plain(input), Flow { turned: false, ..input.clone() }),
            (3, 0) => {
                (self.image(input, DataFormat::ChannelsFirst).0, Flow { turned: true, ..input.clone() })
            }
            _ => {
                return Err(wrong(ShapeError(format!("normalizing over axis {} is not supported", op.axis))));
            }
        };
        let norm = Norm {
            gamma: op.scale.then(|| self.weight(leaf, "gamma")).transpose()?,
            beta: op.center.then(|| self.weight(leaf, "beta")).transpose()?,
            mean: self.weight(leaf, "moving_mean")?,
            variance: self.weight(leaf, "moving_variance")?,
            epsilon: op.epsilon,
            floor: 0.0,
        };
        let channels = input.shape[axis];
        let value = self.normalize(&path, value, &memory_shape(&flow), channels, norm);
        Ok(Flow { value, ..flow })
    }

    fn normalize(
        &mut self,
        path: &str,
        value: ValueId,
        shape: &[usize],
        channels: usize,
        norm: Norm,
    ) -> ValueId {
        let scale = self.param(format!("{path}/scale"), vec![channels], Recipe::NormScale(norm.clone()));
        let offset = self.param(format!("{path}/offset"), vec![channels], Recipe::NormOffset(norm));
        self.map(path, value, shape, channels, Some((scale, offset)), Activation::Linear)
    }

    fn map(
        &mut self,
        path: &str,
        value: ValueId,
        shape: &[usize],
        channels: usize,
        affine: Option<(ParamId, ParamId)>,
        activation: Activation,
    ) -> ValueId {
        let elements = self.plan.batch * shape.iter().product::<usize>();
        self.step(path, Kernel::Map(Map { elements, channels, affine, activation }), vec![value], shape)
    }

    /// Applies an activation function to a result.
    fn apply(&mut self, path: &str, function: Function, flow: Flow) -> Result<Flow, ShapeError> {
        match function {
            Function::Elementwise(Activation::Linear) => Ok(flow),
            Function::Elementwise(activation) => {
                let shape = memory_shape(&flow);
                let value = self.map(path, flow.value, &shape, 1, None, activation);
                Ok(Flow { value, ..flow })
            }
            Function::Softmax { axis } => self.softmax(path, axis, flow),
        }
    }

    fn softmax(&mut self, path: &str, axis: i64, flow: Flow) -> Result<Flow, ShapeError> {
        let axis = axis_of(axis, &flow.shape)?;
        let rank = flow.shape.len();
        if rank > 3 {
            return Err(ShapeError("softmax over more than three axes is not supported".into()));
        }
        // Moving an axis to the end and back again is the same exchange.
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(axis, rank - 1);
        let moved: Shape = order.iter().map(|a| flow.shape[*a]).collect();
        let mut value = self.plain(&flow);
        if axis + 1 != rank {
            value = self.transpose(value, &flow.shape, &order);
        }
        let columns = moved[rank - 1];
        let rows = self.plan.batch * moved.iter().product::<usize>() / columns.max(1);
        value = self.step(path, Kernel::Softmax(Softmax { rows, columns }), vec![value], &moved);
        if axis + 1 != rank {
            value = self.transpose(value, &moved, &order);
        }
        Ok(Flow { value, shape: flow.shape, turned: false })
    }

    fn prelu(&mut self, leaf: LeafId, input: &Flow) -> Result<Flow, PlanError> {
        let path = self.path(leaf);
        let specs = self.shapes.weights[leaf].as_deref().unwrap_or_default();
        let slopes = specs.first().map(|spec| spec.shape.clone()).unwrap_or_default();
        if slopes.len() > 3 {
            return Err(PlanError::graph(&path, "PReLU over more than three axes is not supported"));
        }
        let alpha = self.stored(leaf, "alpha", slopes.clone())?;
        // The slopes have no batch axis, so they stand as a value of one image that is stretched over the batch.
        let constant = self.value(&slopes);
        self.plan.values[constant].shape[0] = 1;
        self.plan.steps.push(super::Step {
            layers: vec![path.clone()],
            kernel: Kernel::Constant(alpha),
            inputs: Vec::new(),
            output: constant,
        });
        let value = self.plain(input);
        let batch = self.plan.batch;
        let shape = four(batch, &input.shape);
        let kernel = Kernel::Combine(Combine {
            kind: CombineKind::Prelu,
            shape,
            strides: vec![strides(batch, &input.shape), broadcast(1, &slopes, &shape)],
            activation: Activation::Linear,
        });
        let value = self.step(&path, kernel, vec![value, constant], &input.shape);
        Ok(Flow { value, shape: input.shape.clone(), turned: false })
    }

    fn pooling(&mut self, path: &str, op: &Pooling2D, input: &Flow, shape: Shape) -> Flow {
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

    fn global_pooling(&mut self, path: &str, op: &GlobalPooling2D, input: &Flow, shape: Shape) -> Flow {
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

    fn zero_padding(&mut self, path: &str, edges: &Edges, input: &Flow, shape: Shape) -> Flow {
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
    fn crop(
        &mut self,
        path: &str,
        value: ValueId,
        input: &Flow,
        format: DataFormat,
        [top, left]: [usize; 2],
        [rows, columns]: [usize; 2],
    ) -> (ValueId, [usize; 3]) {
        let [height, width, channels] = image_of(format, &input.shape);
        self.crop_image(path, value, [height, width, channels], [top, left], [rows, columns])
    }

    fn crop_image(
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

    fn merge(&mut self, path: &str, merge: Merge, inputs: &[Flow], shape: Shape) -> Flow {
        if let [only] = inputs {
            return only.clone();
        }
        let turned = shape.len() == 3 && inputs.iter().all(|flow| flow.turned);
        let flow = Flow { value: 0, shape, turned };
        let memory = memory_shape(&flow);
        let batch = self.plan.batch;
        let target = four(batch, &memory);
        let (mut values, mut read) = (Vec::new(), Vec::new());
        for input in inputs {
            let (value, shape) = if turned {
                (input.value, memory_shape(input))
            } else {
                (self.plain(input), input.shape.clone())
            };
            values.push(value);
            read.push(broadcast(batch, &shape, &target));
        }
        let kind = match merge {
            Merge::Add => CombineKind::Add,
            Merge::Subtract => CombineKind::Subtract,
            Merge::Multiply => CombineKind::Multiply,
            Merge::Average => CombineKind::Average,
            Merge::Maximum => CombineKind::Maximum,
            Merge::Minimum => CombineKind::Minimum,
        };
        let kernel =
            Kernel::Combine(Combine { kind, shape: target, strides: read, activation: Activation::Linear });
        let value = self.step(path, kernel, values, &memory);
        Flow { value, ..flow }
    }

    fn concatenate(&mut self, path: &str, axis: usize, inputs: &[Flow], shape: Shape) -> Flow {
        let turned = shape.len() == 3 && inputs.iter().all(|flow| flow.turned);
        let flow = Flow { value: 0, shape, turned };
        let memory = memory_shape(&flow);
        let axis = if turned { [2, 0, 1][axis] } else { axis };
        let batch = self.plan.batch;
        let to = strides(batch, &memory);
        let step = to[4 - memory.len() + axis];
        let (mut values, mut boxes, mut done) = (Vec::new(), Vec::new(), 0);
        for input in inputs {
            let (value, part) = if turned {
                (input.value, memory_shape(input))
            } else {
                (self.plain(input), input.shape.clone())
            };
            values.push(value);
            boxes.push(CopyBox {
                size: four(batch, &part),
                from: Strided { offset: 0, strides: strides(batch, &part) },
                to: Strided { offset: done * step, strides: to },
            });
            done += part[axis];
        }
        let elements = batch * memory.iter().product::<usize>();
        let kernel = Kernel::Copy(Copy { elements, zero: false, boxes });
        let value = self.step(path, kernel, values, &memory);
        Flow { value, ..flow }
    }

    fn rescaling(&mut self, path: &str, op: &Rescaling, input: &Flow) -> Flow {
        let value = self.plain(input);
        let channels = op.scale.len().max(op.offset.len());
        let spread = |numbers: &[f64]| (0..channels).map(|i| numbers[i % numbers.len()] as f32).collect();
        let scale = self.param(format!("{path}/scale"), vec![channels], Recipe::Values(spread(&op.scale)));
        let offset = self.param(format!("{path}/offset"), vec![channels], Recipe::Values(spread(&op.offset)));
        let value = self.map(path, value, &input.shape, channels, Some((scale, offset)), Activation::Linear);
        Flow { value, shape: input.shape.clone(), turned: false }
    }

    fn normalization(&mut self, leaf: LeafId, op: &Normalization, input: &Flow) -> Result<Flow, PlanError> {
        let path = self.path(leaf);
        let length =
            op.length(&input.shape).map_err(|e| PlanError::Shape { layer: path.clone(), reason: e.0 })?;
        let value = self.plain(input);
        let value = match &op.given {
            None => {
                let (mean, variance) = (self.weight(leaf, "mean")?, self.weight(leaf, "variance")?);
                let norm =
                    Norm { gamma: None, beta: None, mean, variance, epsilon: 0.0, floor: SMALLEST_DEVIATION };
                self.normalize(&path, value, &input.shape, length, norm)
            }
            Some((mean, variance)) => {
                let scale = |i: usize| 1.0 / variance[i % variance.len()].sqrt().max(SMALLEST_DEVIATION);
                let scales = (0..length).map(|i| scale(i) as f32).collect();
                let offsets = (0..length).map(|i| (-mean[i % mean.len()] * scale(i)) as f32).collect();
                let scale = self.param(format!("{path}/scale"), vec![length], Recipe::Values(scales));
                let offset = self.param(format!("{path}/offset"), vec![length], Recipe::Values(offsets));
                self.map(&path, value, &input.shape, length, Some((scale, offset)), Activation::Linear)
            }
        };
        Ok(Flow { value, shape: input.shape.clone(), turned: false })
    }

    fn resize(
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

    fn resizing(&mut self, path: &str, op: &Resizing, input: &Flow) -> Flow {
        let (value, image) = self.image(input, op.format);
        let value = if op.crop_to_aspect_ratio {
            self.smart_resize(path, value, image, op.size, op.interpolation)
        } else {
            self.resize(path, value, image, op.size, op.interpolation)
        };
        self.as_flow(value, [op.size[0], op.size[1], image[2]], op.format)
    }

    /// Cuts out the middle part of the target's proportions, then resizes it, with Keras' rounding.
    fn smart_resize(
        &mut self,
        path: &str,
        value: ValueId,
        image: [usize; 3],
        size: [usize; 2],
        interpolation: Interpolation,
    ) -> ValueId {
        let [height, width, _] = image;
        let rows = (width * size[0] / size[1].max(1)).clamp(1, height);
        let columns = (height * size[1] / size[0].max(1)).clamp(1, width);
        let corner = [(height - rows) / 2, (width - columns) / 2];
        let (value, image) = self.crop_image(path, value, image, corner, [rows, columns]);
        self.resize(path, value, image, size, interpolation)
    }

    fn center_crop(&mut self, path: &str, op: &CenterCrop, input: &Flow) -> Flow {
        let (value, image) = self.image(input, op.format);
        let [height, width, channels] = image;
        let [rows, columns] = op.size;
        let value = if height >= rows && width >= columns {
            self.crop_image(path, value, image, [(height - rows) / 2, (width - columns) / 2], op.size).0
        } else {
            self.smart_resize(path, value, image, op.size, Interpolation::Bilinear)
        };
        self.as_flow(value, [rows, columns, channels], op.format)
    }
}

fn pool_kind(pooled: Pooled) -> PoolKind {
    match pooled {
        Pooled::Max => PoolKind::Max,
        Pooled::Average => PoolKind::Average,
    }
}

/// `[height, width, channels]` of an image's shape.
fn image_of(format: DataFormat, shape: &[usize]) -> [usize; 3] {
    match format {
        DataFormat::ChannelsLast => [shape[0], shape[1], shape[2]],
        DataFormat::ChannelsFirst => [shape[1], shape[2], shape[0]],
    }
}

fn channels_of(format: DataFormat, shape: &[usize]) -> usize {
    image_of(format, shape)[2]
}

/// The shape as it lies in memory.
fn memory_shape(flow: &Flow) -> Vec<usize> {
    match flow.turned {
        true => vec![flow.shape[1], flow.shape[2], flow.shape[0]],
        false => flow.shape.clone(),
    }
}
