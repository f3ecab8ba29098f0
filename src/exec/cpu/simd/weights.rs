//! The parameters of a plan in the order in which the kernels read them.

use std::collections::BTreeMap;

use pulp::{Arch, Simd, WithSimd};

use super::product::panel_columns;
use super::winograd;
use crate::exec::{ExecError, ParamSource, Progress, Stage, Watch, read_param, report};
use crate::plan::{Conv, Kernel, ParamId, Plan};

/// The order of a parameter's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// As the plan says.
    Plain,
    /// `[panel, window row, window column, input channel, panel column]` for each group: output channels side by side,
    /// as many as a tile has, zeros where there are no more.
    Panels,
    /// The same for every place of the transformed window.
    Winograd,
}

impl Layout {
    /// The layout of the kernel of `conv`, and so the way in which it is computed.
    pub fn of(conv: &Conv) -> Layout {
        if is_depthwise(conv) {
            Layout::Plain
        } else if winograd::suits(conv) {
            Layout::Winograd
        } else {
            Layout::Panels
        }
    }
}

/// Whether every output channel reads the input channel of the same number, and no other.
fn is_depthwise(conv: &Conv) -> bool {
    conv.groups == conv.input[3] && conv.groups == conv.output[3] && conv.groups > 1
}

/// All parameters, each once per layout that it is read in.
pub struct Weights {
    tensors: BTreeMap<(ParamId, Layout), Vec<f32>>,
}

impl Weights {
    /// Reads and packs what `plan` needs, one tensor in memory at a time; `watch` is asked before each.
    ///
    /// # Errors
    /// [`ExecError`] for a parameter that can't be read, and a `watch` that says stop.
    pub fn read(
        plan: &Plan,
        source: &mut dyn ParamSource,
        watch: &mut Watch<'_>,
    ) -> Result<Weights, ExecError> {
        let mut tensors = BTreeMap::new();
        for (id, layout, conv) in plan.steps.iter().flat_map(|step| needs(&step.kernel)) {
            if tensors.contains_key(&(id, layout)) {
                continue;
            }
            let (done, total, name) = (tensors.len(), plan.params.len(), &plan.params[id].name);
            report(watch, Progress { stage: Stage::Upload, done: done.min(total), total, name })?;
            let numbers = read_param(plan, id, source)?;
            tensors.insert((id, layout), packed(numbers, layout, conv));
        }
        Ok(Weights { tensors })
    }

    /// The numbers of a parameter that [`Weights::read`] has read in that layout.
    pub fn get(&self, id: ParamId, layout: Layout) -> &[f32] {
        self.tensors.get(&(id, layout)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The parameters of a kernel, and how it reads them.
fn needs(kernel: &Kernel) -> Vec<(ParamId, Layout, Option<&Conv>)> {
    let plain = |id: &ParamId| (*id, Layout::Plain, None);
    match kernel {
        Kernel::Conv(conv) => vec![(conv.kernel, Layout::of(conv), Some(conv)), plain(&conv.bias)],
        Kernel::Map(map) => {
            map.affine.iter().flat_map(|(scale, offset)| [plain(scale), plain(offset)]).collect()
        }
        Kernel::Constant(id) => vec![plain(id)],
        Kernel::Pool(_) | Kernel::Combine(_) | Kernel::Softmax(_) | Kernel::Copy(_) | Kernel::Resize(_) => {
            vec![]
        }
    }
}

fn packed(numbers: Vec<f32>, layout: Layout, conv: Option<&Conv>) -> Vec<f32> {
    match (layout, conv) {
        (Layout::Plain, _) | (_, None) => numbers,
        (Layout::Panels, Some(conv)) => {
            let writes = conv.output[3] / conv.groups;
            let groups = (0..conv.groups).map(|group| group * writes..(group + 1) * writes);
            let columns = Arch::new().dispatch(PanelColumns);
            let rows = (numbers.len() / conv.output[3].max(1)).max(1);
            let mut panels = Vec::with_capacity(conv.groups * panels_len(rows, writes, columns));
            groups.for_each(|group| pack(&numbers, conv.output[3], group, columns, &mut panels));
            panels
        }
        (Layout::Winograd, Some(conv)) => winograd::pack(conv, &numbers, Arch::new().dispatch(PanelColumns)),
    }
}

/// [`panel_columns`] of this processor.
struct PanelColumns;

impl WithSimd for PanelColumns {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        panel_columns::<S>()
    }
}

/// Elements of the panels for a matrix of `rows × columns`.
pub fn panels_len(rows: usize, columns: usize, panel_columns: usize) -> usize {
    rows * columns.next_multiple_of(panel_columns)
}

/// Appends the panels of some columns of a matrix that has `stride` of them.
pub fn pack(
    matrix: &[f32],
    stride: usize,
    columns: std::ops::Range<usize>,
    panel_columns: usize,
    panels: &mut Vec<f32>,
) {
    for first in columns.clone().step_by(panel_columns) {
        let count = panel_columns.min(columns.end - first);
        for row in matrix.chunks_exact(stride) {
            panels.extend_from_slice(&row[first..first + count]);
            panels.resize(panels.len() + panel_columns - count, 0.0);
        }
    }
}
