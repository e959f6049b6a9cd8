//! The chunks of a WAV file in front of its samples.

use std::io::{self, Read};

use super::WAV;
use crate::signal::file_error::FileError;

/// Bytes of a chunk `fmt ` that say something.
const FORMAT: u64 = 40;

/// A length that says that there is none: the file was written to where nobody could go back.
const UNKNOWN: u32 = u32::MAX;

/// Channels that a file may have.
const MAX_CHANNELS: u16 = 1024;

/// How a sample lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) encoding: Encoding,
    pub(super) channels: usize,
    /// Of a value: 1 to 4 of an integer, 4 or 8 of a float.
    pub(super) bytes: usize,
    /// Samples a second.
    pub(super) rate: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Integers,
    Floats,
}

/// A file whose next bytes are a chunk's.
pub(super) struct Chunks<R> {
    pub(super) bytes: R,
    /// Bytes that are left, where that is known.
    left: Option<u64>,
    /// The length of the samples in a file that has more than 32 bits of them.
    long: Option<u64>,
}

impl<R: Read> Chunks<R> {
    /// Of a file of `available` bytes, where that is known.
    pub(super) fn new(bytes: R, available: Option<u64>) -> Result<Self, FileError> {
        let mut chunks = Self { bytes, left: available, long: None };
        chunks.take::<12>("its head")?;
        Ok(chunks)
    }

    /// Goes on to the samples: how they lie, and how many bytes they have, where the file says it.
    pub(super) fn samples(&mut self) -> Result<(Layout, Option<u64>), FileError> {
        let mut layout = None;
        loop {
            let head: [u8; 8] = self.take("the chunk `data`")?;
            let [name @ .., a, b, c, d] = head;
            let said = u32::from_le_bytes([a, b, c, d]);
            let length = u64::from(said);
            match &name {
                b"data" => {
                    let Some(layout) = layout else {
                        return Err(WAV.damaged("the chunk `data` comes before a chunk `fmt `"));
                    };
                    return Ok((layout, self.length_of_samples(said)?));
                }
                b"fmt " => {
                    layout = Some(self.layout(length)?);
                    self.skip(length.saturating_sub(FORMAT) + length % 2, "fmt ")?;
                }
                b"ds64" => {
                    if length < 16 {
                        let reason = format!("the chunk `ds64` has {length} bytes, expected 28");
                        return Err(WAV.damaged(reason));
                    }
                    let [.., a, b, c, d, e, f, g, h] = self.take::<16>("the chunk `ds64`")?;
                    self.long = Some(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
                    self.skip(length - 16 + length % 2, "ds64")?;
                }
                _ => self.skip(length + length % 2, &String::from_utf8_lossy(&name))?,
            }
        }
    }

    /// What the chunk `data` announces, if it is there.
    fn length_of_samples(&self, said: u32) -> Result<Option<u64>, FileError> {
        let announced = match (self.long, said) {
            (Some(long), UNKNOWN) => long,
            // What is written to a pipe has no length, and neither has what was never finished.
            (None, UNKNOWN) => return Ok(None),
            (None, 0) if self.left.is_some_and(|left| left > 0) => return Ok(None),
            (_, said) => said.into(),
        };
        match self.left.filter(|&left| left < announced) {
            Some(left) => Err(WAV.damaged(format!(
                "the chunk `data` announces {announced} bytes, and {left} are there: was the \
                 recording or the copy cut off?"
            ))),
            None => Ok(Some(announced)),
        }
    }

    /// Reads the chunk `fmt ` of so many bytes.
    fn layout(&mut self, length: u64) -> Result<Layout, FileError> {
        let mut format = Vec::new();
        let wanted = length.min(FORMAT);
        self.read(wanted, &mut format)?;
        if (format.len() as u64) < wanted.max(16) {
            let found = format.len();
            return Err(
                WAV.damaged(format!("the chunk `fmt ` has {found} bytes, expected 16 to 40"))
            );
        }
        let u16_at = |at: usize| u16::from_le_bytes([format[at], format[at + 1]]);
        let rate = u32::from_le_bytes([format[4], format[5], format[6], format[7]]);
        let (tag, channels, block, bits) = (u16_at(0), u16_at(2), u16_at(12), u16_at(14));
        // Of an extensible format the first two bytes of its identifier are the tag.
        let (tag, is_extensible) = match tag {
            0xfffe if format.len() >= 26 => (u16_at(24), true),
            tag => (tag, false),
        };
        let encoding = match (tag, bits) {
            (1, 1..=32) => Encoding::Integers,
            (3, 32 | 64) => Encoding::Floats,
            (1 | 3, bits) => {
                let expected = if tag == 1 { "8, 16, 24 or 32" } else { "32 or 64" };
                let reason =
                    format!("the chunk `fmt ` says {bits} bits a value, expected {expected}");
                return Err(WAV.damaged(reason));
            }
            (tag, _) => {
                let how = "write it as PCM: ffmpeg -i FILE -c:a pcm_s16le data.wav";
                return Err(WAV.not_read(format!("the packing {tag:#06x} ({})", name(tag)), how));
            }
        };
        let bytes = usize::from(bits.div_ceil(8));
        let is_whole = bits.is_multiple_of(8) || is_extensible;
        if !(1..=MAX_CHANNELS).contains(&channels) || rate == 0 || !is_whole {
            return Err(WAV.damaged(format!(
                "the chunk `fmt ` says {channels} channels, {rate} samples a second and {bits} bits a \
                 value; expected 1 to {MAX_CHANNELS} channels, a rate above 0, and 8, 16, 24 or 32 bits"
            )));
        }
        let channels = usize::from(channels);
        if usize::from(block) != channels * bytes {
            return Err(WAV.damaged(format!(
                "the chunk `fmt ` says {block} bytes a sample, and {channels} channels of {bits} bits \
                 are {}",
                channels * bytes
            )));
        }
        Ok(Layout { encoding, channels, bytes, rate })
    }

    /// The next bytes, which belong to `what`.
    fn take<const N: usize>(&mut self, what: &str) -> Result<[u8; N], FileError> {
        let mut bytes = [0; N];
        match self.bytes.read_exact(&mut bytes) {
            Ok(()) => {
                self.left = self.left.map(|left| left.saturating_sub(N as u64));
                Ok(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(WAV.damaged(format!("it ends before {what} does")))
            }
            Err(error) => Err(FileError::Io(error)),
        }
    }

    fn read(&mut self, wanted: u64, into: &mut Vec<u8>) -> Result<(), FileError> {
        let read = self.bytes.by_ref().take(wanted).read_to_end(into).map_err(FileError::Io)?;
        self.left = self.left.map(|left| left.saturating_sub(read as u64));
        Ok(())
    }

    fn skip(&mut self, length: u64, name: &str) -> Result<(), FileError> {
        let skipped = io::copy(&mut self.bytes.by_ref().take(length), &mut io::sink());
        let skipped = skipped.map_err(FileError::Io)?;
        self.left = self.left.map(|left| left.saturating_sub(skipped));
        if skipped < length {
            let name = name.escape_debug();
            return Err(WAV.damaged(format!(
                "it ends inside the chunk `{name}`, which announces {length} more bytes, and {skipped} \
                 are there"
            )));
        }
        Ok(())
    }
}

/// What packings are called that a recorder may write.
fn name(tag: u16) -> &'static str {
    match tag {
        0x0002 => "Microsoft ADPCM",
        0x0006 => "A-law",
        0x0007 => "µ-law",
        0x0011 => "IMA ADPCM",
        0x0055 => "MP3",
        _ => "not PCM",
    }
}
