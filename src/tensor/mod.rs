//! Stored numbers: their type, their decoding to `f32`, and statistics in one pass.

pub mod npy;
mod channels;
mod distinct;
mod fingerprint;
mod histogram;
mod lanes;
mod stats;
mod turn;

pub use channels::Channels;
pub use stats::{Accumulator, Stats};
pub use turn::Turn;

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE half precision
    F16,
    /// bfloat16
    BF16,
    /// IEEE single precision
    F32,
    /// IEEE double precision
    F64,
    /// Signed integer of 1, 2, 4 or 8 bytes
    Int(u8),
    /// Unsigned integer of 1, 2, 4 or 8 bytes
    Uint(u8),
    /// Text, compound values and everything else that is no number
    Other,
}

impl Dtype {
    /// Bytes of one element; 0 for [`Dtype::Other`].
    pub fn size(self) -> usize {
        match self {
            Dtype::F16 | Dtype::BF16 => 2,
            Dtype::F32 => 4,
            Dtype::F64 => 8,
            Dtype::Int(size) | Dtype::Uint(size) => usize::from(size),
            Dtype::Other => 0,
        }
    }

    /// Whether it is a floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64)
    }
}

impl std::fmt::Display for Dtype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Dtype::F16 => f.write_str("float16"),
            Dtype::BF16 => f.write_str("bfloat16"),
            Dtype::F32 => f.write_str("float32"),
            Dtype::F64 => f.write_str("float64"),
            Dtype::Int(size) => write!(f, "int{}", u32::from(*size) * 8),
            Dtype::Uint(size) => write!(f, "uint{}", u32::from(*size) * 8),
            Dtype::Other => f.write_str("not a number"),
        }
    }
}

/// Appends the numbers in `bytes`, as `f32`, to `out`. Bytes behind the last whole element are ignored,
/// and so is everything for [`Dtype::Other`].
pub fn decode(dtype: Dtype, big_endian: bool, bytes: &[u8], out: &mut Vec<f32>) {
    match dtype {
        Dtype::F32 => decode_f32(bytes, big_endian, out),
        Dtype::F64 => decode_as(bytes, big_endian, out, |b| f64::from_le_bytes(b) as f32),
        Dtype::F16 => decode_as(bytes, big_endian, out, |b| half::f16::from_le_bytes(b).to_f32()),
        Dtype::BF16 => decode_as(bytes, big_endian, out, |b| half::bf16::from_le_bytes(b).to_f32()),
        Dtype::Int(1) => decode_as(bytes, big_endian, out, |b| f32::from(i8::from_le_bytes(b))),
        Dtype::Int(2) => decode_as(bytes, big_endian, out, |b| f32::from(i16::from_le_bytes(b))),
        Dtype::Int(4) => decode_as(bytes, big_endian, out, |b| i32::from_le_bytes(b) as f32),
        Dtype::Int(_) => decode_as(bytes, big_endian, out, |b| i64::from_le_bytes(b) as f32),
        Dtype::Uint(1) => decode_as(bytes, big_endian, out, |b| f32::from(u8::from_le_bytes(b))),
        Dtype::Uint(2) => decode_as(bytes, big_endian, out, |b| f32::from(u16::from_le_bytes(b))),
        Dtype::Uint(4) => decode_as(bytes, big_endian, out, |b| u32::from_le_bytes(b) as f32),
        Dtype::Uint(_) => decode_as(bytes, big_endian, out, |b| u64::from_le_bytes(b) as f32),
        Dtype::Other => {}
    }
}

/// The most common type at the speed of memory.
fn decode_f32(bytes: &[u8], big_endian: bool, out: &mut Vec<f32>) {
    let before = out.len();
    out.resize(before + bytes.len() / 4, 0.0);
    let numbers = &mut out[before..];
    bytemuck::cast_slice_mut(numbers).copy_from_slice(&bytes[..bytes.len() / 4 * 4]);
    if big_endian != cfg!(target_endian = "big") {
        numbers.iter_mut().for_each(|x| *x = f32::from_bits(x.to_bits().swap_bytes()));
    }
}

fn decode_as<const N: usize>(
    bytes: &[u8],
    big_endian: bool,
    out: &mut Vec<f32>,
    one: impl Fn([u8; N]) -> f32,
) {
    let (elements, _) = bytes.as_chunks::<N>();
    if big_endian {
        out.extend(elements.iter().map(|element| {
            let mut swapped = *element;
            swapped.reverse();
            one(swapped)
        }));
    } else {
        out.extend(elements.iter().map(|element| one(*element)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(dtype: Dtype, big_endian: bool, bytes: &[u8]) -> Vec<f32> {
        let mut out = Vec::new();
        decode(dtype, big_endian, bytes, &mut out);
        out
    }

    #[test]
    fn every_number_type_is_decoded_in_both_byte_orders() {
        let cases: [(Dtype, Vec<u8>); 9] = [
            (Dtype::F32, (-2.5f32).to_le_bytes().to_vec()),
            (Dtype::F64, (-2.5f64).to_le_bytes().to_vec()),
            (Dtype::F16, half::f16::from_f32(-2.5).to_le_bytes().to_vec()),
            (Dtype::BF16, half::bf16::from_f32(-2.5).to_le_bytes().to_vec()),
            (Dtype::Int(1), (-2i8).to_le_bytes().to_vec()),
            (Dtype::Int(4), (-2i32).to_le_bytes().to_vec()),
            (Dtype::Int(8), (-2i64).to_le_bytes().to_vec()),
            (Dtype::Uint(2), 2u16.to_le_bytes().to_vec()),
            (Dtype::Uint(8), 2u64.to_le_bytes().to_vec()),
        ];
        for (dtype, little) in cases {
            let expected = if dtype.is_float() {
                -2.5
            } else if matches!(dtype, Dtype::Int(_)) {
                -2.0
            } else {
                2.0
            };
            let big: Vec<u8> = little.iter().rev().copied().collect();
            assert_eq!(decoded(dtype, false, &little), [expected], "{dtype}");
            assert_eq!(decoded(dtype, true, &big), [expected], "{dtype} big-endian");
        }
    }
}
