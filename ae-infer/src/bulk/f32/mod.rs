//! The f32 contract in tiles: each sum starts from its bias and takes its products in index order.

mod apart;

use ae_core::{Activation, F32, Layer, Spatial, SpatialKind};

use super::carry::{self, BYTES, Carrier};
use super::walk::{Carry, Tiles};
use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, PANEL, ROW};
use crate::one_hot::Largest;

/// Inputs whose lines stay in the first cache while all panels go over them.
const BLOCK: usize = 128;

impl<'a> Tiles<'a> for F32 {
    fn lines(width: usize) -> usize {
        width
    }

    fn copy(x: &[Line], from: usize, y: &mut [Line], to: usize, count: usize) {
        let (x, y) = (x.get(from..).unwrap_or_default(), y.get_mut(to..).unwrap_or_default());
        y.iter_mut().zip(x).take(count).for_each(|(y, x)| *y = *x);
    }

    fn pad(_: &Layer<'a, Self>, y: &mut [Line], to: usize, count: usize) {
        let y = y.get_mut(to..).unwrap_or_default();
        y.iter_mut().take(count).for_each(|y| *y = Line::ZERO);
    }

    fn memory_len(_: TileKernel, layer: &Layer<'a, Self>) -> usize {
        prepared(layer).map_or(0, |layer| {
            let outputs = layer.outputs().div_ceil(PANEL).saturating_mul(PANEL);
            outputs.saturating_mul(layer.inputs())
        })
    }

    /// Block after block of inputs, panel after panel of outputs, input after input, in the order in
    /// which they are read; zeros behind the last output.
    fn prepare<'m>(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &'m mut [u32],
    ) -> Option<&'m mut [u32]> {
        let (own, rest) = memory.split_at_mut_checked(Self::memory_len(kernel, layer))?;
        let Some(layer) = prepared(layer) else { return Some(rest) };
        let panels = layer.outputs().div_ceil(PANEL);
        let places = own.as_chunks_mut::<PANEL>().0;
        for (input, column) in layer.columns().0.enumerate() {
            let first = input.checked_sub(input % BLOCK)?;
            let block_len = layer.inputs().checked_sub(first)?.min(BLOCK);
            for (panel, weights) in column.chunks(PANEL).enumerate() {
                let before =
                    first.checked_mul(panels)?.checked_add(panel.checked_mul(block_len)?)?;
                let place = places.get_mut(before.checked_add(input % BLOCK)?)?;
                place.fill(0);
                for (place, weight) in place.iter_mut().zip(weights) {
                    *place = u32::from_le_bytes(*weight);
                }
            }
        }
        Some(rest)
    }

    fn tile(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &[u32],
        x: &[Line],
        y: &mut [Line],
    ) {
        for (y, bias) in y.iter_mut().zip(layer.columns().1) {
            *y = Line([u32::from_le_bytes(*bias); SAMPLES]);
        }
        let mut rest = memory.as_chunks::<PANEL>().0;
        for x in x.chunks(BLOCK) {
            for y in y.chunks_mut(PANEL) {
                let Some((weights, behind)) = rest.split_at_checked(x.len()) else { return };
                rest = behind;
                if let Some(sums) = y.as_mut_array() {
                    kernel.panel(weights, x, sums);
                    continue;
                }
                // The last outputs, fewer than a panel.
                let mut sums = [Line::ZERO; PANEL];
                sums.iter_mut().zip(y.iter()).for_each(|(sum, y)| *sum = *y);
                kernel.panel(weights, x, &mut sums);
                y.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum);
            }
        }
        match layer.arithmetic().activation() {
            Activation::OneHot => one_hot(y),
            activation => kernel.activate(activation, y),
        }
    }

    fn room_apart(_: &Spatial) -> usize {
        0
    }

    fn tile_apart(
        kernel: TileKernel,
        layer: (&Layer<'a, Self>, &Spatial),
        _: &[u32],
        x: &[Line],
        y: &mut [Line],
        _: &mut [Line],
    ) {
        apart::tile(kernel, layer, x, y);
    }
}

/// The dense layer whose weights are prepared. A depthwise convolution is read from the blob.
fn prepared<'a>(layer: &Layer<'a, F32>) -> Option<Layer<'a, F32>> {
    let kind = layer.spatial().map(|spatial| spatial.kind);
    kind.is_none_or(|kind| kind == SpatialKind::Convolution).then(|| layer.as_dense())
}

/// Marks the largest sum of each sample; the lines are the layer's outputs.
fn one_hot(lines: &mut [Line]) {
    let mut largest = [Largest::NONE; SAMPLES];
    for (output, Line(words)) in lines.iter().enumerate() {
        for (largest, word) in largest.iter_mut().zip(words) {
            largest.see(output, f32::from_bits(*word));
        }
    }
    let places = largest.map(Largest::place);
    for (output, Line(words)) in lines.iter_mut().enumerate() {
        for (word, place) in words.iter_mut().zip(places) {
            *word = if place == output { 1.0_f32.to_bits() } else { 0 };
        }
    }
}

impl Carry<u8> for F32 {
    fn take(kernel: TileKernel, samples: &[u8], width: usize, lines: &mut [Line]) {
        let (mut carrier, mut words) = (Carrier::new(0), [Line::ZERO; ROW]);
        for (first, lines) in (0..width).step_by(BYTES).zip(lines.chunks_mut(BYTES)) {
            carrier.take(kernel, samples, width, first, &mut words);
            for (word, lines) in words.iter().zip(lines.chunks_mut(PIXELS)) {
                if let Some(lines) = lines.as_mut_array() {
                    kernel.to_reals(word, lines);
                } else {
                    let mut last = [Line::ZERO; PIXELS];
                    kernel.to_reals(word, &mut last);
                    lines.iter_mut().zip(last).for_each(|(to, line)| *to = line);
                }
            }
        }
    }

    fn give(kernel: TileKernel, lines: &[Line], samples: &mut [u8], width: usize) {
        let (mut carrier, mut words) = (Carrier::new(0), [Line::ZERO; ROW]);
        for (first, lines) in (0..width).step_by(BYTES).zip(lines.chunks(BYTES)) {
            for (word, lines) in words.iter_mut().zip(lines.chunks(PIXELS)) {
                if let Some(lines) = lines.as_array() {
                    kernel.to_pixels(lines, word);
                } else {
                    let mut last = [Line::ZERO; PIXELS];
                    last.iter_mut().zip(lines).for_each(|(to, line)| *to = *line);
                    kernel.to_pixels(&last, word);
                }
            }
            carrier.give(kernel, &words, samples, width, first);
        }
    }
}

impl Carry<f32> for F32 {
    fn take(kernel: TileKernel, samples: &[f32], width: usize, lines: &mut [Line]) {
        carry::take(kernel, bytemuck::must_cast_slice(samples), bytes(width), 0, lines);
    }

    fn give(kernel: TileKernel, lines: &[Line], samples: &mut [f32], width: usize) {
        carry::give(kernel, lines, 0, bytemuck::must_cast_slice_mut(samples), bytes(width));
    }
}

/// Pixels of a word.
const PIXELS: usize = 4;

/// Bytes of so many numbers.
fn bytes(numbers: usize) -> usize {
    numbers.saturating_mul(size_of::<f32>())
}
