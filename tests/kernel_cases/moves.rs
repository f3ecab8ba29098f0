//! Copy, Constant, Resize.

use super::{Builder, Case, noise, single};
use resnet_verifier::plan::{Copy, CopyBox, Kernel, Resize, Sampling, Strided};

pub fn cases() -> Vec<Case> {
    let mut cases = vec![pad(), crop(), concatenate(), transpose(), constant(), scatter()];
    cases.extend(resizes());
    cases
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&x| f64::from(x)).collect()
}

fn strided(offset: usize, strides: [usize; 4]) -> Strided {
    Strided { offset, strides }
}

/// One row above, two columns to the right, over two images.
fn pad() -> Case {
    let numbers = noise(2 * 2 * 3 * 3, 30);
    let mut expected = vec![0.0; 2 * 3 * 5 * 3];
    for n in 0..2 {
        for y in 0..2 {
            for i in 0..9 {
                expected[(n * 3 + y + 1) * 15 + i] = f64::from(numbers[(n * 2 + y) * 9 + i]);
            }
        }
    }
    let part =
        CopyBox { size: [2, 2, 3, 3], from: strided(0, [18, 9, 3, 1]), to: strided(15, [45, 15, 3, 1]) };
    let kernel = Kernel::Copy(Copy { elements: 90, zero: true, boxes: vec![part] });
    single("copy, zero padding", kernel, vec![(vec![2, 2, 3, 3], numbers)], &[2, 3, 5, 3], expected)
}

fn crop() -> Case {
    let numbers = noise(5 * 6 * 2, 31);
    let rows = [1, 2, 3].map(|y| wide(&numbers[(y * 6 + 2) * 2..(y * 6 + 5) * 2]));
    let part =
        CopyBox { size: [1, 3, 3, 2], from: strided(16, [60, 12, 2, 1]), to: strided(0, [18, 6, 2, 1]) };
    let kernel = Kernel::Copy(Copy { elements: 18, zero: false, boxes: vec![part] });
    single("copy, crop", kernel, vec![(vec![1, 5, 6, 2], numbers)], &[1, 3, 3, 2], rows.concat())
}

/// Three tensors of 3, 1 and 4 channels over two images of two pixels.
fn concatenate() -> Case {
    let widths = [3, 1, 4];
    let tensors = [32, 33, 34].map(|seed| noise(4 * widths[seed as usize - 32], seed));
    let mut expected = Vec::new();
    for pixel in 0..4 {
        for (tensor, width) in tensors.iter().zip(widths) {
            expected.extend(wide(&tensor[pixel * width..(pixel + 1) * width]));
        }
    }
    let part = |offset: usize, width: usize| CopyBox {
        size: [2, 1, 2, width],
        from: strided(0, [2 * width, 2 * width, width, 1]),
        to: strided(offset, [16, 16, 8, 1]),
    };
    let boxes = vec![part(0, 3), part(3, 1), part(4, 4)];
    let inputs =
        tensors.into_iter().zip(widths).map(|(tensor, width)| (vec![2, 1, 2, width], tensor)).collect();
    let kernel = Kernel::Copy(Copy { elements: 32, zero: false, boxes });
    single("copy, concatenation", kernel, inputs, &[2, 1, 2, 8], expected)
}

/// From channels first to channels last.
fn transpose() -> Case {
    let numbers = noise(2 * 3 * 4 * 5, 35);
    let mut expected = Vec::new();
    for n in 0..2 {
        for pixel in 0..20 {
            expected.extend((0..3).map(|c| f64::from(numbers[(n * 3 + c) * 20 + pixel])));
        }
    }
    let part =
        CopyBox { size: [2, 4, 5, 3], from: strided(0, [60, 5, 1, 20]), to: strided(0, [60, 15, 3, 1]) };
    let kernel = Kernel::Copy(Copy { elements: 120, zero: false, boxes: vec![part] });
    single("copy, transposition", kernel, vec![(vec![2, 3, 4, 5], numbers)], &[2, 4, 5, 3], expected)
}

/// Every second element, the rest zero; the buffer held other numbers before.
fn scatter() -> Case {
    let numbers = noise(4, 36);
    let expected = numbers.iter().flat_map(|&x| [f64::from(x), 0.0]).collect();
    let mut builder = Builder::default();
    let input = builder.input(&[1, 4], numbers);
    let ones = builder.param(&[8], vec![1.0; 8]);
    let before = builder.step(Kernel::Constant(ones), &[], &[1, 8]);
    let part = CopyBox { size: [1, 1, 1, 4], from: strided(0, [0, 0, 0, 1]), to: strided(0, [0, 0, 0, 2]) };
    let kernel = Kernel::Copy(Copy { elements: 8, zero: true, boxes: vec![part] });
    let output = builder.step(kernel, &[input], &[1, 8]);
    builder.plan.values[output].buffer = builder.plan.values[before].buffer;
    builder.output(output);
    builder.case("copy, every second element of a used buffer", vec![expected])
}

fn constant() -> Case {
    let numbers = noise(7, 37);
    let expected = wide(&numbers);
    let mut builder = Builder::default();
    let param = builder.param(&[1, 7], numbers);
    let output = builder.step(Kernel::Constant(param), &[], &[1, 7]);
    builder.output(output);
    builder.case("constant", vec![expected])
}

/// The table: name, sampling, input size, output size, input, expected; one image, one channel.
#[rustfmt::skip]
fn resizes() -> Vec<Case> {
    use Sampling::{Bilinear, Nearest};
    let by_hand = [
        resize_row("nearest, 2 to 4", Nearest, &[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]),
        resize_row("nearest, 5 to 2", Nearest, &[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0]),
        resize_row("nearest, 3 to 5", Nearest, &[1.0, 2.0, 3.0], &[1.0, 1.0, 2.0, 3.0, 3.0]),
        resize_row("nearest, 4 to 1", Nearest, &[1.0, 2.0, 3.0, 4.0], &[3.0]),
        resize_row("bilinear, 2 to 4", Bilinear, &[0.0, 1.0], &[0.0, 0.25, 0.75, 1.0]),
        resize_row("bilinear, 4 to 2", Bilinear, &[0.0, 1.0, 2.0, 4.0], &[0.5, 3.0]),
        resize_row("bilinear, 1 to 3", Bilinear, &[7.0], &[7.0, 7.0, 7.0]),
        resize_row("bilinear, 3 to 3", Bilinear, &[1.0, -2.0, 5.0], &[1.0, -2.0, 5.0]),
        resize_row("bilinear, 4 to 1", Bilinear, &[1.0, 2.0, 4.0, 8.0], &[3.0]),
    ];
    by_hand.into_iter().chain([Nearest, Bilinear].map(resize_field)).collect()
}

fn resize_row(name: &str, sampling: Sampling, input: &[f32], expected: &[f64]) -> Case {
    let (from, to) = ([1, 1, input.len(), 1], [1, 1, expected.len(), 1]);
    let kernel = Kernel::Resize(Resize { sampling, input: from, output: to });
    let inputs = vec![(from.to_vec(), input.to_vec())];
    single(&format!("resize, {name}"), kernel, inputs, &to, expected.to_vec())
}

/// A linear field, which either way of sampling reproduces where it samples: exactly the positions show.
fn resize_field(sampling: Sampling) -> Case {
    let (from, to) = ([2, 5, 7, 3], [2, 9, 4, 3]);
    let field = |n: f64, y: f64, x: f64, c: f64| 100.0 * n + 10.0 * y + x + 0.25 * c;
    let over = |[n, h, w, c]: [usize; 4], place: &dyn Fn(usize, usize) -> (f64, f64)| -> Vec<f64> {
        let one = |i: usize| {
            let (y, x) = place(i / c / w % h, i / c % w);
            field((i / c / w / h) as f64, y, x, (i % c) as f64)
        };
        (0..n * h * w * c).map(one).collect()
    };
    let numbers = over(from, &|y, x| (y as f64, x as f64)).iter().map(|&x| x as f32).collect();
    let position = |i: usize, size: usize, out: usize| {
        let centre = (i as f64 + 0.5) * size as f64 / out as f64;
        match sampling {
            Sampling::Nearest => centre.floor(),
            Sampling::Bilinear => (centre - 0.5).max(0.0).min(size as f64 - 1.0),
        }
    };
    let expected = over(to, &|y, x| (position(y, from[1], to[1]), position(x, from[2], to[2])));
    let kernel = Kernel::Resize(Resize { sampling, input: from, output: to });
    single(
        &format!("resize, {sampling:?} of a linear field"),
        kernel,
        vec![(from.to_vec(), numbers)],
        &to,
        expected,
    )
}
