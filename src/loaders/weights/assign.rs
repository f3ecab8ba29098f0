//! Values into variables: which shapes a runtime takes, and its words where it doesn't.

use super::rules::Assigns;
use super::variables::{Variable, Variables};
use crate::loaders::{Attempt, Stop, python};

/// A value about to be assigned.
pub struct Assignment<'a> {
    /// How the runtime does it.
    pub assigns: Assigns,
    /// All variables.
    pub variables: &'a Variables<'a>,
    /// The variable.
    pub variable: &'a Variable,
    /// Shape of the value.
    pub value: &'a [u64],
    /// How many values were assigned before it.
    pub before: usize,
    /// Number of its layer among those with weights.
    pub layer: usize,
    /// Name of that layer.
    pub name: &'a str,
}

impl Assignment<'_> {
    /// Assigns. What comes back tells whether a wrong shape was taken without a word.
    ///
    /// # Errors
    /// What the runtime raises for a wrong shape.
    pub fn make(&self) -> Attempt<bool> {
        match &self.variable.shape {
            Some(expected) if expected != self.value => self.mismatch(expected),
            Some(_) | None => Ok(false),
        }
    }

    fn mismatch(&self, expected: &[u64]) -> Attempt<bool> {
        let (want, have) = (python::shape(expected), python::shape(self.value));
        Err(match self.assigns {
            Assigns::AnyOfRank if expected.len() == self.value.len() => return Ok(true),
            Assigns::AnyOfRank => {
                let open = python::shape(&vec!["?"; self.value.len()]);
                value_error(format!("Shapes {want} and {open} are incompatible"))
            }
            Assigns::Theano if expected.len() == self.value.len() => return Ok(true),
            Assigns::Theano => Stop::unknown("what Theano says of another number of axes was not measured"),
            Assigns::Graph { repeats } => self.in_graph(expected, repeats),
            Assigns::Incompatible => value_error(format!("Shapes {want} and {have} are incompatible")),
            Assigns::CannotAssign => value_error(format!(
                "Cannot assign to variable {}:0 due to variable shape {want} and value shape {have} are incompatible",
                self.path()?
            )),
            Assigns::CannotAssignValue => value_error(format!(
                "Cannot assign value to variable ' {}:0': Shape mismatch.The variable shape {want}, and the assigned value \
                 shape {have} are incompatible.",
                self.path()?
            )),
            Assigns::Target => value_error(format!(
                "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match. \
                 variable.shape={want}, Received: value.shape={have}. Target variable: <KerasVariable shape={want}, \
                 dtype={}, path={}>",
                self.variable.dtype,
                self.path()?
            )),
            Assigns::Variable => value_error(format!(
                "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match. \
                 variable.shape={want}, Received: value.shape={have}. Target variable: <Variable path={}, shape={want}, \
                 dtype={}, value=...",
                self.path()?,
                self.variable.dtype
            )),
            Assigns::Layer => value_error(format!(
                "Shape mismatch in layer #{} (named {})for weight {}. Weight expects shape {want}. Received saved weight with \
                 shape {have}",
                self.layer,
                self.name,
                self.path()?
            )),
            Assigns::Unmeasured => Stop::unknown(format!(
                "it refuses {} with the shape {have} instead of {want}, in words that were not measured",
                self.variable.path
            )),
        })
    }

    /// What the variable is called: its layer and itself.
    pub fn path(&self) -> Attempt<String> {
        let Variable { layer, weight, .. } = self.variable;
        if self.variables.ambiguous.contains(layer) {
            return Err(Stop::unknown(format!(
                "two layers are called {layer}, so the names of their variables differ"
            )));
        }
        if weight.is_empty() {
            return Err(Stop::unknown(format!(
                "which of the weights of {layer} has another shape can't be told"
            )));
        }
        Ok(format!("{layer}/{weight}"))
    }

    /// The complaint of TensorFlow 1's shape function. The operations are numbered in the order of the assignments.
    fn in_graph(&self, expected: &[u64], repeats: bool) -> Stop {
        let list =
            |shape: &[u64]| format!("[{}]", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
        let (want, have) = (list(expected), list(self.value));
        let number = if self.before == 0 { String::new() } else { format!("_{}", self.before) };
        let tail = format!("for 'Assign{number}' (op: 'Assign') with input shapes: {want}, {have}.");
        let differs = expected.iter().zip(self.value).enumerate().find(|(_, (want, have))| want != have);
        value_error(match differs {
            Some((axis, (a, b))) if expected.len() == self.value.len() => {
                let shapes = if repeats { format!(". Shapes are {want} and {have}.") } else { String::new() };
                format!("Dimension {axis} in both shapes must be equal, but are {a} and {b}{shapes} {tail}")
            }
            Some(_) | None => {
                let (a, b) = (expected.len(), self.value.len());
                format!("Shapes must be equal rank, but are {a} and {b} {tail}")
            }
        })
    }
}

fn value_error(message: String) -> Stop {
    Stop::raised("ValueError", message)
}
