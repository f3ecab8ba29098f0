//! What layers expect to be called on: `InputSpec`, and what is said where it is something else.

use super::Keras;
use super::graph::{Layer, LayerId, Model, Nest, TensorId};
use super::shape::Shape;
use super::values;
use crate::loaders::{Attempt, Stop, python};

/// What a layer expects of its one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// The number of axes.
    pub rank: Option<usize>,
    /// At least so many axes.
    pub least_rank: Option<usize>,
    /// The length of an axis; from the end where negative.
    pub axis: Option<(isize, i64)>,
}

impl Spec {
    fn rank(rank: usize) -> Option<Spec> {
        Some(Spec { rank: Some(rank), ..Spec::default() })
    }

    fn at_least(rank: usize) -> Option<Spec> {
        Some(Spec { least_rank: Some(rank), ..Spec::default() })
    }
}

/// What a layer expects before it is built.
pub fn of(layer: &Layer) -> Option<Spec> {
    let class = layer.class_name();
    let rank = values::rank(class);
    match class {
        "Flatten" => Spec::at_least(1),
        "Dense" => Spec::at_least(2),
        "RepeatVector" => Spec::rank(2),
        "Permute" => Spec::rank(layer.argument("dims").as_array()?.len() + 1),
        name if name.contains("Conv") && !name.starts_with("ConvLSTM") => Spec::at_least(rank + 2),
        name if name.contains("Pooling") && !name.starts_with("Adaptive") => Spec::rank(rank + 2),
        name if is_of_fixed_rank(name) => Spec::rank(rank + 2),
        _ => None,
    }
}

fn is_of_fixed_rank(class: &str) -> bool {
    ["ZeroPadding", "Cropping", "UpSampling", "SpatialDropout"].iter().any(|start| class.starts_with(start))
}

impl Keras<'_> {
    /// `_assert_input_compatibility`
    pub fn check_input(&self, layer: LayerId, inputs: &Nest) -> Attempt<()> {
        let name = self.layers[layer].name.clone();
        if let Some(Model::Functional(functional)) = &self.layers[layer].model {
            return self.check_model_input(&name, &functional.inputs.flat(), &inputs.flat());
        }
        let Some(spec) = &self.layers[layer].spec else { return Ok(()) };
        let inputs = inputs.flat();
        self.check_count(&name, 1, &inputs, None)?;
        match inputs.as_slice() {
            [input] => self.check_spec(&name, spec, *input),
            _ => Ok(()),
        }
    }

    fn check_count(
        &self,
        layer: &str,
        wanted: usize,
        found: &[TensorId],
        names: Option<&[String]>,
    ) -> Attempt<()> {
        let count = found.len();
        if wanted == count {
            return Ok(());
        }
        let message = match names {
            _ if !self.since([3, 4, 0]) => {
                format!("Layer '{layer}' expected {wanted} input(s). Received {count} instead.")
            }
            Some(names) if self.since([3, 15, 0]) => wrong_count(layer, names, count),
            _ => format!(
                "Layer \"{layer}\" expects {wanted} input(s), but it received {count} input tensors. Inputs received: [{}]",
                self.shown_tensors(found)?
            ),
        };
        Err(Stop::raised("ValueError", message))
    }

    fn shown_tensors(&self, tensors: &[TensorId]) -> Attempt<String> {
        let shown: Vec<String> =
            tensors.iter().map(|tensor| self.shown_tensor(*tensor)).collect::<Attempt<_>>()?;
        Ok(shown.join(", "))
    }

    fn check_spec(&self, layer: &str, spec: &Spec, input: TensorId) -> Attempt<()> {
        let shape = &self.tensors[input].shape;
        let Some(axes) = shape.axes() else { return Ok(()) };
        let rank = axes.len();
        let refused = |what: String| Err(self.incompatible(layer, 0, "None", &what));
        if let Some(wanted) = spec.rank.filter(|wanted| *wanted != rank) {
            return refused(format!(
                "expected ndim={wanted}, found ndim={rank}. Full shape received: {shape}"
            ));
        }
        if let Some(wanted) = spec.least_rank.filter(|wanted| *wanted > rank) {
            return refused(format!(
                "expected min_ndim={wanted}, found ndim={rank}. Full shape received: {shape}"
            ));
        }
        let Some((axis, wanted)) = spec.axis else { return Ok(()) };
        match shape.at(axis)? {
            Shape::Axis(found) if *found != wanted => refused(format!(
                "expected axis {axis} of input shape to have value {wanted}, but received input with shape {shape}"
            )),
            _ => Ok(()),
        }
    }

    fn incompatible(&self, layer: &str, index: usize, name: &str, what: &str) -> Stop {
        let message = if self.since([3, 13, 0]) {
            format!(
                "Input {index} with name '{name}' of layer '{layer}' is incompatible with the layer: {what}"
            )
        } else {
            format!("Input {index} of layer \"{layer}\" is incompatible with the layer: {what}")
        };
        Stop::raised("ValueError", message)
    }

    /// A model expects the shapes of its inputs, but for the batch.
    fn check_model_input(&self, layer: &str, wanted: &[TensorId], found: &[TensorId]) -> Attempt<()> {
        let names: Vec<String> = wanted.iter().map(|tensor| self.source_name(*tensor)).collect();
        self.check_count(layer, wanted.len(), found, Some(&names))?;
        for (index, (wanted, found)) in wanted.iter().zip(found).enumerate() {
            let shapes = (self.tensors[*wanted].shape.axes(), self.tensors[*found].shape.axes());
            let (Some(mut expected), Some(axes)) = shapes else { continue };
            expected.iter_mut().take(1).for_each(|batch| *batch = None);
            let axes = squeezed(&axes);
            if differ(squeezed(&expected), axes) {
                let shown = Shape::of(axes.iter().copied());
                let what = format!("expected shape={}, found shape={shown}", Shape::of(expected));
                return Err(self.incompatible(layer, index, &names[index], &what));
            }
        }
        Ok(())
    }

    /// The name of the layer that a tensor comes from.
    pub fn source_name(&self, tensor: TensorId) -> String {
        let tensor = &self.tensors[tensor];
        let layer = tensor.source.map(|node| self.nodes[node].layer);
        layer.map_or_else(|| tensor.name.clone(), |layer| self.layers[layer].name.clone())
    }
}

fn wrong_count(layer: &str, names: &[String], count: usize) -> String {
    let pairs: Vec<String> = names.iter().map(|name| format!("'{name}': ...")).collect();
    format!(
        "Layer \"{layer}\" expects {} named input(s) with keys {}, but it received {count} input tensors. Pass inputs as a \
         dict, e.g. `layer({{{}}})`.",
        names.len(),
        python::list(names),
        pairs.join(", ")
    )
}

/// Without a last axis of length 1.
fn squeezed(axes: &[Option<i64>]) -> &[Option<i64>] {
    match axes {
        [rest @ .., Some(1)] => rest,
        all => all,
    }
}

fn differ(expected: &[Option<i64>], found: &[Option<i64>]) -> bool {
    expected.iter().zip(found).any(|pair| matches!(pair, (Some(wanted), Some(found)) if wanted != found))
}
