//! `S012`: kernels in Theano's order.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::ops::conv2d::KernelOrder;
use crate::zoo::stored::layers::{kernel_order, listed};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "S012",
    name: "theano",
    severity: Severity::Warning,
    meaning: "The kernels are stored as (filters, channels, rows, columns), the order of Keras 1 under Theano's \
        dimension ordering. TensorFlow needs (rows, columns, channels, filters). Theano also computes a true \
        convolution, so kernels trained under it must be turned by 180° as well.",
    fix: "Transpose every kernel with np.transpose(kernel, (2, 3, 1, 0)). If it was trained under Theano, turn it, \
        too: kernel[::-1, ::-1]. For a model with channels first, the rows of the first Dense behind a Flatten \
        must be put into the new order as well.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(model) = facts.model() else { return Vec::new() };
    let listed = listed(model);
    if kernel_order(&listed) != KernelOrder::Oihw {
        return Vec::new();
    }
    let kernels = listed.iter().flat_map(|layer| layer.weights.iter().map(move |(_, shape)| (layer, shape)));
    let mut kernels = kernels.filter(|(_, shape)| shape.len() == 4);
    let Some((layer, &[filters, channels, rows, columns])) =
        kernels.next().map(|(layer, shape)| (layer, shape.as_slice()))
    else {
        return Vec::new();
    };
    let message = format!(
        "The kernels are stored as (filters, channels, rows, columns): the first one expected as ({rows}, {columns}, \
         {channels}, {filters}), found as ({filters}, {channels}, {rows}, {columns}); {} more are stored so.",
        kernels.count()
    );
    vec![Finding::new(&RULE, Place::Layer(layer.layer.clone()), message)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{File, Stored, check, silent_when_sound};

    fn weights(kernels: [&[u64]; 2]) -> Vec<u8> {
        let layers = vec![
            Stored::new("a", &[("a_W", kernels[0]), ("a_b", &[4])]),
            Stored::new("b", &[("b_W", kernels[1]), ("b_b", &[8])]),
        ];
        let layer_names = Some(vec!["a".into(), "b".into()]);
        File { config: None, group: Some(""), layers, layer_names, ..File::small() }.bytes()
    }

    #[test]
    fn kernels_with_the_filters_first_are_found() {
        let expected = "a: The kernels are stored as (filters, channels, rows, columns): the first one expected as \
            (3, 3, 3, 4), found as (4, 3, 3, 3); 1 more are stored so.";
        check(&RULE, &weights([&[4, 3, 3, 3], &[8, 4, 3, 3]]), &[expected]);
    }

    #[test]
    fn kernels_in_tensorflows_order_are_not() {
        check(&RULE, &weights([&[3, 3, 3, 4], &[3, 3, 4, 8]]), &[]);
        silent_when_sound(&RULE);
    }
}
