//! What a frame header says: size, components, and room for their coefficients.

use super::Fault;
use crate::limits;

/// A picture of one, three or four components.
pub struct Frame {
    /// Columns of pixels.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Whether coefficients come bit by bit.
    pub is_progressive: bool,
    /// The largest sampling factors, horizontal and vertical.
    pub sampling: [usize; 2],
    /// The components, in the frame's order.
    pub components: Vec<Component>,
}

/// One component of a frame.
pub struct Component {
    /// Its number in the file.
    pub id: u8,
    /// Sampling factors, horizontal and vertical: 1 to 4.
    pub sampling: [usize; 2],
    /// Which quantization table it takes.
    pub table: usize,
    /// That table when the component's first scan began, in natural order.
    pub quantization: [u16; 64],
    /// Columns of samples that are picture.
    pub width: usize,
    /// Rows of samples that are picture.
    pub height: usize,
    /// Columns of blocks, padded to whole units of interleaved scans.
    pub columns: usize,
    /// Rows of blocks, padded likewise.
    pub rows: usize,
    /// 64 coefficients a block, in natural order, as stored.
    pub blocks: Vec<i16>,
    /// How many low bits of each coefficient, in zigzag order, no scan has brought yet; `None` before its first scan.
    pub missing: [Option<u8>; 64],
}

impl Frame {
    /// Reads the content of an SOF segment.
    ///
    /// # Errors
    /// A frame that contradicts itself, or is larger than `limits` allow.
    pub fn read(segment: &[u8], is_progressive: bool) -> Result<Frame, Fault> {
        let [precision, h1, h0, w1, w0, count, rest @ ..] = segment else {
            return Err(Fault::Broken("a frame header is too short"));
        };
        let [height, width] = [[*h1, *h0], [*w1, *w0]].map(|bytes| usize::from(u16::from_be_bytes(bytes)));
        if *precision != 8 {
            return Err(Fault::Unsupported("a JPEG with other than 8 bits a sample"));
        }
        if ![1, 3, 4].contains(count) || rest.len() != 3 * usize::from(*count) {
            return Err(Fault::Unsupported("a JPEG of other than one, three or four components"));
        }
        let side = limits::MAX_PICTURE_SIDE as usize;
        if width == 0 || height == 0 || width > side || height > side {
            return Err(Fault::Unsupported("a JPEG without a height or wider or higher than 16,384 pixels"));
        }
        let mut components =
            rest.chunks_exact(3).map(Component::read).collect::<Result<Vec<Component>, Fault>>()?;
        let largest =
            |axis: usize| components.iter().map(|component| component.sampling[axis]).max().unwrap_or(1);
        let sampling = [largest(0), largest(1)];
        let is_whole = |component: &Component| {
            [0, 1].iter().all(|axis| sampling[*axis].is_multiple_of(component.sampling[*axis]))
        };
        if !components.iter().all(is_whole) {
            return Err(Fault::Unsupported("a JPEG whose colours have two thirds of the columns or rows"));
        }
        components.iter_mut().for_each(|component| component.measure([width, height], sampling));
        let coefficients: usize =
            components.iter().map(|component| 64 * component.columns * component.rows).sum();
        if 2 * coefficients as u64 > limits::MAX_PICTURE_BYTES {
            return Err(Fault::Unsupported("a JPEG of so many pixels"));
        }
        for component in &mut components {
            component.blocks = vec![0; 64 * component.columns * component.rows];
        }
        Ok(Frame { width, height, is_progressive, sampling, components })
    }

    /// Units of an interleaved scan: in a row, and rows of them.
    pub fn units(&self) -> [usize; 2] {
        [self.width.div_ceil(8 * self.sampling[0]), self.height.div_ceil(8 * self.sampling[1])]
    }
}

impl Component {
    fn read(fields: &[u8]) -> Result<Component, Fault> {
        let sampling = [fields[1] >> 4, fields[1] & 15].map(usize::from);
        if sampling.iter().any(|factor| !(1..=4).contains(factor)) {
            return Err(Fault::Broken("a sampling factor"));
        }
        Ok(Component {
            id: fields[0],
            sampling,
            table: usize::from(fields[2]),
            quantization: [0; 64],
            width: 0,
            height: 0,
            columns: 0,
            rows: 0,
            blocks: Vec::new(),
            missing: [None; 64],
        })
    }

    fn measure(&mut self, [width, height]: [usize; 2], [across, down]: [usize; 2]) {
        let [h, v] = self.sampling;
        self.width = (width * h).div_ceil(across);
        self.height = (height * v).div_ceil(down);
        self.columns = width.div_ceil(8 * across) * h;
        self.rows = height.div_ceil(8 * down) * v;
    }
}
