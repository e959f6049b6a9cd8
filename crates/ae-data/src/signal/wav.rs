//! WAV files: samples of a sound card or of a recorder for vibration, at a rate that the file says.
//!
//! Values are the numbers that stand in the file. Integers of 8 bits have their middle of 128 taken
//! off, as WAV means them; those of 16 bits are a converter's counts; those of 24 and 32 bits are
//! neither scaled nor cut, so their range is 2²⁴ and 2³². Floats are mostly between −1 and 1. Channels are
//! called `ch0`, `ch1` and so on.

mod chunks;

use std::io::Read;

use super::array::{Assembled, Beside};
use super::budget::Budget;
use super::clock::Clocks;
use super::faults::Faults;
use super::file_error::FileError;
use super::levels::Levels;
use super::named_format::Format;
use super::{Signals, Source, columns};
use chunks::{Chunks, Encoding, Layout};

/// Bytes of samples that are read at a time.
const CHUNK: usize = 1 << 16;

const WAV: Format = Format("WAV");

/// Whether a file begins as a WAV file does, or one of the two kinds of it for long recordings.
pub(super) fn is_wav(start: &[u8]) -> bool {
    let is_container = [b"RIFF", b"RF64", b"BW64"].iter().any(|magic| start.starts_with(*magic));
    is_container && start.get(8..12) == Some(b"WAVE")
}

/// Reads a file, of `available` bytes where that is known.
pub(super) fn read(
    bytes: impl Read,
    available: Option<u64>,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let how = "write a CSV file with such a column, or give labels and groups by file";
    source.check_alone("a WAV", how)?;
    let mut chunks = Chunks::new(bytes, available)?;
    let (layout, announced) = chunks.samples()?;
    let names: Vec<String> = (0..layout.channels).map(|at| format!("ch{at}")).collect();
    let chosen = columns::channels(&names, source, &[], 1)?;
    let mut levels: Vec<Levels> = chosen.iter().map(|_| Levels::default()).collect();
    let values = values(&mut chunks, &layout, announced, &chosen, &mut levels, budget)?;
    if values.is_empty() {
        return Err(FileError::NoRows);
    }
    let count = values.len() / chosen.len();
    let (array, names, chosen) = ("the recording".into(), &names[..], &chosen[..]);
    let lengths = &[count];
    let assembled = Assembled { array, names, chosen, values, levels, lengths, can_be_time: false };
    // What a recorder samples is no clock, even if it rises.
    let (mut signals, _, faults) =
        assembled.signals(source, file, budget, None, |_, _| Beside::default())?;
    signals.rate = Some(layout.rate.into());
    Ok((signals, Clocks::default(), faults))
}

/// The values of the chosen channels, sample after sample. The file announces so many bytes, or
/// nothing: then they last as long as it does.
fn values(
    chunks: &mut Chunks<impl Read>,
    layout: &Layout,
    announced: Option<u64>,
    chosen: &[usize],
    levels: &mut [Levels],
    budget: &Budget,
) -> Result<Vec<f32>, FileError> {
    let sample = layout.sample_bytes();
    if let Some(announced) = announced.filter(|bytes| !bytes.is_multiple_of(sample as u64)) {
        return Err(WAV.damaged(format!(
            "the chunk `data` announces {announced} bytes, no whole number of samples of {sample}"
        )));
    }
    let at_a_time = (CHUNK / sample).max(1) * sample;
    budget.take(at_a_time as u64)?;
    let (mut values, mut rest, mut read) = (Vec::new(), announced, 0_u64);
    let mut buffer = Vec::new();
    loop {
        let wanted = rest.map_or(at_a_time as u64, |rest| rest.min(at_a_time as u64));
        if wanted == 0 {
            return Ok(values);
        }
        buffer.clear();
        let found = chunks.bytes.by_ref().take(wanted).read_to_end(&mut buffer);
        let found = found.map_err(FileError::Io)? as u64;
        read += found;
        budget.take_values((buffer.len() / sample * chosen.len()) as u64)?;
        for sample in buffer.chunks_exact(sample) {
            for (&channel, levels) in chosen.iter().zip(&mut *levels) {
                let number = layout.number(sample, channel);
                levels.take(number, number as f32);
                values.push(number as f32);
            }
        }
        if found < wanted {
            return match announced {
                Some(announced) => Err(WAV.damaged(format!(
                    "it announces {announced} bytes of samples, and {read} are there: was the \
                     recording or the copy cut off? A program that plays it can write it again"
                ))),
                None if buffer.len().is_multiple_of(sample) => Ok(values),
                None => Err(ends_inside(layout)),
            };
        }
        rest = rest.map(|rest| rest - found);
    }
}

fn ends_inside(layout: &Layout) -> FileError {
    WAV.damaged(format!(
        "the samples end inside one of {} bytes ({} channels)",
        layout.sample_bytes(),
        layout.channels
    ))
}

impl Layout {
    /// Bytes of all channels.
    fn sample_bytes(&self) -> usize {
        self.channels * self.bytes
    }

    /// What stands in a sample for a channel.
    fn number(&self, sample: &[u8], channel: usize) -> f64 {
        let bytes = &sample[channel * self.bytes..][..self.bytes];
        // The highest byte first, so that the sign moves to where i64 has it.
        let bits = bytes.iter().rev().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        match self.encoding {
            Encoding::Integers if self.bytes == 1 => bits as f64 - 128.0,
            Encoding::Integers => {
                let unused = 64 - 8 * self.bytes;
                ((bits << unused) as i64 >> unused) as f64
            }
            Encoding::Floats if self.bytes == 4 => f32::from_bits(bits as u32).into(),
            Encoding::Floats => f64::from_bits(bits),
        }
    }
}

#[cfg(test)]
mod tests;
