//! A model as a runtime has built it from a config, before it has weights.

/// A model whose layers stand in the order of its `layers` attribute, which is that in which weights are assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Whether it is a Sequential.
    pub sequential: bool,
    /// Its layers.
    pub layers: Vec<Slot>,
}

/// A layer of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// The class that the runtime made it of: `Conv2D`.
    pub class: String,
    /// Its path through the models it stands in (`resnet50/conv1_conv`), as [`crate::graph::Leaf::path`] has it: by that its
    /// weights are found in [`crate::plan::Structure`].
    pub path: String,
    /// The model that it is, where it is one.
    pub inner: Option<Template>,
    /// Whether its weights are trained; Keras 1 and 2 list those that are not last.
    pub trainable: bool,
    /// Shapes of its weights as this runtime has built them, in the order in which it assigns them; none of a layer that it
    /// never built. Absent where they are those that [`crate::plan::Structure`] has under its path.
    pub weights: Option<Vec<Vec<u64>>>,
}
