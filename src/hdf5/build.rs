//! Writing a new file: the library writes its structures, and the numbers lie behind them.
//!
//! No number is held: a dataset is written with one element, and its header is then told its shape and where its numbers are.
//! Those of the original that lie there as they should are taken from there.

use std::sync::Arc;

use hdf5_pure::{
    AttrValue, DatasetBuilder, Datatype, DatatypeByteOrder, FileBuilder, FinishedGroup, GroupBuilder,
};
use hdf5_pure::{FixedPointLayout, FloatingPointLayout, LibVer};
use hdf5_reader::messages::HdfMessage;

use super::{Dataset, Error, File, Patch};
use crate::limits;
use crate::source::{ByteSource, Joined, Make, MemorySource, Part, ReadError};
use crate::tensor::{Dtype, Turn};

/// A group to be written.
#[derive(Clone, Default)]
pub struct NewGroup {
    /// Its name; that of the root is empty.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<(String, NewAttribute)>,
    /// The groups in it.
    pub groups: Vec<NewGroup>,
    /// The datasets in it.
    pub datasets: Vec<NewDataset>,
}

/// An attribute to be written, marked as ASCII, so that h5py gives bytes for it as for Keras' own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewAttribute {
    /// One text, of any length.
    Text(String),
    /// A list of texts, all of the length of the longest.
    Names(Vec<String>),
}

/// A dataset to be written, with the numbers of another.
#[derive(Clone)]
pub struct NewDataset {
    /// Its name.
    pub name: String,
    /// Whose numbers it gets.
    pub from: Dataset,
    /// In which order.
    pub turn: Turn,
}

/// Types of the messages that are told what the library does not know.
const DATASPACE: u16 = 1;
const LAYOUT: u16 = 8;
/// Class number of the layout in one run.
const CONTIGUOUS: u8 = 1;

impl NewGroup {
    /// A group without anything in it.
    pub fn new(name: &str) -> NewGroup {
        NewGroup { name: name.into(), ..NewGroup::default() }
    }

    /// Puts a dataset under a path, through groups that are made where they are not there.
    pub fn insert(&mut self, path: &str, from: Dataset, turn: Turn) {
        match path.split_once('/') {
            Some((first, rest)) => self.child(first).insert(rest, from, turn),
            None => self.datasets.push(NewDataset { name: path.into(), from, turn }),
        }
    }

    /// The group of that name in it, new where there is none.
    pub fn child(&mut self, name: &str) -> &mut NewGroup {
        let at = self.groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
            self.groups.push(NewGroup::new(name));
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// The datasets below it with their paths.
    pub fn walk(&self, path: &str) -> Vec<(String, &NewDataset)> {
        let own = self.datasets.iter().map(|dataset| (format!("{path}/{}", dataset.name), dataset));
        let inner = self.groups.iter().flat_map(|group| group.walk(&format!("{path}/{}", group.name)));
        own.chain(inner).collect()
    }

    fn build(&self, mut builder: GroupBuilder) -> Result<FinishedGroup, Error> {
        for (name, value) in &self.attributes {
            builder.set_attr(name, value.value());
        }
        for dataset in &self.datasets {
            dataset.describe(builder.create_dataset(&dataset.name))?;
        }
        for group in &self.groups {
            let inner = builder.create_group(&group.name);
            builder.add_group(group.build(inner)?);
        }
        Ok(builder.finish())
    }

    /// The file of which this is the root, with the numbers of datasets of `source`. It has the form of HDF5 1.8.
    ///
    /// # Errors
    /// When it would be larger than the file it comes from can reasonably unpack to, or the library can't write it.
    ///
    /// `in_place` says that the datasets lie in `source` itself, and not in a member of it.
    pub fn write(&self, source: Arc<dyn ByteSource>, in_place: bool) -> Result<Joined, Error> {
        let structures = self.structures()?;
        let start = structures.len() as u64;
        let file = File::open(Arc::new(MemorySource(structures.clone())))?;
        let (mut patch, mut end, mut parts) = (Patch::new(&file), start, Vec::new());
        for (path, dataset) in self.walk("") {
            let length = dataset.length()?;
            tell(&file, &mut patch, &path, &dataset.shape()?, (end, length))?;
            parts.push(dataset.part(length, in_place));
            end = end.saturating_add(length);
        }
        let room = source.len().saturating_mul(limits::MAX_READINGS).max(limits::MAX_UNPACKED_BYTES);
        if end.saturating_sub(start) > room {
            return Err(Error::TooLarge(format!(
                "the copy would have {end} bytes of a file of {}",
                source.len()
            )));
        }
        patch.end_at(end)?;
        let head = Joined::patched(Arc::new(MemorySource(structures)), patch.finish()?);
        let mut bytes = vec![0; start as usize];
        head.read_at(0, &mut bytes).map_err(|error| Error::Damaged(error.to_string()))?;
        parts.insert(0, Part::New(bytes));
        Ok(Joined::new(source, parts))
    }

    /// The file as the library writes it, with one element in every dataset.
    fn structures(&self) -> Result<Vec<u8>, Error> {
        let mut file = FileBuilder::new();
        file.with_libver_bounds(LibVer::Earliest, LibVer::V18);
        for (name, value) in &self.attributes {
            file.set_attr(name, value.value());
        }
        for dataset in &self.datasets {
            dataset.describe(file.create_dataset(&dataset.name))?;
        }
        for group in &self.groups {
            let builder = file.create_group(&group.name);
            file.add_group(group.build(builder)?);
        }
        file.finish().map_err(|error| Error::Unsupported(error.to_string()))
    }
}

impl NewAttribute {
    fn value(&self) -> AttrValue {
        match self {
            NewAttribute::Text(text) => AttrValue::VarLenAsciiString(text.clone()),
            // Keras writes an empty list as no numbers.
            NewAttribute::Names(names) if names.is_empty() => AttrValue::F64Array(Vec::new()),
            NewAttribute::Names(names) => AttrValue::AsciiStringArray(names.clone()),
        }
    }
}

impl NewDataset {
    /// Its type and number of axes, with one element.
    fn describe(&self, builder: &mut DatasetBuilder) -> Result<(), Error> {
        let ones = vec![1; self.shape()?.len()];
        builder.with_raw_data(self.kind()?, vec![0; self.from.dtype.size()], 1).with_shape(&ones);
        Ok(())
    }

    fn shape(&self) -> Result<Vec<u64>, Error> {
        if self.turn.is_none() {
            return Ok(self.from.shape.clone());
        }
        let shape = self.turn.shape(&self.from.shape);
        shape.map(Vec::from).ok_or_else(|| Error::Unsupported(format!("{} is no kernel", self.from.path)))
    }

    fn length(&self) -> Result<u64, Error> {
        let bytes = self.from.elements()?.checked_mul(self.from.dtype.size() as u64);
        bytes
            .filter(|bytes| *bytes <= limits::MAX_TENSOR_BYTES)
            .ok_or_else(|| Error::TooLarge(format!("{} declares more bytes than are read", self.from.path)))
    }

    fn kind(&self) -> Result<Datatype, Error> {
        number_type(self.from.dtype)
            .ok_or_else(|| Error::Unsupported(format!("{} holds no numbers", self.from.path)))
    }

    fn part(&self, length: u64, in_place: bool) -> Part {
        match self.from.little_endian_run() {
            Some(offset) if in_place && self.turn.is_none() => Part::Kept { offset, length },
            _ => Part::Made { length, make: Arc::new(self.clone()) },
        }
    }
}

impl Make for NewDataset {
    fn make(&self) -> Result<Vec<u8>, ReadError> {
        let system = |error: Error| ReadError::System(error.to_string());
        let bytes = self.from.little_endian_bytes().map_err(system)?;
        if self.turn.is_none() {
            return Ok(bytes);
        }
        let turned = self.turn.apply(&self.from.shape, self.from.dtype.size(), &bytes);
        turned.ok_or_else(|| ReadError::System(format!("{} is no kernel", self.from.path)))
    }
}

/// Tells the header of a dataset its shape, and the first byte and the number of its bytes.
fn tell(
    file: &File,
    patch: &mut Patch<'_>,
    path: &str,
    shape: &[u64],
    (start, length): (u64, u64),
) -> Result<(), Error> {
    let header = file.header(file.inner.dataset(path).map_err(super::translate)?.address())?;
    let lost = || Error::Unsupported(format!("the header of {path} has no known form"));
    for message in &header.messages {
        let (address, size) = message.place;
        let bytes = file.raw.bytes(address, size)?;
        match (&message.body, message.kind) {
            (Ok(HdfMessage::Dataspace(_)), DATASPACE) if !shape.is_empty() => {
                let dims: Vec<u8> = shape.iter().flat_map(|axis| axis.to_le_bytes()).collect();
                // Version 2 has 4 bytes in front of the dimensions, and no largest ones where nobody asked for them.
                if bytes.first() != Some(&2) || size != 4 + dims.len() {
                    return Err(lost());
                }
                patch.write(address + 4, dims, message.sealed);
            }
            (Ok(HdfMessage::DataLayout(_)), LAYOUT) => {
                if bytes.get(1) != Some(&CONTIGUOUS) || size < 18 {
                    return Err(lost());
                }
                let run = if length == 0 { [u64::MAX, 0] } else { [start, length] };
                patch.write(address + 2, run.map(u64::to_le_bytes).concat(), message.sealed);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The type of a number, its lowest byte first.
fn number_type(dtype: Dtype) -> Option<Datatype> {
    let float = |size: u32, exponent: u8, mantissa: u8, bias: u32| Datatype::FloatingPoint {
        size,
        byte_order: DatatypeByteOrder::LittleEndian,
        layout: FloatingPointLayout {
            bit_offset: 0,
            bit_precision: size as u16 * 8,
            exponent_location: mantissa,
            exponent_size: exponent,
            mantissa_location: 0,
            mantissa_size: mantissa,
            exponent_bias: bias,
        },
    };
    let whole = |size: u8, signed: bool| Datatype::FixedPoint {
        size: u32::from(size),
        byte_order: DatatypeByteOrder::LittleEndian,
        layout: FixedPointLayout { signed, bit_offset: 0, bit_precision: u16::from(size) * 8 },
    };
    match dtype {
        Dtype::F16 => Some(float(2, 5, 10, 15)),
        Dtype::F32 => Some(float(4, 8, 23, 127)),
        Dtype::F64 => Some(float(8, 11, 52, 1023)),
        Dtype::Int(size) => Some(whole(size, true)),
        Dtype::Uint(size) => Some(whole(size, false)),
        Dtype::BF16 | Dtype::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hdf5::Attribute;

    /// What TensorFlow 2.15 saved.
    const SAVED: &[u8] = include_bytes!("../../tests/fixtures/models/cifar8v1_full__tf215.h5");
    const KERNEL: &str = "model_weights/conv2d_1/conv2d_1/kernel:0";

    fn rebuilt(in_place: bool) -> (File, File, Joined) {
        let source: Arc<dyn ByteSource> = Arc::new(MemorySource(SAVED.into()));
        let file = File::open(source.clone()).unwrap();
        let kernel = || file.group("").unwrap().dataset(KERNEL).unwrap();
        let mut root = NewGroup::default();
        root.attributes.push(("model_config".into(), NewAttribute::Text("x".repeat(100_000))));
        root.attributes.push(("nothing".into(), NewAttribute::Names(Vec::new())));
        root.attributes.push(("names".into(), NewAttribute::Names(vec!["kernel:0".into(), "a".into()])));
        root.child("a").insert("b/kernel:0", kernel(), Turn::default());
        root.child("a").insert("b/turned:0", kernel(), Turn { transposed: false, rotated: true });
        for layer in 0..100 {
            root.child("many").child(&format!("layer_{layer}")).insert("w:0", kernel(), Turn::default());
        }
        let copy = root.write(source, in_place).unwrap();
        let mut bytes = vec![0; copy.len() as usize];
        copy.read_at(0, &mut bytes).unwrap();
        (file, File::open(Arc::new(MemorySource(bytes))).unwrap(), copy)
    }

    #[test]
    fn numbers_are_those_of_the_original() {
        for in_place in [true, false] {
            let (original, copy, joined) = rebuilt(in_place);
            let read =
                |file: &File, path: &str| file.group("").unwrap().dataset(path).unwrap().read().unwrap();
            let numbers = read(&original, KERNEL);
            assert_eq!(read(&copy, "a/b/kernel:0"), numbers);
            assert_eq!(read(&copy, "many/layer_99/w:0"), numbers);
            // The first element of a turned kernel is the last of its rows and columns.
            let turned = read(&copy, "a/b/turned:0");
            assert_eq!(
                (turned.len(), turned[0]),
                (numbers.len(), numbers[numbers.len() - numbers.len() / 9])
            );
            assert_eq!(copy.extent().end, joined.len());
            let kept = joined.parts().filter(|part| matches!(part, Part::Kept { .. })).count();
            assert_eq!(kept, if in_place { 101 } else { 0 });
        }
    }

    #[test]
    fn attributes_are_read_as_they_were_given() {
        let (_, copy, _) = rebuilt(true);
        let root = copy.group("").unwrap();
        assert_eq!(root.attribute("model_config"), Ok(Attribute::Text("x".repeat(100_000))));
        assert_eq!(root.attribute("nothing"), Ok(Attribute::Other(0)));
        assert_eq!(root.attribute("names"), Ok(Attribute::Texts(vec!["kernel:0".into(), "a".into()])));
        assert!(!root.is_utf8("model_config") && !root.is_variable("names"));
        assert!(copy.inventory().damage.is_empty());
    }

    /// A few bytes that declare many numbers must not become a file that fills a disk.
    #[test]
    fn a_copy_is_not_much_larger_than_its_original() {
        let source: Arc<dyn ByteSource> = Arc::new(MemorySource(SAVED.into()));
        let file = File::open(source.clone()).unwrap();
        let mut from = file.group("").unwrap().dataset(KERNEL).unwrap();
        let mut root = NewGroup::default();
        from.shape = vec![1 << 24, 4];
        root.insert("bomb:0", from.clone(), Turn::default());
        assert!(matches!(root.write(source.clone(), true), Err(Error::TooLarge(_))));
        from.shape = vec![u64::MAX, 4];
        root.datasets[0].from = from;
        assert!(matches!(root.write(source, true), Err(Error::TooLarge(_))));
    }
}
