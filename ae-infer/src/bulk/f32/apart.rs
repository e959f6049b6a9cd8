//! Layers that keep their channels apart, a channel of a place after the other.

use ae_core::{F32, Layer, Spatial, SpatialKind};

use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::Kernel;
use crate::bulk::places::{owners, taps};

/// See [`Tiles::tile_apart`](crate::bulk::walk::Tiles::tile_apart).
pub(super) fn tile(
    kernel: TileKernel,
    (layer, spatial): (&Layer<'_, F32>, &Spatial),
    x: &[Line],
    y: &mut [Line],
) {
    let channels = usize::from(spatial.channels_in).max(1);
    for (y, position) in y.chunks_exact_mut(channels).zip(owners(spatial)) {
        for (channel, y) in y.iter_mut().enumerate() {
            let read = |at: usize| x.get(at.wrapping_add(channel)).unwrap_or(&Line::ZERO);
            let all = taps(spatial, position).map(|at| at.map(read));
            let inside = taps(spatial, position).flatten().map(read);
            *y = match spatial.kind {
                SpatialKind::Depthwise => {
                    let (columns, biases) = layer.columns();
                    let number = |numbers: &[[u8; 4]]| {
                        numbers.get(channel).map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
                    };
                    let all = all.map(|line| line.unwrap_or(&Line::ZERO));
                    weighted(number(biases), columns.map(number).zip(all))
                }
                SpatialKind::Maximum => largest(inside),
                SpatialKind::Average => mean(inside),
                _ => inside.last().copied().unwrap_or(Line::ZERO),
            };
        }
        kernel.activate(layer.arithmetic().activation(), y);
    }
}

/// The bias and then each product in turn; what lies in the padding counts as 0.
fn weighted<'x>(bias: f32, products: impl Iterator<Item = (f32, &'x Line)>) -> Line {
    let mut sums = [bias; SAMPLES];
    for (weight, line) in products {
        for (sum, &word) in sums.iter_mut().zip(&line.0) {
            *sum += weight * f32::from_bits(word);
        }
    }
    Line(sums.map(f32::to_bits))
}

/// The first line's numbers, and then each that is greater.
fn largest<'x>(mut lines: impl Iterator<Item = &'x Line>) -> Line {
    let mut largest = *lines.next().unwrap_or(&Line::ZERO);
    for line in lines {
        for (largest, &word) in largest.0.iter_mut().zip(&line.0) {
            *largest =
                if f32::from_bits(word) > f32::from_bits(*largest) { word } else { *largest };
        }
    }
    largest
}

/// Sums from 0 in the order of the taps, divided by their number.
fn mean<'x>(lines: impl Iterator<Item = &'x Line>) -> Line {
    let (mut sums, mut count) = ([0.0_f32; SAMPLES], 0_u32);
    for line in lines {
        count = count.wrapping_add(1);
        sums.iter_mut().zip(&line.0).for_each(|(sum, &word)| *sum += f32::from_bits(word));
    }
    Line(sums.map(|sum| (sum / count.max(1) as f32).to_bits()))
}
