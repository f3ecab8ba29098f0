//! The fast executor: packed weights, sums in registers, the processor's widest vectors.
//!
//! A convolution reads its input where it lies, without a matrix of windows in between; bias, residual and activation are
//! applied before a sum leaves its register. [`Weights`](weights::Weights) chooses how each convolution is computed.

mod bend;
mod depthwise;
mod direct;
mod frame;
mod pointwise;
mod pool;
mod product;
mod weights;
mod winograd;

use pulp::Arch;

use self::direct::Direct;
use self::frame::Frame;
use self::weights::{Layout, Weights};
use self::winograd::Winograd;
use super::memory::Memory;
use super::reference;
use crate::exec::{
    ExecError, ParamSource, Progress, Stage, Watch, check, check_inputs, port_elements, report, step_name,
};
use crate::plan::{Conv, Kernel, Plan};

/// A model in memory, ready to run: its weights, and every buffer that a run needs.
pub struct Network {
    plan: Plan,
    weights: Weights,
    memory: Memory,
    scratch: Vec<f32>,
}

impl Network {
    /// Reads and packs the parameters of `plan` as `source` gives them, one in memory at a time; `watch` is asked before each.
    ///
    /// # Errors
    /// [`ExecError`] for an inconsistent plan, a parameter that can't be read, and a `watch` that says stop.
    pub fn load(
        plan: &Plan,
        source: &mut dyn ParamSource,
        watch: &mut Watch<'_>,
    ) -> Result<Network, ExecError> {
        check(plan)?;
        let weights = Weights::read(plan, source, watch)?;
        let scratch = plan.steps.iter().map(|step| scratch_len(&step.kernel)).max().unwrap_or_default();
        Ok(Network { plan: plan.clone(), weights, memory: Memory::new(plan), scratch: vec![0.0; scratch] })
    }

    /// Runs the model on one slice per input; gives one vector per output. `watch` is asked before every step.
    ///
    /// # Errors
    /// [`ExecError`] for inputs of the wrong number or length, and a `watch` that says stop.
    pub fn run(&mut self, inputs: &[&[f32]], watch: &mut Watch<'_>) -> Result<Vec<Vec<f32>>, ExecError> {
        let Network { plan, weights, memory, scratch } = self;
        let ports = plan.inputs.iter().map(|port| (port.name.as_str(), port_elements(plan, port)));
        check_inputs(ports, inputs)?;
        memory.fill(plan, inputs);
        for (done, step) in plan.steps.iter().enumerate() {
            let name = step_name(step);
            report(watch, Progress { stage: Stage::Run, done, total: plan.steps.len(), name: &name })?;
            memory.with(plan, step, |inputs, output| run(&step.kernel, weights, inputs, scratch, output));
        }
        Ok(memory.copies(plan, &plan.outputs))
    }
}

fn run(kernel: &Kernel, weights: &Weights, inputs: &[&[f32]], scratch: &mut [f32], output: &mut [f32]) {
    match kernel {
        Kernel::Conv(conv) => convolve(conv, weights, inputs, scratch, output),
        Kernel::Pool(pool) => pool::run(pool, inputs[0], output),
        Kernel::Map(map) => {
            let plain = |id| weights.get(id, Layout::Plain);
            let affine = map.affine.map(|(scale, offset)| [plain(scale), plain(offset)]);
            pointwise::map(map, inputs[0], affine, output);
        }
        Kernel::Combine(combine) => pointwise::combine(combine, inputs, output),
        Kernel::Softmax(softmax) => reference::softmax::run(softmax, inputs[0], output),
        Kernel::Copy(copy) => reference::copy::run(copy, inputs, output),
        Kernel::Resize(resize) => reference::resize::run(resize, inputs[0], output),
        Kernel::Constant(id) => {
            let numbers = weights.get(*id, Layout::Plain);
            output[..numbers.len()].copy_from_slice(numbers);
        }
    }
}

/// What a convolution reads of one image.
fn frame(conv: &Conv) -> Frame {
    match Layout::of(conv) {
        Layout::Plain | Layout::Panels => Frame::of(conv, [conv.output[1], conv.output[2]]),
        Layout::Winograd => winograd::frame(conv),
    }
}

/// Elements of scratch memory that a kernel needs.
fn scratch_len(kernel: &Kernel) -> usize {
    match kernel {
        Kernel::Conv(conv) => {
            let beside = match Layout::of(conv) {
                Layout::Plain => 0,
                Layout::Panels => direct::scratch_len(conv),
                Layout::Winograd => winograd::scratch_len(conv),
            };
            frame(conv).copied() + beside
        }
        Kernel::Pool(_)
        | Kernel::Map(_)
        | Kernel::Combine(_)
        | Kernel::Softmax(_)
        | Kernel::Copy(_)
        | Kernel::Resize(_)
        | Kernel::Constant(_) => 0,
    }
}

fn convolve(conv: &Conv, weights: &Weights, inputs: &[&[f32]], scratch: &mut [f32], output: &mut [f32]) {
    let layout = Layout::of(conv);
    let (kernel, bias) = (weights.get(conv.kernel, layout), weights.get(conv.bias, Layout::Plain));
    let frame = frame(conv);
    let [read, written] = [conv.input, conv.output].map(|shape| shape[1..].iter().product::<usize>());
    for image in 0..conv.output[0] {
        let (copy, scratch) = scratch.split_at_mut(frame.copied());
        let numbers = frame.numbers(&inputs[0][image * read..][..read], copy);
        let residual = conv.residual.then(|| &inputs[1][image * written..][..written]);
        let output = &mut output[image * written..][..written];
        match layout {
            Layout::Plain => depthwise::run(conv, &frame, numbers, [kernel, bias], residual, output),
            Layout::Panels => {
                Arch::new().dispatch(Direct { conv, frame, numbers, kernel, bias, residual, scratch, output })
            }
            Layout::Winograd => Arch::new().dispatch(Winograd {
                conv,
                frame,
                numbers,
                kernel,
                bias,
                residual,
                scratch,
                output,
            }),
        }
    }
}
