//! NumPy's `.npy` files, as far as tensors of real numbers go.

use super::{Dtype, decode};
use crate::limits;

/// A tensor with its shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f32>,
}

/// Reads a `.npy` file of format version 1, 2 or 3.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<Array, String> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it does not begin like a .npy file")?;
    let (header, data) = header_and_data(rest).ok_or("its header is cut off")?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is not text")?;
    if field(header, "fortran_order").is_some_and(|value| value.starts_with("True")) {
        return Err("it is in Fortran order; save it with numpy.ascontiguousarray".into());
    }
    let (dtype, big_endian) =
        field(header, "descr").and_then(dtype).ok_or("its type is not a real number type")?;
    let shape = field(header, "shape").and_then(shape).ok_or("its shape can't be read")?;
    let elements = shape.iter().try_fold(1usize, |product, axis| product.checked_mul(*axis));
    let elements =
        elements.filter(|n| *n <= limits::MAX_ACTIVATION_ELEMENTS).ok_or("it has too many elements")?;
    if data.len() < elements * dtype.size() {
        return Err(format!(
            "it holds {} bytes of data, its shape {shape:?} needs {}",
            data.len(),
            elements * dtype.size()
        ));
    }
    let mut numbers = Vec::with_capacity(elements);
    decode(dtype, big_endian, &data[..elements * dtype.size()], &mut numbers);
    Ok(Array { shape, data: numbers })
}

/// Splits what stands behind the signature.
fn header_and_data(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    match rest {
        [1, _, low, high, rest @ ..] => rest.split_at_checked(usize::from(u16::from_le_bytes([*low, *high]))),
        [2 | 3, _, a, b, c, d, rest @ ..] => usize::try_from(u32::from_le_bytes([*a, *b, *c, *d]))
            .ok()
            .and_then(|length| rest.split_at_checked(length)),
        _ => None,
    }
}

/// Shape and type of a `.npy` file by its first bytes, as NumPy writes them: `(3, 3) <f4`.
pub fn describe(start: &[u8]) -> Option<String> {
    let (header, _) = header_and_data(start.strip_prefix(b"\x93NUMPY")?)?;
    let header = std::str::from_utf8(header).ok()?;
    let shape = field(header, "shape")?.strip_prefix('(')?.split(')').next()?;
    let dtype = field(header, "descr")?.trim_start_matches('\'').split('\'').next()?;
    Some(format!("({shape}) {dtype}"))
}

/// Where the pickle begins that a `.npy` file holds in place of numbers, by its first bytes. Its type may be written in many
/// ways (`|O`, `object`, a list of fields, escapes); of a file without objects it is said at worst, too.
pub fn objects(start: &[u8]) -> Option<usize> {
    let (header, data) = header_and_data(start.strip_prefix(b"\x93NUMPY")?)?;
    let header = std::str::from_utf8(header).ok()?;
    // Fortran's order and the shape stand beside it, and have neither.
    let has_objects = ["O", "object", "\\"].iter().any(|word| header.contains(word));
    has_objects.then(|| start.len() - data.len())
}

/// What stands behind `'name':` in the header.
fn field<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let at = header.find(&format!("'{name}'"))?;
    header[at..].split_once(':').map(|(_, value)| value.trim_start())
}

fn dtype(value: &str) -> Option<(Dtype, bool)> {
    let code = value.trim_start_matches('\'').split('\'').next()?;
    let big_endian = code.starts_with('>');
    let dtype = match code.trim_start_matches(['<', '>', '|', '=']) {
        "f2" => Dtype::F16,
        "f4" => Dtype::F32,
        "f8" => Dtype::F64,
        "i1" => Dtype::Int(1),
        "i2" => Dtype::Int(2),
        "i4" => Dtype::Int(4),
        "i8" => Dtype::Int(8),
        "u1" => Dtype::Uint(1),
        "u2" => Dtype::Uint(2),
        "u4" => Dtype::Uint(4),
        "u8" => Dtype::Uint(8),
        _ => return None,
    };
    Some((dtype, big_endian))
}

fn shape(value: &str) -> Option<Vec<usize>> {
    let inside = value.strip_prefix('(')?.split(')').next()?;
    let axes = inside.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let shape: Vec<usize> = axes.map(|axis| axis.parse().ok()).collect::<Option<_>>()?;
    (shape.len() <= limits::MAX_RANK).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_matrix_is_read_with_its_shape() {
        let data: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let array =
            parse(&file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n", &data)).unwrap();
        assert_eq!((array.shape, array.data), (vec![2, 2], vec![1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn a_header_alone_describes_its_array() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3, 64), }\n";
        assert_eq!(describe(&file(header, &[])).as_deref(), Some("(3, 3, 64) <f4"));
        assert_eq!(describe(b"\x93NUMPY\x01\x00\xff\xff{"), None);
    }

    #[test]
    fn objects_are_told_from_numbers() {
        for descr in ["'|O'", "'O'", "'object'", "[('a', '|O')]", "'\\x4f'"] {
            let start =
                file(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (), }}\n"), b"\x80\x04.");
            assert_eq!(objects(&start), Some(start.len() - 3), "{descr}");
        }
        let start = file("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3, 64), }\n", &[]);
        assert_eq!(objects(&start), None);
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        for (bytes, expected) in [
            (b"nothing".to_vec(), "does not begin"),
            (b"\x93NUMPY\x01\x00\xff\xff".to_vec(), "cut off"),
            (file("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", &[0; 8]), "Fortran"),
            (file("{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", &[0; 16]), "real number"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 9999999999)}", &[0; 8]), "too many"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", &[0; 8]), "8 bytes"),
        ] {
            let reason = parse(&bytes).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
