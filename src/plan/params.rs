//! The numbers of a parameter, from the tensors of the file.

use super::{Norm, Param, Recipe, StoredKernel};
use crate::hdf5;
use crate::keras::{WeightId, WeightTable};
use crate::ops::conv2d::KernelOrder;

/// Makes one parameter. At most its own tensor and a few vectors are in memory.
///
/// # Errors
/// When a tensor can't be read or has not the number of elements the recipe needs.
pub fn materialise(param: &Param, table: &WeightTable) -> Result<Vec<f32>, hdf5::Error> {
    let numbers = match &param.recipe {
        Recipe::Stored(weight) => read(table, *weight)?,
        Recipe::Kernel(kernel) => read_kernel(param, table, kernel)?,
        Recipe::Values(numbers) => numbers.clone(),
        Recipe::Zeros => vec![0.0; elements(param)?],
        Recipe::NormScale(norm) => round(&scale_and_offset(table, norm)?.0),
        Recipe::NormOffset(norm) => round(&scale_and_offset(table, norm)?.1),
        Recipe::ScaledKernel { kernel, norm } => {
            let (scale, _) = scale_and_offset(table, norm)?;
            let mut numbers = read_kernel(param, table, kernel)?;
            if scale.is_empty() || numbers.len() % scale.len() != 0 {
                return Err(wrong_length(&param.name, numbers.len()));
            }
            for row in numbers.chunks_exact_mut(scale.len()) {
                row.iter_mut().zip(&scale).for_each(|(x, s)| *x = (f64::from(*x) * s) as f32);
            }
            numbers
        }
        Recipe::ShiftedBias { bias, norm } => {
            let (scale, mut offset) = scale_and_offset(table, norm)?;
            if let Some(bias) = bias {
                let bias = read(table, *bias)?;
                offset.iter_mut().zip(&scale).zip(&bias).for_each(|((o, s), b)| *o += s * f64::from(*b));
            }
            round(&offset)
        }
    };
    if numbers.len() == elements(param)? {
        Ok(numbers)
    } else {
        Err(wrong_length(&param.name, numbers.len()))
    }
}

/// Numbers that the parameter must have.
fn elements(param: &Param) -> Result<usize, hdf5::Error> {
    let product = param.shape.iter().try_fold(1usize, |product, axis| product.checked_mul(*axis));
    product
        .ok_or_else(|| hdf5::Error::TooLarge(format!("{} would have more numbers than memory", param.name)))
}

fn wrong_length(name: &str, found: usize) -> hdf5::Error {
    hdf5::Error::Damaged(format!("{name} has {found} numbers, which does not fit the architecture"))
}

fn read(table: &WeightTable, weight: WeightId) -> Result<Vec<f32>, hdf5::Error> {
    match table.tensors.get(weight) {
        Some(tensor) => tensor.dataset.read(),
        None => Err(hdf5::Error::Missing(format!("weight {weight}"))),
    }
}

/// A kernel in the order of the parameter's shape `[rows, columns, inputs, outputs]`.
fn read_kernel(param: &Param, table: &WeightTable, kernel: &StoredKernel) -> Result<Vec<f32>, hdf5::Error> {
    let mut numbers = in_order(param, table, kernel)?;
    if let (true, &[_, _, inputs, outputs]) = (kernel.turned, param.shape.as_slice()) {
        // Turned by 180°, the places of the window stand in the opposite order; each keeps its numbers' order.
        let place = inputs.saturating_mul(outputs).max(1);
        numbers.reverse();
        numbers.chunks_mut(place).for_each(<[f32]>::reverse);
    }
    Ok(numbers)
}

fn in_order(param: &Param, table: &WeightTable, kernel: &StoredKernel) -> Result<Vec<f32>, hdf5::Error> {
    let numbers = read(table, kernel.weight)?;
    match (kernel.order, param.shape.as_slice()) {
        (KernelOrder::Hwio, _) => Ok(numbers),
        (KernelOrder::Oihw, &[rows, columns, inputs, outputs]) if numbers.len() == elements(param)? => {
            let window = rows * columns;
            let places = (0..window).flat_map(|at| (0..inputs).map(move |input| (at, input)));
            let places = places.flat_map(|(at, input)| (0..outputs).map(move |output| (at, input, output)));
            Ok(places.map(|(at, input, output)| numbers[(output * inputs + input) * window + at]).collect())
        }
        (KernelOrder::Oihw, _) => Err(wrong_length(&param.name, numbers.len())),
    }
}

fn round(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|x| *x as f32).collect()
}

fn scale_and_offset(table: &WeightTable, norm: &Norm) -> Result<(Vec<f64>, Vec<f64>), hdf5::Error> {
    let (mean, variance) = (read(table, norm.mean)?, read(table, norm.variance)?);
    let or = |weight: Option<WeightId>, default: f32| match weight {
        Some(weight) => read(table, weight),
        None => Ok(vec![default; mean.len()]),
    };
    let (gamma, beta) = (or(norm.gamma, 1.0)?, or(norm.beta, 0.0)?);
    if [variance.len(), gamma.len(), beta.len()] != [mean.len(); 3] {
        return Err(wrong_length("a normalization", variance.len()));
    }
    let divisor = |v: &f32| (f64::from(*v) + norm.epsilon).sqrt().max(norm.floor);
    let scale: Vec<f64> = gamma.iter().zip(&variance).map(|(g, v)| f64::from(*g) / divisor(v)).collect();
    let offset =
        beta.iter().zip(&mean).zip(&scale).map(|((b, m), s)| f64::from(*b) - f64::from(*m) * s).collect();
    Ok((scale, offset))
}
