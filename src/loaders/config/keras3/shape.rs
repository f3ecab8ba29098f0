//! Shapes as Python holds them: tuples of numbers and None, lists of such where a layer has several inputs, and whatever else
//! comes of taking one for the other.

use crate::loaders::{Attempt, Stop};

/// A value in a shape, or a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// None: an axis of any length.
    Any,
    /// A length.
    Axis(i64),
    /// A tuple.
    Tuple(Vec<Shape>),
    /// A list.
    List(Vec<Shape>),
    /// Not known here: what it is computed by isn't modelled.
    Unknown,
}

use Shape::{Any, Axis, List, Tuple, Unknown};

impl Shape {
    /// A tuple of lengths.
    pub fn of(axes: impl IntoIterator<Item = Option<i64>>) -> Shape {
        Tuple(axes.into_iter().map(|axis| axis.map_or(Any, Axis)).collect())
    }

    /// Its items, where it is a tuple or a list.
    pub fn items(&self) -> Option<&[Shape]> {
        match self {
            Tuple(items) | List(items) => Some(items),
            Any | Axis(_) | Unknown => None,
        }
    }

    /// Whether something in it isn't known.
    pub fn is_unknown(&self) -> bool {
        match self {
            Unknown => true,
            Tuple(items) | List(items) => items.iter().any(Shape::is_unknown),
            Any | Axis(_) => false,
        }
    }

    /// Whether it is a tuple or list of lengths only.
    pub fn is_plain(&self) -> bool {
        self.items().is_some_and(|items| items.iter().all(|item| matches!(item, Any | Axis(_))))
    }

    /// `self[index]`.
    pub fn at(&self, index: isize) -> Attempt<&Shape> {
        match self {
            Tuple(items) => pick(items, index, "tuple"),
            List(items) => pick(items, index, "list"),
            Any => Err(Stop::raised("TypeError", "'NoneType' object is not subscriptable")),
            Axis(_) => Err(Stop::raised("TypeError", "'int' object is not subscriptable")),
            Unknown => Ok(&Unknown),
        }
    }

    /// `len(self)`.
    pub fn len(&self) -> Attempt<usize> {
        match self {
            Tuple(items) | List(items) => Ok(items.len()),
            Any => Err(Stop::raised("TypeError", "object of type 'NoneType' has no len()")),
            Axis(_) => Err(Stop::raised("TypeError", "object of type 'int' has no len()")),
            Unknown => Err(unknown()),
        }
    }

    /// The lengths, each None where it may be any; where it is nothing else.
    pub fn axes(&self) -> Option<Vec<Option<i64>>> {
        self.items()?
            .iter()
            .map(|item| match item {
                Any => Some(None),
                Axis(length) => Some(Some(*length)),
                Tuple(_) | List(_) | Unknown => None,
            })
            .collect()
    }

    /// `str(type(self))`.
    fn type_name(&self) -> &'static str {
        match self {
            Any | Unknown => "NoneType",
            Axis(_) => "int",
            Tuple(_) => "tuple",
            List(_) => "list",
        }
    }
}

/// What is said where a shape that isn't known would have to be.
pub fn unknown() -> Stop {
    Stop::unknown("the shapes in this model can't all be told")
}

fn pick<'s>(items: &'s [Shape], index: isize, what: &str) -> Attempt<&'s Shape> {
    let length = isize::try_from(items.len()).unwrap_or(isize::MAX);
    let position = if index < 0 { index + length } else { index };
    let found = usize::try_from(position).ok().and_then(|position| items.get(position));
    found.ok_or_else(|| Stop::raised("IndexError", format!("{what} index out of range")))
}

impl std::fmt::Display for Shape {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Any | Unknown => out.write_str("None"),
            Axis(length) => write!(out, "{length}"),
            Tuple(items) => match items.as_slice() {
                [one] => write!(out, "({one},)"),
                _ => write!(out, "({})", joined(items)),
            },
            List(items) => write!(out, "[{}]", joined(items)),
        }
    }
}

fn joined(items: &[Shape]) -> String {
    items.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ")
}

/// `backend.standardize_shape`: a tuple of lengths, or what Keras says. `entry` is its word for what it finds in there:
/// `entry`, `dimension` in later versions.
pub fn standardized(shape: &Shape, entry: &str) -> Attempt<Shape> {
    let items = match shape {
        Tuple(items) | List(items) => items,
        Any => return Err(Stop::raised("ValueError", "Undefined shapes are not supported.")),
        Axis(_) => return Err(Stop::raised("ValueError", format!("Cannot convert '{shape}' to a shape."))),
        Unknown => return Ok(Unknown),
    };
    if shape.is_unknown() {
        return Ok(Unknown);
    }
    let shape = Tuple(items.clone());
    for item in items {
        check(&shape, item, entry)?;
    }
    Ok(shape)
}

fn check(shape: &Shape, item: &Shape, entry: &str) -> Attempt<()> {
    let message = match item {
        Any | Unknown => return Ok(()),
        Axis(length) if *length >= 0 => return Ok(()),
        Axis(_) => format!("Cannot convert '{shape}' to a shape. Negative dimensions are not allowed."),
        // Before 3.13 the type itself is taken for that of an element.
        Tuple(_) | List(_) if entry == "entry" => format!("Invalid dtype: {}", item.type_name()),
        Tuple(_) | List(_) => {
            let found = item.type_name();
            format!(
                "Cannot convert '{shape}' to a shape. Found invalid {entry} '{item}' of type '<class '{found}'>'. "
            )
        }
    };
    Err(Stop::raised("ValueError", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_shown_as_python_shows_tuples() {
        let shape = Shape::of([None, Some(2048)]);
        assert_eq!(shape.to_string(), "(None, 2048)");
        assert_eq!(Tuple(vec![shape.clone(), Axis(2)]).to_string(), "((None, 2048), 2)");
        assert_eq!(List(vec![Shape::of([Some(1)])]).to_string(), "[(1,)]");
    }

    /// Keras 3.15.1 on a ResNet nested in a Sequential: the Dense behind it takes its list of one shape for a shape.
    #[test]
    fn what_is_no_shape_is_refused_in_keras_words() {
        let stop =
            standardized(&Tuple(vec![Shape::of([None, Some(2048)]), Axis(2)]), "dimension").unwrap_err();
        let message = "Cannot convert '((None, 2048), 2)' to a shape. Found invalid dimension '(None, 2048)' of type \
                       '<class 'tuple'>'. ";
        assert_eq!(stop, Stop::raised("ValueError", message));
    }
}
