//! Whether a plan is consistent in itself, so that no executor reads or writes outside a buffer.

use super::{ExecError, step_name};
use crate::plan::{Combine, Conv, Copy, CopyBox, Kernel, ParamId, Plan, Pool, Step, ValueId};

/// What a kernel touches: elements of each input, of the output, and of each parameter.
#[derive(Default)]
struct Extent {
    inputs: Vec<u64>,
    output: u64,
    params: Vec<(ParamId, u64)>,
}

/// Checks that every index of `plan` exists, every kernel stays inside its tensors and parameters,
/// and no step writes a buffer it reads.
///
/// # Errors
/// [`ExecError::Plan`] with the first contradiction.
pub fn check(plan: &Plan) -> Result<(), ExecError> {
    for port in plan.inputs.iter().chain(&plan.outputs) {
        value(plan, port.value).map_err(|reason| fault(&port.name, reason))?;
    }
    for step in &plan.steps {
        check_step(plan, step).map_err(|reason| fault(&step_name(step), reason))?;
    }
    Ok(())
}

fn fault(layer: &str, reason: String) -> ExecError {
    ExecError::Plan { layer: layer.to_owned(), reason }
}

fn check_step(plan: &Plan, step: &Step) -> Result<(), String> {
    let extent = extent(plan, &step.kernel)?;
    if extent.inputs.len() != step.inputs.len() {
        return Err(format!("{} inputs for a kernel of {}", step.inputs.len(), extent.inputs.len()));
    }
    let (output, output_buffer) = value(plan, step.output)?;
    at_most("output", extent.output, output)?;
    for (&id, &needed) in step.inputs.iter().zip(&extent.inputs) {
        let (length, buffer) = value(plan, id)?;
        at_most("input", needed, length)?;
        if buffer == output_buffer {
            return Err(format!("writes buffer {buffer}, which it reads"));
        }
    }
    for &(id, needed) in &extent.params {
        let shape = &plan.params.get(id).ok_or_else(|| format!("no parameter {id}"))?.shape;
        at_most("parameter", needed, product(shape))?;
    }
    Ok(())
}

/// Elements and buffer of a value that exists and fits its buffer.
fn value(plan: &Plan, id: ValueId) -> Result<(u64, usize), String> {
    let value = plan.values.get(id).ok_or_else(|| format!("no value {id}"))?;
    let length = plan.buffers.get(value.buffer).ok_or_else(|| format!("no buffer {}", value.buffer))?;
    let elements = product(&value.shape);
    at_most("buffer", elements, *length as u64)?;
    Ok((elements, value.buffer))
}

fn at_most(what: &str, needed: u64, there: u64) -> Result<(), String> {
    if needed <= there { Ok(()) } else { Err(format!("{what} of {there} elements, {needed} needed")) }
}

/// Product of the dimensions, saturating.
fn product(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |total, &size| total.saturating_mul(size as u64))
}

fn extent(plan: &Plan, kernel: &Kernel) -> Result<Extent, String> {
    match kernel {
        Kernel::Conv(conv) => conv_extent(conv),
        Kernel::Pool(pool) => pool_extent(pool),
        Kernel::Map(map) => {
            let affine = map.affine.map(|(scale, offset)| vec![scale, offset]).unwrap_or_default();
            let params = affine.into_iter().map(|id| (id, map.channels as u64)).collect();
            positive(&[map.channels])?;
            Ok(Extent { params, ..one_to_one(map.elements as u64) })
        }
        Kernel::Combine(combine) => combine_extent(combine),
        Kernel::Softmax(softmax) => Ok(one_to_one(product(&[softmax.rows, softmax.columns]))),
        Kernel::Copy(copy) => copy_extent(copy),
        Kernel::Resize(resize) => {
            positive(&resize.input)?;
            same(resize.input[0], resize.output[0])?;
            same(resize.input[3], resize.output[3])?;
            Ok(Extent {
                inputs: vec![product(&resize.input)],
                output: product(&resize.output),
                params: vec![],
            })
        }
        Kernel::Constant(id) => {
            let shape = &plan.params.get(*id).ok_or_else(|| format!("no parameter {id}"))?.shape;
            Ok(Extent { output: product(shape), ..Extent::default() })
        }
    }
}

fn one_to_one(elements: u64) -> Extent {
    Extent { inputs: vec![elements], output: elements, params: vec![] }
}

fn conv_extent(conv: &Conv) -> Result<Extent, String> {
    let [_, _, _, channels] = conv.input;
    let filters = conv.output[3];
    positive(&conv.window)?;
    positive(&conv.strides)?;
    positive(&conv.dilation)?;
    positive(&[conv.groups])?;
    same(conv.input[0], conv.output[0])?;
    if !channels.is_multiple_of(conv.groups) || !filters.is_multiple_of(conv.groups) {
        return Err(format!("{channels} channels and {filters} filters in {} groups", conv.groups));
    }
    let output = product(&conv.output);
    let inputs = std::iter::once(product(&conv.input)).chain(conv.residual.then_some(output)).collect();
    let kernel = product(&[conv.window[0], conv.window[1], channels / conv.groups, filters]);
    Ok(Extent { inputs, output, params: vec![(conv.kernel, kernel), (conv.bias, filters as u64)] })
}

fn pool_extent(pool: &Pool) -> Result<Extent, String> {
    positive(&pool.window)?;
    positive(&pool.strides)?;
    same(pool.input[0], pool.output[0])?;
    same(pool.input[3], pool.output[3])?;
    for axis in 0..2 {
        let reach = pool.output[axis + 1].saturating_sub(1) * pool.strides[axis];
        if pool.padding[axis] >= pool.window[axis] || reach >= pool.input[axis + 1] + pool.padding[axis] {
            return Err("a pooling window lies outside the input".to_owned());
        }
    }
    Ok(Extent { inputs: vec![product(&pool.input)], output: product(&pool.output), params: vec![] })
}

fn combine_extent(combine: &Combine) -> Result<Extent, String> {
    if combine.strides.len() < 2 {
        return Err(format!("{} tensors to combine", combine.strides.len()));
    }
    let inputs = combine.strides.iter().map(|strides| reach(&combine.shape, 0, strides)).collect();
    Ok(Extent { inputs, output: product(&combine.shape), params: vec![] })
}

fn copy_extent(copy: &Copy) -> Result<Extent, String> {
    let elements = copy.elements as u64;
    for CopyBox { size, to, .. } in &copy.boxes {
        at_most("output", reach(size, to.offset, &to.strides), elements)?;
    }
    let inputs = copy.boxes.iter().map(|b| reach(&b.size, b.from.offset, &b.from.strides)).collect();
    Ok(Extent { inputs, output: elements, params: vec![] })
}

/// One more than the largest index a strided view touches; 0 for an empty one.
fn reach(size: &[usize; 4], offset: usize, strides: &[usize; 4]) -> u64 {
    if size.contains(&0) {
        return 0;
    }
    let steps =
        size.iter().zip(strides).map(|(&size, &stride)| (size as u64 - 1).saturating_mul(stride as u64));
    steps.fold(offset as u64 + 1, u64::saturating_add)
}

fn positive(sizes: &[usize]) -> Result<(), String> {
    if sizes.contains(&0) { Err(format!("a size of zero in {sizes:?}")) } else { Ok(()) }
}

fn same(input: usize, output: usize) -> Result<(), String> {
    if input == output { Ok(()) } else { Err(format!("input dimension {input}, output dimension {output}")) }
}
