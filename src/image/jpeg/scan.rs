//! The entropy-coded data of a scan, into coefficients. Names of what is decoded are T.81's.

use super::Fault;
use super::bits::{Bits, Huffman};
use super::frame::Frame;
use super::segments::ZIGZAG;

/// What scans take from the segments before them.
#[derive(Default)]
pub struct Tables {
    /// Huffman tables of the DC coefficients.
    pub direct: [Option<Huffman>; 4],
    /// Huffman tables of the AC coefficients.
    pub alternating: [Option<Huffman>; 4],
    /// Units between restart markers; 0 for none.
    pub restarts: usize,
}

/// A scan header.
pub struct Scan {
    /// Of each component: its place in the frame, its DC table and its AC table.
    members: Vec<(usize, usize, usize)>,
    /// The first coefficient and the last one, in zigzag order.
    band: (usize, usize),
    /// How many low bits the scans before left out; 0 in the first scan of a band.
    high: u8,
    /// How many low bits this one leaves out.
    low: u8,
}

impl Scan {
    /// Reads the content of an SOS segment, and notes in the frame what it brings.
    ///
    /// # Errors
    /// A header that contradicts itself or the frame.
    pub fn read(header: &[u8], frame: &mut Frame) -> Result<Scan, Fault> {
        const WRONG: Fault = Fault::Broken("a scan header");
        let (count, rest) = header.split_first().ok_or(WRONG)?;
        let (members, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or(WRONG)?;
        let [start, end, bits] = rest else { return Err(WRONG) };
        let member = |pair: &[u8]| {
            let place = frame.components.iter().position(|component| component.id == pair[0]).ok_or(WRONG)?;
            Ok((place, usize::from(pair[1] >> 4), usize::from(pair[1] & 15)))
        };
        let members = members.chunks_exact(2).map(member).collect::<Result<Vec<_>, Fault>>()?;
        let (band, high, low) = match frame.is_progressive {
            true => ((usize::from(*start), usize::from(*end)), bits >> 4, bits & 15),
            false => ((0, 63), 0, 0),
        };
        let is_distinct = (1..members.len()).all(|at| members[..at].iter().all(|one| one.0 != members[at].0));
        let is_band = if band.0 == 0 { band.1 == 0 || !frame.is_progressive } else { members.len() == 1 };
        let is_step = (high == 0 || high == low + 1) && low <= 13;
        if members.is_empty() || !is_distinct || !is_band || band.1 > 63 || band.0 > band.1 || !is_step {
            return Err(WRONG);
        }
        Ok(Scan { members, band, high, low })
    }

    /// The components it is of, by their place in the frame.
    pub fn components(&self) -> impl Iterator<Item = usize> {
        self.members.iter().map(|(place, ..)| *place)
    }
}

/// Decodes the data that begins at that place; gives the place of the marker behind it.
///
/// # Errors
/// Data that ends too early, or a table that is missing.
pub fn decode(
    bytes: &[u8],
    at: usize,
    frame: &mut Frame,
    tables: &Tables,
    scan: &Scan,
) -> Result<usize, Fault> {
    let bits = Bits::new(bytes, at);
    let mut decoder = Decoder { bits, tables, scan, predictions: [0; 4], run: 0 };
    let [columns, rows] = match scan.members.as_slice() {
        // A scan of one component has no padding but to whole blocks.
        [(place, ..)] => {
            let component = &frame.components[*place];
            [component.width.div_ceil(8), component.height.div_ceil(8)]
        }
        _ => frame.units(),
    };
    for unit in 0..columns * rows {
        if tables.restarts > 0 && unit > 0 && unit.is_multiple_of(tables.restarts) {
            decoder.restart()?;
        }
        if !decoder.bits.is_exhausted {
            decoder.unit(frame, unit % columns, unit / columns)?;
        }
    }
    for place in scan.components() {
        frame.components[place].missing[scan.band.0..=scan.band.1].fill(Some(scan.low));
    }
    decoder.bits.marker()
}

struct Decoder<'b> {
    bits: Bits<'b>,
    tables: &'b Tables,
    scan: &'b Scan,
    /// The last DC value of each member of the scan.
    predictions: [i32; 4],
    /// Blocks whose band has nothing more: T.81's EOBRUN.
    run: i32,
}

impl Decoder<'_> {
    fn restart(&mut self) -> Result<(), Fault> {
        self.bits.restart()?;
        (self.predictions, self.run) = ([0; 4], 0);
        Ok(())
    }

    /// The blocks of one unit of the scan.
    fn unit(&mut self, frame: &mut Frame, column: usize, row: usize) -> Result<(), Fault> {
        let is_alone = self.scan.members.len() == 1;
        for (member, (place, ..)) in self.scan.members.iter().enumerate() {
            let component = &mut frame.components[*place];
            let [h, v] = if is_alone { [1, 1] } else { component.sampling };
            for index in 0..h * v {
                let (x, y) = (column * h + index % h, row * v + index / h);
                let start = 64 * (y * component.columns + x);
                let block = component.blocks.get_mut(start..start + 64);
                let block = block.and_then(|block| block.try_into().ok()).ok_or(Fault::Broken("a scan"))?;
                self.block(member, block, frame.is_progressive)?;
            }
        }
        Ok(())
    }

    fn block(&mut self, member: usize, block: &mut [i16; 64], is_progressive: bool) -> Result<(), Fault> {
        if !is_progressive {
            self.dc_first(member, block)?;
            return self.ac_baseline(member, block);
        }
        match (self.scan.band.0, self.scan.high) {
            (0, 0) => self.dc_first(member, block),
            (0, _) => self.dc_refine(block),
            (_, 0) => self.ac_first(member, block),
            (_, _) => self.ac_refine(member, block),
        }
    }

    fn dc_first(&mut self, member: usize, block: &mut [i16; 64]) -> Result<(), Fault> {
        let table = table(&self.tables.direct, self.scan.members[member].1)?;
        let size = self.bits.symbol(table)?;
        if size > 15 {
            return Err(Fault::Broken("a Huffman table"));
        }
        let difference = self.bits.signed(u32::from(size))?;
        let prediction = &mut self.predictions[member];
        *prediction = prediction.wrapping_add(difference);
        block[0] = (*prediction << self.scan.low) as i16;
        Ok(())
    }

    fn dc_refine(&mut self, block: &mut [i16; 64]) -> Result<(), Fault> {
        block[0] |= (self.bits.take(1)? as i16) << self.scan.low;
        Ok(())
    }

    fn ac_baseline(&mut self, member: usize, block: &mut [i16; 64]) -> Result<(), Fault> {
        let table = table(&self.tables.alternating, self.scan.members[member].2)?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.bits.symbol(table)?;
            match (usize::from(symbol >> 4), u32::from(symbol & 15)) {
                (15, 0) => at += 16,
                (_, 0) => return Ok(()),
                (zeros, size) => {
                    at += zeros;
                    block[natural(at)] = self.bits.signed(size)? as i16;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn ac_first(&mut self, member: usize, block: &mut [i16; 64]) -> Result<(), Fault> {
        if self.run > 0 {
            self.run -= 1;
            return Ok(());
        }
        let table = table(&self.tables.alternating, self.scan.members[member].2)?;
        let (mut at, end) = self.scan.band;
        while at <= end {
            let symbol = self.bits.symbol(table)?;
            match (usize::from(symbol >> 4), u32::from(symbol & 15)) {
                (15, 0) => at += 16,
                (run, 0) => {
                    self.run = (1 << run) - 1 + self.bits.take(run as u32)?;
                    return Ok(());
                }
                (zeros, size) => {
                    at += zeros;
                    block[natural(at)] = (self.bits.signed(size)? << self.scan.low) as i16;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn ac_refine(&mut self, member: usize, block: &mut [i16; 64]) -> Result<(), Fault> {
        let table = table(&self.tables.alternating, self.scan.members[member].2)?;
        let (mut at, end) = self.scan.band;
        while self.run == 0 && at <= end {
            let symbol = self.bits.symbol(table)?;
            let (zeros, size) = (i32::from(symbol >> 4), symbol & 15);
            if size == 0 && zeros < 15 {
                self.run = (1 << zeros) + self.bits.take(zeros as u32)?;
                break;
            }
            let bit = 1i16 << self.scan.low;
            // libjpeg takes any size but 0 for 1.
            let new = if size == 0 {
                0
            } else if self.bits.take(1)? == 1 {
                bit
            } else {
                -bit
            };
            at = self.refine(block, at, zeros)?;
            if new != 0 && at <= end {
                block[natural(at)] = new;
            }
            at += 1;
        }
        if self.run > 0 {
            self.refine(block, at, i32::MAX)?;
            self.run -= 1;
        }
        Ok(())
    }

    /// Corrects what is not zero from that place on, until so many zeros are passed; gives the place of the zero that follows.
    fn refine(&mut self, block: &mut [i16; 64], mut at: usize, mut zeros: i32) -> Result<usize, Fault> {
        let bit = 1i16 << self.scan.low;
        while at <= self.scan.band.1 {
            let value = &mut block[natural(at)];
            if *value == 0 {
                if zeros == 0 {
                    break;
                }
                zeros -= 1;
            } else if self.bits.take(1)? == 1 && *value & bit == 0 {
                *value = if *value > 0 { value.wrapping_add(bit) } else { value.wrapping_sub(bit) };
            }
            at += 1;
        }
        Ok(at)
    }
}

fn table(tables: &[Option<Huffman>; 4], place: usize) -> Result<&Huffman, Fault> {
    tables.get(place).and_then(Option::as_ref).ok_or(Fault::Broken("a Huffman table is missing"))
}

/// Where a coefficient stands; what lies beyond the block goes to its last place, as in libjpeg.
fn natural(at: usize) -> usize {
    usize::from(ZIGZAG[at.min(63)])
}
