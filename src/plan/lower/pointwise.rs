//! Layers that treat every element by itself, and softmax.

use super::geometry::{broadcast, four, strides};
use super::{Flow, Lowering};
use crate::graph::LeafId;
use crate::ops::activation::{Activation, Function};
use crate::ops::batch_normalization::BatchNormalization;
use crate::ops::preprocessing::{Normalization, Rescaling};
use crate::ops::{DataFormat, Shape, ShapeError, axis_of};
use crate::plan::{
    Combine, CombineKind, Kernel, Map, Norm, ParamId, PlanError, Recipe, Softmax, Step, ValueId,
};

/// Keras' Normalization never divides by less.
const SMALLEST_DEVIATION: f64 = 1e-7;

impl Lowering<'_> {
    pub(super) fn stored(
        &mut self,
        leaf: LeafId,
        name: &str,
        shape: Vec<usize>,
    ) -> Result<ParamId, PlanError> {
        let weight = self.weight(leaf, name)?;
        Ok(self.param(format!("{}/{name}", self.path(leaf)), shape, Recipe::Stored(weight)))
    }

    pub(super) fn batch_normalization(
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
        let value = self.normalize(&path, value, &flow.memory_shape(), channels, norm);
        Ok(Flow { value, ..flow })
    }

    pub(super) fn normalize(
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

    pub(super) fn map(
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
    pub(super) fn apply(&mut self, path: &str, function: Function, flow: Flow) -> Result<Flow, ShapeError> {
        match function {
            Function::Elementwise(Activation::Linear) => Ok(flow),
            Function::Elementwise(activation) => {
                let shape = flow.memory_shape();
                let value = self.map(path, flow.value, &shape, 1, None, activation);
                Ok(Flow { value, ..flow })
            }
            Function::Softmax { axis, log } => self.softmax(path, axis, log, flow),
        }
    }

    pub(super) fn softmax(
        &mut self,
        path: &str,
        axis: i64,
        log: bool,
        flow: Flow,
    ) -> Result<Flow, ShapeError> {
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
        value = self.step(path, Kernel::Softmax(Softmax { rows, columns, log }), vec![value], &moved);
        if axis + 1 != rank {
            value = self.transpose(value, &moved, &order);
        }
        Ok(Flow { value, shape: flow.shape, turned: false })
    }

    pub(super) fn prelu(&mut self, leaf: LeafId, input: &Flow) -> Result<Flow, PlanError> {
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
        self.plan.steps.push(Step {
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

    pub(super) fn rescaling(&mut self, path: &str, op: &Rescaling, input: &Flow) -> Flow {
        let value = self.plain(input);
        let channels = op.scale.len().max(op.offset.len());
        let spread = |numbers: &[f64]| (0..channels).map(|i| numbers[i % numbers.len()] as f32).collect();
        let scale = self.param(format!("{path}/scale"), vec![channels], Recipe::Values(spread(&op.scale)));
        let offset = self.param(format!("{path}/offset"), vec![channels], Recipe::Values(spread(&op.offset)));
        let value = self.map(path, value, &input.shape, channels, Some((scale, offset)), Activation::Linear);
        Flow { value, shape: input.shape.clone(), turned: false }
    }

    pub(super) fn normalization(
        &mut self,
        leaf: LeafId,
        op: &Normalization,
        input: &Flow,
    ) -> Result<Flow, PlanError> {
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
                // One mean for all channels stays one number, however many channels there are.
                let length = mean.len().max(variance.len());
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
}
