//! The int8 contract in tiles.
//!
//! An input x lies in its line as u = x + 128, from 0 to 255; a pixel is its own u. Where a kernel
//! multiplies u, `bias + Σ w · x` is `(bias − 128 · Σ w) + Σ w · u`: the same 32 bits, as sums wrap.

mod apart;
mod lines;
mod quads;

use ae_core::{Int8, Layer, Rows, Spatial, Weights};

use super::walk::Tiles;
use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, QUADS, Quad};
use crate::one_hot::{Largest, mark};

/// Values of a line.
const QUAD: usize = 4;
/// Adds 128 to four bytes, or takes it away.
const FLIP: u32 = 0x8080_8080;

impl<'a> Tiles<'a> for Int8<'a> {
    fn lines(width: usize) -> usize {
        quads::lines(width)
    }

    fn copy(x: &[Line], from: usize, y: &mut [Line], to: usize, count: usize) {
        lines::copy(x, from, y, to, count);
    }

    fn pad(layer: &Layer<'a, Self>, y: &mut [Line], to: usize, count: usize) {
        let padding = padding(layer);
        lines::put(y, to, count, |_| padding);
    }

    fn memory_len(kernel: TileKernel, layer: &Layer<'a, Self>) -> usize {
        quads::memory_len(kernel, layer)
    }

    fn prepare<'m>(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &'m mut [u32],
    ) -> Option<&'m mut [u32]> {
        quads::prepare(kernel, layer, memory)
    }

    fn tile(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        mut memory: &[u32],
        x: &[Line],
        y: &mut [Line],
    ) {
        if layer.arithmetic().is_one_hot()
            && let Weights::Rows(rows) = layer.weights()
        {
            return one_hot(layer, &rows, x, y);
        }
        let row_len = quads::lines(layer.inputs());
        let rounding = layer.arithmetic().rounding();
        let mut quads = [Quad { rounding, ..Quad::default() }; QUADS];
        let firsts = (0..layer.outputs()).step_by(QUAD);
        let lines = y.get_mut(..firsts.len()).unwrap_or_default();
        for (y, first) in lines.chunks_mut(QUADS).zip(firsts.step_by(QUADS)) {
            for quad in quads.iter_mut().take(y.len()) {
                let Some(rest) = quads::read(memory, row_len, quad) else { return };
                memory = rest;
            }
            kernel.outputs(&quads, x, y);
            for (y, first) in y.iter_mut().zip((first..).step_by(QUAD)) {
                look_up(kernel, layer, first, y);
            }
        }
    }

    fn room_apart(spatial: &Spatial) -> usize {
        apart::room(spatial)
    }

    fn tile_apart(
        kernel: TileKernel,
        (weights, spatial): (&Layer<'a, Self>, &Spatial),
        memory: &[u32],
        x: &[Line],
        y: &mut [Line],
        room: &mut [Line],
    ) {
        apart::tile(kernel, (weights, spatial), memory, x, y, room);
    }
}

/// Four values that a convolution reads beside its map.
fn padding<'a>(layer: &Layer<'a, Int8<'a>>) -> Line {
    let byte = layer.arithmetic().padding() as u8;
    Line([u32::from_le_bytes([byte; QUAD]) ^ FLIP; SAMPLES])
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

/// Replaces four outputs from this one on by what the layer's tables have for them, if it has any.
fn look_up<'a>(kernel: TileKernel, layer: &Layer<'a, Int8<'a>>, first: usize, y: &mut Line) {
    let tables = match layer.arithmetic().tables() {
        [] => return,
        // Nothing to divide for the place.
        [one] => return kernel.look_up(y, one),
        tables => tables,
    };
    let span = layer.table_span().max(1);
    let last = first.saturating_add(QUAD).min(layer.outputs()).saturating_sub(1);
    let table = |output: usize| tables.get(output.checked_div(span)?);
    match (table(first), table(last)) {
        (Some(one), Some(other)) if core::ptr::eq(one, other) => kernel.look_up(y, one),
        (Some(_), Some(_)) => look_up_each(y, |place| table(first.saturating_add(place))),
        _ => (),
    }
}

/// [`Kernel::look_up`] for outputs with different tables.
fn look_up_each<'a>(line: &mut Line, table: impl Fn(usize) -> Option<&'a [u8; 256]>) {
    for word in &mut line.0 {
        let mut bytes = word.to_le_bytes();
        for (place, byte) in bytes.iter_mut().enumerate() {
            let value = table(place).and_then(|table| table.get(usize::from(*byte)));
            *byte = value.copied().unwrap_or_default();
        }
        *word = u32::from_le_bytes(bytes) ^ FLIP;
    }
}
