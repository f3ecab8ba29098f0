//! Layers that join several tensors.

use super::geometry::{broadcast, four, strides};
use super::{Flow, Lowering};
use crate::ops::Shape;
use crate::ops::activation::Activation;
use crate::ops::merge::Merge;
use crate::plan::{Combine, CombineKind, Copy, CopyBox, Kernel, Strided};

impl Lowering<'_> {
    pub(super) fn merge(&mut self, path: &str, merge: Merge, inputs: &[Flow], shape: Shape) -> Flow {
        let turned = shape.len() == 3 && inputs.iter().all(|flow| flow.turned);
        let flow = Flow { value: 0, shape, turned };
        let memory = flow.memory_shape();
        let batch = self.plan.batch;
        let target = four(batch, &memory);
        let (mut values, mut read) = (Vec::new(), Vec::new());
        for input in inputs {
            let (value, shape) = if turned {
                (input.value, input.memory_shape())
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

    pub(super) fn concatenate(&mut self, path: &str, axis: usize, inputs: &[Flow], shape: Shape) -> Flow {
        let turned = shape.len() == 3 && inputs.iter().all(|flow| flow.turned);
        let flow = Flow { value: 0, shape, turned };
        let memory = flow.memory_shape();
        let axis = if turned { [2, 0, 1][axis] } else { axis };
        let batch = self.plan.batch;
        let to = strides(batch, &memory);
        let step = to[4 - memory.len() + axis];
        let (mut values, mut boxes, mut done) = (Vec::new(), Vec::new(), 0);
        for input in inputs {
            let (value, part) = if turned {
                (input.value, input.memory_shape())
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
}
