//! The int8 contract in tiles.
//!
//! An input x lies in its line as u = x + 128, from 0 to 255; a pixel is its own u. Where a kernel
//! multiplies u, `bias + Σ w · x` is `(bias − 128 · Σ w) + Σ w · u`: the same 32 bits, as sums wrap.

use core::iter;

use ae_core::{Int8, Layer, Rows, Weights};

use super::chain;
use super::walk::{Carry, Tiles};
use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{CHAIN, Kernel, Quad};
use crate::one_hot::{Largest, mark};

/// Values of a line.
const QUAD: usize = 4;
/// Words before the weights of four outputs, four for each of biases, multipliers, constants,
/// shifts, and lengths of the residuals.
const HEAD: usize = 5 * QUAD;
/// Words of an entry of a residual.
const ENTRY: usize = 2;

impl<'a> Tiles<'a> for Int8<'a> {
    fn lines(width: usize) -> usize {
        width.div_ceil(QUAD).div_ceil(CHAIN).saturating_mul(CHAIN)
    }

    fn memory_len(layer: &Layer<'a, Self>) -> usize {
        if layer.arithmetic().is_one_hot() {
            return 0;
        }
        let weights = layer.weights();
        let rows_len = Self::lines(layer.inputs()).saturating_mul(QUAD);
        let quad_len = rows_len.saturating_add(HEAD);
        let mut len = layer.outputs().div_ceil(QUAD).saturating_mul(quad_len);
        for output in 0..layer.outputs() {
            parts(
                weights_of(&weights, layer.inputs(), output),
                |_| (),
                |_| len = len.saturating_add(ENTRY),
            );
        }
        len
    }

    /// Quad after quad of outputs: a head, the chains of all four, and their residuals. Outputs that
    /// fill up the last quad have zeros. A one-hot layer is read from the blob.
    fn prepare<'m>(layer: &Layer<'a, Self>, memory: &'m mut [u32]) -> Option<&'m mut [u32]> {
        if layer.arithmetic().is_one_hot() {
            return Some(memory);
        }
        let weights = layer.weights();
        let row_len = Self::lines(layer.inputs());
        let mut rest = memory;
        for first in (0..layer.outputs()).step_by(QUAD) {
            let (head, behind) = rest.split_first_chunk_mut::<HEAD>()?;
            let (rows, behind) = behind.split_at_mut_checked(row_len.checked_mul(QUAD)?)?;
            head.fill(0);
            rows.fill(0);
            let mut used = 0_usize;
            let mut entries = behind.as_chunks_mut::<ENTRY>().0.iter_mut();
            let outputs = (first..layer.outputs()).take(QUAD).enumerate();
            for ((place, output), row) in outputs.zip(rows.chunks_mut(row_len.max(1))) {
                let channel = layer.channel(&weights, output);
                let mut chains = row.as_chunks_mut().0.iter_mut();
                let mut len = 0_usize;
                parts(
                    weights_of(&weights, layer.inputs(), output),
                    |chain| chains.by_ref().take(1).for_each(|place| *place = chain),
                    |entry| {
                        len = len.saturating_add(1);
                        entries.by_ref().take(1).for_each(|place| *place = entry);
                    },
                );
                used = used.checked_add(len.checked_mul(ENTRY)?)?;
                let sum = weights_of(&weights, layer.inputs(), output)
                    .fold(0_i32, |sum, w| sum.wrapping_add(w.into()));
                let requant = channel.requant;
                let values = [
                    channel.bias.wrapping_sub(sum.wrapping_mul(TileKernel::OFFSET)) as u32,
                    requant.multiplier() as u32,
                    requant.constant() as u32,
                    requant.shift(),
                    len as u32,
                ];
                for (values_of_four, value) in head.as_chunks_mut::<QUAD>().0.iter_mut().zip(values)
                {
                    *values_of_four.get_mut(place)? = value;
                }
            }
            rest = behind.get_mut(used..)?;
        }
        Some(rest)
    }

    fn tile(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        mut memory: &[u32],
        x: &[Line],
        y: &mut [Line],
    ) {
        if let (true, Weights::Rows(rows)) = (layer.arithmetic().is_one_hot(), layer.weights()) {
            return one_hot(layer, &rows, x, y);
        }
        let tables = layer.arithmetic().tables();
        let (row_len, span) = (Self::lines(layer.inputs()), layer.table_span().max(1));
        let mut quad = Quad::default();
        for (index, y) in y.iter_mut().enumerate() {
            // Lines behind the last output only fill up a chain.
            let Some(rest) = read(memory, row_len, &mut quad) else { return };
            memory = rest;
            kernel.outputs(&quad, x, y);
            let first = index.saturating_mul(QUAD);
            let last = first.saturating_add(QUAD).min(layer.outputs()).saturating_sub(1);
            let table = |output: usize| tables.get(output.checked_div(span)?);
            match (table(first), table(last)) {
                (Some(one), Some(other)) if core::ptr::eq(one, other) => kernel.look_up(y, one),
                (Some(_), Some(_)) => look_up(y, |place| table(first.saturating_add(place))),
                _ => (),
            }
        }
    }
}

/// Marks the largest sum of each sample. The sums are of products with the bytes, x + 128, which the
/// bias takes back.
fn one_hot<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: &[Line], y: &mut [Line]) {
    let mut largest = [Largest::NONE; SAMPLES];
    for (output, channel) in layer.channels(rows).enumerate() {
        let row = rows.row(output);
        let sum = row.iter().fold(0_i32, |sum, &weight| sum.wrapping_add((weight as i8).into()));
        let mut sums = [channel.bias.wrapping_sub(sum.wrapping_mul(128)); SAMPLES];
        for (quad, Line(words)) in row.chunks(QUAD).zip(x) {
            for (place, &weight) in quad.iter().enumerate() {
                let (weight, shift) = (i32::from(weight as i8), place.wrapping_mul(8) as u32);
                for (sum, word) in sums.iter_mut().zip(words) {
                    let byte = (word.wrapping_shr(shift) & 0xff) as i32;
                    *sum = sum.wrapping_add(weight.wrapping_mul(byte));
                }
            }
        }
        largest.iter_mut().zip(sums).for_each(|(largest, sum)| largest.see(output, sum));
    }
    let places = largest.map(Largest::place);
    for (first, Line(words)) in (0..layer.outputs()).step_by(QUAD).zip(y) {
        for (word, place) in words.iter_mut().zip(places) {
            let mut bytes = [0; QUAD];
            mark(place.wrapping_sub(first), &mut bytes);
            *word = u32::from_le_bytes(bytes) ^ FLIP;
        }
    }
}

/// [`Kernel::look_up`] for outputs with different tables.
fn look_up<'a>(line: &mut Line, table: impl Fn(usize) -> Option<&'a [u8; 256]>) {
    for word in &mut line.0 {
        let mut bytes = word.to_le_bytes();
        for (place, byte) in bytes.iter_mut().enumerate() {
            let value = table(place).and_then(|table| table.get(usize::from(*byte)));
            *byte = value.copied().unwrap_or_default();
        }
        *word = u32::from_le_bytes(bytes) ^ FLIP;
    }
}

/// Adds 128 to four bytes, or takes it away.
const FLIP: u32 = 0x8080_8080;

/// The weights of an output.
fn weights_of(weights: &Weights<'_>, inputs: usize, output: usize) -> impl Iterator<Item = i8> {
    (0..inputs).map(move |input| weights.at(output, input))
}

/// Shows the chains of a row and the entries of its residual, both in order.
fn parts(
    mut weights: impl Iterator<Item = i8>,
    mut chain: impl FnMut([u32; CHAIN]),
    mut residual: impl FnMut([u32; 2]),
) {
    let word = |dword: [i8; QUAD]| u32::from_le_bytes(dword.map(|weight| weight as u8));
    let mut line = 0_usize;
    while let Some(first) = weights.next() {
        let mut dwords = [[0; QUAD]; CHAIN];
        let places = dwords.as_flattened_mut().iter_mut();
        places.zip(iter::once(first).chain(&mut weights)).for_each(|(place, w)| *place = w);
        chain::split(&mut dwords, TileKernel::CHAIN_LIMIT, |dword, weights| {
            residual([line.saturating_add(dword) as u32, word(weights)]);
        });
        chain(dwords.map(word));
        line = line.saturating_add(CHAIN);
    }
}

/// Reads a quad that `prepare` wrote, and gives the memory behind it.
fn read<'m>(memory: &'m [u32], row_len: usize, quad: &mut Quad<'m>) -> Option<&'m [u32]> {
    let (head, rest) = memory.split_first_chunk::<HEAD>()?;
    let &[biases, multipliers, constants, shifts, lens] = head.as_chunks().0 else { return None };
    (quad.biases, quad.multipliers) = (biases, multipliers);
    (quad.constants, quad.shifts) = (constants, shifts);
    let (rows, mut rest) = rest.split_at_checked(row_len.checked_mul(QUAD)?)?;
    for (chains, row) in quad.chains.iter_mut().zip(rows.chunks(row_len.max(1))) {
        *chains = row.as_chunks().0;
    }
    for (residual, len) in quad.residuals.iter_mut().zip(lens) {
        let (entries, behind) = rest.split_at_checked((len as usize).checked_mul(ENTRY)?)?;
        (*residual, rest) = (entries.as_chunks().0, behind);
    }
    Some(rest)
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
