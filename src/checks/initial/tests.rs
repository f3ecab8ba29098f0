use super::*;

/// Random numbers, uniform from 0 to 1, of a linear congruential generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From a whole bell of deviation 1 (Box and Muller).
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }

    fn truncated(&mut self) -> f64 {
        loop {
            let x = self.normal();
            if x.abs() <= 2.0 {
                return x;
            }
        }
    }
}

const GLOROT_UNIFORM: Initializer = Initializer::Scaled {
    scale: 1.0,
    fan: crate::keras::initializer::Fan::Average,
    shape: crate::keras::initializer::Shape::Uniform,
};
const HE_NORMAL: Initializer = Initializer::Scaled {
    scale: 2.0,
    fan: crate::keras::initializer::Fan::In,
    shape: crate::keras::initializer::Shape::Truncated,
};

const SHAPES: &[&[u64]] =
    &[&[3, 3, 4, 4], &[1, 1, 16, 8], &[7, 7, 3, 64], &[64, 10], &[3, 3, 64, 64], &[2048, 10]];

fn fans(axes: &[u64]) -> (f64, f64) {
    let [window @ .., inputs, outputs] = axes else { unreachable!("a kernel") };
    let window = window.iter().product::<u64>();
    ((window * inputs) as f64, (window * outputs) as f64)
}

/// Of 50 kernels of each shape, how many look as `initializer` made them.
fn matched(initializer: Initializer, mut one: impl FnMut(&mut Random, f64, f64) -> f64) -> usize {
    let mut random = Random(7);
    let mut look = |axes: &&[u64]| {
        let (inputs, outputs) = fans(axes);
        let count = axes.iter().product::<u64>();
        let numbers: Vec<f32> = (0..count).map(|_| one(&mut random, inputs, outputs) as f32).collect();
        compare(initializer, axes, Dtype::F32, &Stats::of(&numbers)).is_some()
    };
    (0..50).flat_map(|_| SHAPES).filter(|axes| look(axes)).count()
}

#[test]
fn what_an_initializer_made_is_recognised() {
    let all = 50 * SHAPES.len();
    let glorot = |r: &mut Random, i: f64, o: f64| (2.0 * r.next() - 1.0) * (6.0 / (i + o)).sqrt();
    assert_eq!(matched(GLOROT_UNIFORM, glorot), all);
    let he = |r: &mut Random, i: f64, _| r.truncated() * (2.0 / i).sqrt() / TRUNCATED_DEVIATION;
    assert_eq!(matched(HE_NORMAL, he), all);
    let older = |r: &mut Random, i: f64, _| r.truncated() * (2.0 / i).sqrt();
    assert_eq!(matched(HE_NORMAL, older), all);
    let keras1 = |r: &mut Random, i: f64, _| r.normal() * (2.0 / i).sqrt();
    assert_eq!(matched(HE_NORMAL.of_keras1(), keras1), all);
}

#[test]
fn what_training_changed_is_not() {
    // A whole bell of the same spread, a uniform range for another fan, and a small step after initialization.
    assert!(matched(HE_NORMAL, |r, i, _| r.normal() * (2.0 / i).sqrt()) <= 6);
    assert_eq!(matched(GLOROT_UNIFORM, |r, i, _| (2.0 * r.next() - 1.0) * (6.0 / i).sqrt()), 0);
    let stepped = |r: &mut Random, i: f64, o: f64| {
        let limit = (6.0 / (i + o)).sqrt();
        (2.0 * r.next() - 1.0) * limit + 0.1 * limit * r.normal()
    };
    assert_eq!(matched(GLOROT_UNIFORM, stepped), 0);
}

#[test]
fn orthogonal_rows_or_columns_are_recognised() {
    // Signs of a Hadamard matrix of 16 rows: its columns are orthogonal and, divided by 4, of length 1.
    let sign = |i: u64, j: u64| if (i & j).count_ones().is_multiple_of(2) { 0.25 } else { -0.25 };
    let numbers: Vec<f32> = (0..16).flat_map(|i| (0..16).map(move |j| sign(i, j))).collect();
    let mut accumulator = crate::tensor::Accumulator::new(Some(16));
    accumulator.add(&numbers);
    let stats = accumulator.finish();
    let is_match =
        |gain: f64| compare(Initializer::Orthogonal { gain }, &[16, 16], Dtype::F32, &stats).is_some();
    assert!(is_match(1.0) && !is_match(1.1) && !is_match(0.0));
}

#[test]
fn small_or_broken_tensors_say_nothing() {
    let stats = Stats::of(&[0.1; 32]);
    assert_eq!(compare(GLOROT_UNIFORM, &[4, 8], Dtype::F32, &stats), None);
    let mut numbers = vec![0.1; 64];
    numbers[3] = f32::NAN;
    assert_eq!(compare(GLOROT_UNIFORM, &[8, 8], Dtype::F32, &Stats::of(&numbers)), None);
}
