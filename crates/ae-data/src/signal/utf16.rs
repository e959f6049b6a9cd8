//! UTF-16, made UTF-8 while it is read.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// Which of its two bytes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf16 {
    /// The lower one.
    LittleEndian,
    /// The higher one.
    BigEndian,
}

/// Bytes that are no UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotUtf16 {
    /// Where they begin, from 0.
    pub(super) byte: u64,
}

impl fmt::Display for NotUtf16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {} begins no letter of UTF-16", self.byte)
    }
}

impl std::error::Error for NotUtf16 {}

impl Utf16 {
    /// What a file begins with, and the bytes of its mark. Without a mark every second byte of ASCII
    /// is 0, and no other.
    pub(super) fn of(start: &[u8]) -> Option<(Self, usize)> {
        match start {
            // A mark of UTF-32.
            [0xff, 0xfe, 0, 0, ..] => return None,
            [0xff, 0xfe, ..] => return Some((Self::LittleEndian, 2)),
            [0xfe, 0xff, ..] => return Some((Self::BigEndian, 2)),
            _ => {}
        }
        let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
        let (even, odd, half) = (zeros(0), zeros(1), start.len() / 2);
        if half >= 2 && odd > half * 3 / 4 && even == 0 {
            Some((Self::LittleEndian, 0))
        } else if half >= 2 && even > half * 3 / 4 && odd == 0 {
            Some((Self::BigEndian, 0))
        } else {
            None
        }
    }

    /// The text of these bytes, which begin behind the mark, at byte `at` of the file.
    pub(super) fn decode<'a>(self, bytes: impl BufRead + 'a, at: usize) -> Box<dyn BufRead + 'a> {
        let units = Units { bytes, order: self, at: at as u64 };
        Box::new(BufReader::new(Decoder { units, text: [0; 4], next: 0, len: 0 }))
    }
}

/// Numbers of 16 bits.
struct Units<R> {
    bytes: R,
    order: Utf16,
    at: u64,
}

impl<R: BufRead> Units<R> {
    fn next(&mut self) -> io::Result<Option<u16>> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let Some(second) = self.byte()? else { return Err(self.refuse(1)) };
        Ok(Some(match self.order {
            Utf16::LittleEndian => u16::from_le_bytes([first, second]),
            Utf16::BigEndian => u16::from_be_bytes([first, second]),
        }))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.bytes.fill_buf()?.first().copied();
        if byte.is_some() {
            self.bytes.consume(1);
            self.at += 1;
        }
        Ok(byte)
    }

    /// Of something that began so many bytes ago.
    fn refuse(&self, ago: u64) -> io::Error {
        io::Error::other(NotUtf16 { byte: self.at.saturating_sub(ago) })
    }
}

/// A letter at a time, and no more of the text than that.
struct Decoder<R> {
    units: Units<R>,
    text: [u8; 4],
    /// What of the letter was not read yet.
    next: usize,
    len: usize,
}

impl<R: BufRead> Decoder<R> {
    fn letter(&mut self) -> io::Result<Option<char>> {
        let Some(first) = self.units.next()? else { return Ok(None) };
        let second = match first {
            // Of two numbers this is the first.
            0xd800..0xdc00 => self.units.next()?,
            _ => None,
        };
        let ago = if second.is_some() { 4 } else { 2 };
        let letter = char::decode_utf16([first].into_iter().chain(second)).next();
        letter.and_then(Result::ok).map(Some).ok_or_else(|| self.units.refuse(ago))
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < buffer.len() {
            if self.next == self.len {
                match self.letter() {
                    Ok(Some(letter)) => {
                        (self.next, self.len) = (0, letter.encode_utf8(&mut self.text).len());
                    }
                    Ok(None) => break,
                    Err(error) => return Err(error),
                }
            }
            let rest = self.text.get(self.next..self.len).unwrap_or_default();
            let room = buffer.get_mut(written..).unwrap_or_default();
            for (to, from) in room.iter_mut().zip(rest) {
                *to = *from;
                (written, self.next) = (written + 1, self.next + 1);
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In both orders.
    fn bytes(text: &str) -> [Vec<u8>; 2] {
        let of = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        [of(u16::to_le_bytes), of(u16::to_be_bytes)]
    }

    fn decoded(bytes: &[u8], chunk: usize) -> Result<String, String> {
        let (order, mark) = Utf16::of(bytes).unwrap();
        let reader = BufReader::with_capacity(chunk, &bytes[mark..]);
        let mut text = String::new();
        let read = order.decode(reader, mark).read_to_string(&mut text);
        read.map(|_| text).map_err(|error| error.to_string())
    }

    #[test]
    fn text_in_either_order_with_and_without_a_mark() {
        let text = "temp °C;x\n1,5;-2\n";
        for mark in ["", "\u{feff}"] {
            for bytes in bytes(&format!("{mark}{text}")) {
                for chunk in [1, 3, 1024] {
                    assert_eq!(decoded(&bytes, chunk).as_deref(), Ok(text));
                }
            }
        }
        let wide = "\u{feff}a𝄞é";
        assert_eq!(decoded(&bytes(wide)[1], 1).unwrap(), "a𝄞é");
        for start in [&b"a,b\n1,2\n"[..], b"", b"\0", b"\0\0\0\0", b"\xff\xfe\0\0a\0\0\0"] {
            assert_eq!(Utf16::of(start), None);
        }
    }

    #[test]
    fn what_is_no_utf16_is_named_with_its_place() {
        for (more, byte) in [(&b"\x3d\xd8a\0"[..], 4), (b"\0\xdc", 4), (b"a", 4), (b"\x3d\xd8", 4)]
        {
            let file = [b"\xff\xfea\0", more].concat();
            let refused = decoded(&file, 1).unwrap_err();
            assert_eq!(refused, format!("byte {byte} begins no letter of UTF-16"));
        }
    }
}
