//! The activation buffers of a plan.

use crate::plan::{Plan, Port, Step, ValueId};

/// One vector per buffer of a plan.
pub struct Memory {
    buffers: Vec<Vec<f32>>,
}

impl Memory {
    /// Buffers of the lengths that `plan` asks for, all zero.
    pub fn new(plan: &Plan) -> Memory {
        Memory { buffers: plan.buffers.iter().map(|&length| vec![0.0; length]).collect() }
    }

    /// Copies what the caller supplies to where `plan` wants it; the lengths have been checked.
    pub fn fill(&mut self, plan: &Plan, inputs: &[&[f32]]) {
        for (port, numbers) in plan.inputs.iter().zip(inputs) {
            self.buffers[plan.values[port.value].buffer][..numbers.len()].copy_from_slice(numbers);
        }
    }

    /// Calls `kernel` with the tensors that `step` reads and the one that it writes.
    pub fn with<T>(
        &mut self,
        plan: &Plan,
        step: &Step,
        kernel: impl FnOnce(&[&[f32]], &mut [f32]) -> T,
    ) -> T {
        let place = plan.values[step.output].buffer;
        // The output buffer is taken out while the others are read: no step reads what it writes.
        let mut buffer = std::mem::take(&mut self.buffers[place]);
        let inputs: Vec<&[f32]> = step.inputs.iter().map(|&id| self.of(plan, id)).collect();
        let done = kernel(&inputs, &mut buffer[..elements(plan, step.output)]);
        self.buffers[place] = buffer;
        done
    }

    /// Copies of the tensors behind `ports`.
    pub fn copies(&self, plan: &Plan, ports: &[Port]) -> Vec<Vec<f32>> {
        ports.iter().map(|port| self.of(plan, port.value).to_vec()).collect()
    }

    fn of(&self, plan: &Plan, id: ValueId) -> &[f32] {
        &self.buffers[plan.values[id].buffer][..elements(plan, id)]
    }
}

fn elements(plan: &Plan, id: ValueId) -> usize {
    plan.values[id].shape.iter().product()
}
