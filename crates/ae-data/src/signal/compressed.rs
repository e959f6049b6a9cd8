//! Files packed by zstd, unpacked as they are read.
//!
//! What is unpacked is counted by whoever keeps it, so a few bytes that stand for gigabytes end at the
//! limit of memory. The packing itself needs its window: what can be referred back to.

use std::fmt;
use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// What a frame begins with.
pub(super) const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

/// The longest window that is unpacked: that of every level up to 20. The format recommends 8 MiB, and
/// `zstd --long` and the two highest levels have more.
const WINDOW_BYTES: u64 = 32 << 20;

/// Frames, one behind the other, as `zstd` and `cat` write them.
pub(super) struct Zstd<R> {
    packed: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

/// What is wrong with packed bytes. It is told apart from the trouble of a disk by its type.
#[derive(Debug)]
pub(super) struct Damaged(String);

impl<R: BufRead> Zstd<R> {
    /// Of packed bytes. A window may have a quarter of `memory_bytes`, because the buffer behind it
    /// grows to twice as much.
    pub(super) fn new(packed: R, memory_bytes: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_BYTES.min(memory_bytes / 4));
        Self { packed, decoder, is_in_frame: false }
    }

    /// Begins a frame, and says whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                // Frames that hold nothing of the file, such as an index.
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut self.packed.by_ref().take(length), &mut io::sink());
                    if skipped? < length {
                        return Err(damaged("it ends inside a frame"));
                    }
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(false)
    }

    /// Ends a frame, if its bytes are what its checksum says.
    fn end(&mut self) -> io::Result<()> {
        self.is_in_frame = false;
        let said = self.decoder.get_checksum_from_data();
        match (said, self.decoder.get_calculated_checksum()) {
            (Some(said), Some(found)) if said != found => Err(damaged(format!(
                "a frame's checksum is {said:#010x}, and its bytes have {found:#010x}"
            ))),
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame {
                self.is_in_frame = self.begin()?;
                if !self.is_in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.packed, one).map_err(damaged)?;
            }
            match self.decoder.read(buffer)? {
                0 => self.end()?,
                read => return Ok(read),
            }
        }
    }
}

fn damaged(reason: impl fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Damaged(reason.to_string()))
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn unpacked(packed: &[u8], memory: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Zstd::new(packed, memory).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn frames_follow_each_other_and_some_hold_nothing() {
        let text: Vec<u8> = (0..200_000_u32).flat_map(|n| (n % 977).to_le_bytes()).collect();
        let skipped = [&0x184d_2a50_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"abc"].concat();
        let file = [&packed(&text)[..], &skipped, &packed(b""), &packed(b"end")].concat();
        let expected = [&text[..], b"end"].concat();
        assert_eq!(unpacked(&file, 1 << 30).unwrap(), expected);
        assert!(unpacked(&[&packed(b"x")[..], &skipped[..9]].concat(), 1 << 30).is_err());
    }

    #[test]
    fn every_cut_and_every_changed_sum_is_noticed() {
        let file = packed(b"x,y\n1,2\n3,4\n5,6\n");
        for end in 1..file.len() {
            let error = unpacked(&file[..end], 1 << 30).unwrap_err();
            assert!(error.get_ref().is_some_and(|error| error.is::<Damaged>()), "{end}: {error}");
        }
        let mut wrong = file.clone();
        *wrong.last_mut().unwrap() ^= 1;
        let message = unpacked(&wrong, 1 << 30).unwrap_err().to_string();
        assert!(message.contains("checksum"), "{message}");
    }

    #[test]
    fn a_window_takes_no_more_than_there_is() {
        // A frame of a raw block, with a window of 2 MiB.
        let file = [&ZSTD[..], &[0x00, 11 << 3, 0x09, 0, 0, b'x']].concat();
        assert_eq!(unpacked(&file, 64 << 20).unwrap(), b"x");
        assert!(unpacked(&file, 4 << 20).is_err());
    }
}
