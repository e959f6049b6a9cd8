//! Values as bytes of lines: how they come in, go out, and get from one place to another.

use ae_core::Int8;

use super::{FLIP, QUAD};
use crate::arch::TileKernel;
use crate::arch::line::Line;
use crate::bulk::carry;
use crate::bulk::walk::Carry;

/// Four values of each sample from the one with this index on; 0 behind the last line.
pub(super) fn quad(x: &[Line], from: usize) -> Line {
    let line = |index: usize| x.get(index).unwrap_or(&Line::ZERO);
    let (first, shift) = (from / QUAD, bits(from % QUAD));
    let mut quad = *line(first);
    if shift > 0 {
        let behind = line(first.wrapping_add(1));
        for (word, behind) in quad.0.iter_mut().zip(behind.0) {
            *word = *word >> shift | behind << (u32::BITS.wrapping_sub(shift) & 31);
        }
    }
    quad
}

/// Copies values from their places in some lines to places in others.
pub(super) fn copy(x: &[Line], from: usize, y: &mut [Line], to: usize, count: usize) {
    let is_whole = from.is_multiple_of(QUAD) && to.is_multiple_of(QUAD);
    let whole = if is_whole { count / QUAD } else { 0 };
    let lines = x.get(from / QUAD..).unwrap_or_default().iter().take(whole);
    for (y, x) in y.get_mut(to / QUAD..).unwrap_or_default().iter_mut().zip(lines) {
        *y = *x;
    }
    let done = whole.wrapping_mul(QUAD);
    let (from, to) = (from.wrapping_add(done), to.wrapping_add(done));
    put(y, to, count.wrapping_sub(done), |done| quad(x, from.wrapping_add(done)));
}

/// Writes `count` values to their places, up to four at a time, from the quads that `quad` gives for
/// the number of values before them.
pub(super) fn put(y: &mut [Line], to: usize, count: usize, quad: impl Fn(usize) -> Line) {
    let mut done = 0_usize;
    while done < count {
        let at = to.wrapping_add(done);
        let Some(line) = y.get_mut(at / QUAD) else { return };
        let (place, left) = (at % QUAD, count.wrapping_sub(done));
        let len = QUAD.wrapping_sub(place).min(left);
        let values = quad(done);
        if len == QUAD {
            *line = values;
        } else {
            let (mask, shift) = ((1_u32 << bits(len)).wrapping_sub(1), bits(place));
            for (word, values) in line.0.iter_mut().zip(values.0) {
                *word = *word & !(mask << shift) | (values & mask) << shift;
            }
        }
        done = done.wrapping_add(len);
    }
}

/// The bits of less than four bytes.
fn bits(bytes: usize) -> u32 {
    (bytes.wrapping_mul(8) & 31) as u32
}

impl Carry<u8> for Int8<'_> {
    fn take(kernel: TileKernel, samples: &[u8], width: usize, lines: &mut [Line]) {
        carry::take(kernel, samples, width, 0, lines);
    }

    fn give(kernel: TileKernel, lines: &[Line], samples: &mut [u8], width: usize) {
        carry::give(kernel, lines, FLIP, samples, width);
    }
}

impl Carry<i8> for Int8<'_> {
    fn take(kernel: TileKernel, samples: &[i8], width: usize, lines: &mut [Line]) {
        carry::take(kernel, bytemuck::must_cast_slice(samples), width, FLIP, lines);
    }

    fn give(kernel: TileKernel, lines: &[Line], samples: &mut [i8], width: usize) {
        carry::give(kernel, lines, FLIP, bytemuck::must_cast_slice_mut(samples), width);
    }
}
