//! Samples that lie one after the other, and lines in which they lie side by side.

use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, ROW};

/// Bytes of a word.
const WORD: usize = 4;
/// Bytes of a sample that are put into lines together.
pub(super) const BYTES: usize = WORD * ROW;

/// Words of the samples of a tile on their way.
pub(super) struct Carrier {
    rows: [[u32; ROW]; SAMPLES],
    /// Bits that change on the way.
    changed: u32,
}

impl Carrier {
    pub(super) fn new(changed: u32) -> Self {
        Self { rows: [[0; ROW]; SAMPLES], changed }
    }

    /// Puts the words from byte `first` on of up to [`SAMPLES`] samples of `width` bytes into lines.
    /// Behind the last byte and the last sample there are zeros: what was there could be numbers that
    /// are slow to compute with.
    pub(super) fn take(
        &mut self,
        kernel: TileKernel,
        samples: &[u8],
        width: usize,
        first: usize,
        lines: &mut [Line; ROW],
    ) {
        for (row, sample) in self.rows.iter_mut().zip(samples.chunks(width.max(1))) {
            let bytes = sample.get(first..).unwrap_or_default();
            if let Some(bytes) = bytes.first_chunk() {
                read(bytes, row);
            } else {
                let mut padded = [0; BYTES];
                padded.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
                read(&padded, row);
            }
        }
        kernel.to_lines(&self.rows, self.changed, lines);
    }

    /// The same, back.
    pub(super) fn give(
        &mut self,
        kernel: TileKernel,
        lines: &[Line; ROW],
        samples: &mut [u8],
        width: usize,
        first: usize,
    ) {
        kernel.to_rows(lines, self.changed, &mut self.rows);
        for (row, sample) in self.rows.iter().zip(samples.chunks_mut(width.max(1))) {
            let bytes = sample.get_mut(first..).unwrap_or_default();
            if let Some(bytes) = bytes.first_chunk_mut() {
                write(row, bytes);
            } else {
                let mut padded = [0; BYTES];
                write(row, &mut padded);
                bytes.iter_mut().zip(padded).for_each(|(to, byte)| *to = byte);
            }
        }
    }
}

/// Writes the words of up to [`SAMPLES`] samples of `width` bytes, with some bits `changed`, into lines
/// until there are no more.
pub(super) fn take(
    kernel: TileKernel,
    samples: &[u8],
    width: usize,
    changed: u32,
    lines: &mut [Line],
) {
    let mut carrier = Carrier::new(changed);
    for (first, lines) in (0..width).step_by(BYTES).zip(lines.chunks_mut(ROW)) {
        if let Some(lines) = lines.as_mut_array() {
            carrier.take(kernel, samples, width, first, lines);
        } else {
            let mut last = [Line::ZERO; ROW];
            carrier.take(kernel, samples, width, first, &mut last);
            lines.iter_mut().zip(last).for_each(|(to, line)| *to = line);
        }
    }
}

/// The same, back.
pub(super) fn give(
    kernel: TileKernel,
    lines: &[Line],
    changed: u32,
    samples: &mut [u8],
    width: usize,
) {
    let mut carrier = Carrier::new(changed);
    for (first, lines) in (0..width).step_by(BYTES).zip(lines.chunks(ROW)) {
        if let Some(lines) = lines.as_array() {
            carrier.give(kernel, lines, samples, width, first);
        } else {
            let mut last = [Line::ZERO; ROW];
            last.iter_mut().zip(lines).for_each(|(to, line)| *to = *line);
            carrier.give(kernel, &last, samples, width, first);
        }
    }
}

fn read(bytes: &[u8; BYTES], row: &mut [u32; ROW]) {
    let words = bytes.as_chunks::<WORD>().0;
    row.iter_mut().zip(words).for_each(|(to, &word)| *to = u32::from_le_bytes(word));
}

fn write(row: &[u32; ROW], bytes: &mut [u8; BYTES]) {
    let words = bytes.as_chunks_mut::<WORD>().0;
    words.iter_mut().zip(row).for_each(|(to, word)| *to = word.to_le_bytes());
}
