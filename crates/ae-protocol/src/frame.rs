//! A frame: a head with a check of its own, a payload, and a checksum over both.
//!
//! | bytes | what |
//! | --- | --- |
//! | 2 | [`START`], twice |
//! | 1 | kind |
//! | 1 | number: an answer has its request's |
//! | 4 | length of the payload, little-endian, at most [`LONGEST`] |
//! | 2 | low half of the CRC-32C of kind, number and length, little-endian |
//! | n | payload |
//! | 4 | CRC-32C of kind, number, length and payload, little-endian |
//!
//! Behind the two starts, a byte that is [`START`] or [`ESCAPE`] is sent as [`ESCAPE`] and the byte
//! with its bit 5 flipped, as in RFC 1662. So a start is found nowhere but where a frame begins, and
//! a reader that comes upon one begins anew, whatever it holds. A frame that comes whole is read
//! whatever came before it: noise, half of a frame, or a head whose payload never comes. That takes
//! no clock, and no memory for what came. The first start ends what a reader holds for a frame, the
//! second begins this one.
//!
//! Bytes that belong to no frame are passed over: a board's messages for people, a head that is not
//! right, and one that announces more than the longest message. A payload is read and written in
//! pieces, so neither end needs a buffer for all of it.

use core::fmt;

use ae_core::{Checksum, MAX_LAYERS, MAX_WIDTH};
use embedded_io::{Read, ReadExactError, Write};

/// A frame begins with two of this byte, and has none elsewhere.
pub const START: u8 = 0xae;

/// Stands before a byte whose bit 5 is flipped.
pub const ESCAPE: u8 = 0xad;

/// Most bytes of a payload: an answer with the latent in f32, the pixels, the score, and a digest for
/// each layer of both parts, of a model as wide and as deep as the format allows.
pub const LONGEST: u32 = 5 * MAX_WIDTH as u32 + 8 + 2 * 4 * MAX_LAYERS as u32;

/// What is flipped of an escaped byte.
const FLIPPED: u8 = 0x20;

fn is_reserved(byte: u8) -> bool {
    matches!(byte, START | ESCAPE)
}

/// A byte as it is on the line.
fn on_line(byte: u8) -> impl Iterator<Item = u8> {
    let escape = is_reserved(byte).then_some(ESCAPE);
    escape.into_iter().chain([if escape.is_some() { byte ^ FLIPPED } else { byte }])
}

/// Why a frame could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError<E> {
    /// The line failed.
    Line(E),
    /// The line ended.
    End,
    /// The payload is longer or shorter than what was asked of it.
    Length {
        /// Bytes asked for.
        expected: u32,
        /// Bytes left in the payload.
        found: u32,
    },
    /// The frame was damaged on its way.
    Checksum,
    /// The frame was broken off: another one begins, and can be read now.
    BrokenOff,
}

impl<E: fmt::Debug> fmt::Display for FrameError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(error) => write!(f, "the line failed: {error:?}"),
            Self::End => f.write_str("the line ended"),
            Self::Length { expected, found } => {
                write!(f, "{found} bytes in the frame where {expected} were expected")
            }
            Self::Checksum => f.write_str("the frame was damaged on its way"),
            Self::BrokenOff => f.write_str("the frame was broken off by another one"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FrameError<E> {}

impl<E> From<ReadExactError<E>> for FrameError<E> {
    fn from(error: ReadExactError<E>) -> Self {
        match error {
            ReadExactError::UnexpectedEof => Self::End,
            ReadExactError::Other(error) => Self::Line(error),
        }
    }
}

/// Kind, number and length.
struct Head {
    bytes: [u8; 6],
}

impl Head {
    /// With its check.
    const LEN: usize = 8;

    fn new(kind: u8, number: u8, len: u32) -> Self {
        let [a, b, c, d] = len.to_le_bytes();
        Self { bytes: [kind, number, a, b, c, d] }
    }

    /// The head of these bytes, if it is right.
    fn read(bytes: [u8; Self::LEN]) -> Option<Self> {
        let [kind, number, a, b, c, d, check @ ..] = bytes;
        let head = Self { bytes: [kind, number, a, b, c, d] };
        (check == head.check() && head.len() <= LONGEST).then_some(head)
    }

    fn len(&self) -> u32 {
        let [_, _, len @ ..] = self.bytes;
        u32::from_le_bytes(len)
    }

    fn checksum(&self) -> Checksum {
        let mut checksum = Checksum::new();
        checksum.update(&self.bytes);
        checksum
    }

    fn check(&self) -> [u8; 2] {
        let [a, b, _, _] = self.checksum().finish().to_le_bytes();
        [a, b]
    }
}

/// Writes one frame, piece after piece.
///
/// ```
/// use ae_protocol::{FrameReader, FrameWriter};
///
/// let mut line = [0_u8; 18];
/// let mut frame = FrameWriter::begin(&mut line[..], 2, 7, 3).unwrap();
/// frame.put(b"ab").unwrap();
/// frame.put(&[0xae]).unwrap();
/// frame.finish().unwrap();
/// assert_eq!(line[..10], [0xae, 0xae, 2, 7, 3, 0, 0, 0, 0x34, 0x5b]);
/// assert_eq!(line[10..14], [b'a', b'b', 0xad, 0x8e]);
///
/// let mut payload = [0; 3];
/// let mut frame = FrameReader::begin(&line[..], |_skipped| ()).unwrap();
/// assert_eq!((frame.kind(), frame.number(), frame.left()), (2, 7, 3));
/// frame.take(&mut payload).unwrap();
/// frame.finish().unwrap();
/// assert_eq!(payload, [b'a', b'b', 0xae]);
/// ```
pub struct FrameWriter<P> {
    port: P,
    checksum: Checksum,
}

impl<P: Write> FrameWriter<P> {
    /// Begins a frame with a payload of `len` bytes, which the caller then puts. A reader takes a
    /// frame of more than [`LONGEST`] for noise.
    ///
    /// # Errors
    /// The line's.
    pub fn begin(mut port: P, kind: u8, number: u8, len: u32) -> Result<Self, P::Error> {
        let head = Head::new(kind, number, len);
        port.write_all(&[START; 2])?;
        send(&mut port, &head.bytes)?;
        send(&mut port, &head.check())?;
        Ok(Self { port, checksum: head.checksum() })
    }

    /// The next bytes of the payload.
    ///
    /// # Errors
    /// The line's.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), P::Error> {
        self.checksum.update(bytes);
        send(&mut self.port, bytes)
    }

    /// Ends the frame.
    ///
    /// # Errors
    /// The line's.
    pub fn finish(mut self) -> Result<(), P::Error> {
        send(&mut self.port, &self.checksum.finish().to_le_bytes())?;
        self.port.flush()
    }
}

/// Sends bytes of a frame behind its starts.
fn send<P: Write>(port: &mut P, bytes: &[u8]) -> Result<(), P::Error> {
    for piece in bytes.split_inclusive(|&byte| is_reserved(byte)) {
        match piece.split_last() {
            Some((&last, before)) if is_reserved(last) => {
                port.write_all(before)?;
                port.write_all(&[ESCAPE, last ^ FLIPPED])?;
            }
            _ => port.write_all(piece)?,
        }
    }
    Ok(())
}

fn next<P: Read>(port: &mut P) -> Result<u8, FrameError<P::Error>> {
    let mut byte = [0];
    port.read_exact(&mut byte)?;
    let [byte] = byte;
    Ok(byte)
}

/// What may be the front of a frame, as far as it has come.
struct Front {
    /// How many starts, two at the most.
    starts: u8,
    head: [u8; Head::LEN],
    /// So many bytes of the head have come.
    come: usize,
    /// Whether the last byte was an escape.
    escaped: bool,
}

impl Front {
    const NONE: Self = Self { starts: 0, head: [0; Head::LEN], come: 0, escaped: false };

    /// Takes a byte off the line; the head when that was its last one. What is no front is shown.
    fn take(&mut self, byte: u8, skipped: &mut impl FnMut(u8)) -> Option<Head> {
        if byte == START {
            if self.come > 0 || self.escaped {
                self.give_up(skipped);
            }
            match self.starts {
                2 => skipped(START),
                starts => self.starts = starts.saturating_add(1),
            }
            return None;
        }
        if self.starts == 0 {
            skipped(byte);
            return None;
        }
        let byte = match (self.escaped, byte) {
            (false, ESCAPE) => {
                self.escaped = true;
                return None;
            }
            (false, byte) => byte,
            (true, byte) if is_reserved(byte ^ FLIPPED) => byte ^ FLIPPED,
            (true, byte) => {
                self.give_up(skipped);
                skipped(byte);
                return None;
            }
        };
        self.escaped = false;
        if let Some(place) = self.head.get_mut(self.come) {
            *place = byte;
        }
        self.come = self.come.saturating_add(1);
        if self.come < self.head.len() {
            return None;
        }
        let head = Head::read(self.head);
        if head.is_none() {
            self.give_up(skipped);
        }
        head
    }

    /// Shows all of it.
    fn give_up(&mut self, skipped: &mut impl FnMut(u8)) {
        let Self { starts, head, come, escaped } = core::mem::replace(self, Self::NONE);
        (0..starts).for_each(|_| skipped(START));
        head.into_iter().take(come).flat_map(on_line).for_each(&mut *skipped);
        if escaped {
            skipped(ESCAPE);
        }
    }
}

/// Reads one frame, piece after piece.
pub struct FrameReader<P> {
    port: P,
    checksum: Checksum,
    kind: u8,
    number: u8,
    left: u32,
}

impl<P: Read> FrameReader<P> {
    /// Waits for a frame; bytes that belong to none are shown to `skipped`.
    ///
    /// # Errors
    /// The line failed or ended.
    pub fn begin(mut port: P, mut skipped: impl FnMut(u8)) -> Result<Self, FrameError<P::Error>> {
        let mut front = Front::NONE;
        loop {
            let byte = match next(&mut port) {
                Ok(byte) => byte,
                Err(error) => {
                    front.give_up(&mut skipped);
                    return Err(error);
                }
            };
            if let Some(head) = front.take(byte, &mut skipped) {
                let [kind, number, ..] = head.bytes;
                let (checksum, left) = (head.checksum(), head.len());
                return Ok(Self { port, checksum, kind, number, left });
            }
        }
    }

    /// The frame's kind.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The frame's number.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Bytes of the payload that are still to be taken.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left
    }

    /// Fills `buffer` with the next bytes of the payload.
    ///
    /// # Errors
    /// The payload is shorter, the frame was damaged or broken off, or the line failed or ended.
    pub fn take(&mut self, buffer: &mut [u8]) -> Result<(), FrameError<P::Error>> {
        let expected = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let too_short = FrameError::Length { expected, found: self.left };
        self.left = self.left.checked_sub(expected).ok_or(too_short)?;
        for place in buffer {
            *place = self.next()?;
            // Summed up as it comes: a UART that holds one byte is overrun by the next while a whole
            // payload is summed up.
            self.checksum.update(core::slice::from_ref(place));
        }
        Ok(())
    }

    /// Passes over what is left of the payload.
    ///
    /// # Errors
    /// The frame was damaged or broken off, or the line failed or ended.
    pub fn skip(&mut self) -> Result<(), FrameError<P::Error>> {
        while self.left > 0 {
            self.take(&mut [0])?;
        }
        Ok(())
    }

    /// Compares the checksum. Only now is what was taken known to be right.
    ///
    /// # Errors
    /// Payload is left, the checksum differs, the frame was broken off, or the line failed or ended.
    pub fn finish(mut self) -> Result<(), FrameError<P::Error>> {
        if self.left != 0 {
            return Err(FrameError::Length { expected: 0, found: self.left });
        }
        let mut stored = [0; 4];
        for place in &mut stored {
            *place = self.next()?;
        }
        if u32::from_le_bytes(stored) == self.checksum.finish() {
            Ok(())
        } else {
            Err(FrameError::Checksum)
        }
    }

    /// The next byte of the frame.
    fn next(&mut self) -> Result<u8, FrameError<P::Error>> {
        match next(&mut self.port)? {
            START => Err(FrameError::BrokenOff),
            ESCAPE => match next(&mut self.port)? {
                START => Err(FrameError::BrokenOff),
                byte if is_reserved(byte ^ FLIPPED) => Ok(byte ^ FLIPPED),
                _ => Err(FrameError::Checksum),
            },
            byte => Ok(byte),
        }
    }
}

#[cfg(test)]
mod tests;
