//! A frame: a head with a check of its own, a payload, and a checksum over both.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | [`START`] |
//! | 1 | kind |
//! | 1 | number: an answer has its request's |
//! | 4 | length of the payload, little-endian |
//! | 2 | low half of the CRC-32C of kind, number and length, little-endian |
//! | n | payload |
//! | 4 | CRC-32C of kind, number, length and payload, little-endian |
//!
//! Bytes that do not begin a head that is right are passed over: a board's messages for people,
//! and what is left of a damaged frame. So a damaged length makes no reader wait for a payload that
//! does not come. A payload is read and written in pieces, so neither end needs a buffer for all of
//! it.

use core::fmt;

use ae_core::Checksum;
use embedded_io::{Read, ReadExactError, Write};

/// The first byte of a frame.
pub const START: u8 = 0xae;

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
    fn new(kind: u8, number: u8, len: u32) -> Self {
        let [a, b, c, d] = len.to_le_bytes();
        Self { bytes: [kind, number, a, b, c, d] }
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
/// let mut line = [0_u8; 16];
/// let mut frame = FrameWriter::begin(&mut line[..], 2, 7, 3).unwrap();
/// frame.put(b"ab").unwrap();
/// frame.put(b"c").unwrap();
/// frame.finish().unwrap();
/// assert_eq!(line[..12], [0xae, 2, 7, 3, 0, 0, 0, 0x34, 0x5b, b'a', b'b', b'c']);
///
/// let mut payload = [0; 3];
/// let mut frame = FrameReader::begin(&line[..], |_skipped| ()).unwrap();
/// assert_eq!((frame.kind(), frame.number(), frame.left()), (2, 7, 3));
/// frame.take(&mut payload).unwrap();
/// frame.finish().unwrap();
/// assert_eq!(&payload, b"abc");
/// ```
pub struct FrameWriter<P> {
    port: P,
    checksum: Checksum,
}

impl<P: Write> FrameWriter<P> {
    /// Begins a frame with a payload of `len` bytes, which the caller then puts.
    ///
    /// # Errors
    /// The line's.
    pub fn begin(mut port: P, kind: u8, number: u8, len: u32) -> Result<Self, P::Error> {
        let head = Head::new(kind, number, len);
        port.write_all(&[START])?;
        port.write_all(&head.bytes)?;
        port.write_all(&head.check())?;
        Ok(Self { port, checksum: head.checksum() })
    }

    /// The next bytes of the payload.
    ///
    /// # Errors
    /// The line's.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), P::Error> {
        self.checksum.update(bytes);
        self.port.write_all(bytes)
    }

    /// Ends the frame.
    ///
    /// # Errors
    /// The line's.
    pub fn finish(mut self) -> Result<(), P::Error> {
        self.port.write_all(&self.checksum.finish().to_le_bytes())?;
        self.port.flush()
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
        // The last bytes that came, which may be a frame's front; so many of them have come.
        let mut window = [0_u8; 9];
        let mut come = 0_usize;
        loop {
            let mut byte = [0];
            if let Err(error) = port.read_exact(&mut byte) {
                let behind = window.len().saturating_sub(come);
                window.iter().skip(behind).for_each(|&byte| skipped(byte));
                return Err(error.into());
            }
            if come == window.len() {
                let [oldest, ..] = window;
                skipped(oldest);
            } else {
                come = come.saturating_add(1);
            }
            #[expect(clippy::disallowed_methods, reason = "1 is below the window's length, 9")]
            window.rotate_left(1);
            let [.., last] = &mut window;
            [*last] = byte;

            let [start, kind, number, a, b, c, d, check @ ..] = window;
            let head = Head { bytes: [kind, number, a, b, c, d] };
            if come == window.len() && start == START && check == head.check() {
                let left = u32::from_le_bytes([a, b, c, d]);
                return Ok(Self { port, checksum: head.checksum(), kind, number, left });
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
    /// The payload is shorter, or the line failed or ended.
    pub fn take(&mut self, buffer: &mut [u8]) -> Result<(), FrameError<P::Error>> {
        let expected = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let too_short = FrameError::Length { expected, found: self.left };
        self.left = self.left.checked_sub(expected).ok_or(too_short)?;
        // Summed up as it comes: a UART that holds one byte is overrun by the next while a whole
        // payload is summed up.
        let mut rest = buffer;
        while !rest.is_empty() {
            let len = self.port.read(rest).map_err(FrameError::Line)?;
            let (piece, behind) = rest.split_at_mut_checked(len).unwrap_or_default();
            if piece.is_empty() {
                return Err(FrameError::End);
            }
            self.checksum.update(piece);
            rest = behind;
        }
        Ok(())
    }

    /// Passes over what is left of the payload.
    ///
    /// # Errors
    /// The line failed or ended.
    pub fn skip(&mut self) -> Result<(), FrameError<P::Error>> {
        while self.left > 0 {
            self.take(&mut [0])?;
        }
        Ok(())
    }

    /// Compares the checksum. Only now is what was taken known to be right.
    ///
    /// # Errors
    /// Payload is left, the checksum differs, or the line failed or ended.
    pub fn finish(mut self) -> Result<(), FrameError<P::Error>> {
        if self.left != 0 {
            return Err(FrameError::Length { expected: 0, found: self.left });
        }
        let mut stored = [0; 4];
        self.port.read_exact(&mut stored)?;
        if u32::from_le_bytes(stored) == self.checksum.finish() {
            Ok(())
        } else {
            Err(FrameError::Checksum)
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{FrameError, FrameReader, FrameWriter, START};

    fn line() -> [u8; 16] {
        let mut line = [0; 16];
        let mut frame = FrameWriter::begin(&mut line[..], 4, 200, 3).unwrap();
        frame.put(&[7, START, 9]).unwrap();
        frame.finish().unwrap();
        line
    }

    fn read(line: &[u8]) -> Result<[u8; 3], FrameError<core::convert::Infallible>> {
        let mut payload = [0; 3];
        let mut frame = FrameReader::begin(line, |_| ())?;
        frame.take(&mut payload)?;
        frame.finish()?;
        Ok(payload)
    }

    #[test]
    fn what_stands_before_a_frame_is_shown_and_passed_over() {
        let mut bytes = [b'h'; 18];
        bytes[2..].copy_from_slice(&line());
        let mut shown = 0;
        let mut frame = FrameReader::begin(&bytes[..], |byte| shown += u32::from(byte)).unwrap();
        assert_eq!((frame.kind(), frame.number(), frame.left()), (4, 200, 3));
        frame.skip().unwrap();
        frame.finish().unwrap();
        assert_eq!(shown, 2 * u32::from(b'h'));
        // All of it where no frame comes.
        for len in 0..20 {
            let mut shown = 0;
            let text = [b'h'; 20];
            assert!(FrameReader::begin(&text[..len], |_| shown += 1).is_err());
            assert_eq!(shown, len);
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        assert_eq!(read(&line()), Ok([7, START, 9]));
        for bit in 0..8 * line().len() {
            let mut bytes = line();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&bytes).is_err(), "bit {bit}");
        }
        for len in 0..line().len() {
            assert_eq!(read(&line()[..len]), Err(FrameError::End), "{len} bytes");
        }
    }

    #[test]
    fn a_frame_behind_a_damaged_one_is_read() {
        let line = line();
        // Whatever is flipped in the head of the first, or cut from its end.
        for bit in 0..8 * 9 {
            let mut bytes = [line, line].concat();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&bytes), Ok([7, START, 9]), "bit {bit}");
        }
        for len in 0..9 {
            let bytes = [&line[..len], &line].concat();
            assert_eq!(read(&bytes), Ok([7, START, 9]), "{len} bytes");
        }
    }

    #[test]
    fn a_payload_of_another_length_is_refused() {
        let bytes = line();
        let mut frame = FrameReader::begin(&bytes[..], |_| ()).unwrap();
        let error = frame.take(&mut [0; 4]).unwrap_err();
        assert_eq!(error, FrameError::Length { expected: 4, found: 3 });
        frame.take(&mut [0; 2]).unwrap();
        assert_eq!(frame.finish(), Err(FrameError::Length { expected: 0, found: 1 }));
    }
}
