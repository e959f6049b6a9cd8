//! Pooling: the largest value of each channel, or the mean, over what does not lie in the padding.

use ae_core::{Activation, Int8, Layer, Spatial};

use super::map::{CHUNK, positions, taps};
use super::reals::{Sink, Source};
use crate::activation;
use crate::arch::Input;

/// Replaces the values of a layer without weights by those of its tables, if it has any.
#[inline(never)]
pub(super) fn look_up(layer: &Layer<'_, Int8<'_>>, y: &mut [u8]) {
    let (tables, span) = (layer.arithmetic().tables(), layer.table_span().max(1));
    if tables.is_empty() {
        return;
    }
    for place in y.chunks_mut(layer.outputs().max(1)) {
        for (channels, table) in place.chunks_mut(span).zip(tables) {
            for value in channels {
                // The table's first entry is that of −128.
                *value = table.get(usize::from(*value ^ 0x80)).copied().unwrap_or_default();
            }
        }
    }
}

/// The largest integers, as they are before tables.
#[inline(never)]
pub(super) fn maximum_int8(spatial: &Spatial, x: Input<'_>, y: &mut [u8]) {
    let all = usize::from(spatial.channels_in);
    let (x, flipped) = x.bytes();
    for (position, y) in positions(spatial).zip(y.chunks_exact_mut(all.max(1))) {
        for (y, first) in y.chunks_mut(CHUNK).zip((0..all).step_by(CHUNK)) {
            let mut largest = [i8::MIN; CHUNK];
            taps(spatial, position, |_, at| {
                let Some(at) = at else { return };
                let x = x.get(at.wrapping_add(first)..).unwrap_or_default();
                for (largest, byte) in largest.iter_mut().zip(x) {
                    *largest = (*largest).max((byte ^ flipped) as i8);
                }
            });
            y.iter_mut().zip(largest).for_each(|(y, largest)| *y = largest as u8);
        }
    }
}

/// The means, rounded half up, as they are before tables.
#[inline(never)]
pub(super) fn average_int8(spatial: &Spatial, x: Input<'_>, y: &mut [u8]) {
    let all = usize::from(spatial.channels_in);
    let (x, flipped) = x.bytes();
    // Of the values plus 128, which are the bytes of pixels: so no quotient is below 0.
    let flipped = flipped ^ 0x80;
    for (position, y) in positions(spatial).zip(y.chunks_exact_mut(all.max(1))) {
        for (y, first) in y.chunks_mut(CHUNK).zip((0..all).step_by(CHUNK)) {
            let mut sums = [0_u32; CHUNK];
            let mut count = 0_u32;
            taps(spatial, position, |_, at| {
                let Some(at) = at else { return };
                count = count.wrapping_add(1);
                let x = x.get(at.wrapping_add(first)..).unwrap_or_default();
                for (sum, byte) in sums.iter_mut().zip(x) {
                    // Of at most `MAX_WIDTH` values, which fit 24 bits.
                    *sum = sum.wrapping_add(u32::from(byte ^ flipped));
                }
            });
            for (y, sum) in y.iter_mut().zip(sums) {
                *y = mean(sum, count) ^ 0x80;
            }
        }
    }
}

/// `sum / count`, rounded half up.
fn mean(sum: u32, count: u32) -> u8 {
    let twice = sum.wrapping_mul(2).wrapping_add(count);
    twice.checked_div(count.wrapping_mul(2)).unwrap_or(0x80) as u8
}

/// The largest numbers: the first of a position, and then each that is greater.
#[inline(never)]
pub(super) fn maximum_f32(spatial: &Spatial, activation: Activation, x: Source<'_>, y: Sink<'_>) {
    each(
        spatial,
        activation,
        x,
        y,
        |count, largest, values| {
            for (largest, &value) in largest.iter_mut().zip(values) {
                if count == 1 || value > *largest {
                    *largest = value;
                }
            }
        },
        |_, _| (),
    );
}

/// The means: sums from 0 in the order of the taps, divided by their number.
#[inline(never)]
pub(super) fn average_f32(spatial: &Spatial, activation: Activation, x: Source<'_>, y: Sink<'_>) {
    each(
        spatial,
        activation,
        x,
        y,
        |_, sums, values| sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
        |count, sums| sums.iter_mut().for_each(|sum| *sum /= count.max(1) as f32),
    );
}

/// Shows `take` what a position reads, a tap after the other: how many taps there have been, what has
/// become of the channels, which begin as 0, and their values. Shows `finish` what has become of them.
#[inline(always)]
fn each(
    spatial: &Spatial,
    activation: Activation,
    x: Source<'_>,
    mut y: Sink<'_>,
    take: impl Fn(u32, &mut [f32], &[f32]),
    finish: impl Fn(u32, &mut [f32]),
) {
    let all = usize::from(spatial.channels_in);
    let mut place = 0_usize;
    for position in positions(spatial) {
        for first in (0..all).step_by(CHUNK) {
            let len = all.wrapping_sub(first).min(CHUNK);
            let (mut results, mut values) = ([0.0; CHUNK], [0.0; CHUNK]);
            let results = results.get_mut(..len).unwrap_or_default();
            let values = values.get_mut(..len).unwrap_or_default();
            let mut count = 0_u32;
            taps(spatial, position, |_, at| {
                let Some(at) = at else { return };
                count = count.wrapping_add(1);
                x.read(at.wrapping_add(first), values);
                take(count, results, values);
            });
            finish(count, results);
            activation::apply_to_all(activation, results);
            y.write(place.wrapping_add(first), results);
        }
        place = place.wrapping_add(all);
    }
}
