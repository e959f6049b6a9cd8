//! Pieces of a file that are packed one by one: pages of Parquet, buffers of Arrow.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Read;

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;

use crate::signal::budget::Budget;
use crate::signal::compressed::Zstd;
use crate::signal::file_error::FileError;
use crate::signal::named_format::Format;

/// How a piece is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Snappy,
    Gzip,
    Zstd,
    /// A block alone, without a frame around it.
    Lz4Block,
    Lz4Frame,
}

impl Packing {
    /// Unpacks a piece of which the file says that it has `len` bytes. They are taken from the
    /// budget, and whoever calls gives them back.
    pub(super) fn unpack<'p>(
        self,
        packed: &'p [u8],
        len: u64,
        format: Format,
        budget: &Budget,
    ) -> Result<Cow<'p, [u8]>, FileError> {
        // The most that a byte can stand for: 64 bytes in a copy of three, 255 in a length.
        let most = match self {
            Self::Plain => 1,
            Self::Snappy => 22,
            Self::Lz4Block => 255,
            Self::Gzip | Self::Zstd | Self::Lz4Frame => u64::MAX,
        };
        let holds = most.saturating_mul(packed.len() as u64);
        let Some(size) = usize::try_from(len).ok().filter(|_| len <= holds) else {
            let there = packed.len();
            return Err(format.damaged(format!("{there} bytes are said to be {len} when unpacked")));
        };
        budget.take(len)?;
        let wrong = |found: usize| {
            format.damaged(format!("a piece is said to have {size} bytes, and has {found}"))
        };
        let broken = |error: &dyn Display| format.damaged(format!("unpacking failed ({error})"));
        let found = match self {
            Self::Plain => Cow::Borrowed(packed),
            Self::Snappy => {
                let said = snap::raw::decompress_len(packed).map_err(|error| broken(&error))?;
                if said != size {
                    return Err(wrong(said));
                }
                let mut bytes = vec![0; size];
                let unpacked = snap::raw::Decoder::new().decompress(packed, &mut bytes);
                bytes.truncate(unpacked.map_err(|error| broken(&error))?);
                Cow::Owned(bytes)
            }
            Self::Lz4Block => {
                let mut bytes = vec![0; size];
                let unpacked = lz4_flex::block::decompress_into(packed, &mut bytes);
                bytes.truncate(unpacked.map_err(|error| broken(&error))?);
                Cow::Owned(bytes)
            }
            Self::Gzip => {
                Cow::Owned(all(MultiGzDecoder::new(packed), len).map_err(|e| broken(&e))?)
            }
            Self::Zstd => {
                let bytes = all(Zstd::new(packed, budget.left()), len);
                Cow::Owned(bytes.map_err(|error| broken(&error))?)
            }
            Self::Lz4Frame => {
                Cow::Owned(all(FrameDecoder::new(packed), len).map_err(|e| broken(&e))?)
            }
        };
        if found.len() == size { Ok(found) } else { Err(wrong(found.len())) }
    }
}

/// As many bytes as are there, and at most one more than `len`: memory grows with what comes.
fn all(unpacked: impl Read, len: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked.take(len.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::idx::gzip;

    const IT: Format = Format("IT");

    fn pieces(bytes: &[u8]) -> Vec<(Packing, Vec<u8>)> {
        let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
        frame.write_all(bytes).unwrap();
        vec![
            (Packing::Plain, bytes.to_vec()),
            (Packing::Snappy, snap::raw::Encoder::new().compress_vec(bytes).unwrap()),
            (Packing::Gzip, gzip(bytes)),
            (Packing::Zstd, compress_to_vec(bytes, CompressionLevel::Fastest)),
            (Packing::Lz4Block, lz4_flex::block::compress(bytes)),
            (Packing::Lz4Frame, frame.finish().unwrap()),
        ]
    }

    #[test]
    fn every_packing_gives_the_bytes_or_names_what_is_wrong() {
        let bytes: Vec<u8> = (0..3000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let (len, budget) = (bytes.len() as u64, Budget::new(1 << 30));
        for (packing, piece) in pieces(&bytes) {
            let unpack = |piece: &[u8], len| {
                let found = packing.unpack(piece, len, IT, &budget);
                found.map(Cow::into_owned).map_err(|error| error.to_string())
            };
            assert_eq!(unpack(&piece, len).unwrap(), bytes, "{packing:?}");
            assert!(unpack(&piece, 1 << 62).is_err(), "{packing:?}");
            for other in [0, len - 1, len + 1] {
                let message = unpack(&piece, other).unwrap_err();
                assert!(message.contains("not a usable IT file"), "{packing:?}: {message}");
            }
            for end in (0..piece.len()).step_by(97) {
                assert!(unpack(&piece[..end], len).is_err(), "{packing:?}: {end}");
            }
        }
    }

    #[test]
    fn a_piece_takes_no_more_than_the_budget() {
        let bytes = vec![0; 100_000];
        for (packing, piece) in pieces(&bytes) {
            let error = packing.unpack(&piece, 100_000, IT, &Budget::new(50_000)).unwrap_err();
            assert!(matches!(error, FileError::TooLarge { .. }), "{packing:?}: {error}");
        }
    }
}
