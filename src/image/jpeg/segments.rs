//! From marker to marker: tables, the frame, and its scans.

use super::bits::Huffman;
use super::colour::Colours;
use super::frame::Frame;
use super::scan::{Scan, Tables};
use super::{Fault, scan};

/// Scans that a picture may have; progressive ones have about ten.
const MAX_SCANS: usize = 200;

/// The place in natural order of each coefficient in zigzag order.
pub const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Reads a file, segment by segment.
pub struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    frame: Option<Frame>,
    tables: Tables,
    quantization: [Option<[u16; 64]>; 4],
    is_jfif: bool,
    /// What Adobe's segment says of colours.
    adobe: Option<u8>,
    scans: usize,
}

impl<'b> Reader<'b> {
    /// Reads a file that begins with SOI.
    pub fn new(bytes: &'b [u8]) -> Reader<'b> {
        let (frame, tables, quantization) = Default::default();
        Reader { bytes, at: 2, frame, tables, quantization, is_jfif: false, adobe: None, scans: 0 }
    }

    /// The frame with all its coefficients, and what its components are.
    pub fn read(mut self) -> Result<(Frame, Colours), Fault> {
        while self.segment()? {}
        let frame =
            self.frame.take().filter(|_| self.scans > 0).ok_or(Fault::Broken("there is no picture in it"))?;
        // libjpeg would invent the low bits of coefficients that no scan brought.
        let is_whole = |missing: &Option<u8>| *missing == Some(0);
        if frame.is_progressive
            && !frame.components.iter().all(|one| one.missing.iter().take(10).all(is_whole))
        {
            return Err(Fault::Broken("scans are missing"));
        }
        let colours = self.colours(&frame);
        Ok((frame, colours))
    }

    /// Reads a segment; false for the end of the picture.
    fn segment(&mut self) -> Result<bool, Fault> {
        match self.marker()? {
            0xD9 => return Ok(false),
            // Markers that nothing follows: TEM, and restarts where none belong.
            0x01 | 0xD0..=0xD7 => {}
            0xC0..=0xC2 => self.start_of_frame()?,
            0xC4 => self.huffman()?,
            0xC3 | 0xC5..=0xC7 => return Err(Fault::Unsupported("a lossless or hierarchical JPEG")),
            0xC8..=0xCF => return Err(Fault::Unsupported("a JPEG with arithmetic coding")),
            0xDA => self.scan()?,
            0xDB => self.quantization()?,
            0xDD => self.restarts()?,
            0xE0 => self.is_jfif |= self.content()?.starts_with(b"JFIF\0"),
            0xEE => self.adobe()?,
            _ => drop(self.content()?),
        }
        Ok(true)
    }

    /// The next marker, whatever stands before it.
    fn marker(&mut self) -> Result<u8, Fault> {
        loop {
            let rest = self.bytes.get(self.at..).ok_or(Fault::Truncated)?;
            let start = rest.iter().position(|byte| *byte == 0xFF).ok_or(Fault::Truncated)?;
            let code = rest[start..].iter().position(|byte| *byte != 0xFF).ok_or(Fault::Truncated)?;
            self.at += start + code + 1;
            match rest[start + code] {
                0 => {}
                marker => return Ok(marker),
            }
        }
    }

    /// What is in a segment behind its length.
    fn content(&mut self) -> Result<&'b [u8], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let [high, low, rest @ ..] = rest else { return Err(Fault::Truncated) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let length = length.checked_sub(2).ok_or(Fault::Broken("a segment of no length"))?;
        let content = rest.get(..length).ok_or(Fault::Truncated)?;
        self.at += 2 + length;
        Ok(content)
    }

    fn start_of_frame(&mut self) -> Result<(), Fault> {
        let is_progressive = self.bytes[self.at - 1] == 0xC2;
        let frame = Frame::read(self.content()?, is_progressive)?;
        match self.frame.replace(frame) {
            None => Ok(()),
            Some(_) => Err(Fault::Broken("a second frame")),
        }
    }

    fn huffman(&mut self) -> Result<(), Fault> {
        let mut content = self.content()?;
        while let [place, rest @ ..] = content {
            let counts = rest.get(..16).ok_or(Fault::Broken("a Huffman table"))?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let symbols = rest[16..].get(..total).ok_or(Fault::Broken("a Huffman table"))?;
            let tables = if place >> 4 == 0 { &mut self.tables.direct } else { &mut self.tables.alternating };
            let slot = tables.get_mut(usize::from(place & 15)).ok_or(Fault::Broken("a Huffman table"))?;
            *slot = Some(Huffman::new(counts, symbols)?);
            content = &rest[16 + total..];
        }
        Ok(())
    }

    fn quantization(&mut self) -> Result<(), Fault> {
        let mut content = self.content()?;
        while let [place, rest @ ..] = content {
            let width = if place >> 4 == 0 { 1 } else { 2 };
            let values = rest.get(..64 * width).ok_or(Fault::Broken("a quantization table"))?;
            let number = |at: usize| match width {
                1 => u16::from(values[at]),
                _ => u16::from_be_bytes([values[2 * at], values[2 * at + 1]]),
            };
            let mut table = [0; 64];
            ZIGZAG.iter().enumerate().for_each(|(at, place)| table[usize::from(*place)] = number(at));
            let slot = self.quantization.get_mut(usize::from(place & 15));
            *slot.ok_or(Fault::Broken("a quantization table"))? = Some(table);
            content = &rest[64 * width..];
        }
        Ok(())
    }

    fn restarts(&mut self) -> Result<(), Fault> {
        let [high, low] = self.content()? else { return Err(Fault::Broken("a restart interval")) };
        self.tables.restarts = usize::from(u16::from_be_bytes([*high, *low]));
        Ok(())
    }

    fn adobe(&mut self) -> Result<(), Fault> {
        let content = self.content()?;
        if content.starts_with(b"Adobe") && content.len() >= 12 {
            self.adobe = Some(content[11]);
        }
        Ok(())
    }

    fn scan(&mut self) -> Result<(), Fault> {
        let header = self.content()?;
        let frame = self.frame.as_mut().ok_or(Fault::Broken("a scan before the frame"))?;
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Fault::Broken("more scans than a picture has"));
        }
        let scan = Scan::read(header, frame)?;
        for index in scan.components() {
            let component = &mut frame.components[index];
            if component.missing.iter().all(Option::is_none) {
                let table = self.quantization.get(component.table).copied().flatten();
                component.quantization = table.ok_or(Fault::Broken("a quantization table is missing"))?;
            }
        }
        self.at = scan::decode(self.bytes, self.at, frame, &self.tables, &scan)?;
        Ok(())
    }

    /// As libjpeg guesses it.
    fn colours(&self, frame: &Frame) -> Colours {
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        match (ids.len(), self.adobe) {
            (1, _) => Colours::Gray,
            (3, _) if self.is_jfif => Colours::YCbCr,
            (3, Some(0)) => Colours::Rgb,
            (3, None) if ids == *b"RGB" => Colours::Rgb,
            (3, _) => Colours::YCbCr,
            (_, Some(2)) => Colours::Ycck,
            _ => Colours::Cmyk,
        }
    }
}
