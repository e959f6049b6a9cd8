//! Values as bytes of lines: how they come in, go out, and get from one place to another.

use ae_core::Int8;

use super::{FLIP, QUAD};
use crate::arch::line::{Line, SAMPLES};
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
    fn take(samples: &[u8], width: usize, lines: &mut [Line]) {
        take(samples, width, lines, |pixel| pixel);
    }

    fn give(lines: &[Line], samples: &mut [u8], width: usize) {
        give(lines, samples, width, |byte| byte);
    }
}

impl Carry<i8> for Int8<'_> {
    fn take(samples: &[i8], width: usize, lines: &mut [Line]) {
        take(samples, width, lines, |value| (value as u8) ^ 0x80);
    }

    fn give(lines: &[Line], samples: &mut [i8], width: usize) {
        give(lines, samples, width, |byte| byte as i8);
    }
}

/// Lanes and bytes beyond the samples stay as they are: no sample depends on a lane that is not
/// its own, and the weights of those bytes are 0.
fn take<V: Copy>(samples: &[V], width: usize, lines: &mut [Line], byte: impl Fn(V) -> u8 + Copy) {
    for (lane, sample) in samples.chunks(width.max(1)).take(SAMPLES).enumerate() {
        let (quads, tail) = sample.as_chunks::<QUAD>();
        let mut words = lines.iter_mut().filter_map(|line| line.0.get_mut(lane));
        for (quad, word) in quads.iter().zip(words.by_ref()) {
            *word = u32::from_le_bytes(quad.map(byte));
        }
        if let Some(word) = words.next().filter(|_| !tail.is_empty()) {
            let mut quad = [0; QUAD];
            for (place, &value) in quad.iter_mut().zip(tail) {
                *place = byte(value);
            }
            *word = u32::from_le_bytes(quad);
        }
    }
}

fn give<V: Copy>(lines: &[Line], samples: &mut [V], width: usize, value: impl Fn(u8) -> V + Copy) {
    for (lane, sample) in samples.chunks_mut(width.max(1)).take(SAMPLES).enumerate() {
        let words = lines.iter().filter_map(|line| line.0.get(lane));
        for (quad, word) in sample.chunks_mut(QUAD).zip(words) {
            let values = (word ^ FLIP).to_le_bytes().map(value);
            match quad.as_mut_array::<QUAD>() {
                Some(quad) => *quad = values,
                None => quad.iter_mut().zip(values).for_each(|(place, value)| *place = value),
            }
        }
    }
}
