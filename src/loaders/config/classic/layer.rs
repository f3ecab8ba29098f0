//! A layer that is no model, from its arguments.

use serde_json::{Map, Value};

use super::{Builder, arguments};
use crate::loaders::facts::Kind;
use crate::loaders::{Attempt, Loader, Stop, python};

/// Arguments that `from_config` takes for itself, or that the constructor replaces together, by class.
const CONSUMED: [(&str, &[&str]); 4] = [
    (
        "Lambda",
        &["module", "function_type", "output_shape_module", "output_shape_type", "mask_module", "mask_type"],
    ),
    ("Merge", &["mode_type", "output_shape_type", "output_mask_type"]),
    ("Convolution2D", &["nb_row", "nb_col"]),
    ("Convolution3D", &["kernel_dim1", "kernel_dim2", "kernel_dim3"]),
];

impl Builder<'_> {
    /// Makes a layer of a class that the runtime knows.
    pub(super) fn leaf(&self, class: &str, config: &Value) -> Attempt<()> {
        if class == "Lambda" {
            self.lambda(config)?;
        }
        let mut config = arguments(config)?.clone();
        self.consumed(class).for_each(|name| drop(config.shift_remove(name)));
        self.construct(class, &config).map_err(|stop| self.wrapped(stop, class, &config))
    }

    fn consumed(&self, class: &str) -> impl Iterator<Item = &'static str> {
        // Keras 1 itself has the arguments of its convolutions.
        let is_own = self.runtime.loader == Loader::Keras1 && class.starts_with("Convolution");
        let lists = CONSUMED.iter().filter(move |(own, _)| *own == class && !is_own);
        lists.flat_map(|(_, names)| names.iter().copied())
    }

    fn construct(&self, class: &str, config: &Map<String, Value>) -> Attempt<()> {
        let accepts = || match self.facts.class(Kind::Layers, class) {
            Some(class) => self.accepts(class, config),
            None => Ok(()),
        };
        if self.makes_objects_first(class) {
            self.objects(config)?;
            return accepts();
        }
        accepts()?;
        self.objects(config)
    }

    /// Whether the objects among the arguments are made before the arguments are looked at: the convolutions inside TensorFlow
    /// make them where they call the constructor they inherit, which refuses what it does not know.
    fn makes_objects_first(&self, class: &str) -> bool {
        self.runtime.loader == Loader::TfKeras
            && ["Conv", "SeparableConv"].iter().any(|start| class.starts_with(start))
    }

    /// What the constructor raises, with what the runtime puts around it.
    fn wrapped(&self, stop: Stop, class: &str, config: &Map<String, Value>) -> Stop {
        let Stop::Raised(mut raised) = stop else { return stop };
        let own = self.facts.class(Kind::Layers, class).map_or(class, |class| &class.name);
        for wrapper in self.facts.wrappers(Kind::Layers) {
            raised = wrapper.filled(&[
                ("class", own),
                ("config", &python::dict(config)),
                ("message", &raised.message),
            ]);
        }
        Stop::Raised(raised)
    }
}
