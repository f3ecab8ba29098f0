//! Which values share a buffer: two that are never alive together may.

use super::{BufferId, Plan, ValueId};

/// Gives every value a buffer. `root` tells which values are the same elements under another shape.
pub(super) fn place(plan: &mut Plan, root: &[ValueId]) {
    let last_use = last_uses(plan, root);
    let mut places: Vec<Option<BufferId>> = vec![None; plan.values.len()];
    let mut free: Vec<BufferId> = Vec::new();
    plan.buffers.clear();
    let entering: Vec<ValueId> = plan.inputs.iter().map(|port| root[port.value]).collect();
    for value in entering {
        if places[value].is_none() {
            places[value] = Some(take(plan, &mut free, value));
        }
    }
    for index in 0..plan.steps.len() {
        let output = root[plan.steps[index].output];
        if places[output].is_none() {
            places[output] = Some(take(plan, &mut free, output));
        }
        // Only after the output has its place, so that no step writes over what it reads.
        let mut ended: Vec<ValueId> = plan.steps[index].inputs.iter().map(|input| root[*input]).collect();
        ended.push(output);
        ended.sort_unstable();
        ended.dedup();
        free.extend(
            ended
                .into_iter()
                .filter(|value| last_use[*value] == Some(index))
                .filter_map(|value| places[value]),
        );
    }
    for (value, root) in root.iter().enumerate() {
        plan.values[value].buffer = places[*root].unwrap_or(0);
    }
}

/// Per value, the last step that reads it; `None` for those that the caller gets, which stay.
fn last_uses(plan: &Plan, root: &[ValueId]) -> Vec<Option<usize>> {
    let mut last = vec![None; plan.values.len()];
    for (index, step) in plan.steps.iter().enumerate() {
        last[root[step.output]] = Some(index);
        step.inputs.iter().for_each(|input| last[root[*input]] = Some(index));
    }
    // Results stay, and so do inputs: the caller fills them once per run.
    plan.outputs.iter().chain(&plan.inputs).for_each(|port| last[root[port.value]] = None);
    last
}

/// The free buffer that fits best, or a new one.
fn take(plan: &mut Plan, free: &mut Vec<BufferId>, value: ValueId) -> BufferId {
    let wanted: usize = plan.values[value].shape.iter().product();
    let fitting =
        (0..free.len()).filter(|i| plan.buffers[free[*i]] >= wanted).min_by_key(|i| plan.buffers[free[*i]]);
    let largest = (0..free.len()).max_by_key(|i| plan.buffers[free[*i]]);
    match fitting.or(largest) {
        Some(index) => {
            let buffer = free.swap_remove(index);
            plan.buffers[buffer] = plan.buffers[buffer].max(wanted);
            buffer
        }
        None => {
            plan.buffers.push(wanted);
            plan.buffers.len() - 1
        }
    }
}
