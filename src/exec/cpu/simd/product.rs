//! The inner loop of all dense arithmetic: rows of numbers times panels of weights, summed in registers.

use pulp::Simd;

use super::bend::Bend;

/// Rows of a tile, and vectors of output channels in it. Eight sums, the weights, a factor and a product in between are what
/// V8 keeps in sixteen registers; there, 2 × 4 took 0.97 of the time of 4 × 2, and every larger tile more than 1.4 times it.
/// Longer vectors would make panels of 2 × 4 wider than many layers.
pub const ROWS: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };
/// See [`ROWS`].
pub const VECTORS: usize = 8 / ROWS;

/// The sums of a tile.
type Sums<S> = [[<S as Simd>::f32s; VECTORS]; ROWS];

/// Where the elements of a row lie: `rows × columns` runs of `length` neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    /// Rows of runs.
    pub rows: usize,
    /// Elements from one row of runs to the next.
    pub row_step: usize,
    /// Runs in a row.
    pub columns: usize,
    /// Elements from one run to the next.
    pub column_step: usize,
    /// Elements of a run.
    pub length: usize,
}

impl Runs {
    /// A row whose elements are neighbours.
    pub fn one(length: usize) -> Runs {
        Runs { rows: 1, row_step: 0, columns: 1, column_step: 0, length }
    }

    /// Elements of a row.
    pub fn elements(&self) -> usize {
        self.rows * self.columns * self.length
    }
}

/// The rows of a matrix, as places in a tensor: none of them is copied.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The tensor.
    pub numbers: &'a [f32],
    /// Where each row begins.
    pub starts: &'a [usize],
    /// Where its elements are from there.
    pub runs: Runs,
}

/// What becomes of the sums.
pub struct Target<'a> {
    /// Where they go, row after row.
    pub output: &'a mut [f32],
    /// Elements from one row to the next.
    pub stride: usize,
    /// The columns that are written.
    pub columns: std::ops::Range<usize>,
    /// Added to every row: one number per column of a whole row.
    pub bias: Option<&'a [f32]>,
    /// Added, too: laid out as `output`.
    pub residual: Option<&'a [f32]>,
    /// Applied last.
    pub bend: Bend,
}

/// Columns that a panel has on this processor.
pub fn panel_columns<S: Simd>() -> usize {
    VECTORS * S::F32_LANES
}

impl Rows<'_> {
    /// Copies the rows into tiles of [`ROWS`], `[tile, element, row]`, so that the inner loop reads straight on; where the
    /// last tile has fewer, its last row stands in it several times.
    #[inline(always)]
    fn pack(&self, tiles: &mut [f32]) {
        let Runs { rows, row_step, columns, column_step, length } = self.runs;
        let tile_len = self.runs.elements() * ROWS;
        for (starts, tile) in self.starts.chunks(ROWS).zip(tiles.chunks_exact_mut(tile_len)) {
            let starts: [usize; ROWS] = std::array::from_fn(|row| starts[row.min(starts.len() - 1)]);
            let offsets =
                (0..rows * columns).map(|run| run / columns * row_step + run % columns * column_step);
            for (offset, run) in offsets.zip(tile.chunks_exact_mut(length * ROWS)) {
                let sources = starts.map(|start| &self.numbers[start + offset..][..length]);
                let (places, _) = run.as_chunks_mut::<ROWS>();
                for (index, place) in places.iter_mut().enumerate().take(length) {
                    *place = sources.map(|source| source[index]);
                }
            }
        }
    }
}

/// Elements of scratch memory that [`multiply`] needs for so many rows.
pub fn tiles_len(rows: usize, elements: usize) -> usize {
    rows.next_multiple_of(ROWS) * elements
}

/// Multiplies `rows` with `panels`, each `[elements of a row, panel_columns]`, as many as the target's columns need.
/// `scratch` has at least [`tiles_len`] elements.
#[inline(always)]
pub fn multiply<S: Simd>(
    simd: S,
    rows: &Rows<'_>,
    panels: &[f32],
    scratch: &mut [f32],
    target: &mut Target<'_>,
) {
    let elements = rows.runs.elements();
    let tiles = &mut scratch[..tiles_len(rows.starts.len(), elements)];
    rows.pack(tiles);
    let (panels, _) = S::as_simd_f32s(panels);
    for (panel, first) in target.columns.clone().step_by(panel_columns::<S>()).enumerate() {
        let panel = &panels[panel * elements * VECTORS..][..elements * VECTORS];
        for first_row in (0..rows.starts.len()).step_by(ROWS) {
            let sums = sum(simd, &tiles[first_row * elements..][..ROWS * elements], panel);
            for (row, sums) in (first_row..rows.starts.len()).zip(&sums) {
                target.store(simd, row, first, sums);
            }
        }
    }
}

/// The sums of a tile with one panel.
// In WebAssembly there is one kind of vector, and a function of its own is compiled with its loads where they are used.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn sum<S: Simd>(simd: S, tile: &[f32], panel: &[S::f32s]) -> Sums<S> {
    let (factors, _) = tile.as_chunks::<ROWS>();
    let (weights, _) = panel.as_chunks::<VECTORS>();
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (factors, weights) in factors.iter().zip(weights) {
        add(simd, *factors, weights, &mut sums);
    }
    sums
}

/// Adds one element of every row times its weights.
#[inline(always)]
fn add<S: Simd>(simd: S, factors: [f32; ROWS], weights: &[S::f32s; VECTORS], sums: &mut Sums<S>) {
    for (sums, factor) in sums.iter_mut().zip(factors) {
        let factor = simd.splat_f32s(factor);
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            *sum = simd.mul_add_e_f32s(factor, weight, *sum);
        }
    }
}

impl Target<'_> {
    /// Writes the sums of one row of a tile, of which `first` is the first column.
    #[inline(always)]
    fn store<S: Simd>(&mut self, simd: S, row: usize, first: usize, sums: &[S::f32s; VECTORS]) {
        let count = panel_columns::<S>().min(self.columns.end - first);
        let at = row * self.stride + first;
        let bias = self.bias.map(|bias| &bias[first..][..count]);
        let residual = self.residual.map(|residual| &residual[at..][..count]);
        finish(simd, sums, [bias, residual], self.bend, &mut self.output[at..][..count]);
    }
}

/// Adds the addends to the sums, bends them, and writes as many as `output` takes.
#[inline(always)]
pub fn finish<S: Simd, const N: usize>(
    simd: S,
    sums: &[S::f32s; N],
    addends: [Option<&[f32]>; 2],
    bend: Bend,
    output: &mut [f32],
) {
    if let Some(vectors) = S::as_mut_simd_f32s(output).0.first_chunk_mut::<N>() {
        for (index, (vector, &sum)) in vectors.iter_mut().zip(sums).enumerate() {
            let add = |sum, addend: Option<&[f32]>| match addend {
                Some(numbers) => simd.add_f32s(sum, S::as_simd_f32s(numbers).0[index]),
                None => sum,
            };
            *vector = bend.vector(simd, addends.into_iter().fold(sum, add));
        }
        return bend.curve(output);
    }
    output.copy_from_slice(&bytemuck::cast_slice(sums)[..output.len()]);
    for addend in addends.into_iter().flatten() {
        output.iter_mut().zip(addend).for_each(|(out, addend)| *out += addend);
    }
    bend.all(output);
}
