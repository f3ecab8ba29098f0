//! Pooling.

use super::{Case, noise, oracle, single};
use resnet_verifier::plan::{Kernel, Pool, PoolKind};

/// Name, input, output rows and columns, window, strides, padding above and left.
type Row = (&'static str, [usize; 4], [usize; 2], [usize; 2], [usize; 2], [usize; 2]);

const TABLE: &[Row] = &[
    ("2×2", [1, 4, 6, 4], [2, 3], [2, 2], [2, 2], [0, 0]),
    ("2×2, odd input", [2, 5, 7, 3], [2, 3], [2, 2], [2, 2], [0, 0]),
    ("3×3 stride 2, zeros all round", [1, 11, 9, 64], [6, 5], [3, 3], [2, 2], [1, 1]),
    ("3×3 stride 1, same", [2, 5, 4, 5], [5, 4], [3, 3], [1, 1], [1, 1]),
    ("2×2 same, odd input", [1, 5, 5, 1], [3, 3], [2, 2], [2, 2], [0, 0]),
    ("1×3, stride 3", [1, 3, 10, 8], [3, 3], [1, 3], [1, 3], [0, 0]),
    ("strides beyond the window", [1, 7, 7, 4], [3, 3], [1, 1], [3, 3], [0, 0]),
    ("global", [2, 7, 7, 64], [1, 1], [7, 7], [7, 7], [0, 0]),
    ("global, large", [1, 60, 50, 3], [1, 1], [60, 50], [60, 50], [0, 0]),
];

pub fn cases() -> Vec<Case> {
    let kinds = [PoolKind::Max, PoolKind::Average];
    let rows = TABLE.iter().flat_map(|row| kinds.map(|kind| case(row, kind)));
    rows.collect()
}

fn case(&(name, input, [rows, columns], window, strides, padding): &Row, kind: PoolKind) -> Case {
    let output = [input[0], rows, columns, input[3]];
    let pool = Pool { kind, input, output, window, strides, padding };
    // All negative: a maximum that counted the padding as zero would show.
    let numbers: Vec<f32> = noise(input.iter().product(), 5).iter().map(|x| x - 1.5).collect();
    let expected = oracle::pool(&pool, &numbers);
    let name = format!("{kind:?} pooling, {name}");
    single(&name, Kernel::Pool(pool), vec![(input.to_vec(), numbers)], &output, expected)
}
