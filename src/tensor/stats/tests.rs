use super::*;

/// Numbers that are spread unevenly over −0.25 to 0.75. The expected statistics are NumPy 2.4.6's, in `float64`.
fn numbers(count: u64) -> Vec<f32> {
    let unit = |i: u64| (i.wrapping_mul(2_654_435_761) % (1 << 32)) as f64 / (1u64 << 32) as f64;
    (0..count).map(unit).map(|u| (u * u * u - 0.25) as f32).collect()
}

const HISTOGRAM: [u32; 64] = [
    2504, 649, 456, 363, 306, 269, 240, 217, 201, 184, 175, 164, 155, 147, 140, 134, 129, 125, 118, 115, 112,
    108, 104, 101, 99, 97, 94, 90, 90, 87, 85, 84, 82, 80, 80, 76, 76, 75, 73, 72, 71, 70, 68, 67, 67, 66,
    64, 63, 62, 62, 62, 60, 59, 59, 57, 58, 57, 56, 55, 55, 55, 52, 53, 53,
];
const HISTOGRAM_OF_4096: [u32; 64] = [
    1024, 266, 186, 149, 125, 110, 98, 89, 82, 76, 71, 67, 64, 60, 58, 55, 53, 50, 49, 47, 46, 44, 42, 42,
    40, 39, 39, 38, 36, 36, 35, 33, 34, 33, 33, 31, 31, 31, 29, 31, 29, 28, 28, 28, 26, 28, 26, 26, 25, 25,
    26, 24, 25, 23, 24, 24, 23, 23, 23, 22, 22, 21, 23, 22,
];

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found}, expected {expected}");
}

#[test]
fn moments_and_range_are_numpys() {
    let stats = Stats::of(&numbers(10_007));
    assert_eq!((stats.count, stats.first), (10_007, Some(-0.25)));
    assert_eq!((stats.min, stats.max), (-0.25, 0.749_761_5));
    assert!((stats.mean().unwrap() - -7.537844108381369e-05).abs() < 1e-15);
    assert_near(stats.std().unwrap(), 0.283425562695565);
    assert_near(stats.energy(), 803.8628630989685);
    assert!((stats.kurtosis().unwrap() - 2.9080801115081716).abs() < 0.01);
    assert_eq!((stats.magnitude(), stats.distinct, stats.constant()), (Some(0.749_761_5), None, None));
}

#[test]
fn deviations_survive_a_large_mean() {
    // 100,000 times 1e8 and 1e8 + 8: a sum of squares in f64 loses them, moments joined chunk by chunk do not.
    let numbers: Vec<f32> = (0..100_000).map(|i| 1e8 + if i % 2 == 0 { 0.0 } else { 8.0 }).collect();
    let stats = Stats::of(&numbers);
    assert_eq!((stats.mean(), stats.std()), (Some(100_000_004.0), Some(4.0)));
}

#[test]
fn histograms_of_small_tensors_are_numpys_and_those_of_large_ones_nearly() {
    assert_eq!(*Stats::of(&numbers(4096)).histogram.unwrap(), HISTOGRAM_OF_4096);
    let found = Stats::of(&numbers(10_007)).histogram.unwrap();
    assert_eq!(found.iter().sum::<u32>(), 10_007);
    for (found, expected) in found.iter().zip(HISTOGRAM) {
        assert!(found.abs_diff(expected) <= 3 + expected / 20, "{found}, expected {expected}");
    }
}

#[test]
fn channels_have_numpys_norms() {
    let mut accumulator = Accumulator::new(Some(9));
    accumulator.add(&numbers(9999));
    let channels = accumulator.finish().channels.unwrap();
    assert_eq!((channels.count, channels.dead, channels.constant), (9, 0, 0));
    assert_near(channels.min_norm.unwrap(), 9.358932875943584);
    assert_near(channels.max_norm.unwrap(), 9.494367164078174);
}

#[test]
#[allow(clippy::excessive_precision)]
fn kinds_of_numbers_are_counted_as_numpy_does() {
    let two = |exponent: i32| 2f32.powi(exponent);
    #[rustfmt::skip]
    let numbers = [
        0.0, -0.0, 1.0, -2.5, 65504.0, 65505.0, 65519.99, two(-24), two(-25), 3.0 * two(-24), two(-14), 1.0 / 3.0,
        8388607.5, 8388609.0, 1e30, 1e-40, 1.0078125, 1.00390625, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.5,
        -7.0, f32::from_bits(1 << 9),
    ];
    let stats = Stats::of(&numbers);
    assert_eq!((stats.count, stats.nans, stats.infinities, stats.finite()), (24, 1, 2, 21));
    assert_eq!((stats.zeros, stats.negatives, stats.subnormals, stats.whole), (2, 2, 2, 8));
    assert_eq!((stats.float16, stats.bfloat16, stats.distinct), (12, 11, Some(20)));
    assert_near(stats.mean().unwrap(), 4.761904833559363e+28);
    assert_near(stats.std().unwrap(), 2.1295885820447113e+29);
}

#[test]
fn constants_are_constant_only_when_all_are_finite() {
    assert_eq!(Stats::of(&[0.01; 5000]).constant(), Some(0.01));
    assert!(Stats::of(&[1.0; 3]).is_all(1.0) && !Stats::of(&[1.0; 3]).is_all(0.0));
    assert!(Stats::of(&[0.0, -0.0]).is_all(0.0));
    assert_eq!(Stats::of(&[1.0, f32::NAN]).constant(), None);
    assert_eq!(Stats::of(&[f32::INFINITY; 2]).constant(), None);
    assert_eq!(Stats::of(&[]).constant(), None);
}

#[test]
fn nothing_has_no_mean_and_no_range() {
    for numbers in [&[][..], &[f32::NAN, f32::INFINITY][..]] {
        let stats = Stats::of(numbers);
        assert_eq!((stats.mean(), stats.std(), stats.magnitude()), (None, None, None));
        assert_eq!((stats.histogram.is_none(), stats.distinct, stats.energy()), (true, Some(0), 0.0));
    }
}

/// Numbers for [`however_the_numbers_are_cut`]: many kinds, from a linear congruential generator.
fn mixed(count: usize) -> Vec<f32> {
    let mut state: u64 = 5;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    let mut one = move || match next() % 50 {
        0 => f32::from_bits(next()),
        1 => 0.0,
        2 => (next() % 9) as f32,
        _ => (f64::from(next()) / 4e9 - 0.5) as f32,
    };
    (0..count).map(|_| one()).collect()
}

#[test]
fn however_the_numbers_are_cut_the_statistics_are_the_same_to_the_last_bit() {
    for count in [0, 1, 7, 4095, 4096, 4097, 8192, 20_000] {
        let numbers = mixed(count);
        let of_blocks = |sizes: &[usize]| {
            let mut accumulator = Accumulator::new(Some(13));
            let (mut rest, mut sizes) = (numbers.as_slice(), sizes.iter().cycle());
            while !rest.is_empty() {
                let (block, more) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                accumulator.add(block);
                rest = more;
            }
            accumulator.finish()
        };
        let whole = of_blocks(&[usize::MAX]);
        assert_eq!(whole.count, count as u64);
        for sizes in [&[1][..], &[3, 1000], &[4096], &[4095, 4097], &[5000], &[0, 8192, 13]] {
            assert_eq!(format!("{:?}", of_blocks(sizes)), format!("{whole:?}"), "{count} in {sizes:?}");
        }
    }
}
