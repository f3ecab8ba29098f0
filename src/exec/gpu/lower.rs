//! One step of a plan as launches of shaders.

use bytemuck::Pod;

use super::super::ExecError;
use super::record::{Bound, Pipeline};
use super::shader::{Shader, WORKGROUP};
use super::tiling::{Tile, Tiling};
use super::uniforms;
use crate::plan::{
    Activation, BufferId, Combine, CombineKind, Conv, Copy, CopyBox, Kernel, Map, ParamId, Plan, Pool,
    PoolKind, Resize, Sampling, Softmax, Step, Strided,
};

/// A launch before it has a place in a recording.
pub struct Launch {
    /// The shader and its constants.
    pub pipeline: Pipeline,
    /// Bytes of the shader's uniform struct.
    pub uniforms: Vec<u8>,
    /// What it reads.
    pub reads: Vec<Bound>,
    /// The activation buffer it writes.
    pub write: BufferId,
    /// Invocations needed; 0 for nothing to do.
    pub invocations: u64,
}

/// The largest count a shader can index: its 32-bit invocation index also counts the idle rest of the last row.
const MOST: u64 = 1 << 31;

/// The launches of `step`, which [`check`](super::super::check) has found consistent; `name` is for errors.
///
/// # Errors
/// [`ExecError::TooLarge`] where a count exceeds the shaders' 32-bit indices.
pub fn lower(plan: &Plan, step: &Step, tiling: &Tiling, name: &str) -> Result<Vec<Launch>, ExecError> {
    let buffer = |value: usize| plan.values[value].buffer;
    let lowering = Lowering {
        name,
        reads: step.inputs.iter().map(|&value| Bound::Activation(buffer(value))).collect(),
        write: buffer(step.output),
    };
    match &step.kernel {
        Kernel::Conv(conv) => Ok(vec![lowering.conv(conv, tiling.tile(conv))?]),
        Kernel::Pool(pool) => Ok(vec![lowering.pool(pool)?]),
        Kernel::Map(map) => Ok(vec![lowering.map(map)?]),
        Kernel::Combine(combine) => lowering.combine(combine),
        Kernel::Softmax(softmax) => Ok(vec![lowering.softmax(softmax)?]),
        Kernel::Copy(copy) => lowering.copy(copy),
        Kernel::Resize(resize) => Ok(vec![lowering.resize(resize)?]),
        Kernel::Constant(id) => Ok(vec![lowering.constant(*id, plan.params[*id].shape.iter().product())?]),
    }
}

/// What the launches of one step have in common.
struct Lowering<'a> {
    name: &'a str,
    reads: Vec<Bound>,
    write: BufferId,
}

impl Lowering<'_> {
    fn launch(
        &self,
        shader: Shader,
        overrides: Vec<(&'static str, u32)>,
        uniforms: impl Pod,
        reads: Vec<Bound>,
        invocations: u64,
    ) -> Result<Launch, ExecError> {
        if invocations >= MOST {
            return Err(self.too_large(invocations));
        }
        let uniforms = bytemuck::bytes_of(&uniforms).to_vec();
        Ok(Launch {
            pipeline: Pipeline { shader, overrides },
            uniforms,
            reads,
            write: self.write,
            invocations,
        })
    }

    fn too_large(&self, needed: u64) -> ExecError {
        let name = self.name.to_owned();
        ExecError::TooLarge { name, limit: "32-bit index", unit: "elements", needed, offered: MOST - 1 }
    }

    /// A size or step as a shader has it.
    fn small(&self, size: usize) -> Result<u32, ExecError> {
        u32::try_from(size).map_err(|_| self.too_large(size as u64))
    }

    fn all<const N: usize>(&self, sizes: &[usize; N]) -> Result<[u32; N], ExecError> {
        let mut small = [0; N];
        for (small, &size) in small.iter_mut().zip(sizes) {
            *small = self.small(size)?;
        }
        Ok(small)
    }

    fn conv(&self, conv: &Conv, tile: Tile) -> Result<Launch, ExecError> {
        let input = self.reads[0];
        // Where nothing is added, any buffer that is not written will do.
        let residual = if conv.residual { self.reads[1] } else { input };
        let params = [Bound::Param(conv.kernel), Bound::Param(conv.bias), residual];
        let mut overrides =
            vec![("ACTIVATION", activation(conv.activation).0), ("RESIDUAL", u32::from(conv.residual))];
        let uniforms = self.conv_uniforms(conv)?;
        if !Tiling::applies(conv) {
            let reads = [&[input], &params[..]].concat();
            return self.launch(Shader::ConvGrouped, overrides, uniforms, reads, count(&conv.output));
        }
        overrides.push(("VECTORS", u32::from(conv.input[3].is_multiple_of(4))));
        overrides.push(("PADDED", u32::from(reads_outside(conv))));
        overrides.extend_from_slice(tile.overrides());
        if tile.shader() == Shader::Conv2dShared {
            overrides.extend(self.window_overrides(conv)?);
        }
        let reads = [&[input, input], &params[..]].concat();
        self.launch(tile.shader(), overrides, uniforms, reads, tile.invocations(conv))
    }

    /// What makes the divisions of `conv2d_shared.wgsl` divisions by constants; all 1×1 windows share a pipeline.
    fn window_overrides(&self, conv: &Conv) -> Result<Vec<(&'static str, u32)>, ExecError> {
        if conv.window == [1, 1] {
            return Ok(vec![("POINT", 1)]);
        }
        let depth = conv.input[3] / if conv.input[3].is_multiple_of(4) { 4 } else { 1 };
        Ok(vec![("DEPTH", self.small(depth)?), ("COLUMNS", self.small(conv.window[1])?)])
    }

    fn conv_uniforms(&self, conv: &Conv) -> Result<uniforms::Conv, ExecError> {
        Ok(uniforms::Conv {
            input: self.all(&conv.input)?,
            output: self.all(&conv.output)?,
            window: self.all(&conv.window)?,
            strides: self.all(&conv.strides)?,
            dilation: self.all(&conv.dilation)?,
            padding: self.all(&conv.padding)?,
            group: self.all(&[conv.input[3] / conv.groups, conv.output[3] / conv.groups])?,
            unused: [0; 2],
            activation: activation(conv.activation).1,
        })
    }

    fn pool(&self, pool: &Pool) -> Result<Launch, ExecError> {
        let uniforms = uniforms::Pool {
            input: self.all(&pool.input)?,
            output: self.all(&pool.output)?,
            window: self.all(&pool.window)?,
            strides: self.all(&pool.strides)?,
            padding: self.all(&pool.padding)?,
            unused: [0; 2],
        };
        let overrides = vec![("AVERAGE", u32::from(pool.kind == PoolKind::Average))];
        self.launch(Shader::Pool, overrides, uniforms, self.reads.clone(), count(&pool.output))
    }

    fn map(&self, map: &Map) -> Result<Launch, ExecError> {
        let (kind, numbers) = activation(map.activation);
        let uniforms = uniforms::Map {
            activation: numbers,
            elements: self.small(map.elements)?,
            channels: self.small(map.channels)?,
            unused: [0; 2],
        };
        let input = self.reads[0];
        let affine =
            map.affine.map_or([input, input], |(scale, offset)| [Bound::Param(scale), Bound::Param(offset)]);
        let overrides = vec![("ACTIVATION", kind), ("AFFINE", u32::from(map.affine.is_some()))];
        self.launch(Shader::Map, overrides, uniforms, vec![input, affine[0], affine[1]], map.elements as u64)
    }

    /// The first two tensors, then one launch for each further tensor, which joins it to the output so far.
    fn combine(&self, combine: &Combine) -> Result<Vec<Launch>, ExecError> {
        (1..self.reads.len()).map(|index| self.combine_one(combine, index)).collect()
    }

    fn combine_one(&self, combine: &Combine, index: usize) -> Result<Launch, ExecError> {
        let last = index + 1 == self.reads.len();
        let (kind, numbers) = activation(if last { combine.activation } else { Activation::Linear });
        let average = last && combine.kind == CombineKind::Average;
        let uniforms = uniforms::Combine {
            shape: self.all(&combine.shape)?,
            first: self.all(&combine.strides[0])?,
            second: self.all(&combine.strides[index])?,
            activation: numbers,
            factor: if average { 1.0 / self.reads.len() as f32 } else { 1.0 },
            unused: 0.0,
            unused_too: [0.0; 2],
        };
        let overrides = vec![
            ("ACTIVATION", kind),
            ("KIND", combine_kind(combine.kind)),
            ("ONWARD", u32::from(index > 1)),
        ];
        let reads = vec![self.reads[0], self.reads[index]];
        self.launch(Shader::Combine, overrides, uniforms, reads, count(&combine.shape))
    }

    fn softmax(&self, softmax: &Softmax) -> Result<Launch, ExecError> {
        let uniforms = uniforms::Softmax {
            rows: self.small(softmax.rows)?,
            columns: self.small(softmax.columns)?,
            log: u32::from(softmax.log),
            unused: 0,
        };
        self.launch(Shader::Softmax, vec![], uniforms, self.reads.clone(), softmax.rows as u64 * WORKGROUP)
    }

    fn copy(&self, copy: &Copy) -> Result<Vec<Launch>, ExecError> {
        let fill = copy.zero.then(|| {
            let uniforms = uniforms::Fill { elements: self.small(copy.elements)? };
            self.launch(Shader::Fill, vec![], uniforms, vec![], copy.elements as u64)
        });
        let boxes = copy.boxes.iter().zip(&self.reads).map(|(part, &read)| self.copy_box(part, read));
        fill.into_iter().chain(boxes).collect()
    }

    fn copy_box(&self, part: &CopyBox, read: Bound) -> Result<Launch, ExecError> {
        let uniforms = uniforms::Copy {
            size: self.all(&part.size)?,
            from_strides: self.all(&part.from.strides)?,
            to_strides: self.all(&part.to.strides)?,
            from_offset: self.small(part.from.offset)?,
            to_offset: self.small(part.to.offset)?,
            unused: [0; 2],
        };
        self.launch(Shader::Copy, vec![], uniforms, vec![read], count(&part.size))
    }

    fn constant(&self, id: ParamId, elements: usize) -> Result<Launch, ExecError> {
        let whole = || Strided { offset: 0, strides: [0, 0, 0, 1] };
        self.copy_box(&CopyBox { size: [1, 1, 1, elements], from: whole(), to: whole() }, Bound::Param(id))
    }

    fn resize(&self, resize: &Resize) -> Result<Launch, ExecError> {
        for axis in 1..3 {
            // The shader forms `(2 · out + 1) · in` in 32 bits.
            let largest = (2 * resize.output[axis] as u64 + 1) * resize.input[axis] as u64;
            if largest >= MOST {
                return Err(self.too_large(largest));
            }
        }
        let uniforms =
            uniforms::Resize { input: self.all(&resize.input)?, output: self.all(&resize.output)? };
        let overrides = vec![("BILINEAR", u32::from(resize.sampling == Sampling::Bilinear))];
        self.launch(Shader::Resize, overrides, uniforms, self.reads.clone(), count(&resize.output))
    }
}

fn count(shape: &[usize; 4]) -> u64 {
    shape.iter().fold(1, |total, &size| total.saturating_mul(size as u64))
}

/// Whether any kernel element of any output falls outside the input.
fn reads_outside(conv: &Conv) -> bool {
    (0..2).any(|axis| {
        let last_output = conv.output[axis + 1].saturating_sub(1) * conv.strides[axis];
        let last = last_output + (conv.window[axis] - 1) * conv.dilation[axis];
        conv.padding[axis] > 0 || last >= conv.input[axis + 1]
    })
}

/// `KIND` of `combine.wgsl`.
fn combine_kind(kind: CombineKind) -> u32 {
    match kind {
        CombineKind::Add | CombineKind::Average => 0,
        CombineKind::Subtract => 1,
        CombineKind::Multiply => 2,
        CombineKind::Maximum => 3,
        CombineKind::Minimum => 4,
        CombineKind::Prelu => 5,
    }
}

/// `ACTIVATION` of `activation.wgsl`, and the numbers of the activation.
fn activation(activation: Activation) -> (u32, [f32; 4]) {
    match activation {
        Activation::Linear => (0, [0.0; 4]),
        // WGSL may assume that there are no infinities.
        Activation::Relu { slope, max_value, threshold } => {
            (1, [slope, max_value.min(f32::MAX), threshold, 0.0])
        }
        Activation::Elu { alpha } => (2, [alpha, 1.0, 0.0, 0.0]),
        Activation::Selu => (2, [1.673_263_2, 1.050_701, 0.0, 0.0]),
        Activation::Sigmoid => (3, [0.0; 4]),
        Activation::HardSigmoid { slope, offset } => (4, [slope, offset, 0.0, 0.0]),
        Activation::Tanh => (5, [0.0; 4]),
        Activation::Softplus => (6, [0.0; 4]),
        Activation::Softsign => (7, [0.0; 4]),
        Activation::Exponential => (8, [0.0; 4]),
        Activation::Swish => (9, [0.0; 4]),
        Activation::HardSwish => (10, [0.0; 4]),
        Activation::Gelu => (11, [0.0; 4]),
        Activation::GeluTanh => (12, [0.0; 4]),
        Activation::Mish => (13, [0.0; 4]),
    }
}
