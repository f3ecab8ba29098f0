//! What a model's numbers say: the classes it thinks most likely.

/// How far the sum of probabilities may be from one, in `f32`.
const SUM_TOLERANCE: f32 = 1e-3;

/// A class and how likely the model thinks it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Index of the class.
    pub index: usize,
    /// Its probability.
    pub probability: f32,
}

/// The `count` most likely classes, the likeliest first. `NaN`s come last.
///
/// Finite numbers that are no probabilities (logits) are turned into some with softmax.
pub fn top(numbers: &[f32], count: usize) -> Vec<Ranked> {
    let logits = numbers.iter().all(|x| x.is_finite()) && !is_distribution(numbers);
    let probabilities = if logits { softmax(numbers) } else { numbers.to_vec() };
    let mut ranked: Vec<Ranked> = probabilities
        .into_iter()
        .enumerate()
        .map(|(index, probability)| Ranked { index, probability })
        .collect();
    ranked.sort_by(|a, b| key(b.probability).total_cmp(&key(a.probability)));
    ranked.truncate(count);
    ranked
}

/// Whether the numbers are probabilities: of one choice, or each of its own (sigmoids).
pub fn is_distribution(numbers: &[f32]) -> bool {
    let inside = numbers.iter().all(|x| (-SUM_TOLERANCE..=1.0 + SUM_TOLERANCE).contains(x));
    let sum: f32 = numbers.iter().sum();
    inside && ((sum - 1.0).abs() <= SUM_TOLERANCE || numbers.len() == 1)
}

fn key(probability: f32) -> f32 {
    if probability.is_nan() { f32::NEG_INFINITY } else { probability }
}

fn softmax(numbers: &[f32]) -> Vec<f32> {
    let largest = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = numbers.iter().map(|x| (x - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_come_first_and_nan_last() {
        let found: Vec<usize> = top(&[0.1, 0.6, 0.3], 2).iter().map(|r| r.index).collect();
        assert_eq!(found, [1, 2]);
        assert_eq!(top(&[f32::NAN, 0.5], 2)[1].index, 0);
    }

    #[test]
    fn logits_become_probabilities() {
        let ranked = top(&[0.0, 3f32.ln()], 2);
        assert!((ranked[0].probability - 0.75).abs() < 1e-6, "{ranked:?}");
    }
}
