//! The bits of entropy-coded data, and Huffman codes.

use super::Fault;

/// Bits that one look into the table decides.
const FAST: u32 = 9;

/// A Huffman table.
pub struct Huffman {
    /// By the next [`FAST`] bits: the length of the code and its symbol; length 0 where the code is longer.
    fast: Vec<(u8, u8)>,
    /// By length: the first code beyond those of that length, shifted to 16 bits.
    ends: [u32; 17],
    /// By length: what to add to a code for the place of its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// The table with so many codes of 1 to 16 bits, and their symbols.
    ///
    /// # Errors
    /// Where there are more codes than bits allow.
    pub fn new(counts: &[u8], symbols: &[u8]) -> Result<Huffman, Fault> {
        let (mut code, mut place) = (0u32, 0usize);
        let mut table = Huffman {
            fast: vec![(0, 0); 1 << FAST],
            ends: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        for (length, count) in (1u32..).zip(counts) {
            table.offsets[length as usize] = place as i32 - code as i32;
            for _ in 0..*count {
                let symbol = *symbols.get(place).ok_or(Fault::Broken("a Huffman table"))?;
                if code >= 1 << length {
                    return Err(Fault::Broken("a Huffman table"));
                }
                if length <= FAST {
                    let first = (code << (FAST - length)) as usize;
                    table.fast[first..first + (1 << (FAST - length))].fill((length as u8, symbol));
                }
                (code, place) = (code + 1, place + 1);
            }
            table.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Ok(table)
    }
}

/// Reads bits, most significant first.
pub struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
    buffer: u64,
    count: u32,
    /// How many of those are not in the file.
    padding: u32,
    /// Whether a marker has come; zeros follow.
    at_marker: bool,
    /// Whether bits have been taken that are not in the file.
    pub is_exhausted: bool,
}

impl<'b> Bits<'b> {
    /// Reads from that place on.
    pub fn new(bytes: &'b [u8], at: usize) -> Bits<'b> {
        Bits { bytes, at, buffer: 0, count: 0, padding: 0, at_marker: false, is_exhausted: false }
    }

    /// Drops the bits left over and goes on behind the next restart marker. Any other marker stays where it is.
    ///
    /// # Errors
    /// At the end of the data.
    pub fn restart(&mut self) -> Result<(), Fault> {
        let at = self.marker()?;
        let is_restart = (0xD0..=0xD7).contains(&self.bytes[at + 1]);
        *self = Bits::new(self.bytes, if is_restart { at + 2 } else { at });
        Ok(())
    }

    /// Where the next marker is.
    ///
    /// # Errors
    /// Where there is none.
    pub fn marker(&self) -> Result<usize, Fault> {
        let is_marker = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.windows(2).position(is_marker).map(|offset| self.at + offset).ok_or(Fault::Truncated)
    }

    fn fill(&mut self) -> Result<(), Fault> {
        while self.count <= 48 {
            let byte = self.byte()?;
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.padding += if self.at_marker { 8 } else { 0 };
        }
        Ok(())
    }

    /// The next byte of data; zeros from the first marker on, as libjpeg puts them there.
    fn byte(&mut self) -> Result<u8, Fault> {
        if self.at_marker {
            return Ok(0);
        }
        let byte = *self.bytes.get(self.at).ok_or(Fault::Truncated)?;
        self.at += 1;
        if byte != 0xFF {
            return Ok(byte);
        }
        let start = self.at - 1;
        loop {
            let next = *self.bytes.get(self.at).ok_or(Fault::Truncated)?;
            self.at += 1;
            match next {
                0xFF => {}
                0 => return Ok(0xFF),
                _ => {
                    (self.at, self.at_marker) = (start, true);
                    return Ok(0);
                }
            }
        }
    }

    /// The next bits as a number; at most 16.
    ///
    /// # Errors
    /// At the end of the data.
    pub fn take(&mut self, count: u32) -> Result<i32, Fault> {
        if count == 0 {
            return Ok(0);
        }
        if self.count < count {
            self.fill()?;
        }
        let value = (self.buffer >> (64 - count)) as i32;
        self.skip(count);
        Ok(value)
    }

    fn skip(&mut self, count: u32) {
        self.buffer <<= count;
        self.count = self.count.saturating_sub(count);
        self.is_exhausted |= self.count < self.padding;
        self.padding = self.padding.min(self.count);
    }

    /// A number of so many bits whose first bit tells its sign: T.81's EXTEND.
    ///
    /// # Errors
    /// At the end of the data.
    pub fn signed(&mut self, size: u32) -> Result<i32, Fault> {
        let value = self.take(size)?;
        let is_negative = size > 0 && value < 1 << (size - 1);
        Ok(if is_negative { value - (1 << size) + 1 } else { value })
    }

    /// The next symbol; 0 for a code that no symbol has, as libjpeg takes it.
    ///
    /// # Errors
    /// At the end of the data.
    pub fn symbol(&mut self, table: &Huffman) -> Result<u8, Fault> {
        if self.count < 16 {
            self.fill()?;
        }
        let (length, symbol) = table.fast[(self.buffer >> (64 - FAST)) as usize];
        if length > 0 {
            self.skip(u32::from(length));
            return Ok(symbol);
        }
        let next = (self.buffer >> 48) as u32;
        let length = (FAST as usize + 1..17).find(|length| next < table.ends[*length]).unwrap_or(17);
        self.skip(length as u32);
        if length > 16 {
            return Ok(0);
        }
        let place = (next >> (16 - length)) as i32 + table.offsets[length];
        Ok(usize::try_from(place).ok().and_then(|place| table.symbols.get(place)).copied().unwrap_or(0))
    }
}
