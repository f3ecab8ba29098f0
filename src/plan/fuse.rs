//! Steps that can be one: BatchNormalization goes into the convolution before it, and so do the residual
//! addition and the activation behind it.

use super::{
    Activation, Combine, CombineKind, Conv, Kernel, Map, Param, ParamId, Plan, Recipe, Step, ValueId,
};

/// Fuses what can be fused and drops what nothing reads. `root` tells which values share a buffer.
pub(super) fn fuse(plan: &mut Plan, root: &[ValueId]) {
    let mut fusing = Fusing::new(plan, root);
    for index in 0..fusing.steps.len() {
        fusing.visit(index);
    }
    let steps = fusing.steps;
    plan.steps = steps.into_iter().flatten().collect();
    drop_unread_steps(plan, root);
    drop_unread_params(plan);
}

struct Fusing<'p> {
    params: &'p mut Vec<Param>,
    steps: Vec<Option<Step>>,
    /// Per value, the step that makes it.
    maker: Vec<Option<usize>>,
    /// Per value, how often it is read, returned or looked at under another shape.
    uses: Vec<usize>,
}

impl<'p> Fusing<'p> {
    fn new(plan: &'p mut Plan, root: &[ValueId]) -> Fusing<'p> {
        let mut uses = vec![0; plan.values.len()];
        let read = plan
            .steps
            .iter()
            .flat_map(|step| &step.inputs)
            .chain(plan.outputs.iter().map(|port| &port.value));
        read.for_each(|value| uses[*value] += 1);
        for (value, root) in root.iter().enumerate().filter(|(value, root)| value != *root) {
            uses[*root] += 1;
            uses[value] += 1;
        }
        let mut maker = vec![None; plan.values.len()];
        plan.steps.iter().enumerate().for_each(|(index, step)| maker[step.output] = Some(index));
        let steps = std::mem::take(&mut plan.steps).into_iter().map(Some).collect();
        Fusing { params: &mut plan.params, steps, maker, uses }
    }

    /// Moves an earlier step into the place of this one, where the two can be one.
    fn visit(&mut self, index: usize) {
        let Some(step) = self.steps[index].take() else { return };
        let fused = match &step.kernel {
            Kernel::Map(Map { affine: Some(affine), activation: Activation::Linear, .. }) => {
                self.fold_normalization(&step, *affine)
            }
            Kernel::Map(Map { affine: None, activation, .. }) => self.fuse_activation(&step, *activation),
            Kernel::Combine(combine) => self.fuse_residual(&step, combine),
            Kernel::Map(_)
            | Kernel::Conv(_)
            | Kernel::Pool(_)
            | Kernel::Softmax(_)
            | Kernel::Copy(_)
            | Kernel::Resize(_)
            | Kernel::Constant(_) => None,
        };
        let step = fused.unwrap_or(step);
        self.maker[step.output] = Some(index);
        self.steps[index] = Some(step);
    }

    /// Takes out the step that makes a value nothing else reads.
    fn take_maker(&mut self, value: ValueId, fits: impl Fn(&Kernel) -> bool) -> Option<Step> {
        let maker = self.maker[value].filter(|_| self.uses[value] == 1)?;
        if !self.steps[maker].as_ref().is_some_and(|step| fits(&step.kernel)) {
            return None;
        }
        self.steps[maker].take()
    }

    fn fold_normalization(&mut self, step: &Step, (scale, _): (ParamId, ParamId)) -> Option<Step> {
        let Recipe::NormScale(norm) = self.params[scale].recipe.clone() else { return None };
        let params = &*self.params;
        let foldable = |kernel: &Kernel| match kernel {
            Kernel::Conv(conv) => {
                let plain_bias = matches!(params[conv.bias].recipe, Recipe::Stored(_) | Recipe::Zeros);
                is_open(conv) && plain_bias && matches!(params[conv.kernel].recipe, Recipe::Kernel(_))
            }
            _ => false,
        };
        let maker = self.maker[step.inputs[0]].filter(|_| self.uses[step.inputs[0]] == 1)?;
        if !self.steps[maker].as_ref().is_some_and(|made| foldable(&made.kernel)) {
            return None;
        }
        let mut conv_step = self.steps[maker].take()?;
        if let Kernel::Conv(conv) = &mut conv_step.kernel {
            let Recipe::Kernel(kernel) = self.params[conv.kernel].recipe else { return None };
            let bias = match self.params[conv.bias].recipe {
                Recipe::Stored(weight) => Some(weight),
                _ => None,
            };
            let name = step.layers.join("+");
            conv.kernel =
                self.add_param(conv.kernel, &name, Recipe::ScaledKernel { kernel, norm: norm.clone() });
            conv.bias = self.add_param(conv.bias, &name, Recipe::ShiftedBias { bias, norm });
        }
        Some(join(conv_step, step))
    }

    fn add_param(&mut self, from: ParamId, folded: &str, recipe: Recipe) -> ParamId {
        let Param { name, shape, .. } = self.params[from].clone();
        self.params.push(Param { name: format!("{name}+{folded}"), shape, recipe });
        self.params.len() - 1
    }

    fn fuse_activation(&mut self, step: &Step, activation: Activation) -> Option<Step> {
        let mut made = self.take_maker(step.inputs[0], |kernel| match kernel {
            Kernel::Conv(Conv { activation, .. })
            | Kernel::Map(Map { activation, .. })
            | Kernel::Combine(Combine { activation, .. }) => *activation == Activation::Linear,
            Kernel::Pool(_)
            | Kernel::Softmax(_)
            | Kernel::Copy(_)
            | Kernel::Resize(_)
            | Kernel::Constant(_) => false,
        })?;
        if let Kernel::Conv(Conv { activation: slot, .. })
        | Kernel::Map(Map { activation: slot, .. })
        | Kernel::Combine(Combine { activation: slot, .. }) = &mut made.kernel
        {
            *slot = activation;
        }
        Some(join(made, step))
    }

    /// An addition of two tensors of one shape becomes part of the convolution that makes one of them.
    fn fuse_residual(&mut self, step: &Step, combine: &Combine) -> Option<Step> {
        let same_shape = combine.strides.len() == 2 && combine.strides[0] == combine.strides[1];
        let stretched =
            combine.strides.first()?.iter().zip(combine.shape).any(|(stride, size)| *stride == 0 && size > 1);
        let both_the_same = step.inputs.first() == step.inputs.get(1);
        if combine.kind != CombineKind::Add || !same_shape || stretched || both_the_same {
            return None;
        }
        // The later of the two is more likely the main path; the shortcut then waits in its buffer.
        let mut sides = [(step.inputs[1], step.inputs[0]), (step.inputs[0], step.inputs[1])];
        sides.sort_by_key(|(main, _)| std::cmp::Reverse(self.maker[*main]));
        for (main, other) in sides {
            let taken = self.take_maker(main, |kernel| matches!(kernel, Kernel::Conv(conv) if is_open(conv)));
            if let Some(mut made) = taken {
                made.inputs.push(other);
                if let Kernel::Conv(conv) = &mut made.kernel {
                    conv.residual = true;
                    conv.activation = combine.activation;
                }
                return Some(join(made, step));
            }
        }
        None
    }
}

/// Whether something can still be added behind the convolution.
fn is_open(conv: &Conv) -> bool {
    conv.activation == Activation::Linear && !conv.residual
}

/// The earlier step, giving what the later one gave.
fn join(mut earlier: Step, later: &Step) -> Step {
    earlier.layers.extend(later.layers.iter().cloned());
    earlier.output = later.output;
    earlier
}

fn drop_unread_steps(plan: &mut Plan, root: &[ValueId]) {
    let mut read = vec![false; plan.values.len()];
    plan.outputs.iter().for_each(|port| read[root[port.value]] = true);
    let mut kept = Vec::new();
    for step in std::mem::take(&mut plan.steps).into_iter().rev() {
        if read[root[step.output]] {
            step.inputs.iter().for_each(|input| read[root[*input]] = true);
            kept.push(step);
        }
    }
    kept.reverse();
    plan.steps = kept;
}

fn drop_unread_params(plan: &mut Plan) {
    let mut new_id = vec![None; plan.params.len()];
    let mut kept = Vec::new();
    for step in &mut plan.steps {
        for id in params_of(&mut step.kernel) {
            let next = *new_id[*id].get_or_insert_with(|| {
                kept.push(plan.params[*id].clone());
                kept.len() - 1
            });
            *id = next;
        }
    }
    plan.params = kept;
}

fn params_of(kernel: &mut Kernel) -> Vec<&mut ParamId> {
    match kernel {
        Kernel::Conv(conv) => vec![&mut conv.kernel, &mut conv.bias],
        Kernel::Map(Map { affine: Some((scale, offset)), .. }) => vec![scale, offset],
        Kernel::Constant(param) => vec![param],
        Kernel::Map(_)
        | Kernel::Pool(_)
        | Kernel::Combine(_)
        | Kernel::Softmax(_)
        | Kernel::Copy(_)
        | Kernel::Resize(_) => Vec::new(),
    }
}
