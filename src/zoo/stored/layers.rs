//! Stored weights as layers: what each one is, told from the shapes of its tensors.

use std::cmp::Ordering;

use crate::keras::{Layout, ModelFile};
use crate::ops::conv2d::KernelOrder;

/// The tensors that a file lists under one name, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Name of the layer.
    pub layer: String,
    /// Names and shapes.
    pub weights: Vec<Tensor>,
}

/// Name and shape of a tensor.
pub type Tensor = (String, Vec<u64>);

/// What a layer with weights is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Conv2D, or a SeparableConv2D's pointwise part with its depthwise one.
    Conv(Conv),
    /// DepthwiseConv2D
    Depthwise,
    /// SeparableConv2D
    Separable,
    /// Conv2DTranspose, or a Conv2D whose bias is as long as its input and not its output; read as a Conv2D.
    Transposed(Conv),
    /// BatchNormalization, or another normalisation with as many vectors.
    Norm {
        /// Length of each vector.
        channels: u64,
        /// Gamma, beta, mean, variance, as far as they are there.
        vectors: usize,
    },
    /// Dense
    Dense {
        /// Length of its input.
        inputs: u64,
        /// Length of its output.
        units: u64,
    },
    /// LSTM, GRU or SimpleRNN, with its number of gates.
    Recurrent {
        /// 4 of an LSTM, 3 of a GRU, 1 of a SimpleRNN.
        gates: u64,
    },
    /// Embedding
    Embedding,
    /// None of these.
    Unknown,
}

/// A convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Rows and columns.
    pub kernel: [u64; 2],
    /// Input channels, of one group.
    pub inputs: u64,
    /// Output channels.
    pub filters: u64,
    /// Whether it has a bias.
    pub bias: bool,
}

/// A layer with weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name; behind that of the model around it, where there is one.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// The tensors of a file in the order of its layers, without the state of an optimizer.
pub fn listed(model: &ModelFile) -> Vec<Listed> {
    let shape = |id: &usize| {
        let tensor = model.weights.tensors.get(*id)?;
        Some((tensor.name.clone(), tensor.dataset.shape.clone()))
    };
    let groups = model.weights.weighted().map(|group| Listed {
        layer: group.layer.clone(),
        weights: group.tensors.iter().filter_map(shape).collect(),
    });
    if model.layout == Layout::Keras3Weights {
        let mut layers: Vec<Listed> =
            groups.filter(|listed| listed.layer.split('/').all(|part| part != "optimizer")).collect();
        // HDF5 gives names by the alphabet; Keras 3 numbers the layers of each class in the order of the model.
        layers.sort_by(|a, b| by_number(&a.layer, &b.layer));
        return layers;
    }
    groups.collect()
}

/// `conv2d_2` before `conv2d_10`, and `conv2d` before both.
fn by_number(left: &str, right: &str) -> Ordering {
    let split = |name: &str| {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (stem, number) = name.split_at(name.len() - digits);
        match stem.strip_suffix('_') {
            Some(stem) if digits > 0 => (stem.to_string(), number.parse::<u64>().unwrap_or(u64::MAX)),
            _ => (name.to_string(), 0),
        }
    };
    split(left).cmp(&split(right))
}

/// In which order most kernels are stored. Each speaks for the order whose last or first axis is as long as its bias,
/// or, without one, as the normalisation behind it; a small square in front or at the end speaks, too.
pub fn kernel_order(listed: &[Listed]) -> KernelOrder {
    let mut votes = [0usize; 2];
    let flat: Vec<&[u64]> =
        listed.iter().flat_map(|l| l.weights.iter().map(|(_, shape)| shape.as_slice())).collect();
    for pair in flat.windows(2) {
        let (&[first, second, third, last], &[next]) = (pair[0], pair[1]) else { continue };
        votes[0] += usize::from(last == next && first != next && first <= LARGEST && second <= LARGEST);
        votes[1] += usize::from(first == next && last != next && third == last && last <= LARGEST);
    }
    if votes[1] > 3 * votes[0] && votes[1] > 0 { KernelOrder::Oihw } else { KernelOrder::Hwio }
}

/// Rows and columns of the largest kernel there is in any published network.
const LARGEST: u64 = 31;

/// How many layers with weights a file stores, those inside a model that is listed as one layer counted each.
pub fn count(model: &ModelFile) -> usize {
    let listed = listed(model);
    layers(&listed, kernel_order(&listed)).len()
}

/// Every layer with weights; a model listed as one layer is taken apart by the names of its tensors.
pub fn layers(listed: &[Listed], order: KernelOrder) -> Vec<Layer> {
    let mut out = Vec::new();
    for entry in listed {
        match kind(&entry.weights, order) {
            Kind::Unknown => take_apart(entry, order, &mut out),
            kind => out.push(Layer { name: entry.layer.clone(), kind }),
        }
    }
    out
}

/// Keras lists the trainable weights of an inner model first, so a layer's tensors need not lie side by side.
fn take_apart(entry: &Listed, order: KernelOrder, out: &mut Vec<Layer>) {
    let mut parts: Vec<(&str, Vec<Tensor>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (name, shape) in &entry.weights {
        let owner = owner(name).unwrap_or(&entry.layer);
        let place = *places.entry(owner).or_insert_with(|| {
            parts.push((owner, Vec::new()));
            parts.len() - 1
        });
        parts[place].1.push((name.clone(), shape.clone()));
    }
    let single = parts.len() == 1;
    for (owner, weights) in parts {
        let inner = owner.strip_prefix(&entry.layer).unwrap_or(owner).trim_start_matches('/');
        let name = if single { entry.layer.clone() } else { format!("{}/{inner}", entry.layer) };
        out.push(Layer { name, kind: kind(&weights, order) });
    }
}

/// The layer a tensor's name speaks of: `conv1` of `conv1/kernel:0`, `conv1_W` and `conv1_running_mean`; none of `bits:0`.
fn owner(name: &str) -> Option<&str> {
    const ENDINGS: &[&str] = &["_W", "_b", "_gamma", "_beta", "_running_mean", "_running_std"];
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    match name.rsplit_once('/') {
        Some((owner, last)) if !ENDINGS.iter().any(|ending| last.ends_with(ending)) => Some(owner),
        _ => ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)),
    }
}

/// What a layer of these tensors is.
fn kind(weights: &[Tensor], order: KernelOrder) -> Kind {
    let shapes: Vec<&[u64]> = weights.iter().map(|(_, shape)| shape.as_slice()).collect();
    let names = |word: &str| weights.first().is_some_and(|(name, _)| name.contains(word));
    match *shapes.as_slice() {
        [&[rows, columns, channels, 1]] if names("depthwise") || (rows * columns > 1 && channels > 1) => {
            Kind::Depthwise
        }
        [&[_, _, channels, 1], &[bias]] if channels > 1 && bias == channels => Kind::Depthwise,
        [&[rows, columns, inputs, filters], ref rest @ ..]
            if order == KernelOrder::Hwio
                && rest.iter().all(|bias| **bias == [inputs])
                && rest.len() < 2
                && (names("conv2d_transpose") || (!rest.is_empty() && filters != inputs)) =>
        {
            Kind::Transposed(Conv { kernel: [rows, columns], inputs, filters, bias: !rest.is_empty() })
        }
        [&[first, second, third, last], ref rest @ ..]
            if rest.iter().all(|s| s.len() == 1) && rest.len() < 2 =>
        {
            let bias = !rest.is_empty();
            Kind::Conv(match order {
                KernelOrder::Hwio => Conv { kernel: [first, second], inputs: third, filters: last, bias },
                KernelOrder::Oihw => Conv { kernel: [third, last], inputs: second, filters: first, bias },
            })
        }
        [&[_, _, _, _], &[1, 1, _, _], ref rest @ ..] if rest.len() < 2 => Kind::Separable,
        [&[_, _]] if names("embedding") => Kind::Embedding,
        [&[inputs, units]] | [&[inputs, units], &[_]] => Kind::Dense { inputs, units },
        [first, second, ref rest @ ..] if gates(first, second, rest).is_some() => {
            Kind::Recurrent { gates: gates(first, second, rest).unwrap_or_default() }
        }
        ref all if gates_apart(all).is_some() => {
            Kind::Recurrent { gates: gates_apart(all).unwrap_or_default() }
        }
        [&[channels], ref rest @ ..]
            if (1..4).contains(&rest.len())
                && rest.iter().all(|s| *s == [channels])
                && (channels > 1 || rest.len() == 3) =>
        {
            Kind::Norm { channels, vectors: shapes.len() }
        }
        _ => Kind::Unknown,
    }
}

/// The gates of a recurrent layer: kernel (inputs, gates × units), recurrent kernel (units, gates × units), and a bias
/// as long as both are wide, or two of them, as a GRU with `reset_after` has, and cuDNN's layers one behind the other.
fn gates(kernel: &[u64], recurrent: &[u64], rest: &[&[u64]]) -> Option<u64> {
    let (&[_, wide], &[units, again]) = (kernel, recurrent) else { return None };
    let is_bias =
        |bias: &&[u64]| **bias == [wide] || **bias == [2, wide] || **bias == [wide.saturating_mul(2)];
    let biased = rest.len() <= 1 && rest.iter().all(is_bias);
    let gates = [1, 3, 4].into_iter().find(|gates| units.checked_mul(*gates) == Some(wide));
    gates.filter(|_| biased && wide == again && units > 0)
}

/// The same of Keras 1, which stores kernel, recurrent kernel and bias of each gate apart: twelve tensors of an LSTM,
/// nine of a GRU.
fn gates_apart(all: &[&[u64]]) -> Option<u64> {
    let gates = [3u64, 4].into_iter().find(|gates| all.len() as u64 == 3 * gates)?;
    let is_gate = |gate: &[&[u64]]| match *gate {
        [&[_, wide], &[units, again], &[bias]] => units == wide && units == again && units == bias,
        _ => false,
    };
    (all.chunks(3).all(is_gate) && all.chunks(3).all(|gate| gate == &all[..3])).then_some(gates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shapes: &[&[u64]]) -> Kind {
        let weights: Vec<_> = shapes.iter().map(|s| ("w".to_string(), s.to_vec())).collect();
        kind(&weights, KernelOrder::Hwio)
    }

    #[test]
    fn shapes_tell_what_a_layer_is() {
        let conv = |bias| Kind::Conv(Conv { kernel: [3, 3], inputs: 8, filters: 16, bias });
        for (shapes, expected) in [
            (&[&[3, 3, 8, 16][..], &[16]][..], conv(true)),
            (&[&[3, 3, 8, 16]], conv(false)),
            (&[&[3, 3, 8, 1]], Kind::Depthwise),
            (&[&[3, 3, 8, 1], &[8]], Kind::Depthwise),
            (
                &[&[2, 2, 8, 16], &[8]],
                Kind::Transposed(Conv { kernel: [2, 2], inputs: 8, filters: 16, bias: true }),
            ),
            (&[&[3, 3, 8, 1], &[1, 1, 8, 16]], Kind::Separable),
            (&[&[8], &[8], &[8], &[8]], Kind::Norm { channels: 8, vectors: 4 }),
            (&[&[8, 3], &[3]], Kind::Dense { inputs: 8, units: 3 }),
            (&[&[8, 64], &[16, 64], &[64]], Kind::Recurrent { gates: 4 }),
            (&[&[8, 48], &[16, 48], &[2, 48]], Kind::Recurrent { gates: 3 }),
            (&[&[8, 64], &[16, 64], &[128]], Kind::Recurrent { gates: 4 }),
            (&[&[8, 16], &[16, 16], &[16]], Kind::Recurrent { gates: 1 }),
            // Keras 1 stores every gate apart.
            (&[&[1, 5][..], &[5, 5], &[5]].repeat(4), Kind::Recurrent { gates: 4 }),
            (&[&[1, 5][..], &[5, 5], &[5]].repeat(3), Kind::Recurrent { gates: 3 }),
            (&[&[1], &[1], &[1]], Kind::Unknown),
            // The three tables of a quantizer of 64 numbers are no recurrent layer.
            (&[&[1, 64], &[1, 64], &[1, 64]], Kind::Unknown),
            (&[&[1, 4], &[1, 4], &[1, 4]], Kind::Unknown),
            (&[&[8]], Kind::Unknown),
        ] {
            assert_eq!(of(shapes), expected, "{shapes:?}");
        }
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = vec!["conv2d_10", "dense", "conv2d_2", "conv2d"];
        names.sort_by(|a, b| by_number(a, b));
        assert_eq!(names, ["conv2d", "conv2d_2", "conv2d_10", "dense"]);
    }

    #[test]
    fn the_tensors_of_an_inner_model_find_their_layers() {
        for (name, expected) in [
            ("conv1/kernel:0", "conv1"),
            ("resnet50/conv1/kernel:0", "resnet50/conv1"),
            ("conv1_W", "conv1"),
            ("bn_conv1_running_mean:0", "bn_conv1"),
        ] {
            assert_eq!(owner(name), Some(expected));
        }
        assert_eq!(owner("bits:0"), None);
        let tables = ["bits:0", "integers:0", "keep_negative:0"].map(|name| (name.to_string(), vec![1, 64]));
        let quantizer = Listed { layer: "quantizer".to_string(), weights: tables.to_vec() };
        let found = layers(&[quantizer], KernelOrder::Hwio);
        assert_eq!(found, [Layer { name: "quantizer".to_string(), kind: Kind::Unknown }]);
    }
}
