//! Convolutions and matrix products.

use super::{Flow, Lowering};
use crate::graph::LeafId;
use crate::ops::activation::{Activation, Function};
use crate::ops::conv2d::{Conv2D, KernelOrder};
use crate::ops::depthwise_conv2d::DepthwiseConv2D;
use crate::ops::window::Window;
use crate::ops::{DataFormat, Shape, ShapeError};
use crate::plan::{Conv, Kernel, ParamId, PlanError, Recipe, StoredKernel, ValueId};

impl Lowering<'_> {
    pub(super) fn conv2d(
        &mut self,
        leaf: LeafId,
        conv: &Conv2D,
        input: &Flow,
        shape: Shape,
    ) -> Result<Flow, PlanError> {
        let channels = channels_of(conv.window.format, &input.shape);
        let [rows, columns] = conv.window.size;
        let shape_of_kernel = vec![rows, columns, channels / conv.groups, conv.filters];
        let order = (conv.kernel_order, conv.turned);
        let kernel = self.kernel(leaf, "kernel", shape_of_kernel, order)?;
        let bias = self.bias(leaf, conv.use_bias, conv.filters)?;
        self.convolve(leaf, &conv.window, input, shape, (kernel, bias, conv.groups, conv.activation))
    }

    /// A depthwise kernel `[rows, columns, channels, multiplier]` has the memory order of a grouped one.
    pub(super) fn depthwise(
        &mut self,
        leaf: LeafId,
        conv: &DepthwiseConv2D,
        input: &Flow,
        shape: Shape,
    ) -> Result<Flow, PlanError> {
        let channels = channels_of(conv.window.format, &input.shape);
        let [rows, columns] = conv.window.size;
        let filters = channels * conv.multiplier;
        let kernel = self.kernel(
            leaf,
            "depthwise_kernel",
            vec![rows, columns, 1, filters],
            (KernelOrder::Hwio, false),
        )?;
        let bias = self.bias(leaf, conv.use_bias, filters)?;
        self.convolve(leaf, &conv.window, input, shape, (kernel, bias, channels, conv.activation))
    }

    pub(super) fn convolve(
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
    pub(super) fn dense(
        &mut self,
        leaf: LeafId,
        value: ValueId,
        inputs: usize,
        units: usize,
        use_bias: bool,
        shape: &[usize],
    ) -> Result<ValueId, PlanError> {
        let rows = self.plan.batch * shape.iter().product::<usize>() / units.max(1);
        let kernel = self.kernel(leaf, "kernel", vec![1, 1, inputs, units], (KernelOrder::Hwio, false))?;
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

    pub(super) fn kernel(
        &mut self,
        leaf: LeafId,
        name: &str,
        shape: Vec<usize>,
        (order, turned): (KernelOrder, bool),
    ) -> Result<ParamId, PlanError> {
        let weight = self.weight(leaf, name)?;
        let recipe = Recipe::Kernel(StoredKernel { weight, order, turned });
        Ok(self.param(format!("{}/{name}", self.path(leaf)), shape, recipe))
    }

    pub(super) fn bias(&mut self, leaf: LeafId, there: bool, length: usize) -> Result<ParamId, PlanError> {
        if there {
            return self.stored(leaf, "bias", vec![length]);
        }
        Ok(self.param(format!("{}/no bias", self.path(leaf)), vec![length], Recipe::Zeros))
    }
}

fn channels_of(format: DataFormat, shape: &[usize]) -> usize {
    match format {
        DataFormat::ChannelsLast => shape[2],
        DataFormat::ChannelsFirst => shape[0],
    }
}
