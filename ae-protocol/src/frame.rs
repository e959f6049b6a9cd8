//! A frame: a kind, a payload, and a checksum over both.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | [`START`] |
//! | 1 | kind |
//! | 4 | length of the payload, little-endian |
//! | n | payload |
//! | 4 | CRC-32C of kind, length and payload, little-endian |
//!
//! Bytes before a start are passed over: a board's messages for people are ASCII and never hold
//! one. A payload is read and written in pieces, so neither end needs a buffer for all of it.

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

/// Writes one frame, piece after piece.
///
/// ```
/// use ae_protocol::{FrameReader, FrameWriter};
///
/// let mut line = [0_u8; 16];
/// let mut frame = FrameWriter::begin(&mut line[..], 2, 3).unwrap();
/// frame.put(b"ab").unwrap();
/// frame.put(b"c").unwrap();
/// frame.finish().unwrap();
/// assert_eq!(line[..9], [0xae, 2, 3, 0, 0, 0, b'a', b'b', b'c']);
///
/// let mut payload = [0; 3];
/// let mut frame = FrameReader::begin(&line[..], |_skipped| ()).unwrap();
/// assert_eq!((frame.kind(), frame.left()), (2, 3));
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
    pub fn begin(mut port: P, kind: u8, len: u32) -> Result<Self, P::Error> {
        port.write_all(&[START])?;
        let mut frame = Self { port, checksum: Checksum::new() };
        frame.put(&[kind])?;
        frame.put(&len.to_le_bytes())?;
        Ok(frame)
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
    left: u32,
}

impl<P: Read> FrameReader<P> {
    /// Waits for a frame; bytes before its start are shown to `skipped`.
    ///
    /// # Errors
    /// The line failed or ended.
    pub fn begin(mut port: P, mut skipped: impl FnMut(u8)) -> Result<Self, FrameError<P::Error>> {
        let mut byte = [0];
        loop {
            port.read_exact(&mut byte)?;
            match byte {
                [START] => break,
                [other] => skipped(other),
            }
        }
        let mut frame = Self { port, checksum: Checksum::new(), kind: 0, left: 5 };
        let (mut kind, mut len) = ([0; 1], [0; 4]);
        frame.take(&mut kind)?;
        frame.take(&mut len)?;
        [frame.kind] = kind;
        frame.left = u32::from_le_bytes(len);
        Ok(frame)
    }

    /// The frame's kind. It is not proved right before [`finish`](Self::finish).
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.kind
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
    use super::{FrameError, FrameReader, FrameWriter, START};

    fn line() -> [u8; 13] {
        let mut line = [0; 13];
        let mut frame = FrameWriter::begin(&mut line[..], 4, 3).unwrap();
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
        let mut bytes = [b'h'; 15];
        bytes[2..].copy_from_slice(&line());
        let mut shown = 0;
        let mut frame = FrameReader::begin(&bytes[..], |byte| shown += u32::from(byte)).unwrap();
        assert_eq!((frame.kind(), frame.left()), (4, 3));
        frame.skip().unwrap();
        frame.finish().unwrap();
        assert_eq!(shown, 2 * u32::from(b'h'));
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
    fn a_payload_of_another_length_is_refused() {
        let bytes = line();
        let mut frame = FrameReader::begin(&bytes[..], |_| ()).unwrap();
        let error = frame.take(&mut [0; 4]).unwrap_err();
        assert_eq!(error, FrameError::Length { expected: 4, found: 3 });
        frame.take(&mut [0; 2]).unwrap();
        assert_eq!(frame.finish(), Err(FrameError::Length { expected: 0, found: 1 }));
    }
}
